"""A workbook as it came back: raw cells, formulas and what is hidden, read without trusting it. Floor 4.

Numbers and days stay the numbers that the file holds, so that a workbook of ours and its copy saved by another
program are compared by what is in them. Nothing is calculated and nothing outside the file is opened.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import IO, Any

from lxml import etree

from arlib.errors import SourceError

EPOCH = date(1899, 12, 30)  # day 0 of a workbook that counts from 1900
MOST_BYTES = 512 << 20  # of all parts unpacked; 5,000 proposals take a hundredth of it
MOST_PARTS = 2000
BOOK, BOOK_RELATIONS, ROOT_RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"
LIVE = {
    "xl/externalLinks/": "links to other files",
    "xl/vbaProject": "macros",
    "xl/macrosheets/": "macros",
    "xl/connections.xml": "connections to data",
    "xl/queryTables/": "connections to data",
    "xl/embeddings/": "embedded objects",
    "xl/activeX/": "embedded objects",
    "xl/comments": "comments on cells, where the column Comment is the place for them",
    "xl/threadedComments": "comments on cells, where the column Comment is the place for them",
}
LOWEST_POINTS = 6  # a row below this cannot be read: it counts as hidden
Value = str | float | bool
Place = tuple[int, int]  # row and column from 0

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_FALSE_LOOK = re.compile(r'"[^"]*[0-9][^"]*"|\\[0-9]|;;;')  # prints other digits than the cell holds, or none
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet: filled cells, texts of formulas, rows that are hidden, cells that show a day."""

    name: str
    cells: Mapping[Place, Value] = field(default_factory=dict)
    formulas: Mapping[Place, str] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    days: frozenset[Place] = frozenset()

    @property
    def last_row(self) -> int:
        """The last row that holds anything, -1 for an empty sheet."""
        return max((row for row, _ in {**self.cells, **self.formulas}), default=-1)


@dataclass(frozen=True, kw_only=True)
class Workbook:
    """The sheets by name, in order, and the document properties that users of arlib wrote."""

    sheets: Mapping[str, Sheet]
    properties: Mapping[str, str]


