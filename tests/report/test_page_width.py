"""The widest tables of the sample company fit a page of 1300 pixels, on screen and in print."""

from __future__ import annotations

from datetime import date
from functools import partial

import nbformat
import pytest

from arlib.policy import Policies, Scope
from arlib.report import show
from arlib.report.adjustments import adjustments_report
from arlib.report.bad_debt import bad_debt_report
from arlib.report.cash_application import cash_application_report
from arlib.report.collections import collections_report
from arlib.report.control_account import control_account_report
from arlib.report.customer_reconciliation import customer_reconciliation_report
from arlib.report.page import render
from arlib.report.performance import performance_report
from arlib.report.presentation import page_rows
from arlib.report.write_offs import write_offs_report
from arlib.sources.sample import generate
from arlib.tables import Book

WIDE = {
    customer_reconciliation_report: ("statements", "differences", "reconciliation_lines"),
    partial(cash_application_report, receipts="period"): (
        "cash_queue",
        "cash_candidates",
        "cash_unidentified",
        "reperformed_differences",
        "short_payment_lines",
        "cash_skipped",
        "cash_rules",
        "hit_rates",
    ),
    control_account_report: ("causes", "closed_period_postings", "cash_proof", "billing_check"),
    bad_debt_report: (
        "provision_matrix",
        "specific_lines",
        "top_exposures",
        "migration",
        "proposals",
        "blocked",
    ),
    write_offs_report: ("proposals", "blocked"),
    adjustments_report: ("proposals", "blocked", "credits", "unclaimed_property", "deduction_cases"),
    performance_report: (
        "kpis",
        "kpis_by_convention",
        "high_risk",
        "recurring_causes",
        "activity_by_collector",
    ),
    collections_report: (
        "call_list",
        "left_out",
        "hit_list",
        "escalations",
        "contacts_due",
        "promises",
        "obstacles",
        "follow_ups",
        "hold_proposals",
        "credit_review",
        "claims",
        "placements_proposed",
        "placement_register",
        "exception_list",
        "letters_due",
        "file_checklist",
        "terms_register",
        "references",
        "portals",
    ),
}

MEASURED = (
    "() => [...document.querySelectorAll('table')].map(t => [t.caption.innerText, t.scrollWidth, "
    "t.closest('.ar-output').clientWidth])"
)
PRINTED = 1031  # pixels of A4 landscape within margins of 12 mm


@pytest.mark.browser
def test_no_table_runs_off_the_page(chromium, tmp_path):
    from playwright.sync_api import sync_playwright

    made = generate(seed=11, items=900)
    book = Book(dict(made.tables), features=frozenset({"entry_times"}))
    scope = Scope(entity="US01", entity_name="Sample", functional_currency="USD", period="2026-10",
                  starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip
    cells, shown_tables = [], 0
    for build, names in WIDE.items():
        report = build(book.for_entity("US01"), scope=scope, policies=Policies())
        shown_tables += 1 + sum(len(page_rows(report.table(name))) > 0 for name in names)
        for shown in (show.controls(report), show.tables(report, *names, rows=40)):
            output = nbformat.v4.new_output("execute_result", data=dict(shown.data), execution_count=1)
            cells.append(nbformat.v4.new_code_cell("show", outputs=[output]))
    page = tmp_path / "page.html"
    text = render(nbformat.v4.new_notebook(cells=cells), mode="report", title="Wide", run_facts={})
    page.write_text(text, encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1300, "height": 900})
        tab.goto(page.as_uri())
        widths = tab.evaluate(MEASURED)
        reasons = tab.evaluate("() => [...document.querySelectorAll('td.ar-wide')].map(c => c.clientWidth)")
        tab.emulate_media(media="print")
        tab.set_viewport_size({"width": PRINTED, "height": 700})
        printed = tab.evaluate(MEASURED)
        browser.close()
    assert len(widths) == len(printed) == shown_tables
    assert shown_tables > 25
    assert not [row for row in (*widths, *printed) if row[1] > row[2]]
    assert min(reasons) >= 200
