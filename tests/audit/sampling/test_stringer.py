"""Stringer's bound to the last digit of its published examples, and by a second method."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, gamma

from arlib.audit.sampling.stringer import Distribution, Factors, error_factor, stringer
from arlib.errors import ParameterError

NINETY_FIVE = Fraction(95, 100)


def bound(*taints: str, size: int = 145, **more):
    return stringer([Fraction(t) for t in taints], size=size, confidence=NINETY_FIVE, **more)


@pytest.mark.parametrize(
    ("taints", "likely", "upper"),
    [
        (("1", ".20000072", ".03999931"), ".008551724", ".03478656"),  # Touw and Hoogduin (2011), p. 138
        (("1", ".09887"), ".007578414", ".03333348"),  # p. 143
        (("0.5", "0.4", "0.19887"), ".007578414", ".03251936"),  # p. 144
    ],
)
def test_touw_and_hoogduin_binomial(taints, likely, upper):
    made = bound(*taints, distribution=Distribution.BINOMIAL)

    assert round(made.most_likely / 145, 9) == Decimal(likely)
    assert round(made.upper_rate, 8) == Decimal(upper)


def test_poisson_on_the_same_taints():
    assert round(bound("1", ".20000072", ".03999931").upper_rate, 8) == Decimal(".03525907")


def test_no_error_leaves_the_basic_precision():
    """jfa's workflow vignette: 178 units, audit risk 5 % of inherent risk 60 %, no error."""
    made = stringer([], size=178, confidence=1 - Fraction(5, 60))

    assert made.upper == made.basic
    assert round(made.upper_rate * 100, 3) == Decimal("1.396")


def test_textbook_factors_are_rounded_up_and_exact_ones_are_not():
    rounded, exact = (bound("0.2", "1", size=60, factors=f) for f in (Factors.ROUNDED, Factors.EXACT))

    assert [str(f) for f in rounded.factors] == ["3", "4.75", "6.3"]
    assert 5000 * rounded.upper + 3500 == 28800
    assert round(5000 * exact.upper + 3500, 2) == Decimal("28771.25")


@given(
    st.lists(st.integers(1, 100), max_size=12), st.integers(12, 300), st.sampled_from(["0.8", "0.9", "0.95", "0.99"]),
    st.sampled_from(list(Distribution)),
)  # fmt: skip
def test_second_method_and_order(percents, size, confidence, law):
    """The same sum with scipy's quantiles in floats; the order of the taints plays no part; binomial is not above Poisson."""
    share = Fraction(confidence)
    made = stringer([Fraction(p, 100) for p in percents], size=size, confidence=share, distribution=law)
    again = stringer(
        [Fraction(p, 100) for p in reversed(percents)], size=size, confidence=share, distribution=law
    )
    ranked = sorted((p / 100 for p in percents), reverse=True)

    def f(k):
        if law is Distribution.POISSON:
            return gamma.ppf(float(share), k + 1)
        return size if k == size else size * beta.ppf(float(share), k + 1, size - k)

    expected = f(0) + sum((f(i + 1) - f(i)) * t for i, t in enumerate(ranked))
    assert float(made.upper) == pytest.approx(expected, rel=1e-11)
    assert again.upper == made.upper
    assert made.upper >= made.most_likely
    poisson = stringer([Fraction(p, 100) for p in percents], size=size, confidence=share)
    assert made.upper <= poisson.upper


def test_a_larger_taint_never_lowers_the_bound():
    assert bound("0.5", "0.1").upper < bound("0.5", "0.2").upper < bound("0.5", "0.2", "0.01").upper


def test_a_sample_wrong_throughout():
    made = stringer([Fraction(1)] * 5, size=5, confidence=NINETY_FIVE, distribution=Distribution.BINOMIAL)

    assert made.upper == 5


@pytest.mark.parametrize(("taints", "size"), [(["0"], 10), (["-0.1"], 10), (["1", "1"], 1)])
def test_what_is_no_overstatement_is_refused(taints, size):
    with pytest.raises(ParameterError):
        bound(*taints, size=size)


def test_binomial_factors_are_never_rounded():
    with pytest.raises(ParameterError, match="only Poisson"):
        error_factor(
            0, size=10, confidence=NINETY_FIVE, distribution=Distribution.BINOMIAL, factors=Factors.ROUNDED
        )


def test_many_errors_with_awkward_taints_take_no_time():
    """A thousand taints without a common denominator."""
    taints = [Fraction(1, 1009 + 2 * i) for i in range(1000)]
    made = stringer(taints, size=5000, confidence=NINETY_FIVE)

    assert float(made.most_likely) == pytest.approx(sum(map(float, taints)), rel=1e-12)


@pytest.mark.parametrize("law", list(Distribution))
def test_rates_keep_their_confidence_at_every_rate(law):
    """Not by simulation: the probability of all samples whose limit is at or above the rate, added up."""
    from scipy.stats import binom

    size = 60
    limits = [
        float(error_factor(k, size=size, confidence=NINETY_FIVE, distribution=law)) / size
        for k in range(size + 1)
    ]
    for rate in [limit + 1e-9 for limit in limits[:30]] + [
        0.001,
        0.01,
        0.05,
        0.2,
    ]:  # just above a limit is the worst case
        covered = sum(float(binom.pmf(k, size, rate)) for k, limit in enumerate(limits) if limit >= rate)
        assert covered >= 0.95 - 1e-9, rate
