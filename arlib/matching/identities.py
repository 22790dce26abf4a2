"""What must add up in a matching run, of one day or of many. Floor 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from arlib.controls import Identity
from arlib.matching.leftovers import SETTLES
from arlib.money import totals_by

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def identities(
    receipts: pd.DataFrame,
    items: pd.DataFrame,
    left: NDArray[np.int64],
    *,
    matches: pd.DataFrame,
    unmatched: pd.DataFrame,
) -> tuple[Identity, ...]:
    """What must hold between a run's frames, recomputed from them: money per currency, then rows.

    `receipts` and `items` are MATCH_RECEIPTS and MATCH_ITEMS of the run, `left` what each item is open for after it.
    """
    made = []
    used = _sums(matches, "receipt_currency", "receipt_amount")
    unapplied = _sums(unmatched, "currency", "unapplied_amount")
    for currency, received in _sums(receipts, "currency", "amount").items():
        made.append(
            Identity(
                name="cash placed",
                left_label="applied + unapplied",
                left=used.pop(currency, 0) + unapplied.pop(currency, 0),
                right_label="receipts",
                right=received,
                currency=currency,
            )
        )
    by_kind = totals_by(matches, "currency", SETTLES)
    settled = dict(zip(by_kind["currency"], map(sum, by_kind[list(SETTLES)].to_numpy(object)), strict=True))
    amounts = totals_by(
        items[["currency", "open_amount"]].assign(left=left), "currency", ["open_amount", "left"]
    )
    columns = (amounts[name].tolist() for name in ("currency", "open_amount", "left"))
    for currency, before, after in zip(*columns, strict=True):
        made.append(
            Identity(
                name="open items",
                left_label="open before − settled",
                left=int(before) - int(settled.pop(currency, 0)),
                right_label="open after",
                right=int(after),
                currency=currency,
            )
        )
    opened = items["open_amount"].to_numpy(np.int64)
    beyond = (left < np.minimum(opened, 0)) | (left > np.maximum(opened, 0))
    placed = matches[["entity", "receipt_id"]].drop_duplicates()
    whole = placed.merge(unmatched[["entity", "receipt_id"]], on=["entity", "receipt_id"], how="outer")
    strays = sum(abs(int(one)) for one in (*used.values(), *unapplied.values(), *settled.values()))
    made += [
        Identity(name="items applied beyond what is open", left_label="items", left=int(beyond.sum()),
                 right_label="wanted", right=0),
        Identity(name="money in currencies that the run does not have", left_label="minor units", left=strays,
                 right_label="wanted", right=0),
        Identity(name="every receipt is matched or unmatched", left_label="receipts in matches or unmatched",
                 left=len(whole), right_label="receipts", right=len(receipts)),
    ]  # fmt: skip
    return tuple(made)


def _sums(frame: pd.DataFrame, by: str, column: str) -> dict[str, int]:
    summed = totals_by(frame, by, column)
    return {str(code): int(value) for code, value in zip(summed[by], summed[column], strict=True)}
