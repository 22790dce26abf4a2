"""Credit memos, and requests that cannot be granted: each with everything that is wrong, none stopping the others."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import ParameterError
from arlib.policy import AdjustmentPolicy
from arlib.policy.adjustment import CreditNature, CreditReason, ReturnFee


def only(frame):
    assert len(frame) == 1
    return frame.iloc[0]


def test_a_credit_memo_debits_by_the_nature_of_its_reason(propose, bill):
    """119.00 of which 19.00 tax; 59.50 for price is 50.00 price concession and 9.50 tax."""
    made = propose(
        items=[bill("I1", 119_00, 19_00)],
        adjustment_requests=[{"request_id": "R1", "item_id": "I1", "amount": 59_50}],
    )
    row = only(made.proposals)
    assert (row["amount"], row["tax_amount"], row["functional_amount"], row["requested_by"]) == (
        5950,
        950,
        5950,
        "dana",
    )
    assert row["proposal_id"].startswith("CM-")
    assert row["days_past_due"] == 61
    lines = made.lines[["part", "role", "reverses_revenue", "amount"]].to_numpy().tolist()
    assert lines == [["net", "price_concession", True, 5000], ["tax", "tax", False, 950]]


def test_a_return_and_a_rebate_have_roles_of_their_own(propose, bill):
    asked = [
        {"request_id": "R1", "item_id": "I1", "amount": 10_00, "reason": "returned_goods"},
        {"request_id": "R2", "item_id": "I1", "amount": 10_00, "reason": "rebate"},
        {"request_id": "R3", "item_id": "I1", "amount": 10_00, "reason": "tax"},
    ]
    made = propose(items=[bill("I1", 120_00, 20_00)], adjustment_requests=asked)
    assert made.lines.groupby("nature")["role"].agg(list).to_dict() == {
        "return": ["sales_returns", "tax"], "rebate": ["rebate", "tax"], "tax": ["tax"],
    }  # fmt: skip


def test_never_above_the_open_rest(propose, bill):
    """100.00 with 70.00 paid: 30.00 may be credited, 30.01 not."""
    books = {
        "items": [bill("I1", 100_00), {"item_id": "P1", "item_type": "receipt", "amount": -70_00}],
        "applications": [{"source_item_id": "P1", "target_item_id": "I1", "target_amount": 70_00}],
    }
    over = propose(**books, adjustment_requests=[{"request_id": "R1", "item_id": "I1", "amount": 30_01}])
    assert only(over.blocked)["blocked_by"] == "over_credit"
    assert "30.01 USD is more than the 30.00 open on 'I1'" in only(over.blocked)["blocked_because"]
    fits = propose(**books, adjustment_requests=[{"request_id": "R1", "item_id": "I1", "amount": 30_00}])
    assert only(fits.proposals)["amount"] == 3000


def test_of_a_paid_invoice_only_what_was_not_credited_discounted_or_written_off_before(propose, bill):
    """100.00: 60.00 paid with 2.00 discount, 25.00 credited, 13.00 written off: 60.00 is left to credit."""
    books = {
        "items": [
            bill("I1", 100_00),
            {"item_id": "P1", "item_type": "receipt", "amount": -60_00},
            {"item_id": "C1", "item_type": "credit_memo", "amount": -25_00, "reason": "price"},
            {"item_id": "W1", "item_type": "write_off", "amount": -13_00, "reason": "small_balance"},
        ],
        "applications": [
            {"source_item_id": "P1", "target_item_id": "I1", "target_amount": 60_00, "discount": 2_00},
            {"source_item_id": "C1", "target_item_id": "I1", "target_amount": 25_00, "kind": "credit_memo"},
            {"source_item_id": "W1", "target_item_id": "I1", "target_amount": 13_00, "kind": "write_off"},
        ],
    }
    over = propose(**books, adjustment_requests=[{"request_id": "R1", "item_id": "I1", "amount": 60_01}])
    assert "60.00 billed and not credited before" in only(over.blocked)["blocked_because"]
    fits = propose(**books, adjustment_requests=[{"request_id": "R1", "item_id": "I1", "amount": 60_00}])
    caution = only(fits.proposals)["caution"]
    assert "The invoice is paid" in caution
    assert "Credited before for the same reason: C1 of 2026-09-15 (25.00)." in caution


def test_a_credit_memo_that_names_its_invoice_counts_before_it_is_applied(propose, bill):
    memo = {
        "item_id": "C1",
        "item_type": "credit_memo",
        "amount": -90_00,
        "reverses": "I1",
        "reason": "quality",
    }
    asked = [
        {"request_id": "R1", "item_id": "I1", "amount": 10_01},
        {"request_id": "R2", "item_id": "I1", "amount": 10_00},
    ]
    made = propose(items=[bill("I1", 100_00), memo], adjustment_requests=asked)
    assert made.blocked["blocked_by"].tolist() == ["over_credit"]
    assert made.proposals["amount"].tolist() == [1000]


def test_two_requests_together_do_not_credit_more_than_one_invoice(propose, bill):
    asked = [
        {"request_id": "R1", "item_id": "I1", "amount": 60_00},
        {"request_id": "R2", "item_id": "I1", "amount": 60_00, "reason": "quality"},
        {"request_id": "R3", "item_id": "I1", "amount": 40_00, "reason": "damaged"},
    ]
    made = propose(items=[bill("I1", 100_00)], adjustment_requests=asked)
    assert sorted(made.proposals["amount"]) == [4000, 6000]
    assert only(made.blocked)["reason"] == "quality"


def test_the_same_asked_for_twice_is_proposed_once(propose, bill):
    asked = [{"request_id": f"R{n}", "item_id": "I1", "amount": 10_00} for n in (1, 2)]
    made = propose(items=[bill("I1", 100_00)], adjustment_requests=asked)
    assert len(made.proposals) == 1
    assert only(made.blocked)["blocked_by"] == "duplicate_request"
    assert "Request R1 asks for the same" in only(made.blocked)["blocked_because"]


def test_an_unknown_reason_is_refused_with_the_nearest(propose, bill):
    asked = [{"request_id": "R1", "item_id": "I1", "amount": 10_00, "reason": "prise"}]
    made = propose(items=[bill("I1", 100_00)], adjustment_requests=asked)
    assert (
        only(made.blocked)["blocked_because"]
        == "The policy has no reason code 'prise'. Did they mean 'price'?"
    )


def test_everything_that_is_wrong_stands_in_one_row_and_the_others_go_on(propose, bill):
    asked = [
        {"request_id": "R1", "item_id": "I1", "customer_id": "OTHER", "currency": "EUR", "amount": -5,
         "tax_amount": -1, "reason": "=cmd|calc", "requested_by": "  "},
        {"request_id": "R2", "item_id": "NONE", "amount": 10_00},
        {"request_id": "R3", "item_id": "I1", "currency": "???", "amount": None},
        {"request_id": "R4", "item_id": None, "amount": 10_00},
        {"request_id": "R5", "item_id": "C1", "amount": 10_00},
        {"request_id": "R6", "item_id": "I1", "amount": 10_00, "reason": "insolvency"},
        {"request_id": "R7", "item_id": "I1", "amount": 10_00, "kind": "fee"},
        {"request_id": "R8", "item_id": "I1", "amount": 10_00},
        {"request_id": "R9", "item_id": "I1", "amount": 10_00, "requested_on": "2026-11-01"},
    ]  # fmt: skip
    credit = {"item_id": "C1", "item_type": "credit_memo", "amount": -50_00}
    made = propose(items=[bill("I1", 100_00), credit], adjustment_requests=asked)
    faults = {row["evidence"].split()[1]: row["blocked_by"] for row in made.blocked.to_dict("records")}
    assert faults == {
        "R1": "nobody_asked|amount_not_positive|tax_out_of_range|other_customer|wrong_currency|unknown_reason",
        "R2": "unknown_item",
        "R3": "amount_missing|unknown_currency|wrong_currency",
        "R4": "item_missing",
        "R5": "not_a_debit",
        "R6": "credit_loss_reason",
        "R7": "not_by_request",
    }
    assert only(made.proposals)["evidence"].startswith("Request R8")
    unknown = made.blocked[made.blocked["blocked_by"].str.contains("unknown_currency")]
    assert only(unknown)["currency"] == "USD"  # no currency: nothing to show an amount in
    assert only(unknown)["amount"] == 0


def test_a_hold_forbids_and_is_cited_and_a_lifted_one_does_not(propose, bill):
    books = {
        "items": [bill("I1", 100_00)],
        "adjustment_requests": [{"request_id": "R1", "item_id": "I1", "amount": 1}],
    }
    held = propose(**books, holds=[{"hold_id": "H1"}])
    assert only(held.blocked)["blocked_because"] == "Hold H1 (legal) stands since 2026-10-01, owner counsel."
    for hold in (
        {"lifted_on": "2026-10-31"},
        {"item_id": "I2"},
        {"customer_id": "OTHER"},
        {"placed_on": "2026-11-01"},
    ):
        assert len(propose(**books, holds=[{"hold_id": "H1", **hold}]).proposals) == 1


def test_the_id_does_not_hang_on_the_day_of_the_run(propose, bill, scope):
    books = {
        "items": [bill("I1", 100_00)],
        "adjustment_requests": [{"request_id": "R1", "item_id": "I1", "amount": 1}],
    }
    later = replace(
        scope,
        period="2026-11",
        starts_on=scope.as_of.replace(month=11, day=1),
        ends_on=scope.as_of.replace(month=12),
        as_of=scope.as_of.replace(month=12),
    )
    first, second = propose(**books), propose(scope=later, **books)
    assert first.proposals["proposal_id"].tolist() == second.proposals["proposal_id"].tolist()


def test_a_foreign_invoice_has_its_functional_amount_at_its_booking_rate(propose, bill):
    item = bill("I1", 100_00, currency="EUR", functional_amount=110_00)
    made = propose(
        items=[item],
        adjustment_requests=[{"request_id": "R1", "item_id": "I1", "currency": "EUR", "amount": 33_33}],
    )
    assert only(made.proposals)["functional_amount"] == 3666  # 36.663


def test_books_without_the_optional_tables_say_so(propose, bill):
    made = propose(items=[bill("I1", 100_00)])
    assert made.proposals.empty
    assert made.blocked.empty
    assert len(made.limits) == 5
    assert any("No deductions are in the books" in text for text in made.limits)


@given(
    st.lists(
        st.tuples(
            st.integers(-100, 15_000),
            st.sampled_from(["price", "goodwill", "tax", "billing_error", "rebate"]),
        ),
        max_size=6,
    ),
    st.integers(0, 5_000),
    st.integers(0, 9_000),
)
@settings(max_examples=10)
def test_credits_never_come_to_more_than_was_billed(propose, bill, asked, tax, paid):
    books = {
        "items": [bill("I1", 10_000, tax), {"item_id": "P1", "item_type": "receipt", "amount": -9_000}],
        "applications": [{"source_item_id": "P1", "target_item_id": "I1", "target_amount": paid}] if paid else [],
        "adjustment_requests": [
            {"request_id": f"R{n}", "item_id": "I1", "amount": amount, "reason": reason}
            for n, (amount, reason) in enumerate(asked)
        ],
    }  # fmt: skip
    made = propose(**books)
    assert made.proposals["amount"].sum() <= 10_000 - paid
    assert made.lines.loc[made.lines["part"].eq("tax"), "amount"].sum() <= tax
    assert len(made.proposals) + len(made.blocked) == len(asked)
    lines, proposals = made.lines, made.proposals
    if len(proposals):  # a second method: the database adds them up
        left = (
            duckdb.connect()
            .sql(
                "select p.proposal_id from proposals p left join lines l using (proposal_id) "
                "group by p.proposal_id, p.amount having sum(l.amount) <> p.amount"
            )
            .fetchall()
        )
        assert left == []
        assert isinstance(lines, pd.DataFrame)


@pytest.mark.parametrize(
    "change",
    [
        {
            "reasons": (
                CreditReason(code="x", nature=CreditNature.PRICE),
                CreditReason(code="x", nature=CreditNature.TAX),
            )
        },
        {"reasons": (CreditReason(code=" ", nature=CreditNature.PRICE),)},
        {"codings": AdjustmentPolicy().codings[1:]},
        {"deduction_days": -1},
        {"plan_max_instalments": 0},
        {"settlement_discount_rate": -1},
        {"fees": (ReturnFee(currency="USD", amount=0),)},
        {"fees": (ReturnFee(currency="usd", amount=1),)},
        {"fees": (ReturnFee(currency="USD", amount=1), ReturnFee(currency="USD", amount=2))},
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(change):
    with pytest.raises(ParameterError):
        AdjustmentPolicy(**change)


@pytest.mark.parametrize(
    ("kind", "change", "faults"),
    [
        ("credit_memo", {"amount": 120_01}, "hold|over_credit"),
        ("credit_memo", {"amount": 90_00, "tax_amount": 30_00}, "hold|over_part"),
        ("settlement", {"amount": 120_01}, "hold|pay_by_missing|over_balance"),
        ("plan", {"amount": 120_01}, "hold|instalments|no_first_instalment|over_balance"),
        ("rewrite", {"amount": None, "effective_on": "2026-12-31", "reason": "price"},
         "hold|reason_not_service|nothing_unused"),
        ("rebill", {"amount": 120_01, "corrected_amount": 0}, "hold|corrected_amount_not_positive|not_in_full"),
    ],
)  # fmt: skip
def test_what_its_own_rule_forbids_stands_beside_a_hold(propose, bill, kind, change, faults):
    item = bill("I1", 120_00, 20_00, service_from="2026-01-01", service_to="2026-12-31")
    asked = [{"request_id": "R1", "kind": kind, "item_id": "I1", **change}]
    made = propose(items=[item], adjustment_requests=asked, holds=[{"hold_id": "H1"}])
    assert only(made.blocked)["blocked_by"] == faults
    assert only(made.blocked)["blocked_because"].count(".") >= faults.count("|") + 1


def test_a_rebill_says_both_that_it_is_not_in_full_and_that_another_comes_first(propose, bill):
    asked = [
        {"request_id": "R1", "item_id": "I1", "amount": 10_00},
        {"request_id": "R2", "item_id": "I1", "kind": "rebill", "amount": 90_00, "corrected_amount": 80_00},
    ]
    made = propose(items=[bill("I1", 100_00)], adjustment_requests=asked)
    assert only(made.blocked)["blocked_by"] == "already_proposed|not_in_full"


def test_a_hold_on_what_an_item_carries_on_forbids_too(propose, bill):
    made = propose(
        items=[bill("I1", 100_00, replaces="I0"), bill("I2", 100_00)],
        adjustment_requests=[{"request_id": f"R{at}", "item_id": f"I{at}", "amount": at} for at in (1, 2)],
        holds=[{"hold_id": "H1", "item_id": "I0"}],
    )
    assert (only(made.blocked)["item_id"], only(made.proposals)["item_id"]) == ("I1", "I2")
