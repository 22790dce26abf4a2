"""The distributions behind sampling, decided without floating-point doubt. Floor 1.

A size is an integer that a product decides: whether P(at most x errors) is at or under the risk. scipy answers where the
answer is clear; where its figure is within `NEAR` of the risk, integers (binomial, hypergeometric) or decimals of 60
digits (Poisson, and counts of errors that are no whole numbers) decide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from math import ceil, comb
from typing import Any, Protocol

import numpy as np
from scipy import special, stats

NEAR = 1e-6  # relative; scipy's own error is some thousand times smaller
DIGITS = 60  # of decimals; what is lost in a sum of a million terms still leaves more than 40
TWO_PI = Decimal("6.2831853071795864769252867665590057683943387987502116419498891846")
STIRLING_FROM = 60  # where the first omitted term of Stirling's series is under 1e-56
STIRLING_TERMS = 20
CHUNK, LARGEST_CHUNK = 1024, 65_536
REDUCED_BITS, KEPT_BITS = 4000, 200
EXACT_WORK = 20_000_000  # size times errors up to which a chance that decides nothing is worked out exactly


@dataclass(frozen=True)
class Chance:
    """A probability as two integers that are not reduced: of large samples they have a million digits, and need not be."""

    upper: int
    lower: int

    def is_at_most(self, risk: Fraction) -> bool:
        """Whether it is at or under the risk; exact."""
        return self.upper * risk.denominator <= risk.numerator * self.lower

    @property
    def value(self) -> Fraction:
        """The probability, exact where the integers are small, else to 60 digits."""
        if self.lower.bit_length() <= REDUCED_BITS or not self.upper:
            return Fraction(self.upper, self.lower)
        shift = KEPT_BITS + self.lower.bit_length() - self.upper.bit_length()
        return Fraction((self.upper << shift) // self.lower, 1 << shift)


class Law(Protocol):
    """How likely a sample of some size has at most some errors, were the population as bad as can be tolerated."""

    @property
    def is_whole(self) -> bool:
        """Whether errors are counted in whole numbers; an expected number of them is then rounded up."""

    def roughly(self, errors: Any, sizes: Any) -> Any:
        """P(at most so many errors) for arrays of both, in floating point."""

    def at_most(self, errors: Fraction, size: int) -> Chance:
        """The same for one size: exact, or to more than 40 digits."""


@dataclass(frozen=True)
class Binomial:
    """Errors at a fixed rate, drawn with replacement or from a large population."""

    rate: Fraction
    is_whole = True

    def roughly(self, errors: Any, sizes: Any) -> Any:
        """See Law."""
        room = np.maximum(sizes - errors, 1e-300)  # no error too many is possible where there is no room
        return np.where(errors >= sizes, 1.0, special.betaincc(errors + 1, room, float(self.rate)))

    def at_most(self, errors: Fraction, size: int) -> Chance:
        """See Law."""
        return binomial_chance(whole(errors), size, self.rate)


@dataclass(frozen=True)
class Poisson:
    """Errors that are rare; their number may be a sum of parts, as taints are."""

    rate: Fraction
    is_whole = False

    def roughly(self, errors: Any, sizes: Any) -> Any:
        """See Law."""
        return special.gammaincc(errors + 1, float(self.rate) * sizes)

    def at_most(self, errors: Fraction, size: int) -> Chance:
        """See Law."""
        return Chance(*poisson_at_most(errors, self.rate * size).as_integer_ratio())


@dataclass(frozen=True)
class Hypergeometric:
    """Drawn without replacement from a population of so many items, so many of them wrong."""

    population: int
    wrong: int
    is_whole = True

    def roughly(self, errors: Any, sizes: Any) -> Any:
        """See Law."""
        return stats.hypergeom.cdf(errors, self.population, self.wrong, sizes)

    def at_most(self, errors: Fraction, size: int) -> Chance:
        """See Law."""
        return hypergeometric_chance(whole(errors), size, self.population, self.wrong)


@dataclass(frozen=True)
class Size:
    """The smallest sample: its size, the errors that it may have, and the risk that it leaves."""

    size: int
    errors: Fraction
    risk: Fraction


def smallest_size(
    law: Law, *, risk: Fraction, rate: Fraction = Fraction(0), errors: Fraction | None = None, largest: int
) -> Size | None:
    """The smallest size up to `largest` whose P(at most the expected errors) is at or under the risk, or None.

    The expected errors are `errors`, or `rate` of the size, rounded up where the law counts whole errors. Every size is
    tried from one on, as a larger one may fail again where the rounding adds an error.
    """
    start, width = 1, CHUNK
    while start <= largest:
        sizes = range(start, min(start + width, largest + 1))
        allowed = [_allowed(law, n, rate) if errors is None else errors for n in sizes]
        rough = law.roughly(np.array(allowed, dtype=float), np.array(sizes, dtype=float))
        for place in np.flatnonzero(~(rough > float(risk) * (1 + NEAR))):
            size, expected = sizes[int(place)], Fraction(allowed[int(place)])
            if expected < size and is_within(float(rough[place]), risk, lambda: law.at_most(expected, size)):  # noqa: B023
                return Size(size, expected, chance_of(law, expected, size, rough=float(rough[place])))
        start, width = start + width, min(width * 2, LARGEST_CHUNK)
    return None


def _allowed(law: Law, size: int, rate: Fraction) -> int | Fraction:
    return -(-rate.numerator * size // rate.denominator) if law.is_whole else rate * size


def is_within(rough: float, risk: Fraction, exactly: Callable[[], Chance]) -> bool:
    """Whether a probability is at or under the risk; worked out exactly only where `rough` is too near to tell."""
    if abs(rough - float(risk)) > NEAR * float(risk):  # false for no number at all
        return rough < float(risk)
    return exactly().is_at_most(risk)


def chance_of(law: Law, errors: Fraction, size: int, *, rough: float) -> Fraction:
    """P(at most so many errors) to be shown: exact, or of very large samples with many errors scipy's 12 digits."""
    if size * (errors + 1) <= EXACT_WORK:
        return law.at_most(errors, size).value
    return Fraction(f"{rough:.12g}")


