"""Daily replay: the same receipts as they came, day by day, with what could be known on the day. Floor 1."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from arlib.matching.frames import (
    ALTERNATIVES,
    MATCH_ADVICES,
    MATCH_ITEMS,
    MATCH_RECEIPTS,
    MATCHES,
    RULES,
    UNMATCHED,
)
from arlib.matching.identities import identities
from arlib.matching.leftovers import CONTRAS, RESIDUALS, SETTLES, skipped_in
from arlib.matching.pool import NO_DAY, days
from arlib.matching.result import MatchResult
from arlib.matching.returned import REVERSALS

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    from arlib.matching.inputs import MatchInputs
    from arlib.policy.matching import MatchingPolicy
    from arlib.tables.kinds import Table

WAITING = ("unidentified", "unapplied")  # what is unmatched so may still find its item on a later day


class Matcher(Protocol):
    """One matching run, such as `arlib.matching.engine.match`."""

    def __call__(self, inputs: MatchInputs, *, policy: MatchingPolicy, as_of_day: int) -> MatchResult:
        """The result of a run on a day, counted from 1970-01-01."""
        ...


def replay(inputs: MatchInputs, *, match: Matcher, policy: MatchingPolicy) -> MatchResult:
    """The result of running `match` once on each day that has receipts, as one result in the shape of a single run.

    On a day the run sees the receipts of that day, those without a decision of the last `policy.days_before_document` days,
    and the items documented by then with what earlier days left open. An item without a document date is always there. What
    was decided, auto or suggest, stays decided. No receipt of a later day is visible. Customers, rates, rejections and
    confirmed history are those of `inputs` on every day: decisions of the replay are nobody's confirmation, and rules that
    were measured on them would prove themselves. Only when a customer pays is learned from them.

    `match` runs once a day, so what it measures on the history should be given to it once (`functools.partial`). The rules
    are those of the last day, with the receipts that each decided on all days. The identities are those of the whole: money
    of receipts = applied + unapplied, open before − settled = open after.
    """
    ledger = _Ledger(inputs)
    for day in ledger.days():
        today = ledger.inputs_of(day, waits=policy.days_before_document)
        ledger.take(match(today, policy=policy, as_of_day=day), day)
    return ledger.result()


class _Ledger:
    """What stands after the days so far; seen by nobody outside."""

    def __init__(self, inputs: MatchInputs) -> None:
        """Nothing is decided yet."""
        self.given = inputs
        self.items = MATCH_ITEMS.typed(inputs.items).reset_index(drop=True)
        self.receipts = MATCH_RECEIPTS.typed(inputs.receipts).reset_index(drop=True)
        self.advices = MATCH_ADVICES.typed(inputs.advices).reset_index(drop=True)
        self.open = self.items["open_amount"].to_numpy(np.int64).copy()
        self.documented = days(self.items["document_date"])
        self.came = days(self.receipts["value_date"])
        self.item_at = pd.MultiIndex.from_frame(self.items[["entity", "item_id"]])
        self.receipt_at = pd.MultiIndex.from_frame(self.receipts[["entity", "receipt_id"]])
        self.advised = self._receipts_of(self.advices)
        self.is_waiting = np.ones(len(self.receipts), dtype=bool)
        self.last_run = np.full(len(self.receipts), NO_DAY, dtype=np.int64)
        self.paid_late: dict[tuple[str, str], list[int]] = {
            key: list(late) for key, late in inputs.paid_late.items()
        }
        self.kept: dict[str, list[pd.DataFrame]] = {
            name: [] for name in ("matches", "residuals", "contras", "reversals")
        }
        self.of_day: dict[str, list[pd.DataFrame]] = {"alternatives": [], "unmatched": []}
        self.decided: Counter[tuple[str, str]] = Counter()
        self.rules: dict[tuple[str, str], dict[Hashable, object]] = {}

    def days(self) -> list[int]:
        """Days that have receipts, in order."""
        return [int(day) for day in np.unique(self.came)]

    def inputs_of(self, day: int, *, waits: int) -> MatchInputs:
        """What a run of that day may see."""
        is_there = (self.open != 0) & ((self.documented == NO_DAY) | (self.documented <= day))
        items = self.items[is_there].reset_index(drop=True)
        items["open_amount"] = pd.array(self.open[is_there], dtype="Int64")
        here = self.is_waiting & (self.came <= day) & (self.came >= day - waits)
        self.last_run[here] = day
        advised = (
            (self.advised >= 0) & here[self.advised] if len(here) else np.zeros(len(self.advised), dtype=bool)
        )
        return replace(
            self.given,
            items=items,
            receipts=self.receipts[here].reset_index(drop=True),
            paid_late={key: tuple(late) for key, late in self.paid_late.items()},
            advices=self.advices[advised].reset_index(drop=True),
        )

    def take(self, result: MatchResult, day: int) -> None:
        """Keep what the day decided: items fall, receipts with a decision wait no longer."""
        if len(result.matches):
            at = self.item_at.get_indexer(pd.MultiIndex.from_frame(result.matches[["entity", "item_id"]]))
            for column in SETTLES:
                np.subtract.at(self.open, at, result.matches[column].fillna(0).to_numpy(np.int64))
            self.is_waiting[self._receipts_of(result.matches)] = False
            said = result.matches[result.matches["days_late"].notna()]
            for entity, customer, late in zip(
                said["entity"], said["customer_id"], said["days_late"].tolist(), strict=True
            ):
                self.paid_late.setdefault((str(entity), str(customer)), []).append(int(late))
        for name, frames in self.kept.items():
            frames.append(getattr(result, name))
        aside = result.unmatched[~result.unmatched["status"].isin(WAITING)]
        self.is_waiting[self._receipts_of(aside)] = False
        for name, frames in self.of_day.items():
            frame: pd.DataFrame = getattr(result, name)
            if len(frame):
                frames.append(frame.assign(_receipt=self._receipts_of(frame), _day=day))
        for row in result.rules.to_dict("records"):
            key = (str(row["rule"]), str(row["data_set"]))
            self.decided[key] += int(row["receipts"])
            self.rules[key] = row

    def result(self) -> MatchResult:
        """All days as one."""
        matches = _whole(self.kept["matches"], MATCHES)
        at = self.item_at.get_indexer(pd.MultiIndex.from_frame(matches[["entity", "item_id"]]))
        matches["open_before"] = pd.array(self.items["open_amount"].to_numpy(np.int64)[at], dtype="Int64")
        matches["open_after"] = pd.array(self.open[at], dtype="Int64")
        rules = [{**row, "receipts": self.decided[key]} for key, row in self.rules.items()]
        unmatched = self._last("unmatched", UNMATCHED)
        return MatchResult(
            pool_items=self.items,
            pool_receipts=self.receipts,
            matches=matches,
            alternatives=self._last("alternatives", ALTERNATIVES),
            unmatched=unmatched,
            rules=_whole([pd.DataFrame(rules)] if rules else [], RULES),
            identities=identities(self.receipts, self.items, self.open, matches=matches, unmatched=unmatched),
            residuals=self._residuals(),
            contras=_whole(self.kept["contras"], CONTRAS),
            skipped=skipped_in(matches, items=self.items, receipts=self.receipts),
            reversals=_whole(self.kept["reversals"], REVERSALS),
        )

    def _residuals(self) -> pd.DataFrame:
        """Of an item that was paid in part on several days the last residual, of one paid off since then none."""
        made = pd.concat(
            [RESIDUALS.empty(), *self.kept["residuals"]], ignore_index=True
        )  # in order of the days
        made = made.drop_duplicates(["entity", "item_id"], keep="last")
        at = self.item_at.get_indexer(pd.MultiIndex.from_frame(made[["entity", "item_id"]]))
        return _whole([made[self.open[at] != 0]], RESIDUALS)

    def _receipts_of(self, frame: pd.DataFrame) -> NDArray[np.intp]:
        return self.receipt_at.get_indexer(pd.MultiIndex.from_frame(frame[["entity", "receipt_id"]]))

    def _last(self, name: str, table: Table) -> pd.DataFrame:
        """Rows of the last run of each receipt: an earlier word on it no longer holds."""
        kept = [
            frame[frame["_day"].to_numpy() == self.last_run[frame["_receipt"].to_numpy()]]
            for frame in self.of_day[name]
        ]
        return _whole(kept, table)


def _whole(frames: list[pd.DataFrame], table: Table) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    made = table.typed(pd.concat(filled, ignore_index=True)) if filled else table.empty()
    return made.sort_values(list(table.key), kind="stable", ignore_index=True)
