"""Workbooks of a posting folder: SAP documents to upload, the S/4 journal template. Floor 2.

Text is always text: no cell becomes a formula, an address or a number. Amounts are numbers with their currency's places up to
the fifteen digits that a spreadsheet keeps; larger ones are text in the target's style. The same batch gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import xlsxwriter

from arlib.money import minor_places, number_style, parse_minor
from arlib.sources.upload.accounts import DATE_STYLES, Accounts
from arlib.sources.upload.layout import Layout, day_text, styled
from arlib.sources.upload.sap import DOCUMENT_TYPES
from arlib.sources.upload.tables import JournalKind

if TYPE_CHECKING:
    from arlib.sources.upload.batch import Batch

INERT = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
EXACT_DIGITS = 10**15  # minor units below this are exact in a spreadsheet
AMOUNTS = {
    "WRBTR": "WAERS",
    "DMBTR": "_BOOKS",
}  # amount columns of SAP layouts and where their currency stands
ACCENT, BAND, SOFT, WARN, GOOD = "#1F4E79", "#E8EDF2", "#555555", "#9C2A00", "#1E6B34"
ROW_POINTS, TITLE_POINTS = 15, 24
JOURNAL_HEAD = (
    ("BUKRS", "*Company Code (4)"),
    ("BLART", "*Journal Entry Type (2)"),
    ("BLDAT", "*Journal Entry Date"),
    ("BUDAT", "*Posting Date"),
    ("MONAT", "Fiscal Period (2)"),
    ("BKTXT", "Document Header Text (25)"),
    ("WAERS", "*Transaction Currency (5)"),
    ("XBLNR", "Reference Document Number (16)"),
)
JOURNAL_LINE = (
    ("BUKRS", "Company Code (4)"),
    ("HKONT", "G/L Account (10)"),
    ("SGTXT", "Item Text (50)"),
    ("WRSOL", "Debit"),
    ("WRHAB", "Credit"),
    ("ZUONR", "Assignment (18)"),
)


class Book:
    """A workbook in memory with shared formats."""

    def __init__(self, batch: Batch, title: str) -> None:
        """Begin it; its date is the batch's, so that it hangs on no clock."""
        self._bytes = io.BytesIO()
        self.book = xlsxwriter.Workbook(self._bytes, INERT)
        day = batch.accounting_date
        created = datetime(day.year, day.month, day.day)  # noqa: DTZ001
        self.book.set_properties({"title": title, "author": "arlib", "created": created})
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}

    def sheet(self, name: str) -> Any:
        """A new sheet with rows of one height."""
        made = self.book.add_worksheet(name)
        made.set_default_row(ROW_POINTS)
        return made

    def style(self, **properties: object) -> Any:
        """The format with these properties, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(
                {"font_name": "Calibri", "font_size": 10, "valign": "vcenter", **properties}
            )
        return self._formats[key]

    def text(self, sheet: Any, row: int, column: int, value: str, **properties: object) -> None:
        """Text as text, whatever it begins with."""
        if value:
            sheet.write_string(row, column, value[:32767], self.style(**properties))
        elif properties:
            sheet.write_blank(row, column, None, self.style(**properties))

    def amount(
        self, sheet: Any, row: int, column: int, minor: int, currency: str, style: str, **properties: object
    ) -> None:
        """Money as a number with its currency's places; as text where a spreadsheet would lose a digit."""
        places = minor_places(currency)
        if abs(minor) < EXACT_DIGITS:
            form = "#,##0" + (f".{'0' * places}" if places else "")
            sheet.write_number(
                row,
                column,
                Decimal(minor).scaleb(-places),
                self.style(num_format=form, align="right", **properties),
            )
        else:
            self.text(sheet, row, column, styled(minor, currency, style), align="right", **properties)

    def heads(self, sheet: Any, row: int, heads: Sequence[str], right: Sequence[str] = ()) -> None:
        """A row of column heads; those of `right` stand over amounts."""
        for at, head in enumerate(heads):
            self.text(
                sheet,
                row,
                at,
                head,
                bold=True,
                bg_color=BAND,
                bottom=1,
                align="right" if head in right else "left",
            )

    def done(self) -> bytes:
        """The finished file."""
        self.book.close()
        return self._bytes.getvalue()


