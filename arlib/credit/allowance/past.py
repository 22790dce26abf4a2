"""What all rate methods look at: the debts, their snapshots and their segments, worked out once. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arlib.credit.allowance.history import History, history_of
from arlib.credit.allowance.segments import Split, split_of
from arlib.credit.allowance.standing import MonthEnd, buckets_of, standing_of
from arlib.ledger.facts import Ints
from arlib.policy import AgingPolicy, AllowancePolicy, Scope
from arlib.tables import Book


@dataclass(frozen=True, kw_only=True)
class Past:
    """The history of the debts in scope up to the as-of date, in the policy's months."""

    scope: Scope
    policy: AllowancePolicy
    history: History
    standing: tuple[MonthEnd, ...]
    split: Split
    buckets: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The pool's label and then those of the segments."""
        return ("", *(label for label in self.split.labels if label))

    def of_labels(self, by_segment: Ints) -> Ints:
        """An array by segment with the pool, their sum, put before it."""
        pool = by_segment.sum(axis=0, keepdims=True)
        return pool if self.split.labels == ("",) else np.concatenate([pool, by_segment])


def past_of(book: Book, *, scope: Scope, aging: AgingPolicy, policy: AllowancePolicy) -> Past:
    """The past of the allowance's debts.

    Needs what `history_of`, `standing_of` and `segment_of` need; raises what they raise.
    """
    history = history_of(book, scope=scope, policy=policy)
    return Past(
        scope=scope,
        policy=policy,
        history=history,
        standing=standing_of(history, as_of=scope.as_of, months=policy.history_months, aging=aging),
        split=split_of(book, history.lives, scope=scope, policy=policy),
        buckets=buckets_of(aging),
    )
