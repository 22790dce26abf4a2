"""Clopper-Pearson bounds against closed forms, printed tables, the judge of the benchmark, and whole numbers."""

from __future__ import annotations

import runpy
from decimal import Decimal, localcontext
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.errors import ParameterError
from arlib.matching.bounds import bound_text, falls_short, precision_bound, precision_ceiling, reaches

CONFIDENCE = Decimal("0.95")
# Touw and Hoogduin, p. 137: upper bound of the share of errors, 0 to 3 of 145, 95 %
PRINTED = [(0, 0.02044826), (1, 0.03229696), (2, 0.04278054), (3, 0.0526026)]


def exact_tail(right: int, tried: int, share: Fraction) -> Fraction:
    """P(at least `right` of `tried`), term by term."""
    return sum(
        (comb(tried, k) * share**k * (1 - share) ** (tried - k) for k in range(right, tried + 1)), Fraction(0)
    )


@pytest.mark.parametrize(("wrong", "upper"), PRINTED)
def test_the_printed_table(wrong: int, upper: float):
    assert precision_bound(145 - wrong, 145) == pytest.approx(1 - upper, abs=5e-9)
    assert precision_ceiling(wrong, 145) == pytest.approx(upper, abs=5e-9)


@pytest.mark.parametrize("tried", [1, 2, 40, 1497, 100_000])
def test_closed_forms(tried: int):
    assert precision_bound(tried, tried) == pytest.approx(0.05 ** (1 / tried), abs=1e-12)
    assert precision_bound(1, tried) == pytest.approx(1 - 0.95 ** (1 / tried), abs=1e-12)
    assert precision_ceiling(0, tried) == pytest.approx(1 - 0.05 ** (1 / tried), abs=1e-12)
    assert precision_bound(tried, tried, confidence=Decimal("0.5")) == pytest.approx(
        0.5 ** (1 / tried), abs=1e-12
    )


def test_nothing_tried_all_right_and_all_wrong():
    assert precision_bound(0, 0) == 0.0
    assert precision_bound(0, 9) == 0.0
    assert precision_ceiling(0, 0) == 1.0
    assert precision_ceiling(9, 9) == 1.0


def test_it_is_the_bound_that_the_judge_prints(shared):
    lower_bound = runpy.run_path(str(shared / "bench" / "score_matches.py"))["lower_bound"]
    for tried in (0, 1, 2, 3, 17, 100, 1497, 5001, 15_527, 100_000):
        for wrong in {0, 1, 2, 5, 50, 1000, tried}:
            right = tried - wrong
            if right >= 0 and wrong <= 16_000:
                judged = lower_bound(right, tried)
                assert precision_bound(right, tried) == pytest.approx(judged, abs=1e-9), (right, tried)


def test_how_many_tries_reach_the_default_bound():
    asked = Decimal("0.998")
    assert reaches(1497, 1497, asked)
    assert not reaches(1496, 1496, asked)
    assert [reaches(n - 1, n, asked) for n in (2369, 2370, 2371, 2372)] == [
        exact_tail(n - 1, n, Fraction(asked)) <= Fraction(1, 20) for n in (2369, 2370, 2371, 2372)
    ]
    assert not reaches(0, 0, asked)
    assert not reaches(0, 5, asked)


@given(st.data())
def test_it_is_decided_as_whole_numbers_decide_it(data):
    tried = data.draw(st.integers(0, 60))
    right = data.draw(st.integers(0, tried))
    asked = data.draw(st.decimals("0.001", "0.999", places=3))
    sure = data.draw(st.sampled_from([Decimal("0.5"), Decimal("0.9"), CONFIDENCE, Decimal("0.99")]))
    risk = 1 - Fraction(sure)
    assert reaches(right, tried, asked, sure) == (
        right > 0 and exact_tail(right, tried, Fraction(asked)) <= risk
    )
    below = exact_tail(tried - right, tried, 1 - Fraction(asked))  # P(at most `right`)
    assert falls_short(right, tried, asked, sure) == (right < tried and below <= risk)


@given(st.integers(1, 40), st.data())
def test_at_the_very_border_a_bound_is_reached_and_a_hair_beyond_it_is_not(tried, data):
    right = data.draw(st.integers(1, tried))
    tail = exact_tail(right, tried, Fraction(1, 2))  # a whole number of 2 ** -tried: an exact decimal
    if tail == 1:
        return
    with localcontext() as context:
        context.prec = 80
        sure = 1 - Decimal(tail.numerator) / Decimal(tail.denominator)
        hair = Decimal(10) ** -60
        assert reaches(right, tried, Decimal("0.5"), sure)
        assert not reaches(right, tried, Decimal("0.5"), sure + hair)
        assert not reaches(right, tried, Decimal("0.5") + hair, sure)
        assert falls_short(tried - right, tried, Decimal("0.5"), sure)
        assert not falls_short(tried - right, tried, Decimal("0.5"), sure + hair)


@given(st.integers(1, 3000), st.data())
def test_bounds_enclose_the_share_and_agree_with_the_comparison(tried, data):
    right = data.draw(st.integers(max(0, tried - 20), tried))
    low, high = precision_bound(right, tried), precision_ceiling(right, tried)
    assert 0 <= low <= right / tried <= high <= 1
    if 0.01 < low < 0.99999:
        assert reaches(right, tried, Decimal(low) - Decimal("1e-7"))
        assert not reaches(right, tried, Decimal(low) + Decimal("1e-7"))
    if 0.01 < high < 0.99999:
        assert falls_short(right, tried, Decimal(high) + Decimal("1e-7"))
        assert not falls_short(right, tried, Decimal(high) - Decimal("1e-7"))


def test_text_is_never_rounded_up():
    assert bound_text(0.9979999) == "0.997999"
    assert bound_text(0.0) == "0.000000"
    assert bound_text(1.0) == "1.000000"


@pytest.mark.parametrize(("right", "tried"), [(-1, 3), (4, 3), (0, -1)])
def test_counts_that_cannot_be_are_refused(right, tried):
    with pytest.raises(ParameterError, match="count of right answers"):
        precision_bound(right, tried)
    with pytest.raises(ParameterError, match="count of right answers"):
        reaches(right, tried, Decimal("0.9"))


@pytest.mark.parametrize("share", ["0", "1", "-0.5", "95"])
def test_shares_that_cannot_be_are_refused(share):
    with pytest.raises(ParameterError, match="confidence"):
        precision_bound(1, 2, confidence=Decimal(share))
    with pytest.raises(ParameterError, match="bound"):
        falls_short(1, 2, Decimal(share))
