"""Receipts that pay one item together. Floor 1."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CLAIMANTS = 12  # receipts of which the likeliest are tried
MOST = 4  # receipts that pay one item together


def together(
    total: int, costs: Mapping[int, float], amounts: Sequence[int], small_of: Callable[[int, int], int]
) -> tuple[int, ...] | None:
    """Two to MOST receipts that pay the total together, but for small deductions; None where there is none, or two ways.

    `costs` are the receipts and what it costs to take each for a payment of this item; where several sets fit, the cheapest
    must be clearly cheaper.
    """
    claimants = sorted((r for r in costs if amounts[r] < total), key=lambda r: (costs[r], r))[:CLAIMANTS]
    ways = []
    for size in range(2, MOST + 1):
        small = small_of(total, size)
        for chosen in combinations(claimants, size):
            if abs(sum(amounts[r] for r in chosen) - total) <= small:
                ways.append((sum(costs[r] for r in chosen) / size, chosen))
    ways.sort()
    if not ways or (len(ways) > 1 and ways[1][0] < ways[0][0] + 1):
        return None
    return ways[0][1]
