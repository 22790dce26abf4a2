"""The double entry of every kind of proposal: hand-made books, balance, carrying rate, faults."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.credit.adjustments.frames import ADJUSTMENT_LINES, CLAWBACKS, REBILL_LINES
from arlib.credit.posting import (
    ENTRIES,
    PostingRules,
    Role,
    TaxOnWriteOff,
    WriteOffTo,
    clawback_entries_of,
    entries_of,
    reinstatements_of,
)
from arlib.credit.proposals import PREFIX, proposals_of
from arlib.errors import TableError
from arlib.ledger.frames import OPEN_ITEMS
from arlib.policy import AdjustmentPolicy
from arlib.policy.adjustment import CreditNature, CreditReason
from arlib.policy.adjustment import Role as CreditRole
from arlib.tables.choices import ProposalKind

HOME = {"US01": "USD"}
POLICY = AdjustmentPolicy(
    reasons=tuple(
        CreditReason(code=code, nature=CreditNature(nature))
        for code, nature in (
            ("pricing", "price"), ("rebate", "rebate"), ("hardship", "credit_loss"), ("tax", "tax"), ("tax_exempt", "tax"),
            ("goodwill", "goodwill"), ("unused_service", "service_not_rendered"), ("billing_error", "billing_error"),
        )
    )
)  # fmt: skip
RULES = PostingRules()


def proposal(kind, amount=10000, **changes):
    row = {
        "proposal_id": f"{PREFIX[ProposalKind(kind)]}-AAAAAAAAAAAA",
        "entity": "US01",
        "kind": str(kind),
        "customer_id": "C1",
        "item_id": "I1",
        "document_no": "9001",
        "currency": "USD",
        "amount": amount,
        "tax_amount": 0,
        "reason": "pricing",
        "rule": "r",
        "evidence": "e",
    }
    return row | changes


def opened(amount=10000, *, functional=None, item_type="invoice", **changes):
    row = {
        "entity": "US01",
        "item_id": "I1",
        "customer_id": "C1",
        "item_type": item_type,
        "document_no": "9001",
        "document_date": date(2026, 1, 5),
        "effective_date": date(2026, 1, 5),
        "posting_date": date(2026, 1, 5),
        "due_from": "item",
        "currency": "USD",
        "amount": amount,
        "outstanding": amount,
        "functional_outstanding": amount if functional is None else functional,
        "revaluation": 0,
    }
    return row | changes


def made(*rows, items=None, rules=RULES, **more):
    return entries_of(
        proposals_of(rows),
        open_items=OPEN_ITEMS.frame([opened()] if items is None else list(items)),
        functional=HOME,
        rules=rules,
        policy=POLICY,
        **more,
    )


def sides(entries):
    """(leg, role, amount) of each line."""
    return [tuple(row) for row in entries[["leg", "role", "amount"]].itertuples(index=False, name=None)]


def test_one_list_of_roles_holds_those_of_credits():
    assert {role.value for role in CreditRole} - {"credit_loss"} <= {role.value for role in Role}


@pytest.mark.parametrize(
    ("kind", "given", "lines"),
    [
        ("write_off", {"tax_amount": 1600}, [(1, "allowance", 10000), (1, "receivable", -10000)]),
        ("small_balance", {"amount": 300}, [(1, "tolerance", 300), (1, "receivable", -300)]),
        (
            "credit_memo",
            {"tax_amount": 1600},
            [(1, "price_concession", 8400), (1, "tax", 1600), (1, "receivable", -10000)],
        ),
        ("credit_memo", {"reason": "unknown"}, [(1, "adjustment", 10000), (1, "receivable", -10000)]),
        (
            "rewrite",
            {"reason": "unused_service", "tax_amount": 1600},
            [(1, "revenue", 8400), (1, "tax", 1600), (1, "receivable", -10000)],
        ),
        ("tax_correction", {"reason": "tax_exempt"}, [(1, "tax", 10000), (1, "receivable", -10000)]),
        ("deduction", {"reason": "rebate"}, [(1, "rebate", 10000), (1, "receivable", -10000)]),
        (
            "settlement",
            {"reason": "hardship", "tax_amount": 1600},
            [(1, "allowance", 8400), (1, "tax", 1600), (1, "receivable", -10000)],
        ),
        (
            "fee",
            {"amount": 3500, "tax_amount": 500, "item_id": ""},
            [(1, "fee_income", -3000), (1, "tax", -500), (1, "receivable", 3500)],
        ),
        ("contra", {}, [(1, "payable", 10000), (1, "receivable", -10000)]),
        ("allowance", {"customer_id": "", "item_id": ""}, [(1, "bad_debt", 10000), (1, "allowance", -10000)]),
        (
            "allowance",
            {"amount": -700, "customer_id": "", "item_id": ""},
            [(1, "bad_debt", -700), (1, "allowance", 700)],
        ),
        ("plan", {}, []),
    ],
)
def test_each_kind_has_its_entry(kind, given, lines):
    entries = made(proposal(kind, **given))

    assert sides(entries) == lines
    assert entries["proposal_id"].eq(f"{PREFIX[ProposalKind(kind)]}-AAAAAAAAAAAA").all()
    assert all(str(text).startswith(PREFIX[ProposalKind(kind)] + "-") for text in entries["text"])


@pytest.mark.parametrize(
    ("item_type", "side"),
    [("receipt", "unapplied"), ("prepayment", "unapplied"), ("credit_memo", "receivable")],
)
@pytest.mark.parametrize(
    ("kind", "counter"), [("refund", "refund_clearing"), ("unclaimed", "unclaimed_property")]
)
def test_a_credit_is_debited_on_the_side_where_it_stands(item_type, side, kind, counter):
    entries = made(proposal(kind), items=[opened(-10000, item_type=item_type)])

    assert sides(entries) == [(1, counter, -10000), (1, side, 10000)]


@pytest.mark.parametrize(
    ("rules", "claimable", "lines"),
    [
        ({}, True, [("allowance", 8400), ("tax", 1600)]),
        ({}, False, [("allowance", 10000)]),
        ({"tax_on_write_off": TaxOnWriteOff.ALWAYS}, False, [("allowance", 8400), ("tax", 1600)]),
        ({"tax_on_write_off": TaxOnWriteOff.NEVER}, True, [("allowance", 10000)]),
        ({"write_off_to": WriteOffTo.BAD_DEBT}, False, [("bad_debt", 10000)]),
    ],
)
def test_a_write_off_goes_where_the_rules_say(rules, claimable, lines):
    row = proposal("write_off", tax_amount=1600)
    held = {("US01", row["proposal_id"])} if claimable else set()

    entries = made(row, rules=PostingRules(**rules), claimable=held)

    assert [(role, value) for _, role, value in sides(entries)][:-1] == lines


def test_lines_say_what_a_credit_is_made_of_and_a_loss_stands_apart():
    row = proposal("settlement", reason="price_concession")
    lines = ADJUSTMENT_LINES.frame(
        [
            {"entity": "US01", "proposal_id": row["proposal_id"], "line_no": at, "kind": "settlement", "item_id": item,
             "part": "net", "nature": nature, "role": role, "reverses_revenue": True, "currency": "USD", "amount": value}
            for at, (item, role, nature, value) in enumerate(
                (("I1", "price_concession", "price", 5000), ("I1", "tax", "price", 1000),
                 ("I1", "credit_loss", "credit_loss", 1500), ("I2", "price_concession", "price", 2500)), 1)
        ]
    )  # fmt: skip

    entries = made(row, items=[opened(8000), opened(2500, item_id="I2", document_no="9002")], lines=lines)

    assert sides(entries) == [
        (1, "price_concession", 5000), (1, "tax", 1000), (1, "receivable", -6000),
        (2, "allowance", 1500), (2, "receivable", -1500),
        (3, "price_concession", 2500), (3, "receivable", -2500),
    ]  # fmt: skip
    assert list(entries[entries["role"].eq("receivable")]["document_no"]) == ["9001", "9001", "9002"]


def test_a_rebill_credits_bills_again_and_moves_the_payment():
    row = proposal("rebill", 12000, reason="billing_error", tax_amount=2000)
    ident = {"entity": "US01", "proposal_id": row["proposal_id"]}
    credit = [("net", "revenue", 10000), ("tax", "tax", 2000)]
    lines = ADJUSTMENT_LINES.frame(
        [ident | {"line_no": at, "kind": "rebill", "item_id": "I1", "part": part, "nature": "billing_error", "role": role,
                  "reverses_revenue": True, "currency": "USD", "amount": value}
         for at, (part, role, value) in enumerate(credit, 1)]
    )  # fmt: skip
    new = {"net_amount": 5000, "tax_amount": 1000, "freight_amount": 200}
    rebills = REBILL_LINES.frame(
        [ident | {"line_no": at, "line": line, "item_id": "I1", "customer_id": who, "currency": "USD", "amount": value,
                  "what": "w", **(new if line == "invoice" else dict.fromkeys(new, 0))}
         for at, (line, who, value) in enumerate(
             (("credit", "C1", -12000), ("invoice", "C2", 6200), ("payment_out", "C1", 2000), ("payment_in", "C2", -2000)), 1)]
    )  # fmt: skip

    entries = made(row, items=[opened(10000)], lines=lines, rebills=rebills)

    assert sides(entries) == [
        (1, "revenue", 10000), (1, "tax", 2000), (1, "receivable", -12000),
        (2, "revenue", -5000), (2, "tax", -1000), (2, "freight", -200), (2, "receivable", 6200),
        (3, "receivable", 2000), (4, "receivable", -2000),
    ]  # fmt: skip
    assert list(entries[entries["leg"].eq(2)]["customer_id"])[-1] == "C2"
    with pytest.raises(TableError, match="no new invoice"):
        made(row, lines=lines)


def test_a_foreign_item_moves_at_its_carrying_rate_and_clears_it_whole():
    # 100.00 EUR carried at 108.33 USD: thirds are 36.11 each, and three of them 108.33
    items = [opened(10000, functional=10833, currency="EUR")]
    ids = ["WO-AAAAAAAAAAA2", "WO-AAAAAAAAAAA3", "WO-AAAAAAAAAAA4"]
    amounts = [3333, 3333, 3334]
    rows = [
        proposal("write_off", a, proposal_id=i, currency="EUR") for i, a in zip(ids, amounts, strict=True)
    ]

    entries = made(*rows, items=items)

    on_item = entries[entries["role"].eq("receivable")]
    assert sum(on_item["functional_amount"]) == -10833
    assert entries.groupby(["proposal_id", "leg"])["functional_amount"].sum().eq(0).all()
    assert set(entries["functional_currency"]) == {"USD"}
    unknown = made(proposal("write_off", currency="EUR"), items=[opened(currency="EUR", functional=pd.NA)])
    assert unknown["functional_amount"].isna().all()


def test_faults_are_told_at_once():
    rows = [
        proposal("write_off", 0),
        proposal("fee", -5),
        proposal("credit_memo", 100, tax_amount=200),
        proposal("rebill", 100),
        proposal("contra", 100),
    ]
    with pytest.raises(TableError) as caught:
        made(*rows)

    codes = sorted(problem.code for problem in caught.value.problems)
    assert codes == ["amount_not_positive", "amount_not_positive", "no_new_invoice", "tax_beyond_amount"]


AMOUNTS = st.integers(1, 10**12)


@given(
    kind=st.sampled_from([k for k in ProposalKind if k not in (ProposalKind.REBILL, ProposalKind.PLAN)]),
    amount=AMOUNTS,
    share=st.integers(0, 100),
    carried=st.integers(1, 10**12),
    currency=st.sampled_from(["USD", "EUR", "JPY", "KWD"]),
    reason=st.sampled_from(["pricing", "rebate", "hardship", "tax", "goodwill", "unheard of"]),
    tax_on=st.sampled_from(list(TaxOnWriteOff)),
)
def test_every_leg_balances_in_both_currencies(kind, amount, share, carried, currency, reason, tax_on):
    sign = -1 if kind in (ProposalKind.REFUND, ProposalKind.UNCLAIMED) else 1
    item = opened(
        sign * amount * 2, currency=currency, functional=sign * (2 * amount if currency == "USD" else carried)
    )
    row = proposal(kind, amount, tax_amount=amount * share // 100, currency=currency, reason=reason)

    entries = made(row, items=[item], rules=PostingRules(tax_on_write_off=tax_on))

    assert len(entries) >= 2
    legs = entries.groupby(["proposal_id", "leg", "currency"])
    assert legs["amount"].sum().eq(0).all()
    assert entries["amount"].ne(0).all()
    books = entries[entries["functional_amount"].notna()]
    assert len(books) in (0, len(entries))
    assert books.groupby(["proposal_id", "leg"])["functional_amount"].sum().eq(0).all()
    on_customer = entries[entries["role"].isin(["receivable", "unapplied"])]
    if kind is not ProposalKind.ALLOWANCE:
        expected = amount if kind is ProposalKind.FEE or sign < 0 else -amount
        assert sum(on_customer["amount"]) == expected


def test_commission_is_owed_back_where_it_was_paid():
    base = {"entity": "US01", "proposal_id": "CM-AAAAAAAAAAAA", "kind": "credit_memo", "item_id": "I1", "rate": "0.05",
            "currency": "USD", "reduction_currency": "USD", "net_reduction": 1, "earned": 1, "clawed_back": 0,
            "is_limited": False}  # fmt: skip
    rows = [base | {"commission_id": "K1", "sales_partner": "P1", "amount": 420, "way": "claw_back"},
            base | {"commission_id": "K2", "sales_partner": "P2", "amount": 80, "way": "reduce_accrual"},
            base | {"commission_id": "K3", "sales_partner": "P3", "amount": 0, "way": "claw_back"}]  # fmt: skip

    entries = clawback_entries_of(CLAWBACKS.frame(rows), functional=HOME)

    assert sides(entries) == [
        (0, "commission_receivable", 420), (0, "commission_expense", -420),
        (0, "commission_payable", 80), (0, "commission_expense", -80),
    ]  # fmt: skip
    assert entries["text"].str.startswith("CM-AAAAAAAAAAAA").all()
    with pytest.raises(TableError):
        clawback_entries_of(CLAWBACKS.frame([rows[0] | {"amount": -1}]), functional=HOME)


@pytest.mark.parametrize(
    ("to", "role"), [(WriteOffTo.ALLOWANCE, "allowance"), (WriteOffTo.BAD_DEBT, "recovery_income")]
)
def test_a_recovered_debt_is_set_up_again(to, role):
    given = pd.DataFrame(
        [{"entity": "US01", "recovery_id": "RC1", "customer_id": "C1", "item_id": "I1", "document_no": "9001",
          "currency": "EUR", "amount": 1000, "tax_amount": 160, "functional_amount": 1083}]
    )  # fmt: skip

    entries = reinstatements_of(given, functional=HOME, rules=PostingRules(recovery_to=to))

    assert sides(entries) == [(1, "receivable", 1000), (1, role, -840), (1, "tax", -160)]
    assert list(entries["functional_amount"]) == [1083, -910, -173]
    with pytest.raises(TableError):
        reinstatements_of(given.assign(tax_amount=2000), functional=HOME, rules=PostingRules())
    assert list(ENTRIES.typed(entries).columns) == ENTRIES.names
