"""Tiny text books: what a test is about stands in it like a ledger.

    item   INV-1 invoice ACME 2026-01-01 100.00 due=2026-01-31
    item   R-1 receipt ACME 2026-02-03 -97.00
    apply  A-1 R-1 INV-1 2026-02-03 97.00 discount=1.00
    part   INV-1 1 2026-01-31 50.00
    reval  INV-1 2026-01-31 1.50 back=2026-02-01
    merge  OLD NEW 2026-02-01
    history ACME collector 2026-01-01 Ann
    customer ACME collector=Ann

Amounts are in the row's currency (`currency=`, else USD); any further column is key=value; `posting=` and
`entered=` are short for posting_date and entered_at, and so on (SHORT). Without `posting` it is empty.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from arlib.policy import Basis, Scope
from arlib.tables import CANONICAL, Book

PLACES = {"JPY": 0, "KWD": 3}
SHORT = {
    "posting": "posting_date",
    "entered": "entered_at",
    "due": "due_date",
    "original": "original_due_date",
    "functional": "functional_amount",
    "account": "control_account",
    "back": "reverses_on",
    "from": "source_functional_amount",
    "to": "target_functional_amount",
    "by": "authorised_by",
    "moved": "rescheduled_on",
}


def minor(text: str, currency: str) -> int:
    """Decimal text as minor units, by a way that is not the library's."""
    return int(Decimal(text) * 10 ** PLACES.get(currency, 2))


def read_row(line: str, entity: str, functional: str) -> tuple[str, dict[str, Any]]:
    """One line as a table name and a row."""
    words = line.split()
    plain = [word for word in words if "=" not in word]
    given = {
        SHORT.get(key, key): value for key, value in (word.split("=", 1) for word in words if "=" in word)
    }
    kind, *rest = plain
    currency = given.get("currency", "USD")
    row: dict[str, Any] = {"entity": entity}
    money = {
        "functional_amount",
        "source_functional_amount",
        "target_functional_amount",
        "discount_functional_amount",
    }
    if kind == "item":
        row |= {
            "item_id": rest[0],
            "document_no": rest[0],
            "item_type": rest[1],
            "customer_id": rest[2],
            "effective_date": rest[3],
            "currency": currency,
            "amount": minor(rest[4], currency),
        }
        name = "items"
    elif kind == "apply":
        source = given.pop("source_currency", currency)
        row |= {
            "application_id": rest[0],
            "source_item_id": rest[1],
            "target_item_id": rest[2],
            "effective_date": rest[3],
            "source_currency": source,
            "source_amount": minor(given.pop("source_amount", rest[4]), source),
            "target_currency": currency,
            "target_amount": minor(rest[4], currency),
            "kind": "payment",
            "reason": "cash",
            "pairing": "stated",
        }
        given.pop("currency", None)
        if "discount" in given:
            row["discount"] = minor(given.pop("discount"), currency)
        name = "applications"
    elif kind == "part":
        row |= {
            "item_id": rest[0],
            "instalment_no": int(rest[1]),
            "due_date": rest[2],
            "currency": currency,
            "amount": minor(rest[3], currency),
        }
        name = "instalments"
    elif kind == "reval":
        row |= {"item_id": rest[0], "date": rest[1], "amount": minor(rest[2], functional), "account": "1200"}
        given.pop("currency", None)
        name = "revaluations"
    elif kind == "merge":
        row |= {"old_customer_id": rest[0], "new_customer_id": rest[1], "merged_on": rest[2]}
        name = "customer_merges"
    elif kind == "history":
        value = rest[3] if len(rest) > 3 else None
        row |= {"customer_id": rest[0], "attribute": rest[1], "valid_from": rest[2], "value": value}
        name = "customer_history"
    else:
        assert kind == "customer", line
        row |= {"customer_id": rest[0]}
        name = "customers"
    for key, value in given.items():
        row[key] = minor(value, functional) if key in money else value
    return name, row


def read_ledger(
    text: str,
    *,
    entity: str = "E1",
    functional: str = "USD",
    features: tuple[str, ...] = (),
    snapshot_date: str = "",
) -> Book:
    """A book from text."""
    tables: dict[str, list[dict[str, Any]]] = {"items": [], "applications": []}
    for line in text.strip().splitlines():
        if line.strip():
            name, row = read_row(line, entity, functional)
            tables.setdefault(name, []).append(row)
    frames = {name: CANONICAL[name].typed(frame_of(rows)) for name, rows in tables.items()}
    return Book(frames, features=frozenset(features), snapshot_date=snapshot_date)


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as a frame whose integers stay integers where some rows have none."""
    names = sorted({key for row in rows for key in row})
    return pd.DataFrame(
        {key: pd.Series([row.get(key) for row in rows], dtype="object") for key in names},
        index=range(len(rows)),
    )


@pytest.fixture(scope="session")
def ledger() -> Callable[..., Book]:
    """The reader of text books."""
    return read_ledger


@pytest.fixture(scope="session")
def seen() -> Callable[..., Scope]:
    """A scope at a date: `seen("2026-01-31")`, by any of Scope's fields."""

    def make(as_of: str, **given: Any) -> Scope:
        day = date.fromisoformat(as_of)
        fields: dict[str, Any] = {
            "entity": "E1",
            "entity_name": "Example",
            "functional_currency": "USD",
            "period": as_of[:7],
            "starts_on": day.replace(day=1),
            "ends_on": day,
            "as_of": day,
            "basis": Basis.POSTING,
        }
        return Scope(**(fields | given))

    return make
