"""Items that a habit does not tell of: promised, on a plan, in dispute, of an insolvent customer. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from arlib.collect.forecast.habits import Habits, bins, weekday
from arlib.collect.forecast.past import NEVER_DAY, Debits, Floats, Past, days
from arlib.ledger.attributes import customer_attributes, merged_codes
from arlib.ledger.facts import Bools, Ints
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import CustomerStatus

LOST = (CustomerStatus.BANKRUPT, CustomerStatus.ESTATE)
MIN_SETTLED = (
    5  # promises judged, or payments of disputed items to be expected, before a rate is taken from them
)
MAX_DISPUTES, MAX_LENGTH = 20_000, 400  # disputes, and days of each, that the speed of payment is measured on
TOP_SPEED = 3.0
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Disputed:
    """Disputes of items so far, running or not: the debit in the past, first and last day up to the origin."""

    debit: Ints
    opened: Ints
    closed: Ints


@dataclass(frozen=True, kw_only=True, eq=False)
class Special:
    """For each debit: whether it is in dispute or lost, and the promise or plan that it is part of."""

    promise: Ints  # day promised; 0 without a promise
    plan: Ints  # number of the plan; -1 without one
    is_disputed: Bools
    is_lost: Bools
    kept: float  # share of promises that were kept; nan where too few have ended
    disputed: Disputed
    schedules: tuple[
        tuple[Ints, Floats], ...
    ]  # of each plan: days after the origin and shares of what is left

    def mixed(
        self, daily: Floats, after: Floats, *, promise: Ints, plan: Ints, origin: int
    ) -> tuple[Floats, Floats]:
        """Shares by day and after the horizon with what was promised or agreed put on its days.

        Of a promised item the share of promises kept comes on the day promised, the rest by habit. What is on a plan
        comes on the plan's days.
        """
        horizon = daily.shape[1]
        rows = np.flatnonzero(promise > origin)
        if len(rows) and not np.isnan(self.kept):
            daily, after = daily.copy(), after.copy()
            daily[rows] *= 1 - self.kept
            after[rows] *= 1 - self.kept
            ahead = promise[rows] - origin
            soon = ahead <= horizon
            daily[rows[soon], ahead[soon] - 1] += self.kept
            after[rows[~soon]] += self.kept
        planned = np.flatnonzero(plan >= 0)
        if len(planned):
            daily, after = daily.copy(), after.copy()
            for row in planned.tolist():
                ahead, share = self.schedules[int(plan[row])]
                soon = ahead <= horizon
                daily[row] = np.bincount(ahead[soon] - 1, weights=share[soon], minlength=horizon)
                after[row] = share[~soon].sum()
        return daily, after

    @property
    def treatment(self) -> np.ndarray:
        """A word for each debit: habit, disputed, promised, plan or insolvent."""
        made = np.full(len(self.promise), "habit", dtype=object)
        if not np.isnan(self.kept):
            made[self.promise > 0] = "promised"
        made[self.is_disputed] = "disputed"
        made[self.plan >= 0] = "plan"
        made[self.is_lost] = "insolvent"
        return made


def special_of(book: Book, past: Past, debits: Debits, *, scope: Scope, origin: int) -> Special:
    """Promises, plans, disputes and insolvencies as they stood at the end of the origin, by their dates alone.

    Uses PROMISES, PLANS, PLAN_INSTALMENTS, DISPUTES, CUSTOMERS and CUSTOMER_HISTORY. What a later day decided is not used:
    a dispute counts as open until its own closing day, and a promise as kept only if it was judged by then.
    """
    on = EPOCH + timedelta(days=origin)
    is_disputed, disputed = _disputes(book, past, debits, scope, on, origin)
    promise, kept = _promises(book, past, debits, scope, origin)
    plan, schedules = _plans(book, past, debits, scope, origin)
    return Special(
        promise=promise, plan=plan, is_disputed=is_disputed, is_lost=_lost(book, past, debits, scope, on),
        kept=kept, disputed=disputed, schedules=schedules,
    )  # fmt: skip


def _of(book: Book, name: str, scope: Scope) -> pd.DataFrame:
    rows = book[name]
    return rows[rows["entity"].eq(scope.entity)]


def _touched(rows: pd.DataFrame, book: Book, past: Past, debits: Debits, scope: Scope) -> Ints:
    """For each debit the row that concerns it, the item's own before its account's; -1 where none does."""
    made = np.full(len(debits), -1, dtype=np.int64)
    if rows.empty:
        return made
    item = rows["item_id"].fillna("")
    codes = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    customer = past.customers.get_indexer(pd.Index(codes))
    money = {code: number for number, code in enumerate(past.currencies)}
    currency = rows["currency"].map(money).fillna(-1).to_numpy(dtype=np.int64)
    account = np.flatnonzero(item.eq("").to_numpy(dtype=bool) & (customer >= 0) & (currency >= 0))
    by_account = pd.Series(account, index=customer[account] * len(past.currencies) + currency[account])
    by_account = by_account[~by_account.index.duplicated()]
    key = pd.Series(debits.customer * len(past.currencies) + debits.currency)
    made = key.map(by_account).fillna(-1).to_numpy(dtype=np.int64)
    own = np.flatnonzero(item.ne("").to_numpy(dtype=bool))
    by_item = pd.Series(own, index=item.iloc[own].astype(object))
    by_item = by_item[~by_item.index.duplicated()]
    found = by_item.reindex(pd.Index(debits.item)).to_numpy(dtype=np.float64)
    return np.where(np.isnan(found), made, found).astype(np.int64)


def _disputes(
    book: Book, past: Past, debits: Debits, scope: Scope, on: date, origin: int
) -> tuple[Bools, Disputed]:
    """Which debits are in dispute, and the disputes of items so far."""
    rows = _of(book, "disputes", scope)
    rows = rows[(rows["opened_on"] <= pd.Timestamp(on)) & rows["item_id"].fillna("").ne("")]
    rows = rows.sort_values(["opened_on", "dispute_id"], kind="stable").reset_index(drop=True)
    opened = days(rows["opened_on"])
    closed = np.where(rows["closed_on"].isna(), NEVER_DAY, days(rows["closed_on"]))
    runs = closed > origin
    held = np.zeros(len(debits), dtype=bool)
    at = np.full(len(rows), -1, dtype=np.int64)
    if len(rows):
        held = _touched(rows[runs].reset_index(drop=True), book, past, debits, scope) >= 0
        ids = pd.Index(past.debits.item)
        first = pd.Series(np.arange(len(ids)), index=ids)
        first = first[~ids.duplicated()]
        at = first.reindex(pd.Index(rows["item_id"].astype(object))).fillna(-1).to_numpy(dtype=np.int64)
    found = at >= 0
    return held, Disputed(debit=at[found], opened=opened[found], closed=np.minimum(closed, origin)[found])


def dispute_speed(past: Past, disputed: Disputed, habits: Habits, *, origin: int) -> tuple[float, float]:
    """Payments of items in dispute over those that habits tell of on the same days, and the same of all other items.

    The first is nan with too few payments expected. A payment on the day that closes the dispute counts. Habits are those
    of both kinds together, so that what disputes hold back the others must make up for.
    """
    every = len(disputed.debit) // MAX_DISPUTES + 1
    at, opened, closed = (part[::every] for part in (disputed.debit, disputed.opened, disputed.closed))
    if not len(at):
        return float("nan"), 1.0
    debits = past.debits
    here = (past.event_known <= origin) & (past.event_undone > origin) & (past.event_settled > 0)
    size = len(debits)
    share = past.event_cash[here] / debits.amount[past.event[here]]
    settled = np.bincount(
        past.event[here], weights=past.event_settled[here].astype(np.float64), minlength=size
    )
    last = np.full(size, -NEVER_DAY)
    np.maximum.at(last, past.event[here], past.event_paid[here])
    end = np.where(settled[at] >= debits.amount[at], np.minimum(closed, last[at]), closed)
    begin = np.maximum(opened, debits.billed[at])
    span = pd.DataFrame({"event": at, "begin": begin, "end": end})
    paid = pd.DataFrame({"event": past.event[here], "day": past.event_paid[here], "share": share})
    met = span.merge(paid[np.isin(paid["event"], at)], on="event")
    seen = float(met.loc[(met["day"] >= met["begin"]) & (met["day"] <= met["end"]), "share"].sum())
    expected = 0.0
    for ahead in range(min(int((end - begin).max()) + 1, MAX_LENGTH)):
        on = begin + ahead
        is_in = on <= end
        due = debits.due[at[is_in]]
        expected += float(
            habits.hazard[debits.customer[at[is_in]], weekday(due), bins(on[is_in] - due)].sum()
        )
    others, rest = float(share.sum()) - every * seen, float(share.sum()) - every * expected
    usual = float(np.clip(others / rest, 1 / TOP_SPEED, TOP_SPEED)) if rest > 0 and others > 0 else 1.0
    return (min(seen / expected, TOP_SPEED), usual) if expected >= MIN_SETTLED else (float("nan"), 1.0)


def _promises(book: Book, past: Past, debits: Debits, scope: Scope, origin: int) -> tuple[Ints, float]:
    """Day promised of each debit, and the share of earlier promises that were kept."""
    rows = _of(book, "promises", scope)
    rows = rows[days(rows["promised_on"]) <= origin]
    closed = np.where(rows["closed_on"].isna(), NEVER_DAY, days(rows["closed_on"]))
    judged = rows[(closed <= origin) & rows["state"].isin(["kept", "partly", "broken"]).to_numpy(dtype=bool)]
    kept = float(judged["state"].eq("kept").mean()) if len(judged) >= MIN_SETTLED else float("nan")
    running = rows[(closed > origin) & (days(rows["pay_by"]) > origin)]
    running = running.sort_values(["pay_by", "promise_id"], kind="stable").reset_index(drop=True)
    at = _touched(running, book, past, debits, scope)
    day = np.append(days(running["pay_by"]), 0)
    return day[at], kept


def _plans(
    book: Book, past: Past, debits: Debits, scope: Scope, origin: int
) -> tuple[Ints, tuple[tuple[Ints, Floats], ...]]:
    """Plan of each debit, and the days and shares that are left of each plan."""
    rows = _of(book, "plans", scope)
    ended = np.where(rows["ended_on"].isna(), NEVER_DAY, days(rows["ended_on"]))
    rows = rows[(days(rows["agreed_on"]) <= origin) & (ended > origin)]
    parts = _of(book, "plan_instalments", scope)
    ahead = parts[days(parts["due_date"]) > origin].sort_values(
        ["plan_id", "due_date", "instalment_no"], kind="stable"
    )
    rows = (
        rows[rows["plan_id"].isin(ahead["plan_id"])]
        .sort_values("plan_id", kind="stable")
        .reset_index(drop=True)
    )
    schedules = []
    for plan in rows["plan_id"]:
        mine = ahead[ahead["plan_id"].eq(plan)]
        amount = mine["amount"].to_numpy(dtype=np.float64)
        schedules.append((days(mine["due_date"]) - origin, amount / amount.sum()))
    return _touched(rows, book, past, debits, scope), tuple(schedules)


def _lost(book: Book, past: Past, debits: Debits, scope: Scope, on: date) -> Bools:
    """Which debits are of a customer that was bankrupt or an estate on the day."""
    known = customer_attributes(book, on=on, entity=scope.entity, only=("status",))
    lost = known[known["status"].isin([str(status) for status in LOST])]["customer_id"]
    at = past.customers.get_indexer(pd.Index(lost))
    made: Bools = np.isin(debits.customer, at[at >= 0])
    return made
