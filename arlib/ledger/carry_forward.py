"""Carry reconciling items forward: since when, and whose. Floor 1: causes of today and items of the last
close in.

A difference keeps the period end at which it was first reported for as long as its document differs, even
when its cause is named otherwise today. What no longer differs is listed as cleared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.ledger.frames_control import UNEXPLAINED
from arlib.policy import Scope
from arlib.tables import CANONICAL

KEY = ["control", "account", "document_no"]


@dataclass(frozen=True, kw_only=True)
class CarryForward:
    """Today's items with `first_reported_on`, `owner` and `age_days` filled, and the items that are gone."""

    items: pd.DataFrame
    cleared: pd.DataFrame  # RECONCILING_ITEMS of the last close that do not differ any more


def carry_forward(
    items: pd.DataFrame, prior: pd.DataFrame, *, scope: Scope, accounts: pd.DataFrame | None = None
) -> CarryForward:
    """Date, owner and age of each reconciling item; and what was cleared since the last close.

    An item is the same while control, account and document are. A new one is first reported at this
    period's end. The owner is the one who had it, else the owner of the control account. Age counts from
    the item's own date, from the day that it was first reported where it has none. Needs CAUSES or
    UNEXPLAINED_ITEMS, RECONCILING_ITEMS, CONTROL_ACCOUNTS; returns the same frame filled, in the same
    order.
    """
    mine = prior[(prior["entity"] == scope.entity).to_numpy(dtype=bool)]
    mine = mine.sort_values("first_reported_on", kind="stable").drop_duplicates(KEY)
    known = items[KEY].merge(mine[[*KEY, "first_reported_on", "owner"]], on=KEY, how="left")
    first = known["first_reported_on"].fillna(pd.Timestamp(scope.ends_on)).astype("datetime64[s]")
    owner = known["owner"].fillna("")
    if accounts is not None and len(accounts):
        of_account = accounts.drop_duplicates("account").set_index("account")["owner"].fillna("")
        owner = owner.where(owner.ne(""), items["account"].reset_index(drop=True).map(of_account).fillna(""))
    first.index = owner.index = items.index
    since = items["date"].fillna(first)
    age = (pd.Timestamp(scope.as_of) - since).dt.days.astype("Int64")
    filled = items.assign(first_reported_on=first, owner=owner.astype("str"), age_days=age)
    return CarryForward(items=filled, cleared=_gone(mine, items))


def _gone(prior: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    still = items[KEY].drop_duplicates().assign(still=True)
    flag = prior[KEY].merge(still, on=KEY, how="left")["still"].isna().to_numpy(dtype=bool)
    return prior[flag].reset_index(drop=True)


def reconciling_items(*frames: pd.DataFrame) -> pd.DataFrame:
    """Causes and unexplained items as RECONCILING_ITEMS, which the next close reads as its prior ones."""
    table = CANONICAL["reconciling_items"]
    parts = [
        table.typed(frame.assign(cause=frame["cause"] if "cause" in frame.columns else UNEXPLAINED))
        for frame in frames
        if len(frame)
    ]
    if not parts:
        return table.empty()
    rows = pd.concat(parts, ignore_index=True)
    keys = [name for name in table.names if name != "amount"]
    rows[keys] = rows[keys].where(rows[keys].notna(), np.nan)
    summed = rows.groupby(keys, dropna=False, as_index=False, sort=True).agg(amount=("amount", "sum"))
    return table.typed(summed)


def largest_owner(items: pd.DataFrame) -> str:
    """Who clears most of it, by absolute amount; '' where nobody is named."""
    sizes = items["amount"].abs().groupby(items["owner"]).sum()
    named = {str(owner): int(size) for owner, size in sizes.items() if owner}
    return min(named, key=lambda owner: (-named[owner], owner)) if named else ""
