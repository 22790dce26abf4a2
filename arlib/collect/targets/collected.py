"""Collected against target: cash on the portfolio that was frozen at the start of the quarter. Floor 1.

The rule is that of accounting.md: portfolio and bucket as frozen, cash net of returns, credited to the collector who held the
account at the start of the quarter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import pandas as pd

from arlib.collect.targets import words
from arlib.collect.targets.cleared import cleared
from arlib.collect.targets.frames import COLLECTED_CHECK, COLLECTED_LINES, COLLECTED_TOTALS, MONEY, Level
from arlib.collect.targets.frozen import Frozen, Reconciled, frozen, reconciled
from arlib.collect.targets.goals import DIMENSIONS, Goals, goals_of
from arlib.collect.targets.moves import portfolio_moves
from arlib.collect.targets.parts import collected_items, in_books
from arlib.collect.targets.quarter import Quarter, quarter_of
from arlib.controls import Identity
from arlib.credit.allowance.frames import rate_text
from arlib.money import times, total, totals_by
from arlib.policy import Policies, Scope
from arlib.tables import Book, Table
from arlib.tables.rows import frame_of, records

RULE = "to the collector who held the account at the start of the quarter"


@dataclass(frozen=True, kw_only=True, eq=False)
class Collected:
    """A quarter's collections against target, and what goes with them; see `collected`."""

    quarter: Quarter
    currency: str
    items: pd.DataFrame  # COLLECTED_ITEMS
    lines: pd.DataFrame  # COLLECTED_LINES
    totals: pd.DataFrame  # COLLECTED_TOTALS
    checks: pd.DataFrame  # COLLECTED_CHECK
    moves: pd.DataFrame  # PORTFOLIO_MOVES
    moved: pd.DataFrame  # PORTFOLIO_MOVED
    cleared: pd.DataFrame  # CLEARED
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]
    as_of: date
    reconciled: tuple[
        Reconciled, ...
    ]  # current and past due of the frozen portfolio from the sub-ledger at booking rates
    rule: str = RULE

    def by(self, level: Level) -> pd.DataFrame:
        """The totals of one level: COLLECTED_TOTALS."""
        return self.totals[self.totals["level"].eq(level.value)].reset_index(drop=True)

    @property
    def by_collector(self) -> pd.DataFrame:
        """The totals of each collector."""
        return self.by(Level.COLLECTOR)

    @property
    def by_region(self) -> pd.DataFrame:
        """The totals of each region."""
        return self.by(Level.REGION)

    @property
    def by_bucket(self) -> pd.DataFrame:
        """The totals of each bucket."""
        return self.by(Level.BUCKET)


def collected(book: Book, *, scope: Scope, policies: Policies) -> Collected:
    """What was collected since the start of the quarter on what was open the day before, against target.

    The quarter is the calendar quarter of the as-of date. The portfolio is what `frozen` says; cash counts by posting date
    from the first day of the quarter to the as-of date, both in, net of reversals and returns. Discounts, credits, write-offs
    and the rest are apart, so that for each document currency and bucket frozen = all of them + what the sub-ledger has open:
    identities. Lines are in the books' currency at the closing rate of the day of the freeze; what has none is in the checks
    alone and named in a limit. Targets are those of TARGETS, the most specific one; see `Goals.of`. Needs ITEMS; uses
    APPLICATIONS, CUSTOMERS with history, FX_RATES, TARGETS. Raises ParameterError where the source cannot answer the day of
    the freeze.
    """
    start = frozen(book, scope=scope, policies=policies)
    items = collected_items(book, start=start, scope=scope)
    goals = goals_of(book, scope=scope, rates=start.position.rates)
    moves, moved, moves_tie = portfolio_moves(book, start=start, scope=scope)
    gone, gone_tie = cleared(book, start=start, scope=scope, policies=policies)
    rated = _in_books(items, start)
    checks = _checks(items)
    lines = _lines(rated, list(DIMENSIONS), COLLECTED_LINES, goals, start, scope.as_of)
    return Collected(
        quarter=quarter_of(scope.as_of),
        currency=start.position.currency,
        items=items,
        lines=lines,
        totals=_totals(rated, goals, start, scope.as_of),
        as_of=scope.as_of,
        reconciled=reconciled(start),
        checks=checks,
        moves=moves,
        moved=moved,
        cleared=gone,
        identities=(*_identities(checks, lines, items, start), *moves_tie, *gone_tie),
        limits=(*goals.limits, *_limits(book, items, start)),
    )


def _in_books(items: pd.DataFrame, start: Frozen) -> pd.DataFrame:
    """COLLECTED_ITEMS that have a rate, their amounts in the books' currency; what is open is what is left."""
    rows = items[items["books_frozen"].notna().to_numpy(dtype=bool)].reset_index(drop=True)
    made = rows.assign(frozen=rows["books_frozen"], collected=rows["books_collected"])
    for name in MONEY[2:-1]:
        made[name] = in_books(rows[name], rows["currency"], start)
    left = made["frozen"]
    for name in MONEY[1:-1]:
        left = left - made[name]
    return made.assign(still_open=left)


