"""Expected shares as whole minor units by customer, shared out once so that every total foots. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.collect.forecast.frames import FORECAST_CUSTOMERS, FORECAST_PLACES
from arlib.collect.forecast.past import Past
from arlib.collect.forecast.rolling import Outlook
from arlib.collect.position import Position
from arlib.ledger.facts import Ints
from arlib.money import allocate
from arlib.policy import ForecastPolicy

WEIGHT = 2**40  # weights of places are whole numbers of this unit


@dataclass(frozen=True, kw_only=True, eq=False)
class Shared:
    """Open debits of each customer and currency by place, in minor units."""

    customer: Ints
    currency: Ints
    items: Ints
    open: Ints
    covered: Ints
    in_weeks: Ints  # row x period
    later: Ints
    never: Ints
    row: Ints  # of each kind of items


def shared_out(looked: Outlook) -> Shared:
    """The places of each customer and currency: their sum is what it has open, to the minor unit."""
    debits, count = looked.debits, len(looked.later)
    account = np.stack([looked.kind_currency, looked.kind_customer])
    keys, row = (
        np.unique(account, axis=1, return_inverse=True)
        if count
        else (np.zeros((2, 0), np.int64), np.zeros(0, np.int64))
    )
    row, size = row.reshape(-1), keys.shape[1]
    of_debit = row[looked.kind] if len(debits) else np.zeros(0, dtype=np.int64)
    whole, covered = _sum(of_debit, debits.amount, size), _sum(of_debit, looked.covered, size)
    rest = np.bincount(
        looked.kind, weights=(debits.amount - looked.covered).astype(np.float64), minlength=count
    )
    shares = np.column_stack(
        [looked.weeks, looked.later, np.maximum(1 - looked.weeks.sum(axis=1) - looked.later, 0)]
    )
    weight = np.zeros((size, shares.shape[1]))
    np.add.at(weight, row, shares * rest[:, None])
    left = whole - covered
    unit = np.rint(weight / np.maximum(weight.sum(axis=1), 1e-9)[:, None] * WEIGHT).astype(np.int64)
    made = np.zeros((size, shares.shape[1]), dtype=np.int64)
    for at in np.flatnonzero(left).tolist():
        made[at] = allocate(int(left[at]), unit[at].tolist())
    return Shared(
        customer=keys[1], currency=keys[0], items=np.bincount(of_debit, minlength=size), open=whole, covered=covered,
        in_weeks=made[:, :-2], later=made[:, -2], never=made[:, -1], row=row,
    )  # fmt: skip


def forecast_places(shares: Shared, looked: Outlook, past: Past, *, entity: str) -> pd.DataFrame:
    """FORECAST_PLACES, sorted by currency."""
    frame = pd.DataFrame({
        "currency": np.array(past.currencies, dtype=object)[shares.currency], "items": shares.items, "open": shares.open,
        "in_weeks": shares.in_weeks.sum(axis=1), "later": shares.later, "covered": shares.covered, "never": shares.never,
    })  # fmt: skip
    return FORECAST_PLACES.typed(
        frame.groupby("currency", sort=True).sum().reset_index().assign(entity=entity)
    )


def forecast_customers(
    shares: Shared, looked: Outlook, past: Past, position: Position, *, origin: int, policy: ForecastPolicy
) -> pd.DataFrame:
    """FORECAST_CUSTOMERS, sorted by currency and customer."""
    habits = looked.habits
    codes = past.customers.to_numpy(dtype=object)[shares.customer]
    names = position.customers.drop_duplicates("customer_id").set_index("customer_id")["name"]
    median, payments = habits.median[shares.customer], habits.payments[shares.customer]
    half = _half_day(shares, looked)
    frame = pd.DataFrame({
        "entity": position.scope.entity, "customer_id": codes, "name": names.reindex(pd.Index(codes)).to_numpy(),
        "currency": np.array(past.currencies, dtype=object)[shares.currency], "items": shares.items, "open": shares.open,
        "in_weeks": shares.in_weeks.sum(axis=1), "later": shares.later, "covered": shares.covered, "never": shares.never,
        "expected_on": on_day(half, origin), "payments": payments,
        "median_delay": pd.Series(np.floor(median + 0.5)).astype("Int64"),
        "words": [_words(*one, policy.min_payments) for one in zip(payments.tolist(), median.tolist(), strict=True)],
    })  # fmt: skip
    return FORECAST_CUSTOMERS.typed(frame).sort_values(
        ["currency", "customer_id"], kind="stable", ignore_index=True
    )


def on_day(ahead: Ints, origin: int) -> pd.Series:
    """The day so many days after the origin; none where it is not above zero."""
    dates = pd.Series((origin + ahead).astype("datetime64[D]").astype("datetime64[s]"))
    return dates.where(ahead > 0)


def _half_day(shares: Shared, looked: Outlook) -> Ints:
    """Day ahead by which half of a customer's expected cash has come, item kind by item kind; -1 after the weeks."""
    size = len(shares.open)
    rest = np.bincount(looked.kind, weights=(looked.debits.amount - looked.covered).astype(np.float64),
                       minlength=len(looked.later))  # fmt: skip
    cash = rest * (looked.weeks.sum(axis=1) + looked.later)
    day = np.where(looked.half_day > 0, looked.half_day, np.iinfo(np.int32).max)
    order = np.lexsort((day, shares.row))
    row, run = shares.row[order], np.cumsum(cash[order])
    total = np.bincount(row, weights=cash[order], minlength=size)
    before = np.concatenate([[0.0], np.cumsum(total)])[:-1]
    reached = np.flatnonzero((run - before[row] >= total[row] / 2) & (total[row] > 0))
    made = np.full(size, -1, dtype=np.int64)
    found, first = np.unique(row[reached], return_index=True)
    at = day[order][reached[first]]
    made[found] = np.where(at == np.iinfo(np.int32).max, -1, at)
    return made


def _words(payments: int, median: float, min_payments: int) -> str:
    if not payments:
        return "no payment seen: judged by customers of like terms"
    late = int(np.floor(median + 0.5))
    when = (
        "on the due date"
        if late == 0
        else f"{abs(late)} {'day' if abs(late) == 1 else 'days'} {'after' if late > 0 else 'before'} it"
    )
    when = when if late == 0 else when.replace(" it", " the due date")
    seen = f"{payments} {'payment' if payments == 1 else 'payments'} seen"
    lean = "; judged partly by customers of like terms" if payments < min_payments else ""
    return f"pays {when} (median, {seen}{lean})"


def _sum(at: Ints, amount: Ints, size: int) -> Ints:
    made = np.zeros(size, dtype=np.int64)
    np.add.at(made, at, amount)
    return made
