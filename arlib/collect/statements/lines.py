"""Open items as a statement lists them: with the customer's order number and what is in dispute. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.statements.frames import MovementKind
from arlib.ledger.facts import found_at, ints, of_entity
from arlib.policy import Scope, StatementPolicy
from arlib.tables import Book
from arlib.tables.choices import ItemType


def kinds(rows: pd.DataFrame, policy: StatementPolicy) -> pd.Series[str]:
    """What each item is to a customer: a receipt that adds to the debt came back; a write-off shows by policy only."""
    made = rows["item_type"].copy()
    made = made.mask(made.eq(ItemType.RECEIPT.value) & rows["amount"].gt(0), MovementKind.RETURNED.value)
    if not policy.shows_write_offs:
        hidden = [ItemType.WRITE_OFF.value, ItemType.RECOVERY.value]
        made = made.mask(made.isin(hidden), MovementKind.ADJUSTMENT.value)
    return made


def disputed(book: Book, rows: pd.DataFrame, *, scope: Scope) -> pd.Series[int]:
    """How much of each open row is in a dispute that is open at the as-of date; never more than is open of it.

    Uses DISPUTES with an item: the day one is opened counts, the day it is closed does not. Of an item in parts, the parts
    take it up in their order. Disputes in another currency than the item are left out.
    """
    made = np.zeros(len(rows), dtype=np.int64)
    cases = of_entity(book["disputes"], scope.entity)
    day = pd.Timestamp(scope.as_of)
    stands = cases["opened_on"].le(day) & ~cases["closed_on"].le(day) & cases["item_id"].fillna("").ne("")
    cases = cases[stands]
    if cases.empty or rows.empty:
        return pd.Series(made, index=rows.index, dtype="Int64")
    sums = cases.groupby(["item_id", "currency"])["amount"].sum()
    keys = pd.MultiIndex.from_frame(rows[["item_id", "currency"]])
    wanted = ints(pd.Series(sums.reindex(keys).array))
    open_ = np.maximum(ints(rows["outstanding"]), 0)
    order = pd.DataFrame({"item": rows["item_id"].to_numpy(), "open": np.where(wanted > 0, open_, 0)})
    before = order.groupby("item", sort=False)["open"].cumsum().to_numpy() - order["open"].to_numpy()
    made = np.clip(wanted - before, 0, order["open"].to_numpy())
    return pd.Series(made, index=rows.index, dtype="Int64")


def order_numbers(book: Book, item_ids: pd.Series[str], *, scope: Scope) -> pd.Series[str]:
    """The customer's order number of each item, missing where it gave none. Needs ITEMS."""
    items = of_entity(book["items"], scope.entity)
    at = found_at(item_ids, items["item_id"])
    named = items["purchase_order"].reindex(at)
    return named.set_axis(item_ids.index)
