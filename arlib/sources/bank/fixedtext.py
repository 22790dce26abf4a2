"""Text, lines, days and remarks of the American bank files (BAI2, lockbox, ACH, OFX). Floor 2.

Such files are ASCII by their rules and cp1252 or UTF-8 in the wild; control characters carry nothing and become blanks.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import BinaryIO

from arlib.errors import SourceError
from arlib.sources.encoding import MARKS, decoded
from arlib.sources.forms.form import Row

PIVOT = 80  # years 80 to 99 of a two-digit year are of the last century
_CONTROLS = {code: " " for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n\r"}
_DIGITS = re.compile(r"[0-9]+")
_TIME = re.compile(r"([01][0-9]|2[0-3]):?([0-5][0-9]).*", re.ASCII | re.DOTALL)


def text_of(stream: BinaryIO, name: str, *, encoding: str = "") -> tuple[str, list[Row]]:
    """The text of a file with control characters blanked, and a remark where its encoding was assumed.

    Order: byte-order mark, UTF-8, the encoding that the file states, cp1252, latin-1. NUL characters raise SourceError.
    """
    data = stream.read()
    notes: list[Row] = []
    if any(data.startswith(mark) for mark, _ in MARKS):
        text = decoded(data, name)[0]
    else:
        text, used = _decoded(data, encoding)
        if used not in ("utf-8", encoding):
            notes.append(remark(1, "encoding_assumed", found=used, wanted="ASCII or UTF-8"))
    if "\x00" in text:
        raise SourceError(
            "holds NUL characters: damaged, or not a text file", where=name, fix="Fetch the file again."
        )
    return text.translate(_CONTROLS), notes


def _decoded(data: bytes, stated: str) -> tuple[str, str]:
    for used in ("utf-8", stated, "cp1252"):
        if used:
            try:
                return data.decode(used), used
            except (UnicodeDecodeError, LookupError):
                continue
    return data.decode("latin-1"), "latin-1"


def lines_of(text: str) -> list[str]:
    """The lines of a text, whatever ends them (CR LF, LF, CR)."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def remark(line: int, code: str, *, column: str = "", found: str = "", wanted: str = "") -> Row:
    """A thing worth saying that does not stop the reading."""
    return ("remarks", line, {"code": code, "column": column, "found": found, "wanted": wanted})


def is_number(text: str) -> bool:
    """Whether the text is made of ASCII digits only, and of one at least."""
    return bool(_DIGITS.fullmatch(text))


def day_of(text: str) -> str:
    """YYMMDD or YYYYMMDD as an ISO day; '' where it is no day of the calendar."""
    if not is_number(text) or len(text) not in (6, 8):
        return ""
    if len(text) == 6:
        text = ("19" if int(text[:2]) >= PIVOT else "20") + text
    return iso_day(text[:4], text[4:6], text[6:])


def iso_day(year: str, month: str, day: str) -> str:
    """The ISO day of digits; '' where there is no such day."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def time_of(day: str, text: str) -> str:
    """An ISO day with HHMM or HH:MM behind it; the day alone where there is no such time (2400 is the day's end)."""
    found = _TIME.fullmatch(text)
    return f"{day}T{found[1]}:{found[2]}" if day and found else day


def day_near(number: str, near: str) -> str:
    """The day whose number in its year is given (001 to 366) and that lies nearest to another day; '' where either is
    missing."""
    if not is_number(number) or not near or not 1 <= int(number[-3:]) <= 366:
        return ""
    base = date.fromisoformat(near)
    found = [
        date(year, 1, 1) + timedelta(days=int(number[-3:]) - 1)
        for year in range(base.year - 1, base.year + 2)
    ]
    return min(found, key=lambda one: abs((one - base).days)).isoformat()


def implied(digits: str, places: int) -> str:
    """An amount without a decimal mark as plain text: ('12345', 2) is 123.45, ('-5', 2) is -0.05. The caller has checked
    that it is a sign and digits."""
    sign = "-" if digits.startswith("-") else ""
    figures = digits.lstrip("+-").lstrip("0").rjust(places + 1, "0")
    if not figures.strip("0"):
        sign = ""
    return f"{sign}{figures[:-places]}.{figures[-places:]}" if places else sign + figures
