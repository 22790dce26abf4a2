"""The aging explorer: the numbers of the aging report for every question, and values that the close reads back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import duckdb
import pytest

from arlib.errors import ParameterError
from arlib.explore.twins.aging import DIMENSIONS, AgingExplorer, edges_of
from arlib.explore.twins.views import aging_view
from arlib.ledger.openitems import open_items
from arlib.policy import Basis
from arlib.report.aging import aging_report
from arlib.run.notebook_params import check_notebook
from arlib.run.params import load_policies
from arlib.run.yamltext import read_yaml

END = date(2026, 10, 31)


@pytest.fixture
def explorer(books):
    return AgingExplorer(source=books, entity="US01", as_of=END)


def same(one, other):
    """The rows of two frames in one order, as plain values."""
    columns = sorted(set(one.columns) & set(other.columns))
    rows = [
        sorted(
            map(tuple, frame[columns].astype(object).where(frame[columns].notna(), "").to_numpy().tolist()),
            key=str,
        )
        for frame in (one, other)
    ]
    return rows[0] == rows[1]


@pytest.mark.parametrize("by", ["customer_id", "collector", "region", "sales_rep", "currency"])
@pytest.mark.parametrize("basis", list(Basis))
def test_the_numbers_are_those_of_the_aging_report(explorer, plan, by, basis):
    seen = explorer.asked(by=by, basis=basis)
    report = aging_report(
        explorer.book, scope=plan.scope("US01", basis=basis, as_of=END), policies=plan.policies, rows_shown=5
    )
    names = {"customer_id": "aging_by_customer", "currency": "aging_by_currency"}
    (table,) = [each for each in report.tables if each.name == names.get(by, f"aging_by_{by}")]

    assert len(seen.lines)
    assert same(seen.lines, table.frame)


@pytest.mark.parametrize("entity", ["US01", "UK01", "JP01"])
@pytest.mark.parametrize("day", [END, date(2026, 7, 15), date(2025, 12, 31)])
def test_every_question_keeps_every_amount(explorer, entity, day):
    start = explorer.asked(entity=entity, as_of=day)
    wanted = open_items(start.book, scope=start.scope).groupby("currency")["outstanding"].sum()
    for by in DIMENSIONS:
        for edges in ((), (15, 45)):
            seen = start.asked(by=by, edges=edges)
            got = seen.lines.groupby("currency")["total"].sum()

            assert {k: v for k, v in got.items() if v} == {k: v for k, v in wanted.items() if v}
            assert all(identity.holds for identity in seen.identities)


def test_buckets_asked_for_against_sql(explorer):
    seen = explorer.asked(edges=(10, 45), by="currency")
    connection = duckdb.connect()
    connection.register("opened", seen.open_items)
    found = connection.sql(
        """select currency, sum(outstanding) filter (outstanding > 0 and d between 1 and 10) a,
        sum(outstanding) filter (outstanding > 0 and d between 11 and 45) b, sum(outstanding) filter (outstanding > 0 and d > 45) c
        from (select currency, outstanding, date_diff('day', due_date::date, date '2026-10-31') d from opened) group by 1 order by 1"""
    ).fetchall()
    wanted = {code: tuple(int(value or 0) for value in values) for code, *values in found}

    got = {r["currency"]: (r["1-10"], r["11-45"], r["46+"]) for r in seen.lines.to_dict("records")}
    assert got == wanted
    assert any(any(values) for values in got.values())


def test_the_slider_asks_for_the_same_book_once(explorer, books):
    for day in (date(2026, 10, 1), date(2026, 9, 1), END):
        _ = explorer.asked(as_of=day).lines
    assert books.read == ["US01"]


def test_saved_parameters_open_the_same_question(explorer, tmp_path):
    seen = explorer.asked(as_of=date(2026, 9, 30), known_at=date(2026, 10, 2), edges=(15, 45), by="collector",
                          basis=Basis.EFFECTIVE)  # fmt: skip
    given = check_notebook("aging_explorer", read_yaml(seen.saved(), file="saved").data)

    assert (given.as_of, given.known_at, given.basis, given.by) == (
        "2026-09-30",
        "2026-10-02",
        "effective",
        "collector",
    )
    assert edges_of(given.edges) == (15, 45)

    path = tmp_path / "policy.yml"
    path.write_text(seen.saved_policy(), encoding="utf-8")
    assert load_policies(path).aging == seen.policy


@pytest.mark.parametrize("text", ["30,20", "0", "a", "1.5", "-3", "30,,30", "9" * 9, "=1+1", "１０"])
def test_edges_that_are_none_are_refused(text):
    with pytest.raises(ParameterError):
        edges_of(text)


def test_unknown_questions_are_refused(explorer):
    for wrong in ({"by": "colector"}, {"entity": "US02"}, {"edges": (30, 30)}):
        with pytest.raises(ParameterError):
            explorer.asked(**wrong)


def find(box, css):
    """The one widget with the class."""
    if css in getattr(box, "_dom_classes", ()):
        return box
    return next(
        (made for each in getattr(box, "children", ()) if (made := find(each, css)) is not None), None
    )


def test_the_view_moves_and_says_what_is_wrong(explorer):
    box = aging_view(explorer)
    day = date(2026, 9, 30)
    find(box, "arlib-aging-as-of-slider").value = day
    wanted = explorer.asked(as_of=day)
    assert wanted.sentence in find(box, "arlib-aging-said").value.replace("&#x27;", "'")
    assert find(box, "arlib-aging-as-of-date").value == day

    find(box, "arlib-aging-edges").value = "60, 30"
    assert "role='alert'" in find(box, "arlib-message").value
    find(box, "arlib-aging-edges").value = "30, 60"
    assert find(box, "arlib-message").value == ""
    assert "bucket_edges_days: [30, 60]" in find(box, "arlib-saved-policy").value

    find(box, "arlib-aging-entity").value = "JP01"
    assert "JP01" in find(box, "arlib-aging-said").value


def test_hostile_names_are_text_in_the_view(books):
    whole = books.whole
    customers = whole["customers"].copy()
    customers["name"] = '<img src=x onerror="window.pwned=1">'
    hostile = replace(books, whole=replace(whole, tables={**whole.tables, "customers": customers}))
    explorer = AgingExplorer(source=hostile, entity="US01", as_of=END)
    box = aging_view(explorer)

    assert "<img" not in find(box, "arlib-aging-totals").value
    assert "onerror" in explorer.lines["name"].iloc[0]
