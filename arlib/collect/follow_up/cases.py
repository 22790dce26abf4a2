"""Open disputes, deductions and payment arrangements, found by item and by customer. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from arlib.collect.position import Position
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.ledger.replaced import carried_items
from arlib.tables import Book
from arlib.tables.choices import DeductionState, PlanState
from arlib.tables.rows import Row, records, text


@dataclass(frozen=True, kw_only=True)
class Cases:
    """Records that stand at the as-of date: the first of each item, and those for whole accounts by customer."""

    by_item: dict[str, Row]
    by_customer: dict[str, Row]

    def of(self, item_id: str, customer_id: str) -> Row | None:
        """The record about an item, else about its customer's account; None where there is none."""
        return self.by_item.get(item_id) or self.by_customer.get(customer_id)


def open_disputes(book: Book, *, position: Position) -> Cases:
    """Disputes open at the end of the as-of date; the day that one was closed it is not open any more."""
    rows = of_entity(book["disputes"], position.scope.entity)
    now = pd.Timestamp(position.scope.as_of)
    return _cases(rows[rows["opened_on"].le(now) & ~rows["closed_on"].le(now)], "dispute_id", book, position)


def open_deductions(book: Book, *, position: Position) -> Cases:
    """Deductions taken by the as-of date that are not settled."""
    rows = of_entity(book["deductions"], position.scope.entity)
    now = pd.Timestamp(position.scope.as_of)
    mine = rows["taken_on"].le(now) & rows["state"].ne(DeductionState.SETTLED.value)
    return _cases(rows[mine], "deduction_id", book, position)


def running_plans(book: Book, *, position: Position) -> Cases:
    """Payment arrangements agreed by the as-of date, running and not ended by it."""
    rows = of_entity(book["plans"], position.scope.entity)
    now = pd.Timestamp(position.scope.as_of)
    runs = rows["agreed_on"].le(now) & (
        rows["ended_on"].gt(now) | (rows["ended_on"].isna() & rows["state"].eq(PlanState.RUNNING.value))
    )
    return _cases(rows[runs], "plan_id", book, position)


def open_promises(book: Book, *, position: Position) -> Cases:
    """Promises given by the as-of date whose day has not passed: on the day promised it has not."""
    rows = of_entity(book["promises"], position.scope.entity)
    now = pd.Timestamp(position.scope.as_of)
    mine = rows["promised_on"].le(now) & ~rows["closed_on"].le(now) & rows["pay_by"].ge(now)
    return _cases(rows[mine], "promise_id", book, position)


def _cases(rows: pd.DataFrame, key: str, book: Book, position: Position) -> Cases:
    """Found by item (and by what carries the item on) or by customer after mergers; the first by identifier counts."""
    scope = position.scope
    codes = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    by_item: dict[str, Row] = {}
    by_customer: dict[str, Row] = {}
    for row in records(rows.assign(customer_id=codes).sort_values(key, kind="stable")):
        if item := text(row.get("item_id")):
            by_item.setdefault(item, row)
        else:
            by_customer.setdefault(text(row["customer_id"]), row)
    if by_item:
        for item, before in carried_items(book, entity=scope.entity).items():
            heard = next((by_item[old] for old in before if old in by_item), None)
            if heard is not None:
                by_item.setdefault(item, heard)
    return Cases(by_item=by_item, by_customer=by_customer)
