"""Advices as PDF: the text layer only."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from arlib.errors import SourceError
from arlib.sources.advice import pdftext
from arlib.sources.advice.pdf import FORM
from arlib.sources.forms import Form

Said = Callable[[Form, bytes], dict[str, list[dict[str, str]]]]
Made = Callable[..., bytes]
FIRST = """Payment advice                       Payer: Gamma GmbH
Payment reference: 2026-118

Invoice no     Date          Gross amount     Discount      Net amount
INV-1          2026-10-01       1,000.00        20.00          980.00
INV-2          2026-10-02         250.50         0.00          250.50
Page 1 of 2
"""
SECOND = """Invoice no     Date          Gross amount     Discount      Net amount
CM-3           2026-10-05         (30.50)        0.00          (30.50)
Total paid                                                   1,200.00 USD
Page 2 of 2
"""


def test_a_table_over_two_pages(said: Said, made_pdf: Made) -> None:
    """980.00 + 250.50 - 30.50 = 1,200.00."""
    found = said(FORM, made_pdf(FIRST, SECOND))
    (payment,) = found["payments"]
    assert (payment["amount"], payment["currency"], payment["payer_name"]) == ("1200.00", "USD", "Gamma GmbH")
    assert payment["trace"] == "2026-118"
    lines = [(row["reference"], row["gross"], row["discount"], row["net"]) for row in found["remittances"]]
    assert lines == [
        ("INV-1", "1000.00", "20.00", "980.00"),
        ("INV-2", "250.50", "0.00", "250.50"),
        ("CM-3", "-30.50", "0.00", "-30.50"),
    ]


def test_what_cannot_be_read_is_refused_in_words(made_pdf: Made) -> None:
    good = made_pdf(FIRST, SECOND)
    locked = good.replace(
        b"/Root 1 0 R", b"/Root 1 0 R /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O () /U () >>"
    )
    for content, words in (
        (made_pdf(""), "no text layer: a scan"),
        (made_pdf(FIRST), "no total to check them with"),
        (made_pdf(*["x"] * 201), "more than 200 pages"),
        (good[:-60], "is cut"),
        (b"%PDF-1.7\n" + b"\x00\xff" * 500 + b"%%EOF", "cannot be read as a PDF"),
        (locked, "encrypted|cannot be read"),
    ):
        with pytest.raises(SourceError, match=words):
            list(FORM.rows(io.BytesIO(content), "a.pdf"))


def test_a_pdf_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch, made_pdf: Made) -> None:
    monkeypatch.setattr(pdftext, "PATIENCE", 0.01)
    with pytest.raises(SourceError, match="takes too long"):
        list(FORM.rows(io.BytesIO(made_pdf(FIRST)), "a.pdf"))
