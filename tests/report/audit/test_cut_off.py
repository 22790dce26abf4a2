"""The reports on cut-off, credits after the date, journals, numbering and approvals: words, tables, hostile and empty books."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from arlib.audit.ask import Ask
from arlib.audit.kinds import KINDS
from arlib.errors import ParameterError
from arlib.policy import Policies, Scope
from arlib.report.audit.approvals import approvals_report
from arlib.report.audit.credit_notes_after import credit_notes_after_report
from arlib.report.audit.cut_off import cut_off_report
from arlib.report.audit.journal_entries import journal_entries_report
from arlib.report.audit.numbering import numbering_report
from arlib.report.presentation import page_rows
from arlib.sources.sample import generate
from arlib.tables import CANONICAL, Book

REPORTS = {
    "cut_off": cut_off_report, "credit_notes_after": credit_notes_after_report, "journal_entries": journal_entries_report,
    "numbering": numbering_report, "approvals": approvals_report,
}  # fmt: skip
SCOPE = Scope(entity="US01", entity_name="Sample", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31), time_zone="America/New_York", country="US")  # fmt: skip
HOSTILE = ("=cmd|' /C calc'!A0", "<script>alert(1)</script>", "\u202eGnp.exe")


def report_of(kind, book, scope=SCOPE, **options):
    ask = Ask(kind=kind, request_id="PBC-9", asked_by="A. Auditor", options=KINDS[kind].options(**options))
    return REPORTS[kind](book, scope=scope, policies=Policies(), ask=ask)


@pytest.fixture(scope="module")
def whole() -> Book:
    return Book(dict(generate(seed=7, items=800).tables), features=frozenset({"entry_times"}))


@pytest.mark.parametrize("kind", REPORTS)
def test_the_report_of_the_sample(whole, kind):
    report = report_of(kind, whole.for_entity("US01"))
    assert report.name == kind
    assert all(identity.holds for identity in report.identities)
    assert report.identities
    tests = report.table("effects").frame["test"].nunique() if kind == "cut_off" else 0  # each has a sentence
    assert 2 <= len(report.findings) <= 6 + tests
    assert any("opulation is" in said for said in report.findings)
    assert any(table.needs_review for table in report.tables)
    assert report.parameters["Asked by"] == "A. Auditor"
    assert report.table("tests").frame["assertion"].ne("").all()
    for table in report.tables:
        shown = [name for name in table.shown_columns if name not in table.not_on_page]
        assert len(shown) <= 10, (table.name, shown)
        page_rows(table)


@pytest.mark.parametrize("kind", REPORTS)
def test_an_empty_book_makes_a_report_that_says_so(kind):
    report = report_of(kind, Book({}))
    assert any("opulation is empty" in said for said in report.findings)
    assert all(table.frame.empty for table in report.tables if table.needs_review)


def test_every_exception_is_listed_with_its_document_and_sums_tie(whole):
    report = report_of(
        "cut_off",
        whole.for_entity("UK01"),
        replace(SCOPE, entity="UK01", functional_currency="GBP", country="GB"),
    )
    exceptions = report.table("exceptions").frame
    assert exceptions["document_no"].fillna("").ne("").all()
    effects = report.table("effects").frame
    mine = effects[effects["grade"].eq("exception")].set_index(["test", "currency"])["balance_effect"]
    assert exceptions.groupby(["test", "currency"])["balance_effect"].sum().to_dict() == mine.to_dict()
    assert report.counts["exceptions"] == len(exceptions)
    for number in exceptions["document_no"].head(3):
        assert any(number in said for said in report.findings)


def test_hostile_names_stay_data(whole):
    rows = [
        {"item_id": f"I{n}", "entity": "US01", "document_no": f"{text}-{n}", "customer_id": text, "item_type": kind, "currency": "USD",
         "amount": amount, "effective_date": "2026-10-30", "posting_date": "2026-10-30", "delivery_date": "2026-11-03", "reason": text,
         "user": text, "text": text, "control_account": "1200"}
        for n, (text, kind, amount) in enumerate(zip(HOSTILE, ("invoice", "credit_memo", "write_off"), (5_00, -4_00, -3_00), strict=True))
    ]  # fmt: skip
    line = {"entity": "US01", "ledger": "primary", "account": "1200", "journal_id": "J1", "line_id": "1", "posting_date": "2026-10-30",
            "source": "manual", "status": "posted", "currency": "USD", "amount": 1, "functional_amount": 1, "text": HOSTILE[0],
            "user": HOSTILE[1]}  # fmt: skip
    book = Book(
        {"items": CANONICAL["items"].from_rows(rows), "gl_lines": CANONICAL["gl_lines"].from_rows([line])}
    )
    for kind in REPORTS:
        report = report_of(kind, book)
        for table in report.tables:
            page_rows(table)
    assert "hostile_text" in report_of("journal_entries", book).table("entries").frame["signs"].iloc[0]
    assert report_of("cut_off", book).table("exceptions").frame["document_no"].iloc[0].startswith("=cmd")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("cut_off", {"days_before": -1}),
        ("cut_off", {"usual_lag_share": "1.5"}),
        ("cut_off", {"usual_lag_share": "much"}),
        ("credit_notes_after", {"days_after": 100_000}),
        ("journal_entries", {"from_date": "31.10.2026"}),
        ("journal_entries", {"night_from_hour": 25}),
        ("journal_entries", {"min_score": 0}),
        ("numbering", {"new_range_from": 1}),
        ("numbering", {"least_coverage": "-1"}),
        ("approvals", {"split_window_days": True}),
    ],
)
def test_options_that_cannot_be_are_refused_by_name(kind, options):
    with pytest.raises(ParameterError) as fault:
        KINDS[kind].options(**options)
    assert kind in str(fault.value)
    assert next(iter(options)) in str(fault.value)


def test_each_test_of_cut_off_is_a_finding_of_its_own_the_largest_first(whole):
    report = report_of("cut_off", whole.for_entity("US01"))
    exceptions = report.table("exceptions").frame
    weights = exceptions["balance_effect"].abs().groupby(exceptions["test"]).sum()
    order = [said.split(":")[0].lower().replace(" ", "_") for said in report.findings]
    told = [test for test in order if test in weights.index]
    assert told == list(weights.sort_values(ascending=False, kind="stable").index)
    assert len(told) > 3


def test_the_words_of_cut_off_say_how_far_the_books_reach(whole):
    book = whole.for_entity("US01")
    last = book["items"]["posting_date"].max()
    said = " ".join(report_of("cut_off", book, days_after=60).findings)
    assert f"the books reach {last:%Y-%m-%d}, so only documents booked to that day were tested" in said
    assert "were tested. Listing" in " ".join(report_of("cut_off", book, days_after=1).findings)
