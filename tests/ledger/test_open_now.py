"""What is open by the latest facts: later cash is seen and named, whatever day is looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from arlib.ledger.open_now import OpenNow, open_now
from arlib.ledger.openitems import open_items
from arlib.policy import Basis, Scope
from arlib.sources.sample import generate
from arlib.tables import CANONICAL, Book

from .conftest import read_ledger

AS_OF = date(2026, 1, 31)
SCOPE = Scope(
    entity="US01", entity_name="US", functional_currency="USD", period="2026-01", starts_on=date(2026, 1, 1), ends_on=AS_OF,
    as_of=AS_OF, basis=Basis.POSTING,
)  # fmt: skip
BOOK = """
item   INV-1 invoice ACME 2026-01-05 940.00
item   INV-2 invoice ACME 2026-01-06 100.00
item   INV-3 invoice ACME 2026-01-07 50.00
item   INV-4 invoice ACME 2026-01-08 80.00
item   R-0 receipt ACME 2026-01-20 -50.00
item   R-1 receipt ACME 2026-02-02 -940.00
item   R-2 receipt ACME 2026-02-03 -40.00
item   CM-1 credit_memo ACME 2026-01-09 -10.00
apply  A-0 R-0 INV-3 2026-01-20 50.00
apply  A-1 R-1 INV-1 2026-02-02 940.00
apply  A-2 R-2 INV-2 2026-02-03 30.00 discount=1.00
apply  A-3 CM-1 INV-2 2026-02-04 10.00
"""


def found(book: Book, *ids: str) -> dict[str, OpenNow]:
    return dict(open_now(book, scope=SCOPE, item_ids=ids))


def test_what_was_settled_since_is_named() -> None:
    book = read_ledger(BOOK, entity="US01")
    made = found(book, "INV-1", "INV-2", "INV-3", "INV-4", "CM-1", "R-2", "NONE")
    assert {item: one.sentence for item, one in made.items()} == {
        "INV-1": "INV-1 was paid in full by R-1 on 2026-02-02",
        "INV-2": "INV-2 was settled by USD 41.00 by R-2 on 2026-02-03, CM-1 on 2026-02-04; USD 59.00 is open of INV-2",
        "INV-3": "INV-3 was paid in full by R-0 on 2026-01-20",
        "INV-4": "USD 80.00 is open of INV-4",
        "CM-1": "CM-1 was used in full for INV-2 on 2026-02-04",
        "R-2": "R-2 was used by USD 30.00 for INV-2 on 2026-02-03; USD -10.00 is open of R-2",
    }
    assert {item: one.amount for item, one in made.items()} == {
        "INV-1": 0, "INV-2": 5900, "INV-3": 0, "INV-4": 8000, "CM-1": 0, "R-2": -1000,
    }  # fmt: skip
    assert [made["INV-1"].has_room(cash) for cash in (0, 1)] == [True, False]
    assert [made["INV-2"].has_room(cash) for cash in (5900, 5901, -1)] == [True, False, False]
    assert [made["R-2"].has_room(cash) for cash in (-1000, -1001, 1)] == [True, False, False]


@pytest.mark.parametrize(("document", "decided"), [("R-9", 2500), ("R-2", 0)])
def test_a_decision_counts_until_the_books_have_it(document: str, decided: int) -> None:
    book = read_ledger(BOOK, entity="US01")
    receipts = CANONICAL["receipts"].from_rows([
        {"receipt_id": "B-1", "entity": "US01", "item_id": document, "effective_date": "2026-01-30", "currency": "USD",
         "amount": 2500, "status": "unapplied"}
    ])  # fmt: skip
    rows = CANONICAL["decided_applications"].from_rows([
        {"entity": "US01", "decision_id": "desk-1", "decided_by": "ann", "decided_on": "2026-02-05", "receipt_id": "B-1",
         "item_id": "INV-2", "currency": "USD", "applied_amount": 2000, "receipt_currency": "USD", "receipt_amount": 2000,
         "discount": 500, "deduction": 0, "fee": 0, "fx": 0, "tolerance": 0, "reason": "full"}
    ])  # fmt: skip
    made = found(
        replace(book, tables={**book.tables, "receipts": receipts, "decided_applications": rows}), "INV-2"
    )["INV-2"]
    assert (made.amount, made.decided, made.left) == (5900, decided, 5900 - decided)
    assert ("decided at the desk" in made.sentence) is bool(decided)


def test_it_is_what_open_items_says_after_the_last_fact() -> None:
    made = generate(seed=7, items=400)
    book = Book(tables=dict(made.tables)).for_entity("UK01")
    ids = book["items"]["item_id"].tolist()
    scope = replace(SCOPE, entity="UK01", functional_currency="GBP", as_of=date(2026, 10, 31))
    last = open_items(book, scope=replace(scope, as_of=date(2027, 12, 31)))
    owed: pd.Series[int] = last.groupby("item_id")["outstanding"].sum()
    now = open_now(book, scope=scope, item_ids=ids)
    assert {item: one.amount for item, one in now.items() if one.amount} == owed[owed.ne(0)].to_dict()
    before = open_items(book, scope=scope)
    assert set(before["item_id"]) - set(owed.index), (
        "something was open at the end of the period and is paid since"
    )
