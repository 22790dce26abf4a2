"""The interval around expected receipts: spread of the items, scaled by how far past forecasts were off. Floor 1.

Each past origin gives, for each week that is over, its error in units of the spread that was foreseen. The quantiles of
those errors, with the room that a small sample needs (split conformal prediction: Vovk, Gammerman and Shafer 2005), make
the interval. An error counts only from the day on which its week is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from arlib.collect.forecast.past import Floats
from arlib.ledger.facts import Ints

WEEK = 7
FAR = 4  # weeks from here on are taken together: they rest on new billing
MIN_ERRORS = 10  # errors of like weeks; with fewer those of all weeks are taken
MIN_ANY = 6  # errors at all; with fewer the interval is not calibrated
LEAST_SPREAD = 0.02  # of expected receipts: no forecast is surer than this
WINDOW = 52 * WEEK  # days: older errors are forgotten


def with_intervals(rows: pd.DataFrame, claimed: float, *, method: str = "forecast") -> pd.DataFrame:
    """Back-test rows with low, median, high and `errors` (how many past errors they rest on), of total receipts.

    Each row uses only errors of its currency whose week was over by its origin. Rows with fewer than MIN_ANY such errors
    take the quantiles of a normal distribution, and say 0 errors.
    """
    expected, spread = rows[f"{method}_total"].to_numpy(float), scale(rows, method)
    past = errors_of(rows, expected, spread)
    made = np.zeros((len(rows), 3))
    used = np.zeros(len(rows), dtype=np.int64)
    origin, currency, week = (rows[name].to_numpy(np.int64) for name in ("origin", "currency", "week_no"))
    for at in range(len(rows)):
        made[at], used[at] = past.bounds_at(int(origin[at]), int(currency[at]), int(week[at]), claimed)
    low, median, high = ends(made, expected, spread)
    return rows.assign(low=low, median=median, high=high, errors=used)


@dataclass(frozen=True, kw_only=True, eq=False)
class Errors:
    """How far past forecasts were off, in units of the spread foreseen, and the day on which that was known."""

    error: Floats
    over: Ints
    week: Ints
    currency: Ints

    def bounds_at(self, origin: int, currency: int, week: int, claimed: float) -> tuple[Floats, int]:
        """`bounds` of a week that is forecast at an origin, from the errors of the currency that were known then."""
        known = (self.over <= origin) & (self.over > origin - WINDOW) & (self.currency == currency)
        return bounds(self.error[known], self.week[known], self.over[known], week, claimed)


def errors_of(rows: pd.DataFrame, expected: Floats, spread: Floats) -> Errors:
    """The errors of back-test rows."""
    week, stub = rows["week_no"].to_numpy(np.int64), rows["stub"].to_numpy(np.int64)
    return Errors(
        error=(rows["actual_total"].to_numpy(float) - expected) / spread,
        over=rows["origin"].to_numpy(np.int64) + WEEK * week + stub,
        week=week,
        currency=rows["currency"].to_numpy(np.int64),
    )


def ends(units: Floats, expected: Floats, spread: Floats) -> tuple[Floats, Floats, Floats]:
    """Low, median and high of receipts, of those in units of the spread; what is expected lies between low and high."""
    low, median, high = (expected[:, None] + units * spread[:, None]).clip(min=0).T
    return np.minimum(low, expected), median, np.maximum(high, expected)


def scale(rows: pd.DataFrame, method: str = "forecast") -> Floats:
    """What errors are measured in: the spread foreseen; of a naive forecast, which foresees none, recent receipts."""
    if method != "forecast":
        recent: Floats = np.maximum(rows["recent_mean_total"].to_numpy(float), 1.0)
        return recent
    return at_least(rows["spread"].to_numpy(float), rows["forecast_total"].to_numpy(float))


def at_least(spread: Floats, expected: Floats) -> Floats:
    """The spread, no smaller than a forecast can be sure of."""
    made: Floats = np.maximum(spread, np.maximum(LEAST_SPREAD * expected, 1.0))
    return made


def bounds(errors: Floats, weeks: Ints, over: Ints, week: int, claimed: float) -> tuple[Floats, int]:
    """Low, median and high in units of the spread, and the number of errors behind them (0: not calibrated).

    Errors of one calendar week made at several origins go together, so the room is that of so many calendar weeks.
    """
    tail = (1 - claimed) / 2
    like = np.minimum(weeks, FAR) == min(week, FAR)
    if like.sum() < MIN_ERRORS:
        like[:] = True
    chosen, count = errors[like], len(np.unique(over[like]))
    if len(chosen) < MIN_ANY:
        normal = NormalDist()
        return np.array([normal.inv_cdf(tail), 0.0, normal.inv_cdf(1 - tail)]), 0
    room = (count + 1) / count
    low, high = max(1 - (1 - tail) * room, 0.0), min((1 - tail) * room, 1.0)
    return np.quantile(chosen, [low, 0.5, high]), len(chosen)
