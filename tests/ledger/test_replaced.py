"""What an item carries on, through any chain, and where a chain comes back to itself."""

from __future__ import annotations

import pandas as pd

from arlib.ledger.replaced import carried_items
from arlib.tables import CANONICAL, Book


def book(*pairs: tuple[str, str | None]) -> Book:
    rows = [
        {
            "item_id": item, "entity": "E1", "customer_id": "C1", "item_type": "invoice", "document_no": item,
            "effective_date": pd.Timestamp("2026-10-01"), "currency": "USD", "amount": 100, "replaces": old,
        }
        for item, old in pairs
    ]  # fmt: skip
    return Book({"items": CANONICAL["items"].typed(pd.DataFrame(rows))})


def test_a_chargeback_of_a_rebill_carries_on_both_nearest_first():
    made = carried_items(book(("I1", None), ("I2", "I1"), ("I3", "I2")), entity="E1")
    assert made == {"I2": ("I1",), "I3": ("I2", "I1")}


def test_a_chain_that_comes_back_to_itself_ends_where_it_does():
    assert carried_items(book(("I1", "I2"), ("I2", "I1")), entity="E1") == {"I1": ("I2",), "I2": ("I1",)}


def test_another_entity_has_its_own():
    assert carried_items(book(("I2", "I1")), entity="E2") == {}
