"""What the back-test says against the forecast, in words: intervals that held too little, naive methods that were closer. Floor 1."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from arlib.collect.forecast.rolling import METHODS, RECENT_WEEKS
from arlib.money import iso_code
from arlib.tables.rows import Row, is_none, records

NAIVE = {
    "due_date": "paying on the due date",
    "average_delay": "the customer's average delay",
    "recent_mean": f"the mean of the last {RECENT_WEEKS} weeks",
}
MEASURES = ("mape", "wape")
BIAS = Decimal("0.1")  # from a tenth too high or too low in all, the direction is told


def held(backtest: pd.DataFrame) -> str:
    """What the intervals of past weeks held, by currency: `USD 72.4 % (113 of 156 weeks), CAD ...`; '' without any."""
    told = [
        f"{iso_code(str(row['currency']))} {_percent(row['coverage'])} ({row['covered']} of {row['interval_weeks']} weeks)"
        for row in _all_weeks(backtest, "forecast") if not is_none(row["coverage"])
    ]  # fmt: skip
    return ", ".join(told)


def shortfalls(backtest: pd.DataFrame) -> tuple[str, ...]:
    """One sentence for each currency of FORECAST_BACKTEST whose forecast fell short at past origins; none where it did not.

    Said are: an observed coverage below the claim, and whether the claim lies outside the coverage's 95 % bounds; each naive
    method with a lower MAPE or WAPE over all weeks ahead; a bias of at least BIAS beside one of these or alone.
    """
    naive = {
        (str(row["currency"]), method): row for method in METHODS[1:] for row in _all_weeks(backtest, method)
    }
    made = []
    for ours in _all_weeks(backtest, "forecast"):
        code = str(ours["currency"])
        said = [
            *_coverage(ours),
            *(text for method in METHODS[1:] if (text := _closer(ours, naive[code, method], method))),
            *_bias(ours),
        ]
        if said:
            made.append(f"Cash forecast {iso_code(code)}, back-tested: {'; '.join(said)}.")
    return tuple(made)


def interval_limits(weeks: pd.DataFrame, *, is_total: bool) -> tuple[str, ...]:
    """What an interval is not said of: the sum of the weeks, and all currencies together where they are totalled.

    `weeks` are FORECAST_WEEKS of each currency. Without any interval there is nothing to say.
    """
    if not weeks["high"].notna().any():
        return ()
    made = ["Intervals are of single weeks: the sum of all weeks has none."]
    if is_total and len(set(weeks["currency"])) > 1:
        made.append(
            "The weekly interval of all currencies together takes them as independent, at closing rates; it was not back-tested."
        )
    return tuple(made)


def _all_weeks(backtest: pd.DataFrame, method: str) -> list[Row]:
    """Rows of a method over all weeks ahead."""
    return list(records(backtest[backtest["week_no"].eq(0) & backtest["method"].eq(method)]))


def _coverage(ours: Row) -> tuple[str, ...]:
    if is_none(ours["coverage"]) or Decimal(ours["coverage"]) >= Decimal(ours["claimed"]):
        return ()
    claimed, low, high = (_percent(ours[name]) for name in ("claimed", "coverage_low", "coverage_high"))
    is_below = Decimal(ours["coverage_high"]) < Decimal(ours["claimed"])
    return (
        f"the interval claims {claimed} of weeks and held {_percent(ours['coverage'])} ({ours['covered']} of "
        f"{ours['interval_weeks']}; 95 % bounds {low} to {high}, {'all below the claim' if is_below else 'the claim among them'})",
    )


def _closer(ours: Row, naive: Row, method: str) -> str:
    """Where a naive method was closer, and by what measures; '' where it was not."""
    told = [
        f"{name.upper()} {_percent(naive[name])} against {_percent(ours[name])}"
        for name in MEASURES
        if not is_none(ours[name]) and Decimal(naive[name]) < Decimal(ours[name])
    ]
    return f"{NAIVE[method]} was closer ({', '.join(told)})" if told else ""


def _bias(ours: Row) -> tuple[str, ...]:
    if is_none(ours["bias"]) or abs(Decimal(ours["bias"])) < BIAS:
        return ()
    side = "above" if Decimal(ours["bias"]) > 0 else "below"
    return (f"forecasts were {_percent(ours['bias'].lstrip('-'))} {side} what came",)


def _percent(share: str) -> str:
    """A share as percent: 0.7244 as 72.4 %, 0.8000 as 80 %."""
    return f"{Decimal(share) * 100:.1f}".removesuffix(".0") + " %"
