"""Whether every bank account's statement is up to date: no letter goes out before the money that came in is known. Floor 1."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from arlib.calendar import BusinessDays
from arlib.collect.dunning.frames import BANK_STANDINGS
from arlib.errors import ParameterError
from arlib.ledger.facts import of_entity
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.rows import frame_of, records, text

STATEMENT = "statement"
LONGEST_WALK = 3660  # days that are counted at most: an account may have been silent for years


def bank_standings(book: Book, *, scope: Scope, policies: Policies) -> pd.DataFrame:
    """Each bank account of the entity and the last day that is known of it: BANK_STANDINGS.

    Uses BANK_STATEMENTS, BANK_LINES and RECEIPTS, which name the accounts. An account is known up to the last day of
    its statements (notices are none), or, where it has no statement, up to its newest booked line. It is up to date
    where at most `bank_max_business_days` business days of the entity's country lie after that day, the as-of date
    itself among them. Without a country Monday to Friday are worked.
    """
    worked = _calendar(_country(book, scope))
    told = {
        STATEMENT: _newest(_statements(book, scope), "to_date"),
        "line": _newest(_lines(book, scope), "booking_date"),
    }
    receipts = of_entity(book["receipts"], scope.entity)["bank_account"].dropna()
    names = sorted({*told[STATEMENT], *told["line"], *(name for name in receipts if name)})
    rows = []
    for name in names:
        by = STATEMENT if name in told[STATEMENT] else "line" if name in told["line"] else "none"
        up_to = told[by].get(name) if by != "none" else None
        days = None if up_to is None else _between(up_to, scope.as_of, worked)
        is_fine = days is not None and days <= policies.dunning.bank_max_business_days
        rows.append(
            {
                "entity": scope.entity, "bank_account": name, "up_to": up_to, "told_by": by, "business_days": days,
                "is_up_to_date": is_fine, "because": _words(name, up_to, by, days, is_fine=is_fine, scope=scope),
            }
        )  # fmt: skip
    return frame_of(BANK_STANDINGS, rows)


def held_because(standings: pd.DataFrame, *, scope: Scope) -> tuple[str, ...]:
    """Why letters are held as a whole, in words; empty where every account is up to date."""
    if not len(standings):
        return (
            f"no bank data: {scope.entity} has no bank account in the book, so what came in is not known",
        )
    return tuple(str(row["because"]) for row in records(standings) if not row["is_up_to_date"])


def _statements(book: Book, scope: Scope) -> pd.DataFrame:
    rows = of_entity(book["bank_statements"], scope.entity)
    return rows[rows["kind"].eq(STATEMENT) & rows["to_date"].notna()]


def _lines(book: Book, scope: Scope) -> pd.DataFrame:
    rows = of_entity(book["bank_lines"], scope.entity)
    return rows[rows["notice"].isna() | rows["notice"].eq("")]


def _newest(rows: pd.DataFrame, column: str) -> dict[str, date]:
    found = rows.groupby("bank_account")[column].max()
    return {str(name): day.date() for name, day in found.items()}


def _words(name: str, up_to: date | None, by: str, days: int | None, *, is_fine: bool, scope: Scope) -> str:
    if up_to is None:
        return f"Bank account {name} has receipts and no statement or line."
    what = "its statements end on" if by == STATEMENT else "no statement; its newest line is of"
    late = (
        "up to date"
        if is_fine
        else f"{days} business day{'' if days == 1 else 's'} before {scope.as_of:%Y-%m-%d}"
    )
    return f"Bank account {name}: {what} {up_to:%Y-%m-%d}, {late}."


def _country(book: Book, scope: Scope) -> str:
    if scope.country:
        return scope.country
    rows = of_entity(book["entities"], scope.entity)
    return text(rows["country"].iloc[0]) if len(rows) else ""


def _calendar(country: str) -> BusinessDays | None:
    try:
        return BusinessDays(country=country) if country else None
    except ParameterError:
        return None


def _between(after: date, until: date, worked: BusinessDays | None) -> int:
    if until <= after:
        return 0
    after = max(after, until - timedelta(days=LONGEST_WALK))
    if worked is not None:
        return worked.between(after, until)
    days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
    return sum(day.weekday() < 5 for day in days)
