"""Open items, history and receipts of one customer: figures worked out by hand, and ties to the aging."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from arlib.collect.customer import account_of, history_of, open_items_identities, open_items_of, receipts_of
from arlib.errors import ParameterError
from arlib.ledger.openitems import open_items
from arlib.policy import Policies

POLICIES = Policies()


def rows(frame, *columns):
    """The rows as plain tuples, days as text."""
    shown = frame.loc[:, list(columns)].astype("object")
    return [
        tuple(str(value.date()) if hasattr(value, "date") else value for value in row)
        for row in shown.where(shown.notna(), None).itertuples(index=False, name=None)
    ]


@pytest.fixture(scope="module")
def acme(make):
    """Five invoices of C1: one late, one not due, one without a date, one in parts, one settled; and its cash."""
    k = make
    dated = {"effective_date": "2026-08-02", "document_date": "2026-08-02"}
    return {
        "items": [
            k.invoice("LATE", 100_00, "2026-09-30", purchase_order="PO-7"), k.invoice("SOON", 50_00, "2026-11-15"),
            k.invoice("UNDATED", 5_00, None), k.invoice("PARTS", 90_00, "2026-12-31") | dated,
            k.invoice("DONE", 80_00, "2026-08-31"),
            k.invoice("CM", -7_00, None, item_type="credit_memo"), k.cash("R1", 78_00, "2026-09-10"),
            k.cash("R2", 60_00, "2026-10-05"), k.invoice("OTHER", 12_00, "2026-10-01", "C2"),
        ],
        "applications": [
            k.applied("R1", "DONE", 78_00, "2026-09-12", discount=2_00), k.applied("R2", "PARTS", 40_00, "2026-10-06"),
            k.applied("R2", "OTHER", 12_00, "2026-10-07"),
        ],
        "instalments": [
            {"item_id": "PARTS", "instalment_no": n, "due_date": day, "currency": "USD", "amount": 30_00}
            for n, day in ((1, "2026-08-31"), (2, "2026-10-20"), (3, "2026-12-31"))
        ],
        "customers": [k.customer("C1"), k.customer("C2")],
        "receipts": [
            {"receipt_id": "RC1", "item_id": "R1", "customer_id": "C1", "effective_date": "2026-09-10", "currency": "USD",
             "amount": 78_00, "status": "applied", "payer_name": "=cmd|'/c calc'!A1", "remittance_text": "<img src=x onerror=alert(1)>"},
            {"receipt_id": "RC2", "item_id": "R2", "customer_id": "C1", "effective_date": "2026-10-05", "currency": "USD",
             "amount": 60_00, "status": "applied", "reference": "RF18"},
            {"receipt_id": "RC3", "customer_id": "C1", "effective_date": "2026-10-20", "currency": "USD", "amount": 9_00,
             "status": "unapplied"},
        ],
        "disputes": [
            {"dispute_id": "D1", "customer_id": "C1", "item_id": "LATE", "currency": "USD", "amount": 30_00,
             "opened_on": "2026-10-10", "reason": "short_shipped", "owner": "dana"},
            {"dispute_id": "D2", "customer_id": "C1", "item_id": "SOON", "currency": "USD", "amount": 10_00,
             "opened_on": "2026-10-10", "closed_on": "2026-10-31", "reason": "price"},
        ],
        "promises": [
            {"promise_id": "P1", "customer_id": "C1", "item_id": "LATE", "currency": "USD", "amount": 70_00,
             "promised_on": "2026-10-28", "pay_by": "2026-11-05"},
        ],
        "portal_invoices": [
            {"item_id": "SOON", "portal": "Gate", "status": "submitted", "status_on": "2026-10-16"},
            {"item_id": "SOON", "portal": "Gate", "status": "rejected", "status_on": "2026-10-20", "reason": "no order"},
            {"item_id": "SOON", "portal": "Gate", "status": "approved", "status_on": "2026-11-02"},
        ],
    }  # fmt: skip


def test_open_items_come_oldest_due_first_and_cash_last(make, acme):
    found = open_items_of(make.book_of(**acme), scope=make.scope_of(), policies=POLICIES, customer_id="C1")

    # R2 brought 60, 40 of it paid part 1 (30) and 10 of part 2, 12 went to another customer: 8 are left
    assert rows(found, "document_no", "due_date", "days_past_due", "bucket", "outstanding", "disputed") == [
        ("D-LATE", "2026-09-30", 31, "31-60", 100_00, 30_00),
        ("D-PARTS", "2026-10-20", 11, "1-30", 20_00, 0),
        ("D-SOON", "2026-11-15", -15, "current", 50_00, 0),
        ("D-PARTS", "2026-12-31", -61, "current", 30_00, 0),
        ("D-UNDATED", None, None, "no_due_date", 5_00, 0),
        ("D-CM", None, 303, "credit", -7_00, 0),
        ("D-R2", None, 26, "unapplied", -8_00, 0),
    ]
    assert found["rank"].tolist() == list(range(1, 8))
    assert found["purchase_order"].tolist()[:2] == ["PO-7", ""]
    notes = dict(zip(found["item_id"], found["note"], strict=True))  # of parts the last
    assert notes["LATE"] == (
        "dispute D1 since 2026-10-10 (short shipped, USD 30.00, dana); promised USD 70.00 by 2026-11-05"
    )
    assert notes["SOON"] == "rejected in portal Gate on 2026-10-20: no order", "not the status of later"
    assert notes["PARTS"] == "part 3"


def test_a_dispute_stands_on_what_carries_its_item_on(make):
    k = make
    tables = {
        "items": [
            k.invoice("OLD", 100_00, "2026-09-30"), k.cash("R1", 60_00, "2026-10-01"),
            k.invoice("CB", 40_00, "2026-10-15", item_type="chargeback", replaces="OLD"),
            k.invoice("T", -40_00, None, item_type="transfer"),
        ],
        "applications": [k.applied("R1", "OLD", 60_00, "2026-10-01"), k.applied("T", "OLD", 40_00, "2026-10-01")],
        "disputes": [{"dispute_id": "D1", "customer_id": "C1", "item_id": "OLD", "currency": "USD", "amount": 55_00,
                      "opened_on": "2026-10-02", "reason": "price"}],
    }  # fmt: skip
    found = open_items_of(k.book_of(**tables), scope=k.scope_of(), policies=POLICIES, customer_id="C1")

    assert rows(found, "document_no", "outstanding", "disputed") == [("D-CB", 40_00, 40_00)]
    assert "dispute D1" in found["note"].iloc[0]


def test_history_says_when_and_how_and_how_late(make, acme):
    found = history_of(make.book_of(**acme), scope=make.scope_of(), policies=POLICIES, customer_id="C1")

    # the cash came in on the 10th, 10 days after the due date; it was applied on the 12th
    assert rows(found, "document_no", "settled_on", "days_late", "amount", "paid", "discount", "other") == [
        ("D-DONE", "2026-09-12", 10, 80_00, 78_00, 2_00, 0),
    ]
    assert found["how"].tolist() == ["receipt D-R1 of 2026-09-10: USD 78.00, discount USD 2.00"]


def test_history_is_of_the_day_asked_for(make, acme):
    book = make.book_of(**acme)

    assert history_of(book, scope=make.scope_of(date(2026, 9, 11)), policies=POLICIES, customer_id="C1").empty
    assert (
        len(history_of(book, scope=make.scope_of(date(2026, 9, 12)), policies=POLICIES, customer_id="C1"))
        == 1
    )


def test_a_debt_that_was_credited_or_written_off_was_not_paid_late(make):
    k = make
    tables = {
        "items": [
            k.invoice("I1", 100_00, "2026-08-31"), k.invoice("CM", -90_00, None, item_type="credit_memo"),
            k.invoice("WO", -10_00, None, item_type="write_off"), k.invoice("I2", 20_00, "2026-08-31"),
            k.cash("R1", 20_00, "2026-08-20"),
        ],
        "applications": [
            k.applied("CM", "I1", 90_00, "2026-09-15", kind="credit_memo"), k.applied("WO", "I1", 10_00, "2026-10-01"),
            k.applied("R1", "I2", 20_00, "2026-08-20"), k.applied("R1", "I1", 5_00, "2026-08-21"),
            k.applied("R1", "I1", -5_00, "2026-08-22", application_id="back", reverses="A-R1-I1"),
        ],
    }  # fmt: skip
    found = history_of(k.book_of(**tables), scope=k.scope_of(), policies=POLICIES, customer_id="C1")

    assert rows(found, "document_no", "settled_on", "days_late", "amount", "paid", "other") == [
        ("D-I1", "2026-10-01", None, 100_00, 0, 100_00),
        ("D-WO", "2026-10-01", None, -10_00, 0, -10_00),
        ("D-CM", "2026-09-15", None, -90_00, 0, -90_00),
        ("D-I2", "2026-08-20", -11, 20_00, 20_00, 0),
    ]
    how = found["how"].tolist()
    assert "receipt" not in how[0], "what was reversed settled nothing"
    assert how[0] == "credit memo D-CM of 2026-01-01: USD 90.00; write off D-WO of 2026-01-01: USD 10.00"
    assert how[1] == "invoice D-I1 of 2026-08-01: USD 10.00"


def test_receipts_say_what_is_open_and_what_they_paid(make, acme):
    found = receipts_of(make.book_of(**acme), scope=make.scope_of(), policies=POLICIES, customer_id="C1")

    assert rows(found, "receipt_id", "received_on", "status", "amount", "open_amount") == [
        ("RC3", "2026-10-20", "not_posted", 9_00, None),
        ("RC2", "2026-10-05", "applied_in_part", 60_00, 8_00),
        ("RC1", "2026-09-10", "applied", 78_00, 0),
    ]
    assert found["paid"].tolist()[1:] == [
        "invoice D-PARTS of 2026-08-02: USD 40.00; invoice D-OTHER of 2026-09-01: USD 12.00",
        "invoice D-DONE of 2026-08-01: USD 78.00",
    ]
    assert found["payer_name"].tolist()[2] == "=cmd|'/c calc'!A1", "text stays text"
    assert found["remittance_text"].tolist()[2] == "<img src=x onerror=alert(1)>"


def test_cash_of_another_account_shows_with_what_it_paid_here(make, acme):
    found = receipts_of(make.book_of(**acme), scope=make.scope_of(), policies=POLICIES, customer_id="C2")

    assert rows(found, "receipt_id", "status", "open_amount", "paid", "note") == [
        ("RC2", "of_others", None, "invoice D-OTHER of 2026-09-01: USD 12.00", "cash of customer C1"),
    ]


def test_a_returned_receipt_and_one_on_account(make):
    k = make
    tables = {
        "items": [
            k.cash("R1", 10_00, "2026-10-01"), k.cash("R2", -10_00, "2026-10-08", reverses="R1"),
            k.cash("R3", 4_00, "2026-10-09", cash_status="on_account"), k.cash("R4", 3_00, "2026-10-10"),
        ],
        "applications": [k.applied("R1", "R2", 10_00, "2026-10-08", kind="return")],
        "receipts": [{"receipt_id": "RC2", "item_id": "R2", "customer_id": "C1", "effective_date": "2026-10-08",
                      "currency": "USD", "amount": -10_00, "status": "reversed", "return_of": "RC1", "return_code": "R01"}],
    }  # fmt: skip
    found = receipts_of(k.book_of(**tables), scope=k.scope_of(), policies=POLICIES, customer_id="C1")

    assert rows(found, "document_no", "status", "amount", "open_amount") == [
        ("D-R4", "unapplied", 3_00, 3_00), ("D-R3", "on_account", 4_00, 4_00), ("D-R2", "return", -10_00, 0),
        ("D-R1", "returned", 10_00, 0),
    ]  # fmt: skip
    notes = found["note"].tolist()
    assert notes[3] == "returned by D-R2"
    assert notes[2] == "takes back R1; return code R01; return of receipt RC1"


def test_as_known_then_holds_for_the_lists_too(make):
    k = make
    tables = {
        "items": [
            k.invoice("I1", 10_00, "2026-09-30", entered_at="2026-09-01T08:00:00Z"),
            k.cash("R1", 10_00, "2026-10-05", entered_at="2026-10-20T08:00:00Z"),
        ],
        "applications": [k.applied("R1", "I1", 10_00, "2026-10-05", entered_at="2026-10-20T08:00:00Z")],
    }  # fmt: skip
    book = replace(k.book_of(**tables), features=frozenset({"entry_times"}))

    now = {"scope": k.scope_of(), "policies": POLICIES, "customer_id": "C1"}
    then = now | {"scope": k.scope_of(known_at=date(2026, 10, 19))}
    assert (len(open_items_of(book, **now)), len(history_of(book, **now)), len(receipts_of(book, **now))) == (
        0,
        1,
        1,
    )
    assert (
        len(open_items_of(book, **then)),
        len(history_of(book, **then)),
        len(receipts_of(book, **then)),
    ) == (1, 0, 0)


def test_only_items_are_needed(make):
    bare = make.book_of(items=[make.invoice("I1", 10_00, "2026-09-30")], customers=[])
    asked = {"scope": make.scope_of(), "policies": POLICIES, "customer_id": "C1"}

    assert len(open_items_of(bare, **asked)) == 1
    assert history_of(bare, **asked).empty
    assert receipts_of(bare, **asked).empty
    with pytest.raises(ParameterError, match="customer_id"):
        open_items_of(bare, scope=make.scope_of(), policies=POLICIES)


def test_the_lists_hold_all_items_of_the_ledger(make, index):
    """Each item of a customer is open, settled, or cash; amounts of the settled add up; sums are those of the aging."""
    case, found = make.sample("UK01"), index("UK01")
    scope, items = case.position.scope, case.book["items"]
    items = items[items["posting_date"].fillna(items["effective_date"]).le("2026-10-31")]
    whole = open_items(case.book, scope=scope)
    for code in [*items["customer_id"].value_counts().index[:3], "GB0620"]:
        book = found.book_of(code)
        here = account_of(book, scope=scope, policies=POLICIES)
        asked = {"scope": scope, "policies": POLICIES, "account": here}
        owed, past, cash = open_items_of(book, **asked), history_of(book, **asked), receipts_of(book, **asked)
        assert all(one.holds for one in open_items_identities(owed, position=here.position))
        assert (past["amount"] == past["paid"] + past["discount"] + past["other"]).all()
        assert not set(owed["item_id"]) & set(past["item_id"])
        own_cash = cash[cash["status"].ne("of_others")]
        assert set(items.loc[items["customer_id"].isin(book.codes), "item_id"]) == {
            *owed["item_id"], *past["item_id"], *own_cash["item_id"],
        }  # fmt: skip
        assert len(owed) == int((whole["outstanding"].ne(0) & whole["customer_id"].eq(code)).sum())
