"""Series that draw from one counter: none is a sequence by itself, together they are. Floor 1."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd

_FEWEST = 10  # numbers in use from which a shared counter is no chance


def shared_counters(rows: pd.DataFrame, dense: np.ndarray, *, coverage: Fraction) -> pd.Series:
    """For each document the counter that its range shares with ranges of other series, -1 for none.

    `rows` need `series`, `number` and `range` (ranges of one series each), `dense` flags documents whose range is a sequence
    by itself; those are left alone. Of the others, ranges whose first and last numbers overlap are one counter where at
    least two series are in it, no number stands in two of them, ten numbers or more are in use, and at least
    `coverage` of the numbers from first to last: two series that each begin at 1 are therefore never one counter.
    """
    made = pd.Series(-1, index=rows.index, dtype="int64")
    rest = rows[~dense]
    if rest.empty:
        return made
    ends = rest.groupby("range")["number"].agg(["min", "max"]).sort_values(["min", "max"], kind="stable")
    reach = ends["max"].cummax().shift()
    pool = (ends["min"] > reach).fillna(True).cumsum() - 1
    places = rest["range"].map(pool)
    by = rest.assign(pool=places)
    each = by.drop_duplicates(["pool", "series", "number"]).groupby("pool")
    found = pd.DataFrame({
        "series": each["series"].nunique(), "entries": each.size(), "numbers": each["number"].nunique(),
        "low": each["number"].min(), "high": each["number"].max(),
    })  # fmt: skip
    span = found["high"] - found["low"] + 1
    used = found["numbers"] * coverage.denominator >= span * coverage.numerator
    good = used & found["series"].ge(2) & found["entries"].eq(found["numbers"]) & found["numbers"].ge(_FEWEST)
    kept = places.where(places.map(good).astype("bool"), -1).astype("int64")
    made.loc[rest.index] = kept
    return made
