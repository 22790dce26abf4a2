"""Whatever somebody has in hand finds the customer, with the reason; hostile text finds nothing and does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.ledger.aging import age_items
from arlib.ledger.by_customer import CustomerIndex
from arlib.ledger.openitems import open_items
from arlib.ledger.search import SEARCH_HITS, EntitySearch, Found, Narrowing, SearchIndex
from arlib.ledger.search.amounts import amounts_meant
from arlib.ledger.search.keys import Keys
from arlib.ledger.search.text import folded, read_query
from arlib.policy import AgingPolicy, Scope
from arlib.tables import CANONICAL, Book

AS_OF = date(2026, 10, 31)


def rows(table: str, *given: dict[str, object]) -> pd.DataFrame:
    return CANONICAL[table].from_rows({"entity": "E1", **row} for row in given)


def invoice(
    item_id: str, customer_id: str | None, amount: int, currency: str = "USD", **more: object
) -> dict[str, object]:
    return {
        "item_id": item_id, "customer_id": customer_id, "item_type": "invoice", "document_no": item_id, "currency": currency,
        "amount": amount, "functional_amount": amount, "effective_date": date(2026, 9, 1), "due_date": date(2026, 10, 1), **more,
    }  # fmt: skip


BOOK = Book(
    {
        "customers": rows(
            "customers",
            {"customer_id": "C-100", "name": "Bäckerei Weiß & Söhne GmbH", "tax_id": "DE 123 456 789", "status": "active",
             "collector": "ann", "payer_account": "DE89 3704 0044 0532 0130 00", "payer_aliases": "Weiss Brot|WS Holding"},
            {"customer_id": "C-200", "name": "株式会社山田製作所", "status": "legal", "collector": "bob"},
            {"customer_id": "C-300", "name": "<img src=x onerror=alert(1)>", "status": "active", "collector": "bob"},
            {"customer_id": "00417", "name": "Northern Wholesale Ltd", "status": "active", "collector": "ann"},
            {"customer_id": "417", "name": "Northern Retail Ltd", "status": "active", "collector": "ann"},
        ),
        "items": rows(
            "items",
            invoice("900123", "C-100", 123_456, purchase_order="PO/7781-A"),
            invoice("900124", "C-100", 50_000, due_date=date(2026, 12, 1)),
            invoice("900999", "C-200", 1_234, currency="JPY"),
            invoice("INV 0042/b", "00417", 999, order_no="SO-5"),
            invoice("800001", "417", 123_456, currency="EUR"),
            invoice("R-1", None, -777_00, item_type="receipt"),
            invoice("R-2", "C-100", -3_456, item_type="receipt"),
        ),
        "applications": rows("applications", {
            "application_id": "A1", "source_item_id": "R-2", "target_item_id": "900123", "effective_date": date(2026, 10, 2),
            "source_currency": "USD", "source_amount": 3_456, "target_currency": "USD", "target_amount": 3_456,
            "kind": "payment", "reason": "cash", "pairing": "stated"}),
        "receipts": rows(
            "receipts",
            {"receipt_id": "P-1", "item_id": "R-1", "currency": "USD", "amount": 777_00, "payer_name": "UNKNOWN PAYER",
             "reference": "RF18 5390 0754", "payer_account": "GB33BUKB20201555555555"},
            {"receipt_id": "P-2", "item_id": "R-2", "customer_id": "C-100", "currency": "USD", "amount": 3_456,
             "payer_name": "Baeckerei Weiss", "reference": "E2E-77"},
        ),
        "disputes": rows("disputes", {"dispute_id": "D-9", "customer_id": "417", "item_id": "800001", "currency": "EUR",
                                      "amount": 1, "reason": "price", "opened_on": AS_OF},
                         {"dispute_id": "D-8", "customer_id": "C-100", "currency": "EUR", "amount": 1, "reason": "price",
                          "opened_on": AS_OF, "closed_on": AS_OF}),
    }
)  # fmt: skip
SCOPE = Scope(
    entity="E1", entity_name="Example", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
    ends_on=AS_OF, as_of=AS_OF,
)  # fmt: skip


def index_of(book: Book) -> EntitySearch:
    aged = age_items(open_items(book, scope=SCOPE), as_of=AS_OF, policy=AgingPolicy())
    return EntitySearch.of(CustomerIndex.of(book), aged, entity="E1", functional="USD")


ENTITY = index_of(BOOK)
INDEX = SearchIndex({"E1": ENTITY})


def find(text: str, limit: int = 50, **narrowing: str) -> Found:
    return INDEX.find(text, narrowing=Narrowing(**narrowing), limit=limit)


@pytest.mark.parametrize(
    ("text", "customer_id", "found_in", "why"),
    [
        ("C-100", "C-100", "customer id", "customer id C-100"),
        ("c100", "C-100", "customer id", "customer id C-100"),
        ("417", "417", "customer id", "customer id 417"),
        ("00417", "00417", "customer id", "customer id 00417"),
        ("Bäckerei Weiß & Söhne", "C-100", "name", "name Bäckerei Weiß & Söhne GmbH"),
        ("backerei weis soehne", "C-100", "name", "name Bäckerei Weiß & Söhne GmbH"),
        ("Nothern Wholesle", "00417", "name", "name Northern Wholesale Ltd"),
        ("山田製作所", "C-200", "name", "name 株式会社山田製作所"),
        ("weiss brot", "C-100", "alias", "alias Weiss Brot"),
        ("baeckerei weiss", "C-100", "payer", "payer Baeckerei Weiss"),
        ("DE123456789", "C-100", "tax id", "tax id DE 123 456 789"),
        ("DE89370400440532013000", "C-100", "payer account", "payer account DE89 3704 0044 0532 0130 00"),
        ("900123", "C-100", "document", "invoice 900123"),
        ("0123", "C-100", "document", "invoice 900123"),
        ("inv-0042-B", "00417", "document", "invoice INV 0042/b"),
        ("PO 7781", "C-100", "purchase order", "purchase order PO/7781-A"),
        ("so5", "00417", "order", "order SO-5"),
        ("e2e77", "C-100", "reference", "reference E2E-77"),
        ("P-2", "C-100", "receipt", "receipt P-2"),
        ("D-9", "417", "dispute", "dispute D-9"),
        ("1,234.56", "C-100", "amount", "amount 1,234.56 USD on invoice 900123"),
        ("1.234,56 usd", "C-100", "amount", "amount 1,234.56 USD on invoice 900123"),
        ("$ 1234.56", "C-100", "amount", "amount 1,234.56 USD on invoice 900123"),
        ("€1'234.56", "417", "amount", "amount 1,234.56 EUR on invoice 800001"),
        ("(1,200.00)", "C-100", "open amount", "open amount 1,200.00 USD on invoice 900123"),
        ("¥1234", "C-200", "amount", "amount 1,234 JPY on invoice 900999"),
        ("777.00", "", "amount", "amount 777.00 USD on receipt R-1"),
        ("RF18", "", "reference", "reference RF18 5390 0754"),
    ],
)  # fmt: skip
def test_what_is_in_hand_finds_the_customer(text: str, customer_id: str, found_in: str, why: str) -> None:
    frame = find(text).frame
    assert not frame.empty, text
    first = frame.iloc[0]
    assert (first["customer_id"], first["found_in"], first["why"]) == (customer_id, found_in, why)
    assert frame["rank"].tolist() == list(range(1, len(frame) + 1))
    assert frame.columns.tolist() == SEARCH_HITS.names


def test_a_document_and_its_receipt_are_told() -> None:
    first = find("P-2").frame.iloc[0]
    assert (first["item_id"], first["receipt_id"]) == ("R-2", "P-2")
    first = find("900123").frame.iloc[0]
    assert (first["item_id"], first["receipt_id"]) == ("900123", "")
    first = find("C-100").frame.iloc[0]
    assert (first["item_id"], first["receipt_id"]) == ("", "")
    assert (first["balance"], first["overdue"], first["open_items"]) == (170_000, 120_000, 2)


def test_an_exact_code_goes_before_its_longer_twin() -> None:
    assert find("417").frame["customer_id"].tolist()[:2] == ["417", "00417"]


def test_without_text_customers_stand_by_what_they_owe() -> None:
    found = find("")
    assert found.frame["customer_id"].tolist() == ["C-100", "417", "C-200", "00417", "C-300"]
    assert (found.total, found.is_capped) == (5, False)
    assert find("", limit=2).frame["customer_id"].tolist() == ["C-100", "417"]
    assert find("", limit=0).frame.empty


@pytest.mark.parametrize(
    ("narrowing", "expected"),
    [
        ({"collector": "bob"}, ["C-200", "C-300"]),
        ({"status": "legal"}, ["C-200"]),
        ({"currency": "EUR"}, ["417"]),
        ({"currency": "USD", "bucket": "1-30"}, ["C-100", "00417"]),
        (
            {"currency": "JPY", "bucket": "current"},
            [],
        ),  # it has a current item, and one in yen, not one that is both
        ({"dispute_reason": "price"}, ["417"]),  # the other one is settled
        ({"dispute_reason": "price", "collector": "bob"}, []),
        ({"entity": "E1", "bucket": "current"}, ["C-100"]),
        ({"entity": "E2"}, []),
    ],
)
def test_filters_combine(narrowing: dict[str, str], expected: list[str]) -> None:
    assert find("", **narrowing).frame["customer_id"].tolist() == expected


def test_a_filter_narrows_what_a_text_finds() -> None:
    assert {"00417", "417"} <= set(find("northern").frame["customer_id"])
    assert find("northern", currency="EUR").frame["customer_id"].tolist() == ["417"]
    assert find("1,234.56", collector="bob").frame.empty
    assert find("900123", collector="bob").frame.empty


@pytest.mark.parametrize(
    "text",
    ["x" * 10_000, "1" * 10_000, "\u202e\u2066\u200f", "\x00\x1b[31m\n\n", "(((((.*)+)+$", "[a-z",
     "%' OR 1=1 --", "\\", "\ud83d", "é" * 5000,
     "'; DROP TABLE items", "=cmd|' /C calc'!A0", "٣٤٥", "½", "1e999", "-", "€", "−0", "0.00"],
)  # fmt: skip
def test_hostile_text_is_text(text: str) -> None:
    found = find(text)
    assert len(found.query) <= 200
    assert len(found.frame) <= 50


def test_direction_marks_and_controls_do_not_count() -> None:
    assert find("\u202e900123\u202c\x00").frame["why"].iloc[0] == "invoice 900123"
    assert find("  C\u2060-100 ").frame["customer_id"].iloc[0] == "C-100"
    assert find("９００１２３").frame["why"].iloc[0] == "invoice 900123"  # full width


def test_markup_in_a_name_stays_text() -> None:
    assert find("<img src=x").frame.iloc[0]["name"] == "<img src=x onerror=alert(1)>"


def test_what_was_decided_is_found_at_once() -> None:
    tables = {
        "disputes": rows("disputes", {"dispute_id": "desk-7", "customer_id": "C-200", "currency": "JPY", "amount": 1,
                                      "reason": "quality", "opened_on": AS_OF}),
        "payer_aliases": rows("payer_aliases", {"customer_id": "C-200", "payer_name": "Yamada Works", "decision_id": "desk-8"},
                              {"customer_id": "C-200", "payer_account": "JP-5550001", "decision_id": "desk-9"}),
    }  # fmt: skip
    made = ENTITY.with_index(ENTITY.index.with_tables(tables), tables.keys())
    index = SearchIndex({}).with_entity(made)
    for text in ("desk-7", "yamada works", "JP5550001"):
        assert index.find(text).frame["customer_id"].iloc[0] == "C-200", text
        assert find(text).frame.empty, text
    assert index.find("D-9").frame.empty
    assert index.find("", narrowing=Narrowing(dispute_reason="quality")).total == 1
    assert index.find("weiss brot").frame["found_in"].iloc[0] == "alias"


def test_two_entities_are_searched_together() -> None:
    other = EntitySearch.of(ENTITY.index, ENTITY.index.book["items"].iloc[:0].assign(
        outstanding=0, functional_outstanding=0, bucket=""), entity="E2", functional="EUR")  # fmt: skip
    both = SearchIndex({"E2": other, "E1": ENTITY})
    assert both.find("900123").frame["entity"].tolist() == ["E1", "E2"]  # the larger balance first
    assert both.find("900123", narrowing=Narrowing(entity="E2")).frame["entity"].tolist() == ["E2"]
    assert both.find("").frame["entity"].tolist() == ["E2"] * 5 + ["E1"] * 5


def test_over_entities_customers_stand_by_what_a_balance_is_worth() -> None:
    def entity(code: str, functional: str, amounts: dict[str, int]) -> EntitySearch:
        open_ = (invoice(f"{code}-{at}", at, amount, functional) for at, amount in amounts.items())
        made = Book({"items": rows("items", *(row | {"entity": code} for row in open_))})
        scope = replace(SCOPE, entity=code, functional_currency=functional)
        aged = age_items(open_items(made, scope=scope), as_of=AS_OF, policy=AgingPolicy())
        return EntitySearch.of(CustomerIndex.of(made), aged, entity=code, functional=functional)

    parts = {
        "US": entity("US", "USD", {"A": 100_00, "B": 10_00, "C": -5_00}),
        "GB": entity("GB", "GBP", {"X": 90_00, "Y": 1_00}),  # 117.00 and 1.30 in USD
        "JP": entity("JP", "JPY", {"Z": 2_000}),  # 13.00 in USD: a yen is two thirds of a cent
    }
    worth = {"US": Fraction(1), "GB": Fraction("1.30"), "JP": Fraction("0.0065") * 100}
    ranked = SearchIndex(parts, worth)
    assert ranked.find("").frame["customer_id"].tolist() == ["X", "A", "Z", "B", "Y", "C"]
    few = ranked.find("", limit=3)
    assert (few.frame["customer_id"].tolist(), few.total) == (["X", "A", "Z"], 6)
    assert few.frame["rank"].tolist() == [1, 2, 3]
    del worth["GB"]  # no rate: nothing is compared
    assert SearchIndex(parts, worth).find("").frame["customer_id"].tolist() == ["A", "B", "C", "X", "Y", "Z"]


def test_a_balance_is_found_in_its_currency_and_in_the_books() -> None:
    hits = find("1,700.00").frame  # 1,200.00 and 500.00 are open
    assert hits[["customer_id", "found_in", "item_id"]].to_numpy().tolist() == [["C-100", "balance", ""]]
    assert hits["why"].iloc[0] == "balance 1,700.00 USD at the list's date"
    book = Book({"items": rows("items", invoice("1", "C1", 300_00, "EUR") | {"functional_amount": 333_00},
                               invoice("2", "C1", 40_00, "EUR") | {"functional_amount": 44_00})})  # fmt: skip
    index = SearchIndex({"E1": index_of(book)})
    assert index.find("340.00 EUR").frame["found_in"].tolist() == ["balance"]
    assert index.find("377.00").frame["why"].tolist() == ["balance 377.00 USD at the list's date"]
    assert index.find("377.01").frame.empty


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.56", {("USD", 123_456)}),
        ("1.234,56", {("USD", 123_456)}),
        ("1234,5", {("USD", 123_450)}),
        ("1.234", {("USD", 123_400), ("KWD", 1_234), ("KWD", 1_234_000), ("JPY", 1_234)}),
        ("12,34,567.89", {("USD", 123_456_789)}),
        ("1234 JPY", {("JPY", 1_234)}),
        ("jpy 1,234", {("JPY", 1_234)}),
        ("12 apples", set()),
        ("0.00", set()),
        ("900123", {("USD", 90_012_300), ("KWD", 900_123_000), ("JPY", 900_123)}),
    ],
)
def test_amounts_are_read_in_every_way_that_they_may_mean(text: str, expected: set[tuple[str, int]]) -> None:
    found = {(each.currency, each.minor) for each in amounts_meant(text, ("USD", "KWD", "JPY"))}
    assert expected <= found
    assert {each for each in found if each[0] == "USD"} == {each for each in expected if each[0] == "USD"}


KEYS = st.lists(st.text(alphabet="ab12-Ä", max_size=6), min_size=1, max_size=30)


@settings(max_examples=60)
@given(KEYS, st.text(alphabet="ab12Ä", min_size=1, max_size=4))
def test_keys_agree_with_plain_text(given_keys: list[str], query: str) -> None:
    keys = Keys.of("document", pd.Series(given_keys, dtype="str"), np.arange(len(given_keys)), table="items")
    wanted = folded(query)
    first, whole, last = keys.begun(wanted)
    plain = [folded(each) for each in given_keys]

    def asked(test: Callable[[str], bool]) -> list[int]:
        return [at for at, key in enumerate(plain) if test(key)]

    assert sorted(keys.rows[first:whole].tolist()) == asked(lambda key: key == wanted)
    begun = asked(lambda key: key.startswith(wanted))
    assert sorted(keys.rows[first:last].tolist()) == begun
    inside = keys.rows[keys.inside(wanted, most=100, among=None)].tolist()
    expected = asked(lambda key: wanted in key[1:] and not key.startswith(wanted)) if len(wanted) >= 3 else []
    assert sorted(inside) == expected


@settings(max_examples=80)
@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    read = read_query(text)
    assert len(read) <= 200
    assert folded(read).isalnum() or folded(read) == ""
    find(text, limit=3)
