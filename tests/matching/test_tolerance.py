"""Tolerances: the most restrictive limit wins."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from arlib.matching.tolerance import allowed, limit_for
from arlib.policy.matching import Limit


def limit(
    scope: str, amount: str | None = None, *, of: str = "", rate: str | None = None, currency: str = ""
) -> Limit:
    return Limit(
        scope=scope,
        of=of,
        amount=None if amount is None else Decimal(amount),
        rate=None if rate is None else Decimal(rate),
        currency=currency,
    )


def test_amount_and_rate_of_a_limit_both_bind() -> None:
    limits = (limit("business_unit", "1.00", rate="0.01"),)
    assert limit_for(item_open=5000, currency="USD", limits=limits) == 50
    assert limit_for(item_open=50_000, currency="USD", limits=limits) == 100


def test_the_limit_itself_is_allowed_and_one_cent_more_is_not() -> None:
    limits = (limit("user", "0.50"),)
    assert allowed(50, item_open=10_000, currency="USD", limits=limits) == 50
    assert allowed(-50, item_open=10_000, currency="USD", limits=limits) == -50
    assert allowed(51, item_open=10_000, currency="USD", limits=limits) == 0


def test_a_limit_for_another_customer_or_currency_says_nothing() -> None:
    limits = (
        limit("customer", "0.10", of="ACME"),
        limit("business_unit", "5.00"),
        limit("user", "0.20", currency="EUR"),
    )
    assert limit_for(item_open=10_000, currency="USD", customer="OTHER", limits=limits) == 500
    assert limit_for(item_open=10_000, currency="USD", customer="ACME", limits=limits) == 10
    assert limit_for(item_open=10_000, currency="EUR", customer="OTHER", limits=limits) == 20


def test_the_same_number_in_a_currency_without_minor_units() -> None:
    assert limit_for(item_open=10_000, currency="JPY", limits=(limit("user", "3.90"),)) == 3


def test_without_any_limit_nothing_is_allowed() -> None:
    assert limit_for(item_open=10_000, currency="USD", limits=()) == 0
    assert limit_for(item_open=10_000, currency="USD", limits=(limit("user"),)) == 0
    assert allowed(1, item_open=10_000, currency="USD", limits=()) == 0


@given(
    st.lists(
        st.tuples(st.sampled_from(["business_unit", "customer", "reason", "user"]), st.integers(0, 500)),
        max_size=6,
    ),
    st.tuples(st.sampled_from(["business_unit", "customer", "reason", "user"]), st.integers(0, 500)),
)
def test_a_further_limit_never_allows_more(found: list[tuple[str, int]], more: tuple[str, int]) -> None:
    limits = [limit(scope, str(amount)) for scope, amount in found]
    before = limit_for(item_open=100_000, currency="USD", limits=limits)
    after = limit_for(item_open=100_000, currency="USD", limits=[*limits, limit(more[0], str(more[1]))])
    assert after <= before or not limits
    assert after == limit_for(
        item_open=100_000, currency="USD", limits=[limit(more[0], str(more[1])), *limits[::-1]]
    )
