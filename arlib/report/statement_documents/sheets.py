"""A statement as a workbook: one sheet a currency, typed cells, the total as a live sum. Floor 3.

Text from data is never a formula or an address. The same statement gives the same bytes.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_abs

from arlib.collect.statements import Section, Statement
from arlib.collect.statements.references import in_fours
from arlib.money import iso_code
from arlib.policy.statement import StatementKind
from arlib.report.cells import Cells, as_number, is_exact, money_format
from arlib.report.layout import ACCENT, BAND, SOFT, set_up_page, sheet_name
from arlib.report.statement_documents.view import total_word
from arlib.report.statement_documents.words import bucket_of, words_of

INERT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
OPEN_HEADS = (
    "account",
    "document",
    "type",
    "date",
    "due",
    "late",
    "reference",
    "disputed_mark",
    "amount",
    "open",
)
OPEN_WIDTHS = (14, 20, 26, 12, 12, 10, 20, 14, 17, 17)
MOVE_HEADS = ("account", "document", "type", "date", "reference", "amount")
MOVE_WIDTHS = (14, 20, 30, 12, 24, 17)
NUMBERS = ("late", "disputed_mark", "amount", "open")


def statement_xlsx(statement: Statement) -> bytes:
    """The workbook of a statement, a sheet for each currency; of one without any, a sheet that says so."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {**INERT, "in_memory": True})
    cells, words = Cells(book), words_of(statement.language)
    day = statement.as_of
    book.set_properties(
        {
            "title": f"{words['title']} {statement.number}",
            "author": statement.entity_name,
            "created": datetime(day.year, day.month, day.day),  # noqa: DTZ001
        }
    )
    taken: list[str] = []
    for section in statement.sections:
        name = sheet_name(section.currency, taken)
        taken.append(name)
        _write_section(cells, book.add_worksheet(name), statement, section)
    if not statement.sections:
        sheet = book.add_worksheet(sheet_name(words["title"], taken))
        row = _write_head(cells, sheet, statement)
        cells.text(sheet, row + 1, 0, words["nothing"])
    book.close()
    return made.getvalue()


def _write_head(cells: Cells, sheet: Any, statement: Statement) -> int:
    """Issuer, title and facts; the row after them."""
    words = words_of(statement.language)
    cells.text(sheet, 0, 0, statement.entity_name, bold=True)
    cells.text(sheet, 1, 0, words["title"], bold=True, font_size=14, font_color=ACCENT)
    cells.text(sheet, 2, 0, words["customer"], font_color=SOFT)
    cells.text(sheet, 2, 1, statement.customer_id)
    cells.text(sheet, 2, 2, statement.name)
    cells.text(sheet, 3, 0, words["as_of"], font_color=SOFT)
    cells.day(sheet, 3, 1, statement.as_of)
    row = 4
    if statement.kind is StatementKind.BALANCE_FORWARD:
        cells.text(sheet, row, 0, words["period"], font_color=SOFT)
        cells.day(sheet, row, 1, statement.starts_on)
        cells.day(sheet, row, 2, statement.ends_on)
        row += 1
    return row


def _write_section(cells: Cells, sheet: Any, statement: Statement, section: Section) -> None:
    words, code = words_of(statement.language), section.currency
    is_forward = statement.kind is StatementKind.BALANCE_FORWARD
    heads, widths = (MOVE_HEADS, MOVE_WIDTHS) if is_forward else (OPEN_HEADS, OPEN_WIDTHS)
    for at, size in enumerate(widths):
        sheet.set_column(at, at, size)
    row = _write_head(cells, sheet, statement)
    cells.text(sheet, row, 0, words["currency"], font_color=SOFT)
    cells.text(sheet, row, 1, iso_code(code))
    row += 2
    set_up_page(sheet, entity=statement.entity_name, title=words["title"], repeat_row=row)
    for at, head in enumerate(heads):
        align = "right" if head in NUMBERS else "left"
        aside = {"indent": 1} if head == "reference" else {}
        cells.text(
            sheet, row, at, _heading(words[head]), bold=True, bg_color=BAND, bottom=2, align=align, **aside
        )
    sheet.freeze_panes(row + 1, 2)
    first = row + 1
    last = (_write_moves if is_forward else _write_lines)(cells, sheet, first, statement, section)
    row = _write_total(cells, sheet, first, last, len(heads) - 1, statement, section)
    row = _write_aging(cells, sheet, row + 1, statement, section)
    if statement.has_slip and section.has_slip:
        _write_slip(cells, sheet, row + 1, statement, section)


def _heading(word: str) -> str:
    """A word over a column, with a capital as its neighbours have."""
    return word[:1].upper() + word[1:]


