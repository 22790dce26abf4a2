"""Receipts that the bank should show by now, with the honest twins that it cannot show yet or does show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from arlib.audit.ledger.unbanked import unbanked_items
from arlib.policy import Scope
from arlib.tables import CANONICAL, Book

SCOPE = Scope(entity="US01", entity_name="Sample", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


def test_only_receipts_that_the_bank_should_show_are_told():
    receipt = {"entity": "US01", "bank_account": "A1", "currency": "USD", "amount": 100, "effective_date": "2026-10-20",
               "status": "applied"}  # fmt: skip
    receipts = [
        {**receipt, "receipt_id": "R1", "item_id": "unbanked"},
        {**receipt, "receipt_id": "R2", "item_id": "banked"},
        {**receipt, "receipt_id": "R3", "item_id": "too young", "effective_date": "2026-10-30"},
        {**receipt, "receipt_id": "R4", "item_id": "no lines read", "bank_account": "A2"},
    ]
    line = {"entity": "US01", "bank_account": "A1", "currency": "USD", "amount": 100, "kind": "receipt"}
    lines = [
        {**line, "bank_line_id": f"B{n}", "booking_date": day}
        for n, day in enumerate(("2026-10-20", "2026-11-04"))
    ]
    links = [
        {
            "entity": "US01",
            "receipt_id": "R2",
            "bank_account": "A1",
            "bank_line_id": "B0",
            "currency": "USD",
            "amount": 100,
        }
    ]
    tables = {"receipts": receipts, "bank_lines": lines, "receipt_bank_lines": links}
    book = Book(tables={name: CANONICAL[name].from_rows(rows) for name, rows in tables.items()})
    assert unbanked_items(book, scope=SCOPE) == {"unbanked"}
    without = Book(
        tables={name: frame for name, frame in book.tables.items() if name != "receipt_bank_lines"}
    )
    assert unbanked_items(without, scope=replace(SCOPE)) == frozenset()
