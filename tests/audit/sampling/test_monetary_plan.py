"""Monetary-unit plans: C-1, jfa and MUSR, textbooks, high-value items."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.audit.sampling.monetary_plan import (
    Convention,
    factor_for,
    plan_monetary,
    rounded_factor_for,
    take_out_high_values,
)
from arlib.errors import ParameterError

FIVE = Fraction(5, 100)
EXACT, TEXTBOOK, EXPANSION = Convention.EXACT, Convention.TEXTBOOK, Convention.EXPANSION


def test_textbook_example():
    plan = plan_monetary(book_value=300_000_00, tolerable=15_000_00, risk=FIVE, convention=TEXTBOOK)
    assert (plan.size, plan.factor, plan.interval) == (60, 3, 5_000_00)
    assert plan.largest_interval == 5_000_00


@pytest.mark.parametrize(
    ("tolerable", "expected", "exact"),
    [
        (12_000, 100, 63),
        (12_000, 200, 64),
        (14_000, 500, 57),
        (17_000, 800, 48),
        (16_000, 900, 52),
        (19_000, 900, 43),
    ],
)
def test_musr_is_one_above_jfa_in_six_cells(tolerable, expected, exact):
    sizes = [
        plan_monetary(
            book_value=248_076_00, tolerable=tolerable * 100, expected=expected * 100, risk=FIVE, convention=c
        ).size
        for c in (EXACT, TEXTBOOK)
    ]
    assert sizes == [exact, exact + 1]


def test_c1_rounded_factors_give_926_and_1200():
    for tenths, exact, rounded in ((2, 925, 926), (3, 1199, 1200)):
        args = {"book_value": 1_000_000, "tolerable": 5_000, "expected": 500 * tenths, "risk": FIVE}
        assert plan_monetary(**args).size == exact
        assert plan_monetary(**args, convention=TEXTBOOK).size == rounded


def test_jfa_vignette_interval():
    plan = plan_monetary(
        book_value=1_403_220_82,
        tolerable=Fraction(1_403_220_82) / 20,
        expected=Fraction(1_403_220_82) / 40,
        risk=Fraction("0.05") / Fraction("0.6"),
    )
    assert plan.size == 178
    assert plan.expected_taint == Fraction("4.45")
    assert f"{float(plan.interval) / 100:.1f}" == "7883.3"
    assert plan.interval_minor == 7883_26


def test_expansion_factors_of_older_guides():
    plan = plan_monetary(
        book_value=1_000_000, tolerable=50_000, expected=10_000, risk=FIVE, convention=EXPANSION
    )
    assert (plan.factor, plan.expansion) == (3, Fraction("1.6"))
    assert plan.size == 89  # 88.2 units, which some textbooks print as 88
    assert plan.largest_interval == Fraction(34_000, 3)
    assert plan.interval <= plan.largest_interval
    with pytest.raises(ParameterError, match="published expansion"):
        plan_monetary(
            book_value=1_000_000,
            tolerable=50_000,
            expected=10_000,
            risk=Fraction("0.07"),
            convention=EXPANSION,
        )
    with pytest.raises(ParameterError, match="expansion factor"):
        plan_monetary(
            book_value=1_000_000, tolerable=50_000, expected=40_000, risk=FIVE, convention=EXPANSION
        )


@settings(max_examples=60, derandomize=True)
@given(
    st.integers(10_000, 10**12),
    st.fractions(Fraction(1, 200), Fraction(1, 2)),
    st.fractions(0, Fraction(6, 10)),
    st.sampled_from([Fraction(1, 100), FIVE, Fraction(1, 10)]),
)
def test_the_size_is_factor_over_tolerable_and_the_interval_holds(book, share, ratio, risk):
    tolerable = book * share
    plan = plan_monetary(book_value=book, tolerable=tolerable, expected=tolerable * ratio, risk=risk)
    by_factor = -(-plan.factor * book // tolerable)
    assert abs(plan.size - by_factor) <= (
        1 if (plan.factor * book / tolerable) % 1 < Fraction(1, 10**6) else 0
    )
    assert plan.risk_left <= risk
    assert plan.interval <= plan.largest_interval * (1 + Fraction(1, 10**9))
    rounded = plan_monetary(
        book_value=book, tolerable=tolerable, expected=tolerable * ratio, risk=risk, convention=TEXTBOOK
    )
    assert rounded.size >= plan.size
    assert 0 <= rounded.factor - plan.factor < Fraction(101, 10_000)


def test_factors():
    assert [f"{float(factor_for(Fraction(r, 10), FIVE)):.4f}" for r in range(6)] == [
        "2.9957",
        "3.6750",
        "4.6202",
        "5.9902",
        "8.0864",
        "11.5368",
    ]
    assert [float(rounded_factor_for(Fraction(r, 10), FIVE)) for r in range(6)] == [
        3.0,
        3.68,
        4.63,
        6.0,
        8.09,
        11.54,
    ]


def test_high_values_are_taken_out_until_none_is_left():
    amounts = [1_000] * 300 + [40_000, 9_000, 5_200]
    found = take_out_high_values(amounts, tolerable=17_710, risk=FIVE)
    # 354,200 / 60 = 5,903: out go 40,000 and 9,000; 305,200 / 52 = 5,869: 5,200 stays
    assert found.positions == (300, 301)
    assert (found.high_value, found.rest_value) == (49_000, 305_200)
    assert (found.plan.size, found.rounds) == (52, 2)
    assert all(amounts[i] < found.plan.interval for i in range(303) if i not in found.positions)


def test_taking_out_may_take_several_rounds():
    amounts = [1_000] * 20 + [100_000, 50_000, 25_000, 12_000, 6_000]
    found = take_out_high_values(amounts, tolerable=60_000, risk=FIVE)
    assert found.rounds > 1
    assert found.high_value + found.rest_value == sum(amounts)
    assert found.plan is None or all(
        amounts[i] < found.plan.interval for i in range(25) if i not in found.positions
    )


def test_an_item_as_large_as_the_interval_is_out():
    amounts = [5_000] + [1_000] * 295
    plan = plan_monetary(book_value=300_000, tolerable=15_000, risk=FIVE)
    assert plan.interval == 5_000
    assert take_out_high_values(amounts, tolerable=15_000, risk=FIVE).positions == (0,)


def test_all_may_be_high():
    found = take_out_high_values([100, 100], tolerable=10, risk=FIVE)
    assert (found.positions, found.rest_value, found.plan) == ((0, 1), 0, None)


@settings(max_examples=30, derandomize=True)
@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=200), st.integers(1, 40))
def test_high_and_rest_add_up(amounts, percent):
    found = take_out_high_values(amounts, tolerable=max(1, sum(amounts) * percent // 100), risk=FIVE)
    assert found.high_value == sum(amounts[i] for i in found.positions)
    assert found.identity("USD").require().right == sum(amounts)
    assert (found.plan is None) == (found.rest_value == 0)


def test_amounts_that_do_not_fit_are_refused():
    for wrong in ({"book_value": 0}, {"tolerable": 0}, {"expected": 200}, {"expected": -1}):
        with pytest.raises(ParameterError, match="amounts"):
            plan_monetary(**({"book_value": 1000, "tolerable": 100, "expected": 0, "risk": FIVE} | wrong))
    with pytest.raises(ParameterError, match="Set credits"):
        take_out_high_values([100, -5], tolerable=10, risk=FIVE)
    with pytest.raises(ParameterError, match="no sample is enough"):
        plan_monetary(book_value=10**9, tolerable=1, risk=FIVE, convention=TEXTBOOK)
