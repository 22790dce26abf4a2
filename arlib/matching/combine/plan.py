"""In which order weights are taken, and which partial sums can still come to the window. Floor 1."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import gcd

from arlib.matching.combine.question import Question

WORD = 64  # sums in one word of bits
DIVISORS = 8  # divisors that are tried for a better order
OTHERS = 14  # items at most that are not its multiples, for a divisor to change the order
SAVED = 8  # smallest divisor that is worth it


@dataclass(frozen=True, slots=True)
class Plan:
    """The weights of a question as they are taken. After weight g a sum is hopeless unless it is `low` modulo `steps[g + 1]`."""

    weights: tuple[int, ...]
    limits: tuple[int, ...]
    places: tuple[int, ...]  # position of each weight in the question
    steps: tuple[
        int, ...
    ]  # common divisor of the weights still to come; 1 where the window is wider than one sum
    low: int
    high: int

    def bound(self, enough: int) -> int:
        """The most that taking all weights can cost; counted no further than `enough`."""
        rest = sum(weight * limit for weight, limit in zip(self.weights, self.limits, strict=True))
        states, cost = 1, 0
        for weight, limit, step in zip(self.weights, self.limits, self.steps, strict=False):
            for _ in range(limit):
                rest -= weight
                window = (self.high - max(0, self.low - rest)) // step + 1
                states = min(2 * states, -(-window // WORD))
                cost += states
                if cost > enough:
                    return cost
        return cost


def planned(asked: Question) -> Plan:
    """Larger weights first, but those that a common divisor of the others does not divide before all: then only sums of one
    remainder are left, and the others count in multiples of the divisor. The window must hold a sum (low <= high).
    """
    order = list(range(len(asked.weights)))
    narrow = asked.low == asked.high
    divisor = _divisor(asked) if narrow else 1
    if divisor > 1:
        order.sort(key=lambda place: asked.weights[place] % divisor == 0)
    steps = [1] * (len(order) + 1)
    if narrow and order:
        steps[-1] = step = asked.weights[order[-1]]
        for at in range(len(order) - 1, -1, -1):
            steps[at] = step = gcd(step, asked.weights[order[at]])
    return Plan(
        weights=tuple(asked.weights[place] for place in order),
        limits=tuple(asked.limits[place] for place in order),
        places=tuple(order),
        steps=tuple(steps),
        low=asked.low,
        high=asked.high,
    )


def _divisor(asked: Question) -> int:
    """The largest divisor worth taking first the few weights that are not its multiples; 1: none."""
    shared = Counter(gcd(a, b) for a, b in zip(asked.weights, asked.weights[1:], strict=False))
    best = 1
    for divisor, _ in sorted(shared.items(), key=lambda pair: (-pair[1], -pair[0]))[:DIVISORS]:
        others = sum(
            limit for weight, limit in zip(asked.weights, asked.limits, strict=True) if weight % divisor
        )
        if divisor > max(best, SAVED - 1) and others <= min(OTHERS, sum(asked.limits) // 2):
            best = divisor
    return best