def _write_lines(cells: Cells, sheet: Any, row: int, statement: Statement, section: Section) -> int:
    """The open items from a row on; the row after them."""
    words = words_of(statement.language)
    for line in section.lines:
        number = line.document_no or line.item_id
        if line.instalment_no is not None:
            number = f"{number} ({words['part']} {line.instalment_no})"
        cells.text(sheet, row, 0, line.customer_id)
        cells.text(sheet, row, 1, number)
        cells.text(sheet, row, 2, words[f"kind_{line.item_type}"])
        cells.day(sheet, row, 3, line.document_date)
        cells.day(sheet, row, 4, line.due_date)
        if line.days_past_due is not None and line.days_past_due > 0 and line.outstanding > 0:
            sheet.write_number(row, 5, line.days_past_due, cells.style(align="right"))
        cells.text(sheet, row, 6, line.reference, indent=1)
        if line.disputed:
            cells.amount(sheet, row, 7, line.disputed, section.currency)
        cells.amount(sheet, row, 8, line.amount, section.currency)
        cells.amount(sheet, row, 9, line.outstanding, section.currency)
        row += 1
    return row


def _write_moves(cells: Cells, sheet: Any, row: int, statement: Statement, section: Section) -> int:
    """The opening balance and the movements from a row on; the row after them."""
    words = words_of(statement.language)
    cells.text(sheet, row, 2, words["opening"], bold=True)
    cells.day(sheet, row, 3, statement.starts_on)
    cells.amount(sheet, row, 5, section.opening or 0, section.currency, bold=True)
    row += 1
    for move in section.movements:
        cells.text(sheet, row, 0, move.customer_id)
        cells.text(sheet, row, 1, move.document_no)
        cells.text(sheet, row, 2, words[f"kind_{move.kind}"])
        cells.day(sheet, row, 3, move.on)
        cells.text(sheet, row, 4, move.reference, indent=1)
        cells.amount(sheet, row, 5, move.amount, section.currency)
        row += 1
    return row


def _write_total(
    cells: Cells, sheet: Any, first: int, last: int, at: int, statement: Statement, section: Section
) -> int:
    """The closing balance as a live sum of the lines above it, and what of it is past due; the row after."""
    words, code = words_of(statement.language), section.currency
    cells.text(sheet, last, 0, words[total_word(section)], bold=True, top=1)
    for column in range(1, at):
        sheet.write_blank(last, column, None, cells.style(top=1))
    amounts = [section.opening or 0, *(move.amount for move in section.movements)]
    if section.opening is None:
        amounts = [line.outstanding for line in section.lines]
    if last > first and is_exact(section.closing) and all(map(is_exact, amounts)):
        cells.formula(
            sheet, last, at, f"=SUM({xl_range_abs(first, at, last - 1, at)})", as_number(section.closing, code),
            num_format=money_format(code), align="right", bold=True, top=1,
        )  # fmt: skip
    else:
        cells.amount(sheet, last, at, section.closing, code, bold=True, top=1)
    row = last + 1
    parts = (("past_due", section.past_due), ("disputed", section.disputed), ("credits", section.credits))
    for name, amount in parts:
        if amount:
            cells.text(sheet, row, 0, words[name], font_color=SOFT)
            cells.amount(sheet, row, at, amount, code, font_color=SOFT)
            row += 1
    return row


def _write_aging(cells: Cells, sheet: Any, row: int, statement: Statement, section: Section) -> int:
    words = words_of(statement.language)
    cells.text(sheet, row, 0, words["aging"], bold=True, font_color=ACCENT)
    row += 1
    for bucket, amount in (*section.aging, ("", section.closing)):
        style: dict[str, object] = {} if bucket else {"bold": True, "top": 1}
        cells.text(sheet, row, 0, bucket_of(bucket, words) if bucket else words["total"], **style)
        cells.amount(sheet, row, 1, amount, section.currency, **style)
        row += 1
    return row


def _write_slip(cells: Cells, sheet: Any, row: int, statement: Statement, section: Section) -> None:
    words, remit = words_of(statement.language), section.remit_to
    cells.text(sheet, row, 0, words["slip"], bold=True, font_color=ACCENT)
    facts = [(words["creditor_reference"], in_fours(section.reference))] if section.reference else []
    if remit is not None:
        facts += [
            (words["pay_to"], remit.holder or statement.entity_name),
            (words["bank"], remit.bank),
            (words["bank_account"], remit.account),
            (words["bank_code"], remit.bank_code),
        ]
    cells.text(sheet, row + 1, 0, words["amount_due" if section.past_due else "closing"], font_color=SOFT)
    cells.amount(sheet, row + 1, 1, section.closing, section.currency)
    for at, (name, value) in enumerate((pair for pair in facts if pair[1]), start=row + 2):
        cells.text(sheet, at, 0, name, font_color=SOFT)
        cells.text(sheet, at, 1, value)
