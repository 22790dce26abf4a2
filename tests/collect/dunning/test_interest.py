"""Interest and appropriation: published examples, a second method day by day, changes of rate, what is not known."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.collect.dunning import accrual, appropriate, interest_of
from arlib.collect.dunning.interest import compensation_of, reference_series, rule_for
from arlib.errors import ParameterError
from arlib.policy.interest import EXAMPLE_RATES, EXAMPLE_RULES, DayCount, InterestRule, Order, ReferenceRate

FIVE = InterestRule(name="5 %", customer="C1", percent=Decimal(5))
BY_PLACE = {rule.place: rule for rule in EXAMPLE_RULES}
SERIES = reference_series(EXAMPLE_RATES)


def test_erpnext_58227_100_and_041_and_a_fee_of_10() -> None:
    interest = interest_of(10_000, due_on=date(2026, 1, 1), until=date(2026, 1, 31), rule=FIVE)
    assert interest == 41
    assert 10_000 + interest + 1_000 == 11_041


def test_erpnext_58227_interest_and_fee_stay_owed_when_the_invoice_alone_was_paid() -> None:
    got = appropriate(10_000, costs=1_000, interest=41, principal=10_000)
    assert (got.costs, got.interest, got.principal, got.rest) == (1_000, 41, 8_959, 0)
    assert 10_000 - got.principal == 1_041  # 10.41 is still owed, as principal


@pytest.mark.parametrize(
    ("payment", "costs", "interest", "principal", "rest"),
    [
        (10_525, 500, 25, 10_000, 0),
        (10_000, 500, 25, 9_475, 0),
        (510, 500, 10, 0, 0),
        (11_000, 500, 25, 10_000, 475),
    ],
)
def test_erpnext_36279_costs_then_interest_then_principal(
    payment: int, costs: int, interest: int, principal: int, rest: int
) -> None:
    got = appropriate(payment, costs=500, interest=25, principal=10_000)
    assert (got.costs, got.interest, got.principal, got.rest) == (costs, interest, principal, rest)


def test_another_order_settles_the_principal_first() -> None:
    got = appropriate(10_010, costs=500, interest=25, principal=10_000, order=Order.PRINCIPAL_FIRST)
    assert (got.principal, got.interest, got.costs) == (10_000, 10, 0)


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ParameterError):
        appropriate(-1, costs=0, interest=0, principal=1)


@given(*(st.integers(0, 10**12) for _ in range(4)), st.sampled_from(Order))
def test_appropriation_neither_makes_nor_loses_money(
    payment: int, costs: int, interest: int, principal: int, order: Order
) -> None:
    got = appropriate(payment, costs=costs, interest=interest, principal=principal, order=order)
    assert got.costs + got.interest + got.principal + got.rest == payment
    parts = {"costs": costs, "interest": interest, "principal": principal}
    for before, after in zip(order.parts, order.parts[1:], strict=False):
        assert getattr(got, after) == 0 or getattr(got, before) == parts[before]
    assert got.rest == 0 or (got.costs, got.interest, got.principal) == (costs, interest, principal)


def by_day(rule: InterestRule, due: date, until: date) -> Fraction:
    """The same factor, day by day."""
    total, day = Fraction(0), due + timedelta(days=1)
    while day <= until:
        percent = Fraction(rule.percent)
        if rule.reference:
            on = due + timedelta(days=1) if rule.is_fixed_at_start else day
            known = [rate for rate in EXAMPLE_RATES if rate.name == rule.reference and rate.valid_from <= on]
            percent += Fraction(max(known, key=lambda rate: rate.valid_from).percent)
        leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
        year = {"365": 365, "360": 360, "actual": 366 if leap else 365}[rule.day_count.value]
        total += max(percent, Fraction(0)) / 100 / year
        day += timedelta(days=1)
    return total


@given(
    place=st.sampled_from(["DE", "GB", "JP", "FR", "AT"]), due=st.dates(date(2022, 1, 1), date(2026, 5, 1)),
    days=st.integers(0, 900), count=st.sampled_from(DayCount),
)  # fmt: skip
def test_segments_equal_a_sum_day_by_day(place: str, due: date, days: int, count: DayCount) -> None:
    from dataclasses import replace

    rule = replace(BY_PLACE[place], day_count=count)
    until = min(due + timedelta(days=days), date(2026, 6, 30))
    got = accrual(due_on=due, until=until, rule=rule, references=SERIES)
    assert not got.fault
    assert got.factor == by_day(rule, due, until)
    assert sum(each.days for each in got.segments) == (until - due).days


def test_a_german_debt_is_split_where_the_base_rate_changes() -> None:
    got = accrual(due_on=date(2025, 6, 20), until=date(2025, 7, 10), rule=BY_PLACE["DE"], references=SERIES)
    assert [(each.days, str(each.percent)) for each in got.segments] == [(10, "11.27"), (10, "10.27")]
    # 10,000.00 x (10 x 11.27 % + 10 x 10.27 %) / 365
    assert got.on(1_000_000) == 5901


def test_a_british_debt_keeps_the_rate_of_the_half_year_that_it_fell_due_in() -> None:
    got = accrual(due_on=date(2025, 6, 29), until=date(2026, 2, 1), rule=BY_PLACE["GB"], references=SERIES)
    assert [str(each.percent) for each in got.segments] == ["12.75"]


def test_a_rate_that_is_not_known_is_not_guessed() -> None:
    got = accrual(due_on=date(2026, 5, 1), until=date(2026, 10, 31), rule=BY_PLACE["DE"], references=SERIES)
    assert got.fault == "no DE-BASE rate is known for 2026-10-31: give it in reference_rates"
    assert got.on(1_000_000) == 0
    known = [
        *EXAMPLE_RATES,
        ReferenceRate(name="DE-BASE", valid_from=date(2026, 7, 1), percent=Decimal("1.27"), source="x"),
    ]
    again = accrual(
        due_on=date(2026, 5, 1),
        until=date(2026, 10, 31),
        rule=BY_PLACE["DE"],
        references=reference_series(known),
    )
    assert not again.fault
    assert again.on(1_000_000) > 0


def test_the_last_day_of_a_half_year_still_has_its_rate() -> None:
    got = accrual(due_on=date(2025, 6, 30), until=date(2025, 12, 31), rule=BY_PLACE["DE"], references=SERIES)
    assert not got.fault
    assert [each.days for each in got.segments] == [184]


def test_grace_gives_no_interest_and_then_all_of_it() -> None:
    rule = InterestRule(name="x", customer="C1", percent=Decimal(10), grace_days=5)
    assert interest_of(36_500, due_on=date(2026, 1, 1), until=date(2026, 1, 6), rule=rule) == 0
    assert interest_of(36_500, due_on=date(2026, 1, 1), until=date(2026, 1, 7), rule=rule) == 60


def test_interest_is_simple() -> None:
    one = interest_of(1_000_000, due_on=date(2025, 1, 1), until=date(2026, 1, 1), rule=FIVE)
    two = interest_of(1_000_000, due_on=date(2024, 1, 2), until=date(2026, 1, 1), rule=FIVE)
    assert one == 50_000
    assert two == 100_000


@pytest.mark.parametrize(
    ("principal", "pounds"), [(99_999, 40), (100_000, 70), (999_999, 70), (1_000_000, 100), (0, 0)]
)
def test_british_compensation_by_the_size_of_the_debt(principal: int, pounds: int) -> None:
    assert compensation_of(BY_PLACE["GB"], principal=principal, currency="GBP") == pounds * 100


def test_compensation_never_crosses_currencies() -> None:
    assert compensation_of(BY_PLACE["DE"], principal=10_000, currency="EUR") == 4_000
    assert compensation_of(BY_PLACE["DE"], principal=10_000, currency="USD") == 0


def test_a_customers_contract_goes_before_the_law() -> None:
    assert rule_for([*EXAMPLE_RULES, FIVE], customer="C1", place="DE") is FIVE
    assert rule_for([*EXAMPLE_RULES, FIVE], customer="C2", place="DE") is BY_PLACE["DE"]
    assert rule_for(EXAMPLE_RULES, customer="C2", place="US") is None


def test_shipped_rules_are_examples_with_a_source() -> None:
    assert all(rule.source and not rule.confirmed_by for rule in EXAMPLE_RULES)
    assert all(rate.source for rate in EXAMPLE_RATES)
    assert {"DE", "GB", "JP", "FR", "ES"} <= BY_PLACE.keys()
