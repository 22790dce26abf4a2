"""Receipts that the bank should show by now and does not. Floor 1."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from arlib.ledger.facts import fact_dates, of_entity
from arlib.policy import Basis, Scope
from arlib.tables import Book

WAIT_DAYS = 7  # calendar days that a receipt may be on its way: a week-end and a holiday are among them


def unbanked_items(book: Book, *, scope: Scope) -> frozenset[str]:
    """Items of receipts booked on or before the date, linked to no bank line though their account's lines reach on.

    A receipt counts where the last line of its account is later than seven days after its booking; one without a bank account,
    of an account without lines, or a return is left out. Without RECEIPTS, BANK_LINES or RECEIPT_BANK_LINES nothing
    can be told, and nothing is returned.
    """
    if not (book.has("receipts") and book.has("bank_lines") and book.has("receipt_bank_lines")):
        return frozenset()
    rows = of_entity(book["receipts"], scope.entity)
    rows = rows.assign(day=fact_dates(rows, Basis.POSTING))
    linked = of_entity(book["receipt_bank_lines"], scope.entity)["receipt_id"]
    reach = of_entity(book["bank_lines"], scope.entity).groupby("bank_account")["booking_date"].max()
    last = rows["bank_account"].map(reach)
    mine = rows["day"].le(pd.Timestamp(scope.as_of)) & (last > rows["day"] + timedelta(days=WAIT_DAYS))
    mine &= ~rows["receipt_id"].isin(linked) & rows["return_of"].fillna("").eq("")
    return frozenset(rows.loc[mine.fillna(False).to_numpy(dtype=bool), "item_id"].dropna())
