"""A report as one workbook: summary, checks, exceptions to decide on, tables, parameters, inputs.

Floor 3.

Text from data is never a formula or an address. Money is a number with the places of its currency, exact to
the last. The same report gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from arlib.controls import Control, Status
from arlib.money import iso_code
from arlib.report.cells import Cells
from arlib.report.checks import SHEET as CHECKS
from arlib.report.checks import WORDS, write_checks
from arlib.report.layout import ACCENT, BAND, LINE_POINTS, SOFT, lines_of, set_up_page, sheet_name
from arlib.report.markup import SIDES
from arlib.report.model import Report, ResultTable
from arlib.report.presentation import presentation
from arlib.report.sheets import LARGEST_TABLE, Place, write_table
from arlib.report.tables import inputs_table, problems_table
from arlib.report.words import inert, scope_facts, status_text

CONTROL_HEADS = ("Control", "Status", "Currency", *SIDES, "Difference", "Unexplained",
                 "Documents", "Oldest", "Owner", "Note")  # fmt: skip
CONTROL_WIDTHS = (46, 25, 9, 17, 17, 16, 16, 11, 12, 16, 34)
LINE_CHARACTERS = 190  # of a sentence across all columns
LOOKS = {
    Status.TIED: WORDS["ties"],
    Status.EXPLAINED: WORDS["explained"],
    Status.UNEXPLAINED: WORDS["BREAK"],
    Status.NO_INPUT: WORDS["not run"],
}
INERT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_workbook(
    report: Report, path: Path | str, *, properties: Mapping[str, str], data: str = ""
) -> Path:
    """Write the workbook and return its path. `properties` (run, hash, ...) become document properties.

    A table beyond 200,000 rows makes the whole workbook one without Excel tables, written in constant
    memory; one beyond 500,000 shows the totals and first rows and names its files in `data`, the folder of the
    data files as seen from the workbook ('' for the workbook's own).
    """
    places = _places(report)
    is_constant = any(place.fits and len(place.table.frame) > LARGEST_TABLE for place in places)
    book = xlsxwriter.Workbook(
        str(path), {**INERT, "constant_memory": is_constant, "in_memory": not is_constant}
    )
    cells = Cells(book)
    _set_properties(book, report, properties)
    _write_summary(cells, book.add_worksheet("Summary"), report)
    read = Place("Inputs", inputs_table(report.inputs))
    write_checks(cells, book.add_worksheet(CHECKS), report, (*places, read))
    for place in places:
        write_table(cells, book.add_worksheet(place.sheet), place, entity=report.scope.entity,
                    as_of=report.scope.as_of, is_constant=is_constant, data=data)  # fmt: skip
    _write_parameters(cells, book.add_worksheet("Parameters"), report, properties)
    for place in (read, Place("Problems", problems_table(report.problems))):
        write_table(cells, book.add_worksheet(place.sheet), place, entity=report.scope.entity,
                    as_of=report.scope.as_of, is_constant=is_constant)  # fmt: skip
    book.read_only_recommended()
    book.close()
    return Path(path)


def _places(report: Report) -> tuple[Place, ...]:
    """The tables in sheet order: what needs a person first, detail last."""
    taken = ["Summary", CHECKS, "Parameters", "Inputs", "Problems"]
    ordered: list[ResultTable] = [
        *(table for table in report.tables if table.needs_review),
        *(table for table in report.tables if not table.needs_review and not table.is_detail),
        *(table for table in report.tables if not table.needs_review and table.is_detail),
    ]
    made = []
    for table in ordered:
        made.append(Place(sheet_name(presentation(table).sheet or table.title, taken), table))
        taken.append(made[-1].sheet)
    return tuple(made)


def _set_properties(book: Any, report: Report, properties: Mapping[str, str]) -> None:
    scope = report.scope
    book.set_properties({
        "title": f"{report.title}, {scope.entity} {scope.period}",
        "subject": report.question,
        "author": "arlib",
        "company": scope.entity_name,
        "created": datetime(scope.as_of.year, scope.as_of.month, scope.as_of.day),  # noqa: DTZ001
    })  # fmt: skip
    book.set_custom_property("Status", report.status.value, "text")
    for name, value in properties.items():
        book.set_custom_property(name, str(value)[:255], "text")
    book.set_size(2400, 1400)


def _write_summary(cells: Cells, sheet: Any, report: Report) -> None:
    for at, size in enumerate(CONTROL_WIDTHS):
        sheet.set_column(at, at, size)
    set_up_page(sheet, entity=report.scope.entity, title=report.title, repeat_row=None)
    cells.text(sheet, 0, 0, report.title, bold=True, font_size=16, font_color=ACCENT)
    cells.text(sheet, 1, 0, report.question, font_color=SOFT)
    cells.text(sheet, 2, 0, f"Status: {status_text(report.status)}", **{**LOOKS[report.status], "bold": True})
    row = 4
    for name, value in {**scope_facts(report.scope), "For": report.reader}.items():
        cells.text(sheet, row, 0, name, font_color=SOFT)
        cells.text(sheet, row, 1, value)
        row += 1
    row = _heading(cells, sheet, row + 1, "Controls")
    for at, head in enumerate(CONTROL_HEADS):
        align = "right" if 3 <= at <= 7 else "left"
        cells.text(sheet, row, at, head, bold=True, bg_color=BAND, bottom=2, bottom_color="#9AA5B1",
                   align=align,
                   indent=int(at > 7))  # fmt: skip
    for control in report.controls:
        row += 1
        _control_row(cells, sheet, row, control)
    row = _sentences(
        cells, sheet, row + 2, "What to decide next", report.findings or ("Nothing needs a decision.",)
    )
    if report.limits:
        _sentences(cells, sheet, row + 1, "What these figures do not say", report.limits)


def _control_row(cells: Cells, sheet: Any, row: int, control: Control) -> None:
    ran = control.difference is not None
    tall = max(lines_of(control.title, CONTROL_WIDTHS[0]), lines_of(control.note, CONTROL_WIDTHS[-1]))
    sheet.set_row(row, LINE_POINTS * tall)
    cells.text(sheet, row, 0, control.title, text_wrap=True)
    cells.text(sheet, row, 1, status_text(control.status), **LOOKS[control.status])
    cells.text(sheet, row, 2, iso_code(control.currency))
    amounts = (control.left, control.right, control.difference, control.unexplained if ran else None)
    for at, minor in enumerate(amounts, start=3):
        cells.amount(sheet, row, at, minor, control.currency)
    if control.count:
        sheet.write_number(row, 7, control.count, cells.style(num_format="#,##0", align="right"))
    cells.day(sheet, row, 8, control.oldest, indent=1)
    cells.text(sheet, row, 9, control.owner, indent=1)
    cells.text(sheet, row, 10, control.note, text_wrap=True, indent=1)


def _write_parameters(cells: Cells, sheet: Any, report: Report, properties: Mapping[str, str]) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    set_up_page(sheet, entity=report.scope.entity, title="Parameters", repeat_row=None)
    row = 0
    counts = {name.replace("_", " ").capitalize(): f"{count:,}" for name, count in report.counts.items()}
    blocks = (
        ("Scope", scope_facts(report.scope)),
        ("Policies", report.parameters),
        ("Counts", counts),
        ("Run", properties),
    )
    for title, facts in blocks:
        if not facts:
            continue
        row = _heading(cells, sheet, row, title)
        for name, value in facts.items():
            cells.text(sheet, row, 0, name, font_color=SOFT)
            cells.text(sheet, row, 1, value, text_wrap=True)
            row += 1
        row += 1


def _heading(cells: Cells, sheet: Any, row: int, title: str) -> int:
    cells.text(sheet, row, 0, title, bold=True, font_size=12, font_color=ACCENT)
    return row + 1


def _sentences(cells: Cells, sheet: Any, row: int, title: str, sentences: tuple[str, ...]) -> int:
    row = _heading(cells, sheet, row, title)
    for sentence in sentences:
        style = cells.style(text_wrap=True, align="left")
        sheet.set_row(row, LINE_POINTS * lines_of(sentence, LINE_CHARACTERS))
        sheet.merge_range(row, 0, row, len(CONTROL_HEADS) - 1, "", style)
        sheet.write_string(row, 0, f"• {inert(sentence)}", style)
        row += 1
    return row
