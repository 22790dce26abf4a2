"""Tables that fit the paper: a smaller type, or the columns in groups with the first ones repeated. Floor 3.

Widths are bounds, not measures: a character counts as wide as it is in the widest common type, so that what is said to
fit does fit, whatever fonts the machine has.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from copy import deepcopy
from functools import lru_cache
from typing import Any

BASE, SMALLEST, GROUPED = (
    8.0,
    6.0,
    7.0,
)  # points: as set, as small as one still reads, where columns are in groups
LONG = 24  # characters of a word from which on it may break anywhere
LONG_EMS = 8.0  # room of such a word, as in print.css
PADDING = 0.75  # ems left and right of a cell
UNBROKEN = frozenset({"ar-num", "ar-day", "ar-code", "ar-status"})  # classes of cells that stay on one line
ROOM = {"ar-text": 4.0, "ar-wide": 14.0, "pack-hash": 22.0}  # ems that print.css keeps for a cell at least
MOST_SPAN = 200  # columns that one cell may cover
MOST_KEYS = 3  # columns that are repeated in front of each group
SHORT_ROWS, SHORT_TEXT, TALL_TEXT = 12, 2000, 1500  # a table kept together; a row that may be parted
NARROW, WIDE_LETTERS = set("iljtfrI.,:;!|'()[]{} -·/\\"), set("mwMW@%…—")


def need(table: Any) -> float:
    """Ems that the table takes at least, so that no word and no amount is broken."""
    return sum(_columns(table))


def fit(table: Any, *, points: float) -> list[Any]:
    """The table as it stands on paper of this width in points: itself, set smaller, or its parts by groups of columns.

    Widths of lxml elements are changed in place; the parts, if any, are new ones in the order of reading.
    """
    _mark(table)
    ems = _columns(table)
    if not ems or sum(ems) * BASE <= points:
        return [table]
    size = points / sum(ems)
    if size >= SMALLEST:
        return [_set(table, size)]
    if not _is_regular(table, len(ems)):
        table.set("class", f"{table.get('class', '')} pack-loose".strip())
        return [_set(table, SMALLEST)]
    room = points / GROUPED
    keys = _keys(table, ems, room)
    groups = _groups(ems, keys=keys, room=room)
    return [
        _part(table, keys, group, number=number, parts=len(groups), count=len(ems))
        for number, group in enumerate(groups, start=1)
    ]


def rows_of(table: Any) -> list[Any]:
    """The table's own rows, not those of a table inside it."""
    return list(table.xpath("./thead/tr | ./tbody/tr | ./tfoot/tr | ./tr"))


def _cells(row: Any) -> list[Any]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _span(cell: Any, name: str = "colspan") -> int:
    told = cell.get(name, "1").strip()
    return min(max(int(told), 1), MOST_SPAN) if told.isascii() and told.isdigit() else 1


def _columns(table: Any) -> list[float]:
    """Ems of each column: what its widest cell cannot do without."""
    ems: list[float] = []
    for row in rows_of(table):
        at = 0
        for cell in _cells(row):
            span = _span(cell)
            ems += [0.0] * (at + span - len(ems))
            if span == 1:
                ems[at] = max(ems[at], _cell(cell))
            at += span
    return [width + PADDING for width in ems]


def _cell(cell: Any) -> float:
    names = set(cell.get("class", "").split())
    bold = 1.1 if cell.tag == "th" or "ar-strong" in cell.getparent().get("class", "") else 1.0
    if names & UNBROKEN and cell.getparent().getparent().tag != "thead":
        return width(cell.text_content().strip()) * bold
    words = [word for text in cell.itertext() for word in text.split()]
    widest = max((width(word) if len(word) <= LONG else LONG_EMS for word in words), default=0.0)
    return max(widest * bold, *(ROOM.get(name, 0.0) for name in names or {""}))


@lru_cache(maxsize=4096)
def width(text: str) -> float:
    """Ems of a text on one line, at most, whatever the type."""
    return sum(_letter(letter) for letter in text)


