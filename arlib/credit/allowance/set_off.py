"""A customer's own credits against its own debits, where the right to do so exists. Floor 1.

Offsetting needs a legally enforceable right and the intention to use it (IAS 32.42; ASC 210-20-45-1): a SECURITY
of kind set_off. A management view may net without (`nets_credits`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.credit.allowance.securities import functional_limits, securities
from arlib.ledger.facts import Ints, ints
from arlib.money import allocate
from arlib.policy import AllowancePolicy, Scope
from arlib.policy.allowance import CreditOrder
from arlib.tables import Book
from arlib.tables.choices import SecurityKind

ORDER = ["customer_id", "aged_from", "item_id", "instalment_no"]


@dataclass(frozen=True)
class SetOff:
    """What was set off, from 0 up: against each debit row, and of each credit row. Both have the same sum."""

    against: Ints
    taken: Ints
    limits: tuple[str, ...]


def set_off(
    book: Book, debits: pd.DataFrame, open_credits: pd.DataFrame, *, scope: Scope, policy: AllowancePolicy
) -> SetOff:
    """Credits set against the debits of the same customer, never more than they are.

    A right of set-off for the account lets every credit of the customer reduce every debit; one for an item
    reduces that item only; its amount, where given, is the most in total. With `nets_credits` no right is
    asked for. OLDEST_FIRST goes by original due date, then item; PRO_RATA by amount, cents to the largest
    remainders. Credits are used up oldest first. `debits` has gross above zero, `open_credits` amount below zero.
    """
    against, taken = np.zeros(len(debits), dtype=np.int64), np.zeros(len(open_credits), dtype=np.int64)
    rights = securities(book, scope=scope)
    rights = rights[rights["kind"].eq(SecurityKind.SET_OFF.value)].reset_index(drop=True)
    on_account = rights["item_id"].fillna("").eq("")
    customers = debits["customer_id"]
    may = customers.isin(rights.loc[on_account, "customer_id"]) | debits["item_id"].isin(
        rights.loc[~on_account, "item_id"]
    )
    if policy.nets_credits:
        may = pd.Series(data=True, index=debits.index)
    at_debits = _ordered(debits, may & customers.isin(open_credits["customer_id"].unique()))
    at_credits = _ordered(open_credits, open_credits["customer_id"].isin(customers.iloc[at_debits].unique()))
    owed, owing = ints(debits["gross"]), -ints(open_credits["amount"])

    usable = pd.Series(owing[at_credits]).groupby(open_credits["customer_id"].array[at_credits]).sum()
    debts = pd.Series(owed[at_debits]).groupby(customers.array[at_debits]).sum()
    most = usable.clip(upper=debts.reindex(usable.index))
    if not policy.nets_credits:
        most = _limited(most, rights, book, scope=scope)
    against[at_debits] = _spread(owed, customers, at_debits, most, order=policy.credit_order)
    taken[at_credits] = _spread(
        owing, open_credits["customer_id"], at_credits, most, order=CreditOrder.OLDEST_FIRST
    )
    left = int(owing.sum() - taken.sum())
    without = open_credits["customer_id"].isin(customers.unique()).to_numpy(dtype=bool) & (taken == 0)
    said = (
        (f"{int(without.sum())} credits and open receipts of customers who owe too reduce no exposure: "
         "no right of set-off is on record for them.",)
        if left and without.any() and not policy.nets_credits
        else ()
    )  # fmt: skip
    return SetOff(against, taken, said)


def _ordered(rows: pd.DataFrame, wanted: pd.Series) -> Ints:
    """Positions of the wanted rows, customer by customer, oldest first."""
    at = np.flatnonzero(wanted.to_numpy(dtype=bool))
    keys = rows.iloc[at][ORDER].reset_index(drop=True)
    order = np.asarray(keys.sort_values(ORDER, kind="stable").index, dtype=np.int64)
    return np.asarray(at[order], dtype=np.int64)


def _limited(most: pd.Series, rights: pd.DataFrame, book: Book, *, scope: Scope) -> pd.Series:
    """No more than the rights allow: the sum of their amounts where all of them have one."""
    limits: dict[str, int | None] = {}
    for customer, limit in zip(
        rights["customer_id"], functional_limits(rights, book, scope=scope), strict=True
    ):
        before = limits.get(customer, 0)
        limits[customer] = None if before is None or limit is None else before + limit
    capped = [
        value if (limit := limits.get(customer)) is None else min(value, limit)
        for customer, value in zip(most.index, most, strict=True)
    ]
    return pd.Series(capped, index=most.index, dtype=np.int64)


def _spread(amounts: Ints, customers: pd.Series, at: Ints, most: pd.Series, *, order: CreditOrder) -> Ints:
    """Each customer's amount over its rows, which lie together and oldest first."""
    mine, (names, labels) = amounts[at], pd.factorize(customers.iloc[at])
    if not len(at):
        return mine
    total = most.reindex(labels).to_numpy(dtype=np.int64)[names]
    if order is CreditOrder.OLDEST_FIRST:
        running = pd.Series(mine).groupby(names).cumsum().to_numpy() - mine
        return np.clip(total - running, 0, mine)
    starts = np.flatnonzero(np.r_[True, names[1:] != names[:-1]])
    shares = [
        allocate(int(total[start]), [int(value) for value in mine[start:end]])
        for start, end in zip(starts, [*starts[1:], len(at)], strict=True)
    ]
    return np.array([share for part in shares for share in part], dtype=np.int64)
