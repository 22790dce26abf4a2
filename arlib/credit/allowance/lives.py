"""The debts that the allowance is about, one for each sale, with their amounts and dates. Floor 1.

A residual, chargeback or rebill carries on another item (`replaces`): it is no sale of its own and no loss, so it belongs
to the item that began the debt. What is settled, and how, is in history.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.errors import RateError, TableError
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import (
    LARGEST,
    Bools,
    Ints,
    are_unique,
    counted,
    fact_dates,
    found_at,
    ints,
    of_entity,
)
from arlib.ledger.openitems import MAX_REPLACEMENTS
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import AccountRole, ItemType

DEBIT_TYPES = (
    ItemType.INVOICE, ItemType.DEBIT_MEMO, ItemType.CHARGEBACK, ItemType.INTEREST_OR_FEE, ItemType.OPENING,
    ItemType.TRANSFER, ItemType.ADJUSTMENT,
)  # fmt: skip
ROLES = (AccountRole.TRADE, AccountRole.NOTES, AccountRole.RETENTION, AccountRole.UNBILLED)
COLUMNS = (
    "item_id", "customer_id", "item_type", "effective_date", "posting_date", "entered_at", "document_date", "due_date",
    "original_due_date", "currency", "amount", "tax_amount", "functional_amount", "control_account", "reverses", "replaces",
)  # fmt: skip


@dataclass(frozen=True)
class Members:
    """Every debit that is, or carries on, a debt in scope; `life` is the place of the debt that it belongs to."""

    ids: pd.Series
    life: Ints  # -1: not in scope
    is_root: Bools
    is_recovery: Bools
    amount: Ints  # document currency
    day: Ints


@dataclass(frozen=True)
class Lives:
    """The debts, in the order of ITEMS. Days count from 1970-01-01; amounts in minor units."""

    entity: str
    ids: pd.Series
    customers: pd.Series  # code at the as-of date
    currencies: pd.Series
    billed: Ints  # document currency
    books: Ints  # the same in the books' currency, at the booking rate; without tax where the policy says so
    posted: Ints
    documented: Ints
    aged_from: Ints
    is_opening: Bools
    members: Members

    def __len__(self) -> int:
        """Debts."""
        return len(self.billed)

    def in_books(self, minor: Ints, life: Ints) -> Ints:
        """Document amounts at the booking rate of their debt, each rounded half up."""
        amount, books = self.billed[life], self.books[life]
        if np.array_equal(amount, books):
            return minor
        made = minor.copy()
        odd = np.flatnonzero(amount != books)
        wide = np.abs(minor[odd].astype(np.float64)) * np.abs(books[odd].astype(np.float64)) * 4 >= LARGEST
        small, large = odd[~wide], odd[wide]
        made[small] = (2 * minor[small] * books[small] + amount[small]) // (2 * amount[small])
        for at in large.tolist():
            made[at] = (2 * int(minor[at]) * int(books[at]) + int(amount[at])) // (2 * int(amount[at]))
        return made

    def shared_in_books(self, parts: tuple[Ints, ...], life: Ints) -> tuple[Ints, ...]:
        """Parts of a document amount at the booking rate, so that they add up to their sum at that rate."""
        if np.array_equal(self.billed[life], self.books[life]):
            return parts
        made, upto, before = [], np.zeros(len(life), dtype=np.int64), np.zeros(len(life), dtype=np.int64)
        for part in parts:
            upto = upto + part
            now = self.in_books(upto, life)
            made.append(now - before)
            before = now
        return tuple(made)


def lives_of(book: Book, *, scope: Scope, is_net_of_tax: bool = False) -> Lives:
    """The debts in the scope of the allowance that were posted by the as-of date.

    Needs ITEMS; uses CUSTOMERS (intercompany is out), CONTROL_ACCOUNTS (trade, notes, retention and unbilled are in;
    without the table every account is) and CUSTOMER_MERGES. In are debits of more than 0 that reverse nothing: invoices,
    debit memos, fees, chargebacks, balances brought forward, debits by transfer or adjustment. A debit that `replaces`
    one of them in the same currency belongs to it, and so does a `recovery`. A debt ages from its original due date, else
    its due date (of parts: the last), else its document date. Raises TableError for an item that stands twice or a loop
    of replaced items, RateError for an amount in another currency than the books' without its functional amount.
    """
    debits = _debits(book, scope=scope)
    is_recovery = debits["item_type"].eq(ItemType.RECOVERY.value).to_numpy(dtype=bool)
    root = _roots(debits)
    own = np.arange(len(debits)) == root
    root_in = own & ~is_recovery & _in_scope(book, debits, scope=scope)
    place = np.where(root_in, np.cumsum(root_in) - 1, -1)
    day = _days(fact_dates(debits, scope.basis))
    members = Members(debits["item_id"], place[root], root_in, is_recovery, ints(debits["amount"]), day)

    rows = debits[root_in].reset_index(drop=True)
    documented = rows["document_date"].fillna(rows["effective_date"])
    due = rows["original_due_date"].fillna(rows["due_date"])
    if due.isna().any():
        due = due.fillna(_last_part(book, rows, scope=scope)).fillna(documented)
    return Lives(
        entity=scope.entity,
        ids=rows["item_id"],
        customers=_merged(rows["customer_id"], book, scope=scope),
        currencies=rows["currency"],
        billed=ints(rows["amount"]),
        books=_booked(rows, scope=scope, is_net_of_tax=is_net_of_tax),
        posted=members.day[root_in],
        documented=_days(documented),
        aged_from=_days(due),
        is_opening=rows["item_type"].eq(ItemType.OPENING.value).to_numpy(dtype=bool),
        members=members,
    )


def _days(dates: pd.Series) -> Ints:
    return np.asarray(dates.to_numpy(dtype="datetime64[D]").astype(np.int64), dtype=np.int64)


def _debits(book: Book, *, scope: Scope) -> pd.DataFrame:
    """Debits and recoveries that count at the as-of date, numbered from 0."""
    items = of_entity(book["items"], scope.entity)[list(COLUMNS)]
    types = [*(kind.value for kind in DEBIT_TYPES), ItemType.RECOVERY.value]
    mine = items["item_type"].isin(types) & items["amount"].gt(0).fillna(False)
    mine &= items["reverses"].isna() | items["reverses"].eq("")
    kept = items[mine.to_numpy(dtype=bool) & counted(items, scope=scope)].reset_index(drop=True)
    if not are_unique(kept["item_id"]):
        twice = kept.loc[kept["item_id"].duplicated(), "item_id"].iloc[0]
        raise TableError(f"items: an item stands twice, such as {twice!r}", where=scope.entity)
    return kept


def _roots(debits: pd.DataFrame) -> Ints:
    """Row of the debit that began each one, itself where it carries on nothing."""
    parent = np.full(len(debits), -1, dtype=np.int64)
    given = np.flatnonzero((debits["replaces"].notna() & debits["replaces"].ne("")).to_numpy(dtype=bool))
    if len(given):
        up = found_at(debits["replaces"].iloc[given], debits["item_id"])
        currency = debits["currency"].to_numpy()
        same = (up >= 0) & (currency[given] == currency[up])
        parent[given[same]] = up[same]
    root = np.arange(len(debits))
    todo = np.flatnonzero(parent >= 0)
    step = parent[todo]
    for _ in range(MAX_REPLACEMENTS):
        onward = parent[step] >= 0
        if not onward.any():
            root[todo] = step
            return root
        step = np.where(onward, parent[step], step)
    raise TableError(
        f"items: replaced items form a loop, such as {debits['item_id'].iloc[int(todo[onward][0])]!r}"
    )


def _in_scope(book: Book, debits: pd.DataFrame, *, scope: Scope) -> Bools:
    """Not of the group, and on an account of a role that is in, or on none."""
    customers = of_entity_or_shared(book["customers"], scope.entity)
    group = customers.loc[customers["is_intercompany"].fillna(False).to_numpy(dtype=bool), "customer_id"]
    made = ~debits["customer_id"].isin(group).to_numpy(dtype=bool)
    accounts = of_entity(book["control_accounts"], scope.entity)
    out = accounts.loc[~accounts["role"].isin([role.value for role in ROLES]), "account"]
    return made & ~debits["control_account"].isin(out).to_numpy(dtype=bool)


def of_entity_or_shared(frame: pd.DataFrame, entity: str) -> pd.DataFrame:
    """The rows of an entity and those that serve all."""
    mine = frame["entity"].eq(entity) | frame["entity"].isna() | frame["entity"].eq("")
    return frame[mine.to_numpy(dtype=bool)].reset_index(drop=True)


def _last_part(book: Book, rows: pd.DataFrame, *, scope: Scope) -> pd.Series:
    """Due date of the last part of each item that has parts."""
    parts = of_entity(book["instalments"], scope.entity)
    last = parts.groupby("item_id")["due_date"].max()
    return last.reindex(rows["item_id"]).set_axis(rows.index)


def _merged(codes: pd.Series, book: Book, *, scope: Scope) -> pd.Series:
    if not book.has("customer_merges") or not len(book["customer_merges"]):
        return codes
    return merged_codes(codes, book, entity=scope.entity, on=scope.as_of)


def _booked(rows: pd.DataFrame, *, scope: Scope, is_net_of_tax: bool) -> Ints:
    """Amount in the books' currency at the booking rate; without its tax where asked for."""
    own = rows["currency"].eq(scope.functional_currency)
    booked = rows["functional_amount"].fillna(rows["amount"].where(own))
    if booked.isna().any():
        missing = booked.isna()
        raise RateError(
            f"{int(missing.sum())} debts have no amount in the books' currency",
            where=scope.entity,
            found=", ".join(sorted(rows.loc[missing, "currency"].unique())),
            fix="Give functional_amount.",
        )
    made = ints(booked)
    if is_net_of_tax:
        tax, gross = ints(rows["tax_amount"]), ints(rows["amount"])
        for at in np.flatnonzero(tax).tolist():
            made[at] = (2 * int(made[at]) * (int(gross[at]) - int(tax[at])) + int(gross[at])) // (
                2 * int(gross[at])
            )
    return made