@lru_cache(maxsize=4096)
def _letter(letter: str) -> float:
    if letter in NARROW:
        return 0.42
    if letter in WIDE_LETTERS:
        return 1.0
    if letter.isascii():
        return 0.78 if letter.isupper() else 0.65
    if unicodedata.combining(letter):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.85


def _mark(table: Any) -> None:
    """Classes for print.css: cells with words too long for a line, rows that may part, tables kept together."""
    rows, length = rows_of(table), 0
    for row in rows:
        told = 0
        for cell in _cells(row):
            for name in ("colspan", "rowspan"):
                if cell.get(name) is not None:
                    cell.set(name, str(_span(cell, name)))
            text = cell.text_content()
            told = max(told, len(text))
            length += len(text)
            if any(len(word) > LONG for word in text.split()):
                cell.set("class", f"{cell.get('class', '')} pack-long".strip())
        if told > TALL_TEXT:
            row.set("class", f"{row.get('class', '')} pack-tall".strip())
    if len(rows) <= SHORT_ROWS and length <= SHORT_TEXT:
        table.set("class", f"{table.get('class', '')} pack-short".strip())


def _set(table: Any, size: float) -> Any:
    table.set("style", f"font-size: {int(size * 20) / 20:.2f}pt")
    return table


def _is_regular(table: Any, count: int) -> bool:
    """Whether each row has every column apart, or one cell over all of them."""
    return all(
        all(_span(cell, "rowspan") == 1 for cell in cells)
        and ([_span(cell) for cell in cells] == [count] or [_span(cell) for cell in cells] == [1] * count)
        for cells in map(_cells, rows_of(table))
        if cells
    )


def _keys(table: Any, ems: Sequence[float], room: float) -> int:
    """How many columns from the left tell the rows of the body apart, and leave most of the paper to the others."""
    body = [[cell.text_content() for cell in _cells(row)] for row in table.xpath("./tbody/tr")]
    body = [texts for texts in body if len(texts) == len(ems)]
    for count in range(1, min(MOST_KEYS, len(ems) - 1) + 1):
        if sum(ems[: count + 1]) > room * 0.6:
            return max(1, count - 1)
        if len({tuple(texts[:count]) for texts in body}) == len(body):
            return count
    return 1


def _groups(ems: Sequence[float], *, keys: int, room: float) -> list[list[int]]:
    """Columns of each part, without the repeated ones."""
    left = room - sum(ems[:keys])
    groups: list[list[int]] = [[]]
    used = 0.0
    for at in range(keys, len(ems)):
        if groups[-1] and used + ems[at] > left:
            groups.append([])
            used = 0.0
        groups[-1].append(at)
        used += ems[at]
    return groups


def _part(table: Any, keys: int, group: Sequence[int], *, number: int, parts: int, count: int) -> Any:
    """A copy of the table with the repeated columns and those of one group, and a line that says which these are."""
    from lxml import etree

    made = deepcopy(table)
    made.tail = None
    kept = {*range(keys), *group}
    for row in rows_of(made):
        cells = _cells(row)
        if len(cells) == 1 and count > 1:
            cells[0].set("colspan", str(len(kept)))
            continue
        for at, cell in enumerate(cells):
            if at not in kept:
                row.remove(cell)
    caption = made.find("caption")
    if caption is None:
        caption = etree.Element("caption")
        made.insert(0, caption)
    elif len(caption) or caption.text:
        etree.SubElement(caption, "br")
    note = etree.SubElement(caption, "span")
    note.set("class", "ar-note")
    again = "the first column" if keys == 1 else f"the first {keys} columns"
    told = (
        f"columns {group[0] + 1} to {group[-1] + 1} of {count}"
        if len(group) > 1
        else f"column {group[0] + 1} of {count}"
    )
    note.text = f"Part {number} of {parts}: {told}, after {again}."
    return _set(made, GROUPED)
