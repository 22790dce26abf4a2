"""Cash received in each month, and how much of it was applied by its end. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.kpi.runs import CASH, Runs
from arlib.collect.kpi.windows import Windows, month_names
from arlib.ledger.facts import Ints, counted, fact_dates, found_at, in_functional, ints, of_entity
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind
from arlib.tables.rows import Row

BACK = (ApplicationKind.RETURN.value, ApplicationKind.REFUND.value)


def receipt_months(book: Book, runs: Runs, *, scope: Scope, windows: Windows) -> list[Row]:
    """Rows of month, measure and currency: receipts, applied, returned, collected.

    `receipts` are the cash documents of the month that are credits, less what a return or a refund took of them by the
    month's end; what is not open at the month's end is applied. `collected` is all cash of the month, returns of any
    month's cash taken off. A month's later work on its cash does not change it.
    """
    table = cash_table(book, runs, scope=scope, windows=windows)
    rows: list[Row] = []
    for measure, prefix in (("functional", "books_"), ("document", "")):
        part = table.assign(currency=scope.functional_currency) if prefix else table
        for (currency, month), group in part.groupby(["currency", "month"], sort=True):
            known = bool(group["is_known"].all()) or not prefix
            credit = group["amount"].lt(0)
            gross = -int(group.loc[credit, f"{prefix}amount"].sum())
            returned = int(group.loc[credit, f"{prefix}returned"].sum())
            left = -int(group.loc[credit, f"{prefix}open"].sum())
            told = {"receipts": gross - returned, "applied": gross - returned - left, "returned": returned,
                    "collected": -int(group[f"{prefix}amount"].sum())}  # fmt: skip
            rows.append({"measure": measure, "currency": currency, "month": month,
                         **{name: value if known else None for name, value in told.items()}})  # fmt: skip
    return rows


def cash_table(book: Book, runs: Runs, *, scope: Scope, windows: Windows) -> pd.DataFrame:
    """Cash documents with what was open and what had gone back at the end of their own month: one row each.

    Columns: item (row of the items), currency, month, date, amount, open, returned, the same with `books_`, is_known.
    """
    items = runs.items
    mine = np.flatnonzero(items["item_type"].isin(CASH).to_numpy(dtype=bool) & counted(items, scope=scope))
    cash = items.iloc[mine]
    date = fact_dates(cash, scope.basis)
    slot = windows.slot(date)
    own = in_functional(cash, "functional_amount", "amount", "currency", scope.functional_currency)
    open_, books, known = _left(runs, mine, slot)
    back, books_back, back_known = _back(book, runs, mine, slot, scope, windows)
    return pd.DataFrame({
        "item": mine, "currency": cash["currency"].to_numpy(), "month": month_names(date).to_numpy(),
        "date": date.to_numpy(), "amount": ints(cash["amount"]), "open": open_, "returned": back,
        "books_amount": ints(own), "books_open": books, "books_returned": books_back,
        "is_known": own.notna().to_numpy(dtype=bool) & known & back_known,
    })  # fmt: skip


def _left(runs: Runs, mine: Ints, slot: Ints) -> tuple[Ints, Ints, np.ndarray]:
    """What stood open of each item at the end of its own month, as in the document and in the books."""
    own = np.full(len(runs.items), -1, dtype=np.int64)
    own[mine] = slot
    here = own[runs.item]
    stands = (here >= 0) & (runs.start <= here) & (runs.end > here)
    made = []
    for values in (runs.open, runs.books):
        of_item = np.zeros(len(runs.items), dtype=np.int64)
        of_item[runs.item[stands]] = values[stands]
        made.append(of_item[mine])
    known = np.ones(len(runs.items), dtype=bool)
    known[runs.item[stands]] = runs.is_known[stands]
    return made[0], made[1], known[mine]


def _back(
    book: Book, runs: Runs, mine: Ints, slot: Ints, scope: Scope, windows: Windows
) -> tuple[Ints, Ints, np.ndarray]:
    """What returns and refunds had taken of each item by the end of its own month."""
    rows = of_entity(book["applications"], scope.entity)
    rows = rows[counted(rows, scope=scope) & rows["kind"].isin(BACK).to_numpy(dtype=bool)].reset_index(
        drop=True
    )
    amount, books = np.zeros(len(runs.items), np.int64), np.zeros(len(runs.items), np.int64)
    known = np.ones(len(runs.items), dtype=bool)
    if len(rows):
        own = np.full(len(runs.items), -1, dtype=np.int64)
        own[mine] = slot
        at = found_at(rows["source_item_id"], runs.items["item_id"])
        carried = in_functional(
            rows, "source_functional_amount", "source_amount", "source_currency", scope.functional_currency
        )
        here = (at >= 0) & (windows.slot(fact_dates(rows, scope.basis)) <= own[at])
        np.add.at(amount, at[here], ints(rows["source_amount"])[here])
        np.add.at(books, at[here], ints(carried)[here])
        known[at[here & carried.isna().to_numpy(dtype=bool)]] = False
    return amount[mine], books[mine], known[mine]
