"""The list of requests as a workbook: every request a row, and no text of it a formula."""

from __future__ import annotations

import io
from datetime import datetime

import openpyxl

from arlib.report.audit.pbc_list import HEADINGS, pbc_workbook


def test_a_request_is_a_row_and_its_question_is_text() -> None:
    entry = dict.fromkeys(HEADINGS, "") | {
        "request_id": "PBC-1",
        "question": '=HYPERLINK("http://x","y")',
        "status": "overdue",
    }
    data = pbc_workbook([entry, entry], as_of=datetime(2026, 11, 1))  # noqa: DTZ001
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [cell.value for cell in sheet[1]] == [heading for heading, _ in HEADINGS.values()]
    assert sheet.max_row == 3
    question = sheet["C2"]
    assert (question.value, question.data_type) == ('=HYPERLINK("http://x","y")', "s")
    assert sheet["I2"].value == "overdue"
