"""Disputes opened and closed by month. Floor 1."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from arlib.ledger.facts import found_at, in_functional, of_entity
from arlib.money import times
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.rows import Row, is_none, records


def dispute_months(book: Book, items: pd.DataFrame, *, scope: Scope) -> list[Row]:
    """Rows of month, measure and currency: disputed, disputes_opened, disputes_closed, dispute_days.

    A dispute belongs to the month that it was opened in, and to that it was closed in; the as-of date is inside.
    """
    table = dispute_table(book, items, scope=scope)
    rows: dict[tuple[str, str, str], Row] = {}
    for measure in ("functional", "document"):
        for row in records(table):
            currency = scope.functional_currency if measure == "functional" else str(row["currency"])
            opened = rows.setdefault((measure, currency, f"{row['opened_on']:%Y-%m}"), _nothing())
            amount = row["books_amount" if measure == "functional" else "amount"]
            opened["disputes_opened"] += 1
            is_lost = opened["disputed"] is None or is_none(amount)
            opened["disputed"] = None if is_lost else opened["disputed"] + int(amount)
            if not is_none(row["days"]):
                closed = rows.setdefault((measure, currency, f"{row['closed_on']:%Y-%m}"), _nothing())
                closed["disputes_closed"] += 1
                closed["dispute_days"] += int(row["days"])
    return [
        {"measure": measure, "currency": currency, "month": month, **values}
        for (measure, currency, month), values in rows.items()
    ]


def _nothing() -> Row:
    return {"disputed": 0, "disputes_opened": 0, "disputes_closed": 0, "dispute_days": 0}


def dispute_table(book: Book, items: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """DISPUTES opened by the as-of date with `books_amount` (at the item's booking rate) and, where closed, `days`."""
    rows = of_entity(book["disputes"], scope.entity)
    rows = rows[(rows["opened_on"] <= pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)].reset_index(drop=True)
    at = found_at(rows["item_id"], items["item_id"])
    own = in_functional(items, "functional_amount", "amount", "currency", scope.functional_currency)
    amounts: list[int | None] = []
    for number, (minor, currency) in enumerate(zip(rows["amount"], rows["currency"], strict=True)):
        item = int(at[number])
        if currency == scope.functional_currency:
            amounts.append(int(minor))
        elif (
            item >= 0
            and items["currency"].iloc[item] == currency
            and items["amount"].iloc[item]
            and not pd.isna(own.iloc[item])
        ):
            amounts.append(times(int(minor), Fraction(int(own.iloc[item]), int(items["amount"].iloc[item]))))
        else:
            amounts.append(None)
    closed = rows["closed_on"].where(rows["closed_on"] <= pd.Timestamp(scope.as_of))
    days = (closed - rows["opened_on"]).dt.days.astype("Int64")
    return rows.assign(
        closed_on=closed, days=days, books_amount=pd.Series(amounts, index=rows.index, dtype="Int64")
    )
