"""Receipts that pay everything due, or everything dated, over a stretch of days. Floor 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST = 3  # items below which a run is no structure
BY_CHANCE = 1e-3  # runs expected to come to a given total by chance, above which a run says nothing


def run_of(
    total: int, *, rows: NDArray[np.int64], amounts: NDArray[np.int64], days: NDArray[np.int64]
) -> tuple[int, ...]:
    """The only stretch of consecutive days whose items, all of them, come to exactly `total`; else nothing.

    `days` are due dates or document dates of `rows`, in any order. Nothing is said where two stretches fit, where fewer than
    FEWEST items do, or where so many stretches exist that one fits by chance.
    """
    order = np.argsort(days, kind="stable")
    starts = np.flatnonzero(np.r_[True, days[order][1:] != days[order][:-1]]) if len(rows) else order
    if len(rows) < FEWEST or not len(starts):
        return ()
    sums = np.r_[0, np.cumsum(amounts[order])][np.r_[starts, len(rows)]]
    spread = int(sums.max() - sums.min())
    if spread <= 0 or len(sums) * (len(sums) - 1) / 2 / spread > BY_CHANCE:
        return ()
    by_sum = np.argsort(sums, kind="stable")
    at = np.searchsorted(sums[by_sum], sums + total)
    found: list[tuple[int, int]] = []
    edges = np.r_[starts, len(rows)]
    for first, place in enumerate(at.tolist()):
        while place < len(sums) and sums[by_sum[place]] == sums[first] + total:
            if int(by_sum[place]) > first:
                found.append((first, int(by_sum[place])))
            place += 1
        if len(found) > 1:
            return ()
    if len(found) != 1:
        return ()
    first, last = found[0]
    picked = rows[order[edges[first] : edges[last]]]
    return tuple(sorted(picked.tolist())) if len(picked) >= FEWEST else ()
