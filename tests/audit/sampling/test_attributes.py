"""Attribute samples against Touw and Hoogduin, jfa and AICPA; every figure is of reference/oracles.md, C-MUS."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from arlib.audit.sampling.attributes import (
    Method,
    Side,
    evaluate,
    factor,
    lower_limit,
    rounded_factor,
    rounded_limit,
    size,
    upper_limit,
)
from arlib.audit.sampling.exact import binomial_at_most, hypergeometric_at_most
from arlib.errors import ParameterError

B, P, H = Method.BINOMIAL, Method.POISSON, Method.HYPERGEOMETRIC
FIVE = Fraction(5, 100)


@pytest.mark.parametrize(
    ("method", "tolerable", "expected", "errors", "wanted"),
    [
        (P, "0.05", "0", None, 60), (P, "0.01", "0", None, 300), (P, "0.05", "0.025", None, 231), (P, "0.05", "0", 2, 126),
        (B, "0.05", "0", None, 59), (B, "0.01", "0", None, 299), (B, "0.05", "0.025", None, 234), (B, "0.05", "0", 2, 124),
        (H, "0.05", "0", None, 57), (H, "0.01", "0", None, 258), (H, "0.05", "0.025", None, 197), (H, "0.05", "0", 2, 119),
    ],
)  # fmt: skip
def test_sizes_at_95_percent(method, tolerable, expected, errors, wanted):
    found = size(
        method, tolerable=Fraction(tolerable), risk=FIVE, expected_rate=Fraction(expected),
        expected_errors=None if errors is None else Fraction(errors), population=1000,
    )  # fmt: skip
    assert found.size == wanted
    assert found.risk <= FIVE


def test_expected_errors_of_a_rate_are_rounded_up_but_for_poisson():
    kept = {
        m: size(m, tolerable=FIVE, risk=FIVE, expected_rate=Fraction("0.025"), population=1000).errors
        for m in Method
    }
    assert kept == {P: Fraction("5.775"), B: 6, H: 5}


def test_touw_p23_materiality_as_amount():
    assert size(P, tolerable=Fraction(100_000, 5_000_000), risk=FIVE).size == 150
    assert size(P, tolerable=Fraction(100_000, 5_000_000), risk=Fraction("0.125")).size == 104


def test_touw_p17_is_exact_where_the_book_rounds():
    found = [
        size(P, tolerable=Fraction(1, 100), risk=1 - Fraction(c, 100)).size for c in (95, 90, 75, 60, 50)
    ]
    assert found == [300, 231, 139, 92, 70]
    assert found != [300, 230, 140, 90, 70]  # as printed: 230 and 90 leave more than the risk
    assert math.exp(-2.30) > 0.10
    assert math.exp(-0.90) > 0.40


def test_touw_p123_hypergeometric():
    for errors, wanted in ((0, 45), (2, 102)):
        assert (
            size(
                H,
                tolerable=Fraction(60, 1200),
                risk=Fraction(1, 10),
                expected_errors=Fraction(errors),
                population=1200,
            ).size
            == wanted
        )


@pytest.mark.parametrize(
    ("percent", "wanted"),
    [(1, (299, 473, 628, 773)), (5, (59, 93, 124, 153)), (10, (29, 46, 61, 76)), (15, (19, 30, 40, 50)), (20, (14, 22, 30, 37))],
)  # fmt: skip
def test_touw_p126_binomial(percent, wanted):
    found = [
        size(B, tolerable=Fraction(percent, 100), risk=FIVE, expected_errors=Fraction(x)).size
        for x in range(4)
    ]
    assert tuple(found) == wanted


def test_touw_p134_and_p135_amounts_as_rates():
    rate = Fraction(450_000, 13_500_000)
    assert [size(B, tolerable=rate, risk=FIVE, expected_errors=Fraction(x)).size for x in (1, 2)] == [
        141,
        187,
    ]
    assert size(B, tolerable=Fraction(36_730, 13_500_000), risk=FIVE).size == 1100


def test_touw_p125_upper_limits_of_a_population():
    found = [upper_limit(H, x, 102, Fraction(1, 10), 1200) for x in range(4)]
    assert found == [Fraction(25, 1200), Fraction(43, 1200), Fraction(59, 1200), Fraction(75, 1200)]
    assert [f"{float(one):.8f}" for one in found] == ["0.02083333", "0.03583333", "0.04916667", "0.06250000"]
    for x, one in enumerate(found):  # the convention: the largest number of wrong items that is not rejected
        wrong = int(one * 1200)
        assert hypergeometric_at_most(x, 102, 1200, wrong) > Fraction(1, 10)
        assert hypergeometric_at_most(x, 102, 1200, wrong + 1) <= Fraction(1, 10)


def test_touw_p137_clopper_pearson():
    found = [f"{float(upper_limit(B, x, 145, FIVE)):.8f}" for x in range(4)]
    assert found == ["0.02044826", "0.03229696", "0.04278054", "0.05260260"]


def test_audit_risk_model_of_the_jfa_vignette():
    risk = Fraction("0.05") / (1 * Fraction("0.6"))
    found = size(P, tolerable=FIVE, risk=risk, expected_rate=Fraction("0.025"))
    assert (found.size, found.errors) == (178, Fraction("4.45"))
    result = evaluate(P, size=178, errors=0, risk=risk, tolerable=FIVE)
    assert f"{float(result.upper):.5f}" == "0.01396"
    assert float(result.tolerable_risk) == pytest.approx(math.exp(-0.05 * 178), rel=1e-12)
    assert f"{float(result.tolerable_risk):.8f}" == "0.00013639"
    assert result.is_supported


def by_float(tolerable: float, expected: float, risk: float) -> int:
    """What a program without exact rationals does."""
    n = 1
    while stats.binom.cdf(math.ceil(expected * n), n, tolerable) > risk:
        n += 1
    return n


@pytest.mark.parametrize(
    ("tolerable", "expected", "trap", "right"), [("0.05", "0.035", 423, 400), ("0.08", "0.07", 1313, 1300)]
)
def test_the_float_trap(tolerable, expected, trap, right):
    assert by_float(float(tolerable), float(expected), 0.10) == trap
    found = size(B, tolerable=Fraction(tolerable), risk=Fraction(1, 10), expected_rate=Fraction(expected))
    assert found.size == right
    assert (
        found.errors == Fraction(expected) * right
    )  # a whole number, that the float product passes by a hair
    assert math.ceil(float(expected) * right) == found.errors + 1


def test_where_aicpa_prints_112_the_risk_is_passed():
    assert binomial_at_most(4, 112, Fraction("0.07")) > Fraction(1, 10)
    for expected in ("0.0325", "0.035"):
        assert (
            size(B, tolerable=Fraction("0.07"), risk=Fraction(1, 10), expected_rate=Fraction(expected)).size
            == 113
        )


@settings(max_examples=40, derandomize=True)
@given(
    st.sampled_from(list(Method)),
    st.integers(2, 20),
    st.integers(0, 60),
    st.sampled_from([Fraction(1, 100), Fraction(5, 100), Fraction(1, 10), Fraction(1, 4)]),
)
def test_no_smaller_sample_is_enough(method, percent, share, risk):
    """Against scipy, size by size."""
    tolerable = Fraction(percent, 100)
    expected = tolerable * share / 100
    found = size(method, tolerable=tolerable, risk=risk, expected_rate=expected, population=5000)

    def left(n: int) -> float:
        if method is P:
            return float(special.gammaincc(1 + float(expected * n), float(tolerable * n)))
        x = -(-expected.numerator * n // expected.denominator)
        if method is B:
            return float(stats.binom.cdf(x, n, float(tolerable)))
        return float(stats.hypergeom.cdf(x, 5000, math.ceil(tolerable * 5000), n))

    assert left(found.size) <= float(risk) * (1 + 1e-9)
    assert all(left(n) > float(risk) * (1 - 1e-9) for n in range(1, found.size))


@settings(max_examples=40, derandomize=True)
@given(st.sampled_from(list(Method)), st.integers(1, 150), st.data())
def test_limits_hold_their_risk_and_grow_with_errors(method, n, data):
    errors = data.draw(st.integers(0, n))
    risk = data.draw(st.sampled_from([Fraction(1, 100), Fraction(5, 100), Fraction(1, 4)]))
    result = evaluate(method, size=n, errors=errors, risk=risk, population=1000, side=Side.TWO_SIDED)
    assert 0 <= result.lower <= result.rate <= result.upper <= 1
    one_sided = evaluate(method, size=n, errors=errors, risk=risk, population=1000)
    assert one_sided.upper <= result.upper
    if errors:
        assert upper_limit(method, errors - 1, n, risk, 1000) <= one_sided.upper
    if method is B and 0 < errors < n:
        assert float(binomial_at_most(errors, n, one_sided.upper)) == pytest.approx(float(risk), rel=1e-9)
        lower = lower_limit(B, errors, n, risk)
        assert float(1 - binomial_at_most(errors - 1, n, lower)) == pytest.approx(float(risk), rel=1e-9)


@pytest.mark.parametrize("method", list(Method))
def test_two_sided_limits_have_half_the_risk_at_each_end(method):
    both = evaluate(method, size=145, errors=3, risk=FIVE, population=2000, side=Side.TWO_SIDED)
    assert both.upper == upper_limit(method, 3, 145, FIVE / 2, 2000) > upper_limit(method, 3, 145, FIVE, 2000)
    assert both.lower == lower_limit(method, 3, 145, FIVE / 2, 2000) < lower_limit(method, 3, 145, FIVE, 2000)
    if method is B:
        assert float(both.upper) == pytest.approx(stats.beta.ppf(0.975, 4, 142), rel=1e-12)
        assert float(both.lower) == pytest.approx(stats.beta.ppf(0.025, 3, 143), rel=1e-12)


def test_the_lower_limit_of_a_population_by_brute_force():
    for errors in (1, 3, 40, 102):
        rejected = [
            k for k in range(1201) if 1 - hypergeometric_at_most(errors - 1, 102, 1200, k) <= Fraction(1, 20)
        ]
        assert lower_limit(H, errors, 102, Fraction(1, 20), 1200) == Fraction(max(rejected) + 1, 1200)


def test_the_conclusion_and_the_limit_say_the_same():
    for errors in range(6):
        for percent in range(1, 12):
            for method in Method:
                result = evaluate(
                    method,
                    size=102,
                    errors=errors,
                    risk=Fraction(1, 10),
                    population=1200,
                    tolerable=Fraction(percent, 100),
                )
                assert result.is_supported == (result.upper < Fraction(percent, 100))
    assert evaluate(B, size=10, errors=0, risk=FIVE, tolerable=FIVE, side=Side.LOWER).is_supported is None


def test_a_census_leaves_no_doubt():
    result = evaluate(H, size=50, errors=3, risk=FIVE, population=50, side=Side.TWO_SIDED)
    assert result.lower == result.rate == result.upper == Fraction(3, 50)


def test_poisson_factors():
    assert [f"{float(factor(x, FIVE)):.4f}" for x in range(6)] == [
        "2.9957",
        "4.7439",
        "6.2958",
        "7.7537",
        "9.1535",
        "10.5130",
    ]
    assert [f"{float(factor(x, Fraction(1, 10))):.4f}" for x in range(5)] == [
        "2.3026",
        "3.8897",
        "5.3223",
        "6.6808",
        "7.9936",
    ]
    printed = {
        "0.05": ["3.00", "4.75", "6.30", "7.76", "9.16"],
        "0.01": ["4.61", "6.64", "8.41", "10.05", "11.61"],
        "0.10": ["2.31", "3.89", "5.33", "6.69", "8.00"],
    }
    for risk, wanted in printed.items():
        assert [f"{float(rounded_factor(x, Fraction(risk))):.2f}" for x in range(5)] == wanted


def test_a_rounded_limit_is_never_under_the_exact_one():
    for x in range(6):
        rounded, exact = rounded_limit(x, 60, FIVE), upper_limit(B, x, 60, FIVE)
        assert exact <= rounded < exact + Fraction(1, 1000)
    assert rounded_limit(20, 20, FIVE) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 10, "errors": 11}, {"size": 0, "errors": 0}, {"size": 10, "errors": Fraction(1, 2)}, {"size": 10, "errors": -1},
        {"size": 2000, "errors": 0, "population": 1000}, {"size": 10, "errors": 1, "method": H},
    ],
)  # fmt: skip
def test_samples_that_cannot_be_are_refused(wrong):
    with pytest.raises(ParameterError):
        evaluate(wrong.pop("method", B), risk=FIVE, **wrong)


def test_plans_that_cannot_be_are_refused():
    with pytest.raises(ParameterError, match="under the tolerable"):
        size(B, tolerable=FIVE, risk=FIVE, expected_rate=FIVE)
    with pytest.raises(ParameterError, match="no sample is enough"):
        size(B, tolerable=FIVE, risk=FIVE, expected_rate=Fraction("0.049"), largest=500)
    with pytest.raises(ParameterError, match="whole for binomial"):
        size(B, tolerable=FIVE, risk=FIVE, expected_errors=Fraction(3, 2))
    with pytest.raises(ParameterError, match="population"):
        size(H, tolerable=FIVE, risk=FIVE)
    with pytest.raises(
        ParameterError, match="no sample is enough"
    ):  # three wrong are certain to be among them
        size(H, tolerable=Fraction(3, 100), risk=FIVE, expected_errors=Fraction(3), population=100)
