"""What a matching run is given out of a book: open parts, taken-back corrections, history that asks nothing of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import ParameterError
from arlib.ledger.openitems import open_items
from arlib.matching.from_book import Cash, ledger_links, match_inputs
from arlib.policy import Scope
from arlib.tables import CANONICAL, Book

OCTOBER = Scope(
    entity="E1", entity_name="One", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
    ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31),
)  # fmt: skip


def item(item_id, item_type, day, amount, **more):
    return {"entity": "E1", "item_id": item_id, "item_type": item_type, "document_no": f"D{item_id}", "effective_date": day,
            "currency": "USD", "amount": amount, "customer_id": "C1", **more}  # fmt: skip


def invoice(item_id, day, amount, **more):
    return item(item_id, "invoice", day, amount, **{"due_date": "2026-12-31", **more})


def paid(source, target, day, amount, kind="payment", **more):
    number = f"A{source}-{target}-{day}-{amount}"
    return {"entity": "E1", "application_id": number, "source_item_id": source, "target_item_id": target, "effective_date": day,
            "source_currency": "USD", "source_amount": amount, "target_currency": "USD", "target_amount": amount,
            "kind": kind, "reason": kind, "pairing": "stated", **more}  # fmt: skip


def receipt(number, day, amount, status="applied", **more):
    return {"entity": "E1", "receipt_id": f"R{number}", "item_id": number, "customer_id": "C1", "effective_date": day,
            "currency": "USD", "amount": amount, "status": status, **more}  # fmt: skip


def book(**tables):
    receipts = tables.get("receipts", [])
    cash = [
        item(one["item_id"], "receipt", one["effective_date"], -one["amount"], customer_id=one["customer_id"])
        for one in receipts
        if one["item_id"] and one["item_id"] not in {i["item_id"] for i in tables["items"]}
    ]
    tables = tables | {"items": [*tables["items"], *cash]}
    return Book({name: CANONICAL[name].frame(rows) for name, rows in tables.items()})


def opened(inputs):
    return dict(zip(inputs.items["item_id"], inputs.items["open_amount"].tolist(), strict=True))


def placed(inputs):
    return dict(zip(inputs.receipts["receipt_id"], inputs.receipts["amount"].tolist(), strict=True))


TWO_MONTHS = {
    "items": [
        invoice("1", "2026-08-01", 1000_00), invoice("2", "2026-09-01", 500_00), invoice("3", "2026-10-02", 300_00),
        invoice("4", "2026-11-02", 70_00), item("5", "credit_memo", "2026-09-05", -50_00),
    ],
    "receipts": [
        receipt("91", "2026-09-10", 1000_00), receipt("92", "2026-10-10", 450_00),
        receipt("93", "2026-10-20", 200_00, status="unapplied"), receipt("94", "2026-11-05", 70_00),
    ],
    "applications": [
        paid("91", "1", "2026-09-10", 1000_00), paid("5", "2", "2026-09-06", 50_00, "credit_memo"),
        paid("92", "2", "2026-10-10", 450_00), paid("93", "3", "2026-10-21", 80_00), paid("94", "4", "2026-11-05", 70_00),
    ],
}  # fmt: skip


def test_open_takes_the_open_parts_at_the_as_of_date():
    inputs = match_inputs(book(**TWO_MONTHS), scope=OCTOBER)
    assert opened(inputs) == {"3": 220_00}
    assert placed(inputs) == {"R93": 120_00}


def test_open_learns_from_receipts_applied_whole_and_from_no_other():
    inputs = match_inputs(book(**TWO_MONTHS), scope=OCTOBER)
    links = inputs.confirmed[["receipt_id", "item_id", "currency", "applied_amount"]].to_numpy().tolist()
    assert links == [["R91", "1", "USD", 1000_00], ["R92", "2", "USD", 450_00]]
    before = dict(
        zip(inputs.confirmed_items["item_id"], inputs.confirmed_items["open_amount"].tolist(), strict=True)
    )
    assert before == {"1": 1000_00, "2": 450_00, "3": 300_00}
    assert inputs.confirmed_receipts["receipt_id"].tolist() == ["R91", "R92"]


def test_period_gives_its_receipts_in_full_and_what_they_settled_and_learns_from_before_only():
    inputs = match_inputs(book(**TWO_MONTHS), scope=OCTOBER, receipts="period")
    assert placed(inputs) == {"R92": 450_00, "R93": 200_00}
    assert opened(inputs) == {"2": 450_00, "3": 300_00}
    assert inputs.confirmed["receipt_id"].tolist() == ["R91"]
    done = ledger_links(book(**TWO_MONTHS), scope=OCTOBER)
    assert done[["receipt_id", "item_id", "applied_amount"]].to_numpy().tolist() == [
        ["R92", "2", 450_00],
        ["R93", "3", 80_00],
    ]


def test_all_is_every_receipt_up_to_the_date_after_credit_memos_and_learns_nothing():
    inputs = match_inputs(book(**TWO_MONTHS), scope=OCTOBER, receipts=Cash.ALL)
    assert placed(inputs) == {"R91": 1000_00, "R92": 450_00, "R93": 200_00}
    assert opened(inputs) == {"1": 1000_00, "2": 450_00, "3": 300_00}
    assert inputs.confirmed is None


def test_a_discount_comes_back_with_its_payment():
    tables = {
        "items": [invoice("1", "2026-09-01", 1000_00)],
        "receipts": [receipt("91", "2026-10-05", 980_00)],
        "applications": [paid("91", "1", "2026-10-05", 980_00, discount=20_00)],
    }
    assert opened(match_inputs(book(**tables), scope=OCTOBER)) == {}
    assert opened(match_inputs(book(**tables), scope=OCTOBER, receipts="all")) == {"1": 1000_00}


def test_what_corrected_a_short_payment_is_taken_back_with_it_and_what_came_before_is_not():
    tables = {
        "items": [
            invoice("1", "2026-08-01", 1000_00), item("6", "credit_memo", "2026-08-10", -100_00),
            item("7", "transfer", "2026-10-09", -40_00), item("8", "chargeback", "2026-10-09", 40_00, replaces="1"),
        ],
        "receipts": [receipt("91", "2026-10-05", 860_00)],
        "applications": [
            paid("6", "1", "2026-08-10", 100_00, "credit_memo"), paid("91", "1", "2026-10-05", 860_00),
            paid("7", "1", "2026-10-09", 40_00, "debit_to_debit"),
        ],
    }  # fmt: skip
    assert opened(match_inputs(book(**tables), scope=OCTOBER)) == {"8": 40_00}
    assert opened(match_inputs(book(**tables), scope=OCTOBER, receipts="all")) == {"1": 900_00}


def test_a_written_off_item_is_offered_with_what_has_not_come_back():
    written = {"entity": "E1", "item_id": "1", "customer_id": "C1", "written_off_on": "2026-07-31", "currency": "USD",
               "amount": 900_00, "reason": "uncollectable"}  # fmt: skip
    tables = {
        "items": [
            invoice("1", "2026-01-01", 1000_00), item("7", "write_off", "2026-07-31", -900_00),
            item("8", "recovery", "2026-09-07", 300_00, replaces="1"),
        ],
        "receipts": [receipt("90", "2026-02-01", 100_00), receipt("91", "2026-09-07", 300_00)],
        "applications": [
            paid("90", "1", "2026-02-01", 100_00), paid("7", "1", "2026-07-31", 900_00, "write_off"),
            paid("91", "8", "2026-09-07", 300_00),
        ],
        "written_off": [written],
    }  # fmt: skip
    inputs = match_inputs(book(**tables), scope=OCTOBER)
    assert opened(inputs) == {"1": 600_00}
    assert inputs.items["is_written_off"].tolist() == [True]
    assert inputs.confirmed[["receipt_id", "item_id"]].to_numpy().tolist() == [["R90", "1"], ["R91", "1"]]
    assert opened(match_inputs(book(**tables), scope=replace(OCTOBER, as_of=date(2026, 7, 30)))) == {
        "1": 900_00
    }
    september = replace(
        OCTOBER, starts_on=date(2026, 9, 1), ends_on=date(2026, 9, 30), as_of=date(2026, 9, 30)
    )
    assert opened(match_inputs(book(**tables), scope=september, receipts="period")) == {"1": 900_00}


def test_cash_prepayments_and_refunds_are_no_items_and_on_account_stays():
    tables = {
        "items": [
            item("91", "receipt", "2026-10-05", -10_00), item("92", "prepayment", "2026-10-05", -20_00),
            item("93", "refund", "2026-10-06", 30_00), item("94", "credit_memo", "2026-10-06", -40_00),
        ],
        "receipts": [receipt("91", "2026-10-05", 10_00, status="on_account"), receipt("92", "2026-10-05", 20_00, status="on_account")],
    }  # fmt: skip
    inputs = match_inputs(book(**tables), scope=OCTOBER)
    assert opened(inputs) == {"94": -40_00}
    assert placed(inputs) == {}


def test_disputes_count_while_they_stand_and_terms_come_from_the_customer_then():
    dispute = {"entity": "E1", "customer_id": "C1", "currency": "USD", "amount": 1_00, "reason": "price"}
    tables = {
        "items": [invoice(n, "2026-09-01", 100_00) for n in "123"],
        "receipts": [],
        "customers": [{"entity": "", "customer_id": "C1", "terms": "net 60"}],
        "customer_history": [
            {
                "entity": "",
                "customer_id": "C1",
                "attribute": "terms",
                "value": "net 30",
                "valid_from": "2020-01-01",
            },
            {
                "entity": "",
                "customer_id": "C1",
                "attribute": "terms",
                "value": "net 60",
                "valid_from": "2026-11-01",
            },
        ],
        "disputes": [
            {**dispute, "dispute_id": "1", "item_id": "1", "opened_on": "2026-10-31"},
            {**dispute, "dispute_id": "2", "item_id": "2", "opened_on": "2026-11-01"},
            {
                **dispute,
                "dispute_id": "3",
                "item_id": "3",
                "opened_on": "2026-09-01",
                "closed_on": "2026-10-31",
            },
        ],
    }
    items = match_inputs(book(**tables), scope=OCTOBER).items
    assert dict(zip(items["item_id"], items["is_disputed"].tolist(), strict=True)) == {
        "1": True,
        "2": False,
        "3": False,
    }
    assert set(items["terms"]) == {"net 30"}


def test_a_reversed_application_leaves_no_link_and_a_returned_receipt_teaches_nothing():
    tables = {
        "items": [invoice("1", "2026-08-01", 100_00), item("92", "receipt", "2026-09-20", 100_00, reverses="91")],
        "receipts": [receipt("91", "2026-09-10", 100_00, status="reversed"),
                     receipt("92", "2026-09-20", -100_00, status="reversed", return_of="R91", return_code="R01")],
        "applications": [
            paid("91", "1", "2026-09-10", 100_00), paid("91", "1", "2026-09-20", -100_00, reverses="x"),
            paid("91", "92", "2026-09-20", 100_00, "return"),
        ],
    }  # fmt: skip
    inputs = match_inputs(book(**tables), scope=OCTOBER)
    assert opened(inputs) == {"1": 100_00}
    assert placed(inputs) == {}
    assert inputs.confirmed is None
    again = match_inputs(book(**tables), scope=OCTOBER, receipts="all")
    assert placed(again) == {"R91": 100_00, "R92": -100_00}


def test_bank_lines_are_the_receipts_of_a_book_that_has_posted_none():
    line = {
        "entity": "E1",
        "bank_account": "B1",
        "booking_date": "2026-10-05",
        "currency": "USD",
        "amount": 5_00,
    }
    lines = [
        {**line, "bank_line_id": "1", "kind": "receipt"}, {**line, "bank_line_id": "1", "bank_account": "B2", "kind": "receipt"},
        {**line, "bank_line_id": "2", "kind": "bank_fee", "amount": -1_00},
        {**line, "bank_line_id": "3", "kind": "return", "amount": -5_00, "value_date": "2026-10-06"},
        {**line, "bank_line_id": "4", "kind": "receipt", "is_receivable": False},
    ]  # fmt: skip
    made = book(items=[invoice("1", "2026-08-01", 5_00)], bank_lines=lines)
    inputs = match_inputs(made, scope=OCTOBER)
    assert placed(inputs) == {"B1/1": 5_00, "B2/1": 5_00, "3": -5_00}
    assert inputs.receipts["value_date"].max() == pd.Timestamp("2026-10-06")


def test_advices_are_numbered_for_each_receipt_that_is_there():
    advice = {"entity": "E1", "currency": "USD"}
    tables = TWO_MONTHS | {"remittances": [
        {**advice, "remittance_id": "b", "receipt_id": "R93", "reference": "second"},
        {**advice, "remittance_id": "a", "receipt_id": "R93", "reference": "first"},
        {**advice, "remittance_id": "c", "receipt_id": "R91", "reference": "of history"},
        {**advice, "remittance_id": "d", "receipt_id": "R94", "reference": "later"},
    ]}  # fmt: skip
    rows = match_inputs(book(**tables), scope=OCTOBER).advices
    found = rows[["receipt_id", "line_no", "reference"]].to_numpy().tolist()
    assert found == [["R91", 1, "of history"], ["R93", 1, "first"], ["R93", 2, "second"]]


def test_an_item_in_instalments_is_offered_once_with_its_first_open_due_date():
    parts = [{"entity": "E1", "item_id": "1", "instalment_no": n, "due_date": f"2026-{n + 8:02}-15", "currency": "USD",
              "amount": 50_00} for n in (1, 2)]  # fmt: skip
    tables = {
        "items": [invoice("1", "2026-08-01", 100_00)],
        "instalments": parts,
        "receipts": [receipt("91", "2026-09-15", 50_00)],
        "applications": [paid("91", "1", "2026-09-15", 50_00)],
    }
    items = match_inputs(book(**tables), scope=OCTOBER).items
    assert items[["item_id", "open_amount", "due_date"]].to_numpy().tolist() == [
        ["1", 50_00, pd.Timestamp("2026-10-15")]
    ]


def test_several_entities_stay_apart_under_one_id_and_a_snapshot_answers_its_day_only():
    other = invoice("1", "2026-08-01", 7_00) | {"entity": "E2"}
    both = book(items=[invoice("1", "2026-08-01", 5_00), other], receipts=[])
    found = match_inputs(both, scope=replace(OCTOBER, entity="")).items
    assert found[["entity", "open_amount"]].to_numpy().tolist() == [["E1", 5_00], ["E2", 7_00]]
    frozen = replace(both, features=frozenset(["snapshot"]), snapshot_date="2026-10-30")
    with pytest.raises(ParameterError, match="snapshot"):
        match_inputs(frozen, scope=OCTOBER)


@st.composite
def ledgers(draw):
    """A ledger of payments, whole and in part, that all stand."""
    amounts = draw(st.lists(st.integers(1, 500), min_size=1, max_size=6))
    left = list(amounts)
    receipts, applications = [], []
    for number in range(draw(st.integers(0, 5))):
        day = f"2026-{draw(st.integers(8, 11)):02}-{draw(st.integers(1, 28)):02}"
        rest = amount = draw(st.integers(1, 600))
        receipts.append(receipt(f"9{number}", day, amount, status="unapplied"))
        for target in draw(st.lists(st.integers(0, len(left) - 1), unique=True, max_size=3)):
            part = min(rest, left[target], draw(st.integers(0, 600)))
            if part:
                applications.append(paid(f"9{number}", str(target), day, part))
                left[target], rest = left[target] - part, rest - part
    return {"items": [invoice(str(n), "2026-07-01", amount) for n, amount in enumerate(amounts)], "receipts": receipts,
            "applications": applications}  # fmt: skip


@settings(max_examples=40)
@given(ledgers(), st.sampled_from(["open", "period", "all"]), st.randoms(use_true_random=False))
def test_money_is_that_of_the_ledger_and_the_order_of_rows_says_nothing(tables, cash, random):
    """Items less receipts is the same net in every mode: open items of the ledger, by its own module."""
    inputs = match_inputs(book(**tables), scope=OCTOBER, receipts=cash)
    ledger = open_items(book(**tables), scope=OCTOBER)
    net = int(inputs.items["open_amount"].sum()) - int(inputs.receipts["amount"].sum())
    if cash == "period":
        early = ledger["item_type"].eq("receipt") & (ledger["document_date"] < pd.Timestamp("2026-10-01"))
        ledger = ledger[~early]
    assert net == int(ledger["outstanding"].sum())
    assert (inputs.items["open_amount"] > 0).all()
    for rows in tables.values():
        random.shuffle(rows)
    again = match_inputs(book(**tables), scope=OCTOBER, receipts=cash)
    for name in ("items", "receipts", "confirmed", "confirmed_items"):
        first, second = getattr(inputs, name), getattr(again, name)
        assert (first is None) == (second is None)
        if first is not None:
            key = [column for column in ("receipt_id", "item_id") if column in first.columns]
            pd.testing.assert_frame_equal(*(f.sort_values(key, ignore_index=True) for f in (first, second)))
