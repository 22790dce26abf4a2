"""What of a past-due amount a call can bring in, and what it cannot: one split of every past-due item. Floor 1.

In this order, so that nothing is taken twice: left out as a whole, on a payment arrangement, in dispute, promised for a
day that has not come, covered by cash and then by credits of the customer that are not applied. The rest is collectable.
What is on record for an item is taken from that item, then from what carries it on (residual, chargeback, rebill); what
is for the account from its oldest items.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import pandas as pd

from arlib.collect.position import Position
from arlib.tables.choices import ItemType
from arlib.tables.rows import records, whole

PARTS = ("excluded", "planned", "disputed", "promised", "cash", "credits")
ACCOUNT = ["customer_id", "currency"]


def split_past_due(
    position: Position,
    *,
    outside: pd.DataFrame,
    disputes: pd.DataFrame,
    promises: pd.DataFrame,
    plans: pd.DataFrame,
    replaced: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The past-due items of the position, oldest first, with the columns of PARTS and `collectable`, in minor units.

    Needs OUTSIDE, DISPUTE_STANDINGS, JUDGED_PROMISES and PLAN_DEFAULTS; any may be empty. In each row the parts and
    `collectable` add up to `outstanding`. `replaced` is what `carriers` returns: a record of an item that was replaced is
    one of what carries it on. `excluded_by` is the reason of OUTSIDE, '' where nothing excludes.
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
        rows[name], left = _taken(rows, left, _on_carriers(pool, rows, left, replaced))
    return rows.assign(collectable=left)


def _open(records: pd.DataFrame, *, most: str = "amount") -> pd.DataFrame:
    """Records with what of them is still owed, not more than the column `most`."""
    amount = records[most].fillna(0)
    return records.assign(pool=records["open_now"].fillna(amount).clip(upper=amount).clip(lower=0))


def _credits(position: Position, bucket: str) -> pd.DataFrame:
    rows = position.credits
    mine = rows[rows["bucket"].eq(bucket) & rows["item_type"].ne(ItemType.PREPAYMENT.value)]
    return mine.assign(pool=(-mine["outstanding"]).clip(lower=0), item_id="")


def _on_carriers(
    pool: pd.DataFrame, rows: pd.DataFrame, left: pd.Series, replaced: pd.DataFrame | None
) -> pd.DataFrame:
    """The pool with records of replaced items put on what is left of the items that carry them on, the nearest first."""
    if replaced is None or replaced.empty or pool.empty:
        return pool
    moved = pool["item_id"].isin(replaced["old"]).to_numpy(dtype=bool)
    if not moved.any():
        return pool
    names = ["customer_id", "item_id", "currency", "pool"]
    chains: dict[str, list[str]] = defaultdict(list)
    near = replaced[replaced["old"].isin(pool["item_id"])].sort_values(["step", "item_id"], kind="stable")
    for old, item in zip(near["old"], near["item_id"], strict=True):
        chains[old].append(item)
    here = rows["item_id"].isin([*chains, *near["item_id"]]).to_numpy(dtype=bool)
    room = left[here].groupby([rows["item_id"][here], rows["currency"][here]]).sum().to_dict()
    for key, amount in pool[~moved].groupby(["item_id", "currency"])["pool"].sum().items():
        if key in room:
            room[key] = max(room[key] - amount, 0)
    made = []
    for record in records(pool[moved]):
        rest = whole(record["pool"])
        for item in (record["item_id"], *chains[record["item_id"]]):
            part = min(rest, int(room.get((item, record["currency"]), 0)))
            if part:
                room[item, record["currency"]] -= part
                rest -= part
                made.append((record["customer_id"], item, record["currency"], part))
    spread = pd.DataFrame(made, columns=names).astype({"pool": "Int64"})
    return pd.concat([pool.loc[~moved, names], spread], ignore_index=True)


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
