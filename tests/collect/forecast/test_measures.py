"""Losses, bounds and calendars against values worked out by hand, and the real book against the naive forecasts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from arlib.collect.forecast.habits import month_part, weekday
from arlib.collect.forecast.interval import bounds, with_intervals
from arlib.collect.forecast.past import past_of
from arlib.collect.forecast.rolling import back_test_rows, in_periods, outlook, periods_of
from arlib.collect.forecast.scores import pinball, wilson
from arlib.collect.forecast.special import special_of
from arlib.ledger.openitems import open_items
from arlib.policy import ForecastPolicy, Scope
from arlib.sources import SourceSpec, load_book
from arlib.sources.sample.company import generate
from arlib.tables import Book

EPOCH = date(1970, 1, 1)


def day(text: str) -> int:
    return (date.fromisoformat(text) - EPOCH).days


def test_pinball_loss_by_hand() -> None:
    # q (a - f) when more came than forecast, (1 - q) (f - a) when less: Koenker and Bassett 1978
    made = pinball(np.array([110.0, 90.0]), np.array([100.0, 100.0]), 0.9)
    assert made.tolist() == pytest.approx([9.0, 1.0])


def test_wilson_interval_as_published() -> None:
    # 81 of 263: 0.2553 to 0.3662 (Newcombe 1998, table I, method 3)
    low, high = wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_conformal_room_of_a_small_sample() -> None:
    errors = np.arange(1.0, 20.0)  # 19 errors of 19 weeks: 80 % leaves 10 % of 20 ranks on each side
    made, count = bounds(errors, np.ones(19, np.int64), np.arange(19), 1, 0.8)
    assert count == 19
    assert made.tolist() == pytest.approx([1 + 18 * (1 - 0.9 * 20 / 19), 10.0, 1 + 18 * 0.9 * 20 / 19])


def test_too_few_errors_are_not_called_calibrated() -> None:
    made, count = bounds(np.ones(5), np.ones(5, np.int64), np.arange(5), 1, 0.8)
    assert count == 0
    assert made.tolist() == pytest.approx([-1.2816, 0, 1.2816], abs=1e-3)


def test_an_interval_learns_only_from_weeks_that_are_over() -> None:
    rows = pd.DataFrame({"origin": np.arange(0, 140, 7), "stub": 0, "currency": 0, "week_no": 2, "forecast_total": 100.0,
                         "spread": 10.0, "actual_total": 105.0, "recent_mean_total": 100.0})  # fmt: skip
    made = with_intervals(rows, 0.8)
    assert made["errors"].tolist()[:8] == [0, 0, 0, 0, 0, 0, 0, 6]
    changed = with_intervals(rows.assign(actual_total=np.where(rows["origin"] >= 70, 900.0, 105.0)), 0.8)
    same = rows["origin"] < 84  # the week after next of day 70 is over on day 84
    assert changed.loc[same, ["low", "median", "high"]].equals(made.loc[same, ["low", "median", "high"]])


def test_calendar() -> None:
    assert weekday(np.array([day("2026-11-02"), day("2026-11-08")])).tolist() == [0, 6]
    assert periods_of(day("2026-11-01"), 2).tolist() == [0, 7, 14]
    assert periods_of(day("2026-10-31"), 2).tolist() == [1, 8, 15]
    days = np.array(
        [
            day(text)
            for text in ("2026-02-01", "2026-02-03", "2026-02-04", "2026-02-25", "2026-02-26", "2026-02-28")
        ]
    )
    assert month_part(days).tolist() == [0, 0, 1, 1, 2, 2]
    assert in_periods(np.arange(1.0, 9.0)[None, :], np.array([1, 8])).tolist() == [[1.0, 35.0]]


def test_past_standing_is_what_the_ledger_says_of_the_sample_company() -> None:
    sample = generate(seed=7, items=800)
    entity = str(sample.tables["items"]["entity"].mode().iloc[0])
    book = Book(dict(sample.tables)).for_entity(entity)
    for text in ("2026-10-31", "2026-07-31"):
        as_of = date.fromisoformat(text)
        scope = Scope(entity=entity, entity_name=entity, functional_currency="USD", period=text[:7], starts_on=as_of.replace(day=1),
                      ends_on=as_of, as_of=as_of)  # fmt: skip
        rows = open_items(book, scope=scope)
        rows = rows[rows["outstanding"] > 0]
        debits = past_of(book, scope=scope).standing(2**30)
        assert debits.amount.sum() == rows["outstanding"].sum()
        mine = pd.Series(debits.amount).groupby(debits.item.astype(str)).sum()
        theirs = rows.groupby("item_id")["outstanding"].sum()
        assert mine.sort_index().to_dict() == theirs.sort_index().to_dict()


@pytest.mark.parametrize(("entity", "currency"), [("U001", "USD"), ("CA02", "CAD")])
def test_beats_the_naive_forecasts_on_a_real_book(shared: Path, entity: str, currency: str) -> None:
    book = load_book([SourceSpec(folder=shared / "data" / "highradius", profile="highradius")], root=shared)
    until = date(2020, 3, 1)
    scope = Scope(entity=entity, entity_name=entity, functional_currency=currency, period="2020-03", starts_on=until, ends_on=until,
                  as_of=until)  # fmt: skip
    past, policy, made = past_of(book, scope=scope), ForecastPolicy(), []
    for origin in range(day("2019-08-04"), day("2020-01-05") + 1, 28):
        debits = past.standing(origin)
        special = special_of(book, past, debits, scope=scope, origin=origin)
        looked = outlook(past, debits, special, origin=origin, policy=policy)
        made.append(back_test_rows(past, looked, origin=origin, until=day("2020-03-01"), policy=policy))
    rows = pd.concat(made)
    rows = rows[rows["currency"].eq(past.currencies.index(currency)) & (rows["actual_total"] > 0)]
    came = rows["actual_total"]
    error = {
        m: ((rows[f"{m}_total"] - came).abs() / came).mean()
        for m in ("forecast", "due_date", "average_delay")
    }
    assert error["forecast"] < min(error["due_date"], error["average_delay"]), error
    near = rows[rows["week_no"] <= 2]
    off = {m: (near[f"{m}_total"] - near["actual_total"]).abs().sum() for m in error}
    assert off["forecast"] < min(off["due_date"], off["average_delay"]), off
