"""The register of requests as a workbook: the list of what is provided by the client, with its status. Floor 3."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

import xlsxwriter

from arlib.report.words import plain

HEADINGS = {
    "request_id": ("Request", 14),
    "kind": ("Kind", 22),
    "question": ("Question", 48),
    "entity": ("Entity", 9),
    "as_of": ("As of", 11),
    "asked_by": ("Asked by", 28),
    "asked_on": ("Asked on", 11),
    "due_on": ("Due on", 11),
    "status": ("Status", 20),
    "late_days": ("Days late", 9),
    "outcome": ("Controls", 12),
    "answered_at": ("Answered (UTC)", 20),
    "answered_by": ("Prepared by", 14),
    "reviewed_by": ("Reviewed by", 14),
    "sent_at": ("Sent on", 11),
    "unreviewed": ("Sent without review", 10),
    "population_sha256": ("Sealed population (SHA-256)", 68),
    "seed": ("Seed", 34),
    "seed_by": ("Seed named by", 12),
    "pack": ("Pack", 44),
    "pack_sha256": ("Pack hash (SHA-256)", 68),
    "note": ("Note", 30),
}
LOUD = {
    "overdue": "#F8D7DA",
    "open": "#FFF3CD",
    "waiting for the seed": "#FFF3CD",
}  # the word stands in the cell too


def pbc_workbook(entries: Sequence[Mapping[str, object]], *, as_of: datetime) -> bytes:
    """The entries of the register (see `arlib.run.audit.register.Entry`), one a row, with filters; text stays text."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(
        made,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": "Requests of the auditors", "author": "arlib", "created": as_of})
    sheet = book.add_worksheet("Requests")
    head = book.add_format({"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "text_wrap": True})
    usual = {"text_wrap": True, "valign": "top"}
    styles = {word: book.add_format({**usual, "bg_color": colour}) for word, colour in LOUD.items()}
    text = book.add_format(usual)
    for column, (heading, width) in enumerate(HEADINGS.values()):
        sheet.write_string(0, column, heading, head)
        sheet.set_column(column, column, width)
    for row, entry in enumerate(entries, 1):
        for column, name in enumerate(HEADINGS):
            told = entry[name]
            value = plain("yes" if told is True else "" if not told else str(told), limit=1000)
            style = styles.get(value, text) if name == "status" else text
            sheet.write_string(row, column, value, style)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(entries)), len(HEADINGS) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    book.close()
    return made.getvalue()
