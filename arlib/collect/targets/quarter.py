"""The calendar quarter that a portfolio is frozen for. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

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
