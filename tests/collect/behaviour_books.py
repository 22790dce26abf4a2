"""Small books for payment behaviour, credit review and follow-up: entity E1 in US dollars as of 31 October 2026."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import pandas as pd

from arlib.collect.position import Position, position
from arlib.policy import Policies, Scope
from arlib.sources.sample.company import Sample, generate
from arlib.tables import CANONICAL, Book

AS_OF = date(2026, 10, 31)


def frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows of a canonical table of entity E1; what is not given is empty."""
    columns = {key for row in rows for key in row} | {"entity"}
    made = [{"entity": "E1"} | row for row in rows]
    raw = {key: pd.Series([row.get(key, pd.NA) for row in made], dtype="object") for key in columns}
    return CANONICAL[name].typed(pd.DataFrame(raw, index=range(len(rows))))


def invoice(item_id: str, amount: int, due: str | None, customer: str = "C1", **more: Any) -> dict[str, Any]:
    """An invoice dated 30 days before it is due."""
    day = "2026-01-01" if due is None else str((pd.Timestamp(due) - pd.Timedelta(days=30)).date())
    return {
        "item_id": item_id, "document_no": f"D-{item_id}", "customer_id": customer, "item_type": "invoice",
        "currency": "USD", "amount": amount, "due_date": due if due else pd.NA, "effective_date": day,
        "document_date": day, "control_account": "1200",
    } | more  # fmt: skip


def cash(item_id: str, amount: int, day: str, customer: str = "C1", **more: Any) -> dict[str, Any]:
    """A receipt, given as a positive amount."""
    return invoice(item_id, -amount, None, customer, effective_date=day, document_date=day) | {
        "item_type": "receipt", "cash_status": "unapplied"} | more  # fmt: skip


def applied(source: str, target: str, amount: int, day: str, **more: Any) -> dict[str, Any]:
    """An application in US dollars."""
    return {
        "application_id": f"A-{source}-{target}", "source_item_id": source, "target_item_id": target,
        "effective_date": day, "source_currency": "USD", "source_amount": amount, "target_currency": "USD",
        "target_amount": amount, "kind": "payment", "reason": "payment", "pairing": "stated",
    } | more  # fmt: skip


def paid(
    number: int, amount: int, due: str, on: str, customer: str = "C1"
) -> dict[str, list[dict[str, Any]]]:
    """An invoice and the receipt that paid it in full."""
    item, receipt = f"{customer}I{number}", f"{customer}R{number}"
    return {
        "items": [invoice(item, amount, due, customer), cash(receipt, amount, on, customer)],
        "applications": [applied(receipt, item, amount, on)],
    }


def together(*parts: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Tables of several parts in one."""
    made: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        for name, rows in part.items():
            made.setdefault(name, []).extend(rows)
    return made


def book_of(**tables: list[dict[str, Any]]) -> Book:
    """A book; customer C1 is there with a limit of 1,000.00 unless customers are given."""
    given = {"applications": [], "items": [], "customers": [customer("C1")]} | tables
    return Book({name: frame(name, rows) for name, rows in given.items()})


def customer(code: str, limit: int | None = 1_000_00, **more: Any) -> dict[str, Any]:
    """An active customer."""
    return {
        "customer_id": code, "name": f"Name of {code}", "status": "active", "collector": "amy", "country": "US",
        "credit_limit": pd.NA if limit is None else limit, "limit_currency": "USD",
    } | more  # fmt: skip


def scope_of(as_of: date = AS_OF, **more: Any) -> Scope:
    """Entity E1."""
    fields: dict[str, Any] = {
        "entity": "E1", "entity_name": "Example", "functional_currency": "USD", "period": f"{as_of:%Y-%m}",
        "starts_on": as_of.replace(day=1), "ends_on": as_of, "as_of": as_of, "country": "US",
    }  # fmt: skip
    return Scope(**(fields | more))


@dataclass(frozen=True)
class Case:
    """A book with its position, and the arguments that every function takes."""

    book: Book
    position: Position
    policies: Policies

    def of(self, function: Any, **more: Any) -> pd.DataFrame:
        """What a function makes of the book."""
        made: pd.DataFrame = function(self.book, position=self.position, policies=self.policies, **more)
        return made


def case(
    tables: dict[str, list[dict[str, Any]]], policies: Policies | None = None, as_of: date = AS_OF
) -> Case:
    """A small book as of a day."""
    book, chosen = book_of(**tables), policies or Policies()
    return Case(book, position(book, scope=scope_of(as_of), policies=chosen), chosen)


@cache
def _sample() -> Sample:
    return generate(seed=7, items=800)


@cache
def sample(entity: str, as_of: date = AS_OF) -> Case:
    """An entity of the sample company."""
    currency = {"US01": "USD", "UK01": "GBP", "JP01": "JPY"}[entity]
    book = Book(_sample().tables).for_entity(entity)
    scope = scope_of(as_of, entity=entity, functional_currency=currency)
    return Case(book, position(book, scope=scope, policies=Policies()), Policies())


def planted(entity: str, kind: str) -> set[str]:
    """The customers of the planted cases of a kind."""
    truth = _sample().truth
    mine = truth[truth["entity"].eq(entity) & truth["kind"].eq(kind)]
    return set(mine["account"])
