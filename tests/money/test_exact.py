"""Rounding, exact factors and allocation: against the decimal module, published figures, and invariants."""

import decimal
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import ParameterError
from arlib.money import Rounding, allocate, divide, times

MODES = {
    Rounding.HALF_UP: decimal.ROUND_HALF_UP,
    Rounding.HALF_EVEN: decimal.ROUND_HALF_EVEN,
    Rounding.HALF_DOWN: decimal.ROUND_HALF_DOWN,
    Rounding.UP: decimal.ROUND_UP,
    Rounding.DOWN: decimal.ROUND_DOWN,
    Rounding.CEILING: decimal.ROUND_CEILING,
    Rounding.FLOOR: decimal.ROUND_FLOOR,
}


def test_the_faqifrs_tie_depends_on_the_named_mode():
    """C-ECL faqifrs: 2,500 at 4.5 % is 112.5; the page prints 112, half-even; half-up gives 113."""
    assert times(2500, Decimal("0.045"), Rounding.HALF_EVEN) == 112
    assert times(2500, Decimal("0.045"), Rounding.HALF_UP) == 113
    assert times(2500, Decimal("0.045")) == 113
    assert times(-2500, Decimal("0.045")) == -113
    assert times(2500, Decimal("0.045"), Rounding.HALF_DOWN) == 112


@settings(deadline=None)
@given(
    numerator=st.integers(-(10**12), 10**12),
    denominator=st.sampled_from([1, 2, 4, 5, 8, 10, 16, 25, 100, 1000]),
    mode=st.sampled_from(Rounding),
)
def test_dividing_agrees_with_the_decimal_module(numerator, denominator, mode):
    """Denominators of twos and fives, so that the decimal quotient is exact and a fair judge."""
    expected = (Decimal(numerator) / denominator).quantize(Decimal(1), rounding=MODES[mode])

    assert divide(numerator, denominator, mode) == expected
    assert divide(-numerator, -denominator, mode) == expected


@settings(deadline=None)
@given(st.integers(), st.integers().filter(bool), st.sampled_from(Rounding))
def test_a_quotient_is_a_neighbour_of_the_exact_one(numerator, denominator, mode):
    distance = abs(divide(numerator, denominator, mode) - Fraction(numerator, denominator))

    assert distance < 1
    assert distance <= Fraction(1, 2) or not mode.value.startswith("half")


def test_every_mode_is_judged_and_zero_and_floats_are_refused():
    assert set(MODES) == set(Rounding)
    with pytest.raises(ParameterError, match="division by zero"):
        divide(5, 0)
    with pytest.raises(TypeError, match="not float"):
        times(100, 0.02)
    with pytest.raises(TypeError, match="not float"):
        allocate(100, [0.5, 0.5])


def test_oracle_mixed_sign_proration():
    """C-AC: 40.00 left over tax 100, freight 30, charges 10 is 28.57, 8.57, 2.86; no cent is lost."""
    assert allocate(4000, [10000, 3000, 1000]) == [2857, 857, 286]


def test_a_cent_that_is_left_over_goes_to_the_first_of_equals():
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(-100, [1, 1, 1]) == [-34, -33, -33]
    assert allocate(2, [1, 1, 1]) == [1, 1, 0]
    assert allocate(5, [Decimal("33.3"), Decimal("66.7")]) == [2, 3]
    assert allocate(7, [0, 1]) == [0, 7]
    assert allocate(0, [1, -1]) == [0, 0]
    assert allocate(0, []) == []


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_nothing_to_share_by_is_refused(weights):
    with pytest.raises(ParameterError, match="nothing to allocate by"):
        allocate(1, weights)


WEIGHTS = st.lists(
    st.one_of(
        st.integers(-(10**9), 10**9), st.fractions(max_denominator=997), st.decimals(-1000, 1000, places=3)
    ),
    min_size=1,
    max_size=12,
).filter(lambda w: sum(map(Fraction, w)) != 0)


@settings(deadline=None)
@given(st.integers(-(10**15), 10**15), WEIGHTS)
def test_allocation_loses_no_cent_and_is_fair(total, weights):
    shares = allocate(total, weights)
    base = sum(map(Fraction, weights))

    assert sum(shares) == total
    assert all(abs(share - total * Fraction(w) / base) < 1 for share, w in zip(shares, weights, strict=True))
    assert allocate(-total, weights) == [-share for share in shares]


@settings(deadline=None)
@given(st.integers(0, 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any))
def test_a_weight_of_nothing_gets_nothing(total, weights):
    assert all(
        share == 0 for share, weight in zip(allocate(total, weights), weights, strict=True) if weight == 0
    )
