"""All sums of a small pool at once. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from arlib.matching.combine.question import Counts

SMALL = 1 << 16  # sums that are listed rather than searched


def sums_in_all(limits: Sequence[int]) -> int:
    """How many choices of counts there are, 0 where more than SMALL."""
    size = 1
    for limit in limits:
        size *= limit + 1
        if size > SMALL:
            return 0
    return size


def listed(weights: Sequence[int], limits: Sequence[int], low: int, high: int, *, most: int) -> list[Counts]:
    """Up to `most` choices of counts whose sum lies in `low` .. `high`, in a fixed order."""
    size = 1
    for limit in limits:
        size *= limit + 1
    sums = np.empty(size, np.int64)
    sums[0], done = 0, 1
    for weight, limit in zip(weights, limits, strict=True):
        for taken in range(1, limit + 1):
            np.add(sums[:done], weight * taken, out=sums[done * taken : done * (taken + 1)])
        done *= limit + 1
    hits = np.flatnonzero((sums >= low) & (sums <= high) if low < high else sums == low)[:most]
    out = []
    for hit in hits.tolist():
        counts, rest = [], hit
        for limit in limits:
            rest, count = divmod(rest, limit + 1)
            counts.append(count)
        out.append(tuple(counts))
    return out
