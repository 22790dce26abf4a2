"""Figures out of a book: months, balances by runs, what cannot be told, conventions apart, and the documents behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.collect.kpi.goals import promise_targets
from arlib.collect.kpi.items import PART_OF
from arlib.collect.kpi.months import monthly
from arlib.collect.kpi.trend import require_one_convention, trend
from arlib.collect.kpi.windows import windows
from arlib.controls import Status
from arlib.errors import ParameterError
from arlib.ledger.aging import age_items
from arlib.ledger.openitems import open_items
from arlib.money import total
from arlib.policy import AgeFrom, AgingPolicy, Basis, Policies, Scope
from arlib.sources.sample.company import generate
from arlib.tables import Book


def test_a_month_by_hand(kit, value):
    """Sales 1,000.00 in September, 600.00 less 100.00 credited in October; 400.00 paid, 50.00 of it left open."""
    book = kit.book(
        items=[
            kit.invoice("I1", 100_000, "2026-09-10"),
            kit.invoice("I2", 60_000, "2026-10-05"),
            kit.invoice("C1", -10_000, "2026-10-06", item_type="credit_memo"),
            kit.receipt("R1", 40_000, "2026-10-20"),
        ],
        applications=[
            kit.applied("R1", "I1", 35_000, "2026-10-20"),
            kit.applied("C1", "I2", 10_000, "2026-10-06"),
        ],
    )
    found = kit.performed(book)

    # open: I1 650.00 past due since 11 October, I2 500.00 current, R1 -50.00
    assert value(found, "dso", "simple_period") == "68.2"  # 1,100 × 31 ÷ 500
    assert value(found, "dso", "oracle_conventional") == "33.0"  # 1,100 × 30 ÷ 1,000
    assert value(found, "dso", "count_back_30") == "48.0"  # 500 of October, 600 of 1,000 of September
    assert value(found, "dso", "count_back_calendar") == "49.0"  # 31 + 18
    assert value(found, "dso", "oracle_true") == "59.2"  # 51 × 650 ÷ 1,000 + 26 × 500 ÷ 500
    assert value(found, "best_possible_dso", "simple_period") == "31.0"
    assert value(found, "average_days_delinquent", "simple_period") == "37.2"
    assert value(found, "percent_current", "crf") == "45.45"
    assert value(found, "cei", "crf_month") == "40.00"  # (1,000 + 500 − 1,100) ÷ (1,000 + 500 − 500)
    assert value(found, "cash_application_rate", "receipts_of_month") == "87.50"
    assert value(found, "unapplied_rate", "receipts_of_month") == "12.50"
    assert value(found, "recovery_rate", "month") == "40.00"
    assert value(found, "dso", "crf_annual") == "the ledger begins in 2026-09"
    assert value(found, "promises_kept", "by_number") == "no promises were given"
    assert value(found, "dso", "count_back_net_of_allowance") == "no allowance entries were given"
    assert value(found, "dispute_rate", "opened_by_number") == "no disputes were given"
    assert {c.status for c in found.controls} == {Status.TIED}


def test_sales_gross_of_credit_memos_are_a_policy(kit, value):
    book = kit.book(items=[
        kit.invoice("I1", 50_000, "2026-10-01"), kit.invoice("C1", -10_000, "2026-10-06", item_type="credit_memo"),
    ])  # fmt: skip
    assert value(kit.performed(book), "dso", "simple_period") == "31.0"
    gross = kit.performed(book, sales_net_of_credit_memos=False)
    assert value(gross, "dso", "simple_period") == "24.8"
    assert [c.status for c in gross.controls] == [Status.TIED] * len(gross.controls)


def test_due_on_the_last_day_is_current_and_day_90_is_not_over_90(kit):
    book = kit.book(items=[
        kit.invoice("I1", 100, "2026-10-01", due="2026-10-31"), kit.invoice("I2", 200, "2026-06-01", due="2026-08-02"),
        kit.invoice("I3", 400, "2026-06-01", due="2026-08-01"),
        kit.invoice("I4", 800, "2026-10-01", due="2026-12-01", original_due_date="2026-07-01"),
    ])  # fmt: skip
    now = kit.performed(book).months.set_index(["measure", "month"]).loc[("functional", "2026-10")]
    assert (now["total"], now["current"], now["over_90"]) == (1_500, 900, 1_200)


def test_a_snapshot_says_what_it_cannot_answer(kit, value):
    book = kit.book(
        items=[kit.invoice("I1", 300, "2026-10-01"), kit.invoice("I2", 100, "2026-05-01")],
        features=frozenset({"snapshot"}), snapshot_date="2026-10-31",
    )  # fmt: skip
    found = kit.performed(book)
    assert value(found, "percent_current", "crf") == "75.00"
    assert value(found, "percent_over_90", "original_due_date") == "25.00"
    for kpi, convention in (("dso", "simple_period"), ("dso", "oracle_true"), ("dso", "count_back_30"), ("cei", "crf_month"),
                            ("turnover", "crf_annual"), ("recovery_rate", "month"), ("bad_debt_to_sales", "month")):  # fmt: skip
        assert value(found, kpi, convention) == "the source is a snapshot of one day and keeps no history"
    assert any("snapshot" in limit for limit in found.limits)
    assert found.past_due.empty
    assert [c.status for c in found.controls if c.name == "kpi_sales"] == [Status.NO_INPUT]


def test_an_empty_book(kit, value):
    found = kit.performed(kit.book(items=[]))
    assert value(found, "dso", "simple_period") == "the ledger has no document"
    assert found.items.empty
    assert not found.figures["value"].notna().any()


def test_a_document_without_an_amount_in_the_books_is_not_left_out_silently(kit, value):
    book = kit.book(items=[
        kit.invoice("I1", 300, "2026-10-01"), kit.invoice("I2", 100, "2026-10-01", currency="EUR"),
    ])  # fmt: skip
    found = kit.performed(book, by_document_currency=True)
    assert value(found, "percent_current", "crf") == "a document has no amount in USD"
    assert value(found, "dso", "simple_period") == "a document has no amount in USD"
    assert value(found, "percent_current", "crf", "EUR") == "100.00"
    assert value(found, "dso", "simple_period", "EUR") == "31.0"


def test_months_before_the_ledger_are_unknown_and_not_zero(kit, value):
    opening = [kit.invoice("O1", 70_000, "2026-07-15", item_type="opening")]
    rows = [kit.invoice("I1", 60_000, "2026-09-05"), kit.invoice("I2", 60_000, "2026-10-05")]
    cut, forward = kit.performed(kit.book(items=rows)), kit.performed(kit.book(items=opening + rows))
    assert value(cut, "dso", "count_back_30") == "60.0"
    assert value(forward, "dso", "count_back_30") == "credit sales of 2 months do not use up the receivables"
    assert value(cut, "cei", "crf_quarter") == "the ledger begins in 2026-09"
    august = forward.months.set_index(["measure", "month"]).loc[("functional", "2026-08")]
    assert august["total"] == 70_000
    assert pd.isna(august["sales"])
    assert pd.isna(cut.months.set_index(["measure", "month"]).loc[("functional", "2026-08")]["total"])
    assert any("without balances brought forward" in limit for limit in cut.limits)
    assert any("with the balances brought forward" in limit for limit in forward.limits)


def test_cash_that_went_back_in_the_month_is_neither_applied_nor_open(kit, value):
    book = kit.book(
        items=[
            kit.invoice("I1", 100_000, "2026-10-01"), kit.receipt("R1", 60_000, "2026-10-10"), kit.receipt("R2", 40_000, "2026-10-11"),
            kit.invoice("F1", 10_000, "2026-10-20", item_type="refund"),
            kit.invoice("B1", 40_000, "2026-10-25", item_type="receipt", due_date=None, reverses="R2"),
        ],
        applications=[
            kit.applied("R1", "I1", 50_000, "2026-10-10"), kit.applied("R2", "I1", 40_000, "2026-10-11"),
            kit.applied("R2", "I1", -40_000, "2026-10-25", reverses="R2-I1-2026-10-11"),
            kit.applied("R2", "B1", 40_000, "2026-10-25", kind="return"), kit.applied("R1", "F1", 10_000, "2026-10-20", kind="refund"),
        ],
    )  # fmt: skip
    found = kit.performed(book)
    now = found.months.set_index(["measure", "month"]).loc[("functional", "2026-10")]
    assert (now["receipts"], now["applied"], now["returned"], now["collected"]) == (
        50_000,
        50_000,
        50_000,
        60_000,
    )
    assert value(found, "cash_application_rate", "receipts_of_month") == "100.00"


def test_promises_and_disputes_of_the_month(kit, value):
    book = kit.book(
        items=[kit.invoice("I1", 90_000, "2026-10-01"), kit.invoice("I2", 10_000, "2026-10-01"), kit.receipt("R1", 30_000, "2026-10-12")],
        applications=[kit.applied("R1", "I1", 30_000, "2026-10-12")],
        promises=[
            {"promise_id": f"P{n}", "customer_id": "C1", "item_id": item, "currency": "USD", "amount": amount,
             "promised_on": "2026-10-05", "pay_by": day}
            for n, (item, amount, day) in enumerate(
                (("I1", 30_000, "2026-10-12"), ("I2", 10_000, "2026-10-12"), ("I2", 10_000, "2026-10-30"))
            )
        ],
        disputes=[
            {"dispute_id": "D1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 5_000, "reason": "price",
             "opened_on": "2026-10-02", "closed_on": "2026-10-12"},
            {"dispute_id": "D2", "customer_id": "C1", "currency": "USD", "amount": 1_000, "reason": "price",
             "opened_on": "2026-10-31", "closed_on": "2026-11-02"},
        ],
    )  # fmt: skip
    found = kit.performed(book)
    assert value(found, "promises_kept", "by_number") == "50.00"  # the third one's grace is not over
    assert value(found, "promises_kept", "by_amount") == "75.00"
    assert value(found, "dispute_rate", "opened_by_number") == "100.00"  # two disputes, two invoices
    assert value(found, "dispute_rate", "opened_by_amount") == "6.00"
    assert (
        value(found, "dispute_cycle", "closed_in_month") == "10.0"
    )  # closed after the as-of date is not closed


def test_the_past_due_bridge_foots_and_names_what_settled(kit):
    book = kit.book(
        items=[
            kit.invoice("I1", 1_000, "2026-08-01"), kit.invoice("I2", 2_000, "2026-08-02"), kit.invoice("I3", 4_000, "2026-09-10"),
            kit.invoice("I4", 8_000, "2026-08-03"), kit.receipt("R1", 700, "2026-10-02"),
            kit.invoice("C1", -500, "2026-10-03", item_type="credit_memo"), kit.invoice("W1", -300, "2026-10-04", item_type="write_off"),
            kit.invoice("I5", 16_000, "2026-08-03", original_due_date="2026-09-02", due="2026-12-02", rescheduled_on="2026-10-15"),
        ],
        applications=[
            kit.applied("R1", "I1", 700, "2026-10-02"), kit.applied("C1", "I2", 500, "2026-10-03", kind="credit_memo"),
            kit.applied("W1", "I2", 300, "2026-10-04", kind="write_off"),
        ],
    )  # fmt: skip
    found = kit.performed(book)
    steps = dict(zip(found.past_due["line"], found.past_due["amount"], strict=True))
    assert steps == {"opening": 27_000, "became_past_due": 4_000, "paid": -700, "credited": -500, "written_off": -300,
                     "given_later_due_date": -16_000, "other": 0, "closing": 13_500}  # fmt: skip
    named = dict(zip(found.past_due["line"], found.past_due["documents"], strict=True))
    assert (named["given_later_due_date"], named["became_past_due"]) == ("D-I5", "D-I3")
    current = found.now("percent_current", "crf")
    assert current["why"].startswith("USD 160.00 was past due at the start of the month")
    assert "D-I5" in current["why"]
    assert all(control.status is Status.TIED for control in found.controls)


def test_a_second_part_that_falls_due_became_past_due_and_is_not_other(kit):
    """60.00 due in August, 40.00 in October; 70.00 is paid: 60.00 of what was past due, 10.00 of what was not."""
    parts = [
        {"item_id": "I1", "instalment_no": n, "due_date": day, "currency": "USD", "amount": amount}
        for n, day, amount in ((1, "2026-08-31", 6_000), (2, "2026-10-15", 4_000))
    ]
    for paid, steps in ((0, (4_000, 0)), (7_000, (3_000, -6_000)), (2_000, (4_000, -2_000))):
        cash = [kit.receipt("R1", paid, "2026-10-20")] if paid else []
        book = kit.book(items=[kit.invoice("I1", 10_000, "2026-08-01"), *cash], instalments=parts,
                        applications=[kit.applied("R1", "I1", paid, "2026-10-20")] if paid else [])  # fmt: skip
        bridge = kit.performed(book).past_due.set_index("line")["amount"]
        assert (bridge["became_past_due"], bridge["paid"]) == steps
        assert (bridge["other"], bridge["given_later_due_date"]) == (0, 0)
        assert bridge.iloc[:-1].sum() == bridge["closing"]


@pytest.mark.parametrize(("after", "falls_off"), [(5, True), (25, False)])
def test_billing_that_falls_off_is_said_and_nothing_is_praised(kit, after, falls_off):
    rows = [
        kit.invoice(f"I{m}-{n}", 1_000, f"2026-{m:02d}-{day:02d}")
        for m in range(3, 11)
        for n, day in enumerate([1 + k % 15 for k in range(30)] + [16 + k % 15 for k in range(25)])
        if m < 10 or n < 30 + after
    ]
    found = kit.performed(kit.book(items=rows))
    assert any("Billing fell off after 2026-10-15" in limit for limit in found.limits) == falls_off
    dso = found.trend[found.trend["kpi"].eq("dso")]["direction"]
    assert dso.str.startswith("not told: billing fell off").any() == falls_off


@pytest.mark.parametrize(("day", "is_compared"), [(20, False), (3, True)])
def test_no_month_is_compared_with_one_that_the_ledger_begins_in_the_middle_of(kit, day, is_compared):
    first = kit.invoice("I0", 1_000, f"2025-10-{day:02d}")
    rows = [first] + [kit.invoice(f"I{m}", 50_000, f"2026-{m:02d}-05") for m in range(1, 11)]
    found = kit.performed(kit.book(items=rows))
    row = found.season.query("measure == 'functional'").set_index("month").loc["2026-10"]
    assert pd.notna(row["year_change"]) == is_compared
    assert any("is compared with that month" in limit for limit in found.limits) != is_compared


def test_a_season_of_more_than_a_year_does_not_say_that_a_year_is_missing(kit):
    months = [(2025, m) for m in range(6, 13)] + [(2026, m) for m in range(1, 11)]
    rows = [kit.invoice(f"I{y}{m}", 10_000, f"{y}-{m:02d}-05") for y, m in months]
    season = kit.performed(kit.book(items=rows)).season.query("measure == 'functional'").set_index("month")
    assert season.loc["2026-06", "year_change"] == "0.0"
    assert "the same month last year is not known" in season.loc["2026-05", "caveat"]
    assert "13 months" not in " ".join(season["caveat"].dropna())


@pytest.mark.parametrize(("texts", "run"), [
    (["45.4", "48.0", "52.0", "60.0", "68.0"], "up 4 months running, from 45.4"),
    (["50.0", "48.0", "52.0", "60.0", "68.0"], None),
    (["68.0", "60.0", "52.0", "48.0", "45.4"], "down 4 months running, from 68.0"),
    (["45.4", "48.0", "48.0", "60.0", "68.0"], None),
    (["45.4", "48.0", None, "60.0", "68.0"], None),
])  # fmt: skip
def test_a_run_of_months_one_way_is_said(kit, texts, run):
    window = windows(kit.book(items=[]), scope=kit.scope(), months=len(texts))
    made = trend(values_of(texts), windows=window, noise_factor=Decimal(2)).iloc[0]
    assert (None if pd.isna(made["run"]) else made["run"]) == run


def test_an_index_below_zero_says_what_it_means(kit):
    rows = [kit.invoice(f"I{m}", 10_000 * m * m, f"2026-{m:02d}-05") for m in range(1, 11)]
    found = kit.performed(kit.book(items=rows))
    quarter, month = found.now("cei", "crf_quarter"), found.now("cei", "crf_month")
    assert quarter["value"].startswith("-")
    assert quarter["why"].startswith("below zero: receivables grew by more than a mean month's sales")
    assert pd.isna(month["why"])


@pytest.fixture(scope="module")
def sample() -> Book:
    return Book(generate(seed=7, items=800).tables)


def sample_scope(entity: str, currency: str, **more: object) -> Scope:
    facts = {"entity": entity, "entity_name": "", "functional_currency": currency, "period": "2026-10",
             "starts_on": date(2026, 10, 1), "ends_on": date(2026, 10, 31), "as_of": date(2026, 10, 31)}  # fmt: skip
    return Scope(**(facts | more))  # type: ignore[arg-type]


@pytest.mark.parametrize("entity", ["US01", "JP01"])
@pytest.mark.parametrize("basis", list(Basis))
def test_every_month_end_is_that_of_the_aging(sample, entity, basis):
    """Runs against the ledger's own aging, done anew for each month end, in both measures."""
    scope = sample_scope(entity, {"US01": "USD", "JP01": "JPY"}[entity], basis=basis)
    book = sample.for_entity(entity)
    found = monthly(book, scope=scope, policies=Policies(), windows=windows(book, scope=scope, months=14))
    compared = 0
    for number, month in enumerate(found.windows.months):
        if not found.windows.knows_balance(number):
            continue
        items = open_items(book, scope=replace(scope, as_of=month.ends_on))
        due = age_items(items, as_of=month.ends_on, policy=AgingPolicy())
        risk = age_items(items, as_of=month.ends_on, policy=AgingPolicy(age_from=AgeFrom.ORIGINAL_DUE_DATE))
        owed = ~due["bucket"].isin(["credit", "unapplied"])
        masks = {
            "total": due["bucket"].ne(""), "current": due["bucket"].eq("current"), "unapplied": due["bucket"].eq("unapplied"),
            "over_90": owed & (risk["days_past_due"] > 90).fillna(False),
        }  # fmt: skip
        for measure, column in (("document", "outstanding"), ("functional", "functional_outstanding")):
            currency = (
                due["currency"]
                if measure == "document"
                else pd.Series(scope.functional_currency, index=due.index)
            )
            for code in currency.unique():
                ours = found.frame[
                    found.frame["measure"].eq(measure)
                    & found.frame["currency"].eq(code)
                    & found.frame["month"].eq(month.name)
                ]
                for name, mask in masks.items():
                    sign = -1 if name == "unapplied" else 1
                    assert int(ours[name].iloc[0]) == sign * total(
                        due.loc[mask & currency.eq(code), column]
                    ), (month.name, code, name)
                    compared += 1
    assert compared > 150


