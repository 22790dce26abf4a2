"""Small books for KPIs: entity E1 in USD, as of 31 October 2026."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

from arlib.collect.kpi.performance import Performance, performance
from arlib.collect.position import position
from arlib.policy import PerformancePolicy, Policies, Scope
from arlib.tables import CANONICAL, Book

AS_OF = date(2026, 10, 31)
Rows = list[dict[str, Any]]


def scope_of(as_of: date = AS_OF, **more: Any) -> Scope:
    fields: dict[str, Any] = {
        "entity": "E1", "entity_name": "One", "functional_currency": "USD", "period": f"{as_of:%Y-%m}",
        "starts_on": as_of.replace(day=1), "ends_on": as_of, "as_of": as_of,
    }  # fmt: skip
    return Scope(**(fields | more))


def frame(name: str, rows: Rows) -> pd.DataFrame:
    return CANONICAL[name].from_rows({"entity": "E1"} | row for row in rows)


def invoice(item_id: str, amount: int, day: str, due: str | None = None, **more: Any) -> dict[str, Any]:
    """An invoice of customer C1, due in 30 days unless told otherwise."""
    return {
        "item_id": item_id, "document_no": f"D-{item_id}", "customer_id": "C1", "item_type": "invoice", "currency": "USD",
        "amount": amount, "effective_date": day, "due_date": due or str((pd.Timestamp(day) + pd.Timedelta(days=30)).date()),
    } | more  # fmt: skip


def receipt(item_id: str, amount: int, day: str, **more: Any) -> dict[str, Any]:
    """A receipt, given as a positive amount."""
    return (
        invoice(item_id, -amount, day)
        | {"item_type": "receipt", "due_date": None, "cash_status": "unapplied"}
        | more
    )


def applied(
    source: str, target: str, amount: int, day: str, kind: str = "payment", **more: Any
) -> dict[str, Any]:
    return {
        "application_id": f"{source}-{target}-{day}", "source_item_id": source, "target_item_id": target, "effective_date": day,
        "source_currency": "USD", "source_amount": amount, "target_currency": "USD", "target_amount": amount, "kind": kind,
        "reason": kind, "pairing": "stated",
    } | more  # fmt: skip


def book_of(*, features: frozenset[str] = frozenset(), snapshot_date: str = "", **tables: Rows) -> Book:
    given = {"applications": [], "customers": [{"customer_id": "C1", "name": "Acme"}]} | tables
    return Book(
        {n: frame(n, rows) for n, rows in given.items()}, features=features, snapshot_date=snapshot_date
    )


def performed(book: Book, *, scope: Scope | None = None, **policy: Any) -> Performance:
    policies = Policies(performance=PerformancePolicy(**policy))
    return performance(
        book, position=position(book, scope=scope or scope_of(), policies=policies), policies=policies
    )


class Kit:
    """The makers, so that tests need no import from here."""

    AS_OF = AS_OF
    scope = staticmethod(scope_of)
    invoice = staticmethod(invoice)
    receipt = staticmethod(receipt)
    applied = staticmethod(applied)
    book = staticmethod(book_of)
    performed = staticmethod(performed)


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    return Kit


@pytest.fixture(scope="session")
def value() -> Callable[..., Any]:
    """A figure's value of the as-of month, or why there is none."""

    def of(found: Performance, kpi: str, convention: str, currency: str = "") -> Any:
        row = found.now(kpi, convention, currency=currency)
        assert row is not None
        return row["why"] if pd.isna(row["value"]) else row["value"]

    return of
