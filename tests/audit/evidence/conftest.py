"""Small books of cash after a date: an invoice, who paid it, what the bank and the advice say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from arlib.policy import Policies, Scope
from arlib.tables import CANONICAL, Book

AS_OF = date(2026, 10, 31)
SCOPE = Scope(entity="E1", entity_name="Example", functional_currency="USD", period="2026-10",
              starts_on=date(2026, 10, 1), ends_on=AS_OF, as_of=AS_OF)  # fmt: skip
OWN = "US00ACME0001"


def book_of(**tables: list[dict[str, Any]]) -> Book:
    """A book of rows; each table is typed, each row is of entity E1."""
    frames = {
        name: CANONICAL[name].from_rows({"entity": "E1"} | row for row in rows)
        for name, rows in tables.items()
    }
    return Book(tables=frames)


def item(number: str, amount: int, on: str, kind: str = "invoice", **more: Any) -> dict[str, Any]:
    """A document of customer ACME in USD."""
    return {
        "item_id": f"i-{number}", "document_no": number, "customer_id": "ACME", "item_type": kind, "currency": "USD",
        "amount": amount, "effective_date": on, "posting_date": on, "document_date": on, "control_account": "1200",
    } | more  # fmt: skip


def applied(number: str, source: str, target: str, amount: int, on: str, **more: Any) -> dict[str, Any]:
    """An application of one document to another."""
    return {
        "application_id": number, "source_item_id": f"i-{source}", "target_item_id": f"i-{target}", "effective_date": on,
        "posting_date": on, "source_currency": "USD", "source_amount": amount, "target_currency": "USD",
        "target_amount": amount, "kind": "payment", "reason": "cash", "pairing": "stated", "user": "cash.amy",
    } | more  # fmt: skip


def paid(*, amount: int = 100_00, posted: str = "2026-11-03", banked: str | None = "2026-11-03", advice: str | None = "SI-10001",
         text: str = "", payer: str = "Acme Inc", account: str | None = OWN, net: int | None = None, bank: int | None = None,
         to: tuple[tuple[str, int], ...] = (("SI-10001", 100_00),), receipt: bool = True, **more: Any) -> dict[str, Any]:  # fmt: skip
    """Tables of one receipt R-1 and what stands behind it. `net` is the advice's amount, `bank` the bank line's."""
    made: dict[str, Any] = {
        "items": [item("R-1", -amount, posted, "receipt", cash_status="applied")],
        "applications": [
            applied(f"A-{at}", "R-1", target, part, max(posted, "2026-11-01"), **more)
            for at, (target, part) in enumerate(to, start=1)
        ],
        "receipts": [{
            "receipt_id": "R-1", "item_id": "i-R-1", "customer_id": "ACME", "effective_date": posted, "posting_date": posted,
            "currency": "USD", "amount": amount, "status": "applied", "payer_name": payer,
        }] if receipt else [],
        "remittances": [] if advice is None else [{
            "remittance_id": "RA-1", "receipt_id": "R-1", "reference": advice, "currency": "USD", "net": net,
        }],
        "bank_lines": [], "receipt_bank_lines": [],
    }  # fmt: skip
    if banked:
        value = amount if bank is None else bank
        made["bank_lines"] = [{
            "bank_line_id": "B-1", "bank_account": "US01", "booking_date": banked, "value_date": banked, "currency": "USD",
            "amount": value, "kind": "receipt", "payer_name": payer, "payer_account": account, "remittance_text": text,
        }]  # fmt: skip
        made["receipt_bank_lines"] = [{
            "receipt_id": "R-1", "bank_account": "US01", "bank_line_id": "B-1", "currency": "USD", "amount": value,
        }]  # fmt: skip
    return made


def with_invoice(tables: dict[str, Any], *more: dict[str, Any]) -> Book:
    """The tables with invoice SI-10001 of 100.00, open at the date, and SI-20002 of 250.00, and further items."""
    invoices = [
        item("SI-10001", 100_00, "2026-10-10", due_date="2026-11-09", delivery_no="DN-1", delivery_date="2026-10-09",
             purchase_order="PO-7001", order_no="SO-1"),
        item("SI-20002", 250_00, "2026-10-12", due_date="2026-11-11"),
    ]  # fmt: skip
    customers = [
        {"customer_id": "ACME", "name": "Acme Inc", "payer_account": OWN, "address": "1 Main St, Albany NY", "parent_id": "PARENT"},
        {"customer_id": "PARENT", "name": "Acme Holding", "payer_account": "US00HOLD0002"},
        {"customer_id": "BOLT", "name": "Bolt LLC", "payer_account": "US00BOLT0003"},
    ]  # fmt: skip
    given = {**tables, "items": [*invoices, *tables.get("items", []), *more]}
    return book_of(customers=customers, **given)


@pytest.fixture
def scope() -> Scope:
    return SCOPE


@pytest.fixture
def policies() -> Policies:
    return Policies()


def at(day: date) -> Scope:
    """The same books at another date."""
    return replace(SCOPE, as_of=day)
