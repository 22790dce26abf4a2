"""Thresholds: the most restrictive wins (oracle C-WO), whatever else is given."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.credit.write_off.limits import Subject, allowed, idle_limits, limit_minor
from arlib.errors import ParameterError, RateError
from arlib.money import Rates
from arlib.policy import WriteOffPolicy
from arlib.policy.write_off import (
    LimitationRule,
    LimitScope,
    ReliefRule,
    StartsFrom,
    StatusDays,
    WriteOffLimit,
)

ON = date(2026, 10, 31)
KEY = ("EUR", "USD", "closing")
RATES = Rates(table={
    KEY: ((ON,), (Fraction("1.10"),), ("bank",)),
    ("USD", "JPY", "closing"): ((ON,), (Fraction("150.5"),), ("bank",)),
    ("KWD", "USD", "closing"): ((ON,), (Fraction("3.25"),), ("bank",)),
})  # fmt: skip


def limit(scope: str, of: str, amount: object = None, **more: object) -> WriteOffLimit:
    return WriteOffLimit(
        scope=LimitScope(scope), of=of, amount=None if amount is None else Decimal(str(amount)), **more
    )


def item(amount: int = 1_000_000, currency: str = "USD", **more: object) -> Subject:
    facts = {
        "business_unit": "BU",
        "customer": "C1",
        "reason": "bad_debt",
        "user": "ann",
        "days_past_due": 200,
    }
    return Subject(item_amount=amount, currency=currency, **(facts | more))


FOUR = (
    limit("business_unit", "BU", 100),
    limit("customer", "C1", 20),
    limit("reason", "bad_debt", 50),
    limit("user", "ann", 30),
)


def test_oracle_c_wo_the_most_restrictive_of_four_wins():
    """PeopleSoft Receivables: business unit 100, customer 20, reason 50, user 30: allowed is 20."""
    found = allowed(item(), limits=FOUR, on=ON)

    assert found.limit == 20_00
    assert found.binding == FOUR[1]
    assert "customer C1: USD 20" in found.why
    assert found.covers(20_00)
    assert not found.covers(20_01)


def test_limits_of_others_do_not_bind():
    found = allowed(item(customer="C2"), limits=FOUR, on=ON)

    assert (found.limit, found.binding) == (30_00, FOUR[3])
    assert allowed(item(), limits=(limit("customer", "C9", 1),), on=ON).limit is None
    assert allowed(item(), limits=(), on=ON).covers(10**15)


@pytest.mark.parametrize(("scope", "value"), [("rating", "D"), ("status", "closed"), ("segment", "retail")])
def test_customer_class_and_segment_are_scopes(scope, value):
    own = (limit(scope, value, 7),)

    assert allowed(item(**{scope: value}), limits=own, on=ON).limit == 7_00
    assert allowed(item(**{scope: "other"}), limits=own, on=ON).limit is None


def test_zero_forbids_and_negative_is_refused():
    assert not allowed(item(), limits=(limit("user", "", 0),), on=ON).covers(1)
    for given_ in ({"amount": Decimal("-1")}, {"rate": Decimal("-0.1")}, {"min_days_past_due": -1}):
        with pytest.raises(ParameterError):
            WriteOffLimit(**given_)


def test_share_is_of_the_item_rounded_down():
    assert allowed(item(999), limits=(limit("user", "", rate=Decimal("0.25")),), on=ON).limit == 249  # 249.75


def test_age_of_a_limit():
    own = (limit("reason", "", min_days_past_due=180),)

    assert allowed(item(days_past_due=180), limits=own, on=ON).limit is None
    young = allowed(item(days_past_due=179), limits=own, on=ON)
    assert young.limit == 0
    assert "from 180 days past due, it is 179" in young.why
    assert allowed(item(days_past_due=None), limits=own, on=ON).limit == 0


def test_a_limit_in_another_currency_is_translated_at_the_closing_rate():
    own = limit("business_unit", "", "100.01", currency="USD")

    assert limit_minor(own, "EUR", rates=RATES, on=ON) == 90_91  # 100.01 / 1.10 = 90.918..., down
    assert limit_minor(own, "JPY", rates=RATES, on=ON) == 15_051  # 15,051.505
    assert limit_minor(own, "KWD", rates=RATES, on=ON) == 30_772  # 30.7723 dinars, three places
    with pytest.raises(RateError, match="USD/GBP"):
        allowed(item(currency="GBP"), limits=(own,), rates=RATES, on=ON)


def test_without_a_currency_it_is_the_same_number_in_every_currency():
    own = limit("business_unit", "", "12.345")

    assert [limit_minor(own, code, rates=None, on=ON) for code in ("JPY", "USD", "KWD")] == [
        12,
        12_34,
        12_345,
    ]


LIMITS = st.lists(
    st.builds(
        limit, st.sampled_from(["business_unit", "customer", "reason", "user"]), st.sampled_from(["", "BU", "C1", "x"]),
        st.integers(0, 5000), rate=st.none() | st.sampled_from([Decimal("0"), Decimal("0.1"), Decimal("1")]),
    )
    | st.builds(
        limit, st.sampled_from(["customer", "reason"]), st.sampled_from(["", "C1", "x"]), st.none(),
        rate=st.sampled_from([Decimal("0"), Decimal("0.1"), Decimal("1")]),
    ),
    max_size=6,
)  # fmt: skip


@given(LIMITS, st.integers(0, 10**9))
def test_the_limit_is_the_least_of_those_that_apply_in_any_order(limits, amount):
    """A second method: all candidates of all limits in one list, the least of them."""
    values = {"business_unit": "BU", "customer": "C1", "reason": "bad_debt", "user": "ann"}
    mine = [one for one in limits if one.of in ("", values[one.scope.value])]
    least = min([*(int(one.amount * 100) for one in mine if one.amount is not None),
                 *(int(Fraction(one.rate) * amount) for one in mine if one.rate is not None)], default=None)  # fmt: skip

    assert allowed(item(amount), limits=limits, on=ON).limit == least
    assert allowed(item(amount), limits=limits[::-1], on=ON).limit == least


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_days_past_due": -1}, {"small_balance_amount": Decimal("-0.01")}, {"split_within_rate": Decimal(1)},
        {"split_within_rate": Decimal(0)}, {"split_min_items": 1}, {"review_months": 0}, {"repeated_min_dates": 1},
        {"relief_rules": (ReliefRule(country="GB"), ReliefRule(country="GB"))},
        {"limitation_rules": (LimitationRule(country="GB"), LimitationRule(country="GB"))},
    ],
)  # fmt: skip
def test_a_policy_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(ParameterError):
        WriteOffPolicy(**wrong)


def test_rules_check_themselves():
    for make in (
        lambda: ReliefRule(country="GB", min_months=-1),
        lambda: ReliefRule(country="GB", min_months=6, latest_months=5),
        lambda: LimitationRule(),
        lambda: LimitationRule(country="GB", customer_id="C1"),
        lambda: LimitationRule(country="GB", months=0),
        lambda: LimitationRule(country="GB", starts_from=StartsFrom.SUPPLY_DATE),
        lambda: StatusDays(status="closd"),
        lambda: StatusDays(status="closed", min_days=-1),
    ):
        with pytest.raises(ParameterError):
            make()
    with pytest.raises(ParameterError, match="'closed'"):
        StatusDays(status="closd")


def test_a_limit_for_nobody_is_said_with_the_name_that_is_meant():
    limits = (
        WriteOffLimit(scope=LimitScope.REASON, of="small_balnce", amount=Decimal(500)),
        WriteOffLimit(scope=LimitScope.REASON, of="small_balance", amount=Decimal(500)),
        WriteOffLimit(scope=LimitScope.USER, of="nobody", amount=Decimal(5)),  # users are not looked at
        WriteOffLimit(amount=Decimal(900)),
    )
    said = idle_limits(limits, {LimitScope.REASON: {"small_balance", "uncollectable"}})
    assert len(said) == 1
    assert said[0].endswith("Did you mean 'small_balance'?")


def test_a_limit_that_limits_nothing_is_refused():
    with pytest.raises(ParameterError, match="limits nothing"):
        WriteOffLimit(scope=LimitScope.CUSTOMER, of="C1")
