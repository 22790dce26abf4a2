"""Cut-off of cash by hand: business days between bank and books, both sides of the date."""

from __future__ import annotations

import pytest

from arlib.audit.cut_off.sides import cut_off
from arlib.policy import Policies


def cash(books, posted, banked, *, link=True, last="2026-11-12"):
    """One receipt and its bank line, and a line of another payer on the last day that the bank was read."""
    receipts = [
        {"receipt_id": "R", "item_id": "IR", "customer_id": "C1", "bank_account": "B1", "effective_date": posted, "posting_date": posted,
         "currency": "USD", "amount": 50_00, "status": "applied"}
    ] if posted else []  # fmt: skip
    items = (
        [
            {
                "item_id": "IR",
                "document_no": "R",
                "item_type": "receipt",
                "amount": -50_00,
                "posting_date": posted,
            }
        ]
        if posted
        else []
    )
    line = {"bank_account": "B1", "currency": "USD", "kind": "receipt"}
    lines = [{**line, "bank_line_id": "BL", "booking_date": banked, "amount": 50_00}] if banked else []
    lines += [{**line, "bank_line_id": "LAST", "booking_date": last, "amount": 1, "is_receivable": False}]
    links = [
        {"receipt_id": "R", "bank_account": "B1", "bank_line_id": "BL", "currency": "USD", "amount": 50_00}
    ]
    other = [
        {
            "receipt_id": "Z",
            "bank_account": "B1",
            "effective_date": "2026-09-01",
            "currency": "USD",
            "amount": 0,
            "status": "applied",
        }
    ]
    return books(
        items=items,
        receipts=[*receipts, *other],
        bank_lines=lines,
        receipt_bank_lines=links if link and posted and banked else [],
    )


@pytest.mark.parametrize(
    ("posted", "banked", "expected", "effect"),
    [
        ("2026-10-30", "2026-11-02", ("explained", "receipts_held_open"), 0),  # Friday to Monday: one business day
        ("2026-10-30", "2026-11-04", ("explained", "receipts_held_open"), 0),  # three
        ("2026-10-30", "2026-11-05", ("exception", "receipts_held_open"), 50_00),  # four
        ("2026-10-30", "2026-10-31", None, 0),
        ("2026-11-02", "2026-10-30", ("usual_lag", "banked_before"), -50_00),
        ("2026-11-05", "2026-10-30", ("exception", "banked_before"), -50_00),
        ("2026-11-05", "2026-11-05", None, 0),
        (None, "2026-10-30", ("exception", "banked_before"), -50_00),  # nobody booked it
        ("2026-10-23", None, ("exception", "receipts_held_open"), 50_00),  # never banked
    ],
)  # fmt: skip
def test_bank_and_books(books, scope, asked, posted, banked, expected, effect):
    result = cut_off(cash(books, posted, banked), scope=scope, policies=Policies(), ask=asked("cut_off"))
    rows = [
        (row.grade, row.test, row.balance_effect)
        for row in result.findings.itertuples(index=False)
        if row.test != "ledger_date"
    ]
    assert rows == ([] if expected is None else [(*expected, effect)])


def test_a_bank_holiday_is_no_business_day(books, scope, asked):
    """Wednesday 11 November is Veterans Day: from Friday the 6th to Thursday the 12th are three business days, not four."""
    from dataclasses import replace
    from datetime import date

    seen = replace(
        scope,
        as_of=date(2026, 11, 6),
        ends_on=date(2026, 11, 30),
        starts_on=date(2026, 11, 1),
        period="2026-11",
    )
    book = cash(books, "2026-11-06", "2026-11-12", last="2026-11-20")
    rows = cut_off(book, scope=seen, policies=Policies(), ask=asked("cut_off")).findings
    assert rows["grade"].tolist() == ["explained"]
    plain = cut_off(book, scope=replace(seen, country=""), policies=Policies(), ask=asked("cut_off")).findings
    assert plain["grade"].tolist() == ["exception"]


def test_a_bank_that_was_not_read_so_far_accuses_nobody(books, scope, asked):
    book = cash(books, "2026-10-30", None, last="2026-11-02")
    rows = cut_off(book, scope=scope, policies=Policies(), ask=asked("cut_off")).findings
    assert rows["grade"].tolist() == ["explained"]
    assert "too early to show it" in rows["finding"].iloc[0]
