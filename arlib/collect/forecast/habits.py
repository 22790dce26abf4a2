"""When each customer pays: a discrete-time hazard by days from the due date, shrunk to its peers. Floor 1.

The hazard of a day is the share of what is still open that is paid on it (Kaplan and Meier 1958, by customer). So an item
already 40 days late is judged by what such items did from day 40 on, and what is not paid yet counts as evidence too.
Cells with little evidence lean on the peers (customers of like terms), and those on the entity: `min_payments` items at
risk of the customer's own weigh as much as its peers. Days of the week and month ends are factors on the hazard.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arlib.collect.forecast.past import Floats, Past
from arlib.ledger.facts import Bools, Ints

FIRST, LAST = -60, 120  # days from the due date that have a hazard of their own
SIZE = LAST - FIRST + 1
NEVER_AFTER = 365  # days past due after which cash is no longer expected
WEEK = 7
TERMS = np.array([1, 12, 24, 40, 55, 80])  # days: where one group of terms ends and the next begins
GROUPS = len(TERMS) + 1
BLOCK = 4_000  # customers at a time, so that memory stays small
TOP_HAZARD = 0.97
GRAIN = (
    2.0**20
)  # weights are whole multiples of 1/GRAIN: their sums are exact, whatever the order of the rows
PEER_ITEMS = 20.0  # items at risk of a terms group that weigh as much as the entity
WEEKDAY_ITEMS = 4.0  # expected payments of a customer on a weekday that weigh as much as its peers' factor
DUE_WEEKDAY_ITEMS = (
    5.0  # items at risk of one weekday of due dates that weigh as much as the customer's habit
)
MONTH_ITEMS = 20_000  # items that month-end effects are measured on
MONTH_EDGE = 3  # first and last days of a month that are looked at
MONTH_Z = 3.0  # standard errors that a month-end effect must differ by

Singles = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Units:
    """What was seen of each debit, or share of it: from the day that it was billed to its end or to the origin."""

    group: Ints  # customer
    due: Ints
    entry: Ints  # day from the due date, of billing
    exit: Ints  # day from the due date, of payment, settlement or the origin
    weight: Floats  # share of the item, faded by age
    cash: Floats  # of the weight, what ended in cash
    left: Floats  # of the weight, what ended without cash


@dataclass(frozen=True, kw_only=True, eq=False)
class Habits:
    """Hazards by customer and day from the due date, and what multiplies them."""

    hazard: Singles  # customer x weekday of the due date x day
    base: Singles  # customer x day: whatever the weekday
    leaving: Floats  # day: settled without cash, the entity's
    month: Floats  # factor of first days, other days, last days of a month
    onward: Singles  # customer x day: share of what is open then that will ever be paid in cash
    payments: Ints  # by customer: payments seen
    delay: Floats  # by customer: mean days from due date to payment, unweighted; nan without payments
    median: Floats  # by customer: median of the same
    mean_delay: float  # of the entity; nan without payments


def units_of(past: Past, *, origin: int, since: int, half_life: int, by_amount: bool = False) -> Units:
    """The life of each debit billed on or after `since`, as known at the origin.

    A payment taken back by the origin does not count. Weights halve every `half_life` days of an item's age. `by_amount`
    weighs by money and counts days from billing: the habit of an average unit of money, for what is not billed yet.
    """
    debits = past.debits
    in_scope = (past.known <= origin) & (debits.billed >= since) & debits.pays & (debits.billed <= origin)
    here = (past.event_known <= origin) & (past.event_undone > origin) & (past.event_settled > 0)
    here &= in_scope[past.event]
    at = past.event[here]
    settled, cash = past.event_settled[here].astype(np.float64), past.event_cash[here].astype(np.float64)
    done = np.bincount(at, weights=settled, minlength=len(debits))
    rest = np.where(in_scope, np.maximum(debits.amount - done, 0), 0.0)
    still = np.flatnonzero(rest > 0)
    rows = np.concatenate([at, still])
    end = np.concatenate([past.event_paid[here], np.full(len(still), origin, dtype=np.int64)])
    share = np.concatenate([settled, rest[still]]) / debits.amount[rows]
    in_cash = np.concatenate([cash / np.maximum(settled, 1), np.zeros(len(still))])
    is_end = np.concatenate([np.ones(len(at)), np.zeros(len(still))])
    due = debits.billed[rows] if by_amount else debits.due[rows]
    weight = np.minimum(share, 1.0) * 0.5 ** ((origin - debits.billed[rows]) / half_life)
    if by_amount:
        weight *= debits.amount[rows] / max(
            float(debits.amount[in_scope].mean()) if in_scope.any() else 1.0, 1.0
        )
    weight = np.rint(weight * GRAIN) / GRAIN
    paid = np.rint(weight * in_cash * is_end * GRAIN) / GRAIN
    entry, exit_ = debits.billed[rows] - due, end - due
    is_seen = exit_ >= entry
    group = debits.currency[rows] if by_amount else debits.customer[rows]
    return Units(
        group=group[is_seen], due=due[is_seen], entry=entry[is_seen], exit=exit_[is_seen], weight=weight[is_seen],
        cash=paid[is_seen], left=((weight - paid) * is_end)[is_seen],
    )  # fmt: skip


def bins(day: Ints) -> Ints:
    """Place of a day from the due date; days beyond the ends stand at the ends."""
    return np.clip(day, FIRST, LAST) - FIRST


def habits_of(units: Units, *, groups: int, min_payments: int) -> Habits:
    """The habits of `groups` customers numbered from 0, from what was seen of their items."""
    peer = _peers(units, groups)
    entry, exit_ = bins(units.entry), bins(units.exit)
    is_paid, is_left = units.cash > 0, units.left > 0
    whole_paid = _sums(exit_[is_paid], units.cash[is_paid], SIZE)
    whole_left = _sums(exit_[is_left], units.left[is_left], SIZE)
    whole_risk = _at_risk(np.zeros(len(entry), dtype=np.int64), entry, exit_, units.weight, 1)[0]
    tail_days = float((units.weight * np.maximum(units.exit - LAST + 1, 0)).sum())
    tail, tail_left = ((float(x[-1]) / tail_days if tail_days > 0 else 0.0) for x in (whole_paid, whole_left))
    entity = np.divide(whole_paid, whole_risk, out=np.zeros(SIZE), where=whole_risk > 0)
    leaving = np.divide(whole_left, whole_risk, out=np.zeros(SIZE), where=whole_risk > 0)
    entity[-1], leaving[-1] = tail, tail_left

    unit_peer = peer[units.group]
    payments, delay, median = _seen(units, groups)
    shift = _shifts(payments, median, peer, min_payments)
    moved = shift[units.group]
    peer_exit = bins(units.exit - moved)
    peer_paid = _sums(unit_peer[is_paid] * SIZE + peer_exit[is_paid], units.cash[is_paid], GROUPS * SIZE)
    peer_risk = _at_risk(unit_peer, bins(units.entry - moved), peer_exit, units.weight, GROUPS)
    peers = (peer_paid.reshape(GROUPS, SIZE) + PEER_ITEMS * entity) / (peer_risk + PEER_ITEMS)
    peers[:, -1] = tail
    common = _weekday_common(units, bins(units.entry - moved), peer_exit, unit_peer, peers, moved)

    order = np.argsort(units.group, kind="stable")
    bounds = np.searchsorted(units.group[order], np.arange(0, groups + BLOCK, BLOCK))
    base = np.empty((groups, SIZE), dtype=np.float32)
    hazard = np.empty((groups, WEEK, SIZE), dtype=np.float32)
    for block, start in enumerate(range(0, groups, BLOCK)):
        here = order[bounds[block] : bounds[block + 1]]
        size = min(BLOCK, groups - start)
        own = slice(start, start + size)
        prior = peers[peer[own, None], np.clip(np.arange(SIZE) - shift[own, None], 0, SIZE - 1)]
        base[own], hazard[own] = _block(units, here, entry, exit_, start, size, prior, common, min_payments)
    base[:, -1] = hazard[:, :, -1] = tail
    np.clip(base, 0, TOP_HAZARD, out=base)
    return Habits(
        hazard=hazard, base=base, leaving=leaving, month=_month(units, hazard), onward=_onward(base, leaving),
        payments=payments, delay=delay, median=median,
        mean_delay=float(units.exit[is_paid].mean()) if is_paid.any() else float("nan"),
    )  # fmt: skip


def paths(
    habits: Habits,
    group: Ints,
    due: Ints,
    start: Ints,
    *,
    origin: int,
    horizon: int,
    speed: Floats | float = 1.0,
) -> tuple[Floats, Floats]:
    """Share of what is open at the origin that is paid in cash on each of the next days, and ever after them.

    `start` is the first day that a payment can come on: the day after the origin, or of billing. `speed` multiplies the
    hazard of each row. Rows are items (or kinds of them), columns the days origin + 1 ... origin + horizon.
    """
    ahead = np.arange(1, horizon + 1)
    day = origin + ahead
    place = bins(origin + ahead[None, :] - due[:, None])
    row = (group * WEEK + weekday(due)) * SIZE
    hazard = habits.hazard.reshape(-1).take(row[:, None] + place)
    hazard *= (np.reshape(speed, (-1, 1)) * habits.month[month_part(day)]).astype(np.float32)
    np.minimum(hazard, TOP_HAZARD, out=hazard)
    leaving = habits.leaving.astype(np.float32).take(place)
    waits = np.flatnonzero(start > origin + 1)
    if len(waits):
        too_soon = day[None, :] < start[waits, None]
        hazard[waits] = np.where(too_soon, 0, hazard[waits])
        leaving[waits] = np.where(too_soon, 0, leaving[waits])
    stay = np.cumprod(np.maximum(1 - hazard - leaving, 0), axis=1)
    hazard[:, 1:] *= stay[:, :-1]
    # What waits until after the horizon is judged by what it would ever have paid from now on.
    last = bins(np.where(start > origin + horizon, origin, origin + horizon) + 1 - due)
    return hazard.astype(np.float64), (stay[:, -1] * habits.onward[group, last]).astype(np.float64)


def weekday(day: Ints) -> Ints:
    """0 is Monday; 1970-01-01 was a Thursday."""
    made: Ints = (day + 3) % WEEK
    return made


def month_part(day: Ints) -> Ints:
    """0 for the first days of a month, 2 for its last ones, 1 between."""
    dates = day.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    end = (months + 1).astype("datetime64[D]").astype(np.int64)
    made: Ints = np.where(day - first < MONTH_EDGE, 0, np.where(end - day <= MONTH_EDGE, 2, 1))
    return made


def _sums(at: Ints, weight: Floats, size: int) -> Floats:
    made: Floats = np.bincount(at, weights=weight, minlength=size).astype(np.float64)
    return made


def _at_risk(row: Ints, entry: Ints, exit_: Ints, weight: Floats, rows: int) -> Floats:
    """Weight at risk by row and day: an item counts on every day from its first to its last, both in."""
    wide = SIZE + 1
    changes = _sums(row * wide + entry, weight, rows * wide) - _sums(
        row * wide + exit_ + 1, weight, rows * wide
    )
    made: Floats = np.maximum(np.cumsum(changes.reshape(rows, wide), axis=1)[:, :-1], 0)
    return made


def _peers(units: Units, groups: int) -> Ints:
    """The terms group of each customer: by the mean days from billing to due date."""
    count = _sums(units.group, units.weight, groups)
    terms = _sums(units.group, -units.entry * units.weight, groups) / np.maximum(count, 1e-12)
    return np.searchsorted(TERMS, terms, side="right").astype(np.int64)


def _shifts(payments: Ints, median: Floats, peer: Ints, min_payments: int) -> Ints:
    """Days that each customer pays later than its peers: the peers' hazards are moved by them before they are leant on.

    The difference of medians, shrunk as payments / (payments + min_payments).
    """
    usual = np.zeros(GROUPS)
    has = payments > 0
    for group in range(GROUPS):
        mine = has & (peer == group)
        if mine.any():
            usual[group] = np.median(median[mine])
    shift = (np.where(has, median, 0.0) - usual[peer]) * payments / (payments + min_payments)
    return np.where(has, np.rint(np.clip(shift, FIRST, LAST)), 0).astype(np.int64)


def _expected_by_weekday(risk: Floats, hazard: Floats) -> Floats:
    """Expected payments by row and weekday. `risk` is row x weekday of the due date x day; `hazard` row x day."""
    expected = risk * hazard[:, None, :]
    made = np.zeros((len(risk), WEEK))
    of_day = (np.arange(SIZE) + FIRST) % WEEK
    for shift in range(WEEK):
        here = expected[:, :, of_day == shift].sum(axis=2)
        for due in range(WEEK):
            made[:, (due + shift) % WEEK] += here[:, due]
    return made


def _weekday_common(units: Units, entry: Ints, exit_: Ints, row: Ints, hazard: Floats, moved: Ints) -> Floats:
    """Payments of the entity on each weekday over those expected without regard to it."""
    rows = len(hazard)
    risk = _at_risk(row * WEEK + weekday(units.due + moved), entry, exit_, units.weight, rows * WEEK)
    expected = _expected_by_weekday(risk.reshape(rows, WEEK, SIZE), hazard).sum(axis=0)
    seen = _sums(weekday(units.due + units.exit), units.cash, WEEK)
    made: Floats = (seen + 1.0) / (expected + 1.0)
    return made


def _block(
    units: Units, here: Ints, entry: Ints, exit_: Ints, start: int, size: int, prior: Floats, common: Floats,
    min_payments: int,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Hazards of some customers in a row: whatever the weekday, and by the weekday of the due date."""
    row = units.group[here] - start
    cash, weight = units.cash[here], units.weight[here]
    on = weekday(units.due[here])
    risk = _at_risk(row * WEEK + on, entry[here], exit_[here], weight, size * WEEK).reshape(size, WEEK, SIZE)
    paid = _sums(row * SIZE + exit_[here], cash, size * SIZE).reshape(size, SIZE)
    hazard = (paid + min_payments * prior) / (risk.sum(axis=1) + min_payments)
    expected = _expected_by_weekday(risk, hazard)
    seen = _sums(row * WEEK + weekday(units.due[here] + units.exit[here]), cash, size * WEEK).reshape(
        size, WEEK
    )
    factor = (seen + WEEKDAY_ITEMS * common) / (expected + WEEKDAY_ITEMS)
    of_day = (np.arange(WEEK)[:, None] + np.arange(SIZE) + FIRST) % WEEK
    shaped = np.minimum(hazard[:, None, :] * factor[:, of_day], TOP_HAZARD)
    paid_on = _sums((row * WEEK + on) * SIZE + exit_[here], cash, size * WEEK * SIZE).reshape(
        size, WEEK, SIZE
    )
    return hazard, (paid_on + DUE_WEEKDAY_ITEMS * shaped) / (risk + DUE_WEEKDAY_ITEMS)


