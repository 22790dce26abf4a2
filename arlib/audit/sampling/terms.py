"""The terms a sample is evaluated on: method, confidence, tolerable misstatement and named conventions. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from arlib.audit.sampling.estimators import Estimator, Quantile
from arlib.audit.sampling.moment import Kind
from arlib.audit.sampling.stringer import Distribution, Factors
from arlib.errors import ParameterError

MINIMUM_ERRORS = 20


class Bound(StrEnum):
    """How a sample is evaluated."""

    STRINGER = "stringer"  # by money: taints, each with its factor
    POISSON = "poisson"  # by money: the number of errors, or their taints added up
    BINOMIAL = "binomial"
    MOMENT = "moment"  # by money: Dworin and Grimlund
    DIRECT = "direct"  # by item: classical estimators
    DIFFERENCE = "difference"
    RATIO = "ratio"
    QUOTIENT = "quotient"
    REGRESSION = "regression"

    @property
    def is_by_item(self) -> bool:
        """Whether it needs a random sample of items rather than of monetary units."""
        return self.value in {one.value for one in Estimator}


KEEPS_CONFIDENCE = (Bound.STRINGER, Bound.POISSON, Bound.BINOMIAL)


class Projection(StrEnum):
    """What a monetary unit that was hit stands for."""

    INTERVAL = "interval"  # the fixed interval it was drawn with, as textbooks have it
    RATE = "rate"  # value sampled by hits: limits are rates times the value


class Netting(StrEnum):
    """What understatements do to the upper limit of overstatements."""

    GROSS = "gross"  # nothing: each side has its own limit; only the most likely misstatement is net
    LESS_MOST_LIKELY = (
        "less_most_likely"  # the limit less the most likely understatement (Leslie, Teitlebaum, Anderson)
    )


class Count(StrEnum):
    """What the Poisson and binomial bounds count."""

    ERRORS = "errors"  # each misstated unit as wrong in full
    TAINTS = "taints"  # the sum of taints as a number of errors: jfa's poisson and binomial; not proven


class Direction(StrEnum):
    """Which limits are compared with the tolerable misstatement."""

    OVERSTATEMENT = "overstatement"
    BOTH = "both"


class Combination(StrEnum):
    """How limits of several strata sampled by money become one."""

    ADDED = "added"  # limits added up: safe, and wider than need be
    POOLED = "pooled"  # one sample, where all strata have the same interval


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How to evaluate. Money in minor units, shares exact.

    `confidence` is that of each limit by itself; with `is_two_sided` that of both together, each then having half the risk.
    `tolerable` may be left out: then there is no conclusion. `projection` None: the fixed interval for Poisson factors where
    one is given, else the rate. `combination` None: pooled where all intervals are equal, else added.
    """

    method: Bound = Bound.STRINGER
    confidence: Fraction
    tolerable: int | None = None
    is_two_sided: bool = False
    distribution: Distribution = Distribution.POISSON
    factors: Factors = Factors.EXACT
    projection: Projection | None = None
    netting: Netting = Netting.GROSS
    count: Count = Count.ERRORS
    direction: Direction = Direction.OVERSTATEMENT
    combination: Combination | None = None
    moment: Kind = Kind.ACCOUNTS
    quantile: Quantile = Quantile.T
    has_correction: bool = False
    minimum_errors: int = MINIMUM_ERRORS

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not 0 < self.confidence < 1:
            raise ParameterError(
                "confidence", found=str(self.confidence), wanted="a share between 0 and 1, such as 0.95"
            )
        if self.tolerable is not None and self.tolerable <= 0:
            raise ParameterError("tolerable misstatement", found=self.tolerable, wanted="an amount above 0")
        if self.minimum_errors < 0:
            raise ParameterError("minimum_errors", found=self.minimum_errors, wanted="0 or more")
        if self.law is Distribution.BINOMIAL and self.factors is Factors.ROUNDED:
            raise ParameterError(
                "factors", found="rounded", wanted="exact: only Poisson factors are printed rounded"
            )

    @property
    def law(self) -> Distribution:
        """The distribution of errors: that of a Poisson or binomial bound by its name."""
        named = {Bound.POISSON: Distribution.POISSON, Bound.BINOMIAL: Distribution.BINOMIAL}
        return named.get(self.method, self.distribution)

    @property
    def one_sided(self) -> Fraction:
        """Confidence of one limit by itself."""
        return (1 + self.confidence) / 2 if self.is_two_sided else self.confidence

    def projected_by(self, interval: Fraction | None) -> Projection:
        """What is projected with, for a part drawn with this fixed interval (None for cells, random, or not known)."""
        if self.projection is not None:
            return self.projection
        is_textbook = (
            interval is not None and self.method is not Bound.MOMENT and self.law is Distribution.POISSON
        )
        return Projection.INTERVAL if is_textbook else Projection.RATE

    def conventions(self) -> dict[str, str]:
        """Every choice by name, for the evaluation's file."""
        is_moment = self.method is Bound.MOMENT
        by_money = {
            "distribution": "" if is_moment else self.law.value,
            "factors": "" if is_moment else self.factors.value,
            "netting": self.netting.value,
            "count": self.count.value if self.method in (Bound.POISSON, Bound.BINOMIAL) else "",
            "moment": self.moment.value if is_moment else "",
        }
        by_item = {
            "quantile": self.quantile.value,
            "finite_population_correction": "yes" if self.has_correction else "no",
        }
        named = by_item if self.method.is_by_item else by_money
        return {
            "limits": "two-sided" if self.is_two_sided else "one-sided, each",
            "direction": self.direction.value,
            **{name: value for name, value in named.items() if value},
        }
