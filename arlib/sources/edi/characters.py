"""Bytes to text, and texts to what a list may hold. Floor 2."""

from __future__ import annotations

import codecs
import re
from datetime import date
from decimal import Decimal
from typing import BinaryIO

from arlib.errors import SourceError
from arlib.sources.forms.amounts import exact

MAX_BYTES = 256 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def content_of(stream: BinaryIO, name: str) -> bytes:
    """All bytes of a stream; more than 256 MiB is no advice and raises SourceError."""
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise SourceError(
            "is too large for an advice",
            where=name,
            found=f"more than {MAX_BYTES >> 20} MiB",
            fix="Split it.",
        )
    return data


def text_of(data: bytes, name: str, *, declared: str = "") -> str:
    """The text: by its byte-order mark, as UTF-8, by the declared encoding, else as cp1252 or latin-1.

    A file that holds NUL characters is no text and raises SourceError.
    """
    for mark, code in _MARKS:
        if data.startswith(mark):
            text = _decoded(data[len(mark) :], (code,), name)
            break
    else:
        text = _decoded(data, ("utf-8", *((declared,) if declared else ()), "cp1252", "latin-1"), name)
    if "\x00" in text.rstrip("\x00"):
        raise SourceError("holds NUL characters: no text, or in another encoding", where=name)
    return text.rstrip("\x00")


def _decoded(data: bytes, codes: tuple[str, ...], name: str) -> str:
    for code in codes:
        try:
            return data.decode(code)
        except UnicodeDecodeError:
            continue
    raise SourceError(
        f"is not {codes[0]} though its byte-order mark says so", where=name, fix="Fetch it again."
    )


def clean(text: str) -> str:
    """The text with each run of control characters as one blank, and none at the ends."""
    return (text if text.isprintable() else _CONTROL.sub(" ", text)).strip()


def joined(texts: list[str], mark: str = "; ") -> str:
    """The texts that are filled, each once, in their order."""
    return mark.join(dict.fromkeys(text for text in texts if text))


def iso_day(text: str) -> str:
    """CCYYMMDD or YYMMDD, with a time behind it or not, as an ISO day; '' where that is no day."""
    if not (text.isascii() and text.isdigit()):
        return ""
    if len(text) in (6, 10):  # YYMMDD, YYMMDDHHMM
        text = ("19" if text[0] in "789" else "20") + text
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])).isoformat() if len(text) >= 8 else ""
    except ValueError:
        return ""


def amount_of(text: str, *, where: str, line: int, comma: bool = False) -> Decimal:
    """An exact amount of at most 18 digits, the most that either standard knows; so sums of them are exact.

    Raises SourceError for anything else.
    """
    if len(text) > 20:
        raise SourceError(
            "not an amount", where=f"{where}, line {line}", found=text, wanted="at most 18 digits and a sign"
        )
    return exact(text, where=where, line=line, comma=comma)
