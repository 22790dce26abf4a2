"""The calendar quarter that a portfolio is frozen for. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from arlib.policy import Basis, Scope


@dataclass(frozen=True, kw_only=True)
class Quarter:
    """A calendar quarter: its name as TARGETS has it, and its first day."""

    name: str
    starts_on: date

    @property
    def frozen_on(self) -> date:
        """The day before: what is open at its end is the portfolio."""
        return self.starts_on - timedelta(days=1)

    @property
    def days(self) -> int:
        """How many days it has."""
        month = self.starts_on.month + 3
        after = date(self.starts_on.year + (month > 12), (month - 1) % 12 + 1, 1)
        return (after - self.starts_on).days

    def gone(self, day: date) -> Fraction:
        """The share of its days that are over at the end of a day in it."""
        return Fraction((day - self.starts_on).days + 1, self.days)

    def told(self, day: date) -> str:
        """How far it is, in words: `month 1 of 3, day 31 of 92`."""
        return f"month {day.month - self.starts_on.month + 1} of 3, day {(day - self.starts_on).days + 1} of {self.days}"


def quarter_of(day: date) -> Quarter:
    """The calendar quarter that a day lies in; its first and last day belong to it."""
    number = (day.month + 2) // 3
    return Quarter(name=f"{day.year}-Q{number}", starts_on=date(day.year, 3 * number - 2, 1))


def posted(scope: Scope) -> Scope:
    """The scope in the ledger's view: cash counts by its posting date."""
    return replace(scope, basis=Basis.POSTING)


def at_start(scope: Scope) -> Scope:
    """The scope in the ledger's view at the end of the day before its quarter."""
    return replace(posted(scope), as_of=quarter_of(scope.as_of).frozen_on)
