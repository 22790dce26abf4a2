"""Which cell of a row is what: by the header, or by what the cells hold. Floor 2."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from arlib.money import is_currency
from arlib.sources.pasted import words
from arlib.sources.pasted.cells import GAPS, MARKS, Cell, is_number
from arlib.sources.pasted.days import Day, compact_day, day_in
from arlib.sources.pasted.marks import NOTHING, Figure, figure, side_of

NUMBERS = (
    "invoice",
    "reference",
    "document",
    "order",
)  # columns that may hold our document's number, likeliest first
DATES = ("date", "posted")


@dataclass(frozen=True)
class Header:
    """A header: what each column holds, '' where it is not known, and where it stands in the line."""

    kinds: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    @property
    def sums(self) -> tuple[int, ...]:
        """Columns of money, without those that are beside the point."""
        return tuple(at for at, kind in enumerate(self.kinds) if kind in words.MONEY)


@dataclass
class Row:
    """A line with money, before styles and signs are decided."""

    line: int
    raw: str
    days: dict[str, Day] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    currency: str = ""
    side: str = ""
    sums: dict[str, Figure] = field(
        default_factory=dict
    )  # by kind, or "0", "1" ... where no header names them
    fault: str = ""


def header_of(cells: Sequence[Cell]) -> Header | None:
    """The line as a header: two known columns or more, one of them money, and no amounts or dates in it."""
    if len(cells) < 2 or any(cell.figure or day_in(cell.text) for cell in cells):
        return None
    kinds = [words.kind_of(cell.text) if cell.text else "" for cell in cells]
    known = [kind for kind in kinds if kind]
    if len(known) < 2 or not any(kind in words.MONEY for kind in known):
        return None
    if not any(kind in (*NUMBERS, "date", "posted", "due", "text") for kind in known):
        return None
    seen: set[str] = set()
    for at, kind in enumerate(kinds):
        if kind in seen and kind in words.MONEY:
            kinds[at] = ""
        seen.add(kind)
    if [kind for kind in kinds if kind in words.MONEY] == ["balance"]:
        kinds[kinds.index("balance")] = "open"
    return Header(tuple(kinds), tuple((cell.start, cell.end) for cell in cells))


def placed(cells: Sequence[Cell], header: Header, mark: str) -> list[Cell | None] | None:
    """The cells under their headings; None where that is not certain."""
    width = len(header.kinds)
    if mark in MARKS:
        extra = [cell for cell in cells[width:] if cell.text]
        return None if extra else [*cells[:width], *([None] * (width - len(cells)))]
    if len(cells) == width:
        return list(cells)
    if mark != GAPS or len(cells) > width:
        return None
    made: list[Cell | None] = [None] * width
    last = -1
    for cell in cells:
        near = [_apart(cell, span) for span in header.spans]
        best = min(range(width), key=lambda at: (near[at], at))
        if (
            best <= last
            or near[best] > 12
            or (cell.figure and header.kinds[best] not in (*words.MONEY, "", *NUMBERS, "days"))
        ):
            return None
        made[best], last = cell, best
    return made


def _apart(cell: Cell, span: tuple[int, int]) -> int:
    """How far a cell stands from a heading: overlap counts as near, then the nearer of both edges."""
    start, end = span
    edges = min(abs(cell.start - start), abs(cell.end - end))
    gap = max(start - cell.end, cell.start - end, 0)
    return edges if gap == 0 else gap + edges


def row_under(header: Header, cells: Sequence[Cell | None], line: int, raw: str) -> Row:
    """The row that a header describes."""
    row = Row(line, raw)
    texts = []
    for kind, cell in zip(header.kinds, cells, strict=True):
        said = "" if cell is None else cell.text
        if not said:
            continue
        if kind in words.MONEY:
            found = figure(said)
            if found is not None:
                row.sums[kind] = found
            elif said.casefold() not in NOTHING and kind != "paid":
                row.fault = row.fault or f"{said[:40]!r} is no amount"
        elif kind in (*DATES, "due"):
            day = compact_day(said)
            if day is not None:
                row.days[kind] = day
            elif said.casefold() not in NOTHING:
                row.fault = row.fault or f"{said[:40]!r} is no date"
        elif kind in NUMBERS:
            row.numbers[kind] = said
        elif kind == "side":
            row.side = side_of(said)
        elif kind == "currency":
            row.currency = said.upper() if is_currency(said.upper()) else ""
            if not row.currency:
                row.fault = row.fault or f"{said[:20]!r} is no currency"
        elif kind in ("text", ""):
            texts.append(said)
    row.text = " ".join(texts)
    if not row.numbers and (found_number := _number_in(row.text)):
        row.numbers["reference"] = found_number
    return row


def row_by_content(cells: Sequence[Cell], line: int, raw: str, *, by_place: bool) -> Row:
    """The row that no header describes: dates and amounts by what they are, the first number as reference.

    `by_place` names amounts by their column, else by their order in the line.
    """
    row = Row(line, raw)
    texts: list[str] = []
    count = 0
    figures = [(at, cell) for at, cell in enumerate(cells) if cell.text and cell.figure]
    marked = any(cell.figure is not None and cell.figure.has_marks for _, cell in figures)
    for at, cell in enumerate(cells):
        said = cell.text
        if not said:
            continue
        day = day_in(said)
        found = cell.figure
        if day is not None:
            kind = "date" if "date" not in row.days else "due"
            row.days.setdefault(kind, day)
        elif found is not None and (found.has_marks or (not marked and at == figures[-1][0])):
            row.sums[str(at) if by_place else str(count)] = found
            count += 1
        elif is_currency(said):
            row.currency = said
        elif said in ("D", "C", "DR", "CR", "S", "H", "Dr", "Cr"):
            row.side = side_of(said)
        elif found is not None and "reference" not in row.numbers:
            row.numbers["reference"] = said
        else:
            texts.append(said)
    row.text = " ".join(texts)
    if "reference" not in row.numbers and (number := _number_in(row.text)):
        row.numbers["reference"] = number
        row.text = " ".join(row.text.replace(number, " ", 1).split())
    return row


def _number_in(text: str) -> str:
    """The first word with a digit that can be a document's number, with a short word in capitals before bare digits."""
    tokens = text[:400].split()
    for at, token in enumerate(tokens):
        plain = token.strip("()[],;:.#")
        if is_number(plain):
            return plain
        if plain.isdigit() and len(plain) >= 3:
            before = tokens[at - 1].strip(".:#") if at else ""
            return f"{tokens[at - 1]} {plain}" if re.fullmatch(r"[A-Z]{1,5}", before) else plain
    return ""
