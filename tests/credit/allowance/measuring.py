"""Books, scopes and rates for the tests of the measurement, by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

import pandas as pd

from arlib.credit.allowance.frames import LOSS_RATES, LossRates
from arlib.credit.allowance.measure import Measured, measure
from arlib.policy import AllowancePolicy, Policies, Scope
from arlib.sources.sample.company import generate
from arlib.tables import CANONICAL, Book

AS_OF = date(2026, 10, 31)
DUE = {  # due dates whose bucket at AS_OF is the key
    "current": "2026-11-15", "1-30": "2026-10-15", "31-60": "2026-09-15", "61-90": "2026-08-15",
    "91-120": "2026-07-15", "121+": "2026-01-15",
}  # fmt: skip
ROLES = {
    "1200": "trade", "1210": "retention", "1220": "notes", "1230": "unbilled", "1250": "intercompany", "1260": "factored",
    "1280": "allowance", "1290": "unapplied", "1295": "unidentified", "2310": "customer_deposit",
}  # fmt: skip
RATES = {"current": "1/100", "1-30": "5/100", "31-60": "1/10", "61-90": "1/4", "91-120": "1/2", "121+": "3/4"}


def scope(entity: str = "E1", functional: str = "USD", **given: Any) -> Scope:
    fields: dict[str, Any] = {
        "entity": entity, "entity_name": entity, "functional_currency": functional, "period": "2026-10",
        "starts_on": date(2026, 10, 1), "ends_on": AS_OF, "as_of": AS_OF,
    }  # fmt: skip
    return Scope(**(fields | given))


def rates(given: Mapping[str, str] = RATES, **by_segment: Mapping[str, str]) -> LossRates:
    exact = {("", bucket): Fraction(rate) for bucket, rate in given.items()}
    exact |= {
        (name, bucket): Fraction(rate) for name, own in by_segment.items() for bucket, rate in own.items()
    }
    return LossRates(frame=LOSS_RATES.empty(), exact=exact, method="by hand", pooled={})


def debit(item_id: str, customer: str, amount: int, bucket: str = "current", **more: Any) -> dict[str, Any]:
    row = {
        "item_id": item_id, "entity": "E1", "customer_id": customer, "item_type": "invoice", "document_no": item_id,
        "effective_date": "2025-12-15", "due_date": DUE[bucket], "currency": "USD", "amount": amount,
        "control_account": "1200",
    }  # fmt: skip
    return row | more


def credit(item_id: str, customer: str | None, amount: int, **more: Any) -> dict[str, Any]:
    row = {
        "item_id": item_id, "entity": "E1", "customer_id": customer, "item_type": "credit_memo", "document_no": item_id,
        "effective_date": "2026-10-01", "currency": "USD", "amount": -amount, "control_account": "1200",
    }  # fmt: skip
    return row | more


def book(items: list[dict[str, Any]], **tables: list[dict[str, Any]]) -> Book:
    """A book of entity E1. Customers are those of the items, with what `customers` says of them."""
    named = {row["customer_id"]: row for row in tables.pop("customers", [])}
    people = {row["customer_id"] for row in items if row.get("customer_id")} | named.keys()
    rows = {
        "items": items,
        "applications": tables.pop("applications", []),
        "customers": [
            {"customer_id": name, "entity": "E1", "name": name, "status": "active"} | named.get(name, {})
            for name in sorted(people)
        ],
        "control_accounts": [
            {"entity": "E1", "account": account, "role": role} for account, role in ROLES.items()
        ],
    } | tables
    return Book(
        {name: frame(name, [{"entity": "E1"} | row for row in found]) for name, found in rows.items()}
    )


def frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = sorted({key for row in rows for key in row})
    raw = {key: pd.Series([row.get(key) for row in rows], dtype="object") for key in columns}
    return CANONICAL[name].typed(pd.DataFrame(raw, index=range(len(rows))))


def measured(
    made: Book, *, given: LossRates | None = None, seen: Scope | None = None, **policy: Any
) -> Measured:
    policies = replace(Policies(), allowance=AllowancePolicy(**policy))
    return measure(made, scope=seen or scope(), policies=policies, rates=given or rates())


@cache
def sample() -> Book:
    return Book(generate(seed=7, items=800).tables, features=frozenset({"entry_times"}))
