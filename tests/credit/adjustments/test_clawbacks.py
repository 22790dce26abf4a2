"""Commission taken back: rate × net reduction, never more than is left, paid or owed."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.credit.adjustments.clawbacks import clawbacks_of
from arlib.credit.proposals import proposals_of
from arlib.policy import AdjustmentPolicy
from arlib.tables.declared import CANONICAL

EARNED = {"commission_id": "K1", "item_id": "I1", "base_amount": 100_00, "rate": "0.05", "amount": 5_00}


def ask(amount, **more):
    return {"request_id": "R1", "item_id": "I1", "amount": amount, **more}


def test_rate_times_the_net_of_the_credit(propose, bill):
    """60.00 of 120.00 credited: 50.00 net, 5 % of it is 2.50; owed, so less is owed."""
    made = propose(items=[bill("I1", 120_00, 20_00)], adjustment_requests=[ask(60_00)], commissions=[EARNED])
    row = made.clawbacks.iloc[0]
    assert (row["net_reduction"], row["amount"], row["way"], row["sales_partner"]) == (
        5000,
        250,
        "reduce_accrual",
        "PAT",
    )
    paid = propose(
        items=[bill("I1", 120_00, 20_00)],
        adjustment_requests=[ask(60_00)],
        commissions=[{**EARNED, "paid_on": "2026-10-31"}],
    )
    assert paid.clawbacks["way"].tolist() == ["claw_back"]


def test_never_more_than_is_left_after_earlier_claw_backs(propose, bill):
    """5.00 earned, 3.00 taken back before: of 5.00 only 2.00."""
    before = {
        **EARNED,
        "commission_id": "K2",
        "base_amount": -60_00,
        "amount": -3_00,
        "earned_on": "2026-09-01",
    }
    made = propose(
        items=[bill("I1", 120_00, 20_00)], adjustment_requests=[ask(120_00)], commissions=[EARNED, before]
    )
    assert made.clawbacks[["commission_id", "clawed_back", "amount", "is_limited"]].to_numpy().tolist() == [
        ["K1", 300, 200, True]
    ]


def test_tax_alone_moves_no_commission_and_a_rebill_only_its_difference(propose, bill):
    tax = propose(
        items=[bill("I1", 120_00, 20_00)],
        adjustment_requests=[ask(20_00, reason="tax")],
        commissions=[EARNED],
    )
    assert tax.clawbacks.empty
    rebill = ask(None, kind="rebill", reason="billed_in_error", corrected_amount=60_00)
    made = propose(items=[bill("I1", 120_00, 20_00)], adjustment_requests=[rebill], commissions=[EARNED])
    assert made.clawbacks[["net_reduction", "amount"]].to_numpy().tolist() == [[5000, 250]]
    higher = {**rebill, "corrected_amount": 130_00}
    assert propose(
        items=[bill("I1", 120_00, 20_00)], adjustment_requests=[higher], commissions=[EARNED]
    ).clawbacks.empty


def test_freight_has_no_commission_and_another_currency_gives_the_share_back(propose, bill):
    """120.00 with 20.00 freight, all credited: 100.00 net; 4.00 EUR earned on it come back whole."""
    euro = {**EARNED, "currency": "EUR", "base_amount": 80_00, "amount": 4_00}
    made = propose(
        items=[bill("I1", 120_00, 0, 20_00)],
        adjustment_requests=[ask(60_00, reason="billing_error")],
        commissions=[EARNED, {**euro, "commission_id": "K2"}],
    )
    assert made.clawbacks[["currency", "net_reduction", "amount"]].to_numpy().tolist() == [
        ["USD", 5000, 250],
        ["EUR", 5000, 200],
    ]


def test_a_loss_takes_commission_back_only_where_the_policy_says_so(propose, bill):
    settle = ask(60_00, kind="settlement", reason="insolvency", pay_by="2026-11-30")
    books = {"items": [bill("I1", 120_00, 20_00)], "adjustment_requests": [settle], "commissions": [EARNED]}
    assert propose(**books).clawbacks.empty
    strict = AdjustmentPolicy(claws_back_write_offs=True)
    assert propose(strict, **books).clawbacks["amount"].tolist() == [250]
    agreed = propose(**{**books, "adjustment_requests": [{**settle, "reason": "dispute_settlement"}]})
    assert agreed.clawbacks["amount"].tolist() == [250]


def test_a_deduction_and_a_rewrite_count_and_commission_not_yet_earned_does_not(propose, bill):
    item = bill("I1", 365_00, service_from="2026-01-01", service_to="2026-12-31")
    end = ask(None, kind="rewrite", reason="unused_service", effective_on="2026-10-19")
    taken = {
        "deduction_id": "D1",
        "item_id": "I1",
        "amount": 10_00,
        "state": "authorised",
        "decided_on": "2026-10-20",
        "decided_by": "sue",
    }
    earned = {**EARNED, "base_amount": 365_00, "amount": 18_25}
    made = propose(
        items=[item],
        adjustment_requests=[end],
        deductions=[taken],
        commissions=[earned, {**earned, "commission_id": "K2", "earned_on": "2026-11-01"}],
    )
    assert sorted(made.clawbacks["amount"]) == [50, 365]  # 5 % of 10.00 and of 73.00


@given(
    st.lists(st.integers(1, 10**7), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(-(10**6), 10**6), st.sampled_from(["P", "Q"])), max_size=6),
)
@settings(max_examples=40)
def test_what_is_taken_back_is_never_above_what_was_earned(scope, amounts, commissions):
    proposals = proposals_of(
        {
            "proposal_id": f"WO-{n}", "entity": "E1", "kind": "write_off", "customer_id": "A", "item_id": "I1",
            "currency": "USD", "amount": amount, "tax_amount": 0, "reason": "x", "rule": "x", "evidence": "x",
        }
        for n, amount in enumerate(amounts)
    )  # fmt: skip
    earned = CANONICAL["commissions"].frame(
        [
            {
                "commission_id": f"K{n}", "entity": "E1", "item_id": "I1", "sales_partner": partner, "currency": "USD",
                "base_amount": 10**7, "rate": "0.1", "amount": amount, "earned_on": "2026-08-01",
            }
            for n, (amount, partner) in enumerate(commissions)
        ]
        or None
    )  # fmt: skip
    policy = AdjustmentPolicy(claws_back_write_offs=True)
    made = clawbacks_of(proposals, earned, scope=scope, policy=policy)
    assert clawbacks_of(proposals, earned, scope=scope, policy=AdjustmentPolicy()).empty
    for partner in ("P", "Q"):
        mine = earned[earned["sales_partner"].eq(partner)]
        back = int(made.loc[made["sales_partner"].eq(partner), "amount"].sum())
        net = int(mine["amount"].sum()) if len(mine) else 0
        assert back <= max(net, 0)
    assert isinstance(made, pd.DataFrame)
