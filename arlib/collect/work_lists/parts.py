"""What of a past-due amount a call can bring in, and what it cannot: one split of every past-due item. Floor 1.

In this order, so that nothing is taken twice: left out as a whole, on a payment arrangement, in dispute, promised for a
day that has not come, covered by cash and then by credits of the customer that are not applied. The rest is collectable.
What is on record for an item is taken from that item; what is for the account from its oldest items.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from arlib.collect.position import Position
from arlib.tables.choices import ItemType

PARTS = ("excluded", "planned", "disputed", "promised", "cash", "credits")
ACCOUNT = ["customer_id", "currency"]


def split_past_due(
    position: Position,
    *,
    outside: pd.DataFrame,
    disputes: pd.DataFrame,
    promises: pd.DataFrame,
    plans: pd.DataFrame,
) -> pd.DataFrame:
    """The past-due items of the position, oldest first, with the columns of PARTS and `collectable`, in minor units.

    Needs OUTSIDE, DISPUTE_STANDINGS, JUDGED_PROMISES and PLAN_DEFAULTS; any may be empty. In each row the parts and
    `collectable` add up to `outstanding`. `excluded_by` is the reason of OUTSIDE, '' where nothing excludes.
    A promise in its days of grace still counts as promised. An arrangement in default covers nothing; one that is behind
    covers what is not behind. Prepayments cover nothing: they belong to what is not delivered yet.
    """
    rows = position.past_due.sort_values(
        ["customer_id", "currency", "aged_from", "due_date", "item_id", "instalment_no"], kind="stable"
    ).reset_index(drop=True)
    rows["customer_id"] = rows["customer_id"].fillna("")
    left = rows["outstanding"].fillna(0).astype("Int64").clip(lower=0)
    reasons = outside.drop_duplicates("item_id").set_index("item_id")["reason"]
    rows["excluded_by"] = reasons.reindex(rows["item_id"]).fillna("").to_numpy()
    rows["excluded_by"] = rows["excluded_by"].astype("str").mask(rows["customer_id"].eq(""), "no_customer")
    rows["excluded"] = rows["outstanding"].where(rows["excluded_by"].ne(""), 0).astype("Int64")
    left = left.where(rows["excluded_by"].eq(""), 0)
    kept = plans[
        plans["is_running"].fillna(False).astype(bool) & ~plans["is_default"].fillna(False).astype(bool)
    ]
    pools = {
        "planned": kept.assign(pool=(kept["amount"] - kept["paid"] - kept["behind"]).clip(lower=0)),
        "disputed": _open(disputes[disputes["is_open"].fillna(False).astype(bool)]),
        "promised": _open(promises[promises["state"].eq("open")], most="left"),
        "cash": _credits(position, "unapplied"),
        "credits": _credits(position, "credit"),
    }  # fmt: skip
    for name, pool in pools.items():
        rows[name], left = _taken(rows, left, pool)
    return rows.assign(collectable=left)


def _open(records: pd.DataFrame, *, most: str = "amount") -> pd.DataFrame:
    """Records with what of them is still owed, not more than the column `most`."""
    amount = records[most].fillna(0)
    return records.assign(pool=records["open_now"].fillna(amount).clip(upper=amount).clip(lower=0))


def _credits(position: Position, bucket: str) -> pd.DataFrame:
    rows = position.credits
    mine = rows[rows["bucket"].eq(bucket) & rows["item_type"].ne(ItemType.PREPAYMENT.value)]
    return mine.assign(pool=(-mine["outstanding"]).clip(lower=0), item_id="")


def _taken(rows: pd.DataFrame, left: pd.Series, pool: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """What a pool takes from each row, and what is left: records of an item first, then those of the account."""
    taken = pd.Series(0, index=rows.index, dtype="Int64")
    items = pool["item_id"].fillna("")
    for part, keys in ((pool[items.ne("")], ["item_id", "currency"]), (pool[items.eq("")], ACCOUNT)):
        if len(part):
            more = _poured(rows, left, part, keys)
            taken, left = taken + more, left - more
    return taken, left


def _poured(rows: pd.DataFrame, left: pd.Series, pool: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """How much of each row its pool covers, filling rows in their order."""
    sums = (
        pool.assign(customer_id=pool["customer_id"].fillna("")).groupby(list(keys), sort=True)["pool"].sum()
    )
    wanted = pd.MultiIndex.from_frame(rows[list(keys)])
    full = sums.reindex(wanted).fillna(0).astype("Int64").set_axis(rows.index)
    before = left.groupby([rows[key] for key in keys], sort=False).cumsum() - left
    return (full - before).clip(lower=0).where(lambda part: part < left, left).astype("Int64")
