"""Monetary-unit samples: how many monetary units, and how far apart. Floor 1.

Amounts are integer minor units of one currency; every size is decided by exact rationals. What book value is spread over
is the caller's: positive items only, as credits and zeros are strata of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor

from scipy import optimize, special

from arlib.audit.sampling.attributes import LARGEST, Method, rounded_factor, size, too_large
from arlib.audit.sampling.exact import poisson_at_most, smallest_step
from arlib.controls import Identity
from arlib.errors import ParameterError


class Convention(StrEnum):
    """How the factor of a monetary-unit sample is come by."""

    EXACT = "exact"  # unrounded: AICPA table C-1, jfa
    TEXTBOOK = "textbook"  # the factor rounded up to two places before it multiplies: MUSR
    EXPANSION = "expansion"  # factor for no error, expected misstatement times an expansion factor: older AICPA guides


# AICPA Audit Sampling Guide (editions before 2008), as carried by Whittington and Pany: by risk of incorrect acceptance
EXPANSION_FACTORS = {
    Fraction(risk): Fraction(value)
    for risk, value in (
        ("0.01", "1.9"), ("0.05", "1.6"), ("0.10", "1.5"), ("0.15", "1.4"), ("0.20", "1.3"),
        ("0.25", "1.25"), ("0.30", "1.2"), ("0.37", "1.15"), ("0.50", "1"),
    )
}  # fmt: skip
FACTOR_PLACES = 2


@dataclass(frozen=True, kw_only=True)
class MonetaryPlan:
    """A monetary-unit sample. Amounts are minor units; `factor` is rounded where the convention says so.

    `interval` is book value / size, never above `largest_interval`, at which the factor just holds; `interval_minor` is
    the interval rounded down to a whole minor unit, so that it never selects fewer units than were planned.
    `expected_taint` is the sum of taints at which the sample still supports the balance; `risk_left` what the sample
    leaves at that sum, by Poisson.
    """

    convention: Convention
    book_value: int
    tolerable: Fraction
    expected: Fraction
    risk: Fraction
    size: int
    factor: Fraction
    expansion: Fraction | None
    expected_taint: Fraction
    risk_left: Decimal

    @property
    def interval(self) -> Fraction:
        """Book value of one monetary unit selected, exact."""
        return Fraction(self.book_value, self.size)

    @property
    def interval_minor(self) -> int:
        """The interval in whole minor units, rounded down."""
        return floor(self.interval)

    @property
    def largest_interval(self) -> Fraction:
        """The interval at which the plan's formula holds without rounding the size up."""
        spare = self.expected * (self.expansion or 0)
        return (self.tolerable - spare) / self.factor


@dataclass(frozen=True, kw_only=True)
class HighValues:
    """A plan after the items at or above its interval were taken out, to be examined one and all.

    `positions` are theirs in the amounts given; `plan` is of the rest, None where nothing is left. `rounds` counts how
    often the interval was worked out.
    """

    positions: tuple[int, ...]
    whole_value: int
    high_value: int
    rest_value: int
    plan: MonetaryPlan | None
    rounds: int

    def identity(self, currency: str) -> Identity:
        """Book value of the high items and of the rest is that of all."""
        return Identity(
            name="high_values", left_label="high items and the rest", left=self.high_value + self.rest_value,
            right_label="all positive items", right=self.whole_value, currency=currency,
        )  # fmt: skip


