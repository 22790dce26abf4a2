"""Credits after the date by hand: what they are for, what was known, the accrual, and earlier windows."""

from __future__ import annotations

import pytest

from arlib.audit.cut_off.credit_notes import credits_after
from arlib.policy import Policies


def run(book, scope, ask):
    return credits_after(book, scope=scope, policies=Policies(), ask=ask)


def invoice(name, day, amount=100_00, **more):
    return {"item_id": name, "document_no": name, "posting_date": day, "amount": amount, **more}


def credit(name, day, amount, **more):
    return {
        "item_id": name,
        "document_no": name,
        "item_type": "credit_memo",
        "posting_date": day,
        "amount": -amount,
        **more,
    }


LATER = invoice("END", "2026-12-15")  # the books reach beyond the window


@pytest.mark.parametrize(
    ("day", "invoiced", "is_found"),
    [
        ("2026-10-31", "2026-10-10", False),  # the date itself is before
        ("2026-11-01", "2026-10-10", True),
        ("2026-11-01", "2026-10-31", True),
        ("2026-11-01", "2026-11-01", False),
        ("2026-11-30", "2026-10-10", True),  # the last of thirty days
        ("2026-12-01", "2026-10-10", False),
    ],
)
def test_the_window_and_the_date(books, scope, asked, day, invoiced, is_found):
    book = books(items=[invoice("A", invoiced), credit("C", day, 40_00, reverses="A"), LATER])
    assert (len(run(book, scope, asked("credit_notes_after")).credits) == 1) is is_found


@pytest.mark.parametrize(
    ("table", "row", "was_known"),
    [
        ("disputes", {"dispute_id": "DS", "amount": 1, "opened_on": "2026-10-31", "reason": "price"}, True),
        ("disputes", {"dispute_id": "DS", "amount": 1, "opened_on": "2026-11-01", "reason": "price"}, False),
        (
            "deductions",
            {
                "deduction_id": "DD",
                "amount": 1,
                "taken_on": "2026-10-20",
                "reason": "price",
                "state": "pending",
            },
            True,
        ),
        (
            "adjustment_requests",
            {
                "request_id": "RQ",
                "kind": "credit_memo",
                "requested_on": "2026-10-25",
                "requested_by": "d",
                "reason": "price",
            },
            True,
        ),
    ],
)
def test_what_was_known(books, scope, asked, table, row, was_known):
    given = {"customer_id": "C1", "item_id": "A", "currency": "USD", **row}
    book = books(
        items=[invoice("A", "2026-10-10"), credit("C", "2026-11-04", 40_00, reverses="A"), LATER],
        **{table: [given]},
    )
    rows = run(book, scope, asked("credit_notes_after")).credits
    assert rows["was_known"].tolist() == [was_known]
    assert rows["accrual"].tolist() == [40_00 if was_known else 0]


def test_goods_that_came_back_and_whole_reversals_were_known(books, scope, asked):
    items = [
        invoice("A", "2026-10-10"), invoice("B", "2026-10-30", 700_00), invoice("D", "2026-10-10"), LATER,
        credit("RETURN", "2026-11-04", 40_00, reverses="A", delivery_date="2026-10-31"),
        credit("WHOLE", "2026-11-03", 700_00, reverses="B"),
        credit("AFTER", "2026-11-04", 40_00, reverses="D", delivery_date="2026-11-02"),
    ]  # fmt: skip
    rows = run(books(items=items), scope, asked("credit_notes_after")).credits
    assert rows["document_no"].tolist() == ["WHOLE", "RETURN", "AFTER"]
    assert rows["accrual"].tolist() == [700_00, 40_00, 0]
    assert rows["way"].tolist() == ["reversal", "credit", "credit"]


