"""One result table on one sheet.

A real Excel table with typed cells, totals and, where asked, reviewer columns.

Floor 3. Where each table stands is known before it is written (`place`), so that the checks on an earlier
sheet can point at it; rows are written in order, as the constant-memory mode of very large workbooks needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_range_abs

from arlib.money import iso_code
from arlib.report.cells import CELL_CHARACTERS, Cells, as_number, is_exact, money_format
from arlib.report.layout import (
    ACCENT,
    BAND,
    LINE_POINTS,
    MAX_WIDTH,
    SOFT,
    identifier,
    lines_of,
    set_up_page,
    width,
)
from arlib.report.markup import column_texts
from arlib.report.model import ResultTable
from arlib.report.presentation import empty_word
from arlib.report.sums import single_totals, write_lines_below
from arlib.report.totals import money_totals, totalled_columns
from arlib.report.words import RIGHT_ALIGNED, amount_text, counted, inert
from arlib.tables import Kind

HEAD_ROW = 3  # title, note, blank, headings
SHEET_ROWS = 1_048_576
LARGEST_TABLE = 200_000  # rows; beyond it the workbook is written in constant memory, without Excel tables
MOST_ROWS = SHEET_ROWS - HEAD_ROW - 2  # headings above, a total row below
MEASURED_ROWS = 1000
DECISIONS = ("accept", "correct", "investigate", "dispute")
REVIEW_COLUMNS = ("Decision", "Decided by", "Decided on", "Comment")
NOT_IN_HEADINGS = re.compile(r"[\[\]#'\"@,:;]")
REVIEW_WIDTHS = (14, 18, 14, 44)
HASH, HASH_WIDTH = "_sha256", 16.0  # compared by machines: one line, whatever shows of it
# Without a password: it keeps a hand from slipping, no more. Facts are compared when a workbook comes back.
PROTECTION = {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True}


@dataclass(frozen=True)
class Place:
    """Where a table stands in the workbook.

    Its sheet, its columns, and its first and last row, counted from zero.
    """

    sheet: str
    table: ResultTable

    @property
    def fits(self) -> bool:
        """Whether a sheet can hold all rows."""
        return len(self.table.frame) <= MOST_ROWS

    @property
    def last_row(self) -> int:
        """The row of the last record."""
        return HEAD_ROW + len(self.table.frame)

    def cells(self, column: str, first: int = 0, last: int | None = None) -> str:
        """The absolute range of a column's records, `first` to `last`, as a formula names it."""
        at = self.table.shown_columns.index(column)
        end = self.last_row if last is None else HEAD_ROW + 1 + last
        quoted = self.sheet.replace("'", "''")
        return f"'{quoted}'!{xl_range_abs(HEAD_ROW + 1 + first, at, end, at)}"


def write_table(
    cells: Cells, sheet: Any, place: Place, *, entity: str, as_of: date, is_constant: bool
) -> None:
    """The whole sheet of one table.

    A table too long for a sheet leaves its totals and says where all rows are.
    """
    table = place.table
    names = list(table.shown_columns)
    extra = REVIEW_COLUMNS if table.needs_review else ()
    headings = _unique([table.heading(name) for name in names] + list(extra))
    for at, size in enumerate(_widths(table, headings)):
        sheet.set_column(at, at, size)
    set_up_page(sheet, entity=entity, title=table.title, repeat_row=HEAD_ROW if len(table.frame) else None)
    cells.text(sheet, 0, 0, table.title, bold=True, font_size=14, font_color=ACCENT)
    said = f"{entity}, as of {as_of:%Y-%m-%d}: {counted(len(table.frame), 'row')}. {table.note}".strip()
    cells.text(sheet, 1, 0, said, font_color=SOFT, italic=True)
    if table.frame.empty:
        cells.text(sheet, HEAD_ROW, 0, "none")
        return
    if not place.fits:
        _write_pointer(cells, sheet, table)
        return
    sheet.freeze_panes(HEAD_ROW + 1, 1 if len(names) > 5 else 0)
    head = _head_style(cells)
    for at, heading in enumerate(headings):
        right = at < len(names) and table.kinds[names[at]] in RIGHT_ALIGNED
        sheet.write_string(HEAD_ROW, at, heading, _head_style(cells, is_right=True) if right else head)
    _write_rows(cells, sheet, table, names, blanks=len(extra))
    totals = single_totals(table)
    if is_constant:
        sheet.autofilter(HEAD_ROW, 0, place.last_row, len(headings) - 1)
        _write_total_row(cells, sheet, place, names, totals)
    else:
        _add_table(cells, sheet, place, names, headings, totals)
    write_lines_below(cells, sheet, place, place.last_row + (3 if totals else 2))
    if extra:
        _ask_reviewer(sheet, len(names), place, table.decisions or DECISIONS)
    if table.decisions:
        sheet.protect("", PROTECTION)


def _write_rows(cells: Cells, sheet: Any, table: ResultTable, names: list[str], *, blanks: int) -> None:
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
        row = HEAD_ROW + 1 + position
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
        looks = (cells.style(**extra), cells.style(**extra, bold=True, top=1))
        empty = empty_word(table, name)

        def write_text(row: int, at: int, value: Any, _: str, is_strong: bool) -> None:
            told = "" if pd.isna(value) else value
            said = (words or {}).get(told) or inert(told) or empty
            if said:
                sheet.write_string(row, at, said[:CELL_CHARACTERS], looks[is_strong])

        return write_text

    def write(row: int, at: int, value: Any, _: str, is_strong: bool) -> None:
        more: dict[str, Any] = {"bold": True, "top": 1} if is_strong else {}
        cells.value(sheet, row, at, value, kind, words=words, **extra, **more)

    return write


