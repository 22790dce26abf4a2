"""The rows of a result table on a sheet, typed and in order, as constant-memory workbooks need. Floor 3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from arlib.report.cells import (
    CELL_CHARACTERS,
    COUNT_FORMAT,
    Cells,
    as_number,
    day_number,
    is_exact,
    money_format,
)
from arlib.report.layout import LINE_POINTS, MAX_WIDTH, lines_of
from arlib.report.markup import column_texts
from arlib.report.model import ResultTable
from arlib.report.presentation import empty_word
from arlib.report.words import RIGHT_ALIGNED, amount_text, inert
from arlib.tables import Kind

MEASURED_ROWS = 1000  # that say how wide a column is
HASH = "_sha256"  # compared by machines: one line, whatever shows of it


def write_rows(cells: Cells, sheet: Any, table: ResultTable, *, top: int, blanks: int = 0) -> None:
    """Write every row of the table from sheet row `top` on, in order, and so many cells to fill in beside each."""
    names = table.shown_columns
    columns = [table.frame[name].tolist() for name in names]
    missing = [
        [False] * len(table.frame) if empty_word(table, name) else table.frame[name].isna().tolist()
        for name in names
    ]
    currencies = [
        table.currencies(name).fillna("").tolist() if table.kinds[name] is Kind.MONEY else None
        for name in names
    ]
    strong = (
        table.frame[table.strong_rows].fillna(False).astype(bool).tolist()
        if table.strong_rows
        else [False] * len(table.frame)
    )
    wraps = {
        name: _longest(table, name) > MAX_WIDTH and not name.endswith(HASH)
        for name in names
        if table.kinds[name] is Kind.TEXT
    }
    writers = [_writer(cells, sheet, table, name, is_wrapped=wraps.get(name, False)) for name in names]
    free: dict[str, Any] = {"locked": False} if table.decisions else {}
    entry = cells.style(bg_color="#FFFBE6", border=1, border_color="#D9DEE4", text_wrap=True, **free)
    entry_day = cells.style(
        bg_color="#FFFBE6", border=1, border_color="#D9DEE4", num_format="yyyy-mm-dd", **free
    )
    heights = _heights(table, [name for name, is_wrapped in wraps.items() if is_wrapped])
    for position in range(len(table.frame)):
        row = top + position
        if position in heights:
            sheet.set_row(row, heights[position])
        for at, write in enumerate(writers):
            if not missing[at][position]:
                known = currencies[at]
                write(row, at, columns[at][position], known[position] if known else "", strong[position])
        for step in range(blanks):
            sheet.write_blank(row, len(names) + step, None, entry_day if step == 2 else entry)


def _heights(table: ResultTable, wrapped: list[str]) -> dict[int, int]:
    """Heights of rows whose text needs more than one line.

    Spreadsheets do not all work them out themselves.
    """
    made: dict[int, int] = {}
    for name in wrapped:
        for position, text in enumerate(table.frame[name].fillna("").tolist()):
            lines = lines_of(text, MAX_WIDTH)
            if lines > 1:
                made[position] = max(made.get(position, 0), LINE_POINTS * lines)
    return made


Writer = Callable[[int, int, Any, str, bool], None]


def _writer(cells: Cells, sheet: Any, table: ResultTable, name: str, *, is_wrapped: bool) -> Writer:
    kind, words = table.kinds[name], table.words.get(name)
    extra: dict[str, Any] = {} if kind in RIGHT_ALIGNED else {"align": "left", "indent": 1}
    if is_wrapped:
        extra["text_wrap"] = True
    if kind is Kind.MONEY:
        formats: dict[tuple[str, bool], Any] = {}

        def write_money(row: int, at: int, minor: Any, currency: str, is_strong: bool) -> None:
            key = (currency, is_strong)
            if key not in formats:
                more: dict[str, Any] = {"bold": True, "top": 1} if is_strong else {}
                formats[key] = cells.style(num_format=money_format(currency), align="right", **more)
            if is_exact(minor):
                sheet.write_number(row, at, as_number(minor, currency), formats[key])
            else:
                sheet.write_string(row, at, amount_text(minor, currency), formats[key])

        return write_money

    if kind is Kind.TEXT:
        looks = _looks(cells, extra)
        empty = empty_word(table, name)

        def write_text(row: int, at: int, value: Any, _: str, is_strong: bool) -> None:
            told = "" if pd.isna(value) else value
            said = (words or {}).get(told) or inert(told) or empty
            if said:
                sheet.write_string(row, at, said[:CELL_CHARACTERS], looks[is_strong])

        return write_text

    if kind is Kind.DAY:
        return _day_writer(cells, sheet, extra)

    if kind is Kind.INTEGER:
        counts = _looks(cells, {"num_format": COUNT_FORMAT, "align": "right", **extra})

        def write_count(row: int, at: int, value: Any, _: str, is_strong: bool) -> None:
            sheet.write_number(row, at, int(value), counts[is_strong])

        return write_count

    def write(row: int, at: int, value: Any, _: str, is_strong: bool) -> None:
        more: dict[str, Any] = {"bold": True, "top": 1} if is_strong else {}
        cells.value(sheet, row, at, value, kind, words=words, **extra, **more)

    return write


def _day_writer(cells: Cells, sheet: Any, extra: dict[str, Any]) -> Writer:
    """A column has few days and many rows: each day is turned into a cell's number once."""
    looks = _looks(cells, {"num_format": "yyyy-mm-dd", "align": "left", **extra})
    numbers: dict[Any, float | None] = {}

    def write_day(row: int, at: int, value: Any, _: str, is_strong: bool) -> None:
        if value not in numbers:
            numbers[value] = day_number(value)
        number = numbers[value]
        if number is None:
            more: dict[str, Any] = {"bold": True, "top": 1} if is_strong else {}
            cells.value(sheet, row, at, value, Kind.DAY, **extra, **more)
        else:
            sheet.write_number(row, at, number, looks[is_strong])

    return write_day


def _looks(cells: Cells, style: dict[str, Any]) -> tuple[Any, Any]:
    return cells.style(**style), cells.style(**style, bold=True, top=1)


def _longest(table: ResultTable, name: str) -> int:
    return max(
        (len(text) for text in column_texts(table, name, table.frame.index[:MEASURED_ROWS])), default=0
    )
