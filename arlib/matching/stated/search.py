"""Items of a payer that sum to a receipt, the likest to its text first. Floor 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SEARCHED = 15  # items of which all sums are formed
UNNAMED = 6.0  # what it costs to take an item that the text does not name
UNUSED = (
    1.0  # what it costs, by edit that it is nearer than UNNAMED, to leave out an item that the text names
)
INEXACT = 1.0  # what it costs that the sum is right but for a small part
CLEAR = 2.0  # how much dearer the next set must be


def search(
    left: Sequence[int],
    amount: int,
    small: int,
    costs: Mapping[int, float],
    others: Sequence[int],
    *,
    most: int,
) -> tuple[tuple[int, ...], bool, int] | None:
    """Items that sum to the amount or up to `small` more, whether exactly, and in how many ways about as likely (1 or 2).

    `costs` are the items that the text may name and what that costs, `others` further items of the payer. All subsets of the
    SEARCHED likeliest with up to `most` members are formed; amounts are minor units.
    """
    ranked = sorted(costs, key=lambda item: (costs[item], item))
    ranked += [item for item in others if item not in costs]
    if len(ranked) > SEARCHED:
        ranked = ranked[:SEARCHED] if len(costs) <= SEARCHED else ranked[: len(costs)][:SEARCHED]
    sums = np.zeros(1, np.int64)
    for item in ranked:
        sums = np.concatenate([sums, sums + left[item]])
    over = sums - amount
    fits = np.flatnonzero((over >= 0) & (over <= small))
    ways = []
    for code in fits[:FITS].tolist():
        chosen = [item for bit, item in enumerate(ranked) if code >> bit & 1]
        if 0 < len(chosen) <= most and any(item in costs for item in chosen):
            penalty = sum(
                costs.get(item, UNNAMED) - max(0.0, UNNAMED - costs.get(item, UNNAMED)) * UNUSED
                for item in chosen
            )
            ways.append((penalty + INEXACT * bool(over[code]), tuple(sorted(chosen)), not over[code]))
    if not ways:
        return None
    ways.sort(key=lambda way: way[0])
    many = 2 if len(ways) > 1 and ways[1][0] < ways[0][0] + CLEAR else 1
    return ways[0][1], bool(ways[0][2]), many


FITS = 2_000  # sets that are compared
