"""Combinations of few items out of many: listed by size, bounded by what the items still allowed can add. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from arlib.matching.combine.question import Counts, Found


def few(
    amounts: Sequence[int],
    sizes: Sequence[int],
    low: int,
    high: int,
    *,
    items: int,
    most: int,
    work_limit: int,
) -> Found:
    """Up to `most` ways, and one more, to take 1 .. `items` items from groups of equal `amounts` with a sum in `low` .. `high`.

    Each level adds one item after the last; a combination stays only if the largest items that follow can still bring it into
    the window. Of equal items the first come first, so that a way is met once.
    """
    unit = np.repeat(np.array(amounts, np.int64), np.array(sizes, np.int64))
    group = np.repeat(np.arange(len(amounts)), np.array(sizes, np.int64))
    opens = np.concatenate((np.ones(min(1, len(unit)), np.bool_), group[1:] != group[:-1]))
    sums, paths = np.zeros(1, np.int64), np.full((1, 0), -1, np.int32)
    hits: list[NDArray[np.int32]] = []
    count, work = 0, 1
    for taken in range(1, min(items, len(unit)) + 1):
        if taken == items:
            last, tried = _closed(sums, paths, unit, low, high, work_limit - work)
        else:
            last, tried = _followers(paths, len(unit), work_limit - work)
        work += tried
        if work > work_limit:
            return Found((), complete=False, work=work)
        which, item = last
        keep = opens[item] | (item == _last(paths)[which] + 1)
        which, item = which[keep], item[keep]
        value = sums[which] + unit[item]
        above, below = _reach(unit, items - taken)
        keep = (value + above[item] >= low) & (value + below[item] <= high)
        sums, paths = value[keep], np.column_stack((paths[which[keep]], item[keep].astype(np.int32)))
        hit = paths[(sums >= low) & (sums <= high)]
        hits.append(hit)
        count += len(hit)
        if count > most:
            break
    ways = [_counts(path, group, len(amounts)) for level in hits for path in level[: most + 1]]
    return Found(tuple(ways[: most + 1]), complete=len(ways) <= most, work=work)


def _reach(unit: NDArray[np.int64], more: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Most and least that up to `more` items after each position can add (magnitudes fall, so the next of a sign are largest)."""
    above, below = np.zeros(len(unit), np.int64), np.zeros(len(unit), np.int64)
    for out, sign in ((above, 1), (below, -1)):
        where = np.flatnonzero(unit * sign > 0)
        running = np.concatenate(([0], np.cumsum(unit[where])))
        first = np.searchsorted(where, np.arange(len(unit)), "right")
        out[:] = running[np.minimum(first + more, len(where))] - running[first]
    return above, below


Steps = tuple[
    tuple[NDArray[np.int64], NDArray[np.int64]], int
]  # (combination, item that follows) and how many were tried


def _last(paths: NDArray[np.int32]) -> NDArray[np.int64]:
    return paths[:, -1].astype(np.int64) if paths.shape[1] else np.full(len(paths), -1, np.int64)


def _followers(paths: NDArray[np.int32], items: int, allowed: int) -> Steps:
    """Every item after the last of each combination; nothing where that is more than allowed."""
    last = _last(paths)
    return _ranges(last + 1, np.full(len(last), items, np.int64), allowed)


def _closed(
    sums: NDArray[np.int64],
    paths: NDArray[np.int32],
    unit: NDArray[np.int64],
    low: int,
    high: int,
    allowed: int,
) -> Steps:
    """Items after the last of each combination that bring it into the window."""
    order = np.argsort(unit, kind="stable")
    rising = unit[order]
    first, end = np.searchsorted(rising, low - sums), np.searchsorted(rising, high - sums, "right")
    (which, place), tried = _ranges(first, end, allowed)
    item = order[place]
    after = item > _last(paths)[which]
    return (which[after], item[after]), tried


def _ranges(first: NDArray[np.int64], end: NDArray[np.int64], allowed: int) -> Steps:
    each = np.maximum(end - first, 0)
    tried = int(each.sum())
    if tried > allowed:
        nothing = np.zeros(0, np.int64)
        return (nothing, nothing), tried
    which = np.repeat(np.arange(len(first)), each)
    return (which, np.arange(tried) - np.repeat(np.cumsum(each) - each, each) + first[which]), tried


def _counts(path: NDArray[np.int32], group: NDArray[np.int64], groups: int) -> Counts:
    return tuple(np.bincount(group[path], minlength=groups).tolist())
