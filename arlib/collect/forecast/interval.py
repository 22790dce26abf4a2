"""The interval around expected receipts: spread of the items, scaled by how far past forecasts were off. Floor 1.

Each past origin gives, for each week that is over, its error in units of the spread that was foreseen. The quantiles of
those errors, with the room that a small sample needs (split conformal prediction: Vovk, Gammerman and Shafer 2005), make
the interval. An error counts only from the day on which its week is over.
"""

from __future__ import annotations

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
    error = (rows["actual_total"].to_numpy(float) - expected) / spread
    over = (rows["origin"] + WEEK * rows["week_no"]).to_numpy(np.int64) + rows["stub"].to_numpy(np.int64)
    made = np.zeros((len(rows), 3))
    used = np.zeros(len(rows), dtype=np.int64)
    origin, currency, week = (rows[name].to_numpy(np.int64) for name in ("origin", "currency", "week_no"))
    for at in range(len(rows)):
        past = (over <= origin[at]) & (over > origin[at] - WINDOW) & (currency == currency[at])
        made[at], used[at] = bounds(error[past], week[past], over[past], int(week[at]), claimed)
    low, median, high = (expected[:, None] + made * spread[:, None]).clip(min=0).T
    low, high = np.minimum(low, expected), np.maximum(high, expected)
    return rows.assign(low=low, median=median, high=high, errors=used)


def scale(rows: pd.DataFrame, method: str = "forecast") -> Floats:
    """What errors are measured in: the spread foreseen; of a naive forecast, which foresees none, recent receipts."""
    if method != "forecast":
        recent: Floats = np.maximum(rows["recent_mean_total"].to_numpy(float), 1.0)
        return recent
    least = np.maximum(LEAST_SPREAD * rows["forecast_total"].to_numpy(float), 1.0)
    made: Floats = np.maximum(rows["spread"].to_numpy(float), least)
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
