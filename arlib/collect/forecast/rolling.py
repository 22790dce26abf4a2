"""Forecasts at an origin with only what was known then, and what came: the rows of a back-test. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.collect.forecast.billing import Billing, expected_billing, new_receipts, shifted
from arlib.collect.forecast.habits import LAST, WEEK, Habits, habits_of, paths, units_of
from arlib.collect.forecast.past import Debits, Floats, Past
from arlib.collect.forecast.special import Special, dispute_speed
from arlib.ledger.facts import Bools, Ints
from arlib.policy import ForecastPolicy

MONTH_DAYS = 30.4375
ROWS = 50_000  # kinds of items at a time
METHODS = ("forecast", "due_date", "average_delay", "recent_mean")
RECENT_WEEKS = 8  # weeks of receipts whose mean the constant forecast is


@dataclass(frozen=True, kw_only=True, eq=False)
class Outlook:
    """What is expected of the debits open at an origin, and of what is not billed yet.

    Rows of `weeks`, `later`, `never` are kinds of items (of like customer, currency, due date and standing); `kind` is that
    of each debit. Shares, not amounts. Columns of `weeks` are the periods 0 ... of the horizon.
    """

    debits: Debits
    covered: Ints  # minor units of each debit that open credits and cash at hand cover
    kind: Ints
    weeks: Floats
    later: Floats
    half_day: Ints  # day ahead by which half of the cash that is expected has come; -1 after the horizon
    kind_customer: Ints
    kind_currency: Ints
    new: Floats  # currency x period, minor units
    spread: Floats  # currency x period, minor units: standard deviation before calibration
    habits: Habits
    billing: Billing
    special: Special
    speed: float  # of payments of items in dispute, 1 is that of the habit; nan where too few were seen


def periods_of(origin: int, weeks: int) -> Ints:
    """Days ahead at which each period ends: the rest of the origin's ISO week (0 days long on a Sunday), then weeks."""
    to_sunday = (WEEK - 1) - (origin + 3) % WEEK
    return np.array([to_sunday + WEEK * week for week in range(weeks + 1)], dtype=np.int64)


def in_periods(daily: Floats, ends: Ints) -> Floats:
    """Sums of the last axis (days ahead 1, 2, ...) by period."""
    total = np.concatenate([np.zeros((*daily.shape[:-1], 1)), np.cumsum(daily, axis=-1)], axis=-1)
    edges = np.concatenate([[0], ends])
    made: Floats = total[..., edges[1:]] - total[..., edges[:-1]]
    return made


def covered_by(debits: Debits, at_hand: Ints) -> Ints:
    """What open credits and cash at hand cover of each debit, the customer's earliest due date first."""
    account = debits.customer * at_hand.shape[1] + debits.currency
    order = np.lexsort((debits.item.astype(str), debits.due, account)) if at_hand.any() else None
    made = np.zeros(len(debits), dtype=np.int64)
    if order is None or not len(debits):
        return made
    amount, group = debits.amount[order], account[order]
    total = np.cumsum(amount)
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    base = np.repeat((total - amount)[starts], np.diff(np.append(starts, len(group))))
    made[order] = np.clip(at_hand.reshape(-1)[group] - (total - amount - base), 0, amount)
    return made


