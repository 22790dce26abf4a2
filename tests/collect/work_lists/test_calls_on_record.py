"""What a call may not forget: debts that were replaced, arrangements, agreed days, obstacles. Each with its honest twin."""

from __future__ import annotations

import pytest

from arlib.policy import WorkListPolicy

LATE = {"item_id": "I1", "amount": 1000_00, "due_date": "2026-09-18"}  # 43 days past due
CHARGEBACK = LATE | {"item_id": "CB1", "item_type": "chargeback", "amount": 400_00, "replaces": "I1"}
TERMS = [
    {"instalment_no": 1, "due_date": "2026-11-05", "amount": 500_00},
    {"instalment_no": 2, "due_date": "2026-12-05", "amount": 500_00},
]


@pytest.mark.parametrize(
    ("table", "record", "name"),
    [
        ("disputes", {"amount": 400_00}, "disputed"),
        ("promises", {"amount": 400_00, "pay_by": "2026-11-12"}, "promised"),
    ],
)
def test_a_record_of_an_invoice_stands_on_the_chargeback_that_carries_it_on(lists, table, record, name):
    other = LATE | {"item_id": "I2", "amount": 50_00}
    for replaces, collectable in (("I1", 50_00), ("I9", 450_00)):
        made = lists(
            items=[CHARGEBACK | {"replaces": replaces}, other], **{table: [record | {"item_id": "I1"}]}
        )
        assert list(made.calls["collectable"]) == [collectable]
        assert made.parts[name].sum() == 450_00 - collectable
    assert made.left_out.empty


def test_a_dispute_takes_its_own_item_first_then_the_nearest_that_carries_it_on_and_nothing_twice(lists):
    chain = [
        LATE | {"amount": 100_00}, CHARGEBACK | {"amount": 200_00},
        CHARGEBACK | {"item_id": "CB2", "amount": 300_00, "replaces": "CB1"},
    ]  # fmt: skip
    on_invoice, on_chargeback = {"item_id": "I1", "amount": 250_00}, {"item_id": "CB1", "amount": 120_00}
    made = lists(
        items=chain, disputes=[on_invoice | {"dispute_id": "D1"}, on_chargeback | {"dispute_id": "D2"}]
    )
    assert made.parts["disputed"].sum() == 370_00
    assert list(made.calls["collectable"]) == [230_00]
    assert "Dispute D1 about price" in made.left_out["detail"].iloc[0]


def test_a_settled_dispute_is_not_cited(lists):
    made = lists(
        items=[LATE],
        disputes=[{"dispute_id": "D1", "item_id": "I1", "amount": 100_00},
                  {"dispute_id": "D2", "item_id": "I7", "amount": 100_00}],
    )  # fmt: skip
    assert "D1" in made.left_out["detail"].iloc[0]
    assert "D2" not in made.left_out["detail"].iloc[0]


def test_a_broken_promise_whose_debt_is_on_a_kept_plan_is_not_held_against_the_account(lists):
    tables = {"items": [], "customers": [], "promises": [], "plans": [], "plan_instalments": []}
    for code, item, agreed_on, first in (
        ("KEPT", "IKEPT", "2026-10-20", "2026-11-05"), ("WHOLE", None, "2026-10-20", "2026-11-05"),
        ("FAILED", "IFAILED", "2026-09-25", "2026-10-05"), ("BARE", "IBARE", None, None),
        ("LATER", None, None, None), ("BEFORE", None, "2026-09-25", "2026-11-05"),
    ):  # fmt: skip
        whose = {"customer_id": code}
        tables["customers"].append(whose)
        tables["items"] += [
            LATE | whose | {"item_id": f"I{code}"},
            LATE | whose | {"item_id": f"R{code}", "amount": 70_00},
        ]
        tables["promises"].append(
            whose | {"promise_id": f"P{code}", "item_id": item, "amount": 1000_00, "pay_by": "2026-10-12"}
        )
        if agreed_on:
            plan = {"plan_id": f"PL{code}"}
            tables["plans"].append(
                plan | whose | {"amount": 1000_00, "item_id": f"I{code}", "agreed_on": agreed_on}
            )
            tables["plan_instalments"] += [plan | TERMS[0] | {"due_date": first}, plan | TERMS[1]]
    made = lists(**tables).calls.set_index("customer_id")
    for code in ("KEPT", "WHOLE"):
        assert made.loc[code, "collectable"] == 70_00
        assert "promise" not in made.loc[code, "reason"]
        assert made.loc[code, "chance"] < made.loc["BARE", "chance"]  # the uplift
    for code in (
        "FAILED",
        "BARE",
        "LATER",
        "BEFORE",
    ):  # in default, no plan, no plan, and a plan older than the promise
        assert made.loc[code, "reason"].startswith("Broke a promise of USD 1,000.00 for 12 October")


