"""Partial sums layer by layer: which can be reached, and by which ways. Floor 1.

Dynamic programming over one frontier (Bellman 1957, bounded knapsack). After each weight a partial sum stays only if it is at
most `high`, can still come to `low` with all weights that follow, and leaves a rest that their common divisor divides. The
frontier is a sorted list while it is thin, and a row of bits once that is shorter. Every layer is kept, and ways are read off
backwards: each partial sum of a layer has been reached, so no step backwards is in vain. Nothing is split into halves and
joined.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arlib.matching.combine.plan import WORD, Plan
from arlib.matching.combine.question import Counts

THIN = 48  # sums that are quicker as a set of integers than as an array


@dataclass(frozen=True, slots=True)
class Layer:
    """Partial sums after some weights: a few, or a sorted list, or bits that stand for `base`, `base` + `step` and so on."""

    held: frozenset[int] | NDArray[np.int64] | None
    bits: NDArray[np.uint64] | None
    base: int
    step: int
    length: int  # number of sums from base to the largest allowed

    def has(self, value: int) -> bool:
        """Whether this partial sum was reached."""
        if isinstance(self.held, frozenset):
            return value in self.held
        if self.held is not None:
            found = int(self.held.searchsorted(value))
            return found < len(self.held) and int(self.held[found]) == value
        assert self.bits is not None
        place, off = divmod(value - self.base, self.step)
        return not off and 0 <= place < self.length and bool((int(self.bits[place >> 6]) >> (place & 63)) & 1)

    def values(self) -> list[int]:
        """All partial sums, ascending."""
        if self.held is not None:
            return sorted(int(value) for value in self.held)
        assert self.bits is not None
        return [self.base + self.step * place for place in np.flatnonzero(_unpacked(self.bits)).tolist()]

    def size(self) -> int:
        """What it costs: a partial sum, or a word of 64."""
        return len(self.held) if self.held is not None else len(self.bits) if self.bits is not None else 0


@dataclass(frozen=True, slots=True)
class Frontier:
    """All layers, or as far as the work limit let it come."""

    plan: Plan
    layers: tuple[Layer, ...]
    work: int
    done: bool

    def ways(self) -> Iterator[Counts]:
        """Counts of each weight of the question for every way to reach the window, in a fixed order."""
        plan = self.plan
        size = len(plan.weights)
        for end in self.layers[-1].values():
            counts = [0] * size
            stack: list[tuple[int, int, int]] = [
                (size, end, 0)
            ]  # (weights still to undo, sum, count of the last undone)
            while stack:
                at, value, count = stack.pop()
                if at < size:
                    counts[plan.places[at]] = count
                if at == 0:
                    yield tuple(counts)
                    continue
                weight, before = plan.weights[at - 1], self.layers[at - 1]
                for taken in range(min(plan.limits[at - 1], value // weight), -1, -1):
                    if before.has(value - taken * weight):
                        stack.append((at - 1, value - taken * weight, taken))


def frontier(plan: Plan, *, work_limit: int) -> Frontier:
    """Partial sums on their way to the window."""
    rest = sum(weight * limit for weight, limit in zip(plan.weights, plan.limits, strict=True))
    layer = Layer(frozenset((0,)), None, 0, 1, plan.high + 1)
    layers, work = [layer], 1
    for weight, limit, step in zip(plan.weights, plan.limits, plan.steps[1:], strict=True):
        for _ in range(limit):
            rest -= weight
            layer = _after(layer, weight, max(0, plan.low - rest), plan)
            work += layer.size()
            if work > work_limit:
                return Frontier(plan, tuple(layers), work, done=False)
        if step != layer.step:
            layer = _coarser(layer, step, plan)
        layers.append(layer)
    return Frontier(plan, tuple(layers), work, done=True)


def _after(layer: Layer, weight: int, floor: int, plan: Plan) -> Layer:
    """The layer with up to one more of `weight`, sums from `floor` on."""
    step = layer.step
    base = floor + (plan.low - floor) % step
    length = (plan.high - base) // step + 1
    words = -(-length // WORD)
    if layer.bits is not None:
        bits = np.zeros(words, np.uint64)
        down = (base - layer.base) // step
        _or_shifted(bits, layer.bits, -down)
        _or_shifted(bits, layer.bits, weight // step - down)
        if length % WORD:
            bits[-1] &= np.uint64((1 << (length % WORD)) - 1)
        return Layer(None, bits, base, step, length)
    sums = layer.held
    if isinstance(sums, frozenset):
        few = frozenset(
            [total for total in sums if total >= base]
            + [total for total in [total + weight for total in sums] if base <= total <= plan.high]
        )
        if len(few) <= THIN:
            return Layer(few, None, base, step, length)
        sums = np.array(sorted(sums), np.int64)
    assert sums is not None
    without = sums[sums.searchsorted(base) :]
    taken = sums[sums.searchsorted(base - weight) : sums.searchsorted(plan.high - weight, "right")] + weight
    both = np.concatenate((without, taken))
    both.sort(kind="stable")
    if len(both) > 1:
        new = np.empty(len(both), np.bool_)
        new[0] = True
        np.not_equal(both[1:], both[:-1], out=new[1:])
        both = both[new]
    if len(both) > words:
        return Layer(None, _as_bits((both - base) // step, words), base, step, length)
    return Layer(both, None, base, step, length)


def _coarser(layer: Layer, step: int, plan: Plan) -> Layer:
    """Only the sums that lie a multiple of `step`, itself a multiple of the layer's, below `low`."""
    base = layer.base + (plan.low - layer.base) % step
    length = max(0, (plan.high - base) // step + 1)
    if layer.bits is not None:
        places = _unpacked(layer.bits)[(base - layer.base) // layer.step :: step // layer.step][:length]
        packed = np.packbits(places, bitorder="little")
        bits = np.zeros(-(-length // WORD) * (WORD // 8), np.uint8)
        bits[: len(packed)] = packed
        return Layer(None, bits.view(np.uint64), base, step, length)
    if isinstance(layer.held, frozenset):
        few = frozenset(total for total in layer.held if (total - base) % step == 0)
        return Layer(few, None, base, step, length)
    assert layer.held is not None
    return Layer(layer.held[(layer.held - base) % step == 0], None, base, step, length)


def _unpacked(bits: NDArray[np.uint64]) -> NDArray[np.uint8]:
    return np.unpackbits(bits.view(np.uint8), bitorder="little")


def _as_bits(places: NDArray[np.int64], words: int) -> NDArray[np.uint64]:
    word = places >> 6
    bit = np.left_shift(np.uint64(1), (places & 63).astype(np.uint64))
    starts = np.flatnonzero(np.concatenate(([True], word[1:] != word[:-1])))
    out = np.zeros(words, np.uint64)
    out[word[starts]] = np.bitwise_or.reduceat(bit, starts)
    return out


def _or_shifted(into: NDArray[np.uint64], bits: NDArray[np.uint64], left: int) -> None:
    """`into` |= `bits` moved up by `left` places (down where negative); what leaves is lost."""
    whole, part = divmod(left, WORD)
    _or_at(into, bits << np.uint64(part) if part else bits, whole)
    if part:
        _or_at(into, bits >> np.uint64(WORD - part), whole + 1)


def _or_at(into: NDArray[np.uint64], bits: NDArray[np.uint64], at: int) -> None:
    first, last = max(at, 0), min(len(into), len(bits) + at)
    if first < last:
        into[first:last] |= bits[first - at : last - at]
