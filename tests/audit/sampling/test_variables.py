"""Classical variables and non-statistical sizes."""

from __future__ import annotations

from fractions import Fraction

import pytest

from arlib.audit.sampling.variables import plan_non_statistical, plan_variables
from arlib.errors import ParameterError


def test_difference_estimation_by_the_textbook_coefficients():
    """4,000 accounts, deviation 20, tolerable 21,000, expected 1,500, 10 % and 25 %: (20 x (1.28 + 1.15) x 4000 / 19500)^2."""
    plan = plan_variables(
        population=4000,
        deviation=Fraction(20),
        tolerable=Fraction(21_000),
        expected=Fraction(1_500),
        risk=Fraction(1, 10),
        risk_of_rejection=Fraction(1, 4),
    )
    assert plan.size == 100
    assert (f"{float(plan.accept_coefficient):.2f}", f"{float(plan.reject_coefficient):.2f}") == (
        "1.28",
        "1.15",
    )
    assert float(plan.unlimited_size) == pytest.approx((20 * 2.4319 * 4000 / 19_500) ** 2, rel=1e-4)


def test_the_population_corrects_and_limits():
    args = {
        "deviation": Fraction(50),
        "tolerable": Fraction(2_000),
        "risk": Fraction(5, 100),
        "risk_of_rejection": Fraction(1, 10),
    }
    plain = plan_variables(population=400, **args)
    corrected = plan_variables(population=400, is_corrected=True, **args)
    assert plain.size == min(400, -(-plain.unlimited_size.numerator // plain.unlimited_size.denominator))
    assert corrected.size < plain.size
    used = corrected.unlimited_size
    assert corrected.size - 1 < used / (1 + used / 400) <= corrected.size


def test_non_statistical_size():
    assert plan_non_statistical(book_value=6_900_000, tolerable=150_000, factor=Fraction(2)).size == 92
    by_risk = plan_non_statistical(book_value=300_000, tolerable=15_000, risk=Fraction(5, 100))
    assert (by_risk.size, by_risk.factor, by_risk.is_given) == (60, 3, False)


def test_what_cannot_be_is_refused():
    args = {
        "population": 10,
        "deviation": Fraction(1),
        "tolerable": Fraction(5),
        "risk": Fraction(1, 10),
        "risk_of_rejection": Fraction(1, 4),
    }
    for wrong in (
        {"population": 0},
        {"deviation": Fraction(0)},
        {"expected": Fraction(5)},
        {"risk": Fraction(9, 10), "risk_of_rejection": Fraction(99, 100)},
    ):
        with pytest.raises(ParameterError):
            plan_variables(**(args | wrong))
    for wrong in ({}, {"risk": Fraction(1, 10), "factor": Fraction(1)}, {"factor": Fraction(0)}):
        with pytest.raises(ParameterError):
            plan_non_statistical(book_value=10, tolerable=1, **wrong)
