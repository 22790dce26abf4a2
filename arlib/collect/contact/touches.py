"""Contacts that count: who was reached or written to, when, up to the as-of instant. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.calendar.instants import end_of_day, time_zone
from arlib.collect.contact.frames import TOUCHES
from arlib.collect.contact.records import known_day, records_of
from arlib.policy import Policies, Scope
from arlib.tables import Book


def folded(values: pd.Series) -> pd.Series:
    """Outcomes as they are compared: without outer spaces, in any case; '' where there is none."""
    return values.fillna("").str.strip().str.casefold()


def is_one_of(values: pd.Series, words: tuple[str, ...]) -> pd.Series:
    """Which values are one of the words, whatever their case."""
    return folded(values).isin([word.strip().casefold() for word in words])


def activities_until(book: Book, *, scope: Scope) -> pd.DataFrame:
    """ACTIVITIES before the end of the as-of date in the entity's time zone, with `on`, their day there.

    What happened at midnight after that day does not count; with a knowledge date before the as-of date, that one cuts.
    """
    rows = records_of(book, "activities", scope=scope)
    end = pd.Timestamp(end_of_day(known_day(scope), scope.time_zone))
    rows = rows[(rows["occurred_at"] < end).to_numpy(dtype=bool)].reset_index(drop=True)
    local = rows["occurred_at"].dt.tz_convert(time_zone(scope.time_zone)).dt.tz_localize(None)
    return rows.assign(on=local.dt.normalize().astype("datetime64[s]"))


def touches(book: Book, *, scope: Scope, policies: Policies) -> pd.DataFrame:
    """Every contact that counts: TOUCHES, sorted by its key.

    Uses ACTIVITIES of the kinds that the policy names, and DUNNING_NOTICES where it says that notices count, by their
    channel. A note is no contact, nor is what bounced. An event of the as-of date counts, one of the next day (in the
    entity's time zone) does not.
    """
    policy = policies.contact
    done = activities_until(book, scope=scope)
    acts = done.assign(
        at=done["occurred_at"], source="activities", source_id=done["activity_id"],
        is_right=is_one_of(done["outcome"], policy.right_contact_outcomes),
    )  # fmt: skip
    acts = acts[(~is_one_of(acts["outcome"], policy.bounced_outcomes)).to_numpy(dtype=bool)]
    parts = [acts]
    if policy.notices_count and book.has("dunning_notices"):
        sent = records_of(book, "dunning_notices", scope=scope)
        sent = sent[(sent["sent_on"] <= pd.Timestamp(known_day(scope))).to_numpy(dtype=bool)]
        # the end of its day, since the hour is not known
        parts.append(sent.assign(
            on=sent["sent_on"], at=_ends(sent["sent_on"], scope), kind=sent["channel"], is_right=False,
            source="dunning_notices", source_id=sent["notice_id"],
        ))  # fmt: skip
    made = pd.concat([TOUCHES.typed(part) for part in parts], ignore_index=True)
    counts = folded(made["kind"]).isin([kind.casefold() for kind in policy.touches])
    made = made[counts.to_numpy(dtype=bool)].assign(item_id=lambda rows: rows["item_id"].fillna(""))
    return made.sort_values(list(TOUCHES.key), kind="stable", ignore_index=True)


def _ends(days: pd.Series, scope: Scope) -> pd.Series:
    """The end of each day where the entity sits."""
    ends = {day: pd.Timestamp(end_of_day(day.date(), scope.time_zone)) for day in days.dropna().unique()}
    return pd.to_datetime(days.map(ends), utc=True)
