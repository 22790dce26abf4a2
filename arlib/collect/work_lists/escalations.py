"""Accounts that go up, by the steps of the policy. Floor 1."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from arlib.collect.position import Position
from arlib.collect.work_lists.frames import ESCALATIONS
from arlib.collect.work_lists.limits import in_books_currency
from arlib.collect.work_lists.words import many, said_day
from arlib.credit.write_off.words import money
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.money import totals_by
from arlib.policy import Policies
from arlib.policy.work_list import EscalationStep
from arlib.tables import Book
from arlib.tables.rows import Row, records

KIND = "escalation"


def escalations(book: Book, split: pd.DataFrame, *, position: Position, policies: Policies) -> pd.DataFrame:
    """Accounts at the highest step that they reach: ESCALATIONS, the highest step first, then the largest amount.

    A step is reached when the customer's items at least so many days past due add up to more than its amount, in the
    books' currency at closing rates; the day itself counts, an amount that equals the step's does not. Items that are
    outside the procedure (bankrupt, placed ...) do not count; disputed and promised ones do: they go up because they
    stand. Of steps of equal days the larger amount is the higher. An escalation is due unless ACTIVITIES have one on or
    after the day that the step's oldest item reached its days. Needs what `split_past_due` returned.
    """
    steps = sorted(policies.work_list.escalations, key=lambda step: (step.days_past_due, step.amount))
    limits = [in_books_currency(step.amount, position, policies.work_list.currency) for step in steps]
    rows = split[split["excluded_by"].eq("") & split["books_amount"].notna()]
    if rows.empty or not steps:
        return ESCALATIONS.empty()
    done = _escalated(book, position)
    whole = rows.groupby("customer_id", sort=True, as_index=False).agg(
        name=("name", "first"), collector=("collector", "first"), sales_rep=("sales_rep", "first"),
        max_days_past_due=("days_past_due", "max"),
    )  # fmt: skip
    facts = {str(row["customer_id"]): row for row in records(whole)}
    owed = _sums(rows)
    made: list[Row] = []
    for at in reversed(range(len(steps))):
        late = _sums(rows[rows["days_past_due"] >= steps[at].days_past_due])
        above = late[(late > limits[at]) & ~late.index.isin([row["customer_id"] for row in made])]
        reached = [
            facts[str(code)] | {"amount": int(amount), "past_due": int(owed[str(code)])}
            for code, amount in above.items()
        ]
        reached.sort(key=lambda row: (-row["amount"], row["customer_id"]))
        made += [
            _row(row, steps[at], limits[at], position, done.get(str(row["customer_id"]))) for row in reached
        ]
    return ESCALATIONS.from_rows(made)


def _sums(rows: pd.DataFrame) -> pd.Series:
    return totals_by(rows, ["customer_id"], "books_amount").set_index("customer_id")["books_amount"]


def _row(row: Row, step: EscalationStep, limit: int, position: Position, last: date | None) -> Row:
    as_of, oldest = position.scope.as_of, int(row["max_days_past_due"])
    reached = as_of - timedelta(days=oldest - step.days_past_due)
    is_due = last is None or last < reached
    reason = (
        f"{money(row['amount'], position.currency)} is {many(step.days_past_due, 'day')} past due or more, above "
        f"{money(limit, position.currency)}: {step.to}"
    )
    told = f"; escalated on {said_day(last, as_of=as_of)}" if last is not None else "; not escalated yet"
    return row | {
        "entity": position.scope.entity, "to": step.to, "days_past_due": step.days_past_due, "currency": position.currency,
        "limit_amount": limit, "last_escalated_on": last, "is_due": is_due,
        "reason": f"{reason}{told}{', before it reached this step' if last and is_due else ''}.",
    }  # fmt: skip


def _escalated(book: Book, position: Position) -> dict[str, date]:
    """The last escalation of each customer by the as-of date, in the entity's time zone."""
    scope = position.scope
    rows = of_entity(book["activities"], scope.entity)
    rows = rows[rows["kind"].eq(KIND)]
    codes = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    days = rows["occurred_at"].dt.tz_convert(scope.time_zone).dt.tz_localize(None).dt.normalize()
    mine = rows.assign(customer_id=codes, day=days)
    mine = mine[mine["day"] <= pd.Timestamp(scope.as_of)]
    last = mine.groupby("customer_id", sort=True)["day"].max()
    return {str(code): day.date() for code, day in last.items()}
