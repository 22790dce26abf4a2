"""The five reports on the sample company, on books of no and one row, and on shuffled rows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import partial

import openpyxl
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from arlib.controls import Status
from arlib.ledger.frames_control import RollLine
from arlib.money import minor_places
from arlib.policy import AgingPolicy, Basis, Credits, Policies, Scope
from arlib.report import show
from arlib.report.adjustments import adjustments_report
from arlib.report.aging import aging_report, percent
from arlib.report.agreement import bridge_identities, bridges
from arlib.report.bad_debt import bad_debt_report
from arlib.report.cash_application import cash_application_report
from arlib.report.collections import collections_report
from arlib.report.control_account import control_account_report
from arlib.report.customer_reconciliation import customer_reconciliation_report
from arlib.report.figures import draw
from arlib.report.markup import table_html
from arlib.report.month_end_summary import month_end_summary_report
from arlib.report.performance import performance_report
from arlib.report.statements import statements_report
from arlib.report.totals import money_totals
from arlib.report.workbook import write_workbook
from arlib.report.write_offs import write_offs_report
from arlib.sources.sample import generate
from arlib.tables import CANONICAL, PROBLEMS, Book, Kind

BUILDERS = (
    aging_report,
    control_account_report,
    customer_reconciliation_report,
    month_end_summary_report,
    partial(cash_application_report, receipts="period"),
    bad_debt_report,
    write_offs_report,
    adjustments_report,
    performance_report,
    statements_report,
    collections_report,
)
NAMES = (
    "aging",
    "control_account",
    "customer_reconciliation",
    "month_end_summary",
    "cash_application",
    "bad_debt",
    "write_offs",
    "adjustments",
    "performance",
    "statements",
    "collections",
)
PERIOD = {
    "period": "2026-10",
    "starts_on": date(2026, 10, 1),
    "ends_on": date(2026, 10, 31),
    "as_of": date(2026, 10, 31),
}


def scope_of(book: Book, entity: str) -> Scope:
    found = book["entities"].set_index("entity").loc[entity]
    return Scope(entity=entity, entity_name=found["name"], functional_currency=found["functional_currency"],
                 time_zone=found["time_zone"], **PERIOD)  # fmt: skip


@pytest.fixture(scope="module")
def book():
    made = generate(seed=11, items=900)
    return Book(dict(made.tables), features=frozenset({"entry_times"}))


@pytest.fixture(scope="module")
def reports(book):
    scope = scope_of(book, "US01")
    mine = book.for_entity("US01")
    return {
        name: build(mine, scope=scope, policies=Policies(), rows_shown=15)
        for name, build in zip(NAMES, BUILDERS, strict=True)
    }


@pytest.fixture(scope="module")
def empty():
    entities = CANONICAL["entities"].frame(
        entity=["E1"], name=["None Ltd"], functional_currency=["USD"], time_zone=["UTC"]
    )
    return Book({"entities": entities, "items": CANONICAL["items"].empty()})


def test_every_identity_holds_and_every_report_has_its_parts(reports):
    for name, report in reports.items():
        assert report.name == name
        assert report.question.endswith("?")
        assert report.identities or name == "customer_reconciliation"
        assert all(identity.holds for identity in report.identities)
        assert report.charts
        assert any(t.needs_review for t in report.tables) or name == "month_end_summary"


def test_aging_tables_agree_with_each_other(reports):
    report = reports["aging"]
    outstanding = money_totals(report.table("open_items"), "outstanding")
    for name in ("aging_by_currency", "aging_by_customer", "aging_by_collector", "aging_by_sales_rep",
                 "aging_by_region"):  # fmt: skip
        assert money_totals(report.table(name), "total") == outstanding, name
    by_parent = report.table("aging_by_parent_id")
    assert money_totals(by_parent, "total") == outstanding or by_parent.note == "No customer has a parent."
    compared = report.table("aging_compared")
    assert money_totals(compared, "contractual") == money_totals(compared, "risk") == outstanding
    chart = report.chart("aging")
    assert int(chart.frame["amount"].sum()) == money_totals(report.table("aging_functional"), "total")["USD"]
    dollars = report.table("aging_by_customer").frame.query("currency == 'USD'")["total"].tolist()
    assert dollars == sorted(dollars, reverse=True)


def test_causes_add_up_to_each_control(reports):
    report = reports["control_account"]
    causes = report.table("causes").frame
    for control in report.controls:
        if control.name == "control_account":
            mine = causes.loc[causes["account"].eq(control.account), "amount"]
            assert int(mine.sum()) == control.explained
            assert control.status in (Status.TIED, Status.EXPLAINED)
    by_kind = report.table("causes_by_kind")
    assert money_totals(by_kind, "amount") == money_totals(report.table("causes"), "amount")


def test_bridges_and_roll_forward_land_where_they_say(reports):
    for chart in reports["control_account"].charts:
        total = chart.frame["is_total"].fillna(False)
        first, last = chart.frame.loc[total, "amount"].tolist()
        assert first + int(chart.frame.loc[~total, "amount"].sum()) == last, chart.name
    rolled = reports["control_account"].table("roll_forward_document").frame
    for _, part in rolled.groupby("currency"):
        amounts = dict(zip(part["line"], part["amount"], strict=True))
        closing = amounts.pop(RollLine.CLOSING.value)
        assert sum(amounts.values()) == closing


def test_summary_holds_every_control_once_and_worst_first(reports):
    summary = reports["month_end_summary"]
    credit = ("bad_debt", "write_offs", "adjustments")
    parts = {control for name in (*NAMES[:3], *credit) for control in reports[name].controls}
    offered = {control for control in reports["cash_application"].controls if control.name == "cash_offered"}
    assert offered
    parts |= offered
    assert set(summary.controls) == parts
    assert len(summary.controls) == len(parts)
    statuses = summary.table("controls").frame["status"].tolist()
    assert statuses == sorted(statuses, key=["unexplained", "explained", "no_input", "tied"].index)
    moved = summary.table("movements").frame
    assert (moved["closing"] - moved["opening"]).tolist() == moved["movement"].tolist()
    lines = summary.table("needs_a_person").frame
    for name in NAMES[:3]:
        expected = len(reports[name].table("exceptions").frame)
        assert int(lines.loc[lines["report"].eq(name), "lines"].sum()) == expected
    for name in credit:
        expected = len(reports[name].table("proposals").frame)
        assert int(lines.loc[lines["report"].eq(name), "lines"].sum()) == expected > 0
    waiting = lines[lines["report"].eq("cash_application")]
    assert int(waiting["lines"].sum()) == reports["cash_application"].counts["receipts"] > 0


def test_movements_are_the_change_of_the_roll_forward(reports):
    """Closing less opening by customer, summed, is closing less opening of the roll-forward."""
    moved = money_totals(reports["month_end_summary"].table("movements"), "movement")["USD"]
    rolled = reports["control_account"].table("roll_forward").frame.set_index("line")["amount"]
    late = rolled[RollLine.POSTED_TO_CLOSED.value]
    assert moved == rolled[RollLine.CLOSING.value] - rolled[RollLine.OPENING.value] - late


def test_totals_of_a_month_end_agree_by_what_is_named(reports):
    """Aging, roll-forward and movements from three tables; the bridges say what lies between."""
    summary = reports["month_end_summary"]
    lines = summary.table("bridges").frame
    assert list(lines.groupby("bridge").size()) == [3, 3]
    amounts = lines.set_index(["bridge", "line_no"])["amount"]
    rolled = summary.table("roll_forward").frame.set_index("line")["amount"]
    one, two = "Aging to roll-forward", "Movements to roll-forward"
    assert amounts[one, 1] == money_totals(summary.table("aging_functional"), "total")["USD"]
    assert amounts[one, 3] == rolled[RollLine.CLOSING.value]
    assert amounts[two, 1] == money_totals(summary.table("movements"), "movement")["USD"]
    assert amounts[two, 2] == rolled[RollLine.POSTED_TO_CLOSED.value] != 0
    assert amounts[two, 3] == rolled[RollLine.CLOSING.value] - rolled[RollLine.OPENING.value]
    for name in (one, two):
        assert amounts[name, 1] + amounts[name, 2] == amounts[name, 3]
        identity = next(i for i in summary.identities if i.name == name.lower())
        assert identity.holds
        assert identity.right == amounts[name, 3]
    for table, end in (
        ("roll_forward", "closing of the roll-forward"),
        ("movements", "closing less opening"),
    ):
        assert end in summary.table(table).note
    assert "posted to closed periods" in next(
        i.left_label
        for i in reports["control_account"].identities
        if i.name.startswith("roll-forward opening")
    )


def test_a_bridge_that_does_not_land_is_seen(reports, book):
    """A movement left out breaks the identity and the footing of the sheet."""
    scope = reports["aging"].scope
    moved = reports["month_end_summary"].table("movements").frame.iloc[1:]
    made = bridges(reports["aging"], reports["control_account"], moved, scope=scope)
    held = {i.name: i.holds for i in bridge_identities(made, scope=scope)}
    assert held == {"aging to roll-forward": True, "movements to roll-forward": False}
    customer_view = replace(scope, basis=Basis.EFFECTIVE)
    assert bridges(reports["aging"], reports["control_account"], moved, scope=customer_view) == {}


def test_customers_have_names_and_pages_keep_to_what_is_read(reports):
    report = reports["customer_reconciliation"]
    for name in ("statements", "differences", "reconciliation_lines"):
        frame = report.table(name).frame
        assert len(frame)
        assert frame["name"].fillna("").ne("").all(), name
    page = BeautifulSoup(table_html(report.table("differences"), rows_shown=50), "html.parser")
    heads = [th.get_text() for th in page.select("thead th")]
    assert heads[:2] == ["Customer", "Name"]
    assert {"Difference", "Age in days", "Reason"} <= set(heads)
    assert not {"No.", "Due date", "Their line"} & set(heads)
    assert page.select("td.ar-wide")
    assert {"row_no", "due_date", "line_no"} <= set(report.table("differences").columns)  # in the workbook


def test_empty_names_are_said_and_totals_are_by_currency(reports, tmp_path):
    report = reports["aging"]
    page = table_html(report.table("aging_by_customer"), rows_shown=500)
    assert report.table("aging_by_customer").frame["customer_id"].eq("").any()
    assert "(unidentified)" in page
    made = openpyxl.load_workbook(write_workbook(report, tmp_path / "x.xlsx", properties={}), data_only=True)
    for name, title in (("aging_by_customer", "Aging by customer"), ("aging_by_region", "Aging by region")):
        sheet, totals = made[title], money_totals(report.table(name), "total")
        at = [cell.value for cell in sheet[4]].index("Total") + 1
        found = {sheet.cell(r, 1).value: sheet.cell(r, at).value for r in range(5, sheet.max_row + 1)}
        for code, minor in totals.items():
            assert round(found[f"Total {code}"] * 10 ** minor_places(code)) == minor
    assert "(unidentified)" in [cell.value for cell in made["Aging by customer"]["A"]]


def test_remarks_on_rows_are_counted_in_one_line(book):
    problems = PROBLEMS.frame(file=["a.csv"] * 3, table=["items"] * 3, row=[1, 2, 3], column=["amount"] * 3,
                              severity=["noted"] * 3, code=["odd"] * 3, found=["x"] * 3, wanted=["y"] * 3)  # fmt: skip
    noted = replace(book.for_entity("UK01"), problems=problems)
    for build in BUILDERS:
        report = build(noted, scope=scope_of(book, "UK01"), policies=Policies())
        lines = [line for line in report.findings if "remark" in line]
        assert len(lines) == 1
        assert lines[0].startswith("3 remarks on rows")
        assert lines[0] in repr(show.findings(report))


def test_people_read_words(reports):
    looked = 0
    for report in reports.values():
        for table in report.tables:
            headings = [table.heading(name) for name in table.shown_columns]
            assert not [h for h in headings if "_" in h or h.endswith(" id")], (table.name, headings)
            page = table_html(table, rows_shown=200)
            for column, words in table.words.items():
                shown = set(table.frame[column].dropna()) & set(words)
                looked += len(shown)
                assert not [words[value] for value in shown if "_" in words[value]], (table.name, column)
            assert "nan" not in re.findall(r">(nan|NaT|None|&lt;NA&gt;)<", page)
        for sentence in (*report.findings, *report.limits):
            assert "_" not in sentence
            assert sentence.endswith(".")
    assert looked > 30


def test_exceptions_have_stable_references(reports):
    for name in NAMES[:3]:
        frame = reports[name].table("exceptions").frame
        assert frame["reference"].is_unique
        assert frame["finding"].notna().all()
    frame = reports["control_account"].table("exceptions").frame
    assert frame["reference"].str.startswith("reconciling_item/1200/").any()


@pytest.mark.parametrize("name", NAMES)
def test_row_order_of_the_book_changes_nothing(book, reports, name, tmp_path):
    mixed = {
        key: frame.sample(frac=1, random_state=3) for key, frame in book.for_entity("US01").tables.items()
    }
    build = dict(zip(NAMES, BUILDERS, strict=True))[name]
    again = build(
        Book(mixed, features=book.features), scope=reports[name].scope, policies=Policies(), rows_shown=15
    )
    one = write_workbook(reports[name], tmp_path / "a.xlsx", properties={})
    two = write_workbook(again, tmp_path / "b.xlsx", properties={})
    assert one.read_bytes() == two.read_bytes()
    assert [draw(chart) for chart in again.charts] == [draw(chart) for chart in reports[name].charts]


@pytest.mark.parametrize("name", NAMES)
def test_workbooks_tie(reports, name, tmp_path):
    made = openpyxl.load_workbook(
        write_workbook(reports[name], tmp_path / "x.xlsx", properties={}), data_only=True
    )
    checks = {
        made["Reconciliation"].cell(row, 9).value for row in range(3, made["Reconciliation"].max_row + 1)
    }
    assert "ties" in checks
    assert "BREAK" not in checks


@pytest.mark.parametrize("build", BUILDERS)
def test_a_ledger_of_no_rows(empty, build, tmp_path):
    report = build(empty, scope=scope_of(empty, "E1"), policies=Policies(), rows_shown=5)
    assert all(identity.holds for identity in report.identities)
    assert report.status in (Status.NO_INPUT, Status.TIED)
    write_workbook(report, tmp_path / "x.xlsx", properties={})
    for chart in report.charts:
        assert draw(chart)
    for table in report.tables:
        show.table(report, table.name)


@pytest.mark.parametrize("build", BUILDERS)
def test_a_ledger_of_one_row(empty, build, tmp_path):
    items = CANONICAL["items"].frame(
        item_id=["1"], entity=["E1"], customer_id=["=C"], item_type=["invoice"], document_no=["INV-1"],
        effective_date=["2026-10-05"], due_date=["2026-10-20"], currency=["JPY"], amount=[500],
    )  # fmt: skip
    book = replace(empty, tables={**empty.tables, "items": items})
    report = build(book, scope=scope_of(book, "E1"), policies=Policies(), rows_shown=5)
    assert all(identity.holds for identity in report.identities)
    write_workbook(report, tmp_path / "x.xlsx", properties={})
    if report.name == "aging":
        assert report.chart("aging").currency == "JPY"  # no dollar amount is known
        assert "no aging in it" in " ".join(report.limits)
        row = report.table("aging_by_currency").frame.iloc[0]
        assert (row["1-30"], row["total"]) == (500, 500)


@pytest.mark.parametrize(
    ("credit", "shown", "sentence"),
    [(-3000, Credits.SHOWN, "USD 20.00 is open at 2026-10-31, of the debits 80.0 % past due (all currencies at booking rates)."),
     (0, Credits.SHOWN, "USD 50.00 is open at 2026-10-31, of which 80.0 % past due (all currencies at booking rates)."),
     (-3000, Credits.NETTED, "USD 20.00 is open at 2026-10-31, of which 50.0 % past due (all currencies at booking rates).")],
)  # fmt: skip
def test_open_credits_are_no_part_of_what_can_be_past_due(empty, credit, shown, sentence):
    items = CANONICAL["items"].frame(
        item_id=["1", "2", "3"], entity="E1", customer_id="C", item_type=["invoice", "invoice", "credit_memo"],
        document_no=["1", "2", "3"], effective_date="2026-10-05", due_date=["2026-10-20", "2026-11-20", "2026-10-20"],
        currency="USD", amount=[4000, 1000, credit], functional_amount=[4000, 1000, credit],
    )  # fmt: skip
    book = replace(empty, tables={**empty.tables, "items": items})
    policies = replace(Policies(), aging=AgingPolicy(credits=shown))
    report = aging_report(
        book, scope=replace(scope_of(book, "E1"), functional_currency="USD"), policies=policies
    )
    assert report.chart("aging").sentence == sentence


def test_without_a_general_ledger_the_control_did_not_run(book):
    mine = book.for_entity("JP01")
    kept = {name: frame for name, frame in mine.tables.items() if not name.startswith("gl_")}
    report = control_account_report(Book(kept), scope=scope_of(book, "JP01"), policies=Policies())
    found = [control for control in report.controls if control.name == "control_account"]
    assert found
    assert {control.status for control in found} == {Status.NO_INPUT}
    assert report.chart("bridge").frame.empty


def test_yen_are_shown_without_places(book):
    report = aging_report(book.for_entity("JP01"), scope=scope_of(book, "JP01"), policies=Policies())
    shown = repr(show.chart(report, "aging"))
    assert re.search(r"Current [\d,]+[;.]", shown)
    assert "JPY" in report.chart("aging").title


def test_hostile_names_stay_text_everywhere(book, samples, tmp_path):
    mine = book.for_entity("UK01")
    names = pd.Series(
        [samples.HOSTILE[n % len(samples.HOSTILE)] for n in range(len(mine["customers"]))], dtype="str"
    )
    hostile = replace(mine, tables={**mine.tables, "customers": mine["customers"].assign(name=names)})
    report = month_end_summary_report(hostile, scope=scope_of(book, "UK01"), policies=Policies())
    assert draw(report.chart("movements"))
    made = openpyxl.load_workbook(write_workbook(report, tmp_path / "x.xlsx", properties={}))
    sheet = next(made[name] for name in made.sheetnames if name.startswith("Movements"))
    assert {cell.data_type for cell in sheet["B"][4:] if cell.value} == {"s"}
    page = table_html(report.table("movements"), rows_shown=100)
    assert "<script" not in page


def test_shares_are_rounded_from_whole_numbers():
    assert percent(1, 3) == "33.3 %"
    assert percent(2, 3) == "66.7 %"
    assert percent(-1, 3) == "-33.3 %"
    assert percent(0, 5) == "0.0 %"


def test_money_never_becomes_float(reports):
    looked = 0
    for report in reports.values():
        for table in report.tables:
            for name in table.columns:
                if table.kinds[name] is Kind.MONEY:
                    looked += 1
                    assert str(table.frame[name].dtype) == "Int64"
    assert looked > 100
