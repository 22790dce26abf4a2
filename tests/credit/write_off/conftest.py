"""Small books for write-offs: one customer, one late invoice, and whatever a test adds as rows of tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

from arlib.policy import Policies, Scope, WriteOffPolicy
from arlib.sources.sample.company import generate
from arlib.tables import CANONICAL, Book

AS_OF = date(2026, 10, 31)


def frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows of a canonical table of entity E1; what is not given is empty."""
    columns = {key for row in rows for key in row} | {"entity"}
    made = [{"entity": "E1"} | row for row in rows]
    raw = {key: pd.Series([row.get(key, pd.NA) for row in made], dtype="object") for key in columns}
    return CANONICAL[name].typed(pd.DataFrame(raw, index=range(len(rows))))


def invoice(
    item_id: str = "I1", amount: int = 10_000, due: str | None = "2026-01-31", **more: Any
) -> dict[str, Any]:
    """An invoice of customer C1, a month before it is due."""
    day = "2026-01-01" if due is None else str((pd.Timestamp(due) - pd.Timedelta(days=30)).date())
    return {
        "item_id": item_id, "document_no": f"D-{item_id}", "customer_id": "C1", "item_type": "invoice", "currency": "USD",
        "amount": amount, "due_date": due if due else pd.NA, "effective_date": day, "document_date": day,
        "control_account": "1200",
    } | more  # fmt: skip


def credit(item_id: str, amount: int, **more: Any) -> dict[str, Any]:
    """A credit or cash item of customer C1, given as a positive amount."""
    return (
        invoice(item_id, -amount, None, effective_date="2026-02-01", document_date="2026-02-01")
        | {"item_type": "credit_memo"}
        | more
    )


def applied(
    app_id: str, source: str, target: str, amount: int, day: str, kind: str = "payment", **more: Any
) -> dict[str, Any]:
    """An application in US dollars."""
    return {
        "application_id": app_id, "source_item_id": source, "target_item_id": target, "effective_date": day,
        "source_currency": "USD", "source_amount": amount, "target_currency": "USD", "target_amount": amount,
        "kind": kind, "reason": kind, "pairing": "stated", "user": "gl.poster",
    } | more  # fmt: skip


def written_off(
    item_id: str, amount: int, day: str, *, debt: dict[str, Any] | None = None, **row: Any
) -> dict[str, list[dict[str, Any]]]:
    """An invoice written off: its item, the write-off document, the application, and its row of the register."""
    owed = debt or invoice(item_id, amount)
    register = {
        "item_id": item_id, "customer_id": owed["customer_id"], "written_off_on": day, "currency": "USD", "amount": amount,
        "reason": "uncollectable", "proposed_by": "ann", "approved_by": "bea",
    } | row  # fmt: skip
    off = credit(f"W{item_id}", amount, item_type="write_off", effective_date=day, document_date=day,
                 customer_id=owed["customer_id"], reason=register["reason"])  # fmt: skip
    return {
        "items": [owed, off],
        "applications": [
            applied(
                f"A{item_id}", f"W{item_id}", item_id, amount, day, "write_off", reason=register["reason"]
            )
        ],
        "written_off": [register],
    }


def together(*parts: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Tables of several parts in one."""
    made: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        for name, rows in part.items():
            made.setdefault(name, []).extend(rows)
    return made


def book_of(**tables: list[dict[str, Any]]) -> Book:
    """A book; customer C1 is there unless customers are given."""
    given = {
        "applications": [],
        "customers": [{"customer_id": "C1", "name": "Acme", "status": "active", "country": "US"}],
    } | tables
    return Book({name: frame(name, rows) for name, rows in given.items()})


def scope_of(as_of: date = AS_OF, **more: Any) -> Scope:
    """Entity E1 in the United States, October 2026."""
    fields: dict[str, Any] = {
        "entity": "E1", "entity_name": "Example", "functional_currency": "USD", "period": f"{as_of:%Y-%m}",
        "starts_on": as_of.replace(day=1), "ends_on": as_of, "as_of": as_of, "country": "US",
    }  # fmt: skip
    return Scope(**(fields | more))


def policies_of(**write_off: Any) -> Policies:
    """Policies with these choices on write-offs."""
    return Policies(write_off=WriteOffPolicy(**write_off))


class Kit:
    """The makers, so that tests need no import from here."""

    AS_OF = AS_OF
    frame = staticmethod(frame)
    invoice = staticmethod(invoice)
    credit = staticmethod(credit)
    applied = staticmethod(applied)
    written_off = staticmethod(written_off)
    together = staticmethod(together)
    book = staticmethod(book_of)
    scope = staticmethod(scope_of)
    policies = staticmethod(policies_of)


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    """The makers of small books."""
    return Kit


@pytest.fixture(scope="session")
def sample() -> Callable[[str], tuple[Book, Scope]]:
    """The sample company: book and scope of one of its entities."""
    whole = Book(generate(seed=7, items=800).tables)
    facts = {"US01": ("USD", "US"), "UK01": ("GBP", "GB"), "JP01": ("JPY", "JP")}

    def of(entity: str) -> tuple[Book, Scope]:
        currency, country = facts[entity]
        return whole.for_entity(entity), scope_of(
            entity=entity, functional_currency=currency, country=country
        )

    return of