def test_the_documents_behind_add_up_to_the_figures(kit, sample):
    book = sample.for_entity("US01")
    found = kit.performed(book, scope=sample_scope("US01", "USD"))
    now = found.months.set_index(["measure", "month"]).loc[("functional", "2026-10")]
    sums = {part: total(rows["books_amount"]) for part, rows in found.items.groupby("part")}
    assert sums["receivables"] == now["total"]
    assert sums["sales"] == now["sales"]
    assert sums["receipts"] == -now["collected"]
    assert sums["bad debt"] == now["written_off"]
    rows = found.items[found.items["part"].eq("disputes") & found.items["place"].ne("closed")]
    assert total(rows["books_amount"]) == now["disputed"]
    promises = found.now("promises_kept", "by_amount")
    assert sums["promises"] == promises["denominator"]
    assert not found.items.duplicated(["part", "reference"]).any()
    assert set(found.figures["kpi"]) == set(PART_OF)


def test_a_value_is_only_compared_with_its_own_convention(kit):
    rows = [kit.invoice(f"I{n}", 10_000 + 500 * n, f"2026-{n:02d}-05") for n in range(1, 11)]
    found = kit.performed(kit.book(items=rows))
    trended = found.trend.set_index(["kpi", "convention"])
    of_month = found.figures.set_index(["kpi", "convention", "period"])["value"]
    for key, row in trended.iterrows():
        before = of_month.get((*key, "2026-09"))
        assert (pd.isna(row["previous"]) and pd.isna(before)) or row["previous"] == before, key
    dso = found.figures[found.figures["kpi"].eq("dso") & found.figures["period"].eq("2026-10")]
    with pytest.raises(ParameterError, match="two conventions"):
        require_one_convention(dso)
    one = found.figures[found.figures["kpi"].eq("dso") & found.figures["convention"].eq("simple_period")]
    require_one_convention(one)
    with pytest.raises(ParameterError, match="two conventions"):
        require_one_convention(one.assign(currency=["EUR", *["USD"] * (len(one) - 1)]))


