"""Approvals by hand against an authority policy: every fault beside its honest twin."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from arlib.audit.cut_off.approvals import approvals
from arlib.policy import AuthorityPolicy, Policies
from arlib.policy.authority import Grant, Person

AUTHORITY = AuthorityPolicy(
    people=(
        Person(name="Clara Credit", duties=("credit",)),
        Person(name="old.boss"),
        Person(name="chief"),
        Person(name="mixed", duties=("cash_application",)),
    ),
    grants=(
        Grant(person="Clara Credit", up_to=Decimal(500)),
        Grant(person="old.boss", up_to=Decimal(9000), valid_to=date(2026, 9, 30)),
        Grant(person="chief"),
        Grant(person="mixed"),
    ),
)
POLICIES = Policies(authority=AUTHORITY)


def memo(name, amount=100_00, day="2026-10-10", **more):
    return {
        "item_id": name,
        "document_no": name,
        "item_type": "credit_memo",
        "amount": -amount,
        "posting_date": day,
        "user": "billing",
        **more,
    }


def run(book, scope, ask, policies=POLICIES):
    return approvals(book, scope=scope, policies=policies, ask=ask)


FINE = memo("FINE", authorised_by="chief", day="2026-10-02")


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"authorised_by": "chief"}, None),
        ({"authorised_by": None}, "no_evidence"),
        ({"authorised_by": "  CLARA  credit "}, None),
        ({"authorised_by": "Clara Credit", "amount": -500_00}, None),  # the limit itself
        ({"authorised_by": "Clara Credit", "amount": -500_01}, "no_authority"),
        ({"authorised_by": "old.boss"}, "no_authority"),  # his grant expired
        ({"authorised_by": "somebody"}, "unknown_approver"),
        ({"authorised_by": "chief", "user": "Chief"}, "approver_posted"),
        ({"authorised_by": "mixed"}, "incompatible_duties"),
    ],
)
def test_each_fault_and_its_twin(books, scope, asked, more, fault):
    rows = run(books(items=[FINE, {**memo("X"), **more}]), scope, asked("approvals")).rows.set_index(
        "document_no"
    )
    assert rows["faults"].fillna("")["X"] == (fault or "")
    assert rows["faults"].isna()["FINE"]


DECISION = {
    "proposal_id": "P1",
    "kind": "credit_memo",
    "customer_id": "C1",
    "item_id": "INV",
    "currency": "USD",
    "amount": 100_00,
    "decision": "approve",
    "proposed_by": "dana",
    "decided_by": "chief",
    "decided_on": "2026-10-09",
}


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({}, None),
        ({"decided_on": "2026-10-10"}, None),
        ({"decided_on": "2026-10-11"}, "approved_after_posting"),
        ({"proposed_by": "CHIEF"}, "self_approved"),
        ({"amount": 99_99}, "above_what_was_approved"),
        ({"decision": "reject"}, "rejected"),
        ({"kind": "refund"}, "no_evidence"),  # a decision on something else
    ],
)
def test_decisions_on_the_item_that_was_credited(books, scope, asked, more, fault):
    items = [
        FINE,
        {"item_id": "INV", "document_no": "INV", "posting_date": "2026-09-10"},
        memo("X", reverses="INV"),
    ]
    rows = run(books(items=items, decided_proposals=[{**DECISION, **more}]), scope, asked("approvals")).rows
    assert rows.set_index("document_no")["faults"].fillna("")["X"] == (fault or "")


def test_a_kind_without_any_approval_on_record_is_not_possible_and_no_fault(books, scope, asked):
    items = [FINE, {**memo("RF"), "item_type": "refund", "amount": 70_00}]
    result = run(books(items=items), scope, asked("approvals"))
    row = result.rows.set_index("document_no").loc["RF"]
    assert (row["state"], row["score"]) == ("not_possible", 0)
    assert any("no refund names an approver" in said for said in result.limits)
    bare = run(books(items=items), scope, asked("approvals"), Policies())
    assert bare.tests.set_index("test").loc["authority", "state"] == "not_possible"


@pytest.mark.parametrize(
    ("amounts", "days", "is_split"),
    [
        ((490_00, 480_00), ("2026-10-05", "2026-10-08"), True),
        ((490_00, 480_00), ("2026-10-05", "2026-10-12"), True),  # seven days
        ((490_00, 480_00), ("2026-10-05", "2026-10-13"), False),  # eight days
        ((490_00, 449_99), ("2026-10-05", "2026-10-06"), False),  # more than a tenth below the limit
        ((250_00, 250_00), ("2026-10-05", "2026-10-06"), False),
        ((490_00,), ("2026-10-05",), False),
    ],
)
def test_splitting_under_a_limit(books, scope, asked, amounts, days, is_split):
    items = [
        memo(f"S{n}", amount, day, authorised_by="chief", user="max")
        for n, (amount, day) in enumerate(zip(amounts, days, strict=True))
    ]
    rows = run(books(items=items), scope, asked("approvals")).rows
    assert rows["faults"].fillna("").eq("split").tolist() == [is_split] * len(items)
    other = [{**row, "customer_id": f"C{n}"} for n, row in enumerate(items)]
    assert run(books(items=other), scope, asked("approvals")).rows["faults"].isna().all()


def test_a_reversal_of_a_write_off_is_a_change_of_its_own(books, scope, asked):
    plain = {
        "source_item_id": "WO",
        "target_item_id": "INV",
        "effective_date": "2026-10-05",
        "source_currency": "USD",
        "target_currency": "USD",
        "kind": "write_off",
        "reason": "uncollectable",
        "pairing": "stated",
    }
    book = books(
        items=[
            {"item_id": "INV", "document_no": "INV", "posting_date": "2026-01-10"},
            {**memo("WO"), "item_type": "write_off"},
        ],
        applications=[
            {**plain, "application_id": "1", "source_amount": 100_00, "target_amount": 100_00},
            {
                **plain,
                "application_id": "2",
                "source_amount": -100_00,
                "target_amount": -100_00,
                "reverses": "1",
                "user": "max",
            },
        ],
        written_off=[
            {
                "item_id": "INV",
                "customer_id": "C1",
                "written_off_on": "2026-10-10",
                "currency": "USD",
                "amount": 100_00,
                "reason": "uncollectable",
                "proposed_by": "dana",
                "approved_by": "chief",
            }
        ],
    )
    rows = run(book, scope, asked("approvals")).rows.set_index("record_id")
    assert rows["kind"].to_dict() == {"WO": "write_off", "2": "write_off_reversal"}
    assert rows["approved_by"].fillna("").to_dict() == {"WO": "chief", "2": ""}


def test_the_split_write_offs_of_the_sample_come_first(sample, of_sample, asked):
    for entity in ("US01", "UK01", "JP01"):
        book, scope, truth = of_sample(sample, entity)
        result = run(book, scope, asked("approvals"))
        planted = set(truth.loc[truth["kind"].eq("split_write_offs"), "documents"].iloc[0].split())
        assert set(result.rows["document_no"].head(3)) == planted
        assert result.rows["faults"].head(3).str.contains("self_approved").all()
        assert all(identity.holds for identity in result.identities)