def read_workbook(content: bytes, name: str) -> Workbook:
    """Read an XLSX. Raises SourceError for anything else, a damaged one, one that expands without measure, one with
    links to other files, macros or connections, and one that counts days from 1904.
    """
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceError(
            "is protected by a password or of an old format", where=name, fix="Save it as .xlsx, open."
        )
    if not content.startswith(b"PK"):
        raise SourceError("is no .xlsx workbook", where=name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _check_parts(packed, name, len(content))
            return _read(packed, name)
    except (
        zipfile.BadZipFile,
        etree.XMLSyntaxError,
        KeyError,
        ValueError,
        RuntimeError,
        OSError,
        EOFError,
    ) as fault:
        raise SourceError(
            "is not readable as a workbook",
            where=name,
            found=type(fault).__name__,
            fix="It may be cut; fetch it again.",
        ) from fault


def day_of(value: Value | None) -> date | None:
    """The day that a cell holds: a number of days, or ISO text; None for anything else."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            return None
    if value is None or isinstance(value, bool) or not 1 <= value < 2_958_466:
        return None
    return EPOCH + timedelta(days=int(value))


def cell_name(place: Place) -> str:
    """A place as people say it: `B7`."""
    row, column = place
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _check_parts(packed: zipfile.ZipFile, name: str, size: int) -> None:
    from arlib.sources.archive import check_expansion

    parts = packed.infolist()
    names = [part.filename for part in parts]
    unpacked = sum(part.file_size for part in parts)
    check_expansion(unpacked, size, name)
    if unpacked > MOST_BYTES or len(parts) > MOST_PARTS:
        raise SourceError(
            "expands without measure", where=name, found=f"{unpacked:,} bytes in {len(parts)} parts"
        )
    if len({part.lower() for part in names}) < len(names):
        raise SourceError("holds one part twice", where=name, fix="Save it again by Excel or LibreOffice.")
    for part in names:
        for start, words in LIVE.items():
            if part.lower().startswith(start.lower()):
                raise SourceError(f"holds {words}, which an approval may not", where=name, found=part)


def _read(packed: zipfile.ZipFile, name: str) -> Workbook:
    # a reader that follows the package's own directory must come to the same workbook as we do
    roots = [
        rel.get("Target", "").lstrip("/")
        for rel in _elements(packed, ROOT_RELATIONS, "Relationship")
        if rel.get("Type", "").endswith("/officeDocument")
    ]
    if roots != [BOOK]:
        raise SourceError("is not laid out as a workbook", where=name, found=", ".join(roots), wanted=BOOK)
    targets = {rel.get("Id", ""): rel for rel in _elements(packed, BOOK_RELATIONS, "Relationship")}
    for told in _elements(packed, BOOK, "workbookPr"):
        if told.get("date1904", "0") in ("1", "true"):
            raise SourceError("counts days from 1904", where=name, fix="Switch that off in its options.")
    strings = list(_strings(packed))
    days = _day_styles(packed)
    sheets: dict[str, Sheet] = {}
    for told in _elements(packed, BOOK, "sheet"):
        title = told.get("name", "")
        relation = next(value for key, value in told.attrib.items() if key.endswith("}id"))
        target = targets[relation].get("Target", "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        sheets[title] = _sheet(packed, part, title, strings, days)
    return Workbook(sheets=sheets, properties=_properties(packed))


def _stream(file: IO[bytes], *tags: str) -> Iterator[Any]:
    """Elements of these local names as they end; no entity is resolved and nothing outside is loaded."""
    is_checked = False  # a document type can only stand before the first element
    for _, element in etree.iterparse(
        file,
        tag=[f"{{*}}{tag}" for tag in tags],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    ):
        if not is_checked and element.getroottree().docinfo.doctype:
            raise ValueError("a document type")
        is_checked = True
        yield element


def _elements(packed: zipfile.ZipFile, part: str, *tags: str) -> list[Any]:
    with packed.open(part) as file:
        return list(_stream(file, *tags))


def _strings(packed: zipfile.ZipFile) -> Iterator[str]:
    part = "xl/sharedStrings.xml"
    if part not in packed.namelist():
        return
    with packed.open(part) as file:
        for entry in _stream(file, "si"):
            yield _text(entry)
            entry.clear()


def _text(entry: Any) -> str:
    """The text of a string, whose runs may look different; what is only said for reading aloud is left out."""
    if len(entry) == 1 and entry[0].tag.endswith("}t"):
        runs = [entry[0].text or ""]
    else:
        runs = [
            piece.text or ""
            for piece in entry.iter("{*}t")
            if not any(parent.tag.endswith("}rPh") for parent in piece.iterancestors())
        ]
    said = "".join(runs).replace("\r\n", "\n")
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), said) if "_x" in said else said


def _day_styles(packed: zipfile.ZipFile) -> frozenset[int]:
    """Numbers of the cell styles that show a day."""
    part = "xl/styles.xml"
    if part not in packed.namelist():
        return frozenset()
    codes = {14, 15, 16, 17, 22}
    for told in _elements(packed, part, "numFmt"):
        code = told.get("formatCode", "")
        if _FALSE_LOOK.search(code):
            raise SourceError(
                "holds a number format that shows something else than the cell holds", found=code[:60]
            )
        if "yy" in code.lower():
            codes.add(int(told.get("numFmtId", "0")))
    (formats,) = _elements(packed, part, "cellXfs") or [()]
    return frozenset(number for number, xf in enumerate(formats) if int(xf.get("numFmtId", "0")) in codes)


def _sheet(
    packed: zipfile.ZipFile, part: str, title: str, strings: list[str], day_styles: frozenset[int]
) -> Sheet:
    cells: dict[Place, Value] = {}
    formulas: dict[Place, str] = {}
    hidden: set[int] = set()
    days: set[Place] = set()
    row = -1
    with packed.open(part) as file:
        for element in _stream(file, "row"):
            row = int(element.get("r", row + 2)) - 1
            is_low = float(element.get("ht", "99")) < LOWEST_POINTS
            if is_low or element.get("hidden", "0") in ("1", "true"):
                hidden.add(row)
            column = -1
            for cell in element:
                place = _place(cell.get("r"), (row, column + 1))
                column = place[1]
                value, formula = _content(cell, strings)
                if formula is not None:
                    formulas[place] = formula
                if value is None or value == "":
                    continue
                if place in cells:
                    raise ValueError("a cell twice")
                cells[place] = value
                if isinstance(value, float) and int(cell.get("s", "0")) in day_styles:
                    days.add(place)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    return Sheet(
        name=title, cells=cells, formulas=formulas, hidden_rows=frozenset(hidden), days=frozenset(days)
    )


def _content(cell: Any, strings: list[str]) -> tuple[Value | None, str | None]:
    """Value and formula of a cell; the value of a formula is the one that was saved with it."""
    kind = cell.get("t", "n")
    value: Value | None = None
    formula: str | None = None
    for child in cell:
        tag = child.tag
        if tag.endswith("}f"):
            formula = child.text or ""
        elif tag.endswith("}is"):
            value = _text(child)
        elif tag.endswith("}v") and child.text is not None:
            if kind == "s":
                value = strings[int(child.text)]
            elif kind == "b":
                value = child.text == "1"
            elif kind == "n":
                value = float(child.text)
            elif kind == "d":
                value = float((date.fromisoformat(child.text[:10]) - EPOCH).days)
            else:
                value = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), child.text)
    return value, formula


def _place(reference: str | None, otherwise: Place) -> Place:
    if reference is None:
        return otherwise
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError("not a cell")
    return int(found[2]) - 1, _column(found[1])


@cache
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _properties(packed: zipfile.ZipFile) -> dict[str, str]:
    part = "docProps/custom.xml"
    if part not in packed.namelist():
        return {}
    return {told.get("name", ""): "".join(told.itertext()) for told in _elements(packed, part, "property")}
