"""The parts of a case file on small books made by hand: what is narrowed, what the two ledgers say, what is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from arlib.controls import Status
from arlib.errors import ParameterError
from arlib.policy import Policies, Scope
from arlib.report.case_file.asked import CaseAsked
from arlib.report.case_file.narrow import narrowed
from arlib.report.case_file.report import case_file_report
from arlib.report.case_file.share import share_of
from arlib.tables import CANONICAL, INPUTS, Book

SCOPE = Scope(entity="US01", entity_name="US", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip
DAY = pd.Timestamp("2026-10-05")
ACCOUNT = {"entity": "US01", "account": "1200", "name": "Receivables", "role": "trade", "in_tieout": True,
           "valid_from": pd.Timestamp("2020-01-01")}  # fmt: skip


def item(item_id: str, customer: str, amount: int, **more: object) -> dict[str, object]:
    return {
        "entity": "US01", "item_id": item_id, "customer_id": customer, "item_type": "invoice", "document_no": f"INV-{item_id}",
        "document_date": DAY, "effective_date": DAY, "posting_date": DAY, "due_date": DAY, "currency": "USD", "amount": amount,
        "functional_amount": amount, "control_account": "1200", **more,
    }  # fmt: skip


def line(
    number: int, document: str | None, amount: int, customer: str = "C1", **more: object
) -> dict[str, object]:
    return {
        "entity": "US01", "ledger": "primary", "account": "1200", "journal_id": f"J{number}", "line_id": "1", "posting_date": DAY,
        "source": "subledger", "status": "posted", "customer_id": customer, "document_no": document, "currency": "USD",
        "amount": amount, "functional_amount": amount, **more,
    }  # fmt: skip


def book(**rows: list[dict[str, object]]) -> Book:
    return Book(
        {
            name: CANONICAL[name].from_rows(each)
            for name, each in {"control_accounts": [ACCOUNT], **rows}.items()
        }
    )


TWO = [item("1", "C1", 10_000), item("2", "C2", 777_777, document_no="=SECRET")]


def test_what_is_narrowed_is_narrowed_once():
    given = book(items=TWO, gl_lines=[line(1, "INV-1", 10_000), line(2, "=SECRET", 777_777, "C2")],
                 customers=[{"customer_id": "C1", "name": "One"}, {"customer_id": "C2", "name": "Two"}])  # fmt: skip
    mine = narrowed(given, "C1")
    again = narrowed(mine, "C1")

    assert mine["items"]["item_id"].tolist() == ["1"]
    assert mine["customers"]["name"].tolist() == ["One"]
    assert all(mine[name].equals(again[name]) for name in mine.tables)


def test_files_lose_what_their_rows_add_up_to():
    read = {"file": "items.csv", "table": "items", "part": "", "profile": "canonical", "bytes": 9, "sha256": "a" * 64, "rows_in": 3,
            "rows_out": 3, "rows_rejected": 0, "amount_out": 5, "amount_in": 5, "amount_rejected": 0}  # fmt: skip
    inputs = INPUTS.from_rows([{**read, "currency": "USD"}, {**read, "currency": "EUR"}])
    mine = narrowed(replace(book(items=TWO), inputs=inputs), "C1").inputs

    assert mine["rows_in"].tolist() == [6]
    assert mine["amount_in"].isna().all()


def test_a_customer_that_nobody_knows_is_refused():
    with pytest.raises(ParameterError, match="no such customer"):
        narrowed(book(items=TWO), "C9")


def test_ledgers_that_agree_tie():
    found = share_of(
        narrowed(book(items=TWO, gl_lines=[line(1, "INV-1", 10_000)]), "C1"),
        scope=SCOPE,
        since=SCOPE.starts_on,
    )

    assert (found.control.status, len(found.rows)) == (Status.TIED, 0)


@pytest.mark.parametrize(
    ("lines", "status", "difference", "why"),
    [
        ([line(1, "INV-9", 10_000)], Status.EXPLAINED, 0, "only"),
        ([line(1, "INV-1", 9_000)], Status.EXPLAINED, -1_000, "another amount"),
        ([line(1, "INV-1", 10_000), line(2, None, 500)], Status.UNEXPLAINED, 500, "name no document"),
        ([line(1, "INV-1", 10_000, status="unposted")], Status.EXPLAINED, -10_000, "not booked"),
    ],
)
def test_a_difference_is_told_document_by_document(lines, status, difference, why):
    extra = line(8, "INV-8", 0)  # so that the ledger names this customer
    mine = narrowed(book(items=TWO, gl_lines=[*lines, extra]), "C1")
    found = share_of(mine, scope=SCOPE, since=SCOPE.starts_on)

    assert (found.control.status, found.control.difference) == (status, difference)
    assert int(found.rows["difference"].sum()) == difference
    assert found.rows["why"].str.contains(why).any()


def test_without_the_general_ledger_the_control_is_not_run():
    assert (
        share_of(narrowed(book(items=TWO), "C1"), scope=SCOPE, since=SCOPE.starts_on).control.status
        is Status.NO_INPUT
    )


def report_of(given: Book, **asked: object):
    return case_file_report(
        given, scope=SCOPE, policies=Policies(), asked=CaseAsked(case_id="C", customer_id="C1", **asked)
    )


def test_a_book_with_nothing_but_items_gives_a_whole_report():
    made = report_of(book(items=TWO))
    answer = made.table("answer").frame.set_index("topic")["sentence"]

    assert all(identity.holds for identity in made.identities)
    assert "USD 100.00 is open at 2026-10-31 in 1 item" in answer["Owed"]
    assert answer["Why"] == "From 2026-10-01: USD 0.00 before, plus invoices USD 100.00: USD 100.00."
    assert any("No applications were given" in limit for limit in made.limits)
    assert not any(
        "SECRET" in str(value) for table in made.tables for value in table.frame.to_numpy().ravel()
    )


def test_one_invoice_that_is_sold_bars_no_other():
    sold = [item("1", "C1", 10_000, assigned_to="Meridian"), item("3", "C1", 5_000)]
    steps = " ".join(report_of(book(items=sold)).findings)

    assert (
        "INV-1: it is assigned to Meridian. Nobody may ask for it; 1 other open debt is not barred by this."
        in steps
    )
    assert "nobody may ask this customer for money" not in steps
    assert "nobody may ask this customer for money" in " ".join(report_of(book(items=sold[:1])).findings)


def test_cash_that_may_not_exist_is_not_to_be_applied_or_paid_back():
    cash = {"item_type": "receipt", "due_date": None, "posting_date": DAY}
    rows = [item("1", "C1", 10_000), *(item(each, "C1", -3_000, **cash) for each in ("7", "8"))]
    receipts = [
        {"entity": "US01", "receipt_id": f"RC{each}", "item_id": each, "customer_id": "C1", "currency": "USD", "amount": 3_000,
         "effective_date": DAY, "reference": "WIRE-1", "remittance_text": "WIRE-1", "status": "unapplied"} for each in ("7", "8")
    ]  # fmt: skip
    steps = " ".join(report_of(book(items=rows, receipts=receipts)).findings)

    assert "Apply or refund USD 30.00 of unapplied cash." in steps
    assert "whether USD 30.00 of unapplied cash exists: INV-8 may be entered twice." in steps


def test_cash_that_was_decided_on_is_to_be_posted_and_not_to_be_applied_again():
    cash = {"item_type": "receipt", "due_date": None, "posting_date": DAY}
    rows = [item("1", "C1", 10_000), item("7", "C1", -3_000, **cash)]
    receipts = [
        {"entity": "US01", "receipt_id": "RC7", "item_id": "7", "customer_id": "C1", "currency": "USD", "amount": 3_000,
         "effective_date": DAY, "remittance_text": "INV-1", "status": "unapplied"}
    ]  # fmt: skip
    decided = [
        {"entity": "US01", "receipt_id": "RC7", "item_id": "1", "currency": "USD", "applied_amount": 2_000,
         "receipt_currency": "USD", "receipt_amount": 2_000, "decision_id": "desk-6", "decided_by": "amy",
         "decided_on": "2026-11-02"}
    ]  # fmt: skip
    before = " ".join(report_of(book(items=rows, receipts=receipts)).findings)
    steps = " ".join(report_of(book(items=rows, receipts=receipts, decided_applications=decided)).findings)

    assert "Apply or refund USD 30.00 of unapplied cash." in before
    assert "Apply or refund USD 10.00 of unapplied cash." in steps
    assert (
        "Post what was decided at the desk (desk-6): USD 20.00 of unapplied cash is set against its documents."
        in steps
    )


def test_every_table_fits_a_page():
    for table in report_of(book(items=TWO)).tables:
        if not table.is_detail:
            shown = [name for name in table.shown_columns if name not in table.not_on_page]
            assert len(shown) <= 10, (table.name, shown)


def test_what_cannot_be_matched_or_read_is_told_and_raises_nothing():
    made = report_of(book(items=TWO), receipt_id="R-404", statement=b"\x00\xff", statement_name="x.csv")
    told = made.table("answer").frame
    spoken = told.groupby("topic")["sentence"].agg(" ".join)

    assert "R-404" in spoken["Receipt"]
    assert spoken["Their statement"]


def test_an_item_that_is_not_there_is_told():
    given = book(items=[*TWO, item("R1", "C1", -5_000, item_type="receipt", document_no="RC-1", cash_status="unapplied")],
                 receipts=[{"receipt_id": "RC-1", "entity": "US01", "item_id": "R1", "customer_id": "C1", "effective_date": DAY,
                            "posting_date": DAY, "currency": "USD", "amount": 5_000, "status": "unapplied"}])  # fmt: skip
    made = report_of(given, receipt_id="RC-1", chosen={"nowhere": "", "1": "50.00"})
    told = " ".join(made.table("answer").frame["sentence"])

    assert "nowhere was chosen by hand and is not in the customer's book" in told
    assert made.table("what_if_lines").frame["applied_amount"].tolist() == [5_000]


def test_a_day_before_the_period_starts_its_own_month():
    early = replace(SCOPE, as_of=date(2026, 9, 15))
    made = case_file_report(
        book(items=TWO), scope=early, policies=Policies(), asked=CaseAsked(case_id="C", customer_id="C1")
    )

    assert made.parameters["Roll forward from"] == "2026-09-01"
    assert "Nothing is open" in " ".join(made.table("answer").frame["sentence"])