CALL = {"occurred_at": "2026-10-20T15:00:00Z", "next_on": "2026-11-06"}
AGREED = [  # contact, promise broken, turn, words
    ({}, None, "next", "next contact agreed for 6 November"),
    ({"next_on": "2026-10-31"}, None, "today", ""),  # the day has come
    ({"next_on": "2026-11-01"}, None, "next", "next contact agreed for 1 November"),
    ({"outcome": "no answer"}, None, "today", "next contact planned for 6 November"),
    ({}, "2026-10-25", "today", "next contact agreed for 6 November"),  # judged broken after the agreement
    ({}, "2026-10-12", "next", "next contact agreed for 6 November"),  # and before it
]


def test_who_agreed_to_a_later_day_is_next_unless_a_promise_was_broken_since(lists):
    codes = [f"C{n}" for n in range(len(AGREED))]
    made = lists(
        items=[LATE | {"item_id": f"I{code}", "customer_id": code} for code in codes],
        customers=[{"customer_id": code} for code in codes],
        activities=[CALL | {"activity_id": f"A{code}", "customer_id": code} | contact
                    for code, (contact, *_) in zip(codes, AGREED, strict=True)],
        promises=[{"promise_id": f"P{code}", "customer_id": code, "amount": 1000_00, "pay_by": pay_by}
                  for code, (_, pay_by, _, _) in zip(codes, AGREED, strict=True) if pay_by],
    ).calls.set_index("customer_id")  # fmt: skip
    for code, (contact, pay_by, turn, words) in zip(codes, AGREED, strict=True):
        row = made.loc[code]
        assert row["turn"] == turn, (contact, pay_by)
        assert ("next contact" in row["reason"]) == bool(words)
        assert words in row["reason"]


def test_who_agreed_to_a_later_day_takes_no_place_of_the_day(lists):
    items = [LATE | {"item_id": f"I{n}", "customer_id": f"C{n}", "amount": n * 100_00} for n in range(1, 5)]
    made = lists(WorkListPolicy(calls_per_collector=2), items=items,
                 customers=[{"customer_id": f"C{n}"} for n in range(1, 5)], activities=[CALL | {"customer_id": "C4"}]).calls  # fmt: skip
    assert list(made["customer_id"]) == ["C4", "C3", "C2", "C1"]
    assert list(made["turn"]) == ["next", "today", "today", "next"]
    assert list(made["rank"]) == [1, 2, 3, 4]


