"""What the sampling commands share: rows of a CSV as texts, contract CSV and JSON out, a folder replaced whole. Floor 5."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import Problem, SourceError

if TYPE_CHECKING:
    import pandas as pd

    from arlib.tables.kinds import Table

MARKER = ".arlib-sampling"
LARGEST_CELL = 10_000  # no figure or name is longer; stops hostile text early


def read_rows(path: Path) -> tuple[list[dict[str, str]], list[Problem]]:
    """The rows of a CSV (UTF-8, comma, header in row 1) as texts by column; blank lines at its end are no rows.

    Beside them the faults of rows that have more or fewer cells than the header, or a cell that is too long; such a row is
    there with empty cells, so that the others keep their numbers. Raises SourceError for a file that cannot be read or has
    no header.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise SourceError(f"cannot be read ({fault.strerror or fault})", where=str(path)) from fault
    except UnicodeDecodeError as fault:
        raise SourceError("is not UTF-8 text", where=str(path), fix="Save it as CSV UTF-8.") from fault
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as fault:
        raise SourceError(f"is no CSV ({fault})", where=str(path)) from fault
    while lines and not any(cell.strip() for cell in lines[-1]):
        lines.pop()
    if not lines or not all(name.strip() for name in lines[0]):
        raise SourceError("has no header, or a column without a name", where=str(path), wanted="column names in row 1")  # fmt: skip
    header = [name.strip() for name in lines[0]]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise SourceError("a column stands twice", where=str(path), found=", ".join(twice))
    problems = [
        Problem(
            file=path.name,
            table="rows",
            row=place,
            code="cells",
            found=str(len(cells)),
            wanted=str(len(header)),
        )
        for place, cells in enumerate(lines[1:], start=2)
        if len(cells) != len(header)
    ]
    problems += [
        Problem(file=path.name, table="rows", row=place, code="cell_too_long", wanted=f"at most {LARGEST_CELL} characters")
        for place, cells in enumerate(lines[1:], start=2)
        if any(len(cell) > LARGEST_CELL for cell in cells)
    ]  # fmt: skip
    odd = {problem.row for problem in problems}
    kept = [
        cells if place not in odd else [""] * len(header) for place, cells in enumerate(lines[1:], start=2)
    ]
    return [dict(zip(header, cells, strict=True)) for cells in kept], problems


def csv_bytes(frame: pd.DataFrame, table: Table) -> bytes:
    """A declared table as contract CSV in the frame's order: UTF-8 without mark, LF, comma, plain decimals."""
    from arlib.sources.export import contract_text

    texts = contract_text(frame, table=table, columns=table.names)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.names)
    writer.writerows(zip(*(texts[name].tolist() for name in table.names), strict=True))
    return out.getvalue().encode("utf-8")


def records(frame: pd.DataFrame, table: Table) -> list[dict[str, Any]]:
    """The rows of a declared table for JSON: money and rates as decimal text, counts as numbers, empty cells left out."""
    from arlib.sources.export import contract_text
    from arlib.tables.kinds import Kind

    texts = contract_text(frame, table=table, columns=table.names)
    integers = set(table.of_kind(Kind.INTEGER))
    lists = [texts[name].tolist() for name in table.names]
    return [
        {name: int(text) if name in integers else text for name, text in zip(table.names, cells, strict=True) if text}
        for cells in zip(*lists, strict=True)
    ]  # fmt: skip


def json_text(value: Any) -> str:
    """JSON with a line break at its end; keys in the order given."""
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_folder(out: Path, files: Mapping[str, bytes], *, inputs: Iterable[Path] = ()) -> None:
    """Write the files into a folder that replaces an earlier result whole; a folder with other files is refused."""
    from arlib.run.wholefolder import replace_folder, require_replaceable

    require_replaceable(out, marker=MARKER, inputs=inputs)

    def fill(spare: Path) -> None:
        for name, data in files.items():
            (spare / name).write_bytes(data)

    replace_folder(out, fill, marker=MARKER)
