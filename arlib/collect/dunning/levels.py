"""Which level of letter an item is due for: by days past due, by what was sent before and when. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from arlib.collect.dunning.frames import Outcome
from arlib.ledger.facts import Bools, Ints, of_entity
from arlib.policy.dunning import DunFrom, DunningLevel, DunningPolicy
from arlib.tables import Book

NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True, kw_only=True)
class Steps:
    """For each item: its place in the levels (-1 where none is due), outcome and sentence of those that are not."""

    level: Ints
    outcome: npt.NDArray[np.object_]
    because: npt.NDArray[np.object_]

    @property
    def is_due(self) -> Bools:
        """Whether a letter is due."""
        return np.asarray(self.level >= 0, dtype=bool)


def with_days(items: pd.DataFrame, *, as_of: date, policy: DunningPolicy) -> pd.DataFrame:
    """Items with `due_on`, the due date of the policy, and `late`: days past it, missing without one."""
    due = items["due_date"]
    if policy.age_from is DunFrom.ORIGINAL_DUE_DATE:
        due = items["original_due_date"].fillna(due)
    late = (pd.Timestamp(as_of) - due).dt.days.astype("Int64")
    return items.assign(due_on=due, late=late)


def with_notices(items: pd.DataFrame, book: Book, *, entity: str) -> pd.DataFrame:
    """Items with `last_level`, the highest level sent on them, and `last_sent_on`, the day of the newest notice.

    Needs DUNNING_NOTICES; every notice in the book counts, also one sent after the as-of date: none goes out twice.
    """
    sent = of_entity(book["dunning_notices"], entity)
    by_item = sent.groupby("item_id").agg(last_level=("level", "max"), last_sent_on=("sent_on", "max"))
    found = by_item.reindex(items["item_id"]).set_axis(items.index)
    return items.assign(
        last_level=found["last_level"].astype("Int64"),
        last_sent_on=found["last_sent_on"].astype("datetime64[s]"),
    )


def steps(items: pd.DataFrame, *, as_of: date, policy: DunningPolicy) -> Steps:
    """The level that each item is due for. Needs the columns of `with_days` and `with_notices`, all items with a due date.

    An item past due gets the level after its last notice (the first, where none was sent), once it is `min_days_past_due`
    late (that day in) and `wait_days` have passed since its last notice (sent on the 1st with 10 days: from the 11th on).
    No level is skipped, but where the policy says so. An item not past due gets a reminder from so many days before the
    due date to the due date itself. After the last level none is due.
    """
    late = items["late"].to_numpy(dtype=np.int64)
    last = items["last_level"].fillna(-1).to_numpy(dtype=np.int64)
    sent = items["last_sent_on"].to_numpy(dtype="datetime64[D]")
    level = np.full(len(items), -1, dtype=np.int64)
    outcome = np.full(len(items), Outcome.NOT_DUE.value, dtype=object)
    because = np.full(len(items), "It is not due yet.", dtype=object)
    for is_pre in (True, False):
        ladder = tuple(each for each in policy.ordered if each.is_pre_due is is_pre)
        rows = np.flatnonzero((late <= 0) if is_pre else (late > 0))
        if not ladder:
            if not is_pre:
                outcome[rows], because[rows] = Outcome.WAITING.value, "The policy has no level for it."
            continue
        _climb(rows, ladder, late, last, sent, as_of, policy, level, outcome, because, is_pre=is_pre)
    return Steps(level=level, outcome=outcome, because=because)


def _climb(
    rows: Ints, ladder: tuple[DunningLevel, ...], late: Ints, last: Ints, sent: npt.NDArray[np.datetime64], as_of: date,
    policy: DunningPolicy, level: Ints, outcome: npt.NDArray[np.object_], because: npt.NDArray[np.object_], *, is_pre: bool,
) -> None:  # fmt: skip
    numbers = np.array([each.level for each in ladder])
    mins = np.array([each.min_days_past_due for each in ladder])
    waits = np.array([each.wait_days for each in ladder], dtype="timedelta64[D]")
    done = np.searchsorted(numbers, last[rows], side="right")  # levels of this ladder behind it
    reached = np.searchsorted(mins, late[rows], side="right")  # levels that its age allows
    at = np.maximum(done, reached - 1) if policy.may_skip_levels else done
    is_over = done >= len(ladder)
    place = np.minimum(at, len(ladder) - 1)
    is_young = ~is_over & (at >= reached)
    has_notice = ~np.isnat(sent[rows])
    ready = np.where(has_notice, sent[rows] + waits[place], np.datetime64("1900-01-01", "D"))
    must_wait = ~is_over & ~is_young & (ready > np.datetime64(as_of, "D"))
    is_due = ~is_over & ~is_young & ~must_wait
    level[rows[is_due]] = numbers[place[is_due]]
    if is_pre:
        because[rows[is_over]] = "It is not due yet; its reminder was sent."
        return
    outcome[rows[is_over]] = Outcome.DONE.value
    because[rows[is_over]] = "Every letter was sent: decide on escalation or placement."
    outcome[rows[is_young | must_wait]] = Outcome.WAITING.value
    first = np.array([f"The next letter, level {each.level}, is due from {each.min_days_past_due} days past due on."
                      for each in ladder], dtype=object)  # fmt: skip
    because[rows[is_young]] = first[place[is_young]]
    wait = np.array([f"The last notice is less than {each.wait_days} days old: level {each.level} waits."
                     for each in ladder], dtype=object)  # fmt: skip
    because[rows[must_wait]] = wait[place[must_wait]]
