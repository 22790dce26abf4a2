"""Rewrite credits: unused days, both ends counted, what was credited before taken off."""

from __future__ import annotations

from datetime import date

import pytest

from arlib.credit.adjustments.rewrites import unused_days
from arlib.policy import AdjustmentPolicy

YEAR = {"service_from": "2026-01-01", "service_to": "2026-12-31"}
ASK = {
    "request_id": "R1",
    "kind": "rewrite",
    "item_id": "I1",
    "reason": "unused_service",
    "effective_on": "2026-10-19",
}


@pytest.mark.parametrize(
    ("ends", "is_used", "unused"),
    [
        (date(2026, 1, 31), True, 0), (date(2026, 1, 30), True, 1), (date(2026, 1, 30), False, 2),
        (date(2026, 1, 31), False, 1), (date(2026, 1, 1), True, 30), (date(2025, 12, 31), True, 31),
        (date(2025, 1, 1), False, 31), (date(2026, 3, 1), False, 0),
    ],
)  # fmt: skip
def test_unused_days_of_january(ends, is_used, unused):
    assert unused_days(date(2026, 1, 1), date(2026, 1, 31), ends, end_day_is_used=is_used) == (31, unused)


def test_a_year_that_ends_73_days_early_gives_a_fifth_back(propose, bill):
    """438.00 of which 73.00 tax; 73 of 365 days unused: net 365 ÷ 5 = 73.00, tax 14.60."""
    made = propose(items=[bill("I1", 438_00, 73_00, **YEAR)], adjustment_requests=[{**ASK, "amount": 80_00}])
    row = made.rewrites.iloc[0]
    assert (row["days"], row["unused_days"], row["net_amount"], row["tax_amount"], row["amount"]) == (
        365,
        73,
        7300,
        1460,
        8760,
    )
    assert made.proposals["caution"].tolist() == ["The request says 80.00."]
    assert made.lines["role"].tolist() == ["revenue", "tax"]


def test_credited_before_for_service_comes_off_and_for_price_makes_the_base_smaller(propose, bill):
    """365.00 net: 36.50 credited for price, so 328.50 ÷ 5 = 65.70; 10.00 credited for service before: 55.70."""
    items = [
        bill("I1", 365_00, **YEAR),
        {"item_id": "C1", "item_type": "credit_memo", "amount": -36_50, "reason": "price"},
        {"item_id": "C2", "item_type": "credit_memo", "amount": -10_00, "reason": "service_not_rendered"},
    ]
    applied = [
        {"source_item_id": "C1", "target_item_id": "I1", "target_amount": 36_50, "kind": "credit_memo"},
        {"source_item_id": "C2", "target_item_id": "I1", "target_amount": 10_00, "kind": "credit_memo"},
    ]
    made = propose(items=items, applications=applied, adjustment_requests=[ASK])
    assert made.rewrites[["credited_before", "amount"]].to_numpy().tolist() == [[1000, 5570]]


@pytest.mark.parametrize(
    ("item", "change", "fault"),
    [
        ({}, {}, "no_service_period"),
        (YEAR, {"effective_on": None}, "no_end"),
        (YEAR, {"effective_on": "2026-12-31"}, "nothing_unused"),
        (YEAR, {"reason": "price"}, "reason_not_service"),
    ],
)
def test_what_is_refused(propose, bill, item, change, fault):
    made = propose(items=[bill("I1", 365_00, **item)], adjustment_requests=[{**ASK, **change}])
    assert made.blocked["blocked_by"].tolist() == [fault]


def test_the_day_of_the_end_is_a_policy(propose, bill):
    policy = AdjustmentPolicy(end_day_is_used=False)
    made = propose(policy, items=[bill("I1", 365_00, **YEAR)], adjustment_requests=[ASK])
    assert made.rewrites["unused_days"].tolist() == [74]


def test_two_of_them_together_give_back_no_more_than_was_billed(propose, bill):
    asked = [{**ASK, "request_id": f"R{day}", "effective_on": day} for day in ("2026-03-31", "2026-06-30")]
    made = propose(items=[bill("I1", 365_00, **YEAR)], adjustment_requests=asked)
    assert made.proposals["amount"].tolist() == [27500]
    assert made.blocked["blocked_by"].tolist() == ["nothing_unused"]


@pytest.mark.parametrize(
    ("before", "credited_before", "amount"),
    [
        ({"amount": 36_50, "reason": "price"}, 0, 65_70),
        ({"amount": 10_00, "reason": "service_not_rendered"}, 10_00, 63_00),
        ({"amount": 36_50, "reason": "insolvency", "kind": "settlement", "pay_by": "2026-11-30"}, 0, 73_00),
    ],
)
def test_a_credit_proposed_before_counts_as_if_it_were_booked(propose, bill, before, credited_before, amount):
    """365.00, a fifth unused: less 36.50 for price 65.70; less 10.00 of it given before 63.00; a loss credits nothing."""
    asked = [{"request_id": "R0", "item_id": "I1", **before}, ASK]
    made = propose(items=[bill("I1", 365_00, **YEAR)], adjustment_requests=asked)
    assert made.rewrites[["credited_before", "amount"]].to_numpy().tolist() == [[credited_before, amount]]
