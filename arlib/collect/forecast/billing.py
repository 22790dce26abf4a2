"""What is not billed yet at the origin, and when it will be paid. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arlib.collect.forecast.habits import WEEK, Habits, habits_of, paths, units_of, weekday
from arlib.collect.forecast.past import Floats, Past
from arlib.ledger.facts import Ints

BILLING_WEEKS = 9  # weeks before the origin that expected billing is the mean of
SEASON_WEEKS = 65  # weeks of history from which last year's course is looked at
SEASON_SPAN = 3  # weeks before and after the same week of last year that are averaged
SEASON_SHARE = 0.5  # how much of last year's rise or fall is taken over
SEASON_BOUNDS = (0.5, 2.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Billing:
    """Expected new billing by currency and day ahead, and how uneven weekly billing was."""

    daily: Floats  # currency x day ahead, minor units
    spread: Floats  # currency: standard deviation of weekly billing over its mean
    terms: Ints  # currency: days from billing to due date, by amount
    lag: Ints  # currency: days from billing to payment, by amount
    is_seasonal: bool


def expected_billing(past: Past, *, origin: int, horizon: int) -> Billing:
    """Billing of the days origin + 1 ... origin + horizon: the mean of that weekday in the last weeks.

    With more than a year of history, half of what the same weeks rose or fell by a year before is taken over.
    """
    debits, kinds = past.debits, len(past.currencies)
    known = (past.known <= origin) & debits.pays & (debits.billed <= origin)
    first = int(debits.billed[known].min()) if known.any() else origin
    weeks = min(BILLING_WEEKS, max((origin - first + 1) // WEEK, 1))
    recent = known & (debits.billed > origin - WEEK * weeks)
    amount = debits.amount.astype(np.float64)
    at = debits.currency[recent] * WEEK + weekday(debits.billed[recent])
    by_day = np.bincount(at, weights=amount[recent], minlength=kinds * WEEK).reshape(kinds, WEEK) / weeks
    week_of = debits.currency[recent] * weeks + (origin - debits.billed[recent]) // WEEK
    weekly = np.bincount(week_of, weights=amount[recent], minlength=kinds * weeks).reshape(kinds, weeks)
    mean = weekly.mean(axis=1)
    spread = np.divide(weekly.std(axis=1), mean, out=np.zeros(kinds), where=mean > 0)
    ahead = np.arange(1, horizon + 1)
    daily = by_day[:, weekday(origin + ahead)]
    is_seasonal = (origin - first + 1) // WEEK >= SEASON_WEEKS
    if is_seasonal:
        daily = daily * _season(past, known, origin, horizon)
    terms = _mean_by_amount(past, recent, debits.due - debits.billed)
    return Billing(
        daily=daily, spread=spread, terms=terms, lag=_lag(past, origin, terms), is_seasonal=is_seasonal
    )


def new_receipts(
    past: Past, billing: Billing, *, origin: int, horizon: int, since: int, half_life: int
) -> Floats:
    """Expected receipts by currency and day ahead from what will be billed after the origin."""
    units = units_of(past, origin=origin, since=since, half_life=half_life, by_amount=True)
    kinds = len(past.currencies)
    habits: Habits = habits_of(units, groups=kinds, min_payments=1)
    day = np.tile(origin + np.arange(1, horizon + 1), kinds)
    group = np.repeat(np.arange(kinds), horizon)
    paid, _ = paths(habits, group, day, day, origin=origin, horizon=horizon)
    made: Floats = (paid * billing.daily.reshape(-1, 1)).reshape(kinds, horizon, horizon).sum(axis=1)
    return made


def shifted(billing: Billing, days: Ints) -> Floats:
    """Billing by currency and day ahead, each paid so many days after it: what a naive forecast says."""
    kinds, horizon = billing.daily.shape
    made = np.zeros((kinds, horizon))
    for kind in range(kinds):
        lag = max(int(days[kind]), 0)
        made[kind, lag:] = billing.daily[kind, : max(horizon - lag, 0)]
    return made


def _season(past: Past, known: np.ndarray, origin: int, horizon: int) -> Floats:
    """Factor of each day ahead: billing around that week a year before over that of the weeks before the origin then."""
    debits = past.debits
    amount, kinds = debits.amount.astype(np.float64), len(past.currencies)
    year_ago = origin - 52 * WEEK
    made = np.ones((kinds, horizon))
    day = debits.billed

    def mean(first: int, last: int) -> Floats:
        here = known & (day > first) & (day <= last)
        total = np.bincount(debits.currency[here], weights=amount[here], minlength=kinds)
        return total / (last - first)

    base = mean(year_ago - WEEK * BILLING_WEEKS, year_ago)
    for week in range((horizon + WEEK - 1) // WEEK):
        middle = year_ago + WEEK * week
        around = mean(middle - WEEK * SEASON_SPAN, min(middle + WEEK * (SEASON_SPAN + 1), origin))
        ratio = np.divide(around, base, out=np.ones(kinds), where=base > 0)
        factor = 1 + SEASON_SHARE * (np.clip(ratio, *SEASON_BOUNDS) - 1)
        made[:, WEEK * week : WEEK * (week + 1)] = factor[:, None]
    return made


def _mean_by_amount(past: Past, rows: np.ndarray, days: Ints) -> Ints:
    kinds = len(past.currencies)
    money, amount = past.debits.currency[rows], past.debits.amount[rows].astype(np.float64)
    total = np.bincount(money, weights=amount, minlength=kinds)
    summed = np.bincount(money, weights=amount * days[rows], minlength=kinds)
    return np.rint(np.divide(summed, total, out=np.zeros(kinds), where=total > 0)).astype(np.int64)


def _lag(past: Past, origin: int, terms: Ints) -> Ints:
    """Days from billing to payment, by amount, of what was paid; the terms where nothing was."""
    kinds, debits = len(past.currencies), past.debits
    here = (past.event_known <= origin) & (past.event_cash > 0) & (past.event_undone > origin)
    at, cash = past.event[here], past.event_cash[here].astype(np.float64)
    total = np.bincount(debits.currency[at], weights=cash, minlength=kinds)
    took = (past.event_paid[here] - debits.billed[at]).astype(np.float64)
    summed = np.bincount(debits.currency[at], weights=cash * took, minlength=kinds)
    mean = np.divide(summed, total, out=terms.astype(np.float64), where=total > 0)
    return np.rint(mean).astype(np.int64)
