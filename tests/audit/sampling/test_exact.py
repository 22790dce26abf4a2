"""The distributions: exact against scipy, and exact where scipy cannot tell."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from arlib.audit.sampling.exact import (
    Binomial,
    Hypergeometric,
    Poisson,
    bernoulli,
    beta_at_most,
    binomial_at_most,
    binomial_chance,
    hypergeometric_at_most,
    log_gamma,
    poisson_at_most,
    smallest_size,
    smallest_step,
    whole,
)


@settings(max_examples=60, derandomize=True)
@given(
    st.integers(1, 400),
    st.integers(0, 30),
    st.fractions(Fraction(1, 1000), Fraction(1, 2), max_denominator=10_000),
)
def test_binomial_agrees_with_scipy(size, errors, rate):
    assert math.isclose(
        binomial_at_most(errors, size, rate), stats.binom.cdf(errors, size, float(rate)), rel_tol=1e-10
    )


@settings(max_examples=60, derandomize=True)
@given(st.integers(2, 2000), st.data())
def test_hypergeometric_agrees_with_scipy(population, data):
    wrong = data.draw(st.integers(0, population))
    size = data.draw(st.integers(1, population))
    errors = data.draw(st.integers(0, 20))
    ours = hypergeometric_at_most(errors, size, population, wrong)
    assert float(ours) == pytest.approx(stats.hypergeom.cdf(errors, population, wrong, size), abs=1e-10)


@settings(max_examples=60, derandomize=True)
@given(st.fractions(0, 40, max_denominator=100), st.fractions(Fraction(1, 100), 60, max_denominator=100))
def test_poisson_agrees_with_scipy_for_parts_of_errors_too(errors, mean):
    ours = float(poisson_at_most(errors, mean))
    assert ours == pytest.approx(special.gammaincc(float(errors) + 1, float(mean)), rel=1e-9, abs=1e-14)


@settings(max_examples=40, derandomize=True)
@given(
    st.fractions(Fraction(1, 100), Fraction(9, 10), max_denominator=100),
    st.fractions(Fraction(1, 10), 40, max_denominator=10),
    st.fractions(Fraction(1, 10), 300, max_denominator=10),
)
def test_beta_agrees_with_scipy(rate, a, b):
    ours = float(beta_at_most(rate, a, b))
    assert ours == pytest.approx(special.betainc(float(a), float(b), float(rate)), rel=1e-9, abs=1e-14)


def test_poisson_of_whole_errors_is_the_finite_sum_to_forty_digits():
    from decimal import Context, localcontext

    with localcontext(Context(prec=60)) as context:
        mean = context.divide(23, 4)
        by_sum = (-mean).exp() * sum(mean**k / math.factorial(k) for k in range(4))
        assert abs(poisson_at_most(3, Fraction(23, 4)) - by_sum) < context.power(10, -45)


def test_log_gamma_of_known_points():
    assert float(log_gamma(Fraction(1))) == pytest.approx(0, abs=1e-45)
    assert float(log_gamma(Fraction(1, 2))) == pytest.approx(math.log(math.pi) / 2, rel=1e-15)
    assert float(log_gamma(Fraction(100))) == pytest.approx(math.lgamma(100), rel=1e-15)
    assert [bernoulli(k) for k in (0, 1, 2, 4, 12)] == [
        1,
        Fraction(-1, 2),
        Fraction(1, 6),
        Fraction(-1, 30),
        Fraction(-691, 2730),
    ]


def test_the_ends_of_the_range():
    assert binomial_at_most(5, 5, Fraction(1, 2)) == 1
    assert binomial_at_most(-1, 5, Fraction(1, 2)) == 0
    assert binomial_at_most(0, 5, Fraction(0)) == 1
    assert binomial_at_most(4, 5, Fraction(1)) == 0
    assert hypergeometric_at_most(1, 10, 10, 2) == 0
    assert hypergeometric_at_most(2, 10, 10, 2) == 1
    assert poisson_at_most(3, Fraction(0)) == 1
    assert (
        beta_at_most(Fraction(0), Fraction(1), Fraction(1)),
        beta_at_most(Fraction(1), Fraction(1), Fraction(1)),
    ) == (0, 1)
    with pytest.raises(ValueError, match="whole numbers"):
        whole(Fraction(1, 2))


@pytest.mark.parametrize("law", [Binomial(Fraction(1, 20)), Hypergeometric(1000, 50)])
def test_a_risk_that_is_met_to_the_last_digit_is_met_and_one_a_hair_smaller_is_not(law):
    just = law.at_most(Fraction(1), 93).value  # a float cannot tell the two risks apart
    hair = Fraction(1, 10**30)
    assert smallest_size(law, risk=just, errors=Fraction(1), largest=1000).size == 93
    assert smallest_size(law, risk=just - hair, errors=Fraction(1), largest=1000).size == 94


def test_a_poisson_risk_a_hair_away_is_told_apart():
    just, hair = Fraction(poisson_at_most(Fraction(5, 2), Fraction(93, 20))), Fraction(1, 10**30)
    law = Poisson(Fraction(1, 20))
    assert smallest_size(law, risk=just + hair, errors=Fraction(5, 2), largest=1000).size == 93
    assert smallest_size(law, risk=just - hair, errors=Fraction(5, 2), largest=1000).size == 94


def test_a_chance_of_a_million_bits_is_compared_exactly_and_shown_to_sixty_digits():
    chance = binomial_chance(3, 60_000, Fraction(13, 100_003))
    assert chance.lower.bit_length() > 900_000
    value = chance.value
    assert chance.is_at_most(value + Fraction(1, 10**58))
    assert not chance.is_at_most(value - Fraction(1, 10**58))
    assert float(value) == pytest.approx(stats.binom.cdf(3, 60_000, 13 / 100_003), rel=1e-9)
    assert binomial_chance(0, 10, Fraction(1)).value == 0


def test_nothing_is_found_where_nothing_is_enough():
    assert (
        smallest_size(Binomial(Fraction(1, 20)), risk=Fraction(1, 20), rate=Fraction(49, 1000), largest=500)
        is None
    )


def test_the_smallest_step_is_found_from_either_side():
    for start in (0.1, 0.37, 0.9):
        assert smallest_step(100, start, lambda value: value >= Fraction(37, 100)) == Fraction(37, 100)
