"""A figure beside the month before and the same month last year, only ever by one convention. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pandas as pd

from arlib.collect.kpi.figure import PLACES, Unit, decimal_text
from arlib.collect.kpi.frames import KPI_TREND, SEASON
from arlib.collect.kpi.windows import Windows
from arlib.errors import ParameterError
from arlib.tables.rows import is_none, whole

YEAR = 12
OF_BILLING = ("dso", "best_possible_dso", "average_days_delinquent", "cei", "percent_current", "percent_over_90", "turnover",
              "bad_debt_to_sales", "dispute_rate")  # fmt: skip
FEW_CHANGES = 4  # fewer monthly changes say nothing of what is usual
SEASONAL_MONTHS = 13
RUN_MONTHS = 4  # so many changes one way are a run: by chance alone one series in 60 has one
NOT_KNOWN = "the same month last year is not known"
NO_YEAR = "fewer than 13 months are known: a season cannot be told from a trend"


def trend(
    values: pd.DataFrame, *, windows: Windows, noise_factor: Decimal, fell_off: str = ""
) -> pd.DataFrame:  # fmt: skip
    """KPI_TREND: each figure of the last month by its convention, beside its own past. Needs KPI_VALUES.

    A direction is named only where the change is larger than `noise_factor` times the mean size of the monthly changes
    before, and there are four of these; against last year where that month has a value. A month that the ledger begins in
    the middle of is compared with none. `fell_off` says why the billing of the last month may be incomplete: figures of
    receivables and sales then have no direction. A run is four months or more, each further one way than the one before.
    """
    last = windows.months[-1].name
    rows = []
    for key, group in values.groupby(["measure", "currency", "kpi", "convention"], sort=True):
        require_one_convention(group)
        now = group[group["period"].eq(last)]
        if now.empty:
            continue
        by_month = dict(zip(group["period"], group["value"], strict=True))
        series = [
            None if month.name == windows.partial else _number(by_month.get(month.name))
            for month in windows.months
        ]
        head = now.iloc[0]
        row = dict(zip(("measure", "currency", "kpi", "convention"), key, strict=True))
        rows.append(row | {"period": last, "unit": head["unit"]} | _compared(
            series, unit=Unit(str(head["unit"])), better=bool(head["higher_is_better"]), noise=Fraction(noise_factor),
            doubt=fell_off if head["kpi"] in OF_BILLING else ""))  # fmt: skip
    return KPI_TREND.from_rows(rows).sort_values(list(KPI_TREND.key), kind="stable", ignore_index=True)


def require_one_convention(rows: pd.DataFrame) -> None:
    """Raise ParameterError where rows to compare are of two figures, conventions, measures or currencies."""
    pairs = rows[["kpi", "convention", "measure", "currency", "unit"]].drop_duplicates()
    if len(pairs) > 1:
        found = [f"{r.kpi}/{r.convention}, {r.measure}, {r.currency}" for r in pairs.itertuples()]
        raise ParameterError("figures of two conventions are not compared", found=found,
                             wanted="one figure, convention, measure and currency")  # fmt: skip


def _compared(
    series: Sequence[Fraction | None], *, unit: Unit, better: bool, noise: Fraction, doubt: str = ""
) -> dict[str, object]:
    """What stands beside the last value of a series of months."""
    now, places = series[-1], PLACES[unit]
    before = series[-2] if len(series) > 1 else None
    year = series[-1 - YEAR] if len(series) > YEAR else None
    changes = [abs(b - a) for a, b in pairwise(series[:-1]) if a is not None and b is not None]
    usual = sum(changes, Fraction(0)) / len(changes) if len(changes) >= FEW_CHANGES else None
    change = None if now is None or before is None else now - before
    of_year = None if now is None or year is None else now - year
    known = sum(1 for value in series if value is not None)
    return {
        "value": _shown(now, places), "previous": _shown(before, places), "change": _shown(change, places),
        "usual_change": _shown(usual, places), "year_before": _shown(year, places),
        "year_change": _shown(of_year, places), "months": known,
        "direction": doubt if doubt and now is not None else _direction(now, change, usual, better=better, noise=noise),
        "run": None if doubt else _run(series, places),
        "caveat": None if of_year is not None else NO_YEAR if known < SEASONAL_MONTHS else NOT_KNOWN,
    }  # fmt: skip


def _direction(
    now: Fraction | None, change: Fraction | None, usual: Fraction | None, *, better: bool, noise: Fraction
) -> str:  # fmt: skip
    """better or worse than the month before, where that is more than usual."""
    if now is None:
        return "no value this month"
    if change is None:
        return "no month to compare with"
    if usual is None:
        return "too few months to tell"
    if abs(change) <= noise * usual:
        return "within the usual monthly change"
    return "better" if (change > 0) == better else "worse"


def _run(series: Sequence[Fraction | None], places: int) -> str | None:
    """How long the last value has moved one way."""
    changes: list[Fraction] = []
    for later, earlier in zip(reversed(series), reversed(series[:-1]), strict=False):
        if later is None or earlier is None or later == earlier:
            break
        if changes and (later > earlier) != (changes[0] > 0):
            break
        changes.append(later - earlier)
    if len(changes) < RUN_MONTHS:
        return None
    word = "up" if changes[0] > 0 else "down"
    return f"{word} {len(changes)} months running, from {_shown(series[-1 - len(changes)], places)}"


def season(months: pd.DataFrame, *, windows: Windows, shown: int) -> pd.DataFrame:
    """SEASON: credit sales of the last months, each beside the same month last year. Needs KPI_MONTHS.

    Where last year is not known, or the ledger begins in the middle of that month, an index: the month ÷ the mean of the months
    shown, in percent.
    """
    names = [month.name for month in windows.months]
    rows = []
    for (measure, currency), group in months.groupby(["measure", "currency"], sort=True):
        sales = {
            str(m): whole(v) for m, v in zip(group["month"], group["sales"], strict=True) if not is_none(v)
        }
        mine = [name for name in names[-shown:] if name in sales]
        why = NO_YEAR if len(sales) < SEASONAL_MONTHS else NOT_KNOWN
        mean = Fraction(sum(sales[name] for name in mine), len(mine)) if mine else Fraction(0)
        for name in mine:
            number = names.index(name)
            last_year = names[number - YEAR] if number >= YEAR else ""
            year = None if last_year == windows.partial else sales.get(last_year)
            change = Fraction(sales[name] - year, year) * 100 if year is not None and year > 0 else None
            index = sales[name] / mean * 100 if change is None and mean > 0 else None
            rows.append({
                "measure": measure, "currency": currency, "month": name, "sales": sales[name], "year_before": year,
                "year_change": _shown(change, 1), "index": _shown(index, 1),
                "caveat": None if change is not None else f"beside the mean of {len(mine)} months; {why}",
            })  # fmt: skip
    return SEASON.from_rows(rows).sort_values(list(SEASON.key), kind="stable", ignore_index=True)


def _number(text: object) -> Fraction | None:
    return None if is_none(text) else Fraction(str(text))


def _shown(value: Fraction | None, places: int) -> str | None:
    return None if value is None else decimal_text(value, places)
