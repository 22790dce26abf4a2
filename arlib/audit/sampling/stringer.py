"""Stringer's bound (Stringer 1963; Leslie, Teitlebaum and Anderson 1979) for the taints of a monetary-unit sample. Floor 1.

Taints are sorted, the largest first, t1 >= t2 >= ...; F(k) is the upper number of errors when k are found:

    upper limit = interval x ( F(0) + sum of (F(i) - F(i-1)) x t(i) )
                = basic precision + sum of projected misstatements + sum of incremental allowances

An unseen taint is taken to be at most 100 %. Never known to miss its confidence; usually too wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from arlib.audit.sampling.attributes import Method, factor, rounded_factor, upper_limit
from arlib.errors import ParameterError

DIGITS = (
    50  # of the sums: taints are exact fractions, a thousand of which have no common denominator worth having
)


class Distribution(StrEnum):
    """Which distribution the number of errors in a sample is taken to have."""

    POISSON = "poisson"  # textbooks and tables: never below the binomial
    BINOMIAL = "binomial"  # Clopper and Pearson


class Factors(StrEnum):
    """How Poisson factors are used."""

    EXACT = "exact"  # as they are
    ROUNDED = "rounded"  # rounded up to two places, as textbooks print them: 3.00, 4.75, 6.30


@dataclass(frozen=True, kw_only=True)
class Stringer:
    """A bound in sampling units: multiply by the interval for money, divide by the size for a rate.

    `factors` are F(0), F(1) ... to the number of errors.
    """

    size: int
    factors: tuple[Decimal, ...]
    most_likely: Decimal
    upper: Decimal

    @property
    def basic(self) -> Decimal:
        """F(0): the limit were no error found."""
        return self.factors[0]

    @property
    def upper_rate(self) -> Decimal:
        """The upper limit as a share of the value sampled."""
        return self.upper / self.size


def stringer(
    taints: Sequence[Fraction],
    *,
    size: int,
    confidence: Fraction,
    distribution: Distribution = Distribution.POISSON,
    factors: Factors = Factors.EXACT,
) -> Stringer:
    """The bound from the taints found (above 0, in any order) in a sample of `size` hits.

    A taint above 1 is taken as it is. Raises ParameterError for a taint not above 0 or for more taints than hits.
    """
    if size < 1 or len(taints) > size or any(taint <= 0 for taint in taints):
        raise ParameterError(
            "taints", found=f"{len(taints)} in {size}", wanted="taints above 0, at most one a hit"
        )
    ranked = sorted(taints, reverse=True)
    steps = tuple(
        error_factor(k, size=size, confidence=confidence, distribution=distribution, factors=factors)
        for k in range(len(ranked) + 1)
    )
    with localcontext() as context:
        context.prec = DIGITS
        shares = [decimal(taint) for taint in ranked]
        upper = steps[0] + sum(
            (
                (after - before) * taint
                for before, after, taint in zip(steps[:-1], steps[1:], shares, strict=True)
            ),
            Decimal(0),
        )
        return Stringer(size=size, factors=steps, most_likely=sum(shares, Decimal(0)), upper=upper)


def error_factor(
    errors: int,
    *,
    size: int,
    confidence: Fraction,
    distribution: Distribution,
    factors: Factors = Factors.EXACT,
) -> Decimal:
    """F(errors): the upper number of errors in a sample of `size`, one-sided at the confidence.

    Poisson: the factor, whatever the size. Binomial: size x Clopper and Pearson's limit.
    """
    risk = 1 - confidence
    if distribution is Distribution.BINOMIAL:
        if factors is Factors.ROUNDED:
            raise ParameterError(
                "factors", found="rounded", wanted="exact: only Poisson factors are printed rounded"
            )
        return decimal(size * upper_limit(Method.BINOMIAL, errors, size, risk))
    return decimal(rounded_factor(errors, risk) if factors is Factors.ROUNDED else factor(errors, risk))


def decimal(exact: Fraction) -> Decimal:
    """A fraction to the digits of the sums."""
    with localcontext() as context:
        context.prec = DIGITS
        return Decimal(exact.numerator) / Decimal(exact.denominator)
