"""Tiny books for adjustments: one entity E1 in USD, as of 31 October 2026."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from arlib.credit.adjustments.proposed import Adjustments, adjustments_of
from arlib.policy import AdjustmentPolicy, Policies, Scope
from arlib.tables import CANONICAL, Book

Rows = list[dict[str, Any]]

SCOPE = Scope(
    entity="E1",
    entity_name="One",
    functional_currency="USD",
    period="2026-10",
    starts_on=date(2026, 10, 1),
    ends_on=date(2026, 10, 31),
    as_of=date(2026, 10, 31),
)
DEFAULTS: dict[str, dict[str, Any]] = {
    "items": {
        "customer_id": "ACME", "item_type": "invoice", "effective_date": "2026-08-01", "due_date": "2026-08-31",
        "currency": "USD",
    },
    "applications": {"effective_date": "2026-09-15", "kind": "payment", "reason": "cash", "pairing": "stated"},
    "adjustment_requests": {
        "kind": "credit_memo", "customer_id": "ACME", "currency": "USD", "reason": "price", "requested_by": "dana",
        "requested_on": "2026-10-20", "evidence": "mail 17",
    },
    "deductions": {
        "customer_id": "ACME", "currency": "USD", "reason": "price", "taken_on": "2026-10-05", "state": "pending",
        "owner": "amy", "reference": "DN 1",
    },
    "exemptions": {"customer_id": "ACME", "certificate_no": "C1", "valid_from": "2026-01-01", "received_on": "2026-01-05"},
    "commissions": {"sales_partner": "PAT", "currency": "USD", "earned_on": "2026-08-01"},
    "plans": {"customer_id": "ACME", "currency": "USD", "agreed_on": "2026-07-01", "state": "running"},
    "plan_instalments": {"currency": "USD"},
    "receipts": {"currency": "USD", "effective_date": "2026-10-10", "status": "reversed"},
    "holds": {"customer_id": "ACME", "kind": "legal", "placed_on": "2026-10-01", "owner": "counsel"},
    "disputes": {
        "dispute_id": "D1", "customer_id": "ACME", "currency": "USD", "amount": 50_00, "opened_on": "2026-10-01",
        "reason": "quality",
    },
    "security": {
        "security_id": "S1", "customer_id": "ACME", "kind": "credit_insurance", "provider": "Mutual", "currency": "USD",
        "valid_from": "2026-01-01", "cover_rate": "0.9",
    },
    "customers": {},
}  # fmt: skip


def make_book(**tables: Rows) -> Book:
    """A book of these rows, with what the tests do not care about filled in."""
    frames = {}
    for name, rows in tables.items():
        filled = [{"entity": "E1", **DEFAULTS[name], **row} for row in rows]
        for row in filled:
            if name == "items":
                row.setdefault("document_no", row["item_id"])
            if name == "applications":
                row.setdefault("application_id", f"A-{row['source_item_id']}-{row['target_item_id']}")
                row |= {
                    "source_currency": row.get("source_currency", "USD"),
                    "target_currency": row.get("target_currency", "USD"),
                }
                row.setdefault("source_amount", row["target_amount"])
        columns = sorted({key for row in filled for key in row})
        frames[name] = CANONICAL[name].frame(
            {key: _column([row.get(key) for row in filled]) for key in columns}
        )
    for name in ("items", "applications"):
        frames.setdefault(name, CANONICAL[name].empty())
    return Book(frames)


def _column(values: list[Any]) -> Any:
    return pd.Series(values, dtype="object")


def propose_from(policy: AdjustmentPolicy | None = None, scope: Scope = SCOPE, **tables: Rows) -> Adjustments:
    """The adjustments of a book of these rows; every identity must hold."""
    policies = replace(Policies(), adjustment=policy or AdjustmentPolicy())
    made = adjustments_of(make_book(**tables), scope=scope, policies=policies)
    for identity in made.identities:
        identity.require()
    return made


def invoice(item_id: str, amount: int, tax: int = 0, freight: int = 0, **more: Any) -> dict[str, Any]:
    """An invoice of so many cents."""
    return {"item_id": item_id, "amount": amount, "net_amount": amount - tax - freight, "tax_amount": tax,
            "freight_amount": freight, **more}  # fmt: skip


@pytest.fixture(scope="session")
def propose() -> Callable[..., Adjustments]:
    """`propose(items=[...], adjustment_requests=[...])`."""
    return propose_from


@pytest.fixture(scope="session")
def bill() -> Callable[..., dict[str, Any]]:
    """`bill("I1", 11900, tax=1900)`."""
    return invoice


@pytest.fixture(scope="session")
def scope() -> Scope:
    """E1 as of 31 October 2026."""
    return SCOPE
