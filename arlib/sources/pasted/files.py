"""A customer's statement out of a file: workbook, PDF with a text layer, or text. Floor 2."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

import pandas as pd

from arlib.errors import SourceError
from arlib.sources.edi.characters import text_of
from arlib.sources.pasted.cells import MAX_LINES
from arlib.sources.pasted.read import pasted_statement
from arlib.sources.pasted.result import Pasted

MAX_BYTES = 8 << 20
_BROKEN = re.compile(r"[\t\r\n\f]+")
_WHY = {
    "encrypted": "is locked with a password", "pages": "has too many pages", "damaged": "cannot be read as a PDF",
    "slow": "takes too long to read", "large": "is too large",
}  # fmt: skip


def pasted_file(
    content: bytes, name: str, *, entity: str, customer_id: str, currency: str, known: pd.DataFrame | None = None,
    decided: Mapping[str, str] | None = None, sheet: str = "",
) -> Pasted:  # fmt: skip
    """The same as `pasted_statement` for the bytes of a CSV, XLSX, XLS or ODS file, a PDF with text, or plain text.

    A workbook's rows are the lines, numbered as the sheet numbers them; `sheet` is needed where several are filled. Raises
    SourceError for what is damaged, locked, larger than 8 MB, or holds no text.
    """
    if len(content) > MAX_BYTES:
        raise SourceError(
            "is too large", where=name, found=f"{len(content):,} bytes", wanted=f"at most {MAX_BYTES:,}"
        )
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        text = _sheet_text(content, name, sheet)
    elif content[:5] == b"%PDF-":
        text = _pdf_text(content, name)
    else:
        text = text_of(content, name)
    return pasted_statement(
        text,
        entity=entity,
        customer_id=customer_id,
        currency=currency,
        known=known,
        decided=decided,
        name=name,
    )


def _sheet_text(content: bytes, name: str, sheet: str) -> str:
    import python_calamine as calamine

    from arlib.sources.typedfiles import cell_text, check_zip, sheet_of

    check_zip(content, name)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        chosen = sheet_of(book, book.sheet_names, name, sheet, "")
        cells = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except (calamine.CalamineError, ValueError, OSError) as fault:
        raise SourceError(
            f"not readable as a workbook ({fault})", where=name, fix="It may be cut; fetch it again."
        ) from fault
    if len(cells) > MAX_LINES:
        raise SourceError(
            "has too many rows", where=name, found=f"{len(cells):,}", wanted=f"at most {MAX_LINES:,}"
        )
    return "\n".join("\t".join(_BROKEN.sub(" ", cell_text(cell)) for cell in row) for row in cells) + "\n"


def _pdf_text(content: bytes, name: str) -> str:
    from arlib.sources.advice.pdftext import pages_of

    pages, fault = pages_of(content)
    if fault:
        raise SourceError(_WHY.get(fault, "cannot be read"), where=name, fix="Copy its lines and paste them.")
    if not any(page.strip() for page in pages):
        raise SourceError(
            "holds no text: a picture of a statement", where=name, fix="Ask for it as a workbook."
        )
    return "\f".join(pages)
