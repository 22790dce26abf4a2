"""Attribute samples: how many items, and what the errors found say about the rate in the population. Floor 1.

Rates, risks and limits are exact shares (`Fraction`), errors a count. "Tolerable" is a rate that the population must not
reach: the test is of a population that is just as bad, and the risk is that its sample looks as good as the one drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
from scipy import special, stats

from arlib.audit.sampling.exact import (
    Binomial,
    Hypergeometric,
    Law,
    Poisson,
    Size,
    binomial_chance,
    chance_of,
    hypergeometric_chance,
    is_within,
    poisson_at_most,
    smallest_size,
    smallest_step,
    whole,
)
from arlib.audit.sampling.words import decimal_text
from arlib.errors import ParameterError

LARGEST = 100_000  # beyond it no sample is drawn; a search that goes on means that expected is too near to tolerable
SHOWN_DIGITS = 15


class Method(StrEnum):
    """The distribution of the errors in an attribute sample."""

    BINOMIAL = "binomial"  # with replacement, or from a large population; errors counted in whole numbers
    POISSON = "poisson"  # the binomial's safe approximation for small rates; parts of errors add up
    HYPERGEOMETRIC = "hypergeometric"  # without replacement from a population of known size


class Side(StrEnum):
    """Which limit of the rate is wanted; a two-sided one has half the risk at each end."""

    UPPER = "upper"
    LOWER = "lower"
    TWO_SIDED = "two_sided"


@dataclass(frozen=True, kw_only=True)
class AttributeResult:
    """What a sample says about the rate of errors. `lower` is 0 and `upper` 1 where that side was not asked for.

    `tolerable_risk` is P(at most the errors found) were the rate just tolerable; `is_supported` says whether it is at or
    under the risk, half of it where two-sided (both None without a tolerable rate, and for a lower limit).
    """

    method: Method
    side: Side
    size: int
    errors: Fraction
    population: int | None
    risk: Fraction
    rate: Fraction
    lower: Fraction
    upper: Fraction
    tolerable: Fraction | None
    tolerable_risk: Fraction | None
    is_supported: bool | None

    @property
    def precision(self) -> Fraction:
        """Upper limit less the rate found: the allowance for sampling risk."""
        return self.upper - self.rate


def law_of(method: Method, *, tolerable: Fraction, population: int | None = None) -> Law:
    """The law of errors in a sample from a population that is just tolerably bad.

    Of a finite population the smallest number of wrong items at the rate or over it counts: ceil(rate * population).
    """
    if method is Method.BINOMIAL:
        return Binomial(tolerable)
    if method is Method.POISSON:
        return Poisson(tolerable)
    return Hypergeometric(_population(population), ceil(tolerable * _population(population)))


def size(
    method: Method,
    *,
    tolerable: Fraction,
    risk: Fraction,
    expected_rate: Fraction = Fraction(0),
    expected_errors: Fraction | None = None,
    population: int | None = None,
    largest: int = LARGEST,
) -> Size:
    """The smallest sample whose P(at most the expected errors) is at or under the risk, were the rate tolerable.

    Expected errors are a count, or a rate: then they are rate * size, rounded up for binomial and hypergeometric samples
    and left as they are for Poisson ones. A sample from a population of known size is at most the whole of it. Raises
    ParameterError where nothing up to `largest` is enough. Source: AICPA Audit Sampling Guide, tables A-1 and A-2
    (binomial); Touw and Hoogduin, Statistiek voor audit en controlling (all three).
    """
    law = law_of(method, tolerable=tolerable, population=population)
    if expected_errors is not None and (
        expected_errors < 0 or (law.is_whole and expected_errors.denominator != 1)
    ):
        raise ParameterError(
            "expected errors", found=decimal_text(expected_errors), wanted=f"0 or more, whole for {method}"
        )
    if expected_errors is None and expected_rate >= tolerable:
        raise ParameterError(
            "the expected rate must be under the tolerable one",
            found=f"{decimal_text(expected_rate)} against {decimal_text(tolerable)}",
            fix="Expect less, tolerate more, or examine the whole population.",
        )
    most = largest if method is not Method.HYPERGEOMETRIC else min(largest, _population(population))
    found = smallest_size(law, risk=risk, rate=expected_rate, errors=expected_errors, largest=most)
    if found is None:
        raise too_large(most)
    return found


def too_large(largest: int) -> ParameterError:
    """The error of a search that found nothing."""
    return ParameterError(
        "no sample is enough",
        found=f"none of up to {largest} items",
        wanted="an expected rate well under the tolerable one",
        fix="Expect less, tolerate more or take more risk; or examine the whole population.",
    )


def evaluate(
    method: Method,
    *,
    size: int,
    errors: Fraction | int,
    risk: Fraction,
    population: int | None = None,
    side: Side = Side.UPPER,
    tolerable: Fraction | None = None,
) -> AttributeResult:
    """The limits of the rate of errors, from the errors found in a sample.

    Binomial limits are Clopper and Pearson's, Poisson ones gamma quantiles divided by the size. Hypergeometric: the upper
    limit is the largest number of wrong items that is *not* rejected, by the population: (K - 1)/N, K the smallest with
    P(at most the errors found) at or under the risk; the lower limit in the same way from below. Raises ParameterError
    where the figures contradict each other.
    """
    found = Fraction(errors)
    if not 0 <= found <= size or (method is not Method.POISSON and found.denominator != 1) or size < 1:
        raise ParameterError(
            "errors in an attribute sample", found=f"{errors} in {size}", wanted="0 up to the size, whole"
        )
    if population is not None and size > population:
        raise ParameterError("sample size", found=size, wanted=f"at most the population, {population}")
    each = risk / 2 if side is Side.TWO_SIDED else risk
    upper = Fraction(1) if side is Side.LOWER else upper_limit(method, found, size, each, population)
    lower = Fraction(0) if side is Side.UPPER else lower_limit(method, found, size, each, population)
    reached, is_supported = None, None
    if tolerable is not None and side is not Side.LOWER:
        law = law_of(method, tolerable=tolerable, population=population)
        rough = float(law.roughly(np.array(float(found)), np.array(float(size))))
        reached = chance_of(law, found, size, rough=rough)
        is_supported = is_within(rough, each, lambda: law.at_most(found, size))
    return AttributeResult(
        method=method, side=side, size=size, errors=found, population=population, risk=risk, rate=found / size,
        lower=lower, upper=upper, tolerable=tolerable,
        tolerable_risk=reached,
        is_supported=is_supported,
    )  # fmt: skip


def upper_limit(
    method: Method, errors: Fraction | int, size: int, risk: Fraction, population: int | None = None
) -> Fraction:
    """The one-sided upper limit of the rate; at most 1."""
    found = Fraction(errors)
    if method is Method.POISSON:
        return min(factor(found, risk) / size, Fraction(1))
    if found >= size:
        return Fraction(1)
    if method is Method.BINOMIAL:
        return _exact(special.betainccinv(float(found + 1), float(size - found), float(risk)))
    known = _population(population)
    return Fraction(_first_rejected(whole(found), size, risk, known) - 1, known)


def lower_limit(
    method: Method, errors: Fraction | int, size: int, risk: Fraction, population: int | None = None
) -> Fraction:
    """The one-sided lower limit of the rate; 0 where no error was found."""
    found = Fraction(errors)
    if found == 0:
        return Fraction(0)
    if method is Method.POISSON:
        return _exact(special.gammaincinv(float(found), float(risk))) / size
    if method is Method.BINOMIAL:
        return _exact(special.betaincinv(float(found), float(size - found + 1), float(risk)))
    known = _population(population)
    # the right items are the errors of the opposite question: few wrong is many right
    right = size - whole(found)
    return 1 - Fraction(_first_rejected(right, size, risk, known) - 1, known)


def _first_rejected(errors: int, size: int, risk: Fraction, population: int) -> int:
    """The smallest number of wrong items with P(at most so many errors) at or under the risk."""
    if errors >= size:
        return population + 1
    low, high = errors, population  # low is never rejected: at most that many errors are certain
    while high - low > 1:
        wrong = (low + high) // 2
        rough = float(stats.hypergeom.cdf(errors, population, wrong, size))
        if is_within(rough, risk, lambda: hypergeometric_chance(errors, size, population, wrong)):  # noqa: B023
            high = wrong
        else:
            low = wrong
    return high


def factor(errors: Fraction | int, risk: Fraction) -> Fraction:
    """The Poisson factor (reliability or confidence factor): the mean at which P(at most so many errors) is the risk.

    The quantile of a gamma distribution, 2.99573... for no error at 5 % risk; unrounded, right to 15 digits.
    """
    return _exact(special.gammainccinv(float(errors) + 1, float(risk)))


def rounded_factor(errors: Fraction | int, risk: Fraction, *, places: int = 2) -> Fraction:
    """The Poisson factor rounded up as textbooks print it: 3.00, 4.75, 6.30 at 5 % risk. Decided exactly."""
    return smallest_step(
        10**places,
        float(factor(errors, risk)),
        lambda mean: Fraction(poisson_at_most(errors, mean)) <= risk,
    )


def rounded_limit(errors: int, size: int, risk: Fraction, *, parts: int = 1000) -> Fraction:
    """The binomial upper limit rounded up to a multiple of 1/parts, as table A-3 prints it. Decided exactly."""
    if errors >= size:
        return Fraction(1)
    return smallest_step(
        parts,
        float(upper_limit(Method.BINOMIAL, errors, size, risk)),
        lambda rate: binomial_chance(errors, size, min(rate, Fraction(1))).is_at_most(risk),
    )


def _exact(value: Any) -> Fraction:
    """A float, of Python or numpy, as the fraction of its 15 significant digits."""
    return Fraction(f"{float(value):.{SHOWN_DIGITS}g}")


def _population(population: int | None) -> int:
    if population is None:
        raise ParameterError(
            "hypergeometric sample", wanted="the size of the population", fix="Give population_size."
        )
    return population
