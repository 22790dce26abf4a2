"""Share a sample size out over strata. Floor 1. Exact; the sizes add up to the total that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from heapq import heapify, heappop, heappush

from arlib.errors import ParameterError


class Allocation(StrEnum):
    """What a stratum's share of the sample follows."""

    EQUAL = "equal"
    ITEMS = "items"  # the number of its items (proportional allocation)
    VALUE = "value"  # its book value
    NEYMAN = "neyman"  # items x standard deviation, which gives the most precise total (Neyman 1934)


def allocated(
    size: int,
    *,
    by: Allocation,
    items: Mapping[str, int],
    values: Mapping[str, int],
    deviations: Mapping[str, Fraction] | None = None,
    minimum: int = 1,
) -> dict[str, int]:
    """A size for each stratum of `items`; they add up to `size`.

    Each stratum gets at least `minimum` (or all its items), none more than it has items. Beyond that, unit by unit to the
    stratum with the largest weight / (units + 1/2), as Webster shares out seats: exact shares to the nearest whole; of equal
    ones the first by name. Raises ParameterError where
    that cannot be: a size below the minima or above all items, or no deviation for a stratum with Neyman.
    """
    names = sorted(items)
    weights: dict[str, Fraction] = {}
    for name in names:
        if by is Allocation.NEYMAN:
            if deviations is None or name not in deviations or deviations[name] < 0:
                raise ParameterError(
                    "Neyman allocation",
                    found=name,
                    wanted="a standard deviation of 0 or more for each stratum",
                )
            weights[name] = items[name] * deviations[name]
        else:
            shares = {Allocation.EQUAL: 1, Allocation.ITEMS: items[name], Allocation.VALUE: values[name]}
            weights[name] = Fraction(shares[by])
    floor = {name: min(minimum, items[name]) for name in names}
    if not sum(floor.values()) <= size <= sum(items.values()):
        raise ParameterError(
            "size",
            found=size,
            wanted=f"from {sum(floor.values())} (the least of each stratum) to {sum(items.values())} items",
        )
    made = dict(floor)
    queue = [
        (_turn(weights[name], items[name], made[name]), name) for name in names if made[name] < items[name]
    ]
    heapify(queue)
    for _ in range(size - sum(made.values())):
        _, name = heappop(queue)
        made[name] += 1
        if made[name] < items[name]:
            heappush(queue, (_turn(weights[name], items[name], made[name]), name))
    return made


def _turn(weight: Fraction, items: int, held: int) -> tuple[bool, Fraction]:
    """Whose turn the next unit is, the smallest first: strata without weight after all others, by their items."""
    return not weight, -(weight or items) / (held + Fraction(1, 2))
