"""Sums of money columns that are exact at any size. Floor 0.

Two sums of 32-bit halves cannot overflow int64 below two thousand million rows, and put together as Python
integers they are the exact total; so no check is needed that could be forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from arlib.money.keys import numbered

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_LIMIT = 2**63


def total(minor: pd.Series) -> int:
    """The exact sum of a money column, missing values left out; 0 for no rows. Floats raise TypeError."""
    values = _integers(minor)
    if values.dtype == object:
        return sum(int(value) for value in values)
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def totals_by(
    frame: pd.DataFrame,
    by: str | Sequence[str],
    column: str | Sequence[str],
    *,
    rows: np.ndarray | None = None,
) -> pd.DataFrame:
    """Exact sums of money columns per group, sorted by the group keys; missing keys are a group of their own.

    The sums are Int64, or Python integers (dtype object) in a column where one does not fit. A group whose
    amounts are all missing has 0. `rows` tells which rows count, all where it is not given. Floats raise TypeError.
    Totals across currencies are the caller's fault: put the currency in `by`.
    """
    import numpy as np
    import pandas as pd

    keys = [by] if isinstance(by, str) else list(by)
    columns = [column] if isinstance(column, str) else list(column)
    values = {name: _integers(frame[name], missing=0) for name in columns}
    # keys of dtype object that are all texts are texts
    named = pd.DataFrame({key: frame[key].infer_objects() for key in keys})
    groups = numbered([named[key] for key in keys])
    at, numbers = np.arange(len(frame), dtype=np.int32 if len(frame) < 2**31 else np.int64), groups.numbers
    if rows is not None and not rows.all():
        at, numbers = at[rows], numbers[rows]
        values = {name: found[rows] for name, found in values.items()}
    a_row: np.ndarray = np.full(groups.size, -1, dtype=at.dtype)
    a_row[numbers] = at
    there = np.flatnonzero(a_row >= 0)
    result = _keys(named, there, a_row[there], groups.sizes)
    for name in columns:
        sums = _sums(values[name], numbers, groups.size)[there]
        result[name] = pd.Series(sums, dtype="Int64" if sums.dtype == np.int64 else "object")
    return result


def _keys(named: pd.DataFrame, numbers: np.ndarray, rows: np.ndarray, sizes: tuple[int, ...]) -> pd.DataFrame:
    """The keys of each number, of which a row is known. Each value is fetched once where the number tells its digits."""
    import numpy as np
    import pandas as pd

    if not len(rows):
        # texts without any chunk, as a mask may leave them, cannot be merged
        return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in named.dtypes.items()})
    if not sizes:
        return named.take(rows).reset_index(drop=True)
    made: dict[object, pd.Series] = {}
    for name, size in zip(reversed(list(named)), reversed(sizes), strict=True):
        numbers, digit = np.divmod(numbers, size)
        a_row = np.full(size, -1, dtype=rows.dtype)
        a_row[digit] = rows
        there = np.flatnonzero(a_row >= 0)
        place = np.zeros(size, dtype=np.int64)
        place[there] = np.arange(len(there))
        made[name] = named[name].take(a_row[there]).take(place[digit]).reset_index(drop=True)
    return pd.DataFrame({name: made[name] for name in named})


def _sums(values: np.ndarray, numbers: np.ndarray, size: int) -> np.ndarray:
    """The sum of each number's values: int64, or Python integers where one does not fit."""
    import numpy as np

    if values.dtype == object:
        made = np.zeros(size, dtype=object)
        np.add.at(made, numbers, values)
        fits = all(-_LIMIT <= value < _LIMIT for value in made.tolist())
        return made.astype(np.int64) if fits else made
    largest = max(-int(values.min(initial=0)), int(values.max(initial=0)))
    if largest * len(values) < _LIMIT:
        whole = np.zeros(size, dtype=np.int64)
        np.add.at(whole, numbers, values)
        return whole
    high, low = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    np.add.at(high, numbers, values >> 32)
    np.add.at(low, numbers, values & 0xFFFFFFFF)
    high, low = high + (low >> 32), low & 0xFFFFFFFF
    if ((high >= -(2**31)) & (high < 2**31)).all():
        joined: np.ndarray = (high << 32) + low
        return joined
    exact: np.ndarray = (high.astype(object) << 32) + low.astype(object)
    return exact


def _integers(minor: pd.Series, *, missing: int | None = None) -> np.ndarray:
    """The values as int64, or as objects where they are Python integers; missing ones left out or filled."""
    import pandas as pd

    has = minor.notna()
    if pd.api.types.is_float_dtype(minor.dtype) and has.any():
        raise TypeError(f"{minor.name}: money must be integer minor units, found floats")
    if minor.dtype == object:
        for value in minor[has]:
            if not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(
                    f"{minor.name}: money must be integer minor units, found {type(value).__name__}"
                )
        kept = minor[has] if missing is None else minor.where(has, missing)
        return kept.to_numpy(dtype=object)
    kept = minor[has] if missing is None else minor.fillna(missing)
    return kept.to_numpy(dtype="int64")
