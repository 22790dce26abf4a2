"""The sample company, and small books by hand: rows as keywords, money in minor units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

from arlib.policy import Scope
from arlib.sources.sample import Sample, generate
from arlib.tables import CANONICAL, Book

CURRENCY = {"US01": "USD", "UK01": "GBP", "JP01": "JPY"}
ITEM = {"item_type": "invoice", "currency": "USD", "customer_id": "C1", "control_account": "1200"}
APPLICATION = {
    "source_currency": "USD",
    "target_currency": "USD",
    "kind": "payment",
    "reason": "cash",
    "pairing": "stated",
}


def frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = CANONICAL[name]
    plain = {"entity": "E1"} if "entity" in table.by_name else {}
    return table.from_rows([plain | row for row in rows])


def make_book(
    *, features: tuple[str, ...] = (), snapshot_date: str = "", **tables: list[dict[str, Any]]
) -> Book:
    """A book of entity E1. An item needs item_id, amount and effective_date; an application its items, date and amount."""
    made: dict[str, list[dict[str, Any]]] = {"items": [], "applications": [], **tables}
    made["items"] = [ITEM | {"document_no": row["item_id"]} | row for row in made["items"]]
    made["applications"] = [
        APPLICATION
        | {"application_id": f"A{n}", "source_amount": row.get("amount"), "target_amount": row.get("amount")}
        | {key: value for key, value in row.items() if key != "amount"}
        for n, row in enumerate(made["applications"], start=1)
    ]
    return Book(
        {name: frame(name, rows) for name, rows in made.items()},
        features=frozenset(features),
        snapshot_date=snapshot_date,
    )


def make_scope(
    as_of: str = "2026-10-31", *, entity: str = "E1", currency: str = "USD", **given: Any
) -> Scope:
    day = date.fromisoformat(as_of)
    facts: dict[str, Any] = {
        "entity": entity, "entity_name": "Sample", "functional_currency": currency, "period": as_of[:7],
        "starts_on": day.replace(day=1), "ends_on": day, "as_of": day,
    }  # fmt: skip
    return Scope(**(facts | given))


@pytest.fixture(scope="session")
def book() -> Callable[..., Book]:
    return make_book


@pytest.fixture(scope="session")
def seen() -> Callable[..., Scope]:
    return make_scope


@pytest.fixture(scope="session")
def sample() -> Sample:
    return generate(seed=7, items=800)


@pytest.fixture(scope="session")
def truth(sample: Sample) -> pd.DataFrame:
    return sample.truth


@pytest.fixture(scope="session")
def company(sample: Sample) -> dict[str, tuple[Book, Scope]]:
    """The sample company by entity."""
    whole = Book(dict(sample.tables), features=frozenset({"entry_times"}))
    return {
        code: (whole.for_entity(code), make_scope(entity=code, currency=money))
        for code, money in CURRENCY.items()
    }
