"""Special letters on small books: each fault planted, and its honest twin."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from arlib.collect.dunning.frames import SpecialKind
from arlib.collect.dunning.special import Special, special_letters
from arlib.collect.follow_up.claims import claims
from arlib.policy import Policies


def letters(kit: Any, book: Any, kind: SpecialKind, **policy: Any) -> Special:
    policies = replace(Policies(), dunning=replace(Policies().dunning, **policy))
    return special_letters(book, position=kit.place(book), policies=policies, kinds=[kind])


PROMISE = {"promise_id": "PR1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 10_000, "state": "broken",
           "promised_on": "2026-10-05", "pay_by": "2026-10-15"}  # fmt: skip
DISPUTE = {"dispute_id": "D1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 10_000, "reason": "price",
           "opened_on": "2026-10-20"}  # fmt: skip
PLAN = {"plan_id": "PL", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 10_000,
        "agreed_on": "2026-10-20", "state": "running"}  # fmt: skip
PART = {"plan_id": "PL", "instalment_no": 1, "due_date": "2026-12-01", "currency": "USD", "amount": 10_000}
SPARING: dict[str, tuple[dict[str, Any], int | None, str]] = {
    "nothing": ({}, 10_000, ""),
    "a dispute": ({"disputes": [DISPUTE]}, None, "Dispute D1"),
    "a dispute in part": ({"disputes": [DISPUTE | {"amount": 4_000}]}, 6_000, ""),
    "a dispute that is over": ({"disputes": [DISPUTE | {"closed_on": "2026-10-25"}]}, 10_000, ""),
    "a plan that is kept": ({"plans": [PLAN], "plan_instalments": [PART]}, None, "Plan PL"),
    "a plan in default": ({"plans": [PLAN | {"agreed_on": "2026-08-01"}],
                           "plan_instalments": [PART | {"due_date": "2026-09-01"}]}, 10_000, ""),
    "a placement": ({"placements": [{"placement_id": "P1", "customer_id": "C1", "item_id": "I1", "kind": "agency",
                                     "placed_with": "Agent", "placed_on": "2026-06-01", "currency": "USD", "amount": 1}]},
                    None, "P1"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPARING)
def test_a_broken_promise_asks_for_what_dunning_may_ask_for(kit: Any, name: str) -> None:
    tables, asked, why = SPARING[name]
    made = letters(
        kit, kit.book(items=[kit.item()], promises=[PROMISE], **tables), SpecialKind.BROKEN_PROMISE
    )
    assert made.letters["amount"].tolist() == ([] if asked is None else [asked])
    assert made.lines["amount"].tolist() == ([] if asked is None else [asked])
    assert len(made.left_out) == (asked is None)
    assert all(why in because for because in made.left_out["because"])


@pytest.mark.parametrize(("cash", "asked"), [(0, 10_000), (3_000, 7_000), (9_500, None), (12_000, None)])
def test_a_broken_promise_is_net_of_cash_that_may_be_the_payment(
    kit: Any, cash: int, asked: int | None
) -> None:
    paid = [kit.item("R1", -cash, item_type="receipt", cash_status="unapplied")] if cash else []
    older = kit.item("I0", 5_000, late=90)  # its cash may be for the promise, not for the oldest debt
    book = kit.book(items=[kit.item(), older, *paid], promises=[PROMISE])
    made = letters(kit, book, SpecialKind.BROKEN_PROMISE)
    assert made.letters["amount"].tolist() == ([] if asked is None else [asked])
    if asked is None:
        assert "D-R1" in made.left_out["because"].iloc[0]
    else:
        assert int(made.lines["amount"].sum()) == asked


def test_a_promise_is_of_what_carries_its_item_on(kit: Any) -> None:
    book = kit.book(items=[kit.item("I2", replaces="I1"), kit.item("I3")], promises=[PROMISE])
    made = letters(kit, book, SpecialKind.BROKEN_PROMISE)
    assert made.lines[["item_id", "amount"]].values.tolist() == [["I2", 10_000]]
    disputed = kit.book(items=[kit.item("I2", replaces="I1")], promises=[PROMISE], disputes=[DISPUTE])
    assert not len(letters(kit, disputed, SpecialKind.BROKEN_PROMISE).letters)


def test_no_amount_is_in_two_promise_letters(kit: Any) -> None:
    again = PROMISE | {"promise_id": "PR2", "pay_by": "2026-10-20", "item_id": None, "amount": 15_000}
    book = kit.book(items=[kit.item(), kit.item("I2", 8_000)], promises=[PROMISE, again])
    made = letters(kit, book, SpecialKind.BROKEN_PROMISE)
    assert made.lines[["letter_id", "item_id", "amount"]].values.tolist() == [
        ["PROMISE-PR1", "I1", 10_000], ["PROMISE-PR2", "I2", 8_000],
    ]  # fmt: skip


def returned(kit: Any, late: int = -2, **fee: Any) -> Any:
    """A payment of 9,800 with 200 of discount for invoice I1, returned on 20 October, and a fee."""
    items = [
        kit.item("I1", 10_000, late=late),
        kit.item("R1", -9_800, late=0, item_type="receipt", effective_date="2026-10-10", due_date=None),
        kit.item("RR", 9_800, late=0, item_type="receipt", effective_date="2026-10-20", due_date=None, reverses="R1"),
    ]  # fmt: skip
    if fee:
        items.append(
            kit.item("F1", 3_500, late=10, item_type="interest_or_fee", effective_date="2026-10-20") | fee
        )
    receipt = {"customer_id": "C1", "bank_account": "B1", "currency": "USD", "status": "reversed"}
    applied = {"source_item_id": "R1", "source_currency": "USD", "target_currency": "USD", "kind": "payment"}
    rows = [("A1", "I1", "2026-10-10", 9_800, 200), ("A2", "I1", "2026-10-20", -9_800, -200),
            ("A3", "RR", "2026-10-20", 9_800, 0)]  # fmt: skip
    return kit.book(
        items=items,
        receipts=[receipt | {"receipt_id": "RC1", "item_id": "R1", "effective_date": "2026-10-10", "amount": 9_800},
                  receipt | {"receipt_id": "RC2", "item_id": "RR", "effective_date": "2026-10-20", "amount": -9_800,
                             "return_of": "RC1", "return_code": "R01"}],
        applications=[applied | {"application_id": name, "target_item_id": item, "effective_date": day, "posting_date": day,
                                 "source_amount": amount, "target_amount": amount, "discount": discount}
                      for name, item, day, amount, discount in rows],
    )  # fmt: skip


def test_a_returned_payment_names_the_discount_that_lapsed_and_the_fee(kit: Any) -> None:
    made = letters(kit, returned(kit, reason="nsf_fee"), SpecialKind.NSF)
    assert made.letters[["amount", "discount", "fee"]].values.tolist() == [[9_800, 200, 3_500]]
    assert sorted(made.lines["amount"]) == [3_500, 10_000]
    early = returned(kit, reason="nsf_fee", effective_date="2026-10-01")
    for plain in (returned(kit), returned(kit, reason="interest"), early):
        other = letters(kit, plain, SpecialKind.NSF)
        assert other.letters["fee"].isna().all()
        assert other.lines["amount"].tolist() == [10_000]


def test_no_reminder_before_the_due_date_of_what_came_back(kit: Any) -> None:
    made = kit.dun(returned(kit))
    assert not len(made.letters)
    assert "returned" in made.spared.loc[made.spared["item_id"].eq("I1"), "because"].iloc[0]
    assert kit.dun(returned(kit), returned_days=5).letters["template"].tolist() == ["pre_due"]
    assert kit.dun(returned(kit, late=6)).letters["template"].tolist() == ["reminder"]


def test_one_request_for_an_advice_a_customer_and_currency(kit: Any) -> None:
    def cash(name: str, day: str, **more: Any) -> dict[str, Any]:
        return kit.item(name, -1_000, item_type="receipt", cash_status="unapplied", due_date=None) | {
            "effective_date": day, "customer_id": "C1",
        } | more  # fmt: skip

    euro = {"currency": "EUR", "functional_amount": -1_100}
    book = kit.book(
        items=[cash("R1", "2026-10-10"), cash("R2", "2026-10-12"), cash("R3", "2026-10-12", **euro)]
    )
    made = letters(kit, book, SpecialKind.REMITTANCE_REQUEST)
    assert made.letters[["currency", "amount", "case_no"]].values.tolist() == [
        ["USD", 2_000, "R1, R2"], ["EUR", 1_000, "R3"],
    ]  # fmt: skip
    assert made.lines[["item_id", "amount"]].values.tolist() == [["R1", 1_000], ["R2", 1_000]]


def test_a_claim_is_for_what_was_open_on_the_day_before_the_petition(kit: Any) -> None:
    claim = {"claim_id": "CL1", "customer_id": "C1", "kind": "bankruptcy", "opened_on": "2026-10-15", "currency": "USD",
             "state": "not_filed", "file_by": "2026-11-30", "court": "District court", "case_no": "1"}  # fmt: skip
    items = [
        kit.item("I1", 10_000),
        kit.item("I2", 5_000, late=0, effective_date="2026-10-15"),
        kit.item("R1", -10_000, item_type="receipt", effective_date="2026-10-20", due_date=None),
    ]
    paid = {"application_id": "A1", "source_item_id": "R1", "target_item_id": "I1", "source_currency": "USD", "kind": "payment",
            "target_currency": "USD", "source_amount": 10_000, "target_amount": 10_000, "discount": 0,
            "effective_date": "2026-10-20", "posting_date": "2026-10-20"}  # fmt: skip
    customers = [kit.CUSTOMER | {"status": "bankrupt"}]
    book = kit.book(items=items, applications=[paid], claims=[claim], customers=customers)
    made = letters(kit, book, SpecialKind.BANKRUPTCY)
    assert made.lines[["item_id", "amount"]].values.tolist() == [["I1", 10_000]]
    page = claims(book, position=kit.place(book), policies=Policies())
    assert made.letters["amount"].tolist() == page["balance_at_petition"].tolist() == [10_000]
    late = kit.book(
        items=items[1:2], claims=[claim | {"opened_on": "2026-10-01"}], customers=customers, applications=[]
    )
    assert letters(kit, late, SpecialKind.BANKRUPTCY).left_out["because"].tolist() == [
        "Nothing was owed on the day before the petition."
    ]


@pytest.mark.parametrize(
    ("court", "file_by", "answer_by"),
    [("Probate court", "2026-11-21", date(2026, 11, 21)), ("", "2026-11-21", date(2026, 11, 9)),
     ("", "2026-11-02", date(2026, 11, 2)), ("", None, date(2026, 11, 9)), ("Probate court", None, None)],
)  # fmt: skip
def test_an_estate_is_asked_in_time_and_a_court_told_the_last_day(
    kit: Any, court: str, file_by: str | None, answer_by: date | None
) -> None:
    claim = {"claim_id": "CL1", "customer_id": "C1", "kind": "estate", "opened_on": "2026-09-01", "currency": "USD",
             "state": "not_filed", "file_by": file_by, "court": court, "case_no": "1"}  # fmt: skip
    book = kit.book(
        items=[kit.item()], claims=[claim], customers=[kit.CUSTOMER | {"status": "estate"}], applications=[]
    )
    made = letters(kit, book, SpecialKind.ESTATE)
    assert [day.date() for day in made.letters["answer_by"].dropna()] == ([answer_by] if answer_by else [])


def test_own_cash_lowers_the_level_and_the_last_letter_takes_no_new_debt(kit: Any) -> None:
    notices = [kit.notice("OLD", 1, "2026-08-01"), kit.notice("OLD", 2, "2026-09-01")]
    items = [kit.item("OLD", 10_000, late=60), kit.item("NEW", 20_000, late=6)]
    both = kit.dun(kit.book(items=items, dunning_notices=notices))
    assert both.letters[["level", "asked", "items"]].values.tolist() == [[1, 20_000, 1], [3, 10_000, 1]]
    assert both.lines.loc[both.lines["letter_id"].str.endswith("L3"), "item_id"].tolist() == ["OLD"]
    paid = kit.item("R1", -12_000, item_type="receipt", cash_status="unapplied")
    made = kit.dun(kit.book(items=[*items, paid], dunning_notices=notices))
    assert made.letters[["level", "asked", "credits"]].values.tolist() == [[1, 20_000, -2_000]]
    covered = made.spared[made.spared["reason"].eq("covered")]
    assert covered[["item_id", "amount", "cites"]].values.tolist() == [["OLD", 10_000, "D-R1"]]