def _add_table(
    cells: Cells,
    sheet: Any,
    place: Place,
    names: list[str],
    headings: list[str],
    totals: dict[str, tuple[str, int]],
) -> None:
    columns: list[dict[str, object]] = []
    for at, heading in enumerate(headings):
        column: dict[str, object] = {"header": heading}
        name = names[at] if at < len(names) else ""
        right = bool(name) and place.table.kinds[name] in RIGHT_ALIGNED
        column["header_format"] = _head_style(cells, is_right=right)
        if name in totals:
            currency, minor = totals[name]
            column["format"] = cells.style(num_format=money_format(currency), align="right", bold=True, top=1)
            column["total_function"] = "sum"
            column["total_value"] = as_number(minor, currency) if is_exact(minor) else 0
        elif at == 0 and totals:
            column["total_string"] = "Total"
            column["format"] = cells.style(bold=True, top=1, align="left", indent=1)
        columns.append(column)
    last = place.last_row + (1 if totals else 0)
    options = {
        "name": identifier(place.table.name),
        "style": "Table Style Light 1",
        "columns": columns,
        "total_row": bool(totals),
    }
    sheet.add_table(HEAD_ROW, 0, last, len(headings) - 1, options)
    for name, (currency, minor) in totals.items():
        # with the table's name in it, as Excel itself saves it: LibreOffice cannot read the short
        # form with blanks
        at = names.index(name)
        cells.formula(sheet, last, at, f"=SUBTOTAL(109,{options['name']}[{headings[at]}])",
                      as_number(minor, currency) if is_exact(minor) else 0,
                      num_format=money_format(currency), align="right", bold=True, top=1)  # fmt: skip


def _write_total_row(
    cells: Cells, sheet: Any, place: Place, names: list[str], totals: dict[str, tuple[str, int]]
) -> None:
    if not totals:
        return
    row = place.last_row + 1
    if names[0] not in totals:
        cells.text(sheet, row, 0, "Total", bold=True, top=1, align="left", indent=1)
    for name, (currency, minor) in totals.items():
        value = as_number(minor, currency) if is_exact(minor) else 0
        cells.formula(sheet, row, names.index(name), f"=SUBTOTAL(109,{place.cells(name)})", value,
                      num_format=money_format(currency), align="right", bold=True, top=1)  # fmt: skip


def _write_pointer(cells: Cells, sheet: Any, table: ResultTable) -> None:
    cells.text(
        sheet, HEAD_ROW, 0,
        f"{len(table.frame):,} rows are more than a sheet holds ({SHEET_ROWS:,}). All are in the data files "
        f"{table.name}.parquet and {table.name}.csv.", bold=True,
    )  # fmt: skip
    row = HEAD_ROW + 2
    for name in totalled_columns(table):
        for currency, minor in money_totals(table, name).items():
            cells.text(sheet, row, 0, f"Total of {table.heading(name)}, {iso_code(currency)}")
            cells.amount(sheet, row, 1, minor, currency)
            row += 1


def _ask_reviewer(sheet: Any, first: int, place: Place, decisions: tuple[str, ...]) -> None:
    top, bottom, day = HEAD_ROW + 1, place.last_row, REVIEW_COLUMNS[2]
    sheet.data_validation(top, first, bottom, first, {
        "validate": "list", "source": list(decisions), "input_title": "Decision",
        "input_message": "Choose what to do with this line.", "error_title": "Decision",
        "error_message": f"One of: {', '.join(decisions)}",
    })  # fmt: skip
    sheet.data_validation(top, first + 2, bottom, first + 2, {
        "validate": "date", "criteria": ">=", "value": date(2000, 1, 1), "error_title": day,
        "error_message": "A date such as 2026-11-04.",
    })  # fmt: skip


def _widths(table: ResultTable, headings: list[str]) -> list[float]:
    head = table.frame.index[:MEASURED_ROWS]
    sizes: list[float] = []
    for name, heading in zip(table.shown_columns, headings, strict=False):
        texts = column_texts(table, name, head)
        if table.kinds[name] is Kind.MONEY:
            texts = texts + [amount_text(v, c) for c, v in money_totals(table, name).items()]
        sizes.append(HASH_WIDTH if name.endswith(HASH) else width(texts, heading))
    return sizes + [float(size) for size in REVIEW_WIDTHS] * table.needs_review


def _longest(table: ResultTable, name: str) -> int:
    return max(
        (len(text) for text in column_texts(table, name, table.frame.index[:MEASURED_ROWS])), default=0
    )


def _unique(headings: list[str]) -> list[str]:
    """Headings that are all different and that a formula can name.

    Spreadsheets differ in how they escape the rest.
    """
    made: list[str] = []
    for given in headings:
        heading = " ".join(NOT_IN_HEADINGS.sub(" ", given).split())
        name, number = heading, 2
        while name.lower() in {known.lower() for known in made}:
            name, number = f"{heading} {number}", number + 1
        made.append(name)
    return made


def _head_style(cells: Cells, *, is_right: bool = False) -> Any:
    align = "right" if is_right else "left"
    return cells.style(
        bold=True, bg_color=BAND, bottom=2, bottom_color="#9AA5B1", text_wrap=True, align=align, indent=1
    )
