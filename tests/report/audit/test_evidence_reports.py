"""Reports on outside evidence on the sample company and on hostile names: words first, sums that tie, pages that fit."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import nbformat
import pytest

from arlib.audit.ask import Ask
from arlib.audit.options.evidence import (
    ConfirmationsOptions,
    EvaluationOptions,
    SampleOptions,
    SubsequentReceiptsOptions,
)
from arlib.audit.population import Population
from arlib.policy import Policies, Scope
from arlib.report import show
from arlib.report.audit.confirmations import confirmations_report
from arlib.report.audit.evaluation import evaluation_report
from arlib.report.audit.sample import sample_report
from arlib.report.audit.subsequent_receipts import subsequent_receipts_report
from arlib.report.data import csv_frame, write_data
from arlib.report.page import render
from arlib.report.presentation import page_rows
from arlib.report.workbook import write_workbook
from arlib.sources.sample import generate
from arlib.tables import Book

PLAN = {"currency": "USD", "tolerable_rate": "0.10", "seed": "lottery 4711"}
AUDITOR = {"reply_to": "Vale & Partners LLP|5 Audit Lane|Boston MA", "reply_email": "confirm@vale.example",
           "auditor": "Vale & Partners LLP", "reply_by": "2026-11-20"}  # fmt: skip


@pytest.fixture(scope="module")
def company():
    made = generate(seed=7, items=800)
    return Book(dict(made.tables), features=frozenset({"entry_times"})).for_entity("US01")


@pytest.fixture(scope="module")
def us():
    return Scope(entity="US01", entity_name="Harbor Tools Inc", functional_currency="USD", period="2026-10",
                 starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


def made(build, kind, book, scope, options, files=None, population=None):
    """A report whose identities hold."""
    ask = Ask(kind=kind, request_id="PBC-1", asked_by="R. Vale", options=options, files=files or {},
              population=population or Population())  # fmt: skip
    report = build(book, scope=scope, policies=Policies(), ask=ask)
    for identity in report.identities:
        identity.require()
    return report


@pytest.fixture(scope="module")
def receipts(company, us):
    scope = replace(us, as_of=date(2026, 9, 30))
    return made(
        subsequent_receipts_report, "subsequent_receipts", company, scope, SubsequentReceiptsOptions()
    )


@pytest.fixture(scope="module")
def sample(company, us):
    return made(sample_report, "sample", company, us, SampleOptions(**PLAN))


@pytest.fixture(scope="module")
def evaluation(company, us, sample):
    rows = csv_frame(sample.table("selection"))
    audited = rows[["item_id", "book_value"]].rename(columns={"book_value": "audit_value"})
    audited.loc[0, "audit_value"] = ""
    files = {"selection": rows.to_csv(index=False), "audited": audited.to_csv(index=False)}
    options = EvaluationOptions(audited="a.csv", selection="s.csv", currency="USD", tolerable_rate="0.10",
                                population_sha256=str(rows["population_sha256"].iloc[0]))  # fmt: skip
    return made(evaluation_report, "evaluation", company, us, options, files)


@pytest.fixture(scope="module")
def letters(company, us):
    options = ConfirmationsOptions(select="largest", count=1, **AUDITOR)
    return made(
        confirmations_report,
        "confirmations",
        company,
        us,
        options,
        population=Population(currencies=("EUR",)),
    )


@pytest.fixture(scope="module")
def replied(company, us, letters):
    """Each letter of the largest five: agreed, by the entity, refused, an exception, silent."""
    options = ConfirmationsOptions(select="largest", count=5, replies="r.csv", form="negative")
    sheet = made(confirmations_report, "confirmations", company, us, replace(options, replies="")).table(
        "control_sheet"
    )
    rows = csv_frame(sheet)
    mine = rows[rows["currency"].eq("USD")].reset_index(drop=True)
    out = [
        [
            "request_no",
            "sent_on",
            "status",
            "replied_on",
            "replied_amount",
            "recorded_by",
            "recorder",
            "reason",
        ]
    ]
    for at, row in mine.iterrows():
        amount = row["amount"] if at < 2 else "1.00"
        reply = ["", "2026-11-12", amount, "r.vale", "entity" if at == 1 else "auditor", "=cmd()"]
        if at == 2:
            reply = ["refused", "", "", "", "", ""]
        elif at == 4:
            reply = [""] * 6
        out.append([row["request_no"], "2026-11-05", *reply])
    text = "\n".join(",".join(line) for line in out)
    return made(confirmations_report, "confirmations", company, us, options, {"replies": text})


def test_every_report_says_who_asked_and_what_it_cannot_say(receipts, sample, evaluation, letters):
    for report in (receipts, sample, evaluation, letters):
        assert report.parameters["Request"] == "PBC-1"
        assert "Assertions" in report.parameters
        assert report.findings
        assert report.limits
        assert not [
            text for text in (*report.findings, *report.limits) if re.search(r"\bnan\b|None|<NA>|_", text)
        ]
        assert any(control.name == "control_account" for control in report.controls)
        tied = [control for control in report.controls if control.title.startswith("Population in")]
        assert tied
        assert all(control.difference == 0 for control in tied)


def test_subsequent_receipts_cite_invoice_receipt_and_bank_line(receipts):
    said = " ".join(receipts.findings)
    odd = receipts.table("exceptions").frame
    assert len(odd) >= 2
    for row in odd.itertuples():
        assert row.document_no in said
        assert row.receipt_id in said
    assert receipts.table("exceptions").needs_review
    assert receipts.table("unsupported").needs_review
    traced = receipts.table("traces").frame
    shown = traced[traced["weight"].eq("invoice")]
    assert shown[["bank_line_id", "bank_date", "bank_amount", "receipt_id"]].notna().all(axis=None)
    assert receipts.counts["tested"] == len(receipts.table("traced_items").frame)


def test_the_sample_has_all_that_a_tester_needs_and_an_empty_column(sample):
    rows = sample.table("selection").frame
    assert rows["audit_value"].isna().all()
    assert rows["document_no"].notna().all()
    assert rows["paid_lines"].notna().sum() == rows["paid_grade"].notna().sum()
    assert sample.table("plan").frame["words"].notna().all()
    assert {"high_value", "positive", "credit"} <= set(sample.table("strata").frame["part"])
    seal = sample.table("sealed").frame["sha256"].iloc[0]
    assert seal in sample.findings[0]
    assert "lottery 4711" in sample.findings[0]


def test_a_sample_without_a_seed_waits(company, us):
    report = made(sample_report, "sample", company, us, SampleOptions(tolerable_rate="0.10"))
    assert "waiting for the seed" in " ".join(report.findings)
    assert report.counts["selected"] == 0
    assert len(report.table("sealed").frame) == report.counts["currencies"] > 1


def test_the_evaluation_names_what_was_not_found(evaluation, sample):
    lost = sample.table("selection").frame["document_no"].iloc[0]
    assert lost in " ".join(evaluation.findings)
    assert evaluation.table("misstatements").frame["document_no"].tolist() == [lost]
    assert evaluation.table("results").frame["not_found"].tolist() == [1]


def test_an_evaluation_without_files_says_that_it_is_not_possible(company, us):
    report = made(evaluation_report, "evaluation", company, us, EvaluationOptions())
    assert "Not possible" in report.limits[0]


def test_letters_are_pdfs_with_the_auditors_address_and_the_items(letters):
    from io import BytesIO

    from pypdf import PdfReader

    assert set(letters.attachments) == {"control-sheet.csv", "AC-00578-EUR.pdf"}
    pages = PdfReader(BytesIO(letters.attachments["AC-00578-EUR.pdf"])).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    for wanted in (
        "5 Audit Lane",
        "confirm@vale.example",
        "directly to our auditor",
        "not a request for payment",
        "SI-100184",
    ):
        assert wanted in text


@pytest.mark.parametrize("form", ["negative", "blank"])
def test_the_other_forms_say_what_they_must(company, us, form):
    from arlib.audit.evidence.confirm import confirmations
    from arlib.report.confirmation_letters import letters_of
    from arlib.report.confirmation_letters.batch import TEMPLATES

    options = ConfirmationsOptions(select="largest", count=1, form=form, **AUDITOR)
    ask = Ask(kind="confirmations", options=options)
    found = confirmations(company, scope=us, policies=Policies(), ask=ask)
    made_ = letters_of(company, found.sheet, found.in_letters, options=options, scope=us)
    page = TEMPLATES.html(next(one for one in made_ if one.code == "EUR"))
    assert ("17,599.87" in page) == (form == "negative")  # a blank form does not tell the balance
    assert ("SI-100184" in page) == (form == "negative")
    assert ("not be taken as your confirmation" in page) == (form == "negative")


def test_without_the_auditors_address_no_letter_is_made(company, us):
    report = made(
        confirmations_report, "confirmations", company, us, ConfirmationsOptions(select="largest", count=1)
    )
    assert set(report.attachments) == {"control-sheet.csv"}
    assert "No letters were made" in " ".join(report.findings)


def test_replies_exceptions_and_alternatives_are_shown(replied):
    sheet = replied.table("control_sheet").frame
    assert {"agreed", "no_evidence", "refused", "exception", "non_reply"} <= set(sheet["status"])
    assert (
        replied.table("alternative_procedures")
        .frame["status"]
        .isin(["no_evidence", "refused", "non_reply"])
        .any()
    )
    assert replied.table("confirmation_exceptions").needs_review
    assert "ISA 505.15" in " ".join(replied.limits)
    reasons = csv_frame(replied.table("confirmation_exceptions"))["reason"]
    assert reasons.str.startswith("'=").all()  # a formula is made inert


def test_every_letter_is_counted_once_and_silent_ones_are_named(replied):
    sheet = replied.table("control_sheet").frame
    first = replied.findings[0]
    counts = [int(one.replace(",", "")) for one in re.findall(r"(?:: |; )([\d,]+) ", first)]
    assert first.startswith(f"{len(sheet)} letters: ")
    assert sum(counts) == len(sheet)
    silent = sheet[sheet["status"].eq("non_reply")]
    said = next(one for one in replied.findings if one.startswith("No reply"))
    assert len(silent)
    assert all(number in said for number in silent["request_no"])
    waiting = sheet["status"].isin(["to_send", "sent", "non_reply"])
    assert replied.counts["without_reply"] == waiting.sum()


def test_receipts_say_in_a_finding_how_many_days_are_covered(receipts):
    assert re.search(r"^Receipts of \d+ days after the date are covered, to ", receipts.findings[0])


def test_the_sheet_for_the_auditor_can_be_sent_back_as_it_is(company, us, letters):
    text = letters.attachments["control-sheet.csv"].decode()
    options = ConfirmationsOptions(select="largest", count=1, replies="r.csv")
    again = made(
        confirmations_report,
        "confirmations",
        company,
        us,
        options,
        {"replies": text},
        Population(currencies=("EUR",)),
    )
    assert again.table("control_sheet").frame["status"].tolist() == ["to_send"]


def test_hostile_names_reach_letters_workbook_and_data_as_text(company, us, tmp_path):
    evil = '<script>alert(1)</script>=HYPERLINK("http://x","y")'
    customers = company["customers"].copy()
    customers.loc[customers["customer_id"].eq("00578"), ["name", "address"]] = [evil, "=1+1\n../../etc"]
    book = replace(company, tables={**company.tables, "customers": customers})
    report = made(confirmations_report, "confirmations", book, us, ConfirmationsOptions(select="largest", count=1, **AUDITOR),
                  population=Population(customers=("00578",)))  # fmt: skip
    assert set(report.attachments) == {"control-sheet.csv", "AC-00578-EUR.pdf"}
    assert ",'=1+1" in report.attachments["control-sheet.csv"].decode().replace('"', "")
    write_workbook(report, tmp_path / "book.xlsx", properties={})
    write_data(report, tmp_path)
    receipts = made(subsequent_receipts_report, "subsequent_receipts", book, us, SubsequentReceiptsOptions())
    shown = show.tables(receipts, "traces", "traced_items", rows=99).data["text/html"]
    assert "<script>" not in shown


def test_books_that_hold_less_say_what_is_not_possible(company, us):
    bare = Book({name: company[name] for name in ("items", "applications", "customers")})
    report = made(subsequent_receipts_report, "subsequent_receipts", bare, us, SubsequentReceiptsOptions())
    said = " ".join(report.limits)
    assert "not possible: to show by an advice" in said
    assert "no receipt can be followed to the bank" in said
    made(sample_report, "sample", bare, us, SampleOptions(**PLAN))
    made(confirmations_report, "confirmations", bare, us, ConfirmationsOptions())


MEASURED = (
    "() => [...document.querySelectorAll('table')].map(t => [t.caption ? t.caption.innerText : '', t.scrollWidth, "
    "t.closest('.ar-output').clientWidth])"
)
PRINTED = 1031  # pixels of A4 landscape within margins of 12 mm


@pytest.mark.browser
def test_no_table_runs_off_the_page(chromium, tmp_path, receipts, sample, evaluation, replied):
    from playwright.sync_api import sync_playwright

    cells = []
    for report in (receipts, sample, evaluation, replied):
        names = [table.name for table in report.tables if len(page_rows(table)) and not table.is_detail]
        for shown in (show.controls(report), show.tables(report, *names, rows=40)):
            output = nbformat.v4.new_output("execute_result", data=dict(shown.data), execution_count=1)
            cells.append(nbformat.v4.new_code_cell("show", outputs=[output]))
    page = tmp_path / "page.html"
    page.write_text(
        render(nbformat.v4.new_notebook(cells=cells), mode="report", title="Wide", run_facts={}),
        encoding="utf-8",
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1300, "height": 900})
        tab.goto(page.as_uri())
        widths = tab.evaluate(MEASURED)
        tab.emulate_media(media="print")
        tab.set_viewport_size({"width": PRINTED, "height": 700})
        printed = tab.evaluate(MEASURED)
        browser.close()
    assert len(widths) > 15
    assert not [row for row in (*widths, *printed) if row[1] > row[2]]


def test_a_sample_says_what_is_outside_it_and_that_it_waits_for_its_seed(company, us):
    waiting = made(sample_report, "sample", company, us, SampleOptions(currency="USD", tolerable_rate="0.10"))
    assert waiting.findings[0].startswith("Nothing is drawn yet: waiting for the seed of the auditor")
    outside = next(text for text in waiting.findings if "only USD was asked for" in text)
    left = waiting.table("left_out").frame
    assert f"{len(left):,} items in other currencies" in outside
    for code in left["currency"].unique():
        assert f"{code} " in outside
    every = made(sample_report, "sample", company, us, SampleOptions(tolerable_rate="0.10"))
    assert "No item is outside the populations sampled." in every.findings
    some = made(
        sample_report,
        "sample",
        company,
        us,
        SampleOptions(tolerable_rate="0.10"),
        population=Population(side="debits"),
    )
    assert any("as the request asks for" in text for text in some.findings)


def test_an_evaluation_says_whether_its_selection_was_drawn_again(company, us, sample, evaluation):
    assert any("drawn again from the books with seed 'lottery 4711'" in text for text in evaluation.findings)
    assert any("1 item was not found" in text for text in evaluation.limits)
    parts = evaluation.table("parts").frame
    assert parts["net_projected"].sum() == evaluation.table("results").frame["most_likely"].sum()
    rows = csv_frame(sample.table("selection")).drop(columns="seed")
    audited = rows[["item_id", "book_value"]].rename(columns={"book_value": "audit_value"})
    files = {"selection": rows.to_csv(index=False), "audited": audited.to_csv(index=False)}
    options = EvaluationOptions(audited="a.csv", selection="s.csv", currency="USD")
    blind = made(evaluation_report, "evaluation", company, us, options, files)
    assert any("was not checked against its draw" in text for text in blind.findings)
    assert any("not possible without the seed" in text for text in blind.limits)
    assert not any("agrees" in text for text in (*blind.findings, *blind.limits))
