"""What would prevent payment: each with its honest twin, its first day and its team."""

from __future__ import annotations

import pytest

from arlib.collect.contact.obstacles import obstacles
from arlib.policy import ContactPolicy

INVOICE = {"item_id": "I1", "amount": 100_00}
STRICT = [{"customer_id": "ACME", "requires_order_no": True}]
PORTAL = [{"customer_id": "ACME", "portal": "Gate"}]


def did(outcome, on="2026-10-20", kind="email", **more):
    return {"kind": kind, "outcome": outcome, "occurred_at": f"{on}T15:00:00Z", **more}


def portal(status, on="2026-10-10", **more):
    return {"item_id": "I1", "status": status, "status_on": on, **more}


def document(**more):
    return {"reference": "W9", **more}


HELD = {"customer_files": [document()]}
CASES = {
    "no order number": ({"customers": STRICT}, [("no_order_no", "I1", "order_management", "2026-08-01")]),
    "order number": ({"customers": STRICT, "items": [INVOICE | {"purchase_order": "PO 7"}]}, []),
    "blank order number": (
        {"customers": STRICT, "items": [INVOICE | {"purchase_order": "  "}]},
        [("no_order_no", "I1", "order_management", "2026-08-01")],
    ),
    "fee without order number": ({"customers": STRICT, "items": [INVOICE | {"item_type": "interest_or_fee"}]}, []),
    "rejected": ({"portal_invoices": [portal("submitted", "2026-10-01"), portal("rejected", reason="<b>no PO</b>")]},
                 [("portal_rejected", "I1", "portal", "2026-10-10")]),
    "rejected, then approved": ({"portal_invoices": [portal("rejected"), portal("approved", "2026-10-12")]}, []),
    "rejected tomorrow": ({"portal_invoices": [portal("rejected", "2026-11-01")]}, []),
    "rejected today": ({"portal_invoices": [portal("rejected", "2026-10-31")]}, [("portal_rejected", "I1", "portal", "2026-10-31")]),
    "never submitted": ({"customers": PORTAL, "portal_invoices": []}, [("portal_missing", "I1", "portal", "2026-08-01")]),
    "submitted": ({"customers": PORTAL, "portal_invoices": [portal("submitted")]}, []),
    "no table of portals": ({"customers": PORTAL}, []),
    "bounced": ({"activities": [did("bounced")]}, [("wrong_address", "", "sales", "2026-10-20")]),
    "bounced, then answered": ({"activities": [did("bounced"), did("replied", "2026-10-21")]}, []),
    "answered, then bounced": (
        {"activities": [did("replied"), did("bounced", "2026-10-21")]}, [("wrong_address", "", "sales", "2026-10-21")],
    ),
    "bounced, then reached by telephone": (
        {"activities": [did("bounced"), did("reached", "2026-10-21", "call")]},
        [("wrong_address", "", "sales", "2026-10-20")],
    ),
    "returned mail in a note": ({"activities": [did("Returned mail", kind="note")]}, [("wrong_address", "", "sales", "2026-10-20")]),
    "expired": ({"customer_files": [document(expires_on="2026-10-30")]}, [("tax_document", "", "tax", "2026-10-31")]),
    "last day": ({"customer_files": [document(expires_on="2026-10-31")]}, []),
    "renewed": ({"customer_files": [document(expires_on="2026-10-01"), document(received_on="2026-10-02")]}, []),
    "renewed tomorrow": (
        {"customer_files": [document(expires_on="2026-10-01"), document(received_on="2026-11-01")]},
        [("tax_document", "", "tax", "2026-10-02")],
    ),
    "missing": ({"customer_files": []}, [("tax_document", "", "tax", "2026-08-01")]),
    "certificate expired": (HELD | {"exemptions": [{"valid_to": "2026-09-30"}]}, [("tax_document", "", "tax", "2026-10-01")]),
    "certificate holds": (HELD | {"exemptions": [{"valid_to": "2026-12-31"}]}, []),
    "copy asked": ({"activities": [did("asks for a copy", item_id="I1")]}, [("copy_asked", "I1", "billing", "2026-10-20")]),
    "copy asked twice": (
        {"activities": [did("asks for a copy", item_id="I1"), did("asks for a copy", "2026-10-25", item_id="I1")]},
        [("copy_asked", "I1", "billing", "2026-10-20")],
    ),
    "copy sent": ({"activities": [did("asks for a copy", item_id="I1"), did("copy sent", "2026-10-21", item_id="I1")]}, []),
    "copy sent before": (
        {"activities": [did("copy sent", "2026-10-19", item_id="I1"), did("asks for a copy", item_id="I1")]},
        [("copy_asked", "I1", "billing", "2026-10-20")],
    ),
    "copies for the account": ({"activities": [did("asks for a copy")]}, [("copy_asked", "", "billing", "2026-10-20")]),
    "dispute": (
        {"disputes": [{"item_id": "I1", "amount": 60_00, "reason": "not_delivered"}]},
        [("dispute", "I1", "logistics", "2026-10-01")],
    ),
    "settled dispute": ({"disputes": [{"item_id": "I1", "amount": 60_00, "closed_on": "2026-10-31"}]}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_one_row_an_obstacle(world, name):
    rows, expected = CASES[name]
    made = world(**({"items": [INVOICE]} | rows)).ask(obstacles)
    found = [
        (row["kind"], row["item_id"], row["routed_to"], str(row["since"].date()))
        for _, row in made.iterrows()
    ]
    assert found == expected
    for _, row in made.iterrows():
        amount = 60_00 if row["kind"] == "dispute" else 100_00
        assert (row["amount"], row["books_amount"], row["days_past_due"]) == (amount, amount, 61)
        assert row["what"].endswith(f"For {row['routed_to'].replace('_', ' ')}.")


def test_an_account_has_a_row_for_each_currency(world):
    other = {"item_id": "I2", "amount": 900, "currency": "ISK"}
    made = world(items=[INVOICE, other], activities=[did("bounced")]).ask(obstacles)
    assert made[["currency", "amount"]].values.tolist() == [["ISK", 900], ["USD", 100_00]]
    assert made["books_amount"].isna().to_list() == [True, False]


def test_due_parts_of_an_item_are_one_obstacle(world):
    parts = [
        {"item_id": "I1", "instalment_no": n, "due_date": f"2026-{9 + n}-15", "amount": 50_00} for n in (1, 2)
    ]
    made = world(customers=STRICT, items=[INVOICE], instalments=parts).ask(obstacles)
    assert made[["amount", "days_past_due"]].values.tolist() == [[100_00, 16]]


def test_what_may_not_be_asked_for_has_no_obstacles(world):
    gone = [{"customer_id": "ACME", "requires_order_no": True, "status": "bankrupt"}]
    assert world(customers=gone, items=[INVOICE]).ask(obstacles).empty
    by_agreement = world(customers=STRICT, items=[INVOICE], collection_exceptions=[{}])
    assert len(by_agreement.ask(obstacles)) == 1


def test_a_chargeback_is_held_up_by_the_dispute_about_its_invoice(world):
    gone = {"item_id": "I0", "amount": 100_00}
    away = {"item_id": "T0", "item_type": "transfer", "amount": -100_00}
    rest = {"item_id": "I0-R", "item_type": "chargeback", "amount": 100_00, "replaces": "I0"}
    moved = [
        {"source_item_id": "T0", "target_item_id": "I0", "target_amount": 100_00, "kind": "debit_to_debit"}
    ]
    view = world(items=[gone, away, rest], applications=moved, disputes=[{"item_id": "I0", "amount": 40_00}])
    made = view.ask(obstacles)
    assert made[["kind", "amount", "days_past_due"]].values.tolist() == [["dispute", 40_00, 61]]


def test_routes_are_a_policy(world):
    policy = ContactPolicy(routes={"no_order_no": "inside_sales"}, default_route="desk")
    rows = {"customers": STRICT, "items": [INVOICE], "activities": [did("bounced")], "contact": policy}
    assert sorted(world(**rows).ask(obstacles)["routed_to"]) == ["desk", "inside_sales"]


def test_the_planted_obstacles_of_the_sample_company(companies, sample):
    pairs = {
        "portal_rejected": ("portal_rejected", "portal_approved", "document_no"),
        "order_no_missing": ("no_order_no", "order_no_given", "document_no"),
        "mail_bounced": ("wrong_address", "", "customer_id"),
        "tax_form_expired": ("tax_document", "", "customer_id"),
    }
    for view in companies:
        truth = sample.truth[sample.truth["entity"].eq(view.position.scope.entity)]
        made = view.ask(obstacles)
        for planted, (kind, twin, column) in pairs.items():
            name = {"customer_id": "account"}.get(column, column)
            found = set(made.loc[made["kind"].eq(kind), column])
            cases = set(truth.loc[truth["kind"].eq(planted), name])
            assert cases
            assert cases <= found
            honest = set(truth.loc[truth["kind"].eq(twin), name])
            assert bool(honest) == bool(twin)
            assert not honest & found
