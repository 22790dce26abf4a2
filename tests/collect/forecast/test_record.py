"""What a back-test says against the forecast: told where it fell short, silent where it did not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from arlib.collect.forecast import FORECAST_BACKTEST, FORECAST_WEEKS, Forecast
from arlib.collect.forecast.record import held, interval_limits, shortfalls
from arlib.collect.forecast.scores import wilson

from .conftest import facts


def backtest(code: str, covered: int, count: int, bias: str = "0.0100", **naive: str) -> list[dict[str, Any]]:
    """Scores of a currency: 36.3 % MAPE and 40.0 % WAPE of the forecast; those of a naive method by its name."""
    low, high = wilson(covered, count)
    common = {"currency": code, "week_no": 0, "origins": 26, "weeks": count}
    ours = {"method": "forecast", "mape": "0.3630", "wape": "0.4000", "bias": bias, "claimed": "0.8000", "interval_weeks": count,
            "covered": covered, "coverage": f"{covered / count:.4f}",
            "coverage_low": f"{low:.4f}", "coverage_high": f"{high:.4f}"}  # fmt: skip
    methods = {name: naive.get(name, "0.9000") for name in ("due_date", "average_delay", "recent_mean")}
    return [
        common | ours,
        *(
            common | {"method": name, "mape": mape, "wape": "0.4000", "bias": "0.0000"}
            for name, mape in methods.items()
        ),
    ]


def frame(*rows: list[dict[str, Any]]) -> pd.DataFrame:
    return FORECAST_BACKTEST.from_rows([row for part in rows for row in part])


def test_an_interval_that_held_too_little_is_told_with_its_figures() -> None:
    (said,) = shortfalls(frame(backtest("USD", 113, 156)))
    assert said == (
        "Cash forecast USD, back-tested: the interval claims 80 % of weeks and held 72.4 % (113 of 156; 95 % bounds 65 % to "
        "78.8 %, all below the claim)."
    )
    (near,) = shortfalls(frame(backtest("USD", 15, 20)))
    assert near.endswith("held 75 % (15 of 20; 95 % bounds 53.1 % to 88.8 %, the claim among them).")


def test_a_naive_method_that_was_closer_is_told() -> None:
    (said,) = shortfalls(frame(backtest("CAD", 130, 156, recent_mean="0.3430")))
    assert said == (
        "Cash forecast CAD, back-tested: the mean of the last 8 weeks was closer (MAPE 34.3 % against 36.3 %)."
    )


@pytest.mark.parametrize(("bias", "said"), [
    ("0.1290", "forecasts were 12.9 % above what came"), ("-0.4495", "forecasts were 45 % below what came"), ("0.0999", ""),
])  # fmt: skip
def test_a_bias_is_told_from_a_tenth_on(bias: str, said: str) -> None:
    made = " ".join(shortfalls(frame(backtest("USD", 130, 156, bias=bias))))
    assert made == (f"Cash forecast USD, back-tested: {said}." if said else "")


def test_each_currency_has_its_own_sentence_and_a_good_one_none() -> None:
    rows = frame(backtest("CAD", 100, 156), backtest("EUR", 130, 156), backtest("USD", 113, 156))
    made = shortfalls(rows)
    assert [text.split(",")[0] for text in made] == ["Cash forecast CAD", "Cash forecast USD"]
    assert (
        held(rows)
        == "CAD 64.1 % (100 of 156 weeks), EUR 83.3 % (130 of 156 weeks), USD 72.4 % (113 of 156 weeks)"
    )


def test_without_a_back_test_nothing_is_said() -> None:
    assert shortfalls(FORECAST_BACKTEST.empty()) == ()
    assert held(FORECAST_BACKTEST.empty()) == ""
    assert interval_limits(FORECAST_WEEKS.empty(), is_total=True) == ()


def test_the_forecast_says_what_has_no_interval(forecast: Callable[..., Forecast]) -> None:
    made = forecast(facts())
    assert "Intervals are of single weeks: the sum of all weeks has none." in made.limits
    assert not any("independent" in limit for limit in made.limits)  # of one currency
    assert made.shortfalls == shortfalls(made.backtest)
    two = pd.concat([made.weeks, made.weeks.assign(currency="EUR")])
    assert any("not back-tested" in limit for limit in interval_limits(two, is_total=True))
    assert not any("not back-tested" in limit for limit in interval_limits(two, is_total=False))