def values_of(texts: list[str | None]) -> pd.DataFrame:
    """KPI rows of one figure, the last one October 2026."""
    months = pd.period_range(end="2026-10", periods=len(texts), freq="M").astype("str")
    return pd.DataFrame({"measure": "functional", "currency": "USD", "kpi": "dso", "convention": "simple_period", "unit": "days",
                         "period": months, "value": texts, "higher_is_better": False})  # fmt: skip


@pytest.mark.parametrize(("texts", "direction"), [
    (["40.0", "42.0", "40.0", "42.0", "40.0", "45.0"], "worse"),  # usual change 2, now 5
    (["40.0", "42.0", "40.0", "42.0", "40.0", "44.0"], "within the usual monthly change"),  # twice the usual is not beyond it
    (["40.0", "42.0", "40.0", "42.0", "40.0", "35.0"], "better"),
    (["40.0", "42.0", "40.0", "60.0"], "too few months to tell"),
    (["40.0", "42.0", "40.0", "42.0", "40.0", None], "no value this month"),
    (["40.0", "42.0", "40.0", "42.0", None, "40.0"], "no month to compare with"),
])  # fmt: skip
def test_a_direction_is_named_beyond_the_usual_change_only(kit, texts, direction):
    window = windows(kit.book(items=[]), scope=kit.scope(), months=len(texts))
    made = trend(values_of(texts), windows=window, noise_factor=Decimal(2)).iloc[0]
    assert made["direction"] == direction
    assert "fewer than 13 months" in made["caveat"]


