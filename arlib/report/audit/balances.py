"""What the reports on the ledger and its balances share: the population in words and as a table, ties told once. Floor 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.ledger.frames import POPULATION
from arlib.audit.ledger.population import Split
from arlib.controls import Control, Status
from arlib.money import total
from arlib.policy import Scope
from arlib.report.audit.evidence_parts import asked, table
from arlib.report.bad_debt_percents import percents
from arlib.report.model import ResultTable
from arlib.report.tied import tied_as_one
from arlib.report.words import counted, money_text, status_counted
from arlib.tables.rows import records

NO_POPULATION_LIMIT = "all items"


def population_table(part: Split, *, scope: Scope, what: str = "open items") -> ResultTable:
    """Asked about, left out and both, by currency."""
    return table(
        POPULATION, part.sums, title="The population, by currency", functional=scope.functional_currency,
        headings={"asked_rows": "Rows asked about", "asked": "Asked about", "other_rows": "Rows left out", "other": "Left out",
                  "all_rows": "All rows", "all": "All"},
        note=f"Asked about and left out are all {what} at the date.",
    )  # fmt: skip


def population_said(part: Split, ask: Ask, what: str = "open items") -> str:
    """The population in one sentence: how many, how much, and how much is left out."""
    rows = records(part.sums)
    whole = sum(int(row["all_rows"]) for row in rows)
    inside = sum(int(row["asked_rows"]) for row in rows)
    sums = ", ".join(money_text(int(row["asked"]), row["currency"]) for row in rows if int(row["asked_rows"]))
    said = f"Population ({ask.population.words()}): {_lines_said(part, inside, whole, what)}"
    said += f", {sums}" if sums else ""
    if inside == whole:
        return f"{said}; nothing is left out."
    out = ", ".join(money_text(int(row["other"]), row["currency"]) for row in rows if int(row["other_rows"]))
    return f"{said}; left out are {whole - inside:,}, {out}."


def _lines_said(part: Split, inside: int, whole: int, what: str) -> str:
    """How many rows of how many; where instalments split open items, the rows are lines and the items are told too."""
    if not what.startswith("open items") or part.asked_items == inside:
        return f"{inside:,} of {whole:,} {what}"
    return f"{inside:,} of {whole:,} lines of {what} ({part.asked_items:,} items; an instalment is a line)"


def controls_told(
    controls: Sequence[Control], *, scope: Scope, grouped: tuple[str, ...]
) -> tuple[Control, ...]:
    """Controls of the names in `grouped` that tie are told as one a name; all others each for itself, in their order."""
    names = dict.fromkeys(control.name for control in controls)
    made: list[Control] = []
    for name in names:
        mine = [control for control in controls if control.name == name]
        made += tied_as_one(mine, functional=scope.functional_currency) if name in grouped else mine
    return tuple(made)


def ties_said(controls: Sequence[Control], what: str) -> str:
    """How the controls of one kind ended, in one sentence; those that differ by account, amount and documents."""
    if not controls:
        return f"{what}: nothing to compare."
    parts = []
    for status in (Status.TIED, Status.UNEXPLAINED, Status.EXPLAINED, Status.NO_INPUT):
        mine = [one for one in controls if one.status is status]
        if not mine:
            continue
        if status is Status.TIED:
            parts.append(
                f"{len(mine)} of {counted(len(controls), 'account')} {'ties' if len(mine) == 1 else 'tie'}"
            )
            continue
        told = ", ".join(_gap_said(one) for one in mine[:3]) + (
            f" and {len(mine) - 3} more" if len(mine) > 3 else ""
        )
        note = f" ({mine[0].note})" if status is Status.NO_INPUT and mine[0].note else ""
        parts.append(f"{status_counted(status, len(mine))}{note}: {told}")
    return f"{what}: {'; '.join(parts)}."


def _gap_said(control: Control) -> str:
    if control.difference is None:
        return control.account or "no account"
    documents = f" ({counted(control.count, 'document')})" if control.count else ""
    return f"{control.account} {money_text(control.difference, control.currency)}{documents}"


def facts(ask: Ask, *, scope: Scope, assertions: str, **more: str) -> dict[str, str]:
    """The head of a report: the question, what was chosen, and which assertions the tests address."""
    return asked(ask, scope=scope, extra={"Assertions": assertions, **more})


def shared(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The frame with these shares in percent."""
    return frame.assign(**{name: percents(frame[name]) for name in columns})


def named(rows: pd.DataFrame, column: str, *, most: int = 5) -> str:
    """The first values of a column by comma, and how many more there are."""
    values = [str(value) for value in dict.fromkeys(rows[column].dropna()) if str(value)]
    more = f" and {len(values) - most} more" if len(values) > most else ""
    return ", ".join(values[:most]) + more


def in_books(rows: pd.DataFrame, column: str, scope: Scope) -> str:
    """The total of a column in the books' currency."""
    return money_text(total(rows[column]), scope.functional_currency)


def flagged(frame: pd.DataFrame, mask: Any) -> pd.DataFrame:
    """Rows of a mask that may have empty places."""
    kept = pd.Series(mask, index=frame.index).fillna(False).to_numpy(dtype=bool)
    return frame[kept].reset_index(drop=True)