def test_the_reason_names_what_stands_in_the_way_of_what_is_called_for(lists):
    asked = {"occurred_at": "2026-10-20T15:00:00Z", "outcome": "asks for a copy", "item_id": "I1"}
    portal = {"item_id": "I1", "customer_id": "ACME", "portal": "Ariba", "submitted_on": "2026-09-01",
              "status_on": "2026-09-02", "status": "rejected", "reason": "no order"}  # fmt: skip
    customer = {"customer_id": "ACME", "requires_order_no": True}
    bad = lists(items=[LATE], customers=[customer], activities=[asked], portal_invoices=[portal]).calls.iloc[
        0
    ]
    assert "asked for a copy of D-I1 that was not sent; D-I1 rejected by the portal" in bad["reason"]
    assert "D-I1 without the order number that the customer asks for" in bad["reason"]
    sent = asked | {"activity_id": "A2", "occurred_at": "2026-10-21T15:00:00Z", "outcome": "copy sent"}
    good = lists(items=[LATE | {"purchase_order": "PO1"}], customers=[customer], activities=[asked, sent],
                 portal_invoices=[portal | {"status": "accepted"}]).calls.iloc[0]  # fmt: skip
    for words in ("copy", "portal", "order number"):
        assert words not in good["reason"]
    apart = lists(
        items=[LATE, LATE | {"item_id": "I2"}],
        activities=[asked],
        disputes=[{"item_id": "I1", "amount": 1000_00}],
    )
    assert (
        "copy" not in apart.calls["reason"].iloc[0]
    )  # all of that document is in dispute: the call is not for it


def test_each_line_that_is_left_out_names_its_record(lists):
    late = {"amount": 1000_00, "due_date": "2026-09-18"}
    cases = {
        "legal": "status of customer legal", "agency": "PL7", "placed": "PL8", "held": "HO1", "quiet": "EX1",
        "bankrupt": "CL1", "estate": "status of customer estate",
        "cash": "RC-1", "credit": "CM-1",
    }  # fmt: skip
    by_status = ("legal", "agency", "bankrupt", "estate")
    items = [late | {"item_id": f"I-{code}", "customer_id": code} for code in cases]
    items += [
        {"item_id": "R1", "document_no": "RC-1", "customer_id": "cash", "item_type": "receipt", "amount": -1000_00, "due_date": None,
         "cash_status": "unapplied"},
        {"item_id": "M1", "document_no": "CM-1", "customer_id": "credit", "item_type": "credit_memo", "amount": -1000_00,
         "due_date": None},
    ]  # fmt: skip
    made = lists(
        items=items, customers=[{"customer_id": code, "status": code if code in by_status else None} for code in cases],
        placements=[{"placement_id": "PL7", "customer_id": "agency", "placed_on": "2026-10-01", "kind": "agency", "to": "Best"},
                    {"placement_id": "PL8", "customer_id": "placed", "placed_on": "2026-10-01", "kind": "agency", "to": "Best"},
                    {"placement_id": "PL9", "customer_id": "legal", "placed_on": "2026-09-01", "recalled_on": "2026-10-31",
                     "kind": "attorney", "to": "Law"}],
        holds=[{"hold_id": "HO1", "customer_id": "held", "kind": "legal", "placed_on": "2026-10-01"}],
        claims=[{"claim_id": "CL1", "customer_id": "bankrupt", "kind": "bankruptcy", "opened_on": "2026-10-31"},
                {"claim_id": "CL2", "customer_id": "estate", "kind": "estate", "opened_on": "2026-11-01"}],
        collection_exceptions=[{"exception_id": "EX1", "customer_id": "quiet"}],
    )  # fmt: skip
    details = dict(zip(made.left_out["customer_id"], made.left_out["detail"], strict=True))
    assert set(details) == set(cases)
    for code, record in cases.items():
        assert f"({record})" in details[code], code
    assert "PL9" not in details["legal"]  # recalled: it no longer stands


def test_an_exception_without_an_approver_says_so_whatever_else_is_wrong(lists):
    made = lists(
        items=[LATE],
        collection_exceptions=[
            {"exception_id": "BOTH", "expires_on": None, "approved_by": None},
            {"exception_id": "ONE", "expires_on": None},
            {"exception_id": "OVER", "expires_on": "2026-10-30", "approved_by": None},
        ],
    ).exceptions.set_index("exception_id")["what"]  # fmt: skip
    assert "Nobody approved it" in made["BOTH"]
    assert "Nobody approved it" in made["OVER"]
    assert "approved" not in made["ONE"]