def test_the_same_month_last_year_stands_beside_from_thirteen_months_on(kit):
    texts = [f"{40 + n}.0" for n in range(13)]
    window = windows(kit.book(items=[]), scope=kit.scope(), months=13)
    made = trend(values_of(list(texts)), windows=window, noise_factor=Decimal(2)).iloc[0]
    assert (made["year_before"], made["year_change"]) == ("40.0", "12.0")
    assert pd.isna(made["caveat"])


def test_season_is_last_year_or_an_index_with_a_caveat(kit):
    months = [(y, m) for y in (2025, 2026) for m in range(1, 13) if (y, m) <= (2026, 10)]
    rows = [
        kit.invoice(f"I{y}{m}", 10_000 * (2 if m == 12 else 1) * (2 if y == 2026 else 1), f"{y}-{m:02d}-05")
        for y, m in months
    ]
    long = kit.performed(kit.book(items=rows)).season.query("measure == 'functional'").set_index("month")
    assert long.loc["2026-10", ["year_before", "year_change"]].tolist() == [10_000, "100.0"]
    assert pd.isna(long.loc["2026-10", "index"])
    short = (
        kit.performed(kit.book(items=rows[-6:])).season.query("measure == 'functional'").set_index("month")
    )
    assert short.loc["2026-10", "index"] == "100.0"
    assert "a season cannot be told from a trend" in short.loc["2026-10", "caveat"]


