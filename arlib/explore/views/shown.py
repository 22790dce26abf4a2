"""A result table as the browser gets it: text by kind, few rows, nothing that a browser or a spreadsheet would run. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from arlib import money
from arlib.explore.views.style import LONGEST
from arlib.report.words import RIGHT_ALIGNED, counted, plain, value_text
from arlib.sources.export import inert as not_a_formula
from arlib.tables.kinds import Column, Kind, Table

ROWS_SENT = 2_000  # a browser keeps its speed with so many; the case file holds all


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Rows as text. `right` are the positions of columns with amounts and counts, `days` of dates; `said` tells of rows left out."""

    rows: pd.DataFrame
    right: tuple[int, ...]
    said: str
    days: tuple[int, ...] = ()


def shown(
    frame: pd.DataFrame,
    table: Table,
    *,
    functional: str = "",
    columns: Sequence[str] = (),
    hide: Sequence[str] = (),
    words: Mapping[str, str] | None = None,
    rows: int = ROWS_SENT,
) -> Shown:
    """The declared columns of a frame as people read them, in declared order, or those of `columns` in theirs.

    Columns without a single value are left out, as those of `hide`. Amounts stand with grouped thousands and the places
    of their row's currency (`functional` for those in the books' currency), days as ISO. `words` are other headings.
    """
    names = [name for name in columns or table.names if name in frame.columns and name not in hide]
    head = frame.head(rows)
    made: dict[str, list[str]] = {}
    right, days = [], []
    for name in names:
        column = table[name]
        values = _texts(head, column, functional)
        if not any(values) and not columns and len(head):
            continue
        if column.kind in RIGHT_ALIGNED:
            right.append(len(made))
        if column.kind is Kind.DAY:
            days.append(len(made))
        made[(words or {}).get(name) or heading(column, functional)] = values
    said = counted(len(frame), "row")
    if len(frame) > rows:
        said = f"First {rows:,} of {len(frame):,} rows; export the case file for all."
    return Shown(
        rows=pd.DataFrame(made, index=range(len(head)), dtype="str"),
        right=tuple(right),
        said=said,
        days=tuple(days),
    )


def heading(column: Column, functional: str = "") -> str:
    """A column's name as a heading: `Due date`; amounts of the books' currency name it."""
    words = column.name.removesuffix("_id").replace("_", " ")
    if column.kind is Kind.MONEY and column.currency == "functional" and functional:
        words = f"{words} {functional}"
    return words[:1].upper() + words[1:]


def cell(value: object, column: Column, currency: str = "") -> str:
    """One value as text: one line, cut where it is long, never a formula."""
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if column.kind is Kind.MONEY and not money.is_currency(currency):
        return f"{int(value):,} (minor units, currency unknown)"  # type: ignore[call-overload]
    if column.kind is Kind.TEXT:
        words = str(value).replace("_", " ") if column.choices else str(value)
        return not_a_formula(plain(words, limit=LONGEST))
    return value_text(value, column.kind, currency)


def _texts(frame: pd.DataFrame, column: Column, functional: str) -> list[str]:
    values = frame[column.name].tolist()
    if column.kind is not Kind.MONEY:
        return [cell(value, column) for value in values]
    if column.currency in frame.columns:
        codes = [str(code) if not pd.isna(code) else "" for code in frame[column.currency].tolist()]
    else:
        codes = [functional] * len(values)
    return [cell(value, column, code) for value, code in zip(values, codes, strict=True)]
