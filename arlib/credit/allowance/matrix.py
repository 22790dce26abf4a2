"""The provision matrix on plain numbers, so that a published one can be re-performed in one call. Floor 1.

provision_matrix({"current": 1_500_000_000, "1-30": 750_000_000}, {"current": "0.003", "1-30": "0.016"})
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Generic, TypeVar

from arlib.credit.allowance.overlay import Applied, applied_rate
from arlib.errors import ParameterError
from arlib.money import Rounding, allocate, divide
from arlib.policy.allowance import Overlay, RoundAt

K = TypeVar("K", bound=Hashable)  # a bucket, or a pair of segment and bucket

ONE = Fraction(1)


@dataclass(frozen=True, kw_only=True)
class MatrixLine(Generic[K]):
    """One line: what stands in it and what of it is expected to be lost, in minor units."""

    key: K
    balance: int
    historical_rate: Fraction
    applied: Applied
    factor: Fraction  # of discounting; 1 without
    at_history: int
    overlay: int
    discount: int
    allowance: int  # at_history + overlay + discount


@dataclass(frozen=True)
class Matrix(Generic[K]):
    """The lines in the order given, their total, and what it would be without any rounding."""

    lines: tuple[MatrixLine[K], ...]
    exact: Fraction

    @property
    def total(self) -> int:
        """Sum of the lines, in minor units."""
        return sum(line.allowance for line in self.lines)


def provision_matrix(
    balances: Mapping[K, int],
    rates: Mapping[K, Fraction | Decimal | str | int],
    overlays: Sequence[Overlay] = (),
    rounding: Rounding = Rounding.HALF_UP,
    *,
    rounds_at: RoundAt = RoundAt.LINE,
    factors: Mapping[K, Fraction] | None = None,
) -> Matrix[K]:
    """Each balance times its unrounded loss rate, after overlays, rounded once.

    `balances` are minor units of one currency, of 0 or more; keys are buckets, or pairs (segment, bucket).
    Rates are shares from 0 to 1 as Fraction, Decimal or decimal text: never rounded, never float. Overlays
    act as `applied_rate` says, capped to 0 and 1. `factors` are discount factors. With RoundAt.LINE each
    product is rounded on its own and the total is the sum of the lines; with TOTAL the exact sum is rounded
    once and shared out, so that it is nearest to the truth. `overlay` and `discount` of a line are what each
    changes after the one before, so that the columns add up across.

    Raises ParameterError, with all at once, for a balance without a rate, a rate outside 0 to 1 or a
    negative balance; TypeError for floats. Source: IFRS 9 B5.5.35 and IE74-IE77; ASC 326-20-55-37 to 55-40.
    """
    exact = _checked(balances, rates)
    keys = list(balances)
    applied = [
        applied_rate(exact[key], segment=_segment(key), bucket=_bucket(key), overlays=overlays)
        for key in keys
    ]
    by_key = factors or {}
    factor = [by_key.get(key, ONE) for key in keys]
    history = [balances[key] * exact[key] for key in keys]
    moved = [balances[key] * each.rate for key, each in zip(keys, applied, strict=True)]
    present = [value * each for value, each in zip(moved, factor, strict=True)]
    columns = [_rounded(values, rounding, rounds_at) for values in (history, moved, present)]
    lines = tuple(
        MatrixLine(
            key=key,
            balance=balances[key],
            historical_rate=exact[key],
            applied=applied[at],
            factor=factor[at],
            at_history=columns[0][at],
            overlay=columns[1][at] - columns[0][at],
            discount=columns[2][at] - columns[1][at],
            allowance=columns[2][at],
        )
        for at, key in enumerate(keys)
    )
    return Matrix(lines, sum(present, Fraction(0)))


def _rounded(values: Sequence[Fraction], rounding: Rounding, rounds_at: RoundAt) -> list[int]:
    if rounds_at is RoundAt.LINE:
        return [divide(value.numerator, value.denominator, rounding) for value in values]
    total = sum(values, Fraction(0))
    return allocate(divide(total.numerator, total.denominator, rounding), values)


def _checked(
    balances: Mapping[K, int], rates: Mapping[K, Fraction | Decimal | str | int]
) -> dict[K, Fraction]:
    """The rates as fractions, of the keys that have a balance; raises ParameterError with every fault."""
    faults, exact = [], {}
    for key, balance in balances.items():
        if not isinstance(balance, int):
            raise TypeError(
                f"balance of {key}: money must be integer minor units, found {type(balance).__name__}"
            )
        if balance < 0:
            faults.append(f"{_words(key)}: a balance of {balance}, wanted 0 or more")
        if key not in rates:
            faults.append(f"{_words(key)}: no loss rate")
            continue
        given = rates[key]
        if isinstance(given, float):
            raise TypeError(
                f"rate of {key}: a rate must be exact: decimal text, Decimal or Fraction, not float"
            )
        exact[key] = Fraction(given)
        if not 0 <= exact[key] <= 1:
            faults.append(f"{_words(key)}: a loss rate of {given}, wanted a share from 0 to 1")
    if faults:
        raise ParameterError("provision matrix: " + "; ".join(faults))
    return exact


def _segment(key: Hashable) -> str:
    return str(key[0]) if isinstance(key, tuple) else ""


def _bucket(key: Hashable) -> str:
    return str(key[-1]) if isinstance(key, tuple) else str(key)


def _words(key: Hashable) -> str:
    segment = _segment(key)
    return f"{segment}, {_bucket(key)}" if segment else _bucket(key)
