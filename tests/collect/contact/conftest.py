"""Tiny books for contact: one entity E1 in USD, New York, as of 31 October 2026; and the sample company."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from arlib.collect.position import Position, position
from arlib.policy import ContactPolicy, Policies, Scope
from arlib.sources.sample.company import Sample, generate
from arlib.tables import CANONICAL, Book

Rows = list[dict[str, Any]]
ENDS = date(2026, 10, 31)
SCOPE = Scope(
    entity="E1", entity_name="One", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
    ends_on=ENDS, as_of=ENDS, time_zone="America/New_York",
)  # fmt: skip
DEFAULTS: dict[str, dict[str, Any]] = {
    "customers": {"name": "Acme", "collector": "amy", "status": "active"},
    "items": {
        "customer_id": "ACME", "item_type": "invoice", "effective_date": "2026-08-01", "due_date": "2026-08-31",
        "currency": "USD",
    },
    "applications": {"effective_date": "2026-10-10", "kind": "payment", "reason": "cash", "pairing": "stated"},
    "promises": {
        "promise_id": "P1", "customer_id": "ACME", "currency": "USD", "promised_on": "2026-10-05",
        "pay_by": "2026-10-15", "owner": "amy",
    },
    "activities": {"customer_id": "ACME", "kind": "call", "outcome": "no answer", "occurred_at": "2026-10-20T15:00:00Z"},
    "disputes": {
        "dispute_id": "D1", "customer_id": "ACME", "currency": "USD", "opened_on": "2026-10-01", "reason": "price",
    },
    "collection_exceptions": {
        "exception_id": "X1", "customer_id": "ACME", "procedure": "own_schedule", "reason": "agreed", "owner": "cfo",
        "valid_from": "2026-10-01",
    },
    "plans": {
        "plan_id": "L1", "customer_id": "ACME", "currency": "USD", "amount": 300_00, "agreed_on": "2026-09-01",
        "state": "running",
    },
    "plan_instalments": {"plan_id": "L1", "currency": "USD"},
    "holds": {"hold_id": "H1", "customer_id": "ACME", "kind": "legal", "placed_on": "2026-10-01"},
    "claims": {
        "claim_id": "C1", "customer_id": "ACME", "kind": "bankruptcy", "opened_on": "2026-10-01", "currency": "USD",
        "state": "filed",
    },
    "placements": {
        "placement_id": "PL1", "customer_id": "ACME", "kind": "agency", "placed_with": "Grab", "currency": "USD",
        "amount": 1_00, "placed_on": "2026-10-01",
    },
    "control_accounts": {"name": "Trade", "role": "trade"},
    "dunning_notices": {
        "notice_id": "N1", "customer_id": "ACME", "level": 1, "sent_on": "2026-10-25", "channel": "email",
        "currency": "USD", "amount": 1_00,
    },
    "portal_invoices": {"portal": "Gate", "status": "submitted", "status_on": "2026-10-01"},
    "customer_files": {"customer_id": "ACME", "kind": "tax_form", "received_on": "2025-01-01"},
    "exemptions": {"customer_id": "ACME", "certificate_no": "E9", "valid_from": "2025-01-01", "received_on": "2025-01-01"},
    "targets": {"measure": "coverage", "period": "2026-Q4"},
    "customer_merges": {},
    "fx_rates": {},
    "instalments": {"currency": "USD"},
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """A book and what is open in it."""

    book: Book
    position: Position
    policies: Policies

    def ask(self, question: Callable[..., Any]) -> Any:
        """The answer of a function of the package."""
        return question(self.book, position=self.position, policies=self.policies)


def make_world(
    *, as_of: date = ENDS, contact: ContactPolicy | None = None, known_at: date | None = None, **tables: Rows
) -> World:
    """A book of these rows, with what the tests do not care about filled in."""
    tables.setdefault("customers", [{"customer_id": "ACME"}])
    frames = {name: CANONICAL[name].empty() for name in ("items", "applications")}
    for name, rows in tables.items():
        filled = [({} if name == "fx_rates" else {"entity": "E1"}) | DEFAULTS[name] | row for row in rows]
        for number, row in enumerate(filled):
            if name == "items":
                row.setdefault("document_no", row["item_id"])
            if name == "activities":
                row.setdefault("activity_id", f"A{number}")
            if name == "applications":
                row.setdefault(
                    "application_id", f"A-{row['source_item_id']}-{row['target_item_id']}-{number}"
                )
                row.setdefault("source_currency", "USD")
                row.setdefault("target_currency", "USD")
                row.setdefault("source_amount", row["target_amount"])
        columns = sorted({key for row in filled for key in row})
        frames[name] = CANONICAL[name].frame(
            {key: pd.Series([row.get(key) for row in filled], dtype="object") for key in columns}
        )
    book = Book(frames)
    scope = replace(SCOPE, as_of=as_of, known_at=known_at)
    policies = replace(Policies(), contact=contact or ContactPolicy())
    return World(book, position(book, scope=scope, policies=policies), policies)


@pytest.fixture(scope="session")
def world() -> Callable[..., World]:
    """`world(items=[...], promises=[...], as_of=...)`."""
    return make_world


@pytest.fixture(scope="session")
def sample() -> Sample:
    """The sample company."""
    return generate(seed=7, items=800)


@pytest.fixture(scope="session")
def companies(sample: Sample) -> list[World]:
    """Each entity of the sample company at its close, and one of them a day later."""
    policies, made = Policies(), []
    for row in sample.tables["entities"].itertuples():
        book = Book(dict(sample.tables)).for_entity(str(row.entity))
        for as_of in (ENDS, date(2026, 11, 1)) if row.entity == "US01" else (ENDS,):
            scope = replace(
                SCOPE, entity=str(row.entity), functional_currency=str(row.functional_currency),
                time_zone=str(row.time_zone), as_of=as_of,
            )  # fmt: skip
            made.append(World(book, position(book, scope=scope, policies=policies), policies))
    return made
