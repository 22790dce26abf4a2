"""The performance report: figures with conventions, what ties, its charts, on the sample, a bare book and a snapshot."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from arlib.controls import Status
from arlib.errors import ParameterError
from arlib.policy import Policies, Scope
from arlib.report.figures import draw
from arlib.report.model import Chart, ChartKind, Report
from arlib.report.performance import performance_report
from arlib.report.presentation import PRESENTATIONS
from arlib.report.words import amount_text
from arlib.sources.sample.company import generate
from arlib.tables import Book


def scope(entity: str = "US01", currency: str = "USD") -> Scope:
    return Scope(entity=entity, entity_name="Sample", functional_currency=currency, period="2026-10",
                 starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


@pytest.fixture(scope="module")
def book() -> Book:
    return Book(generate(seed=7, items=800).tables).for_entity("UK01")


@pytest.fixture(scope="module")
def report(book) -> Report:
    return performance_report(book, scope=scope("UK01", "GBP"), policies=Policies())


def test_figures_stand_with_their_convention_and_target(report):
    frame = report.table("kpis").frame
    assert not frame.duplicated(["kpi"]).any()  # one convention leads
    others = report.table("kpis_by_convention").frame
    assert not set(zip(frame["kpi"], frame["convention"], strict=True)) & set(
        zip(others["kpi"], others["convention"], strict=True)
    )
    assert others["formula"].notna().all()
    dso = frame.set_index("kpi").loc["dso"]
    assert (dso["target"], dso["reached"]) == ("45", "missed")
    assert any("DSO (count-back, calendar days) missed its target" in said for said in report.findings)
    assert frame.loc[frame["value"].isna(), "why"].notna().all()


def test_it_ties(report):
    assert {control.name for control in report.controls} >= {"kpi_receivables", "kpi_past_due", "kpi_sales"}
    assert report.status is Status.TIED
    assert all(identity.holds for identity in report.identities)
    bridge = report.table("past_due_bridge").frame["amount"]
    assert bridge.iloc[:-1].sum() == bridge.iloc[-1]


def test_the_quarter_ties_to_the_figures_of_the_page(report):
    """What is said of the frozen portfolio begins with the current and past due of the month before."""
    note = report.table("collected_by_bucket").note
    months = report.table("kpi_months").frame.set_index("month")
    opening = report.table("past_due_bridge").frame["amount"].iloc[0]
    for part, amount in (("Current", months.loc["2026-09", "current"]), ("Past due", opening)):
        assert f"{part}: {amount_text(int(amount), 'GBP')} at booking rates" in note
    buckets = report.table("collected_by_bucket").frame.set_index("name")["frozen"]
    assert f"to closing rates = {amount_text(int(buckets['current']), 'GBP')}." in note
    assert "month 1 of 3, day 31 of 92" in note


def test_promises_stand_beside_the_target_of_who_took_them(report):
    kept = report.table("promises_kept").frame
    own = kept[kept["owner"].ne("")]
    assert own["kept_target"].eq("0.8").all() or own["kept_target"].eq("0.80").all()
    for row in own.itertuples():
        missed = pd.notna(row.kept_rate) and float(row.kept_rate) < 0.8
        assert any(said.startswith(f"Promises taken by {row.owner}:") for said in report.findings) == missed


def test_every_table_has_its_place_and_fits_a_page(report):
    for table in report.tables:
        assert table.name in PRESENTATIONS, table.name
        if not table.is_detail:
            assert len([n for n in table.shown_columns if n not in table.not_on_page]) <= 12, table.name


def test_figures_of_the_month_print_in_few_columns(report):
    assert len(report.table("kpis").shown_columns) <= 18
    assert {"formula", "source", "numerator", "denominator"} <= set(report.table("kpi_values").shown_columns)


def test_what_the_back_test_says_against_the_forecast_is_a_finding(report):
    backtest = report.table("forecast_backtest").frame
    ours = backtest[backtest["method"].eq("forecast") & backtest["coverage"].notna()]
    short = set(ours.loc[ours["coverage"].astype(float) < ours["claimed"].astype(float), "currency"])
    said = [text for text in report.findings if text.startswith("Cash forecast ")]
    assert {text.split()[2].rstrip(",") for text in said if "and held" in text} == short
    sentence = report.chart("forecast").sentence
    assert all(
        f"{row.currency} {float(row.coverage) * 100:.1f}".removesuffix(".0") in sentence
        for row in ours.itertuples()
    )
    assert any("the sum of all weeks has none" in limit for limit in report.limits)


def test_shares_are_read_as_percent_and_kept_as_shares(report):
    table = report.table("collected_by_bucket")
    first = table.frame["rate"].dropna().iloc[0]
    assert table.words["rate"][first].endswith(" %")
    assert 0 <= float(first) <= 1


def test_each_chart_says_what_it_shows_and_is_drawn(report):
    names = [chart.name for chart in report.charts]
    assert names == ["dso", "cei", "age", "balances", "past_due", "collected", "forecast"]
    for chart in report.charts:
        assert chart.sentence in chart.alt
        assert draw(chart)[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_bare_book_makes_a_report_that_says_what_is_missing(book):
    bare = Book({name: book[name] for name in ("items", "applications")})
    made = performance_report(bare, scope=scope("UK01", "GBP"), policies=Policies())
    said = " ".join(made.limits)
    for name in ("promises", "activities", "disputes", "targets", "customers"):
        assert f"No {name} were given" in said
    kpis = made.table("kpis").frame.set_index("kpi")
    assert kpis.loc["promises_kept", "why"] == "no promises were given"
    assert pd.notna(kpis.loc["dso", "value"])


def test_without_applications_nothing_is_said_to_be_collected(book):
    made = performance_report(Book({"items": book["items"]}), scope=scope("UK01", "GBP"), policies=Policies())
    assert made.table("collected_by_bucket").frame.empty
    assert any("collected against target, is not known" in limit for limit in made.limits)
    assert not any("Collected GBP" in finding for finding in made.findings)


def test_a_snapshot_makes_a_report_that_says_what_it_cannot_answer(book):
    items = book["items"]
    only = items[items["item_type"].eq("invoice") & (items["posting_date"] <= "2026-10-31")].reset_index(
        drop=True
    )
    snapshot = Book(
        {"items": only, "customers": book["customers"]},
        features=frozenset({"snapshot"}),
        snapshot_date="2026-10-31",
    )
    made = performance_report(snapshot, scope=scope("UK01", "GBP"), policies=Policies())
    kpis = made.table("kpis").frame.set_index("kpi")
    assert pd.notna(kpis.loc["percent_current", "value"])
    assert kpis.loc["dso", "why"] == "the source is a snapshot of one day and keeps no history"
    assert made.chart("dso").sentence.startswith("DSO of 2026-10 cannot be computed")
    assert draw(made.chart("dso"))
    assert made.table("collected_by_bucket").frame.empty
    assert any("snapshot" in limit for limit in made.limits)


def lines(**changes: object) -> Chart:
    frame = pd.DataFrame(
        {"label": ["2026-08", "2026-09", "2026-10"], "series": "DSO", "value": ["40.1", None, "42.0"]}
    )
    facts = {"name": "dso", "title": "DSO", "sentence": "DSO rose.", "alt": "DSO 40.1, 42.0. DSO rose.", "kind": ChartKind.LINES,
             "frame": frame, "currency": "", "unit": "days"}  # fmt: skip
    return Chart(**(facts | changes))  # type: ignore[arg-type]


def test_lines_are_drawn_the_same_twice_with_a_gap_where_nothing_is_known():
    first = draw(lines())
    assert draw(lines()) == first
    known = lines().frame.assign(value=["40.1", "41.0", "42.0"])
    assert draw(replace(lines(), frame=known)) != first
    nothing = lines().frame.assign(value=None)
    assert draw(replace(lines(), frame=nothing))
    assert draw(replace(lines(), frame=nothing.head(0)))


@pytest.mark.parametrize(("changes", "said"), [
    ({"unit": ""}, "unit"),
    ({"frame": pd.DataFrame({"label": ["a", "a"], "series": "x", "value": ["1", "2"]})}, "two values"),
    ({"frame": pd.DataFrame({"label": ["a"], "series": "x", "value": ["nan"]})}, "a value of a line"),
    ({"frame": pd.DataFrame({"label": ["a"], "series": "x", "value": [1.5]})}, "a value of a line"),
    ({"frame": pd.DataFrame({"label": ["a"], "value": ["1"]})}, "missing"),
])  # fmt: skip
def test_lines_refuse_what_is_not_exact(changes, said):
    with pytest.raises(ParameterError, match=said):
        lines(**changes)