def whole(errors: Fraction | int) -> int:
    """A number of errors as an integer; a part of an error raises ValueError, as a law of counts has no such thing."""
    if Fraction(errors).denominator != 1:
        raise ValueError(f"errors are counted in whole numbers here, found {errors}")
    return int(errors)


def binomial_at_most(errors: int, size: int, rate: Fraction) -> Fraction:
    """P(at most so many errors in so many draws), each an error at the rate. Exact."""
    chance = binomial_chance(errors, size, rate)
    return Fraction(chance.upper, chance.lower)


def binomial_chance(errors: int, size: int, rate: Fraction) -> Chance:
    """The same, not reduced."""
    if errors >= size or rate == 0:
        return Chance(int(errors >= 0), 1)
    if errors < 0 or rate == 1:
        return Chance(0, 1)
    bad, good = rate.numerator, rate.denominator - rate.numerator
    term = total = good**size
    for k in range(1, errors + 1):
        term = term * ((size - k + 1) * bad) // (k * good)
        total += term
    return Chance(total, rate.denominator**size)


def hypergeometric_at_most(errors: int, size: int, population: int, wrong: int) -> Fraction:
    """P(at most so many wrong items in a sample without replacement), `wrong` of the population being wrong. Exact."""
    chance = hypergeometric_chance(errors, size, population, wrong)
    return Fraction(chance.upper, chance.lower)


def hypergeometric_chance(errors: int, size: int, population: int, wrong: int) -> Chance:
    """The same, not reduced."""
    right = population - wrong
    least, most = max(0, size - right), min(errors, size, wrong)
    if least > most:
        return Chance(0, 1)
    term = total = comb(wrong, least) * comb(right, size - least)
    for k in range(least, most):
        term = term * ((wrong - k) * (size - k)) // ((k + 1) * (right - size + k + 1))
        total += term
    return Chance(total, comb(population, size))


def poisson_at_most(errors: Fraction | int, mean: Fraction) -> Decimal:
    """P(at most so many errors) where `mean` are expected; the upper incomplete gamma function Q(errors + 1, mean).

    Errors need not be whole. More than 40 digits are right.
    """
    shape = Fraction(errors) + 1
    if mean == 0:
        return Decimal(1)
    with localcontext(Context(prec=DIGITS)):
        s, x = _decimal(shape), _decimal(mean)
        term = total = Decimal(1)
        k = 0
        while term > total.scaleb(-DIGITS) or k < x:
            k += 1
            term = term * x / (s + k)
            total += term
        lead = (s * x.ln() - x - log_gamma(shape + 1)).exp()
        return max(Decimal(1) - lead * total, Decimal(0))


def beta_at_most(rate: Fraction, a: Fraction, b: Fraction) -> Decimal:
    """The share of a beta distribution that lies at or under the rate. More than 40 digits are right."""
    if rate in (0, 1):
        return Decimal(int(rate))
    with localcontext(Context(prec=DIGITS)):
        p, first, both = _decimal(rate), _decimal(a), _decimal(a + b)
        term = total = Decimal(1)
        k = 0
        while term > total.scaleb(-DIGITS) or p * (both + k) > first + 1 + k:
            term = term * p * (both + k) / (first + 1 + k)
            total += term
            k += 1
        logs = log_gamma(a + b) - log_gamma(a + 1) - log_gamma(b)
        lead = (logs + first * p.ln() + _decimal(b) * _decimal(1 - rate).ln()).exp()
        return min(lead * total, Decimal(1))


@lru_cache(maxsize=256)
def log_gamma(value: Fraction) -> Decimal:
    """The natural logarithm of the gamma function of a positive rational, by Stirling's series."""
    with localcontext(Context(prec=DIGITS)):
        steps = max(0, STIRLING_FROM - int(value))
        below = Decimal(1)
        for step in range(steps):
            below *= _decimal(value + step)
        z = _decimal(value + steps)
        series = sum(
            (
                _decimal(bernoulli(2 * k)) / (2 * k * (2 * k - 1) * z ** (2 * k - 1))
                for k in range(1, STIRLING_TERMS)
            ),
            Decimal(0),
        )
        half = Decimal("0.5")
        return (z - half) * z.ln() - z + half * TWO_PI.ln() + series - below.ln()


@lru_cache(maxsize=64)
def bernoulli(order: int) -> Fraction:
    """A Bernoulli number: B(2) is 1/6, B(4) -1/30."""
    if order == 0:
        return Fraction(1)
    return -sum((comb(order + 1, k) * bernoulli(k) for k in range(order)), Fraction(0)) / (order + 1)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def smallest_step(parts: int, start: float, passes: Callable[[Fraction], bool]) -> Fraction:
    """The smallest multiple of 1/parts that passes, where all above it pass and none below; `start` is a near guess."""
    step = max(0, ceil(start * parts))
    while not passes(Fraction(step, parts)):
        step += 1
    while step > 0 and passes(Fraction(step - 1, parts)):
        step -= 1
    return Fraction(step, parts)
