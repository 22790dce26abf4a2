"""Sums of money columns that are exact at any size. Floor 0.

Two sums of 32-bit halves cannot overflow int64 below two thousand million rows, and put together as Python
integers they are the exact total; so no check is needed that could be forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

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


def totals_by(frame: pd.DataFrame, by: str | Sequence[str], column: str | Sequence[str]) -> pd.DataFrame:
    """Exact sums of money columns per group, sorted by the group keys; missing keys are a group of their own.

    The sums are Int64, or Python integers (dtype object) in a column where one does not fit. A group whose
    amounts are all missing has 0. Floats raise TypeError. Totals across currencies are the caller's fault:
    put the currency in `by`.
    """
    import pandas as pd

    keys = [by] if isinstance(by, str) else list(by)
    columns = [column] if isinstance(column, str) else list(column)
    parts: dict[str, Any] = {}
    for name in columns:
        values = _integers(frame[name], missing=0)
        parts[f"{name}\0hi"], parts[f"{name}\0lo"] = values >> 32, values & 0xFFFFFFFF
    work = frame[keys].reset_index(drop=True).assign(**parts)
    summed = work.groupby(keys, dropna=False, sort=True, observed=True).sum().reset_index()
    result = summed[keys].copy()
    for name in columns:
        exact = [
            (int(h) << 32) + int(low)
            for h, low in zip(summed[f"{name}\0hi"], summed[f"{name}\0lo"], strict=True)
        ]
        fits = all(-_LIMIT <= value < _LIMIT for value in exact)
        result[name] = pd.Series(exact, dtype="Int64" if fits else "object", index=result.index)
    return result


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
