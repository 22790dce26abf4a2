"""Smaller questions whose answers are answers of the whole: where two ways can be shown without a look at everything. Floor 1.

Some choices are settled in advance so that about half of what stays open is still to take; two ways for the rest are two
ways for the whole. None or one proves nothing about the whole. What stays open is either the smallest weights, or the
exchanges of one weight for the next larger one, which differ by little, so that few of them reach every small sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isqrt

from arlib.matching.combine.question import Counts, Question, question

PROMISING = 32  # ways that a probe should have, were sums spread evenly
SMALLEST = 12  # choices left open at least


@dataclass(frozen=True, slots=True)
class _Choice:
    weight: int
    limit: int
    more: int  # group of which it takes one more each time
    less: int  # group of which it takes one less in exchange; -1: none


@dataclass(frozen=True, slots=True)
class Probe:
    """A question, and the way back from its answers to counts of the question it was cut from."""

    asked: Question
    choices: tuple[_Choice, ...]
    fixed: Counts

    def answer(self, counts: Sequence[int]) -> Counts:
        """Counts of the question that the probe was cut from."""
        out = list(self.fixed)
        for choice, count in zip(self.choices, self.asked.answer(counts), strict=True):
            out[choice.more] += count
            if choice.less >= 0:
                out[choice.less] -= count
        return tuple(out)


def probes(asked: Question) -> Iterator[Probe]:
    """Probes of a question, cheaper first; none where it is hardly larger than they."""
    if sum(asked.limits) < 2 * SMALLEST:
        return
    plain = [
        _Choice(weight, limit, group, -1)
        for group, (weight, limit) in enumerate(zip(asked.weights, asked.limits, strict=True))
    ]
    nothing = [0] * len(plain)
    yield from _cut(asked, plain, nothing)
    for start in (0, len(plain) // 4):
        exchanges, single = _exchanges(asked, start)
        taken = [0] * len(plain)
        for choice in exchanges:
            taken[choice.less] = 1
        yield from _cut(asked, sorted([*exchanges, *single], key=_falling), taken)


def _falling(choice: _Choice) -> tuple[int, int]:
    return -choice.weight, choice.more


def _exchanges(asked: Question, start: int) -> tuple[list[_Choice], list[_Choice]]:
    """One item of a weight exchanged for one of a larger weight, and all other items as they are.

    From `start` on, the larger half is exchanged for the next weight, which gives small steps; half of the rest for a weight
    further off, which gives steps between those and whole weights.
    """
    apart = (len(asked.weights) - start) // 8
    pairs = [(start + 2 * pair, start + 2 * pair + 1) for pair in range(2 * apart)]
    pairs += [(start + group, start + group + apart) for group in range(4 * apart, 5 * apart)]
    exchanges = [
        _Choice(asked.weights[larger] - asked.weights[smaller], 1, larger, smaller)
        for larger, smaller in pairs
        if asked.weights[larger] > asked.weights[smaller]
    ]
    used = {group for choice in exchanges for group in (choice.more, choice.less)}
    single = [
        _Choice(weight, limit - (group in used), group, -1)
        for group, (weight, limit) in enumerate(zip(asked.weights, asked.limits, strict=True))
        if limit > (group in used)
    ]
    return exchanges, single


def _cut(asked: Question, choices: Sequence[_Choice], taken: Sequence[int]) -> Iterator[Probe]:
    """Probes that leave the last of `choices` open, beside what is `taken` in any case."""
    units = sum(choice.limit for choice in choices)
    size = _promising(asked, choices)
    while 0 < size * 5 <= units * 4:
        yield _probe(asked, choices, taken, size)
        size += size // 2


def _promising(asked: Question, choices: Sequence[_Choice]) -> int:
    """How many of the last choices must stay open for about PROMISING ways; 0: even all are too few."""
    size, squares = 0, 0
    for choice in reversed(choices):
        for _ in range(choice.limit):
            size += 1
            squares += choice.weight * choice.weight
            if size >= SMALLEST and ((asked.high - asked.low + 1) << size) > PROMISING * 2 * isqrt(squares):
                return size
    return 0


def _probe(asked: Question, choices: Sequence[_Choice], taken: Sequence[int], size: int) -> Probe:
    inside = [0] * len(choices)
    left = size
    for place in range(len(choices) - 1, -1, -1):
        inside[place] = min(left, choices[place].limit)
        left -= inside[place]
    half = sum(choice.weight * count for choice, count in zip(choices, inside, strict=True)) // 2
    base = sum(weight * count for weight, count in zip(asked.weights, taken, strict=True))
    rest, fixed = (asked.low + asked.high) // 2 - base - half, list(taken)
    for choice, count in zip(choices, inside, strict=True):
        took = min(choice.limit - count, max(0, rest // choice.weight))
        rest -= took * choice.weight
        base += took * choice.weight
        fixed[choice.more] += took
        if choice.less >= 0:
            fixed[choice.less] -= took
    kept = tuple(choice for choice, count in zip(choices, inside, strict=True) if count)
    return Probe(
        question(
            [choice.weight for choice in kept],
            [count for count in inside if count],
            asked.low - base,
            asked.high - base,
        ),
        kept,
        tuple(fixed),
    )