def test_targets_are_held_against_the_headline_convention(kit):
    rows = [{"period": p, "measure": m, "collector": c, "region": "", "bucket": "", "rate": r, "count": n} for p, m, c, r, n in (
        ("2026-Q4", "dso", "", None, 45), ("2026-10", "dso", "", None, 40), ("2026-Q4", "cei", "", "0.8", None),
        ("2026-Q4", "current", "amy", "0.9", None),
    )]  # fmt: skip
    found = kit.performed(kit.book(items=[kit.invoice("I1", 100, "2026-10-01")], targets=rows))
    assert found.targets == {"dso": "40", "cei": "80"}


def test_a_target_of_one_collector_is_for_the_promises_that_this_one_took(kit):
    rows = [
        {"period": p, "measure": "promises_kept", "collector": c, "region": "", "bucket": "", "rate": r}
        for p, c, r in (
            ("2026-Q4", "amy", "0.8"),
            ("2026-10", "amy", "0.9"),
            ("2026-Q4", "", "0.5"),
            ("2026-Q3", "bob", "1"),
        )
    ]
    book = kit.book(items=[kit.invoice("I1", 100, "2026-10-01")], targets=rows)
    assert promise_targets(book, scope=kit.scope()) == {"amy": "0.9", "": "0.5"}


