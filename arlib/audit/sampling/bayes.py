"""Attribute and monetary-unit sizes from a posterior: what was known before counts as a sample already seen. Floor 1.

The prior is so many items seen with so many errors; one item without error, the default, is the gamma(1, 1) or the
uniform beta(1, 1) prior. Source: Derks, jfa (R), `planning(prior = TRUE)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from scipy import special

from arlib.audit.sampling.attributes import LARGEST, too_large
from arlib.audit.sampling.exact import Chance, Size, beta_at_most, poisson_at_most, smallest_size
from arlib.audit.sampling.words import decimal_text
from arlib.errors import ParameterError


class Prior(StrEnum):
    """The family of prior and posterior."""

    GAMMA = "gamma"  # with Poisson errors
    BETA = "beta"  # with binomial errors


@dataclass(frozen=True)
class GammaPosterior:
    """P(the rate is above the tolerable one), after a sample with so many errors."""

    rate: Fraction
    seen: Fraction
    wrong: Fraction
    is_whole = False

    def roughly(self, errors: Any, sizes: Any) -> Any:
        """See exact.Law."""
        mean = float(self.rate) * (sizes + float(self.seen))
        return special.gammaincc(1 + float(self.wrong) + errors, mean)

    def at_most(self, errors: Fraction, size: int) -> Chance:
        """See exact.Law."""
        chance = poisson_at_most(self.wrong + errors, self.rate * (self.seen + size))
        return Chance(*chance.as_integer_ratio())


@dataclass(frozen=True)
class BetaPosterior:
    """P(the rate is above the tolerable one), after a sample with so many errors."""

    rate: Fraction
    seen: Fraction
    wrong: Fraction
    is_whole = False

    def roughly(self, errors: Any, sizes: Any) -> Any:
        """See exact.Law."""
        a, b = 1 + float(self.wrong) + errors, float(self.seen - self.wrong) + sizes - errors
        return special.betaincc(a, b, float(self.rate))

    def at_most(self, errors: Fraction, size: int) -> Chance:
        """See exact.Law."""
        a, b = 1 + self.wrong + errors, self.seen - self.wrong + size - errors
        below = Fraction(beta_at_most(self.rate, a, b))
        return Chance(below.denominator - below.numerator, below.denominator)


def size(
    prior: Prior,
    *,
    tolerable: Fraction,
    risk: Fraction,
    expected_rate: Fraction = Fraction(0),
    expected_errors: Fraction | None = None,
    prior_size: Fraction = Fraction(1),
    prior_errors: Fraction = Fraction(0),
    largest: int = LARGEST,
) -> Size:
    """The smallest sample after which P(rate above the tolerable one) is at or under the risk, at the expected errors.

    Expected errors from a rate are not rounded. The posterior is gamma(1 + prior errors + x, prior size + n), or
    beta(1 + prior errors + x, prior size - prior errors + n - x). Raises ParameterError where nothing is enough.
    """
    if not 0 <= prior_errors < prior_size:
        raise ParameterError(
            "prior",
            found=f"{prior_errors} errors in {prior_size}",
            wanted="0 errors or more, in more items than errors",
        )
    if expected_errors is None and expected_rate >= tolerable:
        raise ParameterError(
            "the expected rate must be under the tolerable one",
            found=f"{decimal_text(expected_rate)} against {decimal_text(tolerable)}",
            fix="Expect less, tolerate more, or examine the whole population.",
        )
    kind = GammaPosterior if prior is Prior.GAMMA else BetaPosterior
    law = kind(tolerable, prior_size, prior_errors)
    found = smallest_size(law, risk=risk, rate=expected_rate, errors=expected_errors, largest=largest)
    if found is None:
        raise too_large(largest)
    return found
