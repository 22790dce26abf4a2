"""Month-end snapshots: what stood open in which bucket, and how it left within the next month. Floor 1.

The month ends are the as-of date and the last days of the months before it. An item is open at the end of a day. Of what
stood, the month's net flows are taken in the order written off, paid, credited, each at most what is left; the rest stays.
What comes back in a month (a returned payment, a reversed write-off, a rebill) is new in the bucket where it stands at the
month's end: it is taken from no bucket. What is billed and settled between two month ends never stood.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from arlib.credit.allowance.history import Flow, History
from arlib.credit.allowance.lives import Lives
from arlib.ledger.aging import CURRENT
from arlib.ledger.facts import Bools, Ints
from arlib.policy import AgingPolicy

Small = npt.NDArray[np.int8]
NOWHERE = -1


@dataclass(frozen=True)
class MonthEnd:
    """What stood at a month end, row by row, in the books' currency; the flows are those of the month after."""

    day: date
    life: Ints
    bucket: Small  # place among the policy's buckets: 0 is current
    outstanding: Ints
    is_first: Bools  # the item stands in this bucket for the first time
    since: tuple[Ints, Ints, Ints]  # of the first ones: paid, credited, lost from here to the as-of date
    paid: Ints
    credited: Ints
    lost: Ints
    next_bucket: Small  # of the rest; NOWHERE where none is left
    is_last: bool  # the as-of date: nothing follows

    @property
    def stays(self) -> Ints:
        """What is left of the outstanding at the next month end."""
        return self.outstanding - self.paid - self.credited - self.lost


def buckets_of(aging: AgingPolicy) -> tuple[str, ...]:
    """The buckets that have a loss rate, by age: current, 1-30, ... and the open-ended one."""
    return (CURRENT, *aging.past_due_buckets)


def month_ends(as_of: date, months: int) -> tuple[date, ...]:
    """The as-of date and the last days of so many months before its month, oldest first."""
    made = [as_of]
    year, month = as_of.year, as_of.month
    for _ in range(months):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        made.append(date(year, month, calendar.monthrange(year, month)[1]))
    return tuple(reversed(made))


def standing_of(history: History, *, as_of: date, months: int, aging: AgingPolicy) -> tuple[MonthEnd, ...]:
    """The snapshots of so many months and of the as-of date, oldest first, from the first one at which something stood.

    Age counts from `Lives.aged_from`: the day itself is current, the day after 1-30. An item whose open amount is 0 or
    less does not stand. Only what is open or moves in a month is touched, so the work grows with the rows made.
    """
    lives = history.lives
    ends = month_ends(as_of, months)
    days = np.array(ends, dtype="datetime64[D]").astype(np.int64)
    edges = np.array(aging.bucket_edges_days)
    begun = np.searchsorted(days, lives.posted, side="left")
    starts = _Monthly.of(begun, len(ends))
    moves = _Monthly.of(np.searchsorted(days, history.day, side="left"), len(ends))

    final, so_far = np.zeros((2, len(Flow), len(lives)), dtype=np.int64)
    np.add.at(final, (history.flow, history.life), history.amount)
    reached = np.full(len(lives), NOWHERE, dtype=np.int8)
    is_open = np.zeros(len(lives), dtype=bool)
    made: list[MonthEnd] = []
    now: _Now | None = None
    for at, end in enumerate(ends):
        moved = moves.at(at)
        touched = history.life[moved]
        np.add.at(so_far, (history.flow[moved], touched), history.amount[moved])
        if now is not None:
            made.append(now.closed(lives, so_far, _places(days[at] - lives.aged_from[now.life], edges)))
        is_open[starts.at(at)] = True
        is_open[touched] = True
        rows = np.flatnonzero(is_open)
        rest = lives.billed[rows] - so_far[0, rows] - so_far[1, rows] - so_far[2, rows]
        is_open[rows[rest <= 0]] = False
        stands = (rest > 0) & (begun[rows] <= at)
        rows, rest = rows[stands], rest[stands]
        if now is None and not len(rows):
            continue
        bucket = _places(days[at] - lives.aged_from[rows], edges)
        is_first = reached[rows] != bucket
        reached[rows] = bucket
        firsts = rows[is_first]
        since = shares_of(rest[is_first], *(final[kind, firsts] - so_far[kind, firsts] for kind in range(3)))
        now = _Now(end, rows, bucket, rest, is_first, since, so_far[:3, rows])
    if now is not None:
        made.append(now.closed(lives, None, np.full(len(now.life), NOWHERE, dtype=np.int8)))
    return tuple(made)


def shares_of(stood: Ints, paid: Ints, credited: Ints, lost: Ints) -> tuple[Ints, Ints, Ints]:
    """How much of what stood was paid, credited and lost: lost first, none below 0, each at most what is left.

    The order matters only where money came back in between, so that more left than stood.
    """
    off = np.clip(lost, 0, stood)
    cash = np.clip(paid, 0, stood - off)
    return cash, np.clip(credited, 0, stood - off - cash), off


@dataclass(frozen=True)
class _Now:
    """A month end in document currency, before the month after is known."""

    day: date
    life: Ints
    bucket: Small
    rest: Ints
    is_first: Bools
    since: tuple[Ints, Ints, Ints]
    so_far: Ints

    def closed(self, lives: Lives, so_far: Ints | None, next_bucket: Small) -> MonthEnd:
        """The month end in the books' currency, with the flows up to the next one."""
        nothing = np.zeros_like(self.rest)
        flows = (nothing, nothing, nothing)
        if so_far is not None:
            flows = shares_of(self.rest, *(so_far[kind, self.life] - self.so_far[kind] for kind in range(3)))
        stays = self.rest - flows[0] - flows[1] - flows[2]
        paid, credited, lost, rest = lives.shared_in_books((*flows, stays), self.life)
        firsts = self.life[self.is_first]
        since = lives.shared_in_books(self.since, firsts)
        return MonthEnd(
            day=self.day,
            life=self.life,
            bucket=self.bucket,
            outstanding=paid + credited + lost + rest,
            is_first=self.is_first,
            since=(since[0], since[1], since[2]),
            paid=paid,
            credited=credited,
            lost=lost,
            next_bucket=np.where(stays > 0, next_bucket, NOWHERE).astype(np.int8),
            is_last=so_far is None,
        )


@dataclass(frozen=True)
class _Monthly:
    """Rows sorted by month, to be read month by month."""

    order: Ints
    upto: Ints

    @classmethod
    def of(cls, month: Ints, months: int) -> _Monthly:
        order = np.argsort(month.astype(np.int16), kind="stable")
        return cls(order, np.searchsorted(month[order], np.arange(months + 1), side="left"))

    def at(self, month: int) -> Ints:
        return self.order[self.upto[month] : self.upto[month + 1]]


def _places(late: Ints, edges: Ints) -> Small:
    """Bucket by days past due: 0 is current."""
    return np.where(late > 0, np.searchsorted(edges, late, side="left") + 1, 0).astype(np.int8)
