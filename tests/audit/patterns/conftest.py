"""Small books by hand for pattern tests: rows of canonical tables, with what every row needs filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pytest

from arlib.policy import Scope
from arlib.tables import CANONICAL, Book

Row = dict[str, Any]
DAY = date(2026, 10, 5)


def made_scope(entity: str = "E1", currency: str = "USD", as_of: date = date(2026, 10, 31)) -> Scope:
    return Scope(entity=entity, entity_name="Example", functional_currency=currency, period=f"{as_of:%Y-%m}",
                 starts_on=as_of.replace(day=1), ends_on=as_of, as_of=as_of)  # fmt: skip


def item(name: str, kind: str, customer: str | None, amount: int, day: date = DAY, **given: Any) -> Row:
    return {"item_id": name, "document_no": name, "item_type": kind, "customer_id": customer, "amount": amount, "currency": "USD",
            "effective_date": day, "posting_date": day, "document_date": day, "control_account": "1200", **given}  # fmt: skip


def apply(source: str, target: str, amount: int, day: date = DAY, **given: Any) -> Row:
    return {"application_id": f"{source}>{target}@{day}", "source_item_id": source, "target_item_id": target, "effective_date": day,
            "posting_date": day, "source_currency": "USD", "source_amount": amount, "target_currency": "USD", "target_amount": amount,
            "discount": 0, "kind": "payment", "reason": "payment", "user": "ann", "pairing": "stated", **given}  # fmt: skip


def advice(receipt: str, reference: str, net: int) -> Row:
    return {
        "remittance_id": f"{receipt}/{reference}",
        "receipt_id": receipt,
        "reference": reference,
        "currency": "USD",
        "net": net,
    }


def customer(code: str, **given: Any) -> Row:
    return {"customer_id": code, "name": f"Name {code}", "status": "active", **given}


def made_book(**tables: Iterable[Row]) -> Book:
    return Book({
        name: CANONICAL[name].from_rows({"entity": "E1", **row} for row in rows) for name, rows in tables.items()
    })  # fmt: skip


@pytest.fixture(scope="session")
def small() -> Callable[..., Any]:
    """The makers of small books by name: `small("item")(...)`."""
    makers = {
        "scope": made_scope,
        "item": item,
        "apply": apply,
        "advice": advice,
        "customer": customer,
        "book": made_book,
    }
    return lambda name: makers[name]
