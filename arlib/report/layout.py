"""How a sheet is set up for reading and printing: names, widths, frozen heads, pages. Floor 3."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable
from typing import Any

MIN_WIDTH, MAX_WIDTH = 9, 60
LINE_POINTS = 15
LONGEST_NAME = 31  # of a sheet
ACCENT, BAND, SOFT = "#0B4F7A", "#F3F5F7", "#4B5563"


def sheet_name(title: str, taken: Iterable[str]) -> str:
    """A sheet name from a title: at most 31 characters, none that Excel forbids, unique whatever the case.

    A longer title is cut between words.
    """
    kept = re.sub(r"[\[\]:*?/\\']", " ", title)
    base = _whole_words(" ".join(kept.split())) or "Sheet"
    used = {name.lower() for name in taken}
    name, number = base, 2
    while name.lower() in used:
        ending = f" {number}"
        name, number = f"{base[: LONGEST_NAME - len(ending)]}{ending}", number + 1
    return name


def _whole_words(text: str) -> str:
    """The text at a sheet name's length, cut between words; a single longer word is cut inside."""
    if len(text) <= LONGEST_NAME:
        return text
    return (text[: LONGEST_NAME + 1].rpartition(" ")[0] or text[:LONGEST_NAME]).rstrip(" ,;-")


def identifier(text: str) -> str:
    """A name that Excel takes for a table or a defined name.

    Letters, digits and underscores, never like a cell.
    """
    words = re.sub(r"\W+", "_", unicodedata.normalize("NFKD", text), flags=re.ASCII).strip("_").lower()
    return f"ar_{words or 'table'}"[:200]


def width(texts: Iterable[str], heading: str) -> float:
    """A column width in characters that shows the longest text, within bounds.

    Wide characters count twice.
    """
    longest = max((_cells(text) for text in texts), default=0)
    return float(min(max(longest + 2, _heading_width(heading), MIN_WIDTH), MAX_WIDTH))


def lines_of(text: str, characters: float) -> int:
    """How many lines a wrapped text takes in a column of that many characters, estimated on the safe side."""
    return max(1, sum(len(textwrap.wrap(line, int(characters * 0.95))) or 1 for line in text.split("\n")))


def set_up_page(sheet: Any, *, entity: str, title: str, repeat_row: int | None) -> None:
    """Landscape A4, as wide as one page, headings repeated, entity and page number in the footer."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.hide_gridlines(2)
    if repeat_row is not None:
        sheet.repeat_rows(repeat_row)
    sheet.set_footer(f"&L&8{_footer(entity)}&C&8{_footer(title)}&R&8Page &P of &N")


def _heading_width(heading: str) -> int:
    return _cells(heading) + 4  # the filter button


def _cells(text: str) -> int:
    line = max(text.split("\n"), key=len) if text else ""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def _footer(text: str) -> str:
    return text.replace("&", "&&")[:80]
