"""The reconciliation sheet: controls, the sums of this workbook's sheets, and the run's identities. Floor 3.

Sums of sheets and differences are live formulas; the sides of controls and identities are the run's own
values, and are headed so. Each formula carries the value that it must give, so that a viewer which does not
calculate shows the truth too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from arlib import money
from arlib.controls import Control, Status
from arlib.report.cells import COUNT_FORMAT, Cells, as_number, is_exact, money_format
from arlib.report.layout import ACCENT, BAND, LINE_POINTS, identifier, lines_of, set_up_page
from arlib.report.markup import OF_FILES, SIDES
from arlib.report.model import Report, ResultTable
from arlib.report.sheets import Place
from arlib.report.sums import total_formula
from arlib.report.totals import total_lines
from arlib.report.words import amount_text, counted
from arlib.tables import INPUTS, Kind

SHEET = "Reconciliation"
CONTROL_HEADS = (
    "Control",
    "Account",
    "Currency",
    *SIDES,
    "Difference",
    "Explained",
    "Unexplained",
    "Check",
)
SHEET_HEADS = ("Sum of a sheet, live", "Sheet", "Currency", "Computed by the run", "Live on sheet", "Difference",
               "", "", "Check")  # fmt: skip
IDENTITY_HEADS = ("Identity, values of the run", "", "Currency", *SIDES, "Difference", "", "", "Check")
WIDTHS = (70, 33, 10, 18, 18, 18, 18, 18, 14)
LEFT, RIGHT, DIFFERENCE, EXPLAINED, UNEXPLAINED, CHECK = 3, 4, 5, 6, 7, 8
GOOD: dict[str, Any] = {"bg_color": "#E6F4EE", "font_color": "#00513B"}
WORDS: dict[str, dict[str, Any]] = {
    "ties": GOOD,
    "explained": {"bg_color": "#E6F0F8", "font_color": "#084C74"},
    "BREAK": {"bg_color": "#FDEBE1", "font_color": "#9A3A00", "bold": True},
    "not run": {"bg_color": BAND, "font_color": "#4B5563"},
}


@dataclass(frozen=True)
class _Line:
    label: str
    sheet: str
    currency: str  # '' for counts of rows
    computed: int
    formula: str  # of the live side; '' writes `live` as a number
    live: int


def write_checks(cells: Cells, sheet: Any, report: Report, places: Sequence[Place]) -> None:
    """The sheet: controls first, then what the workbook proves about itself, then the run's identities."""
    for at, size in enumerate(WIDTHS):
        sheet.set_column(at, at, size)
    set_up_page(sheet, entity=report.scope.entity, title=SHEET, repeat_row=None)
    cells.text(sheet, 0, 0, SHEET, bold=True, font_size=14, font_color=ACCENT)
    _heads(cells, sheet, 2, CONTROL_HEADS)
    sheet.freeze_panes(3, 1)
    row = 3
    for number, control in enumerate(report.controls, start=1):
        _control_row(cells, sheet, row, control)
        _name_cells(cells.book, row, number, control)
        row += 1
    if not report.controls:
        cells.text(sheet, row, 0, "no controls")
        row += 1
    for heads, lines in ((SHEET_HEADS, _sheet_lines(places)), (IDENTITY_HEADS, _identity_lines(report))):
        if not lines:
            continue
        row += 1
        _heads(cells, sheet, row, heads)
        for line in lines:
            row += 1
            _check_row(cells, sheet, row, line)
        row += 1
    for word, look in WORDS.items():
        sheet.conditional_format(3, CHECK, row, CHECK, {
            "type": "cell", "criteria": "==", "value": f'"{word}"', "format": cells.style(**look),
        })  # fmt: skip


def _heads(cells: Cells, sheet: Any, row: int, heads: Sequence[str]) -> None:
    for at, head in enumerate(heads):
        align = {"align": "right"} if LEFT <= at < CHECK else {"align": "left", "indent": int(at == CHECK)}
        cells.text(
            sheet, row, at, head or " ", bold=True, bg_color=BAND, bottom=2, bottom_color="#9AA5B1", **align
        )


