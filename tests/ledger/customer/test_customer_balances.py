"""The same balance by other ways: the open items of any day, the ledger's roll-forward, random books."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arlib.ledger.by_customer import CustomerIndex
from arlib.ledger.customer import (
    balance_on,
    balances_by_day,
    roll_forward,
    running_balance,
    running_identities,
)
from arlib.ledger.openitems import open_items
from arlib.ledger.rollforward import roll_forward as ledger_roll_forward
from arlib.policy import Basis, Scope
from arlib.sources.sample.company import generate
from arlib.tables import CANONICAL, Book

ENTITIES = {
    "US01": ("USD", "America/New_York"),
    "UK01": ("GBP", "Europe/London"),
    "JP01": ("JPY", "Asia/Tokyo"),
}
LAST = date(2026, 10, 31)


def scope_of(entity: str, **given) -> Scope:
    currency, zone = ENTITIES.get(entity, ("USD", "UTC"))
    fields = {
        "entity": entity, "entity_name": entity, "functional_currency": currency, "period": "2026-10",
        "starts_on": date(2026, 10, 1), "ends_on": LAST, "as_of": LAST, "time_zone": zone,
    }  # fmt: skip
    return Scope(**(fields | given))


@pytest.fixture(scope="module")
def indexes() -> dict[str, CustomerIndex]:
    book = Book(generate(seed=7, items=800).tables, features=frozenset({"entry_times"}))
    return {entity: CustomerIndex.of(book.for_entity(entity)) for entity in ENTITIES}


def with_items(index: CustomerIndex) -> list[str]:
    """Every customer that the ledger knows a document of, and nobody."""
    items, merges = index.book["items"], index.book["customer_merges"]
    return sorted({*items["customer_id"].fillna(""), *merges["new_customer_id"], ""})


def owed(book: Book, scope: Scope) -> Counter:
    """Open items of every customer and currency, from the whole book at once."""
    rows = open_items(book, scope=scope)
    made: Counter = Counter()
    for code, currency, amount in zip(
        rows["customer_id"].fillna(""), rows["currency"], rows["outstanding"], strict=True
    ):
        made[code, currency] += int(amount)
    return made


@pytest.mark.parametrize(
    ("entity", "view"),
    [
        ("US01", {}), ("UK01", {"basis": Basis.EFFECTIVE, "known_at": date(2026, 9, 15)}), ("JP01", {}),
    ],
)  # fmt: skip
def test_every_customer_on_twenty_days_is_what_its_open_items_come_to(indexes, entity, view):
    index, scope = indexes[entity], scope_of(entity, **view)
    back = np.random.default_rng(3).integers(0, 400, 20)
    days = [LAST - timedelta(days=int(number)) for number in back] + [date(2026, 8, 31), date(2026, 9, 1)]
    wanted = {day: owed(index.book, replace(scope, as_of=day)) for day in days}

    checked = 0
    for code in with_items(index):
        balances = balances_by_day(index.book_of(code), scope=scope, since=min(days))
        for day in days:
            found = balance_on(balances, day)
            for currency, amount in zip(found["currency"], found["balance"], strict=True):
                assert amount == wanted[day].pop((code, currency), 0), (code, currency, day)
                checked += 1
    assert checked > 400
    assert all(not any(left.values()) for left in wanted.values()), "open items of nobody"


def test_the_customers_together_are_the_ledgers_roll_forward(indexes):
    index, scope = indexes["JP01"], scope_of("JP01", starts_on=date(2026, 3, 15))
    rows = [running_balance(index.book_of(code), scope=scope) for code in with_items(index)]
    whole = pd.concat([frame for frame in rows if len(frame)])
    found: Counter = Counter()
    for row in whole.itertuples():
        line = row.line if row.day >= pd.Timestamp(scope.starts_on) else "opening"
        found[row.currency, line] += int(row.amount)

    wanted: Counter = Counter()
    for row in ledger_roll_forward(index.book, scope=scope).document.itertuples():
        line = "opening" if row.line == "posted_to_closed_periods" else row.line
        if line != "closing":
            wanted[row.currency, line] += int(row.amount)

    assert {key: value for key, value in found.items() if value} == {
        key: value for key, value in wanted.items() if value
    }
    lines = {line for _, line in found}
    assert {"invoices", "receipts", "write_offs", "discounts"} <= lines


def test_roll_forwards_of_the_sample_foot(indexes):
    index, scope = indexes["US01"], scope_of("US01")
    busiest = index.book["items"]["customer_id"].value_counts().index[:6]

    for code in (*busiest[:3], "00620"):
        found = roll_forward(index.book_of(code), scope=scope, since=date(2026, 8, 15))
        assert all(one.holds for one in found.identities)
        by_line = found.documents.groupby(["currency", "line"])["amount"].sum()
        for row in found.lines.itertuples():
            assert row.amount == by_line.get((row.currency, row.line), 0)


DAYS = st.integers(0, 60).map(lambda number: date(2026, 1, 1) + timedelta(days=number))
CODES = st.sampled_from(["A", "B", "C"])


@st.composite
def books(draw) -> Book:
    """Random items of three customers, applications that may cross them, and mergers, each on any day."""
    count = draw(st.integers(1, 8))
    items = [
        {
            "entity": "E1", "item_id": f"I{number}", "document_no": f"D{number}", "customer_id": draw(CODES),
            "item_type": "invoice" if number % 2 else "receipt", "effective_date": draw(DAYS),
            "posting_date": draw(st.none() | DAYS), "currency": draw(st.sampled_from(["USD", "EUR"])),
            "amount": draw(st.integers(1, 500)) * (1 if number % 2 else -1), "control_account": "1200",
        }
        for number in range(count)
    ]  # fmt: skip
    applications = []
    for number in range(draw(st.integers(0, 6))):
        source, target = draw(st.sampled_from(items)), draw(st.sampled_from(items))
        applications.append({
            "entity": "E1", "application_id": f"A{number}", "source_item_id": source["item_id"],
            "target_item_id": target["item_id"], "effective_date": draw(DAYS), "posting_date": draw(st.none() | DAYS),
            "source_currency": source["currency"], "source_amount": draw(st.integers(-50, 200)),
            "target_currency": target["currency"], "target_amount": draw(st.integers(-50, 200)),
            "discount": draw(st.integers(0, 3)), "kind": "payment", "reason": "cash", "pairing": "stated",
        })  # fmt: skip
    merges = [
        {"entity": "E1", "old_customer_id": old, "new_customer_id": new, "merged_on": draw(DAYS)}
        for old, new in draw(st.lists(st.sampled_from([("A", "B"), ("B", "C"), ("C", "A")]), max_size=3, unique=True))
    ]  # fmt: skip
    rows = {"items": items, "applications": applications, "customer_merges": merges}
    return Book({name: CANONICAL[name].from_rows(given) for name, given in rows.items()})


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(book=books(), day=DAYS, basis=st.sampled_from(list(Basis)))
def test_random_books_hold_on_any_day_whatever_is_merged_into_what(book, day, basis):
    scope = scope_of("E1", as_of=date(2026, 3, 31), basis=basis)
    wanted = owed(book, replace(scope, as_of=day))

    for code in "ABC":
        balances = balances_by_day(book, scope=scope, customer_id=code, since=date(2026, 1, 1))
        for row in balance_on(balances, day).itertuples():
            assert row.balance == wanted.pop((code, row.currency), 0)
        running = running_balance(book, scope=scope, customer_id=code)
        assert all(one.holds for one in running_identities(book, running, scope=scope, customer_id=code))
        roll_forward(
            book, scope=scope, since=day, customer_id=code, running=running
        )  # requires that it foots
    assert not any(wanted.values())
