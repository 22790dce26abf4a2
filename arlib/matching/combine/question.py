"""A question about one pool, brought to its smallest equal form. Floor 1.

Credits are turned round (not taking a credit of 30 is taking 30 from a total raised by all credits), so all weights are
positive. Then, again and again until nothing changes: what is asked about the taken is asked about the left-out where that
is the smaller sum; an amount above the largest sum allowed is out; a common divisor is taken out, which also proves that a
sum outside the divisor's multiples cannot be met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from operator import mul

Counts = tuple[int, ...]  # how many items of each group an explanation takes


@dataclass(frozen=True, slots=True)
class Groups:
    """The items of a pool that are not zero, equal amounts together; larger amounts first."""

    amounts: tuple[int, ...]  # signed, one for each group
    members: tuple[tuple[int, ...], ...]  # positions in the pool as given, ascending

    def sizes(self) -> tuple[int, ...]:
        """Number of items in each group."""
        return tuple(len(each) for each in self.members)


def grouped(amounts: Sequence[int]) -> Groups:
    """Items of equal amount together. An item of zero explains nothing and is left out."""
    last = {amount: position for position, amount in enumerate(amounts) if amount}
    ordered = sorted(sorted(last), key=abs, reverse=True)
    if len(last) == len(amounts):
        return Groups(tuple(ordered), tuple((last[amount],) for amount in ordered))
    found: dict[int, list[int]] = {amount: [] for amount in ordered}
    for position, amount in enumerate(amounts):
        if amount:
            found[amount].append(position)
    return Groups(tuple(ordered), tuple(tuple(members) for members in found.values()))


@dataclass(frozen=True, slots=True)
class Found:
    """Choices of counts that meet the window, none of them empty. `complete`: there is no other."""

    ways: tuple[Counts, ...]
    complete: bool
    work: int


@dataclass(frozen=True, slots=True)
class Question:
    """How many of each weight sum to something from `low` to `high`. `low` > `high`: nothing does.

    Weights are positive, larger first, and share no divisor. `back` leads from counts here to counts of the groups asked about:
    group `back[g][0]` takes `back[g][1] + back[g][2] * count`; all others take what `fixed` says.
    """

    weights: tuple[int, ...]
    limits: tuple[int, ...]  # most that can be taken of each weight
    low: int
    high: int
    back: tuple[tuple[int, int, int], ...]
    fixed: Counts

    def answer(self, counts: Sequence[int]) -> Counts:
        """Counts of this question as counts of the groups asked about."""
        out = list(self.fixed)
        for (group, offset, sign), count in zip(self.back, counts, strict=True):
            out[group] = offset + sign * count
        return tuple(out)


def question(amounts: Sequence[int], sizes: Sequence[int], low: int, high: int) -> Question:
    """Which numbers of `sizes` items of `amounts` (not zero, larger magnitudes first) sum to `low` .. `high`, reduced."""
    weights = [abs(amount) for amount in amounts]
    limits = list(sizes)
    credit = sum(amount * size for amount, size in zip(amounts, sizes, strict=True) if amount < 0)
    low, high = low - credit, high - credit
    total = sum(map(mul, weights, limits))
    # a group takes offset + sign * count; turned says for which of the two readings of `low` .. `high` that holds
    offsets = [0 if amount > 0 else size for amount, size in zip(amounts, sizes, strict=True)]
    signs = [1 if amount > 0 else -1 for amount in amounts]
    turned = [False] * len(weights)
    several = [group for group, size in enumerate(sizes) if size > 1]
    left_out, start = False, 0

    def turn(group: int) -> None:
        if turned[group] != left_out:
            offsets[group] += signs[group] * limits[group]
            signs[group], turned[group] = -signs[group], left_out

    while low <= high:
        if high < 0 or low > total:
            low, high = 1, 0
            break
        low, high = max(low, 0), min(high, total)
        if low + high > total:
            low, high = total - high, total - low
            left_out = not left_out
        before = total
        while start < len(weights) and weights[start] > high:
            turn(start)
            total -= weights[start] * limits[start]
            start += 1
        for group in several:
            most = high // weights[group]
            if group >= start and most < limits[group]:
                turn(group)
                total -= weights[group] * (limits[group] - most)
                limits[group] = most
        if total == before:
            divisor = gcd(*weights[start:])
            if divisor < 2:
                break
            low, high, total = -(-low // divisor), high // divisor, total // divisor
            weights[start:] = [weight // divisor for weight in weights[start:]]
    kept = range(start, len(weights))
    for group in kept:
        turn(group)
    return Question(
        weights=tuple(weights[start:]),
        limits=tuple(limits[start:]),
        low=low,
        high=high,
        back=tuple((group, offsets[group], signs[group]) for group in kept),
        fixed=tuple(offsets),
    )
