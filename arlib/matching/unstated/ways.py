"""Sets of open items that come to a receipt's amount, the likeliest first. Floor 1.

Dynamic programming over a frontier of partial sums, one due date after the other. Each partial sum carries what it costs in
likelihood (minus the log of its probability, least 0); sums that can no longer reach the total and costs above a bound are
dropped, and the bound rises until a set is found and no other can be nearly as likely. Amounts are integers throughout.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 8  # items of one due date that are weighed together
SMALL_POOL = 14  # up to so many items, every set is looked at
BOUNDS = (8.0, 16.0, 30.0)  # in nats; larger pools are searched to the first bound that decides
CLEAR = 6.0  # nats above the best way that must have been searched for the search to count as complete
UNLIKELY = (
    1e-5  # items of a larger pool below this chance are left out, which the completeness of the search knows
)
TOO_MANY = 7.0  # log of the number of sets expected to fit by chance, above which no search can tell


@dataclass(frozen=True, slots=True)
class Way:
    """A set of items that comes to the total. `cost` is minus its log likelihood, above the likeliest set of any sum."""

    cost: float
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """What a search found, likeliest first.

    `is_complete` says that no set within CLEAR nats of the best was left out; where nothing was found, that nothing exists.
    `looked_at` are the rows that the search weighed.
    """

    found: tuple[Way, ...]
    is_complete: bool
    looked_at: NDArray[np.int64]

    @property
    def margin(self) -> float:
        """Log odds of the best way against all others found; 27 where it is alone, -1 where there is none."""
        if not self.found:
            return -1.0
        best = self.found[0].cost
        others = sum(math.exp(best - way.cost) for way in self.found[1:])
        return min(27.0, -math.log(others)) if others > 0 else 27.0


NOTHING = Ways((), True, np.zeros(0, np.int64))


def ways_of(
    total: int,
    *,
    rows: NDArray[np.int64],
    amounts: NDArray[np.int64],
    due_days: NDArray[np.int64],
    chance: NDArray[np.float64],
    whole_share: float,
    states: int,
    window: int = 60,
    most: int = 40,
) -> Ways:
    """Sets of `rows` whose amounts come to exactly `total`.

    `rows` ascend by due date; amounts, due days and chances are theirs. At most `window` rows, the likeliest, are weighed and at
    most `states` partial sums held; a search cut short by either is not complete. At most `most` ways are given.
    """
    if not len(rows):
        return NOTHING
    chance = np.minimum(np.maximum(chance, 1e-7), 1 - 1e-4)
    left_out = math.inf
    if len(rows) > SMALL_POOL:
        likely = chance >= UNLIKELY
        if not likely.all():
            left_out = -math.log(UNLIKELY)
            rows, amounts, due_days, chance = rows[likely], amounts[likely], due_days[likely], chance[likely]
        if _fitting_by_chance(amounts, due_days, chance, whole_share) > TOO_MANY:
            return Ways((), False, rows)
        if len(rows) > window:
            order = np.argsort(-chance, kind="stable")
            left_out = -math.log(chance[order[window]])
            kept = np.sort(order[:window])
            rows, amounts, due_days, chance = rows[kept], amounts[kept], due_days[kept], chance[kept]
    blocks = _blocks(amounts, due_days, chance, whole_share)
    is_small = len(rows) <= SMALL_POOL
    found, is_complete = _search(blocks, total, (math.inf,) if is_small else BOUNDS, states, most)
    ways = tuple(Way(cost, _members(rows, blocks, picks)) for cost, picks in found)
    if left_out < (ways[0].cost + CLEAR if ways else math.inf):
        is_complete = False
    return Ways(ways, is_complete, rows)


@dataclass(frozen=True, slots=True)
class _Block:
    """Items of one due date: every subset with its sum and cost, cheapest first."""

    start: int
    subsets: NDArray[np.bool_]
    sums: NDArray[np.int64]
    costs: NDArray[np.float64]


_LEFT, _TAKEN = (
    np.array([[False], [True]]),
    np.array([[True], [False]]),
)  # of one item: which choice goes first


@cache
def _subsets(size: int) -> NDArray[np.bool_]:
    numbers = np.arange(1 << size)
    return np.asarray((numbers[:, None] >> np.arange(size)) & 1, np.bool_)


def _blocks(
    amounts: NDArray[np.int64],
    due_days: NDArray[np.int64],
    chance: NDArray[np.float64],
    whole_share: float,
) -> list[_Block]:
    """A due date moves as a whole with probability `whole_share`, else each of its items by itself."""
    # a single item: left or taken, the cheaper first
    left, taken = -np.log(np.maximum(1 - chance, 1e-300)), -np.log(np.maximum(chance, 1e-300))
    is_likely = taken < left
    alone = np.array([np.minimum(left, taken), np.maximum(left, taken)]).T
    sums = np.array([amounts * is_likely, amounts * ~is_likely]).T
    likely = is_likely.tolist()
    edges = np.flatnonzero(np.r_[True, due_days[1:] != due_days[:-1], True]).tolist()
    blocks: list[_Block] = []
    for first, last in pairwise(edges):
        for start in range(first, last, BLOCK):
            end = min(start + BLOCK, last)
            if end - start == 1:
                blocks.append(_Block(start, _TAKEN if likely[start] else _LEFT, sums[start], alone[start]))
            else:
                blocks.append(_together(start, amounts[start:end], chance[start:end], whole_share))
    return blocks


def _together(start: int, amounts: NDArray[np.int64], p: NDArray[np.float64], whole_share: float) -> _Block:
    """The block of several items of one due date."""
    subsets = _subsets(len(p))
    likely = (1 - whole_share) * np.exp(subsets @ np.log(p) + ~subsets @ np.log1p(-p))
    mean = float(p.mean())
    likely[0] += whole_share * (1 - mean)
    likely[-1] += whole_share * mean
    costs = -np.log(np.maximum(likely, 1e-300))
    order = np.argsort(costs, kind="stable")
    return _Block(start, subsets[order], (subsets @ amounts)[order], costs[order])


def _fitting_by_chance(
    amounts: NDArray[np.int64],
    due_days: NDArray[np.int64],
    chance: NDArray[np.float64],
    whole_share: float,
) -> float:
    """Log of the number of likely sets that come to one given total by chance.

    exp(entropy) sets spread over sums as a normal distribution of the same variance does, whose own entropy is
    log(sqrt(2 pi e variance)). A due date is taken as a whole with probability `whole_share`, else item by item.
    """
    if not len(amounts):
        return -math.inf
    starts = np.flatnonzero(np.r_[True, due_days[1:] != due_days[:-1]])
    sizes = np.diff(np.r_[starts, len(due_days)])
    mean = np.add.reduceat(chance, starts) / sizes
    whole = np.where(sizes > 1, whole_share, 1.0)
    money = amounts.astype(np.float64)
    apart = np.add.reduceat(_uncertainty(chance), starts)
    spread_apart = np.add.reduceat(money**2 * chance * (1 - chance), starts)
    spread_whole = np.add.reduceat(money, starts) ** 2 * mean * (1 - mean)
    entropy = float((whole * _uncertainty(mean) + (1 - whole) * apart).sum())
    spread = float((whole * spread_whole + (1 - whole) * spread_apart).sum())
    return entropy - 0.5 * math.log(2 * math.pi * math.e * spread + 1)


def _uncertainty(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(-chance * np.log(chance) - (1 - chance) * np.log1p(-chance), np.float64)


def _search(
    blocks: list[_Block], total: int, bounds: tuple[float, ...], states: int, most: int
) -> tuple[list[tuple[float, list[int]]], bool]:
    is_complete = True
    for number, bound in enumerate(bounds):
        live, fixed = _within(blocks, bound)
        low, high = _reach(live)
        wanted = total - fixed
        is_complete = True
        if not low[0] <= wanted <= high[0]:
            continue
        sums, costs = np.zeros(1, np.int64), np.zeros(1)
        least = top = 0  # what the sums so far lie between
        trail: list[tuple[NDArray[np.int64] | None, int]] = []
        for at, block in enumerate(live):
            sums = (sums[:, None] + block.sums).ravel()
            costs = (costs[:, None] + block.costs).ravel()
            floor, ceiling = wanted - high[at + 1], wanted - low[at + 1]
            least, top = least + block.low, top + block.high
            kept = None
            if least < floor or top > ceiling or bound < math.inf:
                kept = ((sums >= floor) & (sums <= ceiling) & (costs <= bound)).nonzero()[0]
                sums, costs = sums[kept], costs[kept]
                least, top = max(least, floor), min(top, ceiling)
            if len(sums) > states:
                is_complete = False
                cheap = _cheapest(costs, states)
                kept = cheap if kept is None else kept[cheap]
                sums, costs = sums[cheap], costs[cheap]
            trail.append((kept, len(block.sums)))
            if not len(sums):
                break
        if not len(sums):
            if not is_complete:
                return [], False
            continue
        order = np.argsort(costs, kind="stable")[:most]
        best = float(costs[order[0]])
        if best + CLEAR > bound and is_complete and number + 1 < len(bounds):
            continue
        found = [(float(costs[at]), _trace(int(at), trail, live, len(blocks))) for at in order]
        return found, is_complete and best + CLEAR <= bound
    return [], is_complete


@dataclass(frozen=True, slots=True)
class _Live:
    """The choices of a block within a bound: their sums, what each costs above the cheapest, least and greatest sum."""

    number: int
    sums: NDArray[np.int64]
    costs: NDArray[np.float64]
    low: int
    high: int


def _within(blocks: list[_Block], bound: float) -> tuple[list[_Live], int]:
    """Blocks with a choice within the bound, widest sums first, and the sum of those without one."""
    live, fixed = [], 0
    for number, block in enumerate(blocks):
        costs = block.costs
        cheapest, width = float(costs[0]), len(costs)
        if costs[-1] > cheapest + bound:
            width = int(np.searchsorted(costs, cheapest + bound, "right"))
        if width == 1:
            fixed += int(block.sums[0])
            continue
        sums = block.sums[:width]
        values = sums.tolist()
        live.append(_Live(number, sums, costs[:width] - cheapest, min(values), max(values)))
    live.sort(key=lambda one: (one.low - one.high, one.number))
    return live, fixed


def _reach(live: list[_Live]) -> tuple[list[int], list[int]]:
    """Least and greatest sum that the blocks from each place on can add."""
    low, high = [0] * (len(live) + 1), [0] * (len(live) + 1)
    for at in range(len(live) - 1, -1, -1):
        low[at] = low[at + 1] + live[at].low
        high[at] = high[at + 1] + live[at].high
    return low, high


def _cheapest(costs: NDArray[np.float64], states: int) -> NDArray[np.int64]:
    """Places of the `states` cheapest, ties in order of place: the same on every machine."""
    edge = np.partition(costs, states - 1)[states - 1]
    below = np.flatnonzero(costs < edge)
    ties = np.flatnonzero(costs == edge)[: states - len(below)]
    return np.sort(np.concatenate([below, ties]))


def _trace(
    at: int,
    trail: list[tuple[NDArray[np.int64] | None, int]],
    live: list[_Live],
    blocks: int,
) -> list[int]:
    picks = [0] * blocks
    for step in range(len(live) - 1, -1, -1):
        kept, width = trail[step]
        at, pick = divmod(at if kept is None else int(kept[at]), width)
        picks[live[step].number] = pick
    return picks


def _members(rows: NDArray[np.int64], blocks: list[_Block], picks: list[int]) -> tuple[int, ...]:
    chosen: list[int] = []
    for block, pick in zip(blocks, picks, strict=True):
        subset = block.subsets[pick]
        if len(subset) > 1:
            chosen += rows[block.start : block.start + len(subset)][subset].tolist()
        elif subset[0]:
            chosen.append(int(rows[block.start]))
    return tuple(sorted(chosen))
