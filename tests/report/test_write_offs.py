"""The write-offs report: its tables and sentences, with and without the optional tables, on hostile books."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from arlib.credit.proposals import DECISIONS, PROPOSALS
from arlib.errors import RateError
from arlib.policy import Policies, Scope, WriteOffPolicy
from arlib.policy.write_off import WriteOffLimit
from arlib.report.write_offs import write_offs_report
from arlib.sources.sample.company import generate
from arlib.tables import CANONICAL, Book


def scope(entity: str = "US01", currency: str = "USD", country: str = "US") -> Scope:
    return Scope(entity=entity, entity_name="Sample", functional_currency=currency, period="2026-10",
                 starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31), country=country)  # fmt: skip


@pytest.fixture(scope="module")
def whole() -> Book:
    return Book(generate(seed=7, items=800).tables)


def test_the_report_of_the_sample(whole):
    report = write_offs_report(
        whole.for_entity("UK01"), scope=scope("UK01", "GBP", "GB"), policies=Policies()
    )
    proposals = report.table("proposals")

    assert proposals.needs_review
    assert proposals.decisions == DECISIONS
    assert set(proposals.columns) == set(PROPOSALS.names) - {"entity"}
    assert sum(table.decisions == DECISIONS for table in report.tables) == 1
    assert report.counts["proposals"] == len(proposals.frame)
    assert report.counts["blocked"] == len(report.table("blocked").frame)
    assert len(report.table("approvers").frame) == len(proposals.frame)
    assert all(identity.holds for identity in report.identities)
    relief = report.table("tax_relief").frame
    assert relief["jurisdiction"].eq("GB").all()
    assert len(relief)
    assert any("proposer is approver" in sentence for sentence in report.findings)
    assert [chart.name for chart in report.charts] == ["proposals", "months"]
    assert all(chart.sentence in chart.alt for chart in report.charts)


def test_it_works_from_items_and_applications_alone_and_says_what_is_missing(whole):
    book = whole.for_entity("JP01")
    bare = Book({name: book[name] for name in ("items", "applications")})
    report = write_offs_report(bare, scope=scope("JP01", "JPY", "JP"), policies=Policies())

    said = " ".join(report.limits)
    for name in (
        "No holds were",
        "No claims were",
        "No plans were",
        "No records of security",
        "No register of debts written off",
    ):
        assert name in said
    assert report.table("written_off_register").frame["source"].eq("ledger").all()


def test_an_empty_book_makes_a_report(whole):
    report = write_offs_report(Book({}), scope=scope(), policies=Policies())

    assert report.counts == {"proposals": 0, "blocked": 0, "written_off": 0, "recoveries": 0, "flags": 0}
    assert report.charts[0].sentence == "Nothing is proposed and nothing is blocked."


def test_hostile_rows_and_places(whole):
    rows = [
        {"item_id": f"I{n}", "document_no": f"D{n}", "customer_id": "C1", "item_type": kind, "currency": code, "amount": amount,
         "due_date": due, "effective_date": "2025-01-01", "text": "=cmd|' /C calc'!A0"}
        for n, (kind, code, amount, due) in enumerate([
            ("invoice", "JPY", 120_000, "2025-02-01"), ("invoice", "KWD", 1_234_567, "2025-02-01"),
            ("invoice", "USD", 50_000, None), ("credit_memo", "USD", -3, None), ("invoice", "EUR", 1, "2026-10-01"),
        ])
    ]  # fmt: skip
    raw = pd.DataFrame(rows).assign(entity="US01")
    raw["due_date"] = pd.to_datetime(raw["due_date"])
    book = Book({
        "items": CANONICAL["items"].typed(raw),
        "customers": CANONICAL["customers"].frame([{"entity": "US01", "customer_id": "C1", "name": "<b>=1+1"}]),
    })  # fmt: skip
    report = write_offs_report(book, scope=scope(), policies=Policies())

    frame = report.table("proposals").frame
    assert sorted(frame["currency"]) == ["EUR", "JPY", "KWD"]
    assert report.table("blocked").frame["blocked_by"].tolist() == [
        "unapplied_credit"
    ]  # the dollar item, by three cents
    assert any("1,234.567" in sentence for sentence in report.findings)
    assert any("JPY 120,000" in sentence for sentence in report.findings)
    euro = Policies(write_off=WriteOffPolicy(limits=(WriteOffLimit(amount=Decimal(1), currency="GBP"),)))
    with pytest.raises(RateError, match="GBP"):
        write_offs_report(book, scope=scope(), policies=euro)
