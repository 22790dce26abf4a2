"""Duplicates: the planted ones are flagged, and each honest twin passes with its explanation."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.audit.options.patterns import DuplicatesOptions
from arlib.audit.patterns.duplicates import duplicates
from arlib.audit.patterns.twins import number_alike
from arlib.audit.population import Population
from arlib.errors import ParameterError
from arlib.sources.sample import generate
from arlib.tables import Book

DAY = date(2026, 9, 1)
CURRENCY = {"US01": "USD", "UK01": "GBP", "JP01": "JPY"}


def found_in(small, *rows, options: DuplicatesOptions | None = None, **tables):
    return duplicates(
        small("book")(items=rows, **tables), scope=small("scope")(), options=options or DuplicatesOptions()
    )


def invoice(small, name: str, days: int, amount: int = 5_000, **given):
    return small("item")(name, "invoice", "A", amount, DAY + timedelta(days=days), **given)


def test_one_order_billed_twice_is_flagged_and_two_deliveries_of_two_orders_are_not(small):
    twice = found_in(
        small,
        invoice(small, "I-1", 0, purchase_order="PO-7"),
        invoice(small, "I-9", 3, purchase_order="PO-7"),
    )
    assert twice.flagged[["document_no", "other_document_no", "score"]].to_numpy().tolist() == [
        ["I-1", "I-9", 70]
    ]
    other = found_in(small, invoice(small, "I-1", 0, purchase_order="PO-7", delivery_no="D1"),
                     invoice(small, "I-9", 0, purchase_order="PO-8", delivery_no="D2"))  # fmt: skip
    assert other.flagged.empty
    assert "its own number" in other.pairs["explained_by"].item()
    assert all(identity.holds for identity in (*twice.identities, *other.identities))


def test_a_monthly_charge_of_one_order_is_recurring(small):
    rows = [invoice(small, f"I-{n}", day, purchase_order="PO-RENT") for n, day in enumerate((0, 30, 61, 91))]
    found = found_in(small, *rows, options=DuplicatesOptions(within_days=45))
    scope_until_october = found.pairs["document_no"].tolist()
    assert len(scope_until_october) == 1  # the others are after the date
    found = duplicates(
        small("book")(items=rows), scope=small("scope")(as_of=date(2026, 12, 31)), options=DuplicatesOptions()
    )
    assert len(found.pairs) == 3
    assert found.flagged.empty
    assert found.pairs["explained_by"].str.contains("even intervals").all()


def test_what_was_credited_in_full_is_corrected_already(small):
    rows = [invoice(small, "I-1", 0, purchase_order="PO-7"), invoice(small, "I-2", 0, purchase_order="PO-7"),
            small("item")("CM-1", "credit_memo", "A", -5_000, DAY)]  # fmt: skip
    found = found_in(
        small, *rows, applications=[small("apply")("CM-1", "I-2", 5_000, DAY, kind="credit_memo")]
    )
    assert found.flagged.empty
    assert "corrected already" in found.pairs["explained_by"].item()
    assert len(found_in(small, *rows).flagged) == 1


def test_days_apart_count_with_the_last_one_in(small):
    rows = [invoice(small, "I-1", 0, purchase_order="P"), invoice(small, "I-2", 10, purchase_order="P")]
    assert len(found_in(small, *rows, options=DuplicatesOptions(within_days=10)).pairs) == 1
    assert found_in(small, *rows, options=DuplicatesOptions(within_days=9)).pairs.empty


def receipts(
    small, *, lines: tuple[str | None, str | None], texts: tuple[str, str] = ("WIRE-5521", "WIRE-5521")
):
    items = [small("item")(f"RC-{n}", "receipt", "A", -900, DAY, user=f"u{n}") for n in (1, 2)]
    told = [{"receipt_id": f"RC-{n}", "item_id": f"RC-{n}", "customer_id": "A", "effective_date": DAY, "posting_date": DAY,
             "currency": "USD", "amount": 900, "status": "applied", "remittance_text": text}
            for n, text in zip((1, 2), texts, strict=True)]  # fmt: skip
    held = [(n, line) for n, line in zip((1, 2), lines, strict=True) if line]
    bank = [{"bank_line_id": line, "bank_account": "X", "booking_date": DAY, "currency": "USD", "amount": 900, "kind": "receipt"}
            for line in dict.fromkeys(line for _, line in held)]  # fmt: skip
    links = [
        {"receipt_id": f"RC-{n}", "bank_account": "X", "bank_line_id": line, "currency": "USD", "amount": 900}
        for n, line in held
    ]
    return found_in(small, *items, receipts=told, bank_lines=bank, receipt_bank_lines=links)


def test_a_receipt_entered_twice_and_banked_once_is_flagged(small):
    found = receipts(small, lines=("B1", None))
    assert found.flagged["what"].tolist() == ["receipt"]
    assert "the bank has only one of them" in found.flagged["reasons"].item()


def test_two_receipts_that_the_bank_both_has_with_their_own_texts_are_honest(small):
    found = receipts(small, lines=("B1", "B2"), texts=("INV 4711", "INV 4712"))
    assert found.flagged.empty
    assert "the bank has both" in found.pairs["explained_by"].item()


def test_customers_with_one_tax_number_are_one_and_branches_are_not(small):
    customer = small("customer")
    found = found_in(small, customers=[
        customer("A", name="Tidewater Pumps Ltd.", tax_id="GB 123 456"), customer("B", name="TIDEWATER PUMPS LIMITED", tax_id="GB123456"),
        customer("C", name="Linnet", tax_id="GB7", payer_account="X1234567"),
        customer("D", name="Linnet Harbour", tax_id="GB7", payer_account="X1234567", parent_id="C"),
        customer("E", name="株式会社サンプル", tax_id="1"), customer("F", name="=HYPERLINK(\"x\")", tax_id="2"),
    ]).customers  # fmt: skip
    told = found[["customer_id", "other_customer_id", "shared", "is_flagged"]].to_numpy().tolist()
    assert told == [["A", "B", "tax number, name", True], ["C", "D", "tax number, bank account", False]]
    assert "one group" in found["explained_by"].dropna().item()


@pytest.mark.parametrize(("one", "two", "alike"), [
    ("SI-100123", "SI100123", True), ("100123", "0100123", True), ("SI-100123", "SI-100123A", True), ("4712", "4721", False),
    ("INV-1732", "INV-7132", True), ("SI-100123", "SI-100124", False), ("SI-10", "SI-100", False), ("", "", False),
])  # fmt: skip
def test_numbers_alike(one, two, alike):
    assert number_alike(one, two) is alike
    assert number_alike(two, one) is alike


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from([100, 200]), st.sampled_from("AB")),
        min_size=1,
        max_size=12,
    )
)
def test_the_order_of_rows_does_not_matter_and_pairs_are_of_one_customer_and_amount(small, drawn):
    rows = [
        small("item")(f"I{n:02d}", "invoice", code, amount, DAY + timedelta(days=days))
        for n, (days, amount, code) in enumerate(drawn)
    ]
    first, second = found_in(small, *rows).pairs, found_in(small, *rows[::-1]).pairs
    assert first.equals(second)
    held = {row["item_id"]: (row["customer_id"], row["amount"]) for row in rows}
    assert all(held[a] == held[b] for a, b in zip(first["item_id"], first["other_item_id"], strict=True))


def test_the_sample_s_duplicates_are_flagged_and_nothing_honest(small):
    made = generate(seed=7, items=800)
    planted = made.truth[
        made.truth["kind"].isin(["duplicate_invoice", "duplicate_receipt", "duplicate_credit_memo"])
    ]
    for entity, currency in CURRENCY.items():
        found = duplicates(
            Book(made.tables).for_entity(entity),
            scope=small("scope")(entity, currency),
            options=DuplicatesOptions(),
        )
        mine = made.truth[made.truth["entity"].eq(entity)]
        wanted = {frozenset(text.split()) for text in planted.loc[planted["entity"].eq(entity), "documents"]}
        assert {
            frozenset(pair)
            for pair in found.flagged[["document_no", "other_document_no"]].to_numpy().tolist()
        } == wanted
        twice = mine.loc[mine["kind"].eq("duplicate_customer"), "account"].item()
        assert found.customers.loc[found.customers["is_flagged"], "other_customer_id"].tolist() == [twice]
        assert mine.loc[mine["kind"].eq("branch_of_a_group"), "account"].item() in set(
            found.customers["other_customer_id"]
        )
        assert all(identity.holds for identity in found.identities)


def test_population_least_and_missing_kinds(small):
    rows = [invoice(small, "I-1", 0, 500), invoice(small, "I-2", 0, 500), invoice(small, "I-3", 0, 50)]
    found = duplicates(small("book")(items=rows), scope=small("scope")(), options=DuplicatesOptions(least="5.00"),
                       population=Population(customers=("A",)))  # fmt: skip
    assert found.tested == 2
    tests = found.subtests.set_index("test")
    assert tests.loc["refund", "why"] == "test not possible: the books hold no refunds"
    assert duplicates(Book({}), scope=small("scope")(), options=DuplicatesOptions()).pairs.empty
    with pytest.raises(ParameterError, match="within_days"):
        DuplicatesOptions(within_days=-1)
