"""Two-stage plans: Touw and Hoogduin, p. 129, and the same by simulation of nothing: every outcome counted."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from arlib.audit.sampling.attributes import Method
from arlib.audit.sampling.two_stage import two_stage_risk, two_stage_size
from arlib.errors import ParameterError

B, H, P = Method.BINOMIAL, Method.HYPERGEOMETRIC, Method.POISSON


def test_touw_p129():
    plan = two_stage_size(B, tolerable=Fraction(5, 100), risk=Fraction(1, 10))
    assert (plan.first, plan.second, plan.most) == (49, 49, 98)
    assert f"{float(plan.risk_left):.4f}" == "0.0979"
    assert two_stage_risk(B, tolerable=Fraction(5, 100), first=48, second=48) > Fraction(1, 10)


def test_the_risk_counts_every_outcome():
    """All outcomes of 3 and 3 draws at a rate of 1/4, one by one."""
    chance = Fraction(0)
    for draws in product((0, 1), repeat=6):
        first, second = sum(draws[:3]), sum(draws[3:])
        weight = Fraction(1, 4) ** sum(draws) * Fraction(3, 4) ** (6 - sum(draws))
        chance += weight * (first == 0 or (first <= 2 and second <= 1))
    assert (
        two_stage_risk(B, tolerable=Fraction(1, 4), first=3, second=3, continue_to=2, accept_second=1)
        == chance
    )


def test_a_finite_population_remembers_the_first_sample():
    """8 items, 3 of them wrong, 2 and then 2 drawn: all orders of drawing, one by one."""
    items, drawn = (1, 1, 1, 0, 0, 0, 0, 0), [0, 0]
    for a, b, c, d in product(range(8), repeat=4):
        if len({a, b, c, d}) == 4:
            first, second = items[a] + items[b], items[c] + items[d]
            drawn[0] += first == 0 or (first == 1 and second == 0)
            drawn[1] += 1
    assert two_stage_risk(H, tolerable=Fraction(3, 8), first=2, second=2, population=8) == Fraction(
        drawn[0], drawn[1]
    )


def test_of_one_population_the_sample_is_smaller_and_by_poisson_larger():
    sizes = {
        m: two_stage_size(m, tolerable=Fraction(5, 100), risk=Fraction(1, 10), population=1200).first
        for m in Method
    }
    assert sizes == {H: 48, B: 49, P: 50}


def test_what_cannot_be_is_refused():
    with pytest.raises(ParameterError, match="two-stage"):
        two_stage_size(B, tolerable=Fraction(5, 100), risk=Fraction(1, 10), accept=1, continue_to=1)
    with pytest.raises(ParameterError, match="population"):
        two_stage_size(H, tolerable=Fraction(5, 100), risk=Fraction(1, 10))
    with pytest.raises(ParameterError, match="no sample is enough"):
        two_stage_size(B, tolerable=Fraction(1, 10_000), risk=Fraction(1, 10), largest=500)
    with pytest.raises(ParameterError, match="at most the population"):
        two_stage_risk(H, tolerable=Fraction(1, 10), first=60, second=60, population=100)
