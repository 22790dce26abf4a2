"""Classical variables sizes (mean per unit and difference), and a non-statistical size beside them. Floor 1.

Amounts are integer minor units of one currency. Normal coefficients are statistics: floats inside, shown rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from scipy import special

from arlib.audit.sampling.attributes import rounded_factor
from arlib.errors import ParameterError

COEFFICIENT_DIGITS = 12


@dataclass(frozen=True, kw_only=True)
class VariablesPlan:
    """A sample for an estimate by means. `accept_coefficient` is one-sided, `reject_coefficient` two-sided.

    `unlimited_size` is the size without the correction for a finite population, as the formula gives it; `size` is
    rounded up, after the correction where it was asked for.
    """

    size: int
    unlimited_size: Fraction
    accept_coefficient: Fraction
    reject_coefficient: Fraction
    is_corrected: bool


@dataclass(frozen=True, kw_only=True)
class NonStatisticalPlan:
    """A size by judgement: `factor` is the assurance factor, `is_given` whether the auditor gave it."""

    size: int
    factor: Fraction
    is_given: bool


def plan_variables(
    *,
    population: int,
    deviation: Fraction,
    tolerable: Fraction,
    expected: Fraction = Fraction(0),
    risk: Fraction,
    risk_of_rejection: Fraction,
    is_corrected: bool = False,
) -> VariablesPlan:
    """How many items an estimate of the total needs: n = (N * s * (Za + Zr) / (tolerable - expected))^2, rounded up.

    `deviation` is the standard deviation of one item: of audited values for mean per unit, of audited less book value for
    difference estimation. `risk` is that of incorrect acceptance (Za one-sided, 1.28 at 10 %), `risk_of_rejection` that
    of incorrect rejection (Zr two-sided, 1.15 at 25 %). With `is_corrected` n becomes n / (1 + n/N). Source: Arens,
    Elder and Beasley, Auditing and Assurance Services, "variables sampling"; Roberts, Statistical Auditing (1978).
    """
    if population < 1 or deviation <= 0 or not 0 <= expected < tolerable:
        raise ParameterError(
            "classical variables sample",
            found=f"population {population}, deviation {deviation}, tolerable {tolerable}, expected {expected}",
            wanted="a population and a standard deviation above 0, tolerable above expected, expected of 0 or more",
        )
    accept = _exact(-special.ndtri(float(risk)))
    reject = _exact(-special.ndtri(float(risk_of_rejection / 2)))
    if accept + reject <= 0:
        raise ParameterError(
            "risks of a classical variables sample", found=f"{risk}, {risk_of_rejection}", wanted="less risk"
        )
    n = (population * deviation * (accept + reject) / (tolerable - expected)) ** 2
    used = n / (1 + n / population) if is_corrected else n
    return VariablesPlan(
        size=min(ceil(used), population),
        unlimited_size=n,
        accept_coefficient=accept,
        reject_coefficient=reject,
        is_corrected=is_corrected,
    )


def plan_non_statistical(
    *,
    book_value: int,
    tolerable: Fraction | int,
    risk: Fraction | None = None,
    factor: Fraction | None = None,
) -> NonStatisticalPlan:
    """A size for comparison: n = book value * assurance factor / tolerable, rounded up.

    The formula is that of the AICPA Audit Sampling Guide for non-statistical samples. The factor is the auditor's
    judgement of how much assurance the sample must give; where only a risk is given it is the Poisson factor for no
    error, rounded up (3.00 at 5 %). Book value is of what is sampled: without individually significant items. A properly
    designed non-statistical sample is ordinarily as large as a statistical one (PCAOB AS 2315.23A).
    """
    if (risk is None) == (factor is None):
        raise ParameterError("non-statistical size", wanted="either a risk or an assurance factor")
    used = factor if factor is not None else rounded_factor(0, risk or Fraction(1))
    if book_value <= 0 or tolerable <= 0 or used <= 0:
        raise ParameterError(
            "non-statistical size",
            found=f"book value {book_value}, tolerable {tolerable}, factor {used}",
            wanted="all above 0",
        )
    return NonStatisticalPlan(
        size=ceil(book_value / Fraction(tolerable) * used), factor=used, is_given=factor is not None
    )


def _exact(value: float) -> Fraction:
    return Fraction(f"{float(value):.{COEFFICIENT_DIGITS}g}")
