"""Small books for dunning: customer C1 with late invoices, a bank that is up to date, and what a test adds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from arlib.collect.dunning import dunning
from arlib.collect.position import position
from arlib.policy import DunningPolicy, Policies, Scope
from arlib.tables import CANONICAL, Book

AS_OF = date(2026, 10, 30)  # a Friday
CUSTOMER = {"customer_id": "C1", "name": "Acme", "status": "active", "country": "US", "language": "en"}
STATEMENT = {"statement_id": "S1", "bank_account": "B1", "kind": "statement", "to_date": "2026-10-30", "currency": "USD",
             "entries": 0, "net": 0, "content_sha256": "x"}  # fmt: skip


def frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows of a canonical table of entity E1; what is not given is empty."""
    columns = {key for row in rows for key in row} | {"entity"}
    made = [{"entity": "E1"} | row for row in rows]
    raw = {key: pd.Series([row.get(key, pd.NA) for row in made], dtype="object") for key in columns}
    return CANONICAL[name].typed(pd.DataFrame(raw, index=range(len(rows))))


class Kit:
    """The makers, so that tests need no import from here."""

    AS_OF, CUSTOMER, STATEMENT = AS_OF, CUSTOMER, STATEMENT
    frame = staticmethod(frame)

    @staticmethod
    def item(item_id: str = "I1", amount: int = 10_000, late: int = 30, **more: Any) -> dict[str, Any]:
        """An item of customer C1 that is so many days past due; credits have a negative amount."""
        due = pd.Timestamp(AS_OF) - pd.Timedelta(days=late)
        start = str((due - pd.Timedelta(days=30)).date())
        kind = "invoice" if amount > 0 else "credit_memo"
        return {
            "item_id": item_id, "document_no": f"D-{item_id}", "customer_id": "C1", "item_type": kind, "currency": "USD",
            "amount": amount, "due_date": str(due.date()), "effective_date": start, "document_date": start,
            "control_account": "1200",
        } | more  # fmt: skip

    @staticmethod
    def notice(item_id: str, level: int, day: str) -> dict[str, Any]:
        """A notice that was sent."""
        return {"notice_id": f"N-{item_id}-{level}", "customer_id": "C1", "item_id": item_id, "level": level, "sent_on": day,
                "channel": "email", "currency": "USD", "amount": 1}  # fmt: skip

    @staticmethod
    def book(**tables: list[dict[str, Any]]) -> Book:
        """A book; customer C1, two accounts and a bank statement are there unless they are given."""
        given = {
            "applications": [], "customers": [CUSTOMER], "bank_statements": [STATEMENT],
            "control_accounts": [{"account": "1200", "role": "trade"}, {"account": "1290", "role": "factored"},
                                 {"account": "1250", "role": "intercompany"}],
        } | tables  # fmt: skip
        return Book({name: frame(name, rows) for name, rows in given.items()})

    @staticmethod
    def scope(**more: Any) -> Scope:
        """Entity E1 in the United States, October 2026."""
        fields: dict[str, Any] = {
            "entity": "E1", "entity_name": "Example Inc", "functional_currency": "USD", "period": "2026-10",
            "starts_on": AS_OF.replace(day=1), "ends_on": AS_OF, "as_of": AS_OF, "country": "US",
        }  # fmt: skip
        return Scope(**(fields | more))

    @classmethod
    def dun(cls, book: Book, scope: Scope | None = None, **policy: Any) -> Any:
        """Dunning of a book under a policy with these choices."""
        policies = replace(Policies(), dunning=DunningPolicy(**policy))
        place = position(book, scope=scope or cls.scope(), policies=policies)
        made = dunning(book, position=place, policies=policies)
        assert all(each.holds for each in made.identities)
        return made

    @classmethod
    def place(cls, book: Book) -> Any:
        """The position of a book."""
        return position(book, scope=cls.scope(), policies=Policies())


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    return Kit
