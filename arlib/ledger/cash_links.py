"""Links between bank lines and receipts, where no system has kept them. Floor 1.

A bank line is its deposit's, or the receipt's of its very amount, on the same account and near the day; of receipts that
are equal in all of this the first by number, which changes no sum. What fits nothing stays unlinked, and so shows in the
proof of cash on both sides.
"""

from __future__ import annotations

import pandas as pd

NEAR_DAYS = 5  # a bank books within a working week of the ledger
KEY = ["bank_account", "currency", "amount"]


def worked_out(bank: pd.DataFrame, receipts: pd.DataFrame, deposits: pd.DataFrame) -> pd.DataFrame:
    """RECEIPT_BANK_LINES without `entity`: receipt_id, bank_account, bank_line_id, currency, amount.

    `bank` has bank_account, currency, bank_line_id, date, amount; `receipts` the same with receipt_id; `deposits` gives
    deposit_batch by receipt_id. Deposits go first: the receipts of one batch, account and currency that sum to one line.
    Then one to one, the nearest day first, ties by date and id. Nothing is linked twice.
    """
    batches = receipts.merge(deposits, on="receipt_id")
    batches = batches[batches["deposit_batch"].fillna("").ne("").to_numpy(dtype=bool)]
    batch = ["deposit_batch", "bank_account", "currency"]
    sums = batches.groupby(batch, as_index=False).agg(
        amount=("amount", "sum"), date=("date", "min"), n=("amount", "size")
    )
    sums = sums[sums["n"].gt(1).to_numpy(dtype=bool)]
    by_batch = _nearest(bank, sums, "deposit_batch")
    whole = by_batch.drop(columns="amount").merge(batches, on=[*batch])
    rest = bank[
        ~_keys(bank, ["bank_account", "bank_line_id"]).isin(_keys(whole, ["bank_account", "bank_line_id"]))
    ]
    single = _nearest(rest, receipts[~receipts["receipt_id"].isin(whole["receipt_id"])], "receipt_id")
    columns = ["receipt_id", "bank_account", "bank_line_id", "currency", "amount"]
    return pd.concat([whole[columns], single[columns]], ignore_index=True)


def _keys(frame: pd.DataFrame, names: list[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[names])


def _nearest(bank: pd.DataFrame, others: pd.DataFrame, name: str) -> pd.DataFrame:
    """Pairs of one bank line and one other of the same account, currency and amount, nearest days first."""
    pairs = bank[[*KEY, "bank_line_id", "date"]].merge(
        others[[*KEY, name, "date"]], on=KEY, suffixes=("", "_other")
    )
    pairs["apart"] = (pairs["date"] - pairs["date_other"]).abs().dt.days
    pairs = pairs[pairs["apart"].le(NEAR_DAYS).to_numpy(dtype=bool)]
    pairs = pairs.sort_values(["apart", "date", "date_other", "bank_line_id", name], kind="stable")
    taken: set[object] = set()
    kept = []
    for at, account, line, other in zip(
        pairs.index, pairs["bank_account"], pairs["bank_line_id"], pairs[name], strict=True
    ):
        pair = {("bank", account, line), (name, account, other)}
        if not pair & taken:
            taken |= pair
            kept.append(at)
    return pairs.loc[kept]
