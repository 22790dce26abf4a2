"""Classical estimators from a random sample of items: direct, difference, ratio, quotient and regression. Floor 1.

N items worth B in the books, n of them examined: book values b, audit values a, differences d = b - a. The estimate is the
total misstatement, overstatements positive:

    direct      B - N x mean(a)                                    s = sd(a)        (mean per unit)
    difference  N x mean(d)                                        s = sd(d)
    ratio       B x (1 - q),  q = sum(a) / sum(b)                  s = sd(a - q b)  (Cochran 1977, 6.4)
    quotient    N x mean(b) x (1 - q)                              s = sd(a - q b)  (the same scaled by the sample's mean book
                value, as the R package jfa has it: its estimate is that of the difference estimator)
    regression  B - (N x mean(a) + slope x (B - N x mean(b)))      s = sd(a) x sqrt(1 - r^2)

with sd by n - 1; standard error N x s / sqrt(n), times sqrt(1 - n/N) with the finite-population correction. Limits are the
estimate -+ t (n - 1 degrees of freedom) or z times it. Points are exact; spreads are floats, rounded to money by the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import sqrt

from arlib.errors import ParameterError


class Estimator(StrEnum):
    """How a total is estimated."""

    DIRECT = "direct"
    DIFFERENCE = "difference"
    RATIO = "ratio"
    QUOTIENT = "quotient"
    REGRESSION = "regression"


class Quantile(StrEnum):
    """Which distribution gives the limits."""

    T = "t"
    Z = "z"


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A total misstatement in minor units, its standard error and degrees of freedom (0 where all items were examined)."""

    point: Fraction
    standard_error: float
    freedom: float

    def margin(self, confidence: float, quantile: Quantile) -> float:
        """What is added to the point for an upper limit at a one-sided confidence."""
        from scipy.stats import norm, t

        if not self.standard_error:
            return 0.0
        times = norm.ppf(confidence) if quantile is Quantile.Z else t.ppf(confidence, self.freedom)
        return float(times) * self.standard_error


def estimate(
    estimator: Estimator,
    book: Sequence[int],
    audit: Sequence[int],
    *,
    items: int,
    book_value: int,
    has_correction: bool = False,
) -> Estimate:
    """The estimate from a random sample of a population (or stratum) of `items` with `book_value`, in minor units.

    Where every item was examined it is the misstatement itself. Raises ParameterError for fewer than two items, for more
    than there are, or where book values that add up to nothing (ratio) or do not differ (regression) leave no estimate.
    """
    size = len(book)
    if size != len(audit) or size > items or not size:
        raise ParameterError(
            "sample", found=f"{size} book and {len(audit)} audit values", wanted=f"1 to {items} of both"
        )
    if size == items:
        return Estimate(point=Fraction(sum(book) - sum(audit)), standard_error=0.0, freedom=0.0)
    if size < 2:
        raise ParameterError("sample", found="1 item", wanted="2 or more: one has no spread")
    b, a = Fraction(sum(book), size), Fraction(sum(audit), size)
    saa = _products(audit, audit)
    if estimator is Estimator.DIRECT:
        point, spread = book_value - items * a, saa
    elif estimator is Estimator.DIFFERENCE:
        gaps = [x - y for x, y in zip(book, audit, strict=True)]
        point, spread = items * (b - a), _products(gaps, gaps)
    elif estimator is Estimator.REGRESSION:
        sbb, sab = _products(book, book), _products(audit, book)
        if not sbb:
            raise ParameterError(
                "regression", found="one book value for all items", wanted="book values that differ"
            )
        slope = sab / sbb
        point, spread = book_value - (items * a + slope * (book_value - items * b)), saa - sab * slope
    else:
        if not b:
            raise ParameterError(
                estimator.value, found="book values that add up to 0", wanted="another estimator"
            )
        q = a / b
        base = book_value if estimator is Estimator.RATIO else items * b
        point = base * (1 - q)
        spread = saa - 2 * q * _products(audit, book) + q * q * _products(book, book)
    error = items * sqrt(max(spread, Fraction(0)) / (size - 1) / size)
    if has_correction:
        error *= sqrt(1 - Fraction(size, items))
    return Estimate(point=Fraction(point), standard_error=error, freedom=size - 1)


def combined(parts: Sequence[Estimate]) -> Estimate:
    """The total of independent strata: points and variances add up; degrees of freedom by Satterthwaite (Cochran 1977, 5.4)."""
    variance = sum(part.standard_error**2 for part in parts)
    spread = sum(part.standard_error**4 / part.freedom for part in parts if part.standard_error)
    return Estimate(
        point=sum((part.point for part in parts), Fraction(0)),
        standard_error=sqrt(variance),
        freedom=variance**2 / spread if spread else 0.0,
    )


def _products(left: Sequence[int], right: Sequence[int]) -> Fraction:
    """Sum of products of the deviations from the means, exact."""
    size = len(left)
    cross = sum(x * y for x, y in zip(left, right, strict=True))
    return Fraction(size * cross - sum(left) * sum(right), size)
