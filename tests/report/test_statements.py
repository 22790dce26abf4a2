"""The statements report: its tables tie to the aging, and it works with little and with nothing."""

from __future__ import annotations

from datetime import date

import pytest

from arlib.controls import Status
from arlib.ledger.aging import age_items, aging
from arlib.ledger.openitems import open_items
from arlib.policy import Policies, Scope
from arlib.report.statements import statements_report
from arlib.sources.sample.company import generate
from arlib.tables import Book


def scope(entity="UK01", currency="GBP"):
    return Scope(entity=entity, entity_name="Sample", functional_currency=currency, period="2026-10",
                 starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


@pytest.fixture(scope="module")
def book():
    return Book(generate(seed=7, items=800).tables).for_entity("UK01")


def test_the_report_of_the_sample_ties_to_the_aging(book):
    report = statements_report(book, scope=scope(), policies=Policies())
    aged = age_items(open_items(book, scope=scope()), as_of=scope().as_of, policy=Policies().aging)
    sums = aging(aged, by=("currency",)).groupby("currency")["amount"].sum()
    totals = report.table("statement_totals").frame.set_index("currency")

    assert totals["ledger"].to_dict() == sums.to_dict()
    assert totals["difference"].eq(0).all()
    assert report.status is Status.TIED
    assert all(identity.holds for identity in report.identities)
    sent = report.table("statements_sent").frame
    assert sent["books_closing"].dropna().is_monotonic_decreasing
    assert sent.groupby("currency")["closing"].sum().to_dict() == totals["on_statements"].to_dict()
    reasons = set(report.table("statement_excluded").frame["reason"])
    assert {"unidentified", "bankrupt", "sold"} <= reasons
    assert any(sentence.startswith("Send ") for sentence in report.findings)
    assert all(chart.sentence in chart.alt for chart in report.charts)


def test_it_works_from_items_alone_and_from_nothing(book):
    bare = statements_report(Book({"items": book["items"]}), scope=scope(), policies=Policies())
    assert any("No customers were given" in sentence for sentence in bare.limits)
    assert set(bare.table("statement_gaps").frame["gap"]) == {"no_customer"}
    empty = statements_report(Book({}), scope=scope(), policies=Policies())
    assert empty.counts["statements"] == 0
    assert len(empty.tables) == len(bare.tables)
