"""'Over 10,000 and 60 days', worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from arlib.errors import RateError
from arlib.ledger.aging import age_items
from arlib.ledger.frames import LARGE_BALANCES
from arlib.ledger.large_balance import large_balances
from arlib.ledger.openitems import open_items
from arlib.money import Rates
from arlib.policy import AgingPolicy, Credits, LargeBalancePolicy, Unit
from arlib.tables import CANONICAL

AS_OF = "2026-10-31"  # 60 days before is 1 September
TEXT = """
    item A1 invoice AT 2026-07-01 10000.00 due=2026-09-01
    item B1 invoice OVER 2026-07-01 6000.00 due=2026-08-01
    item B2 invoice OVER 2026-07-01 4000.01 due=2026-09-01
    item B3 invoice OVER 2026-07-01 9999.00 due=2026-09-02
    item B4 receipt OVER 2026-07-01 -5000.00
    item C1 invoice MIXED 2026-07-01 6000.00 due=2026-06-01
    item C2 invoice MIXED 2026-07-01 4000.00 currency=EUR due=2026-06-01
    item D1 invoice YEN 2026-07-01 10001 currency=JPY due=2026-06-01
    item E1 invoice NODATE 2026-07-01 99999.00
"""
RATES = Rates.of(
    CANONICAL["fx_rates"].frame(
        [
            {
                "date": "2026-10-30",
                "base": "EUR",
                "quote": "USD",
                "rate": "1.10",
                "kind": "closing",
                "source": "test",
            },
            {
                "date": "2026-10-31",
                "base": "EUR",
                "quote": "USD",
                "rate": "9.99",
                "kind": "spot",
                "source": "test",
            },
            {
                "date": "2026-10-31",
                "base": "USD",
                "quote": "JPY",
                "rate": "150",
                "kind": "closing",
                "source": "test",
            },
        ]
    )
)


def large(ledger, seen, text=TEXT, aging_policy=None, rates=RATES, **policy):
    scope = seen(AS_OF)
    aged = age_items(
        open_items(ledger(text), scope=scope), as_of=scope.as_of, policy=aging_policy or AgingPolicy()
    )
    return large_balances(aged, policy=LargeBalancePolicy(**policy), scope=scope, rates=rates)


def customers(frame) -> list[str]:
    return frame["customer_id"].drop_duplicates().tolist()


def test_above_the_limit_at_sixty_days_in_reporting_currency(ledger, seen):
    made = large(ledger, seen)
    # AT is 10,000.00, not above it; OVER 6,000.00 + 4,000.01 (59 days and cash do not count)
    # MIXED 6,000 + 4,000 × 1.10
    assert customers(made) == ["MIXED", "OVER"]
    assert made["customer_total"].tolist() == [10_400_00, 10_400_00, 10_000_01]
    eur = made[made["currency"] == "EUR"].iloc[0]
    assert (eur["amount"], eur["rate"], eur["rate_date"].date(), eur["reporting_amount"]) == (
        4_000_00,
        "1.1",
        date(2026, 10, 30),
        4_400_00,
    )
    over = made[made["customer_id"] == "OVER"].iloc[0]
    assert (over["items"], over["max_days_past_due"], over["oldest_due_date"].date()) == (
        2,
        91,
        date(2026, 8, 1),
    )
    assert made.dtypes.astype(str).to_dict() == LARGE_BALANCES.empty().dtypes.astype(str).to_dict()


def test_operator_days_and_amount_are_parameters(ledger, seen):
    assert customers(large(ledger, seen, is_inclusive=True)) == ["MIXED", "OVER", "AT"]
    assert customers(large(ledger, seen, min_days_past_due=59)) == ["OVER", "MIXED"]
    assert customers(large(ledger, seen, amount=Decimal("10000.005"))) == ["MIXED", "OVER"]
    assert customers(large(ledger, seen, amount=Decimal("10000.01"))) == ["MIXED"]
    assert customers(large(ledger, seen, amount=Decimal(20000))) == []


def test_in_document_currency_the_same_number_stands_for_each(ledger, seen):
    made = large(ledger, seen, unit=Unit.DOCUMENT, rates=None)
    assert sorted(zip(made["customer_id"], made["currency"], strict=True)) == [
        ("OVER", "USD"),
        ("YEN", "JPY"),
    ]
    assert made["rate"].isna().all()


def test_another_reporting_currency(ledger, seen):
    made = large(
        ledger, seen, text="item A invoice C 2026-07-01 100.00 due=2026-08-01", reporting_currency="JPY"
    )
    assert made[["reporting_currency", "customer_total"]].values.tolist() == [["JPY", 15_000]]


def test_netted_credits_reduce_it_by_their_age(ledger, seen):
    made = large(ledger, seen, aging_policy=AgingPolicy(credits=Credits.NETTED))
    assert customers(made) == ["MIXED"]  # the receipt of 1 July takes 5,000 off OVER


def test_a_currency_without_a_closing_rate_is_refused(ledger, seen):
    with pytest.raises(RateError, match="closing rate EUR/USD"):
        large(ledger, seen, rates=None)


def test_nothing_late_is_an_empty_table(ledger, seen):
    assert (
        list(large(ledger, seen, text="item A invoice C 2026-10-01 1.00 due=2026-10-31").columns)
        == LARGE_BALANCES.names
    )