def test_what_is_billed_again_is_no_loss(books, scope, asked):
    """400.00 credited whole, 380.00 billed again: 20.00 to accrue, since a dispute was open."""
    items = [invoice("A", "2026-10-10", 400_00), credit("C", "2026-11-04", 400_00, reverses="A", reason="rebill"),
             invoice("A2", "2026-11-04", 380_00, replaces="A"), LATER]  # fmt: skip
    dispute = {
        "dispute_id": "DS",
        "customer_id": "C1",
        "item_id": "A",
        "currency": "USD",
        "amount": 20_00,
        "opened_on": "2026-10-20",
        "reason": "price",
    }
    row = run(books(items=items, disputes=[dispute]), scope, asked("credit_notes_after")).credits.iloc[0]
    assert (row["way"], row["rebilled"], row["accrual"]) == ("rebill", 380_00, 20_00)


def test_a_credit_of_two_invoices_counts_the_part_of_before_and_its_tax(books, scope, asked):
    """90.00 set against an invoice of before (60.00 of 240.00 with tax 40.00: tax 10.00) and one of after (30.00)."""
    items = [
        invoice("A", "2026-10-10", 240_00, tax_amount=40_00),
        invoice("B", "2026-11-02"),
        credit("C", "2026-11-04", 90_00),
        LATER,
    ]
    plain = {"source_item_id": "C", "effective_date": "2026-11-04", "posting_date": "2026-11-04", "source_currency": "USD",
             "target_currency": "USD", "kind": "credit_memo", "reason": "price", "pairing": "stated"}  # fmt: skip
    applied = [
        {**plain, "application_id": "1", "target_item_id": "A", "source_amount": 60_00, "target_amount": 60_00},
        {**plain, "application_id": "2", "target_item_id": "B", "source_amount": 30_00, "target_amount": 30_00},
        {**plain, "application_id": "3", "target_item_id": "A", "source_amount": 5_00, "target_amount": 5_00},
        {**plain, "application_id": "4", "target_item_id": "A", "source_amount": -5_00, "target_amount": -5_00, "reverses": "3"},
    ]  # fmt: skip
    result = run(books(items=items, applications=applied), scope, asked("credit_notes_after"))
    row = result.credits.iloc[0]
    assert (row["amount"], row["tax_amount"], row["invoices"]) == (60_00, 10_00, "A")
    assert result.population["amount"].tolist() == [-90_00]
    assert result.patterns[result.patterns["by"].eq("customer")]["share"].tolist() == ["1.0000"]


def test_earlier_windows_and_rates(books, scope, asked):
    """October bills 1,000.00 and 100.00 of it is credited in November (0.1); September 500.00 and 10.00 (0.02)."""
    items = [
        invoice("O", "2026-10-10", 1_000_00), credit("CO", "2026-11-10", 100_00, reverses="O"),
        invoice("S", "2026-09-10", 500_00), credit("CS", "2026-10-10", 10_00, reverses="S"), LATER,
    ]  # fmt: skip
    windows = run(books(items=items), scope, asked("credit_notes_after")).windows
    assert windows["rate"].tolist() == ["0.1000", "0.0200"]
    assert windows["is_asked"].tolist() == [True, False]


def test_short_books_shorten_every_window_and_say_so(books, scope, asked):
    items = [invoice("A", "2026-10-10"), credit("C", "2026-11-05", 10_00, reverses="A")]
    result = run(books(items=items), scope, asked("credit_notes_after"))
    assert result.days == 5
    assert any("the books end 5 days after the date, 30 were asked for" in said for said in result.limits)
    none = run(books(items=[invoice("A", "2026-10-10")]), scope, asked("credit_notes_after"))
    assert none.tests.set_index("test").loc["credits", "state"] == "not_possible"
    assert any("the books hold nothing after the date" in said for said in none.limits)


def test_the_sample_adds_up(sample, of_sample, asked):
    book, scope, _ = of_sample(sample, "UK01")
    result = run(book, scope, asked("credit_notes_after"))
    assert all(identity.holds for identity in result.identities)
    assert result.credits["document_no"].is_unique
