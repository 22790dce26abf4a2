"""Exact arithmetic on minor units: rounding, dividing, sharing out. Floor 0. Integers and fractions only."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import lcm

from arlib.errors import ParameterError


class Rounding(StrEnum):
    """Which neighbour a result between two minor units goes to."""

    HALF_UP = "half_up"  # the nearest, a tie away from zero: 112.5 is 113, -112.5 is -113
    HALF_EVEN = "half_even"  # the nearest, a tie to the even one: 112.5 is 112
    HALF_DOWN = "half_down"  # the nearest, a tie towards zero
    UP = "up"  # away from zero
    DOWN = "down"  # towards zero
    CEILING = "ceiling"  # towards plus infinity
    FLOOR = "floor"  # towards minus infinity


def divide(numerator: int, denominator: int, rounding: Rounding = Rounding.HALF_UP) -> int:
    """The quotient rounded to a whole number, exact at any size. A zero denominator raises ParameterError."""
    if not denominator:
        raise ParameterError("division by zero", found=f"{numerator}/0")
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    if rounding is Rounding.FLOOR:
        return numerator // denominator
    if rounding is Rounding.CEILING:
        return -(-numerator // denominator)
    sign = -1 if numerator < 0 else 1
    whole, rest = divmod(abs(numerator), denominator)
    if rounding is Rounding.UP:
        is_up = rest > 0
    elif rounding is Rounding.DOWN:
        is_up = False
    else:
        tie = rounding is Rounding.HALF_UP or (rounding is Rounding.HALF_EVEN and whole % 2 == 1)
        is_up = 2 * rest > denominator or (2 * rest == denominator and tie)
    return sign * (whole + is_up)


def times(minor: int, factor: Fraction | Decimal | int, rounding: Rounding = Rounding.HALF_UP) -> int:
    """Minor units times an exact factor such as Decimal('0.02'), rounded once. A float raises TypeError."""
    if isinstance(factor, float):
        raise TypeError("a factor must be exact: int, Decimal or Fraction, not float")
    exact = factor if isinstance(factor, Fraction) else Fraction(factor)
    return divide(minor * exact.numerator, exact.denominator, rounding)


def allocate(total: int, weights: Sequence[int | Decimal | Fraction]) -> list[int]:
    """The total shared out by weight so that the shares add up to it exactly; no cent is lost or made.

    Each share is the exact one rounded to a neighbour: the cents left over go to the largest remainders, and
    among equal remainders to the earlier position, so the answer is the same on every run. Weights may have
    any sign as long as their sum is not zero; the total may have any sign, and allocate(-t) is -allocate(t).
    A total of zero gives zeros. Raises ParameterError when there is nothing to share by.
    """
    exact = [_exact(weight) for weight in weights]
    unit = lcm(*(weight.denominator for weight in exact)) if exact else 1
    parts = [weight.numerator * (unit // weight.denominator) for weight in exact]
    base = sum(parts)
    if total == 0:
        return [0] * len(parts)
    if base == 0:
        raise ParameterError(
            "nothing to allocate by", found=[str(w) for w in weights], wanted="weights with a sum"
        )
    if base < 0:
        parts, base = [-part for part in parts], -base
    sign, size = (-1, -total) if total < 0 else (1, total)
    quotients = [divmod(size * part, base) for part in parts]
    shares = [whole for whole, _ in quotients]
    left = size - sum(shares)
    for position in sorted(range(len(parts)), key=lambda i: (-quotients[i][1], i))[:left]:
        shares[position] += 1
    return [sign * share for share in shares]


def _exact(weight: int | Decimal | Fraction) -> Fraction:
    if isinstance(weight, float):
        raise TypeError("a weight must be exact: int, Decimal or Fraction, not float")
    return Fraction(weight)
