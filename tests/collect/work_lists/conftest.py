"""Small books for work lists: entity E1 in US dollars as of 31 October 2026; a test adds rows of canonical tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from arlib.collect.position import position
from arlib.collect.work_lists.lists import WorkLists, work_lists
from arlib.policy import Policies, Scope, WorkListPolicy
from arlib.tables import CANONICAL, Book

Rows = list[dict[str, Any]]

SCOPE = Scope(
    entity="E1", entity_name="One", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
    ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31), country="US",
)  # fmt: skip
BANK: Rows = [
    {"statement_id": "S1", "bank_account": "B1", "kind": "statement", "to_date": "2026-10-30", "from_date": "2026-10-30",
     "currency": "USD", "entries": 0, "net": 0, "content_sha256": "0"},
]  # fmt: skip
DEFAULTS: dict[str, dict[str, Any]] = {
    "items": {"customer_id": "ACME", "item_type": "invoice", "effective_date": "2026-08-21", "due_date": "2026-09-20",
              "document_date": "2026-08-21", "currency": "USD", "control_account": "1200"},
    "applications": {"effective_date": "2026-09-15", "kind": "payment", "reason": "cash", "pairing": "stated",
                     "source_currency": "USD", "target_currency": "USD", "user": "ann"},
    "customers": {"name": "Acme", "collector": "dana", "sales_rep": "sam", "region": "West"},
    "disputes": {"dispute_id": "D1", "customer_id": "ACME", "currency": "USD", "opened_on": "2026-10-11", "reason": "price",
                 "owner": "amy"},
    "promises": {"promise_id": "P1", "customer_id": "ACME", "currency": "USD", "promised_on": "2026-10-02", "owner": "dana"},
    "plans": {"plan_id": "PL1", "customer_id": "ACME", "currency": "USD", "agreed_on": "2026-09-25", "state": "running"},
    "plan_instalments": {"plan_id": "PL1", "currency": "USD"},
    "activities": {"activity_id": "A1", "customer_id": "ACME", "occurred_at": "2026-10-20T15:00:00Z", "done_by": "dana",
                   "kind": "call", "outcome": "reached"},
    "collection_exceptions": {"exception_id": "X1", "customer_id": "ACME", "procedure": "no_calls", "reason": "by agreement",
                              "owner": "dana", "approved_by": "boss", "valid_from": "2026-01-01", "expires_on": "2026-12-31"},
    "fx_rates": {"kind": "closing", "source": "test"},
    "bank_statements": {},
}  # fmt: skip


def frame(name: str, rows: Rows) -> pd.DataFrame:
    """Rows of a canonical table with what the tests do not care about filled in."""
    filled = [{"entity": "E1"} | DEFAULTS.get(name, {}) | row for row in rows]
    for row in filled:
        if name == "items":
            row.setdefault("document_no", f"D-{row['item_id']}")
        if name == "applications":
            row.setdefault("application_id", f"A-{row['source_item_id']}-{row['target_item_id']}")
            row.setdefault("source_amount", row["target_amount"])
    raw = {key: pd.Series([row.get(key) for row in filled], dtype="object")
           for key in {key for row in filled for key in row} & set(CANONICAL[name].names)}  # fmt: skip
    return CANONICAL[name].typed(pd.DataFrame(raw, index=range(len(filled))))


def make_book(**tables: Rows) -> Book:
    """A book of these rows; without any others its bank is up to date and no table of casework is missing."""
    given: dict[str, Rows] = {name: [] for name in ("items", "applications", "activities", "disputes", "promises", "plans",
                                                    "plan_instalments")}  # fmt: skip
    given |= {"customers": [{"customer_id": "ACME"}], "bank_statements": BANK} | tables
    return Book({name: frame(name, rows) for name, rows in given.items()})


def listed(policy: WorkListPolicy | None = None, scope: Scope = SCOPE, **tables: Rows) -> WorkLists:
    """The work lists of a book of these rows; every identity must hold."""
    policies = replace(Policies(), work_list=policy or WorkListPolicy())
    book = make_book(**tables)
    made = work_lists(book, position=position(book, scope=scope, policies=policies), policies=policies)
    for identity in made.identities:
        identity.require()
    return made


@pytest.fixture(scope="session")
def lists() -> Callable[..., WorkLists]:
    """`lists(items=[...], promises=[...])`."""
    return listed


@pytest.fixture(scope="session")
def book() -> Callable[..., Book]:
    """`book(items=[...])`."""
    return make_book


@pytest.fixture(scope="session")
def scope() -> Scope:
    """E1 as of 31 October 2026."""
    return SCOPE
