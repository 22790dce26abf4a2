"""Expected receipts by week from each customer's own payment behaviour, with an interval, back-tested. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

from arlib.collect.forecast.billing import BILLING_WEEKS, SEASON_WEEKS
from arlib.collect.forecast.frames import (
    FORECAST_BACKTEST,
    FORECAST_CUSTOMERS,
    FORECAST_ITEMS,
    FORECAST_PLACES,
    FORECAST_WEEKS,
)
from arlib.collect.forecast.habits import WEEK
from arlib.collect.forecast.interval import Errors, at_least, ends, errors_of, scale, with_intervals
from arlib.collect.forecast.items import forecast_items
from arlib.collect.forecast.past import Past, past_of, standing_of
from arlib.collect.forecast.record import interval_limits, shortfalls
from arlib.collect.forecast.rolling import Outlook, back_test_rows, by_currency, outlook, periods_of
from arlib.collect.forecast.scores import scored
from arlib.collect.forecast.shares import Shared, forecast_customers, forecast_places, shared_out
from arlib.collect.forecast.special import special_of
from arlib.collect.position import Position
from arlib.controls import Identity
from arlib.errors import RateError
from arlib.money import Rates, translate
from arlib.policy import ForecastPolicy, Policies, Scope
from arlib.tables import Book

MIN_PAYMENTS = 20  # of the entity: with fewer nothing is forecast
MIN_DAYS = 56  # of history before an origin
WORK = 10_000_000  # debits times origins that a back-test may take
MIN_ORIGINS = 6  # past Sundays that are tested however large the book is
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Forecast:
    """Expected receipts. Frames are empty where `limits` says that nothing could be worked out."""

    weeks: pd.DataFrame  # FORECAST_WEEKS, a currency apart
    total: (
        pd.DataFrame
    )  # FORECAST_WEEKS in the books' currency at closing rates; empty where a rate is missing
    places: pd.DataFrame  # FORECAST_PLACES
    customers: pd.DataFrame  # FORECAST_CUSTOMERS
    items: pd.DataFrame = field(repr=False)  # FORECAST_ITEMS
    backtest: pd.DataFrame = field(repr=False)  # FORECAST_BACKTEST
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]
    shortfalls: tuple[str, ...]  # of currencies where the back-test speaks against the forecast
    interval: Decimal


def cash_forecast(book: Book, *, position: Position, policies: Policies) -> Forecast:
    """Receipts expected in each ISO week after the as-of date, of open items and of what is not billed yet.

    Needs ITEMS and APPLICATIONS with a history of payments; uses INSTALMENTS, PROMISES, PLANS, PLAN_INSTALMENTS, DISPUTES,
    CUSTOMERS, CUSTOMER_HISTORY, FX_RATES. The as-of day itself is over; week 0, there only where the as-of date is no
    Sunday, is the rest of its ISO week. Open credits and cash at hand cover a customer's oldest debits first and bring no
    receipt. The weeks, what comes later, what is covered and what is not expected add up to the open debits by currency.
    Without at least MIN_PAYMENTS payments nothing is forecast, and `limits` says so.
    """
    scope, policy = position.scope, policies.forecast
    past = past_of(book, scope=scope)
    origin = (scope.as_of - EPOCH).days
    seen = int(((past.event_cash > 0) & (past.event_paid > origin - policy.history_months * 31)).sum())
    if seen < MIN_PAYMENTS:
        return _nothing(policy, seen)
    debits = standing_of(position, past)
    special = special_of(book, past, debits, scope=scope, origin=origin)
    looked = outlook(past, debits, special, origin=origin, policy=policy)
    shares = shared_out(looked)
    rows = past_rows(book, past, scope=scope, policy=policy)
    weeks = _weeks(past, looked, shares, rows, scope, policy)
    places = forecast_places(shares, looked, past, entity=scope.entity)
    backtest = (
        FORECAST_BACKTEST.empty() if rows.empty else scored(rows, past.currencies, float(policy.interval))
    )
    total, unrated = _total(weeks, position)
    return Forecast(
        weeks=weeks, total=total, places=places,
        customers=forecast_customers(shares, looked, past, position, origin=origin, policy=policy),
        items=forecast_items(looked, position, origin=origin, weeks=policy.weeks), backtest=backtest,
        identities=_identities(places, position), limits=_limits(looked, rows, weeks, unrated, policy),
        shortfalls=shortfalls(backtest), interval=policy.interval,
    )  # fmt: skip


def past_rows(book: Book, past: Past, *, scope: Scope, policy: ForecastPolicy) -> pd.DataFrame:
    """Back-test rows with intervals at the last Sundays before the as-of date; empty where history is too short.

    The number of Sundays is the policy's, fewer where the book is large (WORK), at least MIN_ORIGINS.
    """
    until = (scope.as_of - EPOCH).days
    sunday = until - (until + 4) % WEEK
    count = min(policy.origins, max(MIN_ORIGINS, WORK // max(len(past.debits), 1)))
    first = int(past.known.min()) if len(past.debits) else until
    made = []
    for origin in range(sunday - WEEK * count, sunday, WEEK):
        paid = int(((past.event_cash > 0) & (past.event_known <= origin)).sum())
        if origin - first < MIN_DAYS or paid < MIN_PAYMENTS:
            continue
        debits = past.standing(origin)
        special = special_of(book, past, debits, scope=scope, origin=origin)
        looked = outlook(past, debits, special, origin=origin, policy=policy)
        made.append(back_test_rows(past, looked, origin=origin, until=until, policy=policy))
    if not made:
        return pd.DataFrame()
    return with_intervals(pd.concat(made, ignore_index=True), float(policy.interval))


def _nothing(policy: ForecastPolicy, seen: int) -> Forecast:
    limit = f"Not computed: {seen} payments in the history; a forecast from habits needs {MIN_PAYMENTS}."
    return Forecast(
        weeks=FORECAST_WEEKS.empty(), total=FORECAST_WEEKS.empty(), places=FORECAST_PLACES.empty(),
        customers=FORECAST_CUSTOMERS.empty(), items=FORECAST_ITEMS.empty(), backtest=FORECAST_BACKTEST.empty(),
        identities=(), limits=(limit,), shortfalls=(), interval=policy.interval,
    )  # fmt: skip


def _weeks(
    past: Past, looked: Outlook, shares: Shared, rows: pd.DataFrame, scope: Scope, policy: ForecastPolicy
) -> pd.DataFrame:
    """FORECAST_WEEKS of each currency that is open or billed."""
    origin = (scope.as_of - EPOCH).days
    ends = periods_of(origin, policy.weeks)
    open_ = by_currency(shares.in_weeks.astype(np.float64), shares.currency, len(past.currencies)).astype(
        np.int64
    )
    new = np.rint(looked.new).astype(np.int64)
    errors = None if rows.empty else errors_of(rows, rows["forecast_total"].to_numpy(float), scale(rows))
    made = []
    for kind, code in enumerate(past.currencies):
        if not open_[kind].any() and not new[kind].any():
            continue
        for week in range(len(ends)):
            begin = origin + 1 if week == 0 else origin + int(ends[week - 1]) + 1
            end = origin + int(ends[week])
            if end < begin:
                continue
            year, number, _ = pd.Timestamp(end, unit="D").isocalendar()
            made.append({
                "entity": scope.entity, "currency": code, "week_no": week, "week": f"{year}-W{number:02d}",
                "week_start": pd.Timestamp(begin, unit="D"), "week_end": pd.Timestamp(end, unit="D"),
                "from_open": int(open_[kind, week]), "from_new": int(new[kind, week]),
                "expected": int(open_[kind, week] + new[kind, week]),
                **_interval(errors, looked, kind, week, float(open_[kind, week] + new[kind, week]), origin, policy),
            })  # fmt: skip
    return FORECAST_WEEKS.from_rows(made).sort_values(
        ["currency", "week_no"], kind="stable", ignore_index=True
    )


def _interval(
    errors: Errors | None,
    looked: Outlook,
    kind: int,
    week: int,
    expected: float,
    origin: int,
    policy: ForecastPolicy,
) -> dict[str, int]:
    """Low, median and high of a week to come, from the errors of the weeks that are over; none without any.

    A rest of a week has none: past origins are Sundays, so that nothing is known of its errors.
    """
    if errors is None or week == 0:
        return {}
    units, used = errors.bounds_at(origin, kind, week, float(policy.interval))
    told = np.array([expected])
    found = ends(units[None, :], told, at_least(looked.spread[kind, week : week + 1], told))
    return (
        {name: round(float(end[0])) for name, end in zip(("low", "median", "high"), found, strict=True)}
        if used
        else {}
    )


def _total(weeks: pd.DataFrame, position: Position) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The weeks in the books' currency at the closing rate, and the currencies without one.

    The interval takes currencies as independent: half widths add up by squares.
    """
    scope = position.scope
    unrated = tuple(code for code in sorted(weeks["currency"].unique()) if code in _missing(weeks, position))
    if unrated or weeks.empty:
        return FORECAST_WEEKS.empty(), unrated
    names = ["from_open", "from_new", "expected", "low", "median", "high"]
    made = []
    for _, mine in weeks.groupby("week_no", sort=True):
        sums = dict.fromkeys(names[:3], 0)
        down, up, middle, is_known = 0.0, 0.0, 0.0, True
        for row in mine.to_dict("records"):
            moved = {
                name: None
                if pd.isna(row[name])
                else _in_books(int(row[name]), row["currency"], scope, position.rates)
                for name in names
            }
            sums = {name: sums[name] + (moved[name] or 0) for name in sums}
            low, median, high = moved["low"], moved["median"], moved["high"]
            if low is None or median is None or high is None:
                is_known = False
                continue
            down, up, middle = down + (median - low) ** 2, up + (high - median) ** 2, middle + median
        sums["expected"] = sums["from_open"] + sums["from_new"]
        ends = {}
        if is_known:
            low, high = round(max(middle - down**0.5, 0)), round(middle + up**0.5)
            ends = {
                "low": min(low, sums["expected"]),
                "median": round(middle),
                "high": max(high, sums["expected"]),
            }
        first = mine.iloc[0]
        made.append({**{name: first[name] for name in ("entity", "week_no", "week", "week_start", "week_end")}, **sums, **ends,
                     "currency": scope.functional_currency})  # fmt: skip
    return FORECAST_WEEKS.from_rows(made), ()


