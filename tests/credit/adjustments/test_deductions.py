"""Deductions: entries for granted ones, clocks for the others, and a roll that foots."""

from __future__ import annotations

import pytest

VALID = {
    "deduction_id": "D1",
    "item_id": "I1",
    "amount": 30_00,
    "state": "valid",
    "decided_on": "2026-10-20",
    "decided_by": "sue",
}


def test_a_valid_one_becomes_an_entry_for_somebody_else_to_approve(propose, bill):
    made = propose(items=[bill("I1", 120_00, 20_00)], deductions=[VALID])
    row = made.proposals.iloc[0]
    assert (row["kind"], row["amount"], row["tax_amount"], row["requested_by"]) == (
        "deduction",
        3000,
        500,
        "sue",
    )
    case = made.deductions.iloc[0]
    assert (case["way"], case["proposal_id"]) == ("adjust", row["proposal_id"])
    assert made.lines["role"].tolist() == ["price_concession", "tax"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"amount": 120_01}, "over_credit"),
        ({"item_id": "NONE"}, "unknown_item"),
        ({"customer_id": "B"}, "other_customer"),
        ({"currency": "EUR"}, "wrong_currency"),
        ({"decided_by": None}, "undecided"),
        ({"decided_on": None}, "undecided"),
        ({"reason": "hardship"}, "credit_loss_reason"),
        ({"reason": "whatever"}, "unknown_reason"),
        ({"tax_amount": 20_01}, "over_part"),
        ({"amount": -1}, "amount_not_positive"),
    ],
)
def test_what_is_refused(propose, bill, change, fault):
    made = propose(items=[bill("I1", 120_00, 20_00)], deductions=[{**VALID, **change}])
    assert made.proposals.empty
    assert made.blocked["blocked_by"].tolist() == [fault]
    assert made.deductions["way"].tolist() == ["blocked"]


@pytest.mark.parametrize(
    ("taken", "way", "over"),
    [
        ("2026-09-16", "decide", 0),  # 45 days: the last day in time
        ("2026-09-15", "overdue", 1),
        ("2026-09-01", "overdue", 15),
        ("2026-08-31", "escalate", 16),
    ],
)
def test_the_clock_of_a_pending_one(propose, bill, taken, way, over):
    made = propose(
        items=[bill("I1", 120_00)],
        deductions=[{"deduction_id": "D1", "item_id": "I1", "amount": 1, "taken_on": taken}],
    )
    case = made.deductions.iloc[0]
    assert (case["way"], case["days_over"], case["owner"]) == (way, over, "amy")
    assert case["escalate_to"] == ("credit manager" if way == "escalate" else "")


def test_a_refused_one_is_billed_back_and_then_collected(propose, bill):
    items = [bill("I1", 30_00), bill("I2", 30_00, item_type="chargeback"), bill("I3", 30_00)]
    paid = {"item_id": "P1", "item_type": "receipt", "amount": -30_00}
    refused = [
        {"deduction_id": f"D{n}", "item_id": f"I{n}", "amount": 30_00, "state": "invalid", "decided_on": day}
        for n, day in ((1, "2026-10-10"), (2, "2026-09-30"), (3, "2026-10-10"))
    ]
    made = propose(
        items=[*items, paid],
        applications=[{"source_item_id": "P1", "target_item_id": "I3", "target_amount": 30_00}],
        deductions=refused,
    )
    cases = made.deductions.set_index("deduction_id")
    assert cases["way"].to_dict() == {"D1": "charge_back", "D2": "collect", "D3": "none"}
    assert cases["days_over"].tolist()[:2] == [-9, 1]
    assert cases["escalate_to"].tolist() == ["", "credit manager", ""]
    assert made.proposals.empty


def test_the_roll_of_pending_ones_foots(propose, bill):
    """Opening 10 + 20; taken 40 + 80; decided in October 20 valid and 80 invalid; 10 + 40 is pending."""
    rows = [
        {"deduction_id": "D1", "amount": 10, "taken_on": "2026-09-30"},
        {"deduction_id": "D2", "amount": 20, "taken_on": "2026-09-10", "state": "valid", "decided_on": "2026-10-01", "decided_by": "sue"},
        {"deduction_id": "D3", "amount": 40, "taken_on": "2026-10-01"},
        {"deduction_id": "D4", "amount": 80, "taken_on": "2026-10-31", "state": "invalid", "decided_on": "2026-10-31"},
        {"deduction_id": "D5", "amount": 160, "taken_on": "2026-09-01", "state": "settled", "decided_on": "2026-09-30"},
        {"deduction_id": "D6", "amount": 320, "taken_on": "2026-11-01"},
    ]  # fmt: skip
    made = propose(items=[bill("I1", 120_00)], deductions=[{"item_id": "I1", **row} for row in rows])
    assert made.deduction_roll.set_index("line")["amount"].to_dict() == {
        "opening": 30, "taken": 120, "valid": -20, "authorised": 0, "invalid": -80, "settled": 0, "closing": 50,
    }  # fmt: skip
    assert "pending_deductions" in {identity.name for identity in made.identities}


def test_a_decision_after_the_as_of_date_is_not_known_yet(propose, bill):
    made = propose(items=[bill("I1", 120_00)], deductions=[{**VALID, "decided_on": "2026-11-01"}])
    assert made.proposals.empty
    assert made.deductions[["state", "way"]].to_numpy().tolist() == [["pending", "decide"]]


def test_two_of_them_together_are_not_more_than_is_open(propose, bill):
    rows = [{**VALID, "deduction_id": name, "amount": 80_00} for name in ("D1", "D2")]
    made = propose(items=[bill("I1", 120_00)], deductions=rows)
    assert made.deductions["way"].tolist() == ["adjust", "blocked"]
    assert made.blocked["blocked_by"].tolist() == ["over_credit"]