def _checks(items: pd.DataFrame) -> pd.DataFrame:
    by = ["entity", "currency", "bucket"]
    sums = totals_by(items, by, list(MONEY))
    counts = items.groupby(by, sort=True).size().to_numpy()
    gap = sums["frozen"]
    for name in MONEY[1:]:
        gap = gap - sums[name]
    return COLLECTED_CHECK.typed(sums.assign(items=counts, gap=gap))


def _lines(
    rows: pd.DataFrame, by: Sequence[str], table: Table, goals: Goals, start: Frozen, as_of: date
) -> pd.DataFrame:
    """Sums by some of the dimensions, each against its target."""
    entity, currency = start.position.scope.entity, start.position.currency
    if rows.empty:
        return table.empty()
    work = rows if by else rows.assign(_all="")
    keys = list(by) or ["_all"]
    sums = totals_by(work, keys, list(MONEY))
    counts = work.groupby(keys, sort=True).agg(accounts=("customer_id", "nunique"), items=("item_id", "size"))
    made = []
    for row, count in zip(records(sums), records(counts), strict=True):
        base = row | count | {"entity": entity, "currency": currency}
        made.append(base | _against(base, {name: str(row[name]) for name in by}, goals, currency, as_of))
    return frame_of(table, made) if table is COLLECTED_LINES else pd.DataFrame(made)


def _against(
    line: Mapping[str, int], place: Mapping[str, str], goals: Goals, currency: str, as_of: date
) -> dict[str, object]:
    frozen_, cash = int(line["frozen"]), int(line["collected"])
    goal = goals.of(place)
    made: dict[str, object] = {"rate": rate_text(Fraction(cash, frozen_)) if frozen_ else None}
    if goal is not None:
        target = goal.worth(frozen_)
        pace = times(target, quarter_of(as_of).gone(as_of))
        made |= {
            "target_rate": None if goal.rate is None else rate_text(goal.rate), "target_amount": target,
            "difference": cash - target, "target_for": goal.name, "to_collect": max(target - cash, 0),
            "pro_rata": pace, "ahead": cash - pace,
        }  # fmt: skip
    return made | {"what": words.against(line, goal, currency, as_of)}


def _totals(rows: pd.DataFrame, goals: Goals, start: Frozen, as_of: date) -> pd.DataFrame:
    made: list[dict[str, object]] = []
    for level in Level:
        by = [] if level is Level.ALL else [level.value]
        frame = _lines(rows, by, COLLECTED_TOTALS, goals, start, as_of)
        for row in records(frame):
            made.append(row | {"level": level.value, "name": row[by[0]] if by else ""})
    return frame_of(COLLECTED_TOTALS, made)


def _identities(
    checks: pd.DataFrame, lines: pd.DataFrame, items: pd.DataFrame, start: Frozen
) -> tuple[Identity, ...]:
    entity, books = start.position.scope.entity, start.position.currency
    made = [
        Identity(
            name=f"frozen portfolio, {row['bucket']}", left_label="frozen less what settled it",
            left=int(row["gap"]) + int(row["still_open"]), right_label="open in the sub-ledger", right=int(row["still_open"]),
            currency=row["currency"], entity=entity,
        )
        for row in records(checks)
    ]  # fmt: skip
    every, internal = start.position.items, start.is_internal
    for code in sorted(every["currency"].unique()):
        mine = every["currency"].eq(code)
        apart = total(every.loc[mine & internal, "outstanding"])
        owed_back = total(start.credits.loc[start.credits["currency"].eq(code), "outstanding"])
        made.append(Identity(
            name="frozen portfolio and the aging", left_label="frozen, the group's own, credits",
            left=total(checks.loc[checks["currency"].eq(code), "frozen"]) + apart + owed_back, right_label="outstanding",
            right=total(every.loc[mine, "outstanding"]), currency=code, entity=entity,
        ))  # fmt: skip
    made += [
        Identity(
            name=f"{name} in lines", left_label="sum of lines", left=total(lines[name]), right_label="sum of items",
            right=total(items[f"books_{name}"]), currency=books, entity=entity,
        )
        for name in ("frozen", "collected")
    ]  # fmt: skip
    return tuple(made)


def _limits(book: Book, items: pd.DataFrame, start: Frozen) -> tuple[str, ...]:
    made = []
    unrated = sorted(set(items.loc[items["books_frozen"].isna(), "currency"]))
    if unrated:
        made.append(
            f"No closing rate for {', '.join(unrated)} on {start.position.scope.as_of}: items in it are in the check by "
            "currency, not in the lines."
        )
    if not book.has("customer_history"):
        made.append(
            "No history of customers was given: collector and region are today's, and no account has moved."
        )
    if not book.has("applications"):
        made.append("No applications were given: nothing shows as collected.")
    return tuple(made)
