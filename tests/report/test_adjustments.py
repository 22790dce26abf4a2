"""The adjustments report on the sample company, on books of no rows, and on books that lack every optional table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import openpyxl
import pandas as pd
import pytest

from arlib.controls import Status
from arlib.credit.proposals import DECISIONS, PROPOSALS, facts_sha256
from arlib.policy import Policies, Scope
from arlib.report import show
from arlib.report.adjustments import adjustments_report
from arlib.report.figures import draw
from arlib.report.totals import money_totals
from arlib.report.workbook import write_workbook
from arlib.sources.sample.company import generate
from arlib.tables import CANONICAL, Book

OPTIONAL = ("adjustment_requests", "deductions", "bank_details", "exemptions", "commissions", "plans", "plan_instalments",
            "holds", "claims", "disputes", "receipts", "activities", "customers")  # fmt: skip


def scope_of(entity, currency):
    return Scope(entity=entity, entity_name=entity, functional_currency=currency, period="2026-10", time_zone="UTC",
                 starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


@pytest.fixture(scope="module")
def book():
    made = generate(seed=7, items=800)
    return Book(dict(made.tables), features=frozenset({"entry_times"}))


@pytest.fixture(scope="module")
def report(book):
    return adjustments_report(
        book.for_entity("UK01"), scope=scope_of("UK01", "GBP"), policies=Policies(), rows_shown=15
    )


def test_proposals_carry_their_facts_and_the_words_of_the_decision(report):
    table = report.table("proposals")
    assert table.needs_review
    assert table.decisions == DECISIONS
    assert set(table.columns) == set(PROPOSALS.names) - {"entity"}
    assert table.frame["proposal_id"].is_unique
    assert {"credit_memo", "refund", "settlement"} <= set(table.frame["kind"])
    for row in table.frame.assign(entity="UK01").to_dict("records"):
        assert row["facts_sha256"] == facts_sha256({str(k): v for k, v in row.items()})
    assert not set(report.table("blocked").frame["proposal_id"]) & set(table.frame["proposal_id"])


def test_everything_ties(report):
    assert report.identities
    assert all(identity.holds for identity in report.identities)
    by_name = {control.name: control for control in report.controls}
    assert by_name["deductions"].status is Status.TIED
    assert by_name["refunds"].status is Status.NO_INPUT
    chart = report.chart("credits_by_way")
    assert (
        int(chart.frame["amount"].sum())
        == money_totals(report.table("credits"), "functional_amount")[chart.currency]
    )
    roll = report.chart("deduction_roll").frame
    ends = roll.loc[roll["is_total"], "amount"].tolist()
    assert ends[0] + int(roll.loc[~roll["is_total"], "amount"].sum()) == ends[1]


def test_refunds_booked_are_compared_with_approvals_where_those_are_known(book):
    """A refund without an approval is seen, the same one with its approval ties."""
    mine = book.for_entity("UK01")
    cash = mine["items"][
        mine["items"]["item_type"].eq("receipt") & mine["items"]["cash_status"].eq("unapplied")
    ]
    receipt = cash.sort_values("effective_date").iloc[[-1]]
    amount = -int(receipt["amount"].iloc[0])
    refund = receipt.assign(item_id="RF1", document_no="RF1", item_type="refund", amount=amount, functional_amount=amount,
                            cash_status=None).astype(receipt.dtypes)  # fmt: skip
    paired = mine["applications"].iloc[[0]].assign(
        application_id="ARF1", source_item_id=receipt["item_id"].iloc[0], target_item_id="RF1", source_amount=amount,
        target_amount=amount, discount=0, kind="refund", effective_date=receipt["effective_date"].iloc[0],
        posting_date=receipt["posting_date"].iloc[0], source_currency="GBP", target_currency="GBP",
    ).astype(mine["applications"].dtypes)  # fmt: skip
    tables = {**mine.tables, "items": pd.concat([mine["items"], refund], ignore_index=True),
              "applications": pd.concat([mine["applications"], paired], ignore_index=True)}  # fmt: skip
    decided = CANONICAL["decided_proposals"]
    approval = {"proposal_id": "RF-A", "entity": "UK01", "kind": "refund", "item_id": receipt["item_id"].iloc[0],
                "currency": "GBP", "amount": amount, "decision": "approve", "decided_on": "2026-10-29"}  # fmt: skip
    for rows, status, lines in (([], Status.UNEXPLAINED, 1), ([approval], Status.TIED, 0)):
        known = decided.frame(rows) if rows else decided.empty()
        made = adjustments_report(
            Book({**tables, "decided_proposals": known}), scope=scope_of("UK01", "GBP"), policies=Policies()
        )
        assert {c.name: c.status for c in made.controls}["refunds"] is status
        found = made.table("exceptions").frame
        assert int(found["subject"].eq("refund_without_approval").sum()) == lines


def test_people_read_words(report):
    for table in report.tables:
        headings = [table.heading(name) for name in table.shown_columns]
        assert not [h for h in headings if "_" in h or h.endswith(" id")], (table.name, headings)
        for column, words in table.words.items():
            assert not [
                words[value]
                for value in set(table.frame[column].dropna()) & set(words)
                if "_" in words[value]
            ]
    for sentence in (*report.findings, *report.limits, *(chart.sentence for chart in report.charts)):
        assert "_" not in sentence
        assert sentence.endswith(".")


def test_workbook_ties_and_charts_draw(report, tmp_path):
    made = openpyxl.load_workbook(write_workbook(report, tmp_path / "x.xlsx", properties={}), data_only=True)
    sheet = made["Reconciliation"]
    checks = {sheet.cell(row, 9).value for row in range(3, sheet.max_row + 1)}
    assert "ties" in checks
    assert "BREAK" not in checks
    assert all(draw(chart) for chart in report.charts)
    for table in report.tables:
        show.table(report, table.name)


def test_without_the_optional_tables_it_says_what_is_missing(book, tmp_path):
    mine = book.for_entity("US01")
    bare = Book(
        {name: frame for name, frame in mine.tables.items() if name not in OPTIONAL}, features=mine.features
    )
    made = adjustments_report(bare, scope=scope_of("US01", "USD"), policies=Policies())
    assert all(identity.holds for identity in made.identities)
    assert len(made.limits) >= 5
    assert {c.name: c.status for c in made.controls} == {
        "deductions": Status.NO_INPUT,
        "refunds": Status.NO_INPUT,
    }
    write_workbook(made, tmp_path / "x.xlsx", properties={})


def test_a_ledger_of_no_rows(tmp_path):
    entities = CANONICAL["entities"].frame(
        entity=["E1"], name=["None Ltd"], functional_currency=["USD"], time_zone=["UTC"]
    )
    empty = Book({"entities": entities, "items": CANONICAL["items"].empty()})
    made = adjustments_report(empty, scope=scope_of("E1", "USD"), policies=Policies())
    assert all(identity.holds for identity in made.identities)
    assert all(draw(chart) for chart in made.charts)
    write_workbook(made, tmp_path / "x.xlsx", properties={})
    for table in made.tables:
        show.table(made, table.name)


def test_row_order_of_the_book_changes_nothing(book, report, tmp_path):
    mixed = {
        name: frame.sample(frac=1, random_state=3) for name, frame in book.for_entity("UK01").tables.items()
    }
    again = adjustments_report(
        replace(book.for_entity("UK01"), tables=mixed), scope=report.scope, policies=Policies(), rows_shown=15
    )
    one = write_workbook(report, tmp_path / "a.xlsx", properties={})
    two = write_workbook(again, tmp_path / "b.xlsx", properties={})
    assert one.read_bytes() == two.read_bytes()