def outlook(past: Past, debits: Debits, special: Special, *, origin: int, policy: ForecastPolicy) -> Outlook:
    """The forecast at an origin from what was known by the end of that day."""
    ends = periods_of(origin, policy.weeks)
    horizon = int(ends[-1])
    since = origin - round(policy.history_months * MONTH_DAYS)
    units = units_of(past, origin=origin, since=since, half_life=policy.half_life_days)
    habits = habits_of(units, groups=len(past.customers), min_payments=policy.min_payments)
    speed, usual = dispute_speed(past, special.disputed, habits, origin=origin)
    keys, kind = _kinds(debits, special, origin)
    count = keys.shape[1]
    weeks, later, half = np.zeros((count, len(ends))), np.zeros(count), np.full(count, -1, dtype=np.int64)
    for first in range(0, count, ROWS):
        here = slice(first, first + ROWS)
        in_dispute = keys[3, here] > 0
        start = np.where(in_dispute & np.isnan(speed), origin + horizon + 1, origin + 1)
        pace = np.where(in_dispute & ~np.isnan(speed), speed, usual)
        daily, after = paths(
            habits, keys[1, here], keys[2, here], start, origin=origin, horizon=horizon, speed=pace
        )
        daily, after = special.mixed(daily, after, promise=keys[4, here], plan=keys[5, here], origin=origin)
        daily, after = daily * keys[6, here][:, None], after * keys[6, here]
        weeks[here], later[here] = in_periods(daily, ends), after
        run = np.cumsum(daily, axis=1)
        reached = run >= (run[:, -1] + after)[:, None] / 2
        half[here] = np.where(reached.any(axis=1) & (run[:, -1] > 0), reached.argmax(axis=1) + 1, -1)
    covered = covered_by(debits, past.credits(origin))
    billing = expected_billing(past, origin=origin, horizon=horizon)
    daily_new = new_receipts(past, billing, origin=origin, horizon=horizon, since=since,
                             half_life=policy.half_life_days)  # fmt: skip
    new = in_periods(daily_new, ends)
    open_ = _sums(kind, (debits.amount - covered).astype(np.float64), count)
    spread = _spread(open_, weeks, keys[0], new, billing)
    return Outlook(
        debits=debits, covered=covered, kind=kind, weeks=weeks, later=later, half_day=half, kind_customer=keys[1],
        kind_currency=keys[0], new=new, spread=spread, habits=habits, billing=billing, special=special, speed=speed,
    )  # fmt: skip


def _kinds(debits: Debits, special: Special, origin: int) -> tuple[Ints, Ints]:
    """Kinds of items, a column each (currency, customer, due date, disputed, promise, plan, pays), and that of each debit.

    Due dates so old that only the tail of the hazard counts are one.
    """
    due = np.maximum(debits.due, origin - LAST)
    marks = np.stack([special.is_disputed.astype(np.int64), special.promise, special.plan,
                      (debits.pays & ~special.is_lost).astype(np.int64)])  # fmt: skip
    odd = np.flatnonzero((marks != np.array([[0], [0], [-1], [1]])).any(axis=0))
    mark = np.zeros(len(debits), dtype=np.int64)
    if len(odd):
        mark[odd] = np.unique(marks[:, odd], axis=1, return_inverse=True)[1].reshape(-1) + 1
    sizes = [int(part.max(initial=0)) + 1 for part in (debits.customer, due - due.min(initial=origin), mark)]
    key = ((debits.currency * sizes[0] + debits.customer) * sizes[1] + due - due.min(initial=origin)) * sizes[
        2
    ] + mark
    _, first, kind = np.unique(key, return_index=True, return_inverse=True)
    whole = np.stack([debits.currency, debits.customer, due, *marks])
    return whole[:, first], kind.reshape(-1)


def by_currency(values: Floats, currency: Ints, kinds: int) -> Floats:
    """Sums of the rows by currency."""
    made = np.zeros((kinds, values.shape[1]))
    np.add.at(made, currency, values)
    return made


