"""Why an account is called, and why it is not, in words. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from arlib.collect.contact.frames import Obstacle
from arlib.credit.write_off.words import day_of, money
from arlib.tables.rows import Row, is_none, records, text, whole

MOST = 3  # records cited in one sentence


def said_day(value: Any, *, as_of: date) -> str:
    """A day as people say it: `12 October`, with the year where it is not that of the as-of date."""
    day = day_of(value)
    if day is None:
        return ""
    return f"{day.day} {day:%B}" + ("" if day.year == as_of.year else f" {day.year}")


def many(count: int, noun: str) -> str:
    """A count with its noun: `1 day`, `3 days`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def cited(said: Sequence[str]) -> str:
    """The first sentences of several, and how many more there are."""
    once = list(dict.fromkeys(part.rstrip(".") for part in said if part))
    more = f"; and {len(once) - MOST} more" if len(once) > MOST else ""
    return "; ".join(once[:MOST]) + more + ("." if once else "")


def call_reason(
    facts: Row,
    *,
    promises: Sequence[Row],
    plans: Sequence[Row],
    parts: Sequence[Row],
    obstacles: Sequence[Row] = (),
    as_of: date,
    silent_days: int,
) -> str:
    """Why to call: broken promises, missed instalments, lateness against habit, silence, obstacles, and what is left out.

    `facts` has max_days_past_due, has_several (items of other ages), usual_days_late, last_contact_on,
    last_right_contact_on, has_touches, next_on, is_agreed (the customer was reached when that day was set), unrated;
    `promises` are those that were not kept and are still owed, `plans` those that are behind, `parts` the rows of
    ACCOUNT_PARTS of the customer, `obstacles` those of OBSTACLES that are to be cleared first.
    """
    said = [_promise(row, as_of=as_of) for row in promises[:MOST]]
    said += [_plan(row) for row in plans[:MOST]]
    said += [_lateness(facts)]
    if facts["has_touches"]:
        said.append(_silence(facts, as_of=as_of, silent_days=silent_days))
    said += obstacle_words(obstacles)
    said += [_less(row) for row in parts if whole(row["collectable"]) < whole(row["past_due"])]
    if not is_none(facts["next_on"]) and day_of(facts["next_on"]) > as_of:  # type: ignore[operator]
        word = "agreed" if facts["is_agreed"] else "planned"
        said.append(f"next contact {word} for {said_day(facts['next_on'], as_of=as_of)}")
    if facts["unrated"]:
        said.append(f"{facts['unrated']} without a closing rate")
    joined = "; ".join(part for part in said if part)
    return joined[:1].upper() + joined[1:] + "."


def _promise(row: Row, *, as_of: date) -> str:
    due = said_day(row["pay_by"], as_of=as_of)
    if whole(row["paid"]):
        paid = money(whole(row["paid"]), row["currency"])
        return f"paid {paid} of {money(whole(row['amount']), row['currency'])} promised for {due}"
    return f"broke a promise of {money(whole(row['amount']), row['currency'])} for {due}"


def _plan(row: Row) -> str:
    behind = money(whole(row["behind"]), row["currency"])
    return (
        f"{many(whole(row['missed']), 'instalment')} of arrangement {row['plan_id']} missed, {behind} behind"
    )


def _lateness(facts: Row) -> str:
    if is_none(facts["max_days_past_due"]):
        return ""
    late, usual = int(facts["max_days_past_due"]), facts["usual_days_late"]
    said = f"{'the oldest ' if facts['has_several'] else ''}{many(late, 'day')} late"
    if is_none(usual):
        return said
    if int(usual) <= 0:
        return f"{said}, though it usually pays in time"
    if late > int(usual):
        return f"{said} against its habit of {int(usual)}"
    return f"{said}, within its habit of {int(usual)}"


def _silence(facts: Row, *, as_of: date, silent_days: int) -> str:
    reached = day_of(facts["last_right_contact_on"])
    tried = day_of(facts["last_contact_on"])
    if reached is not None:
        word = "silent since" if (as_of - reached).days >= silent_days else "last reached on"
        return f"{word} {said_day(reached, as_of=as_of)}"
    if tried is not None:
        return f"never reached, last tried on {said_day(tried, as_of=as_of)}"
    return "no contact on record"


IN_THE_WAY = {
    Obstacle.COPY_ASKED: "asked for a copy of {} that was not sent",
    Obstacle.PORTAL_REJECTED: "{} rejected by the portal",
    Obstacle.PORTAL_MISSING: "{} not submitted to the portal",
    Obstacle.NO_ORDER_NO: "{} without the order number that the customer asks for",
    Obstacle.WRONG_ADDRESS: "what we sent came back",
    Obstacle.TAX_DOCUMENT: "tax document missing or expired",
}  # fmt: skip


def obstacle_words(rows: Sequence[Row]) -> list[str]:
    """What stands in the way of payment, a clause for each kind with its documents. Disputes are among the parts."""
    made = []
    for kind, clause in IN_THE_WAY.items():
        mine = [row for row in rows if row["kind"] == kind.value]
        if mine:
            documents = list(
                dict.fromkeys(text(row["document_no"]) for row in mine if text(row["document_no"]))
            )
            more = f" and {len(documents) - MOST} more" if len(documents) > MOST else ""
            made.append(clause.format(", ".join(documents[:MOST]) + more or "its documents"))
    return made


LESS = {
    "excluded": "outside the procedure", "planned": "on an arrangement", "disputed": "in dispute",
    "promised": "promised for later", "covered": "covered by cash or credits",
}  # fmt: skip


def _less(row: Mapping[str, Any]) -> str:
    parts = [
        f"{money(whole(row[name]), row['currency'])} is {word}"
        for name, word in LESS.items()
        if whole(row[name])
    ]
    return f"of {money(whole(row['past_due']), row['currency'])} past due, {' and '.join(parts)}"


def promised_words(rows: pd.DataFrame, *, as_of: date) -> str:
    """Open promises: what, for when and by whom it was taken."""
    said = []
    for row in records(rows):
        owner = f", taken by {row['owner']}" if text(row["owner"]) else ""
        grace = " and in its days of grace" if (day_of(row["pay_by"]) or as_of) < as_of else ""
        amount = money(whole(row["amount"]), row["currency"])
        said.append(
            f"{row['promise_id']}: {amount} promised for {said_day(row['pay_by'], as_of=as_of)}{grace}{owner}"
        )
    return cited(said)


def disputed_words(rows: pd.DataFrame) -> str:
    """Open disputes: why, since when and who settles them."""
    said = []
    for row in records(rows):
        owner = f", with {row['owner']}" if text(row["owner"]) else ""
        reason = str(row["reason"]).replace("_", " ")
        said.append(
            f"dispute {row['dispute_id']} about {reason}, open for {many(whole(row['age_days']), 'day')}{owner}"
        )
    return first_upper(cited(said))


def planned_words(rows: pd.DataFrame, *, as_of: date) -> str:
    """Arrangements that are kept: how much is paid and what comes next."""
    said = []
    for row in records(rows):
        total, paid = (money(whole(row[name]), row["currency"]) for name in ("amount", "paid"))
        following = (
            ""
            if is_none(row["next_due_on"])
            else f", next {money(whole(row['next_amount']), row['currency'])} on {said_day(row['next_due_on'], as_of=as_of)}"
        )
        said.append(f"arrangement {row['plan_id']} runs: {paid} of {total} paid{following}")
    return first_upper(cited(said))


def first_upper(said: str) -> str:
    """The text with a capital first letter."""
    return said[:1].upper() + said[1:]
