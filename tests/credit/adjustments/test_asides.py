"""What stands beside a proposal is in its caution, citing the record; what does not, is not."""

from __future__ import annotations

import pytest

OFFER = {
    "request_id": "R1", "kind": "settlement", "item_id": "I1", "amount": 40_00, "pay_by": "2026-12-31", "reason": "price",
}  # fmt: skip
PLAN = {
    "request_id": "R1", "kind": "plan", "item_id": "I1", "reason": "arrangement", "instalments": 3,
    "effective_on": "2026-11-30",
}  # fmt: skip
REBILL = {
    "request_id": "R1",
    "kind": "rebill",
    "item_id": "I1",
    "corrected_amount": 90_00,
    "reason": "rebill",
}
DISPUTE = "Dispute D1 (quality, USD 50.00)"


@pytest.fixture
def caution(propose, bill):
    """The caution of the one proposal that a request about I1 (100.00, carries on I0) leads to."""

    def of(request, **tables):
        items = [bill("I1", 100_00, replaces="I0"), *tables.pop("items", [])]
        made = propose(items=items, adjustment_requests=[request], **tables)
        return made.proposals["caution"].iloc[0]

    return of


@pytest.mark.parametrize("request_", [OFFER, PLAN, REBILL], ids=lambda one: one["kind"])
@pytest.mark.parametrize(
    ("dispute", "said"),
    [
        ({"item_id": "I1"}, f"{DISPUTE} is open since 2026-10-01."),
        ({"item_id": "I0"}, f"{DISPUTE} on I0, which it carries on, is open since 2026-10-01."),
        ({"item_id": None}, f"{DISPUTE} is open since 2026-10-01."),
        ({"item_id": "I1", "closed_on": "2026-10-31"}, ""),
        ({"item_id": "I2"}, ""),
    ],
)
def test_an_open_dispute(caution, request_, dispute, said):
    assert caution(request_, disputes=[dispute]) == said


def test_what_is_disputed_is_not_called_a_loss_without_a_word(caution):
    said = caution({**OFFER, "reason": "insolvency"}, disputes=[{"item_id": "I1"}])
    assert said.endswith(
        "is open since 2026-10-01: what is disputed is no credit loss before that is settled."
    )


@pytest.mark.parametrize(
    ("plan", "is_said"), [({"item_id": "I1"}, True), ({"item_id": "I0"}, True), ({"item_id": "I2"}, False)]
)
def test_a_running_arrangement(caution, plan, is_said):
    plans = [{"plan_id": "P1", "amount": 100_00, **plan}]
    for request in (OFFER, REBILL, {"request_id": "R1", "item_id": "I1", "amount": 1_00}):
        said = caution(request, plans=plans)
        assert said == ("Arrangement P1 of 2026-07-01 runs already." if is_said else "")


@pytest.mark.parametrize(
    ("request_", "security", "is_said"),
    [
        (OFFER, {}, True),
        (PLAN, {"item_id": "I0"}, True),
        (REBILL, {}, False),
        (OFFER, {"customer_id": "OTHER"}, False),
        (OFFER, {"valid_to": "2026-07-31"}, False),
    ],
)
def test_cover(caution, request_, security, is_said):
    said = "Credit insurance S1 by Mutual covers it for 90 %: ask there first, so that the cover is kept."
    assert caution(request_, security=[security]) == (said if is_said else "")


def test_open_credits_of_the_customer(caution):
    credit = {"item_type": "credit_memo", "amount": -30_00}
    items = [{"item_id": "C1", **credit}, {"item_id": "C2", **credit, "customer_id": "OTHER"}]
    assert "Credits of 30.00 USD of the customer are open (C1): apply them" in caution(OFFER, items=items)
    assert caution(REBILL, items=items) == ""


def test_an_account_cites_what_stands_beside_each_of_its_items(caution):
    assert caution({**OFFER, "item_id": None}, disputes=[{"item_id": "I1"}]).startswith(DISPUTE)


def test_other_proposals_for_the_customer_those_on_the_document_first(propose, bill):
    asked = [
        {"request_id": f"R{at}", "item_id": item, "amount": at}
        for at, item in enumerate(["I1", "I1", "I2", "I2", "I2", "I2", "I2", "I3"], 1)
    ]
    items = [bill("I1", 100_00), bill("I2", 100_00), bill("I3", 100_00, customer_id="OTHER")]
    asked[-1]["customer_id"] = "OTHER"
    made = propose(items=items, adjustment_requests=asked).proposals.set_index("amount")
    first = made.loc[1, "caution"]
    named = f"credit memo {made.loc[2, 'proposal_id']} of 0.02 USD on the same document, credit memo "
    assert first.startswith(f"Also proposed for the customer: {named}")
    assert first.endswith(" and 1 more.")
    assert made.loc[8, "caution"] == ""


def test_an_arrangement_is_on_what_the_other_proposals_of_the_run_leave(propose, bill):
    """Credited before it, 40.00 lower what can be arranged; credited after it, they are in its caution."""
    credit = {"request_id": "R2", "item_id": "I1", "amount": 40_00, "reason": "price"}
    for day, amount, said in (
        ("2026-10-01", 60_00, ""),
        ("2026-10-25", 100_00, "only 60.00 USD are left to pay"),
    ):
        asked = [PLAN, {**credit, "requested_on": day}]
        made = propose(items=[bill("I1", 100_00)], adjustment_requests=asked).proposals.set_index("kind")
        assert made.loc["plan", "amount"] == amount
        assert said in made.loc["plan", "caution"]
        assert ("left to pay" in made.loc["plan", "caution"]) == bool(said)
