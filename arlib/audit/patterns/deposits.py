"""Deposits: what was on the slip, what the bank holds, and whom it was posted to. Floor 1."""

from __future__ import annotations

from typing import Any

import pandas as pd

from arlib.audit.patterns.frames import LAPPING_DEPOSITS
from arlib.audit.patterns.parts import looked_up
from arlib.money import shown
from arlib.policy import Scope


def deposits(stood: pd.DataFrame, edges: pd.DataFrame, *, scope: Scope, is_banked: bool) -> pd.DataFrame:
    """LAPPING_DEPOSITS: those where money was moved to strangers, or where a part is not at the bank by the date.

    `stood` are the tested receipts with deposit_batch, amount and linked (what bank lines hold of each); `edges` what went
    to strangers. Without bank lines (`is_banked` false) only the movement between customers is looked at.
    """
    rows = stood[stood["deposit_batch"].fillna("").ne("")]
    moved = edges.groupby("item_id")["applied"].sum()
    end = pd.Timestamp(scope.as_of)
    at_bank = rows["linked"].where(rows["banked_on"].le(end), 0).fillna(0)
    rows = rows.assign(
        at_bank=at_bank.astype("Int64"), moved=looked_up(rows["item_id"], moved).fillna(0).astype("Int64")
    )
    by = rows.groupby(["deposit_batch", "currency"], sort=True)
    sums = by.agg(
        receipts=("item_id", "size"),
        amount=("amount", "sum"),
        banked=("at_bank", "sum"),
        moved=("moved", "sum"),
    )
    made: list[dict[str, Any]] = []
    for (batch, code), row in zip(sums.index, sums.to_dict("records"), strict=True):
        missing = int(row["amount"] - row["banked"]) if is_banked else 0
        if not missing and not row["moved"]:
            continue
        said = []
        if row["moved"]:
            said.append(f"{shown(int(row['moved']), code)} of the slip went to customers who are not on it")
        if missing:
            said.append(f"{shown(missing, code)} of it is not at the bank by the date")
        made.append({"entity": scope.entity, "deposit_batch": batch, "currency": code, "not_banked": missing,
                     "finding": "; ".join(said)} | {str(name): value for name, value in row.items()})  # fmt: skip
    return LAPPING_DEPOSITS.from_rows(made)
