"""What people decided stands in the cash-application report: applied, overtaken, by whom; and nothing where nobody decided."""

from __future__ import annotations

from datetime import date

import pytest

from arlib.controls import Status
from arlib.policy import Policies, Scope
from arlib.report.cash_application import cash_application_report
from arlib.tables import CANONICAL, Book

SCOPE = Scope(entity="E1", entity_name="One", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip
EVIL = '=HYPERLINK("x")<img onerror=1>'


def item(number, amount, kind="invoice"):
    return {"entity": "E1", "item_id": number, "item_type": kind, "document_no": f"D{number}", "effective_date": "2026-10-02",
            "document_date": "2026-10-02", "due_date": "2026-10-30", "currency": "USD", "amount": amount, "customer_id": "C1"}  # fmt: skip


def receipt(number, amount):
    return {"entity": "E1", "receipt_id": f"R{number}", "item_id": number, "customer_id": "C1", "effective_date": "2026-10-05",
            "currency": "USD", "amount": amount, "status": "unapplied", "payer_name": "Moss"}  # fmt: skip


def says(receipt_id, item_id, cash, by="anna"):
    return {"entity": "E1", "receipt_id": receipt_id, "item_id": item_id, "currency": "USD", "applied_amount": cash,
            "receipt_currency": "USD", "receipt_amount": cash, "decision_id": f"D-{receipt_id}", "decided_by": by,
            "decided_on": "2026-11-03"}  # fmt: skip


def report(*decided):
    tables = {
        "items": [
            item("1", 100_00),
            item("2", 45_00),
            item("91", -100_00, "receipt"),
            item("92", -60_00, "receipt"),
        ],
        "receipts": [receipt("91", 100_00), receipt("92", 60_00)],
        "entities": [{"entity": "E1", "name": "One", "functional_currency": "USD", "country": "US"}],
    }
    if decided:
        tables["decided_applications"] = list(decided)
    book = Book({name: CANONICAL[name].from_rows(rows) for name, rows in tables.items()})
    return cash_application_report(book, scope=SCOPE, policies=Policies())


@pytest.fixture(scope="module")
def plain():
    return report()


@pytest.fixture(scope="module")
def decided():
    return report(says("R91", "1", 100_00), says("R92", "2", 60_00, by=EVIL))


def table(made, name):
    return next((one.frame for one in made.tables if one.name == name), None)


def test_decided_and_overtaken_receipts_are_told_with_who_decided(decided):
    rows = table(decided, "cash_by_hand")
    assert rows["standing"].tolist() == ["overtaken", "placed"]
    assert "45.00 is open" in rows["why"].iloc[0]
    assert any("1 receipt (USD 100.00) is applied as anna decided" in said for said in decided.findings)
    assert any(said.startswith("Decide again on 1 receipt (USD 60.00)") for said in decided.findings)
    assert (decided.counts["decided_by_people"], decided.counts["decisions_overtaken"]) == (1, 1)


def test_decided_money_has_a_place_of_its_own_and_everything_adds_up(decided):
    places = table(decided, "cash_by_place").set_index("place")["amount"]
    assert (places["person"], places.sum()) == (100_00, 160_00)
    assert all(one.holds for one in decided.identities)
    tied = [one for one in decided.controls if one.name in ("cash_placed", "cash_over_applied")]
    assert {one.status for one in tied} == {Status.TIED}


def test_the_posting_file_has_it_and_the_queue_has_what_was_overtaken(decided):
    posting = table(decided, "posting")
    assert list(zip(posting["receipt_id"], posting["decided_by"], strict=True)) == [("R91", "anna")]
    queue = table(decided, "cash_queue")
    assert queue["receipt_id"].tolist() == ["R92"]
    assert "no longer fits" in queue["why"].iloc[0]
    assert "person" not in set(table(decided, "cash_rules")["rule"])


def test_without_decisions_nothing_of_it_is_in_the_report(plain):
    assert table(plain, "cash_by_hand") is None
    assert "decided_by_people" not in plain.counts
    assert not any("decided" in said for said in plain.findings)
    assert "person" not in set(table(plain, "cash_by_place")["place"])
