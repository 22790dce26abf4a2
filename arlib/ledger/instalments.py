"""Split what is open of an item over its due parts. Floor 1.

A payment fills the part that falls due first; what was paid beyond the item stands, negative, on its last
part.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.errors import Problem, TableError
from arlib.ledger.facts import Bools, Ints, ints
from arlib.money import Rounding, divide


def split_by_part(rows: pd.DataFrame, parts: pd.DataFrame, *, entity: str) -> pd.DataFrame:
    """Open items with one row for each open due part instead of one for each item.

    Needs, in `rows`, item_id (unique), amount, outstanding, functional_outstanding, revaluation; in `parts`,
    INSTALMENTS of the entity. Parts that are settled fall away; what is open, its carrying amount and its
    revaluation are shared out without losing a cent, so no total changes. Parts that do not sum to their
    item, or of the other sign, raise TableError.
    """
    mine = parts[parts["item_id"].isin(rows["item_id"])]
    if mine.empty:
        return rows
    mine = mine.sort_values(["item_id", "due_date", "instalment_no"], kind="stable").reset_index(drop=True)
    at = pd.Index(rows["item_id"]).get_indexer(pd.Index(mine["item_id"]))
    owner = rows.iloc[at].reset_index(drop=True)
    part, whole, open_ = ints(mine["amount"]), ints(owner["amount"]), ints(owner["outstanding"])
    _require_parts_sum(mine, part, whole, entity=entity)

    sign = np.where(whole < 0, -1, 1)
    is_last = np.append(at[1:] != at[:-1], True)
    before = _running_total(part, at) - part
    settled = np.clip((whole - open_) * sign - before * sign, 0, part * sign) * sign
    rest = part - settled
    ends = _running_total(rest, at)
    rest = rest + np.where(is_last, open_ - ends, 0)

    made = owner.copy()
    made["instalment_no"] = mine["instalment_no"]
    made["amount"] = pd.Series(part, dtype="Int64")
    made["outstanding"] = pd.Series(rest, dtype="Int64")
    for name in ("functional_outstanding", "revaluation"):
        made[name] = _shared(owner[name], rest, open_, at, is_last)
    is_plain = ~owner["is_reaged"].to_numpy(dtype=bool)
    made["due_date"] = mine["due_date"]
    made["original_due_date"] = made["original_due_date"].mask(is_plain, mine["due_date"])
    made["due_from"] = "instalment"
    own_due = owner["item_due_date"].fillna(mine.groupby("item_id")["due_date"].transform("max"))
    made["item_due_date"] = own_due
    functional = made["functional_outstanding"].fillna(0)
    is_open = (made["outstanding"] != 0) | (functional != 0) | (made["revaluation"] != 0)
    whole_rows = rows.drop(index=rows.index[np.unique(at)])
    result: pd.DataFrame = pd.concat([whole_rows, made[is_open]], ignore_index=True)
    return result


def _running_total(values: Ints, group: Ints) -> Ints:
    """Running total within each run of equal group numbers, the row itself included."""
    total = np.cumsum(values)
    starts = np.append(True, group[1:] != group[:-1])
    base = (total - values)[starts]
    made: Ints = total - np.repeat(base, np.diff(np.append(np.flatnonzero(starts), len(group))))
    return made


def _shared(amounts: pd.Series, rest: Ints, open_: Ints, at: Ints, is_last: Bools) -> pd.Series:
    """An item's amount shared over its parts as what is open is; the last part takes the rest."""
    known = amounts.notna().to_numpy(dtype=bool)
    total = ints(amounts)
    made = np.where(total == open_, rest, 0)
    left: dict[int, int] = {}
    for row in np.flatnonzero((total != open_) & (total != 0)).tolist():
        item, whole = int(at[row]), int(open_[row])
        left.setdefault(item, int(total[row]))
        share = divide(int(total[row]) * int(rest[row]), whole, Rounding.HALF_UP) if whole else 0
        made[row] = left[item] if is_last[row] else share
        left[item] -= share
    return pd.Series(made, dtype="Int64", index=amounts.index).where(known)


def _require_parts_sum(parts: pd.DataFrame, part: Ints, whole: Ints, *, entity: str) -> None:
    """Raise TableError with every item whose parts do not sum to it, or that has a part of the other sign."""
    sums = pd.Series(part).groupby(parts["item_id"].to_numpy()).transform("sum").to_numpy()
    is_wrong = (sums != whole) | (part * np.sign(whole) < 0)
    if is_wrong.any():
        wrong = parts.assign(sum=sums, whole=whole)[is_wrong].drop_duplicates("item_id")
        faults = (
            Problem(
                file="table instalments",
                table="instalments",
                row=int(row.Index) + 2,
                column="amount",
                code="parts_do_not_sum",
                found=f"{row.item_id}: {row.sum} minor units",
                wanted=f"parts of one sign that sum to {row.whole}",
            )
            for row in wrong.itertuples()
        )
        raise TableError("instalments: the parts of an item do not sum to it", faults, where=entity)
