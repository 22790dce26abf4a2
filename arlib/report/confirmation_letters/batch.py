"""Confirmation letters as PDF, and the control sheet for the auditor to keep, by file name. Floor 3."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from arlib.audit.evidence.confirm_replies import REPLY_COLUMNS
from arlib.money import format_minor
from arlib.report.confirmation_letters.model import ConfirmationLetter
from arlib.report.documents.pdf import pdf_bytes
from arlib.report.letters import LetterTemplates
from arlib.sources.export import inert
from arlib.tables.rows import is_none, records

TEMPLATES = LetterTemplates(Path(__file__).parent / "templates")
SHEET = "control-sheet.csv"
SHOWN = ("customer_id", "customer_name", "currency", "amount", "form", "address", "email")


def pdfs_of(letters: Iterable[ConfirmationLetter]) -> dict[str, bytes]:
    """Each letter as PDF under its number. Raises NotInstalledError where WeasyPrint or pango is missing."""
    return {f"{letter.number}.pdf": pdf_bytes(TEMPLATES.html(letter)) for letter in letters}


def template_of(sheet: pd.DataFrame) -> bytes:
    """The control sheet as CSV for the auditor to keep and to send back as `replies`: the facts of each letter, then the
    columns to fill in, with what is recorded already. UTF-8, LF; texts that a spreadsheet would run are made inert.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("request_no", *SHOWN, *REPLY_COLUMNS[1:]))
    for row in records(sheet):
        cells = []
        for name in ("request_no", *SHOWN, *REPLY_COLUMNS[1:]):
            value = row[name]
            if name == "status" or is_none(value):
                cells.append("")
            elif name in ("amount", "replied_amount"):
                cells.append(format_minor(int(value), str(row["currency"])))
            elif name in ("sent_on", "replied_on"):
                cells.append(f"{value:%Y-%m-%d}")
            else:
                cells.append(str(value) if name in ("request_no", "customer_id") else inert(str(value)))
        writer.writerow(cells)
    return out.getvalue().encode("utf-8")
