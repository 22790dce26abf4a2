"""How far the forecast and the naive ones were off, by week ahead. Floor 1.

Pinball loss of a quantile q forecast as f when a came: q (a - f) above it, (1 - q) (f - a) below it (Koenker and Bassett
1978). A naive forecast gives one figure for every quantile. MAPE leaves out weeks without receipts.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

from arlib.collect.forecast.frames import FORECAST_BACKTEST
from arlib.collect.forecast.past import Floats
from arlib.collect.forecast.rolling import METHODS

Z95 = 1.959964


def pinball(actual: Floats, forecast: Floats, quantile: float) -> Floats:
    """Loss of each forecast of a quantile."""
    made: Floats = np.where(
        actual >= forecast, quantile * (actual - forecast), (1 - quantile) * (forecast - actual)
    )
    return made


def wilson(hits: int, count: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    share, square = hits / count, Z95**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = Z95 * sqrt(share * (1 - share) / count + square / (4 * count**2)) / (1 + square / count)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def scored(rows: pd.DataFrame, currencies: tuple[str, ...], claimed: float) -> pd.DataFrame:
    """FORECAST_BACKTEST of back-test rows with intervals, sorted by its key; currencies without receipts are left out."""
    made: list[dict[str, Any]] = []
    for kind, code in enumerate(currencies):
        mine = rows[rows["currency"].eq(kind)]
        if mine.empty or not mine["actual_total"].sum() > 0:
            continue
        for week in [0, *sorted(mine["week_no"].unique().tolist())]:
            chosen = mine if week == 0 else mine[mine["week_no"].eq(week)]
            for method in METHODS:
                made.append(
                    {
                        "currency": code,
                        "week_no": int(week),
                        "method": method,
                        **_score(chosen, method, claimed),
                    }
                )
    return FORECAST_BACKTEST.from_rows(made).sort_values(
        ["currency", "week_no", "method"], kind="stable", ignore_index=True
    )


def _score(rows: pd.DataFrame, method: str, claimed: float) -> dict[str, Any]:
    actual, point = rows["actual_total"].to_numpy(float), rows[f"{method}_total"].to_numpy(float)
    error, level = np.abs(point - actual), float(actual.mean())
    paid = actual > 0
    is_ours = method == "forecast"
    quantiles = ((1 - claimed) / 2, 0.5, (1 + claimed) / 2)
    ends = [rows[name].to_numpy(float) for name in ("low", "median", "high")] if is_ours else [point] * 3
    losses = [pinball(actual, end, quantile) for end, quantile in zip(ends, quantiles, strict=True)]
    made: dict[str, Any] = {
        "origins": int(rows["origin"].nunique()), "weeks": len(rows), "first_origin": _day(rows["origin"].min()),
        "last_origin": _day(rows["origin"].max()),
    }  # fmt: skip
    if paid.any():
        made |= {
            "mape": _share(float((error[paid] / actual[paid]).mean())), "wape": _share(float(error.sum() / actual.sum())),
            "bias": _share(float(point.sum() / actual.sum()) - 1), "pinball": _share(float(np.mean(losses)) / level),
            "pinball_median": _share(float(losses[1].mean()) / level),
        }  # fmt: skip
    if is_ours:
        sure = rows["errors"].to_numpy(float) > 0
        inside = (actual >= ends[0]) & (actual <= ends[2]) & sure
        made |= {"claimed": _share(claimed), "interval_weeks": int(sure.sum()), "covered": int(inside.sum())}
        if sure.any():
            low, high = wilson(int(inside.sum()), int(sure.sum()))
            made |= {"coverage": _share(float(inside.sum() / sure.sum())), "coverage_low": _share(low),
                     "coverage_high": _share(high)}  # fmt: skip
    return made


def _share(value: float) -> str:
    return f"{value:.4f}"


def _day(day: int) -> pd.Timestamp:
    return pd.Timestamp(int(day), unit="D")