def _month(units: Units, hazard: Singles) -> Floats:
    """Factors of the first and the last days of a month, 1 where the payments do not show one.

    Compares the payments of about MONTH_ITEMS items that fell on such days with those expected there; a difference below
    MONTH_Z standard errors is taken for chance.
    """
    every = len(units.group) // MONTH_ITEMS + 1
    recent = np.flatnonzero((units.group * 7919 + units.due * 31 + units.entry) % every == 0)
    if not len(recent):
        return np.ones(3)
    group, due, entry, exit_ = units.group[recent], units.due[recent], units.entry[recent], units.exit[recent]
    weight, cash = units.weight[recent], units.cash[recent]
    expected = np.zeros(3)
    first_day = int((due + entry).min())
    parts = month_part(np.arange(first_day, int((due + exit_).max()) + 1))
    for back in range(min(int((exit_ - np.maximum(entry, FIRST)).max()), SIZE) + 1):
        day = exit_ - back
        is_in = (day >= entry) & (day >= FIRST)
        when = due[is_in] + day[is_in]
        on = hazard[group[is_in], weekday(due[is_in]), bins(day[is_in])]
        expected += np.bincount(parts[when - first_day], weights=on * weight[is_in], minlength=3)
    part = parts[due + exit_ - first_day]
    seen = np.bincount(part, weights=cash, minlength=3)
    if seen.sum() <= 0 or expected.sum() <= 0:
        return np.ones(3)
    expected *= seen.sum() / expected.sum()
    error = np.sqrt(np.bincount(part, weights=cash**2, minlength=3))
    is_real = np.abs(seen - expected) > MONTH_Z * error
    made: Floats = np.where(is_real & (expected > 0), seen / np.maximum(expected, 1e-9), 1.0)
    return np.clip(made, 0.2, 5.0).round(6)


