"""Items and receipts as columns in one order that depends on nothing but their content. Floor 1.

Inside the engine an item or a receipt is its row number here. Rows are sorted by what they say, identifiers last, so that
shuffled input gives the identical result, and renamed input the same one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

NO_DAY = np.iinfo(np.int32).min  # a day that is not known; never compared, tested for
NOBODY = -1  # a customer that is not known
REFERENCE_FIELDS = ("document_no", "purchase_order", "order_no", "delivery_no")


@dataclass(frozen=True)
class Items:
    """Open items, one array or list a column. Days count from 1970-01-01; amounts are minor units, credits negative."""

    frame: pd.DataFrame  # MATCH_ITEMS in canonical order
    account: NDArray[np.int32]  # number of (entity, customer); NOBODY where the customer is unknown
    money: NDArray[np.int32]  # number of the currency, the same in Receipts
    open: NDArray[np.int64]
    document_day: NDArray[np.int32]
    due_day: NDArray[np.int32]

    def __len__(self) -> int:
        """Number of items."""
        return len(self.open)

    def of_account(self, account: int) -> NDArray[np.int64]:
        """Rows of an account, ascending; none for NOBODY or an account without items."""
        rows, starts = self._by_account
        return rows[starts[account] : starts[account + 1]] if 0 <= account < len(starts) - 1 else rows[:0]

    @cached_property
    def _by_account(self) -> tuple[NDArray[np.int64], list[int]]:
        rows = np.argsort(self.account, kind="stable")
        last = int(self.account.max(initial=NOBODY))
        return rows, np.searchsorted(self.account[rows], np.arange(last + 2)).tolist()


@dataclass(frozen=True)
class Receipts:
    """Receipts, one array a column."""

    frame: pd.DataFrame  # MATCH_RECEIPTS in canonical order
    account: NDArray[np.int32]  # as booked; NOBODY where nobody said
    money: NDArray[np.int32]
    amount: NDArray[np.int64]
    day: NDArray[np.int32]

    def __len__(self) -> int:
        """Number of receipts."""
        return len(self.amount)


@dataclass(frozen=True)
class Pool:
    """What one run has to place, and where it may."""

    items: Items
    receipts: Receipts
    accounts: tuple[tuple[str, str], ...]  # (entity, customer_id) by number
    currencies: tuple[str, ...]  # by number

    def account_of(self, entity: str, customer_id: str) -> int:
        """Number of an account, NOBODY where no item or receipt of the run names it."""
        return self.numbers.get((entity, customer_id), NOBODY)

    @cached_property
    def numbers(self) -> dict[tuple[str, str], int]:
        """Number of each (entity, customer_id)."""
        return {pair: number for number, pair in enumerate(self.accounts)}


def pool_of(items: pd.DataFrame, receipts: pd.DataFrame) -> Pool:
    """MATCH_ITEMS and MATCH_RECEIPTS in canonical order, with numbers for accounts and currencies.

    Accounts are numbered in the order of their first item, not of their codes, so a renamed customer keeps its number.
    """
    items = _in_order(MATCH_ITEMS.typed(items), last="item_id")
    receipts = _in_order(MATCH_RECEIPTS.typed(receipts), last="receipt_id")
    accounts: dict[tuple[str, str], int] = {}
    item_accounts = _numbered(items, accounts)
    receipt_accounts = _numbered(receipts, accounts)
    currencies = sorted(set(items["currency"]) | set(receipts["currency"]))
    money = {code: number for number, code in enumerate(currencies)}
    return Pool(
        items=Items(
            frame=items,
            account=item_accounts,
            money=items["currency"].map(money).to_numpy(np.int32) if len(items) else np.zeros(0, np.int32),
            open=items["open_amount"].to_numpy(np.int64),
            document_day=days(items["document_date"]),
            due_day=days(items["due_date"]),
        ),
        receipts=Receipts(
            frame=receipts,
            account=receipt_accounts,
            money=receipts["currency"].map(money).to_numpy(np.int32)
            if len(receipts)
            else np.zeros(0, np.int32),
            amount=receipts["amount"].to_numpy(np.int64),
            day=days(receipts["value_date"]),
        ),
        accounts=tuple(accounts),
        currencies=tuple(currencies),
    )


def days(column: pd.Series) -> NDArray[np.int32]:
    """Days since 1970-01-01, NO_DAY where there is none."""
    known = column.notna().to_numpy()
    out = np.full(len(column), NO_DAY, np.int32)
    out[known] = column[known].to_numpy("datetime64[D]").astype(np.int64).astype(np.int32)
    return out


def _in_order(frame: pd.DataFrame, *, last: str) -> pd.DataFrame:
    """Rows by day, currency and amount; what is equal in these by every other column, identifiers last."""
    day, amount = ("value_date", "amount") if last == "receipt_id" else ("due_date", "open_amount")
    first = (
        days(frame[day]).astype(np.int64),
        _codes(frame["currency"]),
        frame[amount].to_numpy(np.int64),
    )
    order = np.lexsort(first[::-1])
    if len(order):
        sorted_ = [column[order] for column in first]
        changes = np.any([column[1:] != column[:-1] for column in sorted_], axis=0)
        starts = np.flatnonzero(np.concatenate([[True], changes]))
        sizes = np.diff(np.append(starts, len(order)))
        group = np.repeat(np.arange(len(starts)), sizes)
        is_tied = np.repeat(sizes > 1, sizes)
        tied = frame.iloc[order[is_tied]].assign(_group=group[is_tied], _row=order[is_tied])
        said = [n for n in frame.columns if n not in (day, amount, "currency", "entity", "customer_id", last)]
        by = ["_group", *said, "entity", "customer_id", last]
        order[is_tied] = tied.sort_values(by, kind="stable", na_position="first")["_row"].to_numpy()
    return frame.iloc[order].reset_index(drop=True)


def _codes(column: pd.Series) -> NDArray[np.int64]:
    """Number of each value in the order of the values, missing ones first."""
    values = column.fillna("")
    place = {value: number for number, value in enumerate(sorted(set(values)))}
    return values.map(place).to_numpy(np.int64)


def _numbered(frame: pd.DataFrame, accounts: dict[tuple[str, str], int]) -> NDArray[np.int32]:
    """Number of each row's (entity, customer_id), NOBODY without a customer; new ones join in the order of the rows."""
    import pandas as pd

    codes, values = zip(
        *(pd.factorize(frame[name].fillna("")) for name in ("entity", "customer_id")), strict=True
    )
    pair, pairs = pd.factorize(codes[0].astype(np.int64) * len(values[1]) + codes[1])
    numbers = np.full(len(pairs), NOBODY, np.int32)
    for place, (of_entity, of_customer) in enumerate(
        zip(*np.divmod(pairs, max(1, len(values[1]))), strict=True)
    ):
        if customer := str(values[1][of_customer]):
            numbers[place] = accounts.setdefault((str(values[0][of_entity]), customer), len(accounts))
    return np.asarray(numbers[pair], np.int32)