def _control_row(cells: Cells, sheet: Any, row: int, control: Control) -> None:
    code = control.currency
    sheet.set_row(row, LINE_POINTS * lines_of(control.title, WIDTHS[0]))
    cells.text(sheet, row, 0, control.title, text_wrap=True)
    cells.text(sheet, row, 1, control.account)
    cells.text(sheet, row, 2, money.iso_code(code))
    if control.difference is None:
        cells.text(sheet, row, LEFT, control.note or "input missing", font_color="#4B5563", italic=True)
        cells.text(sheet, row, CHECK, "not run", align="left", indent=1)
        return
    cells.amount(sheet, row, LEFT, control.left, code)
    cells.amount(sheet, row, RIGHT, control.right, code)
    _difference(cells, sheet, row, DIFFERENCE, LEFT, RIGHT, control.difference, code)
    cells.amount(sheet, row, EXPLAINED, control.explained, code)
    _difference(cells, sheet, row, UNEXPLAINED, DIFFERENCE, EXPLAINED, control.unexplained, code)
    at = xl_rowcol_to_cell(row, UNEXPLAINED)
    plain_word = "explained" if control.status is Status.EXPLAINED else "ties"
    if control.unexplained_count:  # documents without a cause that cancel out: equal totals do not tie
        plain_word = "BREAK"
    word = "BREAK" if control.unexplained else plain_word
    cells.formula(sheet, row, CHECK, f'=IF({at}=0,"{plain_word}","BREAK")', word, align="left", indent=1)


def _difference(
    cells: Cells, sheet: Any, row: int, at: int, first: int, second: int, minor: int, currency: str
) -> None:
    places = money.minor_places(currency)
    one, two = xl_rowcol_to_cell(row, first), xl_rowcol_to_cell(row, second)
    value = as_number(minor, currency) if is_exact(minor) else 0
    cells.formula(sheet, row, at, f"=ROUND({one}-{two},{places})", value,
                  num_format=money_format(currency), align="right")  # fmt: skip


def _name_cells(book: Any, row: int, number: int, control: Control) -> None:
    """Defined names of a control's figures, such as ar_01_control_account_1200_difference."""
    if control.difference is None:
        return
    stem = identifier(f"{number:02d} {control.name} {control.account}")
    for word, at in (
        ("left", LEFT),
        ("right", RIGHT),
        ("difference", DIFFERENCE),
        ("unexplained", UNEXPLAINED),
    ):
        book.define_name(
            f"{stem}_{word}", f"={SHEET}!{xl_rowcol_to_cell(row, at, row_abs=True, col_abs=True)}"
        )


def _sheet_lines(places: Sequence[Place]) -> list[_Line]:
    lines = []
    for place in places:
        if place.table.name == INPUTS.name:
            lines += _input_lines(place)
        elif place.fits and len(place.table.frame):
            lines += _total_lines(place)
            lines += _footing_lines(place)
    return lines


def _identity_lines(report: Report) -> list[_Line]:
    """The report's own identities; those of reading files stand on the sheet of inputs while they hold."""
    return [
        _Line(
            f"{i.name.replace('_', ' ')}: {i.left_label} = {i.right_label}",
            "",
            i.currency,
            i.left,
            "",
            i.right,
        )
        for i in report.identities
        if not (i.name.startswith(OF_FILES) and i.holds)
    ]


def _input_lines(place: Place) -> list[_Line]:
    """All rows of all files in one line: read from the files = taken up and set aside."""
    frame = place.table.frame
    if frame.empty or not place.fits:
        return []
    read, kept, aside = (int(frame[f"rows_{name}"].fillna(0).sum()) for name in ("in", "out", "rejected"))
    formula = f"=SUM({place.cells('rows_out')})+SUM({place.cells('rows_rejected')})"
    sides = counted(len(frame), "line")
    label = f"Rows in the files = rows read + rows set aside ({sides} by file, table and currency)"
    return [_Line(label, place.sheet, "", read, formula, kept + aside)]


