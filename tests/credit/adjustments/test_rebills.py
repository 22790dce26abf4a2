"""Credit-and-rebill: the whole credit, the new invoice with the old due dates, and where the payments go."""

from __future__ import annotations

import pytest

PAID = {
    "applications": [{"source_item_id": "P1", "target_item_id": "I1", "target_amount": 80_00}],
}
ASK = {"request_id": "R1", "kind": "rebill", "item_id": "I1", "reason": "billed_in_error"}


@pytest.fixture(scope="module")
def items(bill):
    """119.00 with 19.00 tax, and a receipt of 80.00."""
    return [
        bill("I1", 119_00, 19_00, original_due_date="2026-08-15"),
        {"item_id": "P1", "item_type": "receipt", "amount": -80_00},
    ]


def effects(made):
    return made.rebills.set_index("line")["amount"].to_dict()


def test_credited_in_full_and_billed_again_with_the_old_due_dates(propose, items):
    made = propose(items=items[:1], adjustment_requests=[{**ASK, "corrected_amount": 59_50}])
    assert made.proposals["amount"].tolist() == [11900]
    assert effects(made) == {"credit": -11900, "invoice": 5950}
    new = made.rebills[made.rebills["line"].eq("invoice")].iloc[0]
    assert (new["net_amount"], new["tax_amount"]) == (5000, 950)  # at the old invoice's proportion
    assert f"{new['due_date']:%Y-%m-%d}" == "2026-08-31"
    assert f"{new['original_due_date']:%Y-%m-%d}" == "2026-08-15"
    assert made.lines["role"].tolist() == ["revenue", "tax"]


def test_what_was_paid_moves_to_the_new_invoice_and_the_rest_stays_open(propose, items):
    """80.00 paid, new invoice 59.50: 59.50 moves, 20.50 is left; receivables fall by 59.50."""
    made = propose(items=items, **PAID, adjustment_requests=[{**ASK, "corrected_amount": 59_50}])
    assert effects(made) == {
        "credit": -11900, "invoice": 5950, "payment_out": 8000, "payment_in": -5950, "on_account": -2050,
    }  # fmt: skip
    assert made.rebills["amount"].sum() == -5950


def test_money_of_one_customer_never_moves_to_another(propose, items):
    ask = {**ASK, "corrected_amount": 119_00, "corrected_customer_id": "NEW"}
    made = propose(items=items, **PAID, adjustment_requests=[ask])
    assert effects(made) == {"credit": -11900, "invoice": 11900, "payment_out": 8000, "on_account": -8000}
    by_customer = made.rebills.groupby("customer_id")["amount"].sum().to_dict()
    assert by_customer == {"ACME": -11900, "NEW": 11900}
    assert "its money stays on its account" in made.proposals["caution"].iloc[0]


def test_only_what_was_not_credited_before_is_credited(propose, items):
    memo = {
        "item_id": "C1",
        "item_type": "credit_memo",
        "amount": -19_00,
        "tax_amount": 0,
        "reason": "goodwill",
    }
    application = {
        "source_item_id": "C1",
        "target_item_id": "I1",
        "target_amount": 19_00,
        "kind": "credit_memo",
    }
    made = propose(
        items=[items[0], memo],
        applications=[application],
        adjustment_requests=[{**ASK, "corrected_amount": 10_00}],
    )
    assert made.proposals["amount"].tolist() == [10000]
    assert made.lines["amount"].tolist() == [8100, 1900]  # the credit before said that it took no tax


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"corrected_amount": None}, "corrected_amount_missing"),
        ({"corrected_amount": 0}, "corrected_amount_not_positive"),
        ({"corrected_amount": 10_00, "corrected_tax_amount": 10_01}, "corrected_tax_out_of_range"),
        ({"corrected_amount": 10_00, "amount": 118_99}, "not_in_full"),
        ({"corrected_amount": 10_00, "reason": "hardship"}, "credit_loss_reason"),
        ({"corrected_amount": 10_00, "corrected_customer_id": "WHO"}, "unknown_customer"),
    ],
)
def test_what_is_refused(propose, items, change, fault):
    customers = [{"customer_id": "ACME", "name": "Acme"}, {"customer_id": "NEW", "name": "New"}]
    made = propose(items=items, customers=customers, adjustment_requests=[{**ASK, **change}])
    assert made.proposals.empty
    assert made.blocked["blocked_by"].tolist() == [fault]


def test_after_a_credit_of_the_same_run_a_rebill_waits(propose, items):
    credit = {"request_id": "R0", "item_id": "I1", "amount": 10_00, "requested_on": "2026-10-01"}
    made = propose(items=items, adjustment_requests=[credit, {**ASK, "corrected_amount": 10_00}])
    assert made.proposals["kind"].tolist() == ["credit_memo"]
    assert made.blocked["blocked_by"].tolist() == ["already_proposed"]
