"""Small histories as text, for the tests of loss rates.

    bill   I1 ACME 2025-01-10 100.00 due=2025-02-09       a debit (type= and any column of items)
    pay    I1 2025-03-01 40.00                            cash on it; negative: that cash came back
    credit I1 2025-03-01 10.00                            a credit memo
    off    I1 2025-08-31 50.00 reason=uncollectable       a write-off
    apply  I1 2025-08-31 50.00 kind=debit_to_debit        any other kind

Amounts are in the row's currency, USD where none is named; every settlement makes its own source item.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

from arlib.policy import Scope
from arlib.sources.sample.company import generate
from arlib.tables import CANONICAL, Book

SETTLES = {
    "pay": ("receipt", "payment", "payment"),
    "credit": ("credit_memo", "credit_memo", "returned_goods"),
    "off": ("write_off", "write_off", "uncollectable"),
    "apply": ("credit_memo", "transfer", "transfer"),
}


def minor(text: str) -> int:
    return round(float(text) * 100)


def read_debts(text: str, **tables: list[dict[str, Any]]) -> Book:
    items: list[dict[str, Any]] = []
    applications: list[dict[str, Any]] = []
    for number, line in enumerate(text.strip().splitlines()):
        word, item, *rest = line.split()
        plain = [part for part in rest if "=" not in part]
        given = dict(part.split("=", 1) for part in rest if "=" in part)
        if word == "bill":
            customer, day, amount = plain
            row = {
                "item_id": item, "document_no": item, "entity": "E1", "customer_id": customer, "effective_date": day,
                "item_type": given.pop("type", "invoice"), "currency": "USD", "amount": minor(amount),
                "due_date": given.pop("due", None),
            }  # fmt: skip
            for money in ("functional_amount", "tax_amount"):
                if money in given:
                    given[money] = minor(given[money])
            items.append(row | given)
            continue
        day, amount = plain
        source, kind, reason = SETTLES[word]
        number_of = f"S{number:03d}"
        currency = given.pop("currency", "USD")
        items.append({"item_id": number_of, "document_no": number_of, "entity": "E1", "customer_id": "ACME", "currency": currency,
                      "item_type": given.pop("source", source), "effective_date": day, "amount": -minor(amount),
                      "reason": given.pop("document_reason", None)})  # fmt: skip
        applications.append({
            "application_id": f"A{number:03d}", "entity": "E1", "source_item_id": number_of, "target_item_id": item,
            "effective_date": day, "source_currency": currency, "source_amount": minor(amount), "target_currency": currency,
            "target_amount": minor(amount), "discount": minor(given.pop("discount", "0")),
            "kind": given.pop("kind", kind), "reason": given.pop("reason", reason), "pairing": "stated", **given,
        })  # fmt: skip
    rows = {"items": items, "applications": applications, **tables}
    return Book(
        {
            name: CANONICAL[name].typed(pd.DataFrame(made, dtype="object"))
            if made
            else CANONICAL[name].empty()
            for name, made in rows.items()
        }
    )


@pytest.fixture(scope="session")
def debts() -> Callable[..., Book]:
    """The reader of small histories."""
    return read_debts


@pytest.fixture(scope="session")
def seen() -> Callable[..., Scope]:
    """A scope at a date: `seen("2026-01-31")`."""

    def make(as_of: str, entity: str = "E1", currency: str = "USD") -> Scope:
        day = date.fromisoformat(as_of)
        return Scope(entity=entity, entity_name=entity, functional_currency=currency, period=as_of[:7],
                     starts_on=day.replace(day=1), ends_on=day, as_of=day)  # fmt: skip

    return make


@pytest.fixture(scope="session")
def company() -> Book:
    """The sample company."""
    return Book(generate(seed=7, items=800).tables)