def back_test_rows(
    past: Past, looked: Outlook, *, origin: int, until: int, policy: ForecastPolicy
) -> pd.DataFrame:
    """Forecast, naive forecasts and what came, by currency and week, for the weeks that end by `until`.

    `open_...` are of the debits open at the origin, `..._total` with what was billed after it. A past-due item is
    expected in the first week by both naive methods. Columns of money are float: they are statistics, not postings.
    """
    ends, kinds = periods_of(origin, policy.weeks), len(past.currencies)
    debits, rest = looked.debits, (looked.debits.amount - looked.covered).astype(np.float64)
    open_ = _sums(looked.kind, rest, len(looked.later))
    expected = by_currency(looked.weeks * open_[:, None], looked.kind_currency, kinds)
    habits = looked.habits
    mean = np.where(
        np.isnan(habits.delay), 0.0 if np.isnan(habits.mean_delay) else habits.mean_delay, habits.delay
    )
    horizon = int(ends[-1])
    pays = np.where(debits.pays, rest, 0.0)
    naive = {
        "due_date": _on_days(debits, pays, debits.due, origin, ends, kinds),
        "average_delay": _on_days(debits, pays, debits.due + np.rint(mean[debits.customer]).astype(np.int64), origin,
                                  ends, kinds),
    }  # fmt: skip
    fresh = {
        "due_date": in_periods(shifted(looked.billing, looked.billing.terms), ends),
        "average_delay": in_periods(shifted(looked.billing, looked.billing.lag), ends),
    }
    came_open, came_all = _came(past, origin, ends, kinds, horizon)
    recent = _recent(past, origin, kinds)
    made = []
    for week in range(1, policy.weeks + 1):
        if origin + int(ends[week]) > until:
            break
        for kind in range(kinds):
            made.append({
                "origin": origin, "stub": int(ends[0]), "currency": kind, "week_no": week, "actual_open": came_open[kind, week],
                "actual_total": came_all[kind, week], "forecast_open": expected[kind, week],
                "forecast_total": expected[kind, week] + looked.new[kind, week],
                "spread": looked.spread[kind, week], "due_date_open": naive["due_date"][kind, week],
                "due_date_total": naive["due_date"][kind, week] + fresh["due_date"][kind, week],
                "average_delay_open": naive["average_delay"][kind, week],
                "average_delay_total": naive["average_delay"][kind, week] + fresh["average_delay"][kind, week],
                "recent_mean_open": float("nan"), "recent_mean_total": recent[kind],
            })  # fmt: skip
    return pd.DataFrame(made)


def _spread(open_: Floats, weeks: Floats, currency: Ints, new: Floats, billing: Billing) -> Floats:
    """Standard deviation by currency and period: items of one customer and due date come together or not at all."""
    variance = by_currency(open_[:, None] ** 2 * weeks * (1 - np.minimum(weeks, 1)), currency, len(new))
    made: Floats = np.sqrt(variance + (billing.spread[:, None] * new) ** 2)
    return made


def _on_days(debits: Debits, amount: Floats, day: Ints, origin: int, ends: Ints, kinds: int) -> Floats:
    """Amounts by currency and period, each on its day; a day that is over counts as the first one of week 1."""
    ahead = np.where(day <= origin, ends[0] + 1, day - origin)
    period = np.searchsorted(ends, ahead)
    size = len(ends) + 1
    return _sums(debits.currency * size + period, amount, kinds * size).reshape(kinds, size)[:, :-1]


def _came(past: Past, origin: int, ends: Ints, kinds: int, horizon: int) -> tuple[Floats, Floats]:
    """Cash that came by currency and period: on debits known at the origin, and on all."""
    ahead = past.event_paid - origin
    here = (past.event_cash > 0) & (ahead > 0) & (ahead <= horizon)
    period = np.searchsorted(ends, ahead[here])
    at = past.debits.currency[past.event[here]] * len(ends) + period
    cash = past.event_cash[here].astype(np.float64)
    is_open: Bools = past.known[past.event[here]] <= origin
    both = [
        _sums(at[rows], cash[rows], kinds * len(ends)).reshape(kinds, len(ends))
        for rows in (is_open, np.ones(len(at), dtype=bool))
    ]
    return both[0], both[1]


def _recent(past: Past, origin: int, kinds: int) -> Floats:
    """Mean weekly receipts of the last weeks up to the origin, as known then."""
    here = (
        (past.event_cash > 0)
        & (past.event_known <= origin)
        & (past.event_paid > origin - WEEK * RECENT_WEEKS)
    )
    sums = np.bincount(past.debits.currency[past.event[here]], weights=past.event_cash[here].astype(np.float64),
                       minlength=kinds)  # fmt: skip
    made: Floats = sums / RECENT_WEEKS
    return made


def _sums(at: Ints, amount: Floats, size: int) -> Floats:
    made: Floats = np.bincount(at, weights=amount, minlength=size).astype(np.float64)
    return made
