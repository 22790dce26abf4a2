"""The collections report: planted cases of the sample, ties, a week, and books with little in them."""

from __future__ import annotations

from datetime import date

import pytest

from arlib.controls import Status
from arlib.policy import Policies, Scope
from arlib.report.collections import collections_report
from arlib.report.presentation import page_rows
from arlib.sources.sample.company import generate
from arlib.tables import Book

ZONES = {"US01": ("USD", "US", "America/New_York"), "JP01": ("JPY", "JP", "Asia/Tokyo")}


def scope(entity: str = "US01", *, week: bool = False) -> Scope:
    currency, country, zone = ZONES[entity]
    first, last = (date(2026, 10, 26), date(2026, 11, 1)) if week else (date(2026, 10, 1), date(2026, 10, 31))
    return Scope(entity=entity, entity_name="Sample", functional_currency=currency, period="2026-W44" if week else "2026-10",
                 starts_on=first, ends_on=last, as_of=last, country=country, time_zone=zone)  # fmt: skip


@pytest.fixture(scope="module")
def sample():
    return generate(seed=7, items=800)


@pytest.fixture(scope="module", params=[False, True], ids=["month", "week"])
def report(sample, request):
    book = Book(sample.tables).for_entity("US01")
    return collections_report(book, scope=scope(week=request.param), policies=Policies())


def told(sample, kind: str, entity: str = "US01") -> str:
    truth = sample.truth
    return str(truth[truth["kind"].eq(kind) & truth["entity"].eq(entity)]["account"].iloc[0])


def test_the_planted_cases_of_the_sample(sample, report):
    calls = report.table("call_list").frame.set_index("customer_id")
    out = report.table("left_out").frame
    why = {code: set(part["cause"]) for code, part in out.groupby("customer_id")}

    broken, kept = told(sample, "broken_promise"), told(sample, "promise_kept")
    assert calls.loc[broken, "reason"].startswith("Broke a promise of USD 4,400.00 for 21 October")
    assert kept not in calls.index or "promise" not in calls.loc[kept, "reason"]
    silent, answered = told(sample, "silent_large_account"), told(sample, "answered_large_account")
    assert "silent since 14 September" in calls.loc[silent, "reason"]
    assert "silent" not in calls.loc[answered, "reason"]
    assert any(silent in sentence and "gave no answer" in sentence for sentence in report.findings)
    assert "promised" in why[told(sample, "promise_not_yet_due")]
    assert "disputed" in why[told(sample, "disputed_item_excluded")]
    covered, short = told(sample, "unapplied_cash_covers"), told(sample, "unapplied_cash_falls_short")
    assert covered not in calls.index
    assert "unapplied_cash" in why[covered]
    assert "covered by cash or credits" in calls.loc[short, "reason"]
    truth = sample.truth
    never = truth[truth["kind"].eq("never_dunned") & truth["entity"].eq("US01")]
    whole = set(never.loc[never["note"].ne("sold"), "account"])
    assert whole
    assert not whole & set(calls.index)
    assert report.table("exception_list").frame["is_finding"].sum() == 2


def test_everything_ties_and_every_amount_is_in_one_list(report):
    assert all(identity.holds for identity in report.identities)
    assert [control.name for control in report.controls][:2] == ["work_lists", "bank_up_to_date"]
    assert report.controls[0].status is Status.TIED
    calls, hits = report.table("call_list").frame, report.table("hit_list").frame
    assert report.controls[0].left == report.controls[0].right
    assert int(hits["total"].sum()) == int(report.chart("past_due").frame["amount"].sum())
    assert len(calls) == report.counts["calls"]
    assert sum(not table.is_detail for table in report.tables) <= 23
    page = page_rows(report.table("placements_proposed"))
    assert page["amount"].gt(0).all()


def test_charts_say_what_they_show_and_are_drawn(report):
    from arlib.report.figures import draw

    for chart in report.charts:
        assert chart.sentence in chart.alt
        assert draw(chart).startswith(b"\x89PNG")
    assert report.chart("past_due").frame["series"].nunique() <= 4


def test_a_bank_that_is_behind_is_the_first_thing_said(sample):
    tables = dict(sample.tables)
    statements = tables["bank_statements"]
    tables["bank_statements"] = statements[statements["to_date"] < "2026-10-20"].reset_index(drop=True)
    lines = tables["bank_lines"]
    tables["bank_lines"] = lines[lines["booking_date"] < "2026-10-20"].reset_index(drop=True)
    made = collections_report(Book(tables).for_entity("JP01"), scope=scope("JP01"), policies=Policies())
    assert "look at the bank before calling anybody" in made.findings[0]
    assert "look at the bank" in made.table("call_list").note
    control = made.controls[1]
    assert control.status is Status.NO_INPUT
    assert "JP01" in control.note
    assert len(made.table("call_list").frame)


def test_it_works_from_items_alone_and_from_nothing_and_says_what_is_missing(sample):
    book = Book(sample.tables).for_entity("JP01")
    bare = collections_report(Book({"items": book["items"]}), scope=scope("JP01"), policies=Policies())
    said = " ".join(bare.limits)
    for name in ("applications", "customers", "activities", "disputes", "placements"):
        assert f"No {name} were given" in said
    assert bare.controls[0].status is Status.TIED
    empty = collections_report(
        Book({"items": book["items"].head(0)}), scope=scope("JP01"), policies=Policies()
    )
    assert all(identity.holds for identity in empty.identities)
    assert empty.table("call_list").frame.empty
    assert empty.chart("past_due").sentence == "Nothing is past due."
