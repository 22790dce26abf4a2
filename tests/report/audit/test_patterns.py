"""The four pattern reports: on the sample company, on hostile names, and on books that lack what they need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from arlib.audit.ask import Ask
from arlib.audit.kinds import KINDS
from arlib.audit.population import Population
from arlib.policy import Policies, Scope
from arlib.report.audit.digits import digits_report
from arlib.report.audit.duplicates import duplicates_report
from arlib.report.audit.lapping import lapping_report
from arlib.report.audit.large_and_unusual import large_and_unusual_report
from arlib.report.model import Report
from arlib.report.presentation import presentation
from arlib.sources.sample import generate
from arlib.tables import CANONICAL, Book

REPORTS: dict[str, Callable[..., Report]] = {
    "lapping": lapping_report, "duplicates": duplicates_report, "large_and_unusual": large_and_unusual_report, "digits": digits_report,
}  # fmt: skip
HOSTILE = '=HYPERLINK("http://x","y")<script>'


def scope(entity: str = "US01", currency: str = "USD") -> Scope:
    return Scope(entity=entity, entity_name="Sample", functional_currency=currency, period="2026-10",
                 starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


def made(kind: str, book: Book, where: Scope | None = None, **options: object) -> Report:
    ask = Ask(kind=kind, request_id="PBC-9", asked_by="A. Auditor", options=KINDS[kind].options(**options))
    return REPORTS[kind](book, scope=where or scope(), policies=Policies(), ask=ask)


@pytest.fixture(scope="module")
def book() -> Book:
    return Book(generate(seed=7, items=800).tables).for_entity("US01")


@pytest.mark.parametrize("kind", REPORTS)
def test_the_report_of_the_sample(kind, book):
    report = made(kind, book)
    assert report.name == kind
    assert all(identity.holds for identity in report.identities)
    assert {control.status for control in report.controls} == {"tied"}
    assert "were tested" in report.findings[-1]
    assert report.parameters["Request"] == "PBC-9"
    assert any(table.needs_review for table in report.tables)
    assert {"population"} <= {table.name for table in report.tables}
    assert report.counts["tested"] == int(
        report.table("population").frame.query("part == 'tested'")["items"].sum()
    )
    for table in report.tables:
        if not table.is_detail:
            shown = set(table.shown_columns) - table.not_on_page - presentation(table).not_on_page
            assert len(shown) <= 12, table.name


@pytest.mark.parametrize("kind", REPORTS)
def test_an_empty_book_and_a_book_of_items_alone_say_what_is_missing(kind, book):
    assert made(kind, Book({})).counts["tested"] == 0
    bare = made(kind, Book({"items": book["items"]}))
    said = " ".join((*bare.limits, *bare.findings))
    if kind == "lapping":
        assert "test not possible: the books hold no bank dates" in said
        assert bare.counts["flagged"] == 0
    if kind == "duplicates":
        assert "the books hold no customers" in said
    if kind == "large_and_unusual":
        assert "No customers were given" in said
    if kind == "digits":
        assert "says nothing by itself" in said


def test_lapping_tells_the_chain_in_sentences_that_can_be_pasted(book):
    report = made("lapping", book)
    flags, evidence = report.table("lapping_flags").frame, report.table("lapping_evidence").frame
    assert report.counts["flagged"] == len(flags) == 4
    assert set(evidence["receipt_id"]) == set(flags["receipt_id"])
    assert any("CH001 is a chain of 4 links" in sentence for sentence in report.findings)
    assert any("false flags per 1,000 receipts" in sentence for sentence in report.limits)
    for receipt in flags["receipt_id"]:
        assert any(receipt in sentence for sentence in report.findings)
    assert made("lapping", book, users="cash.amy").counts["flagged"] == 0


def test_digits_draws_first_digits_and_judges_only_large_sets(book):
    report = made("digits", book, least_count=100)
    assert [chart.name for chart in report.charts] == [
        "first_digits_invoices",
        "first_digits_receipts",
        "first_digits_credit_memos",
    ]
    tests = report.table("digit_tests").frame
    memos = tests[tests["set"].eq("credit_memos")]
    assert memos["conformity"].eq("not_judged").all()
    assert not tests.loc[tests["set"].eq("invoices"), "conformity"].eq("not_judged").any()


def test_the_population_of_the_question_counts(book):
    ask = Ask(
        kind="duplicates", population=Population(currencies=("EUR",)), options=KINDS["duplicates"].options()
    )
    report = duplicates_report(book, scope=scope(), policies=Policies(), ask=ask)
    part = report.table("population").frame
    assert set(part.loc[part["part"].eq("tested"), "currency"]) == {"EUR"}
    assert "currencies EUR" in report.parameters["Population"]


def test_hostile_names_stay_text():
    rows = [
        {"item_id": name, "entity": "US01", "document_no": name, "item_type": kind, "customer_id": code, "amount": amount,
         "currency": "USD", "effective_date": "2026-10-05", "posting_date": "2026-10-05", "user": HOSTILE}
        for name, kind, code, amount in (("INV-0001", "invoice", "A", 100_000), ("INV-0002", "invoice", "A", 100_000),
                                         ("INV-0003", "invoice", "B", 100_000), ("RC-1", "receipt", "B", -100_000))
    ]  # fmt: skip
    apps = [{"application_id": "AP1", "entity": "US01", "source_item_id": "RC-1", "target_item_id": "INV-0001",
             "effective_date": "2026-10-05", "posting_date": "2026-10-05", "source_currency": "USD",
             "source_amount": 100_000, "target_currency": "USD",
             "target_amount": 100_000, "discount": 0, "kind": "payment",
             "reason": "payment", "pairing": "stated", "user": HOSTILE}]  # fmt: skip
    advice = [
        {
            "remittance_id": "RA1",
            "entity": "US01",
            "receipt_id": "RC-1",
            "reference": "INV-0003",
            "currency": "USD",
            "net": 100_000,
        }
    ]
    customers = [{"entity": "US01", "customer_id": code, "name": HOSTILE, "tax_id": HOSTILE} for code in "AB"]
    tables = {"items": rows, "applications": apps, "remittances": advice, "customers": customers}
    book = Book({name: CANONICAL[name].from_rows(given) for name, given in tables.items()})
    assert made("lapping", book).table("lapping_flags").frame["customer_name"].tolist() == [HOSTILE]
    for kind in REPORTS:
        made(kind, book)
