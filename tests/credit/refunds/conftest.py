"""A small company by hand: credits, receipts, debits and everything that may stand against a refund."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

from arlib.policy import Policies, Scope
from arlib.policy.refund import RefundPolicy
from arlib.tables import CANONICAL, Book

AS_OF = date(2026, 10, 31)
BASE: dict[str, dict[str, Any]] = {
    "items": {"effective_date": "2026-07-01", "currency": "USD", "customer_id": "C1"},
    "receipts": {"effective_date": "2026-07-01", "currency": "USD", "customer_id": "C1", "status": "unapplied",
                 "payer_name": "ACME INC", "payer_account": "ACC-1001"},
    "applications": {"source_currency": "USD", "target_currency": "USD", "effective_date": "2026-07-02",
                     "reason": "cash", "pairing": "stated", "kind": "payment"},
    "customers": {"name": "Acme, Inc.", "payer_account": "ACC-1001", "status": "active", "country": "US"},
    "bank_details": {"customer_id": "C1", "valid_from": "2020-01-01", "entered_by": "ann"},
    "adjustment_requests": {"kind": "refund", "customer_id": "C1", "currency": "USD", "reason": "overpayment",
                            "requested_by": "ben", "requested_on": "2026-10-20"},
    "disputes": {"customer_id": "C1", "currency": "USD", "opened_on": "2026-09-01", "reason": "price", "amount": 1},
    "holds": {"customer_id": "C1", "placed_on": "2026-09-01", "kind": "legal"},
    "claims": {"customer_id": "C1", "kind": "bankruptcy", "opened_on": "2026-09-01", "currency": "USD", "state": "filed"},
    "account_changes": {"customer_id": "C1", "code": "C01"},
    "decided_proposals": {"kind": "refund", "currency": "USD", "decision": "approve", "decided_on": "2026-10-05"},
    "activities": {"customer_id": "C1"},
    "control_accounts": {},
    "customer_merges": {},
}  # fmt: skip


def table(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    declared = CANONICAL[name]
    full = [{"entity": "E1"} | BASE[name] | row for row in rows]
    for row in full:
        if name == "items" and "document_no" not in row:
            row["document_no"] = f"D-{row['item_id']}"
    columns = {n: pd.Series([row.get(n) for row in full], dtype="object") for n in declared.names}
    assert not [key for row in full for key in row if key not in declared.names]
    return declared.typed(pd.DataFrame(columns))


def make_book(**tables: list[dict[str, Any]]) -> Book:
    given = {"customers": [{"customer_id": "C1"}]} | tables
    return Book({name: table(name, rows) for name, rows in given.items()})


def overpaid(**more: list[dict[str, Any]]) -> Book:
    """Customer C1 paid 120.00 for an invoice of 100.00 on 1 July, from its own account."""
    base: dict[str, list[dict[str, Any]]] = {
        "items": [
            {"item_id": "I1", "item_type": "invoice", "amount": 10000, "due_date": "2026-07-31"},
            {"item_id": "R1", "item_type": "receipt", "amount": -12000, "cash_status": "on_account"},
        ],
        "receipts": [{"receipt_id": "RC1", "item_id": "R1", "amount": 12000}],
        "applications": [{"application_id": "A1", "source_item_id": "R1", "target_item_id": "I1",
                          "source_amount": 10000, "target_amount": 10000}],
    }  # fmt: skip
    for name, rows in more.items():
        base[name] = [*base.get(name, []), *rows]
    return make_book(**base)


@pytest.fixture(scope="session")
def scope() -> Scope:
    return Scope(entity="E1", entity_name="Example", functional_currency="USD", period="2026-10",
                 starts_on=date(2026, 10, 1), ends_on=AS_OF, as_of=AS_OF)  # fmt: skip


@pytest.fixture(scope="session")
def books() -> tuple[Callable[..., Book], Callable[..., Book]]:
    """`make_book` from rows, and `overpaid`: the honest case with rows added."""
    return make_book, overpaid


@pytest.fixture(scope="session")
def policies() -> Policies:
    return Policies(refund=RefundPolicy())
