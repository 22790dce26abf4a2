"""What each collector did in the period: contacts, right contacts, promises taken and kept. Floor 1."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from arlib.collect.contact.promises import judged_promises, promises_kept
from arlib.collect.contact.touches import touches
from arlib.collect.kpi.goals import promise_targets
from arlib.collect.position import position
from arlib.collect.targets import words
from arlib.collect.targets.frames import ACTIVITY_BY_COLLECTOR
from arlib.collect.targets.quarter import quarter_of
from arlib.credit.allowance.frames import rate_text
from arlib.ledger.facts import of_entity
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import TargetMeasure
from arlib.tables.rows import Row, frame_of, is_none, records, text, whole

COLUMNS = {"call": "calls", "email": "emails", "letter": "letters"}


def by_collector(book: Book, *, scope: Scope, policies: Policies) -> pd.DataFrame:
    """Contacts, right contacts and promises of the period by who did them, against target: ACTIVITY_BY_COLLECTOR.

    Sorted by collector. The period runs from its first day to the as-of date, both in, in the entity's time zone. A contact is
    what the contact policy counts, and belongs to who did it (not to who holds the account); a letter of the dunning run, which
    nobody is named for, is under ''. A promise belongs to who took it, is taken on the day that it was given, and falls
    due as `promises_kept` says. The target of contacts is the collector's for the period's own name: neither
    a quarter's nor that of all is one for each of its parts. The target of promises kept is the collector's, else that for all,
    of the period, else of the quarter of the as-of date. Uses ACTIVITIES, DUNNING_NOTICES, PROMISES, TARGETS.
    """
    found = position(book, scope=scope, policies=policies)
    day, first = pd.Timestamp(scope.as_of), pd.Timestamp(scope.starts_on)
    done = touches(book, scope=scope, policies=policies)
    done = done[done["on"].between(first, day).to_numpy(dtype=bool)]
    done = done.assign(
        collector=done["done_by"].fillna(""), column=done["kind"].str.casefold().map(COLUMNS).fillna("other")
    )
    judged = judged_promises(book, position=found, policies=policies)
    judged = judged.assign(owner=judged["owner"].fillna(""))
    taken = judged[judged["promised_on"].between(first, day).to_numpy(dtype=bool)]
    kept_of = promises_kept(judged, scope=scope)
    kept_of = kept_of[kept_of["owner"].ne("")].set_index("owner")
    names = sorted({*done["collector"], *taken["owner"], *kept_of.index})
    kinds = done.groupby(["collector", "column"]).size()
    right = done.groupby("collector")["is_right"].sum()
    goals, shares = _goals(book, scope), promise_targets(book, scope=scope)
    rows = []
    for name in names:
        own = {column: int(kinds.get((name, column), 0)) for column in (*COLUMNS.values(), "other")}
        contacts, reached = sum(own.values()), int(right.get(name, 0))
        due, kept = (int(kept_of[column].get(name, 0)) for column in ("due", "kept"))
        goal = goals.get((TargetMeasure.CONTACTS.value, name), {})
        aim = (
            whole(goal["count"])
            if goal.get("period") == scope.period and not is_none(goal["count"])
            else None
        )
        row: Row = {
            "entity": scope.entity, "collector": name, "contacts": contacts, **own, "right_contacts": reached,
            "right_rate": rate_text(Fraction(reached, contacts)) if contacts else None,
            "contacts_target": aim,
            "contacts_difference": None if aim is None else contacts - aim,
            "promises_taken": int(taken["owner"].eq(name).sum()), "promises_due": due, "promises_kept": kept,
            "kept_rate": rate_text(Fraction(kept, due)) if due else None,
            "kept_target": shares.get(name, shares.get("")),
        }  # fmt: skip
        rows.append(row | {"what": words.activity(row)})
    return frame_of(ACTIVITY_BY_COLLECTOR, rows)


def _goals(book: Book, scope: Scope) -> dict[tuple[str, str], Row]:
    """Targets by measure and collector: the period's own before the quarter's; those of a region or bucket are left out."""
    rows = of_entity(book["targets"], scope.entity)
    every = rows["region"].fillna("").eq("") & rows["bucket"].fillna("").eq("")
    made: dict[tuple[str, str], Row] = {}
    for period in (quarter_of(scope.as_of).name, scope.period):
        for row in records(rows[every & rows["period"].eq(period)]):
            made[str(row["measure"]), text(row["collector"])] = row
    return made