def _onward(hazard: Singles, leaving: Floats) -> Singles:
    """Share that will ever be paid in cash, of what is open at the start of each day."""
    made = np.empty_like(hazard)
    tail, left = hazard[:, -1].astype(np.float64), float(leaving[-1])
    gone = np.minimum(tail + left, 1.0)
    ever = np.divide(tail, gone, out=np.zeros_like(tail), where=gone > 0)
    made[:, -1] = ever * (1 - (1 - gone) ** (NEVER_AFTER - LAST))
    for at in range(SIZE - 2, -1, -1):
        stay = np.maximum(1 - hazard[:, at] - leaving[at], 0)
        made[:, at] = hazard[:, at] + stay * made[:, at + 1]
    return np.clip(made, 0, 1)


def _seen(units: Units, groups: int) -> tuple[Ints, Floats, Floats]:
    """By customer: payments, mean delay and median delay."""
    paid: Bools = units.cash > 0
    group, delay = units.group[paid], units.exit[paid]
    count = np.bincount(group, minlength=groups)
    order = np.lexsort((delay, group))
    starts = np.concatenate([[0], np.cumsum(count)])[:-1]
    has = count > 0
    mean, median = np.full(groups, np.nan), np.full(groups, np.nan)
    mean[has] = _sums(group, delay.astype(np.float64), groups)[has] / count[has]
    ordered = delay[order]
    low = ordered[np.minimum(starts + (count - 1) // 2, len(ordered) - 1)] if len(ordered) else starts
    high = ordered[np.minimum(starts + count // 2, len(ordered) - 1)] if len(ordered) else starts
    median[has] = ((low + high) / 2)[has]
    return count, mean, median
