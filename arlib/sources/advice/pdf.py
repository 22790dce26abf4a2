"""Remittance advices as PDF: the text layer, where its rows can be read with certainty. Floor 2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from arlib.errors import SourceError
from arlib.sources.advice import pdftext
from arlib.sources.advice.table import read_table
from arlib.sources.forms.form import Form, Row

_FAULTS = {
    "encrypted": ("is encrypted", "Ask the sender for one without a password."),
    "pages": (f"has more than {pdftext.MAX_PAGES} pages", "Split it."),
    "large": (f"is larger than {pdftext.MAX_BYTES >> 20} MiB", "Split it."),
    "slow": ("takes too long to read", "It may be damaged; ask the sender for another."),
    "damaged": ("cannot be read as a PDF", "It may be cut; fetch it again."),
}


def claims(head: bytes) -> bool:
    """A PDF."""
    return head.startswith(b"%PDF-")


def rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    """One payment and its remittances. Raises SourceError where the text layer is missing or not certain."""
    content = stream.read(pdftext.MAX_BYTES + 1)
    yield from read_table(text_layer(content, name), name)


def text_layer(content: bytes, name: str) -> str:
    """The text of all pages. Raises SourceError where there is none: a scan, encrypted, damaged, too large."""
    if b"%%EOF" not in content[-1024:]:
        raise SourceError("is cut: the end of a PDF (%%EOF) is missing", where=name, fix="Fetch it again.")
    pages, fault = pdftext.pages_of(content)
    if fault:
        message, fix = _FAULTS.get(fault, _FAULTS["damaged"])
        raise SourceError(message, where=name, fix=fix)
    text = "\n".join(pages)
    if not text.strip():
        raise SourceError(
            "has no text layer: a scan",
            where=name,
            found=f"{len(pages)} pages without text",
            fix="Ask the sender for the advice as text, CSV or EDI.",
        )
    return text


FORM = Form(name="advice-pdf", title="Remittance advice, PDF", family="remittance", claims=claims, rows=rows)