def _missing(weeks: pd.DataFrame, position: Position) -> set[str]:
    """Currencies of the weeks without a closing rate."""
    made = set()
    for code in weeks["currency"].unique():
        try:
            position.rates.find(code, position.currency, position.scope.as_of)
        except RateError:
            made.add(str(code))
    return made


def _in_books(amount: int, currency: str, scope: Scope, rates: Rates) -> int:
    if currency == scope.functional_currency:
        return amount
    rate = rates.find(currency, scope.functional_currency, scope.as_of)
    return translate(amount, from_currency=currency, to_currency=scope.functional_currency, rate=rate)


def _identities(places: pd.DataFrame, position: Position) -> tuple[Identity, ...]:
    """By currency: the places add up to the open debits, and these with the open credits to the aging."""
    made = []
    for code, mine in position.items.groupby("currency", sort=True):
        place = places[places["currency"].eq(code)]
        parts = int(place[["in_weeks", "later", "covered", "never"]].sum().sum())
        owed = int(position.credits.loc[position.credits["currency"].eq(code), "outstanding"].sum())
        made.append(
            Identity(
                name="forecast_places", left_label="weeks + later + covered + not expected + open credits",
                left=parts + owed, right_label="outstanding in the aging", right=int(mine["outstanding"].sum()),
                currency=str(code), entity=position.scope.entity,
            ).require()
        )  # fmt: skip
    return tuple(made)


