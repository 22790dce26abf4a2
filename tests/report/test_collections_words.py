"""What the collections report says first: whom to call today, both ways."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from arlib.policy import Policies, Scope
from arlib.report.collections import collections_report
from arlib.tables import CANONICAL, Book

SCOPE = Scope(
    entity="E1", entity_name="One", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
    ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31), country="US",
)  # fmt: skip
ITEM = {"entity": "E1", "item_id": "I1", "document_no": "D1", "customer_id": "ACME", "item_type": "invoice", "currency": "USD",
        "amount": 1000_00, "document_date": "2026-08-21", "effective_date": "2026-08-21", "due_date": "2026-09-20"}  # fmt: skip
CALL = {"entity": "E1", "activity_id": "A1", "customer_id": "ACME", "occurred_at": "2026-10-20T15:00:00Z", "done_by": "dana",
        "kind": "call", "outcome": "reached"}  # fmt: skip


def table(name: str, **row: Any) -> pd.DataFrame:
    return CANONICAL[name].typed(pd.DataFrame({key: [value] for key, value in row.items()}))


@pytest.mark.parametrize(
    ("next_on", "said"),
    [
        ("2026-11-06", "Nobody is to be called today; 1 customer comes next."),
        ("2026-10-30", "Call 1 customer today: USD 1,000.00 can be collected"),
    ],
)
def test_who_agreed_to_a_later_day_is_not_among_the_calls_of_today(next_on, said):
    book = Book({"items": table("items", **ITEM), "activities": table("activities", **CALL, next_on=next_on)})
    made = collections_report(book, scope=SCOPE, policies=Policies())
    assert any(sentence.startswith(said) for sentence in made.findings), made.findings
