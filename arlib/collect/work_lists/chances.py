"""What share of a past-due item comes in within some days, counted on the entity's own past. Floor 1.

On days that lie `call_horizon_days` apart, back from the as-of date, every invoice that was past due then is looked at
again after those days: which share of what was open did cash pay? Each item counts alike, so that one large invoice does
not speak for all. Rates are by how the customer pays and by bucket; where the items are few, wider groups count as well.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd

from arlib.collect.work_lists.frames import CHANCES
from arlib.ledger.facts import counted, fact_dates, found_at, of_entity
from arlib.policy import AgingPolicy, Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind, ItemType
from arlib.tables.rows import Row

Ints = npt.NDArray[np.int64]

DEBTS = (
    ItemType.INVOICE,
    ItemType.DEBIT_MEMO,
    ItemType.CHARGEBACK,
    ItemType.INTEREST_OR_FEE,
    ItemType.OPENING,
)
CASH = (ApplicationKind.PAYMENT, ApplicationKind.PREPAYMENT, ApplicationKind.CLEARING, ApplicationKind.RETURN)
ON_TIME_DAYS, LATE_DAYS = 5, 30  # habits: up to, and up to, so many days late; later is very late
HABITS = ("on_time", "late", "very_late", "none_known")
LARGEST = 2**62
PARTS = 10_000  # a share is counted in parts of so many, so that sums are exact


def habit_of(usual_days: pd.Series) -> pd.Series:
    """The habit of each customer from the days that it usually pays late: on_time, late, very_late or none_known."""
    days = usual_days.astype("Int64")
    made = pd.Series("very_late", index=days.index, dtype="str")
    made = made.mask(days.le(LATE_DAYS).fillna(False), "late")
    made = made.mask(days.le(ON_TIME_DAYS).fillna(False), "on_time")
    return made.mask(days.isna(), "none_known")


def collection_rates(
    book: Book, *, scope: Scope, policies: Policies, habits: pd.Series
) -> tuple[pd.DataFrame, dict[tuple[str, str], Fraction]]:
    """CHANCES for every habit and past-due bucket, and the same rates exact by habit and bucket.

    `habits` gives the habit of a customer code. Needs ITEMS and APPLICATIONS. The last look back ends on the as-of date,
    the first begins not before `history_months` (of 30 days) and not before the first document. Cash is net of returns;
    credits, write-offs and what replaces an item are no cash. Ages count from the item's due date; items without one are not
    in the past that is looked at. A rate of fewer than `chance_min_items` is the bucket's, then that
    of all, then `chance_without_history`.
    """
    policy, aging = policies.work_list, policies.aging
    buckets = aging.past_due_buckets
    seen = np.zeros((len(HABITS), len(buckets)), dtype=np.int64)
    paid = np.zeros_like(seen)
    past = _Past.of(book, scope=scope, habits=habits)
    if past is not None:
        horizon = timedelta(days=policy.call_horizon_days)
        first = max(scope.as_of - timedelta(days=30 * policy.history_months), past.first_day)
        start = scope.as_of - horizon
        while start >= first:
            past.count(seen, paid, start=start, until=start + horizon, policy=aging)
            start -= horizon
    weight = policy.chance_weight_items
    every = _pulled(int(paid.sum()), int(seen.sum()), Fraction(policy.chance_without_history), weight)
    rows: list[Row] = []
    rates: dict[tuple[str, str], Fraction] = {}
    for b, bucket in enumerate(buckets):
        wider = _pulled(int(paid[:, b].sum()), int(seen[:, b].sum()), every, weight)
        for h, habit in enumerate(HABITS):
            items, parts = int(seen[h, b]), int(paid[h, b])
            rates[habit, bucket] = _pulled(parts, items, wider, weight)
            rows.append(
                {
                    "habit": habit, "bucket": bucket, "items": items,
                    "seen_rate": share_text(Fraction(parts, PARTS * items)) if items else None,
                    "rate": share_text(rates[habit, bucket]),
                }
            )  # fmt: skip
    return CHANCES.from_rows(rows), rates


def _pulled(parts: int, items: int, wider: Fraction, weight: int) -> Fraction:
    """The rate of a group, its items against `weight` items that have the rate of the wider group."""
    if not items + weight:
        return wider
    return (Fraction(parts, PARTS) + weight * wider) / (items + weight)


def share_text(share: Fraction) -> str:
    """A share as decimal text of four places, rounded half up."""
    parts = (2 * share.numerator * PARTS + share.denominator) // (2 * share.denominator)
    return f"{parts // PARTS}.{parts % PARTS:04d}"


class _Past:
    """Debts of an entity and the facts that lowered them, as plain arrays."""

    def __init__(self, debts: pd.DataFrame, facts: pd.DataFrame, habits: pd.Series) -> None:
        """`facts` are applications on these debts and reversals, with `at`, the row of the debt."""
        self.amount: Ints = debts["amount"].to_numpy(dtype=np.int64)
        self.dated: Ints = _days(debts["counted_on"])
        self.due: Ints = _days(debts["due_date"])
        found = habits.reindex(debts["customer_id"]).fillna(HABITS[-1])
        self.habit: Ints = np.asarray(pd.Index(HABITS).get_indexer(pd.Index(found)), dtype=np.int64)
        self.at: Ints = facts["at"].to_numpy(dtype=np.int64)
        self.on: Ints = _days(facts["counted_on"])
        self.settled: Ints = facts["settled"].to_numpy(dtype=np.int64)
        self.cash: Ints = facts["cash"].to_numpy(dtype=np.int64)
        self.first_day: date = debts["counted_on"].min().date()

    @classmethod
    def of(cls, book: Book, *, scope: Scope, habits: pd.Series) -> _Past | None:
        """The debts with a due date that counted by the as-of date; None without applications or debts."""
        if not book.has("applications"):
            return None
        items = of_entity(book["items"], scope.entity)
        is_debt = items["item_type"].isin([kind.value for kind in DEBTS]) & items["amount"].gt(0)
        is_debt &= items["due_date"].notna() & counted(items, scope=scope)
        debts = items[is_debt.fillna(False).to_numpy(dtype=bool)].reset_index(drop=True)
        if debts.empty:
            return None
        rows = of_entity(book["applications"], scope.entity)
        rows = rows[counted(rows, scope=scope)].reset_index(drop=True)
        at = found_at(rows["target_item_id"], debts["item_id"])
        rows = rows.assign(
            at=at, counted_on=fact_dates(rows, scope.basis),
            settled=rows["target_amount"].fillna(0) + rows["discount"].fillna(0),
            cash=rows["target_amount"].fillna(0).where(rows["kind"].isin([kind.value for kind in CASH]), 0),
        )[at >= 0]  # fmt: skip
        return cls(debts.assign(counted_on=fact_dates(debts, scope.basis)), rows, habits)

    def count(self, seen: Ints, paid: Ints, *, start: date, until: date, policy: AgingPolicy) -> None:
        """Add to `seen` the items that were past due at the end of `start`, and to `paid` the shares paid by `until`."""
        first, last = _day(start), _day(until)
        size = len(self.amount)
        before, during = self.on <= first, (self.on > first) & (self.on <= last)
        open_ = self.amount - _sums(self.at[before], self.settled[before], size)
        came = _sums(self.at[during], self.cash[during], size)
        late = first - self.due
        rows = np.flatnonzero((self.dated <= first) & (late > 0) & (open_ > 0))
        bucket = np.searchsorted(np.array(policy.bucket_edges_days), late[rows], side="left")
        whole = open_[rows]
        part = np.clip(came[rows], 0, whole)
        kind = np.int64 if whole.max(initial=0) < LARGEST // PARTS else object
        share = (part.astype(kind) * PARTS // whole.astype(kind)).astype(np.int64)
        np.add.at(seen, (self.habit[rows], bucket), 1)
        np.add.at(paid, (self.habit[rows], bucket), share)


def _sums(at: Ints, amounts: Ints, size: int) -> Ints:
    made = np.zeros(size, dtype=np.int64)
    np.add.at(made, at, amounts)
    return made


def _days(dates: pd.Series) -> Ints:
    return np.asarray(dates.to_numpy(dtype="datetime64[D]").astype(np.int64), dtype=np.int64)


def _day(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))
