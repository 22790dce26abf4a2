"""One customer's book: every table narrowed, nothing lost, nothing of another customer's sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import ParameterError
from arlib.ledger.by_customer import CustomerBook, CustomerIndex, own_items, own_rows
from arlib.ledger.openitems import open_items
from arlib.policy import Scope
from arlib.sources.sample import generate
from arlib.tables import CANONICAL, Book

DAYS = {"US01": date(2026, 10, 31), "JP01": date(2026, 5, 17)}
NAMING = (
    "customer_id",
    "old_customer_id",
    "new_customer_id",
    "item_id",
    "source_item_id",
    "receipt_id",
    "plan_id",
)


@pytest.fixture(scope="module")
def whole() -> Book:
    return Book(generate(seed=7, items=800).tables)


def scope_of(book: Book, entity: str, as_of: date) -> Scope:
    told = book["entities"].set_index("entity").loc[entity]
    return Scope(
        entity=entity,
        entity_name="Example",
        functional_currency=told["functional_currency"],
        period="2026-10",
        starts_on=date(2026, 10, 1),
        ends_on=date(2026, 10, 31),
        as_of=as_of,
    )


def codes_of(rows: pd.DataFrame, customer_id: str) -> pd.DataFrame:
    return rows[rows["customer_id"].fillna("").eq(customer_id)].reset_index(drop=True)


@pytest.mark.parametrize("entity", DAYS)
def test_open_items_of_each_customer_are_those_of_the_whole_book(whole: Book, entity: str) -> None:
    book, day = whole.for_entity(entity), DAYS[entity]
    index = CustomerIndex.of(book)
    expected = open_items(book, scope=scope_of(book, entity, day))
    merged = set(book["customer_merges"]["old_customer_id"])
    for code in ("", *index.customer_ids[::2]):
        if code not in merged:  # its items go by the new code
            found = open_items(index.book_of(code), scope=scope_of(book, entity, day))
            pd.testing.assert_frame_equal(codes_of(found, code), codes_of(expected, code))


@pytest.mark.parametrize("entity", ["US01", "JP01"])
def test_every_row_is_somebodys(whole: Book, entity: str) -> None:
    book = whole.for_entity(entity)
    index = CustomerIndex.of(book)
    parts = [index.book_of(code) for code in (*index.customer_ids, "")]
    for name, frame in book.tables.items():
        if not set(NAMING) & set(frame.columns) and not name.startswith("bank_line"):
            assert all(part[name] is parts[0][name] for part in parts), f"{name} is whole"
            continue
        key = list(CANONICAL[name].key)
        got = pd.concat([part[name] for part in parts]).drop_duplicates(key).sort_values(key)
        pd.testing.assert_frame_equal(
            got.reset_index(drop=True), frame.sort_values(key).reset_index(drop=True), obj=name
        )


def test_own_rows_are_each_in_one_book(whole: Book) -> None:
    book = whole.for_entity("US01")
    index = CustomerIndex.of(book)
    old = set(book["customer_merges"]["old_customer_id"])  # stands in the book of the new code too
    parts = [index.book_of(code) for code in (*index.customer_ids, "") if code not in old]
    assert sum(int(own_items(part).sum()) for part in parts) == len(book["items"])
    assert sum(len(own_rows(part, part["receipts"])) for part in parts) <= len(book["receipts"])


def test_a_parents_cash_is_in_the_childs_book_and_not_its_own(ledger: Callable[..., Book]) -> None:
    book = ledger("""
        item   INV-1 invoice CHILD 2026-01-01 100.00
        item   INV-2 invoice PARENT 2026-01-01 70.00
        item   R-1 receipt PARENT 2026-02-03 -170.00
        apply  A-1 R-1 INV-1 2026-02-03 100.00
        apply  A-2 R-1 INV-2 2026-02-03 70.00
        item   INV-3 invoice OTHER 2026-01-01 5.00
    """)
    index = CustomerIndex.of(book)
    child = index.book_of("CHILD")
    assert child["items"]["item_id"].tolist() == ["INV-1", "R-1"]
    assert child["applications"]["application_id"].tolist() == ["A-1"]
    assert own_items(child).tolist() == [True, False]
    assert own_rows(child, child["items"])["item_id"].tolist() == ["INV-1"]
    parent = index.book_of("PARENT")
    assert parent["items"]["item_id"].tolist() == ["INV-1", "INV-2", "R-1"]
    assert parent["applications"]["application_id"].tolist() == ["A-1", "A-2"]
    assert index.book_of("OTHER")["items"]["item_id"].tolist() == ["INV-3"]


def test_merged_accounts_go_with_the_new_code(ledger: Callable[..., Book]) -> None:
    book = ledger("""
        item   I-1 invoice A 2026-01-01 1.00
        item   I-2 invoice B 2026-01-01 2.00
        item   I-3 invoice C 2026-01-01 4.00
        item   I-4 invoice D 2026-01-01 8.00
        merge  A B 2026-02-01
        merge  B C 2026-03-01
    """)
    index = CustomerIndex.of(book)
    assert index.book_of("C").codes == {"A", "B", "C"}
    assert index.book_of("C")["items"]["item_id"].tolist() == ["I-1", "I-2", "I-3"]
    assert index.book_of("B")["items"]["item_id"].tolist() == ["I-1", "I-2"]
    assert index.book_of("A")["items"]["item_id"].tolist() == ["I-1"]
    assert len(index.book_of("C")["customer_merges"]) == 2
    assert len(index.book_of("D")["customer_merges"]) == 0


def test_cash_of_nobody_has_a_book_of_its_own(ledger: Callable[..., Book]) -> None:
    book = ledger("""
        item   R-1 receipt X 2026-02-03 -9.00
        item   I-1 invoice A 2026-01-01 9.00
        apply  A-1 R-1 I-1 2026-02-03 4.00
    """)
    items = book["items"].assign(
        customer_id=book["items"]["customer_id"].mask(book["items"]["item_id"].eq("R-1"))
    )
    nobody = CustomerIndex.of(replace(book, tables={**book.tables, "items": items}))
    assert nobody.book_of("")["items"]["item_id"].tolist() == ["R-1", "I-1"]
    assert own_items(nobody.book_of("")).tolist() == [True, False]
    assert own_items(nobody.book_of("A")).tolist() == [False, True]
    assert nobody.customer_of_item("R-1") == ""
    assert nobody.customer_of_item("I-1") == "A"


def test_bank_lines_and_advices_follow_their_receipt() -> None:
    def rows(name: str, *given: dict[str, object]) -> pd.DataFrame:
        return CANONICAL[name].from_rows(
            {"entity": "E1", "bank_account": "M", "currency": "USD", **row} for row in given
        )

    tables = {
        "items": rows("items", *({"item_id": f"R{n}", "customer_id": code, "item_type": "receipt", "amount": -1}
                                 for n, code in enumerate("AB"))),
        "receipts": rows("receipts", *({"receipt_id": f"P{n}", "item_id": f"R{n}", "amount": 1} for n in (0, 1))),
        "receipt_bank_lines": rows("receipt_bank_lines", *({"receipt_id": f"P{n}", "bank_line_id": f"L{n}", "amount": 1}
                                                           for n in (0, 1))),
        "bank_lines": rows("bank_lines", {"bank_line_id": "L0"}, {"bank_line_id": "L1"},
                           {"bank_line_id": "L2", "return_of": "L0"}, {"bank_line_id": "L3"}),
        "bank_line_details": rows("bank_line_details", {"bank_line_id": "L1", "detail_no": 1}),
        "remittances": rows("remittances", {"remittance_id": "X", "receipt_id": "P0", "bank_account": None},
                            {"remittance_id": "Y", "bank_line_id": "L1"}),
    }  # fmt: skip
    index = CustomerIndex.of(Book(tables))
    a, b, nobody = index.book_of("A"), index.book_of("B"), index.book_of("")
    assert a["bank_lines"]["bank_line_id"].tolist() == ["L0", "L2"]
    assert b["bank_lines"]["bank_line_id"].tolist() == ["L1"]
    assert nobody["bank_lines"]["bank_line_id"].tolist() == ["L3"]
    assert (len(a["bank_line_details"]), len(b["bank_line_details"])) == (0, 1)
    assert (a["remittances"]["remittance_id"].tolist(), b["remittances"]["remittance_id"].tolist()) == (
        ["X"],
        ["Y"],
    )
    assert index.customer_of_receipt("P1") == "B"
    with pytest.raises(ParameterError, match="no such receipt"):
        index.customer_of_receipt("P9")


def test_a_changed_table_is_taken_in_alone(ledger: Callable[..., Book]) -> None:
    index = CustomerIndex.of(
        ledger("item INV-1 invoice A 2026-01-01 1.00\nitem INV-2 invoice B 2026-01-01 1.00")
    )
    disputes = CANONICAL["disputes"].from_rows(
        [
            {"entity": "E1", "dispute_id": "D1", "customer_id": "A", "currency": "USD", "amount": 1, "reason": "price"},
            {"entity": "E1", "dispute_id": "D2", "customer_id": "GONE", "item_id": "INV-2", "currency": "USD", "amount": 1},
            {"entity": "E1", "dispute_id": "D3", "customer_id": "GONE", "currency": "USD", "amount": 1},
        ]
    )  # fmt: skip
    made = index.with_tables({"disputes": disputes})
    assert made.book_of("A")["disputes"]["dispute_id"].tolist() == ["D1"]
    assert made.book_of("B")["disputes"]["dispute_id"].tolist() == ["D2"]
    assert made.book_of("")["disputes"]["dispute_id"].tolist() == ["D3"]
    assert not index.book_of("A").has("disputes")
    items = made.with_tables({"items": index.book["items"].iloc[:1]})
    assert items.customer_ids == ("A", "GONE")


def test_what_is_not_there_is_told(ledger: Callable[..., Book]) -> None:
    index = CustomerIndex.of(ledger("item INV-1 invoice ACME 2026-01-01 1.00"))
    with pytest.raises(ParameterError, match="ACME"):
        index.book_of("ACMEE")
    with pytest.raises(ParameterError, match="no such item"):
        index.customer_of_item("X" * 10_000)
    two = ledger("item INV-1 invoice ACME 2026-01-01 1.00")
    items = pd.concat([two["items"], two["items"].assign(entity="E2")], ignore_index=True)
    with pytest.raises(ParameterError, match="one entity"):
        CustomerIndex.of(Book({"items": items}))
    nothing = CustomerIndex.of(Book({}))
    assert nothing.customer_ids == ()
    assert isinstance(nothing.book_of(""), CustomerBook)
    plain = ledger("item INV-1 invoice ACME 2026-01-01 1.00")
    assert own_items(plain).tolist() == [True]
    assert len(own_rows(plain, plain["items"])) == 1


CUSTOMER = st.sampled_from(["A", "B", "C", "D", ""])


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Random ledgers in which any customer's credit may settle any customer's debit, with mergers."""
    count = draw(st.integers(2, 12))
    items = [
        {"entity": "E1", "item_id": f"I{n}", "document_no": f"I{n}", "currency": "USD", "customer_id": draw(CUSTOMER) or None,
         "item_type": "invoice" if n % 2 else "receipt", "amount": 1000 if n % 2 else -1000,
         "effective_date": date(2026, 1, 1 + n), "reverses": draw(st.sampled_from([None, None, "I0", "I2"])) if n > 2 else None,
         "replaces": draw(st.sampled_from([None, None, "I1"])) if n > 1 else None}
        for n in range(count)
    ]  # fmt: skip
    applications = [
        {"entity": "E1", "application_id": f"A{n}", "source_item_id": f"I{2 * draw(st.integers(0, (count - 1) // 2))}",
         "target_item_id": f"I{1 + 2 * draw(st.integers(0, count // 2 - 1))}", "effective_date": date(2026, 2, 1 + n),
         "source_currency": "USD", "target_currency": "USD", "source_amount": 7 + n, "target_amount": 7 + n,
         "kind": "payment", "reason": "cash", "pairing": "stated"}
        for n in range(draw(st.integers(0, 8)))
    ]  # fmt: skip
    tables = {"items": items, "applications": applications}
    if draw(st.booleans()):
        tables["customer_merges"] = [
            {"entity": "E1", "old_customer_id": "A", "new_customer_id": "B", "merged_on": date(2026, 2, 3)}
        ]
    return Book({name: CANONICAL[name].from_rows(rows) for name, rows in tables.items()})


@settings(max_examples=25)
@given(books(), st.integers(1, 28))
def test_any_ledger_narrowed_says_what_the_whole_says(book: Book, day: int) -> None:
    scope = Scope(
        entity="E1", entity_name="Example", functional_currency="USD", period="2026-02",
        starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 28), as_of=date(2026, 2, day),
    )  # fmt: skip
    index = CustomerIndex.of(book)
    whole = open_items(book, scope=scope)
    is_merged = bool(len(book["customer_merges"])) and day >= 3
    for code in (*index.customer_ids, ""):
        if code == "A" and is_merged:
            continue
        found = codes_of(open_items(index.book_of(code), scope=scope), code)
        pd.testing.assert_frame_equal(found, codes_of(whole, code))
    own = [int(own_items(index.book_of(code)).sum()) for code in (*index.customer_ids, "")
           if not (code == "A" and len(book["customer_merges"]))]  # fmt: skip
    assert sum(own) == len(book["items"])
