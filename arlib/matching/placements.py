"""What the ledger made of receipts: the items they were set against, and the corrections that followed. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from arlib.ledger.facts import Bools, counted, fact_dates, ints, is_among
from arlib.tables.choices import CASH_TYPES, ApplicationKind, ItemType, Pairing
from arlib.tables.kinds import DTYPES, Column, Kind, Table

if TYPE_CHECKING:
    from arlib.policy import Scope
    from arlib.tables import Book

CONFIRMED = Table("confirmed", "a receipt that people set against an item", ("entity", "receipt_id", "item_id"), (
    Column("entity", Kind.TEXT, "entity code", True),
    Column("receipt_id", Kind.TEXT, "receipt", True, is_key=True),
    Column("item_id", Kind.TEXT, "item", True, is_key=True),
    Column("currency", Kind.TEXT, "currency of the item", True),
    Column("applied_amount", Kind.MONEY, "settled on the item, without discount", True, currency="currency"),
))  # fmt: skip

DAY = DTYPES[Kind.DAY]
NO_TARGET = (
    *(kind.value for kind in CASH_TYPES),
    ItemType.REFUND.value,
)  # a receipt against these places no cash
FOLLOWS = (
    ApplicationKind.ADJUSTMENT.value, ApplicationKind.WRITE_OFF.value, ApplicationKind.CREDIT_MEMO.value,
    ApplicationKind.DEBIT_TO_DEBIT.value,
)  # fmt: skip  # what settles the rest after a payment


@dataclass(frozen=True)
class Undone:
    """What is taken back to see items as before some receipts."""

    applications: Bools  # rows of APPLICATIONS that do not count
    items: frozenset[str]  # documents that only came from them, and are not offered


def placements(book: Book, receipts: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Stated links of `receipts` that stand at the as-of date: CONFIRMED, by its key.

    Needs ITEMS and APPLICATIONS of one entity, and rows of RECEIPTS. A link is net of what was taken back (one that came to
    nothing is left out) and shows a recovery at the item that it reinstates. Receipts that share an item in the ledger
    cannot be told apart and have no links.
    """
    rows = _placing(book, receipts, scope=scope)
    if not len(rows):
        return CONFIRMED.empty()
    net = rows.groupby(["receipt_id", "item_id", "target_currency"], as_index=False)["target_amount"].sum()
    net = net[net["target_amount"].ne(0)].rename(
        columns={"target_currency": "currency", "target_amount": "applied_amount"}
    )
    made = CONFIRMED.typed(net.assign(entity=scope.entity))
    return made.sort_values(list(CONFIRMED.key), kind="stable", ignore_index=True)


def applied_whole(book: Book, receipts: pd.DataFrame, items: pd.DataFrame, *, scope: Scope) -> pd.Series[str]:
    """Ids of the receipts of which all money stands on items that are in `items` (MATCH_ITEMS)."""
    rows = _placing(book, receipts, scope=scope)
    if not len(rows):
        return receipts["receipt_id"].iloc[:0]
    taken = rows.groupby("receipt_id")["source_amount"].sum().reindex(receipts["receipt_id"]).fillna(0)
    lost = rows.loc[~is_among(rows["item_id"], items["item_id"]), "receipt_id"]
    is_whole = ints(taken) == ints(receipts["amount"])
    is_lost = is_among(receipts["receipt_id"], lost)
    whole: pd.Series[str] = receipts.loc[is_whole & ~is_lost, "receipt_id"]
    return whole


def undone(book: Book, receipts: pd.DataFrame, *, scope: Scope) -> Undone:
    """What to take back so that the items are as if none of `receipts` had been applied.

    Their applications on items, and each chargeback, allowance, write-off or adjustment that came to such an item on the
    day of its first payment or later. A document of that day or later that did so is not offered, nor is a chargeback or
    a reinstated debt that carries the item on.
    """
    applications, items = book["applications"], book["items"]
    none = np.zeros(len(applications), dtype=bool)
    if not len(applications) or not len(receipts):
        return Undone(none, frozenset())
    kinds = items.set_index("item_id")["item_type"]
    kinds = kinds[~kinds.index.duplicated()]
    source, target = (applications[f"{side}_item_id"].map(kinds) for side in ("source", "target"))
    placing = source.eq(ItemType.RECEIPT.value) & ~target.isin(NO_TARGET)
    placing &= is_among(applications["source_item_id"], receipts["item_id"].dropna())
    if not placing.any():
        return Undone(none, frozenset())
    dates = fact_dates(applications, scope.basis)
    first = dates[placing].groupby(applications.loc[placing, "target_item_id"]).min()
    begun = applications["target_item_id"].map(first).astype(DAY)
    follows = applications["kind"].isin(FOLLOWS) & ~source.isin(NO_TARGET) & (dates >= begun)
    after = items[fact_dates(items, scope.basis) >= items["replaces"].map(first).astype(DAY)]
    carries = after["item_type"].isin([ItemType.CHARGEBACK.value])
    corrected = applications.loc[follows, "target_item_id"]
    gone = {*after.loc[carries & is_among(after["replaces"], corrected), "item_id"]}
    gone |= _made_by(items, applications, follows, first, scope)
    reinstated = items["item_type"].eq(ItemType.RECOVERY.value) & is_among(items["item_id"], first.index)
    gone |= {*items.loc[reinstated, "item_id"]}
    return Undone((placing | follows).to_numpy(dtype=bool), frozenset(map(str, gone)))


def _made_by(
    items: pd.DataFrame, applications: pd.DataFrame, follows: pd.Series, first: pd.Series, scope: Scope
) -> set[str]:
    """Credits that correct a payment and were made on its day or later."""
    made = fact_dates(items, scope.basis).set_axis(items["item_id"])
    made = made[~made.index.duplicated()]
    rows = applications[follows]
    late = rows["source_item_id"].map(made).astype(DAY) >= rows["target_item_id"].map(first).astype(DAY)
    return {*rows.loc[late, "source_item_id"]}


def _placing(book: Book, receipts: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Stated applications of the receipts on items that count, with `receipt_id` and `item_id`."""
    applications, items = book["applications"], book["items"]
    own = receipts[receipts["item_id"].notna() & ~receipts["item_id"].duplicated(keep=False)]
    receipt_of = own.set_index("item_id")["receipt_id"]
    by_id = items.drop_duplicates("item_id").set_index("item_id")
    source, target = (
        applications[f"{side}_item_id"].map(by_id["item_type"]) for side in ("source", "target")
    )
    placed = source.eq(ItemType.RECEIPT.value) & ~target.isin(NO_TARGET)
    here = counted(applications, scope=scope) & applications["pairing"].eq(Pairing.STATED.value).to_numpy(
        dtype=bool
    )
    here &= is_among(applications["source_item_id"], receipt_of.index) & placed.to_numpy(dtype=bool)
    rows = applications[here].reset_index(drop=True)
    recovered = by_id.loc[by_id["item_type"].eq(ItemType.RECOVERY.value), "replaces"].dropna()
    ids = rows["target_item_id"]
    return rows.assign(
        receipt_id=rows["source_item_id"].map(receipt_of),
        item_id=ids.map(recovered).astype("str").fillna(ids),
    )
