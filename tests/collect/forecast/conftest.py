"""A small book by hand: weekly invoices of three customers, each with a habit of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from arlib.collect.forecast import Forecast, cash_forecast
from arlib.collect.position import position
from arlib.policy import ForecastPolicy, Policies, Scope
from arlib.tables import CANONICAL, Book

AS_OF = date(2026, 11, 1)  # a Sunday
SCOPE = Scope(
    entity="E1", entity_name="One", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
    ends_on=AS_OF, as_of=AS_OF,
)  # fmt: skip
HABITS = {
    "EARLY": -3,
    "LATE": 11,
    "SLOW": 25,
}  # days from the due date; invoices are dated on Mondays, net 30
Rows = list[dict[str, Any]]


def facts(weeks: int = 44) -> dict[str, Rows]:
    """Invoices of 1,000.00 a week and their payments up to the as-of date."""
    rows: dict[str, Rows] = {"items": [], "applications": [], "customers": []}
    for customer, delay in HABITS.items():
        rows["customers"].append(
            {"entity": "E1", "customer_id": customer, "name": customer, "status": "active"}
        )
        for week in range(weeks):
            on = date(2026, 10, 26) - timedelta(days=7 * week)
            due, item = on + timedelta(days=30), f"{customer}-{week:02d}"
            rows["items"].append(_item(item, customer, "invoice", on, 100_000, due))
            paid = due + timedelta(days=delay)
            if paid <= AS_OF:
                rows["items"].append(_item(f"R-{item}", customer, "receipt", paid, -100_000))
                rows["applications"].append({
                    "application_id": f"A-{item}", "entity": "E1", "source_item_id": f"R-{item}", "target_item_id": item,
                    "effective_date": paid, "source_currency": "USD", "source_amount": 100_000, "target_currency": "USD",
                    "target_amount": 100_000, "kind": "payment", "reason": "cash", "pairing": "stated",
                })  # fmt: skip
    return rows


def _item(
    item: str, customer: str, kind: str, on: date, amount: int, due: date | None = None
) -> dict[str, Any]:
    return {"entity": "E1", "item_id": item, "customer_id": customer, "item_type": kind, "document_no": item,
            "effective_date": on, "document_date": on, "due_date": due, "currency": "USD", "amount": amount}  # fmt: skip


def book_of(rows: dict[str, Rows]) -> Book:
    """The book of these rows."""
    return Book({name: CANONICAL[name].from_rows(given) for name, given in rows.items()})


@pytest.fixture(scope="session")
def forecast() -> Callable[..., Forecast]:
    """The forecast of rows, with policies."""

    def made(
        rows: dict[str, Rows] | Book, policies: Policies | None = None, scope: Scope = SCOPE
    ) -> Forecast:
        book, chosen = (
            rows if isinstance(rows, Book) else book_of(rows),
            policies or Policies(forecast=ForecastPolicy(origins=6)),
        )
        return cash_forecast(book, position=position(book, scope=scope, policies=chosen), policies=chosen)

    return made