def _limits(
    looked: Outlook, rows: pd.DataFrame, weeks: pd.DataFrame, unrated: tuple[str, ...], policy: ForecastPolicy
) -> tuple[str, ...]:
    """What the reader must know of how far this goes."""
    made = [
        f"New billing is taken to go on as in the last {BILLING_WEEKS} weeks; orders and prices are not looked at."
    ]
    if not looked.billing.is_seasonal:
        made.append(f"Less than {SEASON_WEEKS} weeks of billing: no season is taken into account.")
    made.append("Cash on account and payments of unknown payers are not forecast; a return is not foreseen.")
    if rows.empty:
        made.append(
            "History too short for a back-test: no interval, and no word on how good the forecast is."
        )
    elif rows["origin"].nunique() < 2 * MIN_ORIGINS:
        made.append(
            f"Interval calibrated on {rows['origin'].nunique()} past weeks only: take its share as rough."
        )
    made += interval_limits(weeks, is_total=not unrated)
    special = looked.special
    if special.promise.any() and np.isnan(special.kept):
        made.append("Too few promises have been judged: promised items follow the customer's habit.")
    if special.is_disputed.any() and np.isnan(looked.speed):
        made.append(
            "Too few items in dispute have been paid: an item in dispute is expected after the weeks shown."
        )
    if unrated:
        made.append(f"No closing rate for {', '.join(unrated)}: no total in the books' currency.")
    return tuple(made)
