"""Units hit by a fixed interval, by cells and at random, in whole numbers. Floor 1.

A population of T units (monetary ones, or items) is counted through from 1. An interval of a/b units is counted in steps of
1/b unit, so that no rounding decides: step x lies in unit ceil(x/b). Every unit has the same chance b/a of being hit.
"""

from __future__ import annotations

from fractions import Fraction

from arlib.audit.sampling.draws import Stream
from arlib.errors import ParameterError

MAX_HITS = 5_000_000


def interval_units(
    total: int, interval: Fraction, *, start: Fraction | None, stream: Stream
) -> tuple[list[int], Fraction]:
    """The units hit by every interval from a start on, and the start: ceil(start), ceil(start + interval) ... up to the total.

    A start from the requester lies above 0 and not above the interval; without one it is drawn, each step being equally
    likely. Where the interval does not divide the total, one hit more or less comes by chance.
    """
    _countable(total, interval)
    if start is None:
        start = Fraction(stream.number(interval.numerator), interval.denominator)
    if not 0 < start <= interval:
        raise ParameterError(
            "start", found=str(start), wanted=f"above 0 and at most the interval of {interval}"
        )
    scale = start.denominator * interval.denominator
    first, step, last = int(start * scale), int(interval * scale), total * scale
    return [-(-x // scale) for x in range(first, last + 1, step)], start


def cell_units(total: int, interval: Fraction, *, stream: Stream) -> list[int]:
    """One unit at random in each cell of an interval; in a last cell that is cut, only where the draw falls inside the total."""
    _countable(total, interval)
    step, scale = interval.numerator, interval.denominator
    drawn = (floor + stream.number(step) for floor in range(0, total * scale, step))
    return [-(-x // scale) for x in drawn if x <= total * scale]


def random_units(total: int, size: int, *, stream: Stream) -> list[int]:
    """So many different units at random, in the order drawn."""
    return stream.distinct(size, total)


def _countable(total: int, interval: Fraction) -> None:
    if total / interval > MAX_HITS:
        raise ParameterError(
            "interval", found=str(interval), wanted=f"one that gives at most {MAX_HITS:,} hits"
        )