DAYS = st.integers(0, 420)


@settings(max_examples=6)
@given(
    st.lists(
        st.tuples(st.integers(1, 10**6), DAYS, st.integers(0, 90), st.integers(0, 100), DAYS),
        min_size=1,
        max_size=12,
    )
)
def test_runs_equal_the_ledger_on_any_history(kit, history):
    """Invoices with a part payment each, on any day, before or after the document."""
    start = date(2025, 9, 7)
    items, applications = [], []
    for n, (amount, at, terms, share, paid_at) in enumerate(history):
        day, paid = start + timedelta(days=at), start + timedelta(days=paid_at)
        items.append(kit.invoice(f"I{n}", amount, str(day), due=str(day + timedelta(days=terms))))
        items.append(kit.receipt(f"R{n}", amount, str(paid)))
        if amount * share // 100:
            applications.append(kit.applied(f"R{n}", f"I{n}", amount * share // 100, str(paid)))
    book, scope = kit.book(items=items, applications=applications), kit.scope()
    found = monthly(book, scope=scope, policies=Policies(), windows=windows(book, scope=scope, months=5))
    for number, month in enumerate(found.windows.months):
        if found.windows.knows_balance(number):
            aged = age_items(
                open_items(book, scope=replace(scope, as_of=month.ends_on)),
                as_of=month.ends_on,
                policy=AgingPolicy(),
            )
            ours = found.frame[
                found.frame["measure"].eq("functional") & found.frame["month"].eq(month.name)
            ].iloc[0]
            assert ours["total"] == total(aged["outstanding"])
            assert ours["current"] == total(aged.loc[aged["bucket"].eq("current"), "outstanding"])
