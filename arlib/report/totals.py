"""What the money columns of a result table add up to, by currency and, where accounts stand apart, by account. Floor 3.

Totals are exact and never across currencies. Strong rows, which are totals already, are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from arlib import money
from arlib.report.model import ResultTable, Sums
from arlib.report.presentation import total_by
from arlib.report.words import inert
from arlib.tables import Kind


@dataclass(frozen=True, kw_only=True)
class TotalLine:
    """What the money columns of a table add up to in one currency, and in one group where accounts stand apart."""

    group: str  # as people read it; '' where the table is not totalled by group
    currency: str
    sums: dict[str, int]

    @property
    def label(self) -> str:
        """What stands in front of the totals: `Total USD`, `Total 1200 USD`."""
        return " ".join(part for part in ("Total", self.group, money.iso_code(self.currency)) if part)


def sums_of(table: ResultTable) -> Sums:
    """The sum of every money column that is shown, by group and currency; a column without amounts has none.

    Read it as `table.sums`, which works it out once.
    """
    frame, by = table.frame, total_by(table)
    named = [name for name in table.shown_columns if table.kinds[name] is Kind.MONEY]
    if not named:
        return {}
    groups = frame[by].fillna("") if by else pd.Series("", index=frame.index, dtype="str")
    parts = pd.concat(
        [
            pd.DataFrame(
                {"at": at, "group": groups, "currency": table.currencies(name), "amount": frame[name]}
            )
            for at, name in enumerate(named)
        ],
        ignore_index=True,
    )
    counts = parts["amount"].notna()
    if table.strong_rows:
        strong = frame[table.strong_rows].fillna(False).astype(bool).tolist()
        counts &= ~pd.Series(strong * len(named), dtype=bool)
    found: dict[str, dict[tuple[str, str], int]] = {name: {} for name in named}
    if counts.any():
        sums = money.totals_by(parts[counts], ["at", "group", "currency"], "amount")
        for at, group, currency, amount in sums.itertuples(index=False, name=None):
            found[named[at]][str(group), str(currency)] = int(amount)
    return found


def money_totals(table: ResultTable, name: str) -> dict[str, int]:
    """The exact total of a money column by currency, in order of the currency code."""
    made: dict[str, int] = {}
    for (_, currency), amount in table.sums[name].items():
        made[currency] = made.get(currency, 0) + amount
    return dict(sorted(made.items()))


def total_lines(table: ResultTable) -> list[TotalLine]:
    """Exact totals of every money column that may be added up, a line for each currency.

    Where the table is totalled by group (an account), a line for each group and currency.
    """
    by = total_by(table)
    found: dict[tuple[str, str], dict[str, int]] = {}
    for name in totalled_columns(table):
        for (group, currency), amount in table.sums[name].items():
            sums = found.setdefault((said(table, by, group), currency), {})
            sums[name] = sums.get(name, 0) + amount
    return [
        TotalLine(group=group, currency=currency, sums=sums)
        for (group, currency), sums in sorted(found.items())
    ]


def said(table: ResultTable, column: str, value: str) -> str:
    """A value of a text column as the table says it to people."""
    return table.words.get(column, {}).get(value) or inert(value)


def totalled_columns(table: ResultTable) -> list[str]:
    """Money columns whose sum means something."""
    return [
        name
        for name in table.shown_columns
        if table.kinds[name] is Kind.MONEY and name not in table.not_totalled
    ]
