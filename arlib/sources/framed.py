"""Records that stand inside of a sheet or delimited file: under lines about the account, above a footer. Floor 2."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from arlib.errors import Problem, SourceError
from arlib.sources.raw import ReadOptions, Records, check_header, remark

if TYPE_CHECKING:
    from arlib.sources.profile import Frame

_DELIMITERS = (",", ";", "\t", "|")
Lines = list[tuple[int, list[Any]]]  # row number as a person sees it, cells


def read_framed(
    content: bytes, name: str, *, options: ReadOptions
) -> tuple[dict[str, Records], list[Problem]]:
    """The records ('') and, where the frame names any, the facts stated around them ('stated', one record with the file's
    name beside them), and remarks on the file.

    Raises SourceError where the header or a declared footer is not found: the file is another, or cut. A row with too few
    or too many fields refuses the file (TableError).
    """
    frame = options.frame
    assert frame is not None
    notes: list[Problem] = []
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        lines = _cells_of_sheet(content, name, options)
    else:
        lines = _lines_of_text(content, name, options, frame, notes)
    names, top = _names(lines, name, options, frame)
    end = _footer(lines, top, name, frame)
    records = _records(names, lines[top:end], name)
    found = {"": records}
    if frame.stated:
        found["stated"] = _stated(lines[:top] + lines[end:], name, frame, notes)
    return found, notes


def _cells_of_sheet(content: bytes, name: str, options: ReadOptions) -> Lines:
    import python_calamine as calamine

    from arlib.sources.typedfiles import check_zip, sheet_of

    check_zip(content, name)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        chosen = sheet_of(book, book.sheet_names, name, options.sheet, options.role)
        cells = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except (calamine.CalamineError, ValueError, OSError) as fault:
        raise SourceError(
            f"not readable as a workbook ({fault})", where=name, fix="It may be cut; fetch it again."
        ) from fault
    return list(enumerate(cells, start=1))


def _lines_of_text(
    content: bytes, name: str, options: ReadOptions, frame: Frame, notes: list[Problem]
) -> Lines:
    from arlib.sources.delimited import check_quotes
    from arlib.sources.encoding import decoded

    text, said = decoded(content, name, encoding=options.encoding)
    notes += said
    if not text.strip():
        raise SourceError("is empty: not even a header", where=name)
    tried: dict[str, Lines] = {}
    for mark in (options.delimiter,) if options.delimiter else _DELIMITERS:
        try:
            tried[mark] = list(enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=mark), start=1))
        except csv.Error as fault:
            raise SourceError(f"cannot be read as delimited text ({fault})", where=name) from fault
    wanted = set(options.expected)

    def score(mark: str) -> int:
        if frame.header == "none":
            return sum(len(cells) == len(frame.columns) for _, cells in tried[mark])
        return max(len(wanted.intersection(map(str.strip, cells))) for _, cells in tried[mark])

    mark = max(tried, key=score)
    check_quotes(text, name, mark)
    if not text.endswith(("\n", "\r")):
        wanted_end = "a line end after the last record, or it may be cut"
        notes.append(remark(name, "no_final_line_end", row=tried[mark][-1][0], wanted=wanted_end))
    return tried[mark]


def _names(lines: Lines, name: str, options: ReadOptions, frame: Frame) -> tuple[list[str], int]:
    """The column names, and the place of the first line under them."""
    if frame.header == "none":
        return list(frame.columns), 0
    wanted = set(options.expected)
    for place, (_, cells) in enumerate(lines):
        texts = [str(cell).strip() for cell in cells]
        if not any(texts) or (frame.header == "found" and not wanted <= set(texts)):
            continue
        check_header(texts, name)
        while texts and not texts[-1]:
            texts.pop()
        return [text or f"unnamed_{at}" for at, text in enumerate(texts, start=1)], place + 1
    raise SourceError("no row holds the header", where=name, wanted=", ".join(options.expected))


def _footer(lines: Lines, top: int, name: str, frame: Frame) -> int:
    if not frame.footer:
        return len(lines)
    for place in range(top, len(lines)):
        if _first(lines[place][1]).startswith(frame.footer):
            return place
    raise SourceError(
        "the line below the records is missing: the file may be cut",
        where=name,
        wanted=" or ".join(frame.footer),
        fix="Fetch it again.",
    )


def _first(cells: list[Any]) -> str:
    return next((str(cell).strip() for cell in cells if str(cell).strip()), "")


def _records(names: list[str], lines: Lines, name: str) -> Records:
    from arlib.sources.typedfiles import of_cells

    kept: Lines = []
    bad: list[Problem] = []
    for row, given in lines:
        cells = list(given)
        while len(cells) > len(names) and str(cells[-1]).strip() == "":
            cells.pop()
        if not any(str(cell).strip() for cell in cells):
            continue
        if len(cells) != len(names):
            found, wanted = f"{len(cells)} fields", f"{len(names)} fields"
            code = "wrong_number_of_fields"
            bad.append(Problem(file=name, table="", row=row, code=code, found=found, wanted=wanted))
        kept.append((row, cells))
    if bad:
        from arlib.sources.delimited import ragged_rows

        raise ragged_rows(bad, name)
    return of_cells(names, kept)


def _stated(lines: Lines, name: str, frame: Frame, notes: list[Problem]) -> Records:
    """The facts around the records; one that is not there is noted."""
    from arlib.sources.typedfiles import of_cells

    found: dict[str, object] = {}
    rows = [0]
    for fact, label in frame.stated.items():
        found[fact] = ""
        for row, cells in lines:
            value = _value(cells, label)
            if (
                value == ""
                and any(note.code == "no_final_line_end" for note in notes)
                and row == lines[-1][0]
            ):
                raise SourceError(
                    f"is cut inside its last line, which states {label}", where=name, fix="Fetch it again."
                )
            if value is not None:
                found[fact] = value
                rows.append(row)
                break
        else:
            notes.append(
                remark(name, "stated_fact_missing", column=fact, wanted=f"a line that begins with {label}")
            )
    return of_cells([*found, "file"], [(max(rows), [*found.values(), name])])


def _value(cells: list[Any], label: str) -> object | None:
    """What stands behind the label in its cell, else in the last filled cell of its row; None where it is not."""
    for place, cell in enumerate(cells):
        if isinstance(cell, str) and cell.strip().startswith(label):
            behind = cell.strip()[len(label) :].strip(" \t:")
            if behind:
                return behind
            others = [other for other in cells[place + 1 :] if str(other).strip()]
            return others[-1] if others else ""
    return None
