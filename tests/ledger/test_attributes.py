"""Customers as they were at a date."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from arlib.errors import ParameterError, TableError
from arlib.ledger.aging import age_items, aging
from arlib.ledger.attributes import customer_attributes, with_attributes
from arlib.ledger.frames import ATTRIBUTES
from arlib.ledger.openitems import open_items
from arlib.policy import AgingPolicy, AttributesAt
from arlib.tables import Book

TEXT = """
    customer ACME collector=Cleo region=North sales_rep=Sam parent_id=HOLD limit_currency=USD
    customer BETA collector=Bob
    customer HOLD
    history ACME collector 2026-01-01 Ann
    history ACME collector 2026-06-01 Cleo
    history ACME credit_limit 2026-01-01 50000.00
    history BETA region 2026-09-01 South
    history ACME parent_id 2026-01-01 HOLD
    history ACME parent_id 2026-06-01
    item I-1 invoice ACME 2026-02-01 10.00 due=2026-03-01 sales_rep=Old
    item I-2 invoice BETA 2026-02-01 5.00 due=2026-03-01 sales_rep=Old
    item I-3 invoice NEW 2026-02-01 3.00 due=2026-03-01
"""


def at(ledger, day: str, name: str, how: AttributesAt = AttributesAt.AS_OF) -> dict[str, object]:
    made = customer_attributes(ledger(TEXT), on=date.fromisoformat(day), at=how)
    values = made[name].astype(object).where(made[name].notna(), None)
    return dict(zip(made["customer_id"], values, strict=True))


def test_the_value_that_began_last_on_or_before_the_day(ledger):
    assert at(ledger, "2026-05-31", "collector") == {"ACME": "Ann", "BETA": "Bob", "HOLD": None}
    assert at(ledger, "2026-06-01", "collector")["ACME"] == "Cleo"


def test_what_was_before_the_first_known_change_is_not_known(ledger):
    assert at(ledger, "2025-12-31", "collector")["ACME"] is None
    assert at(ledger, "2025-12-31", "region")["ACME"] == "North"  # no history at all: as it is today
    assert at(ledger, "2026-08-31", "region")["BETA"] is None


def test_an_empty_value_ends_an_attribute_and_a_limit_is_money(ledger):
    assert at(ledger, "2026-05-31", "parent_id")["ACME"] == "HOLD"
    assert at(ledger, "2026-06-01", "parent_id")["ACME"] is None
    assert at(ledger, "2026-06-01", "credit_limit") == {"ACME": 50_000_00, "BETA": None, "HOLD": None}


def test_today_is_an_explicit_option(ledger):
    assert at(ledger, "2025-12-31", "collector", AttributesAt.TODAY)["ACME"] == "Cleo"


def test_columns_are_the_declared_ones(ledger):
    made = customer_attributes(ledger(TEXT), on=date(2026, 1, 1))
    assert made.dtypes.astype(str).to_dict() == ATTRIBUTES.empty().dtypes.astype(str).to_dict()
    assert list(customer_attributes(Book({}), on=date(2026, 1, 1)).columns) == ATTRIBUTES.names


def test_an_attribute_that_is_not_dated_is_refused(ledger):
    with pytest.raises(TableError, match="unknown attribute 'colector'"):
        customer_attributes(ledger("customer A\n history A colector 2026-01-01 Ann"), on=date(2026, 1, 1))


def test_totals_by_collector_parent_and_rep_are_whole(ledger, seen):
    book, scope = ledger(TEXT), seen("2026-05-31")
    made = open_items(book, scope=scope)
    rows = with_attributes(made, customer_attributes(book, on=scope.as_of))
    assert len(rows) == len(made) == 3
    aged = age_items(rows, as_of=scope.as_of, policy=AgingPolicy())

    def by(name: str) -> dict[str, int]:
        table = aging(aged, by=(name, "currency"))
        return dict(zip(table[name], table["amount"], strict=True))

    assert by("collector") == {
        "": 3_00,
        "Ann": 10_00,
        "Bob": 5_00,
    }  # NEW is in no customer table, and in the total
    assert by("parent_id") == {"BETA": 5_00, "HOLD": 10_00, "NEW": 3_00}
    assert by("sales_rep") == {
        "": 3_00,
        "Old": 5_00,
        "Sam": 10_00,
    }  # the customer's rep goes before the document's
    assert rows["sold_by"].fillna("").tolist() == ["Old", "Old", ""]


def test_an_account_of_the_entity_goes_before_a_shared_one(ledger, seen):
    book = ledger("item I invoice A 2026-01-01 1.00\n item J invoice B 2026-01-01 1.00")
    attributes = ATTRIBUTES.frame(
        [
            {"entity": None, "customer_id": "A", "collector": "shared"},
            {"entity": "E1", "customer_id": "A", "collector": "own"},
            {"entity": None, "customer_id": "B", "collector": "shared"},
            {"entity": "E2", "customer_id": "B", "collector": "theirs"},
        ]
    )
    made = with_attributes(open_items(book, scope=seen("2026-01-31")), attributes)
    assert made["collector"].tolist() == ["own", "shared"]
    with pytest.raises(ParameterError, match="one row for each"):
        with_attributes(made, pd.concat([attributes, attributes]))


def test_only_the_entity_asked_for(ledger):
    customers = pd.concat([ledger("customer A", entity=name)["customers"] for name in ("E1", "E2")])
    made = customer_attributes(Book({"customers": customers}), on=date(2026, 1, 1), entity="E1")
    assert made["entity"].tolist() == ["E1"]