def layout_workbook(batch: Batch, layouts: Sequence[Layout]) -> bytes:
    """The layouts as sheets: the same rows as their CSV files, with amounts as numbers."""
    made = Book(batch, f"Batch {batch.batch_id}")
    for layout in layouts:
        sheet = made.sheet(layout.name.removesuffix(".csv").removeprefix("sap_").capitalize()[:31])
        amounts = {name: code for name, code in AMOUNTS.items() if name in layout.columns}
        made.heads(sheet, 0, layout.columns, right=[*amounts])
        style = number_style(layout.number_style)
        widths = [len(column) + 4 for column in layout.columns]
        for at, row in enumerate(layout.rows, 1):
            for place, column in enumerate(layout.columns):
                text = row.get(column, "")
                widths[place] = min(max(widths[place], len(text) + 2), 52)
                if text and column in amounts:
                    currency = row[amounts[column]]
                    made.amount(
                        sheet,
                        at,
                        place,
                        parse_minor(text, style, places=minor_places(currency)),
                        currency,
                        layout.number_style,
                    )
                else:
                    made.text(sheet, at, place, text)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        sheet.freeze_panes(1, 0)
        page(sheet, batch, repeat=0)
    return made.done()


def journal_workbook(batch: Batch, journals: Sequence[Sequence[dict[Any, Any]]], accounts: Accounts) -> bytes:
    """General journals as the S/4 upload of journal entries takes them: numbered blocks of a header and its line items."""
    made, options = Book(batch, f"Journal entries of batch {batch.batch_id}"), accounts.sap
    sheet = made.sheet("Journal Entries")
    sheet.set_row(0, TITLE_POINTS)
    made.text(sheet, 0, 0, "Upload General Journal Entries", bold=True, font_size=14, font_color=ACCENT)
    made.text(sheet, 1, 0, f"Batch ID: {batch.batch_id}")
    at = 3
    for number, lines in enumerate(journals, 1):
        first = lines[0]
        company = options.company_code.get(first["entity"], first["entity"])
        kind = JournalKind(first["journal_kind"])
        form = DATE_STYLES[options.date_style]
        head = {
            "BUKRS": company,
            "BLART": options.document_type.get(kind, DOCUMENT_TYPES[kind]),
            "BLDAT": day_text(first["document_date"], form),
            "BUDAT": day_text(first["gl_date"], form),
            "BKTXT": f"Batch {batch.batch_id}"[:25],
            "WAERS": first["currency"],
            "XBLNR": first["reference"],
        }
        made.text(sheet, at, 0, str(number), bold=True)
        made.text(sheet, at, 1, "Header", bold=True, font_color=ACCENT)
        _block(made, sheet, at + 1, JOURNAL_HEAD)
        for place, (name, _) in enumerate(JOURNAL_HEAD, 1):
            made.text(sheet, at + 3, place, head.get(name, ""))
        made.text(sheet, at + 5, 1, "Line Items", bold=True, font_color=ACCENT)
        _block(made, sheet, at + 6, JOURNAL_LINE)
        at += 8
        for row in lines:
            amount = int(row["amount"])
            texts = {
                "BUKRS": company,
                "HKONT": row["account"],
                "SGTXT": _safe(row["text"]),
                "ZUONR": row["document_no"],
            }
            for place, (name, _) in enumerate(JOURNAL_LINE, 1):
                if name in ("WRSOL", "WRHAB"):
                    if (amount > 0) == (name == "WRSOL"):
                        made.amount(sheet, at, place, abs(amount), row["currency"], options.number_style)
                else:
                    made.text(sheet, at, place, str(texts[name]))
            at += 1
        at += 1
    for place, width in enumerate((4, 18, 24, 40, 16, 18, 26, 26, 30)):
        sheet.set_column(place, place, width)
    page(sheet, batch, repeat=None)
    return made.done()


def _safe(text: str) -> str:
    return Layout("sap_journals.xlsx", ()).text(text, "SGTXT", 50, "")


def _block(made: Book, sheet: Any, row: int, columns: Sequence[tuple[str, str]]) -> None:
    for place, (name, title) in enumerate(columns, 1):
        align = "right" if name in ("WRSOL", "WRHAB") else "left"
        made.text(sheet, row, place, name, bg_color=BAND, align=align)
        made.text(sheet, row + 1, place, title, bg_color=BAND, bold=True, bottom=1, align=align)


def page(sheet: Any, batch: Batch, *, repeat: int | None) -> None:
    """Landscape, one page wide, with the batch and its state at the foot."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    state = "" if batch.is_approved else " PROPOSAL"
    sheet.set_footer(f"&LBatch {batch.batch_id}{state}&RPage &P of &N")
    if repeat is not None:
        sheet.repeat_rows(repeat)
