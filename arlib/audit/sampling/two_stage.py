"""Attribute samples in two stages: stop at once when the first sample is clean enough, else draw once more. Floor 1.

Accept where the first sample has at most `accept` errors; with up to `continue_to` errors draw the second sample and
accept where it has at most `accept_second` errors itself; with more, stop: the population is not accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from arlib.audit.sampling.attributes import LARGEST, Method, too_large
from arlib.audit.sampling.exact import (
    binomial_chance,
    hypergeometric_chance,
    poisson_at_most,
)
from arlib.errors import ParameterError


@dataclass(frozen=True, kw_only=True)
class TwoStagePlan:
    """A plan with two samples. `risk_left` is P(accepting) were the population just tolerable."""

    method: Method
    first: int
    second: int
    accept: int
    continue_to: int
    accept_second: int
    risk_left: Fraction

    @property
    def most(self) -> int:
        """Items drawn where both samples are needed."""
        return self.first + self.second


def two_stage_risk(
    method: Method,
    *,
    tolerable: Fraction,
    first: int,
    second: int,
    accept: int = 0,
    continue_to: int = 1,
    accept_second: int = 0,
    population: int | None = None,
) -> Fraction:
    """P(accepting) were the rate just tolerable: P(at most `accept` in the first) + the sum over the errors that ask for
    more of P(so many in the first) * P(at most `accept_second` in the second). Exact in small samples, else to 40 digits.
    """
    _check(accept, continue_to, accept_second)
    chance = _at_most(method, accept, first, tolerable, population, drawn=0, seen=0)
    for seen in range(accept + 1, continue_to + 1):
        just = _at_most(method, seen, first, tolerable, population, drawn=0, seen=0) - _at_most(
            method, seen - 1, first, tolerable, population, drawn=0, seen=0
        )
        if just > 0:
            chance += just * _at_most(
                method, accept_second, second, tolerable, population, drawn=first, seen=seen
            )
    return chance


def two_stage_size(
    method: Method,
    *,
    tolerable: Fraction,
    risk: Fraction,
    accept: int = 0,
    continue_to: int = 1,
    accept_second: int = 0,
    population: int | None = None,
    largest: int = LARGEST,
) -> TwoStagePlan:
    """The smallest two samples of equal size that leave at most the risk.

    Source: Touw and Hoogduin, p. 129: 49 and 49 at 5 % tolerable and 90 % confidence. Raises ParameterError where nothing
    up to `largest` in both (or half the population in each) is enough.
    """
    most = min(largest, population or largest) // 2

    def risk_at(each: int) -> Fraction:
        return two_stage_risk(
            method, tolerable=tolerable, first=each, second=each, accept=accept, continue_to=continue_to,
            accept_second=accept_second, population=population,
        )  # fmt: skip

    low, high = 0, 1
    while high <= most and risk_at(high) > risk:
        low, high = high, high * 2
    high = min(high, most)
    if high <= low or risk_at(high) > risk:
        raise too_large(most)
    while high - low > 1:  # P(accepting) falls as both samples grow
        middle = (low + high) // 2
        low, high = (low, middle) if risk_at(middle) <= risk else (middle, high)
    return TwoStagePlan(
        method=method, first=high, second=high, accept=accept, continue_to=continue_to,
        accept_second=accept_second, risk_left=risk_at(high),
    )  # fmt: skip


def _at_most(
    method: Method, errors: int, size: int, rate: Fraction, population: int | None, *, drawn: int, seen: int
) -> Fraction:
    """P(at most so many errors) in a sample, after `drawn` items with `seen` errors left a finite population."""
    if errors < 0:
        return Fraction(0)
    if method is Method.BINOMIAL:
        return binomial_chance(errors, size, rate).value
    if method is Method.POISSON:
        return Fraction(poisson_at_most(errors, rate * size))
    if population is None:
        raise ParameterError(
            "hypergeometric sample", wanted="the size of the population", fix="Give population_size."
        )
    wrong = ceil(rate * population)
    if drawn + size > population:
        raise ParameterError(
            "sample size", found=drawn + size, wanted=f"at most the population, {population}"
        )
    return hypergeometric_chance(errors, size, population - drawn, wrong - seen).value


def _check(accept: int, continue_to: int, accept_second: int) -> None:
    if not 0 <= accept < continue_to or accept_second < 0:
        raise ParameterError(
            "errors of a two-stage plan",
            found=f"accept {accept}, continue to {continue_to}, accept {accept_second} in the second",
            wanted="0 or more, and to continue to more than to accept",
        )
