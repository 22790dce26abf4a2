"""Which target holds for a line: the most specific one that was set. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from arlib.collect.targets.quarter import quarter_of
from arlib.errors import RateError
from arlib.ledger.facts import of_entity
from arlib.money import Rates, times, translate
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import TargetMeasure
from arlib.tables.rows import Row, is_none, records, text

DIMENSIONS = (
    "collector",
    "region",
    "bucket",
)  # the one named first goes before the next where as many are given


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A target of collected: what it was set for ('' for all), and a share or an amount in the books' currency."""

    given: tuple[str, ...]  # by DIMENSIONS
    rate: Fraction | None
    amount: int | None

    @property
    def name(self) -> str:
        """What it was set for, in words."""
        parts = [f"{name} {value}" for name, value in zip(DIMENSIONS, self.given, strict=True) if value]
        return ", ".join(parts) or "all"

    def worth(self, frozen: int) -> int:
        """The target as an amount, of a line that so much was frozen of."""
        return int(self.amount or 0) if self.rate is None else times(frozen, self.rate)


@dataclass(frozen=True, kw_only=True)
class Goals:
    """Every target of collected of the quarter."""

    goals: tuple[Goal, ...]
    limits: tuple[str, ...]

    def of(self, line: Mapping[str, str]) -> Goal | None:
        """The most specific target of a line, by the dimensions that the line has; None where none was set.

        A share holds for every part of what it was set for. An amount holds for just what it was set for: it is not known how
        it was meant to be shared out.
        """
        has = tuple(line.get(name, "") for name in DIMENSIONS)
        fits = [
            goal
            for goal in self.goals
            if all(want in ("", own) for want, own in zip(goal.given, has, strict=True))
            and (goal.rate is not None or goal.given == has)
        ]
        return max(fits, key=lambda goal: _rank(goal.given), default=None)


def _rank(given: tuple[str, ...]) -> tuple[int, ...]:
    return (sum(value != "" for value in given), *(int(value != "") for value in given))


def goals_of(book: Book, *, scope: Scope, rates: Rates) -> Goals:
    """The targets of collected of the quarter of the as-of date. Uses TARGETS.

    An amount in another currency is taken at the closing rate of the day before the quarter; without one it is left out and
    said. A row without a share and an amount says nothing and is left out and said.
    """
    quarter = quarter_of(scope.as_of)
    rows = of_entity(book["targets"], scope.entity)
    rows = rows[rows["period"].eq(quarter.name) & rows["measure"].eq(TargetMeasure.COLLECTED.value)]
    made, limits = [], []
    for row in records(rows):
        given = tuple(text(row[name]) for name in DIMENSIONS)
        goal = Goal(given=given, rate=None if is_none(row["rate"]) else Fraction(row["rate"]), amount=None)
        if goal.rate is None:
            try:
                goal = Goal(given=given, rate=None, amount=_amount(row, scope, rates, quarter.frozen_on))
            except RateError as fault:
                limits.append(f"The target for {goal.name} has no place: {fault}")
                continue
            if goal.amount is None:
                limits.append(f"The target for {goal.name} has neither a share nor an amount.")
                continue
        made.append(goal)
    if not made:
        limits.append(f"No target of collected was set for {quarter.name}: lines are not held against one.")
    return Goals(goals=tuple(made), limits=tuple(limits))


def _amount(row: Row, scope: Scope, rates: Rates, on: date) -> int | None:
    if is_none(row["amount"]):
        return None
    currency, books = text(row["currency"]) or scope.functional_currency, scope.functional_currency
    rate = rates.find(currency, books, on)
    return translate(int(row["amount"]), from_currency=currency, to_currency=books, rate=rate)