def _total_lines(place: Place) -> list[_Line]:
    """Each total by currency (and account), computed as exact integers, against the sum of the cells."""
    table = place.table
    lines = []
    for line in [] if table.strong_rows else total_lines(table):
        for name in ["total"] if "total" in line.sums else line.sums:  # of an aging the total is enough
            label = f"Total of {table.heading(name)}" + (f", {line.group}" if line.group else "")
            formula = total_formula(place, name, line)
            lines.append(_Line(label, place.sheet, line.currency, line.sums[name], formula, line.sums[name]))
    return lines


def _footing_lines(place: Place) -> list[_Line]:
    """From each strong row to the next: what stands there against the sum of what leads to it."""
    table = place.table
    if not table.foots or not table.strong_rows:
        return []
    lines = []
    for name in (n for n in table.shown_columns if table.kinds[n] is Kind.MONEY):
        amounts = table.frame[name].fillna(0).astype("int64").tolist()
        currencies = table.currencies(name).tolist()
        for first, last in _runs(table):
            lines.append(
                _Line(f"{_group(table, last)} foots", place.sheet, currencies[last], amounts[last],
                      f"=SUM({place.cells(name, first, last - 1)})", sum(amounts[first:last]))
            )  # fmt: skip
    return lines


def _runs(table: ResultTable) -> list[tuple[int, int]]:
    strong = [
        at for at, is_strong in enumerate(table.frame[table.strong_rows].fillna(False).tolist()) if is_strong
    ]
    return list(zip(strong[::2], strong[1::2], strict=False))


def _group(table: ResultTable, row: int) -> str:
    parts = [
        str(table.frame[name].iloc[row]) for name in table.key[:-1] if not table.frame[name].isna().iloc[row]
    ]
    return " ".join((table.title, *(part for part in parts if part)))


def _check_row(cells: Cells, sheet: Any, row: int, line: _Line) -> None:
    sheet.set_row(row, LINE_POINTS * lines_of(line.label, WIDTHS[0]))
    cells.text(sheet, row, 0, line.label, text_wrap=True)
    cells.text(sheet, row, 1, line.sheet)
    cells.text(sheet, row, 2, money.iso_code(line.currency) or "rows")
    look = {"num_format": money_format(line.currency) if line.currency else COUNT_FORMAT, "align": "right"}
    places = money.minor_places(line.currency) if line.currency else 0
    sides = (line.computed, line.live)
    if not all(is_exact(side) for side in sides):
        for at, side in zip((LEFT, RIGHT), sides, strict=True):
            cells.text(
                sheet, row, at, amount_text(side, line.currency) if line.currency else f"{side:,}", **look
            )
        cells.text(
            sheet, row, CHECK, "ties" if line.computed == line.live else "BREAK", align="left", indent=1
        )
        return
    numbers = [as_number(side, line.currency) if line.currency else float(side) for side in sides]
    sheet.write_number(row, LEFT, numbers[0], cells.style(**look))
    if line.formula:
        cells.formula(sheet, row, RIGHT, line.formula, numbers[1], **look)
    else:
        sheet.write_number(row, RIGHT, numbers[1], cells.style(**look))
    one, two = xl_rowcol_to_cell(row, LEFT), xl_rowcol_to_cell(row, RIGHT)
    gap = round(numbers[0] - numbers[1], places)
    cells.formula(sheet, row, DIFFERENCE, f"=ROUND({one}-{two},{places})", gap, **look)
    at = xl_rowcol_to_cell(row, DIFFERENCE)
    cells.formula(
        sheet, row, CHECK, f'=IF({at}=0,"ties","BREAK")', "BREAK" if gap else "ties", align="left", indent=1
    )