def plan_monetary(
    *,
    book_value: int,
    tolerable: Fraction | int,
    risk: Fraction,
    expected: Fraction | int = 0,
    convention: Convention = Convention.EXACT,
    largest: int = LARGEST,
) -> MonetaryPlan:
    """How many monetary units to draw so that a balance misstated by the tolerable amount is accepted with this risk only.

    exact      the smallest n with P(at most e*n errors, t*n expected) at or under the risk; e and t are the expected and
               the tolerable misstatement as shares of book value. Table C-1 of the AICPA guide, all cells.
    textbook   n = factor * book value / tolerable, rounded up; the factor solves F = gamma quantile(1 + F * expected /
               tolerable) and is rounded up to two places.
    expansion  n = F0 * book value / (tolerable - expected * expansion factor), rounded up; F0 is the factor for no error,
               rounded up to two places. Only for the risks of the published table.

    Tolerable and expected amounts may hold a part of a minor unit, as a rate of the book value does. Raises
    ParameterError where the amounts do not fit together or no sample of up to `largest` units is enough.
    """
    if book_value <= 0 or not 0 <= expected < tolerable:
        raise ParameterError(
            "amounts of a monetary-unit sample",
            found=f"book value {book_value}, tolerable {tolerable}, expected {expected}",
            wanted="book value above 0, expected of 0 or more, tolerable above expected",
        )
    t, e = Fraction(tolerable, book_value), Fraction(expected, book_value)
    expansion = None
    if convention is Convention.EXACT:
        found = size(Method.POISSON, tolerable=t, risk=risk, expected_rate=e, largest=largest).size
        used = factor_for(e / t, risk)
    elif convention is Convention.TEXTBOOK:
        used = rounded_factor_for(e / t, risk)
        found = ceil(used / t)
    else:
        expansion, used = _expansion(risk), rounded_factor(0, risk)
        if e * expansion >= t:
            raise ParameterError(
                "expected misstatement",
                found=expected,
                wanted=f"less than tolerable / {_plain(expansion)}, the expansion factor at this risk",
                fix="Use convention exact.",
            )
        found = ceil(used / (t - e * expansion))
    if found > largest:
        raise too_large(largest)
    return MonetaryPlan(
        convention=convention, book_value=book_value, tolerable=Fraction(tolerable), expected=Fraction(expected),
        risk=risk, size=found, factor=used, expansion=expansion, expected_taint=e * found, risk_left=poisson_at_most(e * found, t * found),
    )  # fmt: skip


def factor_for(ratio: Fraction, risk: Fraction) -> Fraction:
    """The factor F that solves F = gamma quantile(1 - risk; 1 + ratio * F): 4.6202 at 5 % where a fifth of the tolerable
    misstatement is expected. `ratio` is expected / tolerable, under 1. Unrounded, right to 12 digits.
    """
    share, target = float(ratio), float(risk)

    def excess(mean: float) -> float:
        return float(special.gammaincc(1 + share * mean, mean)) - target

    high = float(special.gammainccinv(1, target))
    while excess(high) > 0:
        high *= 2
        if high > LARGEST:
            raise too_large(LARGEST)
    root = optimize.brentq(excess, 0.0, high, xtol=1e-13, rtol=8.9e-16)
    return Fraction(f"{root:.13g}")


def rounded_factor_for(ratio: Fraction, risk: Fraction, *, places: int = FACTOR_PLACES) -> Fraction:
    """The same factor rounded up as textbooks print it; decided to 40 digits."""
    return smallest_step(
        10**places,
        float(factor_for(ratio, risk)),
        lambda mean: Fraction(poisson_at_most(ratio * mean, mean)) <= risk,
    )


def take_out_high_values(
    amounts: Sequence[int],
    *,
    tolerable: Fraction | int,
    risk: Fraction,
    expected: Fraction | int = 0,
    convention: Convention = Convention.EXACT,
) -> HighValues:
    """Take out the items at or above the interval, plan the rest again, and so on until nothing more is to be taken out.

    Convention: what is left keeps the whole tolerable and expected misstatement, as the high items carry no sampling risk;
    its interval is its own book value / size. What was taken out stays out, also where the last interval, its size less
    rounded up, comes to lie a little above it. Amounts must be above zero: credits and zeros are strata of their own. An
    item just as large as the interval is out: it would be selected for certain.
    """
    if odd := [amount for amount in amounts if amount <= 0]:
        raise ParameterError(
            "amounts of a monetary-unit sample",
            found=odd[0],
            wanted="amounts above 0",
            fix="Set credits and zero balances apart first.",
        )
    order = sorted(range(len(amounts)), key=lambda place: (-amounts[place], place))
    rest, taken, rounds = sum(amounts), 0, 0
    plan = None
    while rest:
        plan = plan_monetary(
            book_value=rest, tolerable=tolerable, risk=risk, expected=expected, convention=convention
        )
        rounds += 1
        before = taken
        while taken < len(order) and amounts[order[taken]] >= plan.interval:
            rest -= amounts[order[taken]]
            taken += 1
        if taken == before:
            break
        plan = None
    return HighValues(
        positions=tuple(sorted(order[:taken])),
        whole_value=sum(amounts),
        high_value=sum(amounts[place] for place in order[:taken]),
        rest_value=rest,
        plan=plan,
        rounds=rounds,
    )


def _expansion(risk: Fraction) -> Fraction:
    if risk not in EXPANSION_FACTORS:
        known = ", ".join(f"{float(one):.0%}" for one in EXPANSION_FACTORS)
        raise ParameterError(
            "risk of incorrect acceptance",
            found=_plain(risk),
            wanted=f"one of {known}: the published expansion factors",
            fix="Use convention exact.",
        )
    return EXPANSION_FACTORS[risk]


def _plain(value: Fraction) -> str:
    return f"{float(value):g}"
