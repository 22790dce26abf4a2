"""A customer's balance at the end of every day: worked out once, then looked up. Floor 1."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from arlib.errors import ParameterError
from arlib.ledger.customer.frames import BALANCES_BY_DAY, CUSTOMER_BALANCE
from arlib.ledger.customer.legs import legs_of
from arlib.ledger.customer.whose import customer_of, day_number
from arlib.policy import Scope
from arlib.tables import Book


def balances_by_day(
    book: Book, *, scope: Scope, customer_id: str = "", since: date | None = None
) -> pd.DataFrame:
    """The balance of every day from `since` (without it, the first fact) to the as-of date, both in: BALANCES_BY_DAY.

    A row for each day and each currency that the customer ever had; by the scope's basis, as known at its knowledge date.
    Each is the sum of `open_items` at that day. A customer without a fact has none; a snapshot knows its own day only.
    Needs ITEMS, APPLICATIONS; uses CUSTOMER_MERGES. Raises what `legs_of` raises, ParameterError for a `since` after the
    as-of date.
    """
    if since is not None and since > scope.as_of:
        raise ParameterError("since", found=since.isoformat(), wanted=f"a day up to {scope.as_of}")
    legs = legs_of(book, scope=scope, customer_id=customer_of(book, customer_id))
    if legs.rows.empty:
        return BALANCES_BY_DAY.empty()
    last = day_number(scope.as_of)
    day = legs.rows["day"].to_numpy()
    first = int(day.min()) if since is None else day_number(since)
    if "snapshot" in book.features:
        first = last
    codes, currency = np.unique(legs.currency.to_numpy(dtype=object).astype(str), return_inverse=True)
    moved = np.zeros((len(codes), last - first + 2), dtype=np.int64)  # column 0: all before the first day
    np.add.at(moved, (currency, np.maximum(day - first, -1) + 1), legs.rows["amount"].to_numpy())
    balance = np.cumsum(moved, axis=1)[:, 1:]
    days = np.arange(first, last + 1).astype("datetime64[D]").astype("datetime64[s]")
    return BALANCES_BY_DAY.typed(pd.DataFrame({
        "currency": np.repeat(codes, len(days)), "day": np.tile(days, len(codes)),
        "balance": pd.array(balance.ravel(), dtype="Int64"), "moved": pd.array(moved[:, 1:].ravel(), dtype="Int64"),
    }))  # fmt: skip


def balance_on(balances: pd.DataFrame, day: date) -> pd.DataFrame:
    """The balance at the end of a day in every currency: CUSTOMER_BALANCE, a lookup in BALANCES_BY_DAY.

    Nothing is known beyond the days of the frame: such a day raises ParameterError with its span. A frame without rows, of a
    customer that never had a fact, gives none.
    """
    if balances.empty:
        return CUSTOMER_BALANCE.empty()
    days = balances["day"].to_numpy()
    at = (np.datetime64(day, "s") - days[0]).astype("timedelta64[D]").astype(np.int64)
    count = int((days[-1] - days[0]).astype("timedelta64[D]").astype(np.int64)) + 1
    if not 0 <= at < count:
        span = f"a day from {np.datetime_as_string(days[0], 'D')} to {np.datetime_as_string(days[-1], 'D')}"
        raise ParameterError("day of the balance", found=day.isoformat(), wanted=span)
    return CUSTOMER_BALANCE.typed(balances.iloc[at::count].reset_index(drop=True))
