"""One result table on one sheet.

A real Excel table with typed cells, totals and, where asked, reviewer columns.

Floor 3. Where each table stands is known before it is written (`place`), so that the checks on an earlier
sheet can point at it; rows are written in order, as the constant-memory mode of very large workbooks needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from xlsxwriter.utility import xl_range_abs

from arlib.report.cells import Cells, as_number, is_exact, money_format
from arlib.report.layout import (
    ACCENT,
    BAND,
    SOFT,
    identifier,
    set_up_page,
    width,
)
from arlib.report.markup import column_texts
from arlib.report.model import ResultTable
from arlib.report.rows import HASH, MEASURED_ROWS, write_rows
from arlib.report.sums import single_totals, write_lines_below
from arlib.report.totals import money_totals, total_lines
from arlib.report.words import RIGHT_ALIGNED, amount_text, counted
from arlib.tables import Kind

HEAD_ROW = 3  # title, note, blank, headings
LARGEST_TABLE = 200_000  # rows; beyond it the workbook is written in constant memory, without Excel tables
MOST_ROWS = 500_000  # a sheet could hold 1,048,576, but few computers work with it then
FIRST_ROWS = 1_000  # of a table that is longer: what its sheet shows below the totals of all rows
DECISIONS = ("accept", "correct", "investigate", "dispute")
REVIEW_COLUMNS = ("Decision", "Decided by", "Decided on", "Comment")
NOT_IN_HEADINGS = re.compile(r"[\[\]#'\"@,:;]")
REVIEW_WIDTHS = (14, 18, 14, 44)
HASH_WIDTH = 16.0  # compared by machines: one line, whatever shows of it
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
        """Whether the sheet has all rows."""
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
    cells: Cells, sheet: Any, place: Place, *, entity: str, as_of: date, is_constant: bool, data: str = ""
) -> None:
    """The whole sheet of one table.

    A table too long for a sheet shows its totals and first rows and says where all rows are: in files below
    `data`, a folder as seen from the workbook, '' for its own.
    """
    table = place.table
    names = list(table.shown_columns)
    extra = REVIEW_COLUMNS if table.needs_review else ()
    headings = _unique([table.heading(name) for name in names] + list(extra))
    for at, size in enumerate(_widths(table, headings)):
        sheet.set_column(at, at, size)
    set_up_page(sheet, entity=entity, title=table.title, repeat_row=HEAD_ROW if len(table.frame) else None)
    cells.text(sheet, 0, 0, table.title, bold=True, font_size=14, font_color=ACCENT)
    rows = "" if table.is_cut else f"{counted(len(table.frame), 'row')}. "
    said = f"{entity}, as of {as_of:%Y-%m-%d}: {rows}{table.note}".strip()
    cells.text(sheet, 1, 0, said, font_color=SOFT, italic=True)
    if table.frame.empty:
        cells.text(sheet, HEAD_ROW, 0, "" if table.is_cut else "none")
        return
    if not place.fits:
        _write_beginning(cells, sheet, table, names, headings, data=data)
        return
    sheet.freeze_panes(HEAD_ROW + 1, 1 if len(names) > 5 else 0)
    _write_heads(cells, sheet, table, names, headings)
    write_rows(cells, sheet, table, top=HEAD_ROW + 1, blanks=len(extra))
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


def _write_heads(cells: Cells, sheet: Any, table: ResultTable, names: list[str], headings: list[str]) -> None:
    head = _head_style(cells)
    for at, heading in enumerate(headings):
        right = at < len(names) and table.kinds[names[at]] in RIGHT_ALIGNED
        sheet.write_string(HEAD_ROW, at, heading, _head_style(cells, is_right=True) if right else head)


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


def _write_beginning(
    cells: Cells, sheet: Any, table: ResultTable, names: list[str], headings: list[str], *, data: str
) -> None:
    """Where all rows are, the totals of all of them by currency, and the first of them."""
    files = f"{data}/{table.name}" if data else table.name
    cells.text(
        sheet, 2, 0,
        f"Too long for a sheet. Below are the totals of all {len(table.frame):,} rows, then the first {FIRST_ROWS:,}; "
        f"all rows are in {files}.parquet and, for reading, {files}.csv.", bold=True,
    )  # fmt: skip
    lines = [] if table.strong_rows else total_lines(table)
    sheet.freeze_panes(HEAD_ROW + 1 + len(lines), 1 if len(names) > 5 else 0)
    _write_heads(cells, sheet, table, names, headings[: len(names)])
    row = HEAD_ROW + 1
    for line in lines:
        if names[0] not in line.sums:
            cells.text(sheet, row, 0, line.label, bold=True, align="left", indent=1)
        for name, minor in line.sums.items():
            cells.amount(sheet, row, names.index(name), minor, line.currency, bold=True)
        row += 1
    first = replace(table, frame=table.frame.head(FIRST_ROWS))
    write_rows(cells, sheet, first, top=row)


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
