"""Settlements: present value, what the concession is, expiry, accounts of several items."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.credit.adjustments.settlements import present_value

ASK = {
    "request_id": "R1",
    "kind": "settlement",
    "item_id": "I1",
    "amount": 40_00,
    "pay_by": "2027-01-12",
    "reason": "insolvency",
}


def test_present_value_by_hand():
    """80.00 in 73 days at 10 % a year: 80 ÷ (1 + 0.1 × 73 ÷ 365) = 80 ÷ 1.02 = 78.4314."""
    assert present_value(80_00, rate=Decimal("0.1"), days=73) == 78_43
    assert present_value(80_00, rate=Decimal("0.1"), days=0) == 80_00
    assert present_value(80_00, rate=Decimal(0), days=73) == 80_00


@given(st.integers(0, 10**12), st.decimals(0, 10, places=4), st.integers(0, 3650))
def test_present_value_is_never_above_the_payment_and_within_half_a_cent(payment, rate, days):
    made = present_value(payment, rate=rate, days=days)
    assert 0 <= made <= payment
    assert abs(made * (1 + Fraction(rate) * days / 365) - payment) <= (1 + Fraction(rate) * days / 365) / 2


def test_a_settlement_of_a_debtor_who_cannot_pay_is_a_credit_loss(propose, bill):
    """120.00 owed, 80.00 offered in 73 days at the policy's 8 %: worth 80 ÷ 1.016 = 78.74; 40.00 given up, 41.26 lost."""
    made = propose(items=[bill("I1", 120_00, 20_00)], adjustment_requests=[ASK])
    row, proposal = made.settlements.iloc[0], made.proposals.iloc[0]
    assert (row["balance"], row["payment"], row["days"], row["present_value"]) == (12000, 8000, 73, 7874)
    assert (row["concession"], row["economic_loss"], row["tax_in_concession"]) == (4000, 4126, 667)
    assert row["treatment"] == "credit_loss"
    assert "bad-debt relief" in row["why"]
    assert (proposal["amount"], f"{proposal['decide_by']:%Y-%m-%d}") == (4000, "2027-01-12")
    assert set(made.lines["role"]) == {"credit_loss"}
    assert row["release_reference"] == "mail 17"


def test_a_settlement_of_a_dispute_is_a_price_concession(propose, bill):
    made = propose(
        items=[bill("I1", 120_00, 20_00)],
        adjustment_requests=[{**ASK, "reason": "dispute_settlement", "evidence": None}],
    )
    assert made.settlements["treatment"].tolist() == ["price_concession"]
    assert made.lines[["role", "amount"]].to_numpy().tolist() == [["price_concession", 3333], ["tax", 667]]
    assert "No release document" in made.proposals["caution"].iloc[0]


def test_an_offer_stands_on_its_last_day_and_has_expired_on_the_next(propose, bill):
    for day, blocked in (("2026-10-31", []), ("2026-10-30", ["offer_expired"]), (None, ["pay_by_missing"])):
        made = propose(items=[bill("I1", 120_00)], adjustment_requests=[{**ASK, "pay_by": day}])
        assert made.blocked["blocked_by"].tolist() == blocked


def test_an_account_is_settled_item_by_item(propose, bill):
    """90.00 and 30.00 open: 10.01 given up is 7.51 and 2.50."""
    items = [
        bill("I1", 90_00),
        bill("I2", 30_00),
        bill("I3", 50_00, currency="EUR"),
        bill("I4", 70_00, customer_id="B"),
    ]
    made = propose(items=items, adjustment_requests=[{**ASK, "item_id": None, "amount": 10_01}])
    assert made.settlement_items[["item_id", "concession"]].to_numpy().tolist() == [["I1", 751], ["I2", 250]]
    assert made.settlements["balance"].tolist() == [12000]
    assert made.proposals["functional_amount"].tolist() == [1001]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"amount": 120_01}, "over_balance"),
        ({"reason": "tax"}, "tax_reason"),
        ({"item_id": None, "customer_id": "NOBODY"}, "nothing_open"),
    ],
)
def test_what_is_refused(propose, bill, change, fault):
    made = propose(items=[bill("I1", 120_00)], adjustment_requests=[{**ASK, **change}])
    assert made.blocked["blocked_by"].tolist() == [fault]


def test_an_arrangement_that_runs_is_a_caution(propose, bill):
    plan = {"plan_id": "P1", "item_id": "I1", "amount": 120_00}
    made = propose(items=[bill("I1", 120_00)], adjustment_requests=[ASK], plans=[plan])
    assert made.proposals["caution"].tolist() == ["Arrangement P1 of 2026-07-01 runs already."]


def test_two_of_them_together_give_up_no_more_than_is_owed(propose, bill):
    asked = [{**ASK, "request_id": name, "amount": amount} for name, amount in (("R1", 80_00), ("R2", 70_00))]
    made = propose(items=[bill("I1", 120_00)], adjustment_requests=asked)
    assert made.proposals["amount"].tolist() == [8000]
    assert made.blocked["blocked_by"].tolist() == ["over_balance"]
