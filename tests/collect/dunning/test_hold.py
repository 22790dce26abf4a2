"""Nothing goes out unless every bank account is up to date; hard exclusions that no policy can switch off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

OPEN = {  # a policy that switches off whatever it can
    "min_amount": Decimal(0), "spares_promises": False, "spares_plans": False, "nets_credits": False, "may_skip_levels": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("up_to", "days", "is_held"),
    [
        ("2026-10-30", 0, False),
        ("2026-11-05", 0, False),
        ("2026-10-29", 1, False),
        ("2026-10-28", 2, True),
        ("2026-10-23", 5, True),
    ],
)
def test_business_days_since_the_last_statement(kit: Any, up_to: str, days: int, is_held: bool) -> None:
    made = kit.dun(kit.book(items=[kit.item()], bank_statements=[kit.STATEMENT | {"to_date": up_to}]))
    assert made.bank["business_days"].tolist() == [days]
    assert made.is_held is is_held
    assert len(made.letters) == 1  # worked out for a preview all the same


def test_a_week_end_and_a_holiday_are_no_business_days(kit: Any) -> None:
    from datetime import date

    sunday = kit.scope(as_of=date(2026, 11, 1), ends_on=date(2026, 11, 1))
    assert not kit.dun(kit.book(items=[kit.item()]), sunday).is_held
    christmas = kit.scope(as_of=date(2026, 12, 25), ends_on=date(2026, 12, 25), country="GB")
    book = kit.book(items=[kit.item()], bank_statements=[kit.STATEMENT | {"to_date": "2026-12-24"}])
    assert kit.dun(book, christmas).bank["business_days"].tolist() == [0]


def test_one_late_account_holds_all_letters(kit: Any) -> None:
    late = kit.STATEMENT | {"statement_id": "S2", "bank_account": "B2", "to_date": "2026-10-20"}
    made = kit.dun(kit.book(items=[kit.item()], bank_statements=[kit.STATEMENT, late]))
    assert len(made.held_because) == 1
    assert "B2" in made.held_because[0]


def test_a_notice_is_no_statement_and_an_account_without_one_is_judged_by_its_lines(kit: Any) -> None:
    interim = kit.STATEMENT | {"statement_id": "S2", "bank_account": "B2", "kind": "interim"}
    line = {
        "bank_line_id": "L1",
        "bank_account": "B2",
        "booking_date": "2026-10-01",
        "currency": "USD",
        "amount": 1,
        "kind": "receipt",
    }
    made = kit.dun(kit.book(items=[kit.item()], bank_statements=[kit.STATEMENT, interim], bank_lines=[line]))
    assert made.bank["told_by"].tolist() == ["statement", "line"]
    assert made.is_held


def test_without_bank_data_letters_are_held_and_say_so(kit: Any) -> None:
    made = kit.dun(kit.book(items=[kit.item()], bank_statements=[]), bank_max_business_days=3_650)
    assert made.held_because[0].startswith("no bank data")


def claim(kind: str, **more: Any) -> dict[str, Any]:
    return {"claim_id": "CL1", "customer_id": "C1", "kind": kind, "opened_on": "2026-06-01", "currency": "USD",
            "state": "not_filed"} | more  # fmt: skip


def hold(kind: str, **more: Any) -> dict[str, Any]:
    return {"hold_id": "H1", "customer_id": "C1", "kind": kind, "placed_on": "2026-06-01"} | more


PLACED = {"placement_id": "P1", "customer_id": "C1", "kind": "agency", "placed_with": "Agent", "placed_on": "2026-06-01",
          "currency": "USD", "amount": 1}  # fmt: skip
CASES = {
    **{status: ({"customers": {"status": status}}, status)
       for status in ("bankrupt", "estate", "legal", "agency", "sanctioned", "cease_contact")},
    "intercompany": ({"customers": {"is_intercompany": True}}, "intercompany"),
    "intercompany account": ({"items": {"control_account": "1250"}}, "intercompany"),
    "factored": ({"items": {"control_account": "1290"}}, "factored"),
    "assigned": ({"items": {"assigned_to": "Factor"}}, "assigned"),
    "no customer": ({"items": {"customer_id": ""}}, "no_customer"),
    "legal hold": ({"holds": hold("legal")}, "legal_hold"),
    "legal hold on the item": ({"holds": hold("legal", item_id="I1")}, "legal_hold"),
    "sanction hold": ({"holds": hold("sanction")}, "sanction_hold"),
    "a hold placed after the date": ({"holds": hold("legal", placed_on="2026-11-05")}, "legal_hold"),
    "bankruptcy": ({"claims": claim("bankruptcy")}, "claim"),
    "claim of an estate": ({"claims": claim("estate")}, "estate"),
    "discharged": ({"claims": claim("bankruptcy", state="discharged", opened_on="2026-10-01")}, "discharged"),
    "placed": ({"placements": PLACED}, "placed"),
    "placed item": ({"placements": PLACED | {"item_id": "I1"}}, "placed"),
}  # fmt: skip


def tables(kit: Any, case: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    made = {name: [row] for name, row in case.items() if name not in ("customers", "items")}
    item = kit.item() | case.get("items", {})
    return made | {"items": [item], "customers": [kit.CUSTOMER | case.get("customers", {})]}


@pytest.mark.parametrize("name", CASES)
def test_no_policy_switches_a_hard_exclusion_off(kit: Any, name: str) -> None:
    case, reason = CASES[name]
    for policy in ({}, OPEN):
        made = kit.dun(kit.book(**tables(kit, case)), **policy)
        assert not len(made.letters)
        assert made.spared[["reason", "is_hard", "amount"]].values.tolist() == [[reason, True, 10_000]]


TWINS = {
    "active": {}, "closed": {"customers": {"status": "closed"}}, "lifted hold": {"holds": hold("legal", lifted_on="2026-10-30")},
    "changed bank details": {"holds": hold("bank_details")}, "recalled": {"placements": PLACED | {"recalled_on": "2026-10-01"}},
    "another item is placed": {"placements": PLACED | {"item_id": "I9"}},
    "a case that is over": {"claims": claim("bankruptcy", state="paid", closed_on="2026-09-01")},
    "a debt of after the discharge": {"claims": claim("bankruptcy", state="discharged", opened_on="2026-01-01")},
    "another customer": {"holds": hold("legal", customer_id="C2")},
}  # fmt: skip


@pytest.mark.parametrize("name", TWINS)
def test_the_honest_twin_gets_its_letter(kit: Any, name: str) -> None:
    made = kit.dun(kit.book(**tables(kit, TWINS[name])))
    assert made.letters["asked"].tolist() == [10_000]


def test_a_hold_on_an_item_holds_what_carries_it_on(kit: Any) -> None:
    items = [kit.item("I2", replaces="I1"), kit.item("I3")]
    made = kit.dun(kit.book(items=items, holds=[hold("legal", item_id="I1")]))
    assert made.lines["item_id"].tolist() == ["I3"]


def test_a_status_of_then_counts_as_well_as_todays(kit: Any) -> None:
    history = [{"customer_id": "C1", "attribute": "status", "value": "bankrupt", "valid_from": "2026-01-01"}]
    made = kit.dun(kit.book(items=[kit.item()], customer_history=history))
    assert made.spared["reason"].tolist() == ["bankrupt"]


def test_a_letter_to_a_parent_is_held_back_where_the_parent_is_excluded(kit: Any) -> None:
    customers = [
        kit.CUSTOMER | {"parent_id": "P"},
        kit.CUSTOMER | {"customer_id": "P", "status": "cease_contact"},
    ]
    assert not len(kit.dun(kit.book(items=[kit.item()], customers=customers), by_parent=True).letters)
    assert len(kit.dun(kit.book(items=[kit.item()], customers=customers)).letters) == 1
