"""Share accounts among collectors under a hard cap, balanced, moving as few as possible. Floor 1.

The method is the longest-processing-time rule of scheduling (Graham 1969: largest first, each to the least loaded), on
three loads at once, then local search over the accounts that may move. Who has a collector keeps it unless the cap forces
a move. Where largest-first leaves an account without room, a depth-first search looks for a packing that has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

PASSES = 3  # of local search; the third rarely finds anything
MOST_STEPS = 200_000  # of the search for a packing; a few accounts need few, many are packed by largest first
NOBODY = -1


def assign(
    accounts: pd.DataFrame,
    collectors: Sequence[str],
    *,
    most_items: int,
    keeps_region: bool = True,
    region_slack: Fraction = Fraction(1, 10),
) -> pd.Series:
    """The collector of each account, '' where no room was found: text, with the index of `accounts`.

    `accounts` has customer_id (each once), items, amount (in one currency, missing counts as none), region and collector
    (whose it is now; a name that is not among `collectors` counts as none). No collector gets more than `most_items`
    items. An account whose collector has no more than that stays where it is. Of a collector who has more, the fewest
    accounts leave. What has to be placed goes where count, items and amount are least; with `keeps_region` to a collector
    who has its region, until that one is fuller by `region_slack` of the mean. The order of rows does not matter.
    """
    names = sorted(set(collectors))
    ordered = accounts.assign(
        items=accounts["items"].fillna(0).astype("int64"), amount=accounts["amount"].fillna(0).astype("int64")
    ).sort_values(["items", "amount", "customer_id"], ascending=[False, False, True], kind="stable")
    items = ordered["items"].to_numpy(dtype=np.int64)
    before = np.asarray(
        pd.Index(names).get_indexer(pd.Index(ordered["collector"].fillna(""))), dtype=np.int64
    )
    regions = pd.factorize(ordered["region"].fillna(""), sort=True)[0].astype(np.int64)
    place = np.where(items > most_items, NOBODY, before)
    for one in range(len(names)):
        mine = np.flatnonzero(place == one)
        excess = int(items[mine].sum()) - most_items
        if excess > 0:
            place[mine[_fewest(items[mine], excess)]] = NOBODY
    movable = np.flatnonzero((place == NOBODY) & (items <= most_items))
    if names and len(movable):
        board = _Board(ordered, items, regions, len(names), most_items, float(region_slack) * keeps_region)
        place = board.balanced(place, movable)
        if (place[movable] == NOBODY).any():
            packed = _packed(items, before, len(names), most_items)
            place = place if packed is None else packed
    labels = np.array([*names, ""], dtype=object)[place]
    return pd.Series(labels, index=ordered.index, dtype="str").reindex(accounts.index)


def _fewest(sizes: Ints, excess: int) -> Ints:
    """Places of the fewest sizes (given largest first) that add up to the excess, the last of them as small as will do."""
    count = int(np.searchsorted(np.cumsum(sizes), excess, side="left"))  # of the largest, before the last one
    rest = excess - int(sizes[:count].sum())
    last = count + int(np.flatnonzero(sizes[count:] >= rest)[-1])
    return np.array([*range(count), last], dtype=np.int64)


class _Board:
    """Loads of the collectors while accounts are placed: accounts, items and amount, each as a share of the mean."""

    def __init__(
        self, rows: pd.DataFrame, items: Ints, regions: Ints, collectors: int, most: int, slack: float
    ) -> None:
        amounts = np.clip(rows["amount"].to_numpy(dtype=np.float64), 0, None)
        raw = np.stack([np.ones(len(rows)), items.astype(np.float64), amounts], axis=1)
        means = raw.sum(axis=0) / collectors
        self.weights: Floats = raw / np.where(means > 0, means, 1.0)
        self.items, self.regions, self.most, self.slack = items, regions, most, slack
        self.loads: Floats = np.zeros((collectors, 3))
        self.room: Ints = np.full(collectors, most, dtype=np.int64)
        self.has: Ints = np.zeros((int(regions.max()) + 1, collectors), dtype=np.int64)

    def balanced(self, place: Ints, movable: Ints) -> Ints:
        """Where each account is after the movable ones are placed, largest first, and moved while that helps."""
        place = place.copy()
        for row in np.flatnonzero(place != NOBODY):
            self._put(int(row), int(place[row]), 1)
        for row in movable:
            place[row] = self._best(int(row))
            self._put(int(row), int(place[row]), 1)
        for _ in range(PASSES):
            moved = 0
            for row in movable[place[movable] != NOBODY]:
                old = int(place[row])
                self._put(int(row), old, -1)
                new = self._best(int(row), kept=old)
                self._put(int(row), new, 1)
                place[row] = new
                moved += new != old
            if not moved:
                break
        return place

    def _put(self, row: int, one: int, sign: int) -> None:
        if one == NOBODY:
            return
        self.loads[one] += sign * self.weights[row]
        self.room[one] -= sign * self.items[row]
        self.has[self.regions[row], one] += sign

    def _best(self, row: int, kept: int = NOBODY) -> int:
        """The collector with room where the squares of the loads grow least; the present one where none is better."""
        weight = self.weights[row]
        cost = self.loads @ weight + self.slack * weight.sum() * (self.has[self.regions[row]] == 0)
        cost[self.room < self.items[row]] = np.inf
        best = int(np.argmin(cost))
        if not np.isfinite(cost[best]):
            return NOBODY
        return kept if kept != NOBODY and cost[kept] <= cost[best] + 1e-12 else best


def _packed(items: Ints, before: Ints, collectors: int, most: int) -> Ints | None:
    """A place for every account that fits by itself, largest first, its own collector tried first; None where none is found.

    A search: complete within MOST_STEPS steps, so that a few large accounts are always packed where they can be.
    """
    rows = np.flatnonzero((items > 0) & (items <= most))
    left = items[rows]
    if int(left.sum()) > collectors * most:
        return None
    room = [most] * collectors
    chosen: list[Any] = []
    tries = [_tries(room, int(left[0]), int(before[rows[0]]))] if len(rows) else []
    for _ in range(MOST_STEPS):
        if len(chosen) == len(rows):
            break
        if not tries[-1]:
            tries.pop()
            if not chosen:
                return None
            room[chosen.pop()] += int(left[len(tries) - 1])
            continue
        one = tries[-1].pop()
        room[one] -= int(left[len(chosen)])
        chosen.append(one)
        if len(chosen) < len(rows):
            tries.append(_tries(room, int(left[len(chosen)]), int(before[rows[len(chosen)]])))
    if len(chosen) < len(rows):
        return None
    place = np.where(items > most, NOBODY, np.where(before == NOBODY, 0, before))
    place[rows] = chosen
    return place


def _tries(room: Sequence[int], size: int, own: int) -> list[int]:
    """Collectors with room for the size, the last to be tried first: the own one, then the emptiest; equal ones once."""
    made: dict[int, int] = {}
    for one, free in enumerate(room):
        if free >= size and one != own:
            made.setdefault(free, one)
    ordered = [made[free] for free in sorted(made)]
    return [*ordered, own] if own != NOBODY and room[own] >= size else ordered
