"""Items of a payer that sum to a receipt, the likest to its text first. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SETS = 1 << 15  # sets of items of which the sum is formed
OTHERS = 12  # items that no stretch names, of which the sets may hold some
UNNAMED = 6.0  # what it costs to take an item that the text does not name
INEXACT = 1.0  # what it costs that the sum is right but for a small part
CLEAR = 2.0  # how much dearer the next set must be
FITS = 2_000  # sets that are compared
AROUND = 20  # one part in so many of the amount: how far off a sum counts for how dense sums lie
ACCIDENT = 0.05  # sums as likely as the found one that are expected to be right by accident


@dataclass(frozen=True, slots=True)
class Sum:
    """Items that sum to an amount. `ways` is 2 where another set is about as likely, or one may be right by accident."""

    items: tuple[int, ...]
    is_exact: bool
    ways: int
    cost: float


@dataclass
class _Sets:
    """All sets so far: sum, what they cost, how many items, and which by the digits of a mixed radix number."""

    total: NDArray[np.int64]
    cost: NDArray[np.float64]
    size: NDArray[np.int64]
    code: NDArray[np.int64]
    choices: list[tuple[int, ...]]
    radix: int = 1

    def add(self, options: Sequence[tuple[int, float]], left: Sequence[int]) -> None:
        """Each set as it is, and with each of the options; without any the first is left out."""
        parts = [(self.total, self.cost, self.size, self.code)]
        for place, (item, cost) in enumerate(options, 1):
            parts.append(
                (
                    self.total + left[item],
                    self.cost + gain(cost),
                    self.size + 1,
                    self.code + place * self.radix,
                )
            )
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        self.total, self.cost, self.size, self.code = columns
        self.choices.append(tuple(item for item, _ in options))
        self.radix *= len(options) + 1

    def items(self, at: int) -> tuple[int, ...]:
        """The items of a set, ascending."""
        code, out = int(self.code[at]), []
        for options in self.choices:
            code, place = divmod(code, len(options) + 1)
            if place:
                out.append(options[place - 1])
        return tuple(sorted(out))


def gain(cost: float) -> float:
    """What it costs to take an item rather than leave it out: to leave out one nearer than an unnamed one is dear."""
    return cost - max(0.0, UNNAMED - cost)


def search(
    left: Sequence[int],
    amount: int,
    small: int,
    stretches: Sequence[Sequence[tuple[int, float]]],
    others: Sequence[int],
    *,
    most: int,
) -> Sum | None:
    """The set of items that sums to the amount or up to `small` more and that the text resembles most, if there is one.

    `stretches` are the text's: for each the items that it may name, nearest first, and what that costs; a set takes one of them
    or none. `others` are further items of the payer. Sets have up to `most` items and at least one that is named. SETS sums
    are formed, of the nearest items where there are more; amounts are minor units.
    """
    sets = _Sets(np.zeros(1, np.int64), np.zeros(1), np.zeros(1, np.int64), np.zeros(1, np.int64), [])
    used: set[int] = set()
    for options in sorted(stretches, key=lambda one: (one[0][1], one[0][0])):
        room = SETS // len(sets.total) - 1
        kept = [option for option in options if option[0] not in used][:room]
        if kept:
            sets.add(kept, left)
            used.update(item for item, _ in options)
    is_named = sets.size > 0
    for item in [item for item in others if item not in used][:OTHERS]:
        if 2 * len(sets.total) > SETS:
            break
        sets.add([(item, UNNAMED)], left)
        is_named = np.concatenate([is_named, is_named])
    over = sets.total - amount
    fair = is_named & (sets.size <= most)
    fits = np.flatnonzero(fair & (over >= 0) & (over <= small))[:FITS]
    if not len(fits):
        return None
    cost = sets.cost[fits] + INEXACT * (over[fits] != 0)
    order = np.argsort(cost, kind="stable")
    ranked = sorted(
        (float(cost[n]), sets.items(int(fits[n])), not over[fits[n]]) for n in order[:FEW_FITS].tolist()
    )
    best = ranked[0]
    wide = max(amount // AROUND, small)
    rivals = fair & (np.abs(over) <= wide) & (sets.cost <= best[0] + CLEAR)
    window = 1 if best[2] else small + 1
    by_accident = (int(rivals.sum()) - 1) * window / (2 * wide + 1)
    is_rivalled = len(ranked) > 1 and ranked[1][0] < best[0] + CLEAR
    return Sum(best[1], bool(best[2]), 2 if is_rivalled or by_accident > ACCIDENT else 1, best[0])


FEW_FITS = 50  # of the sets that fit, the cheapest that are told apart by their items
