"""CSV files that come with a request: as text, every fault at once. Floor 1."""

from __future__ import annotations

import csv

import pandas as pd

from arlib.errors import Problem, SourceError, TableError

MOST_FAULTS = 200


def read_csv(
    text: str, *, where: str, required: tuple[str, ...] = (), optional: tuple[str, ...] | None = None,
    one_of: tuple[str, ...] = (),
) -> pd.DataFrame:  # fmt: skip
    """The rows of a CSV text as str columns, blank cells as '', in file order; `row` counts lines of data from 2.

    Comma, or semicolon where the header has it and no comma; a byte order mark is ignored; names of columns are compared
    without case and blanks. `required` columns must be there, one of `one_of` too; with `optional` an unknown column is
    a fault. Raises SourceError for no header, and TableError with every row that has another number of cells.
    """
    lines = text.lstrip("\ufeff").splitlines()
    first = next((line for line in lines if line.strip()), "")
    mark = ";" if ";" in first and "," not in first else ","
    rows = list(csv.reader(lines, delimiter=mark))
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise SourceError(
            "the file is empty", where=where, fix=f"Give its header: {', '.join(required or one_of)}."
        )
    header = [name.strip().lower().replace(" ", "_") for name in rows[0]]
    faults = [f"column {name!r} is missing" for name in required if name not in header]
    if one_of and not set(one_of) & set(header):
        faults.append(f"one column of {', '.join(one_of)} is missing")
    if optional is not None:
        faults += [
            f"column {name!r} is not known" for name in header if name not in (*required, *one_of, *optional)
        ]
    faults += [f"column {name!r} stands twice" for name in sorted({n for n in header if header.count(n) > 1})]
    if faults:
        raise SourceError("; ".join(faults), where=where, found=", ".join(header)[:300],
                          wanted=", ".join((*required, *one_of)))  # fmt: skip
    odd = [
        Problem(file=where, table=where, row=at, column="", code="cells", found=f"{len(row)} cells",
                wanted=f"{len(header)}, as the header has")
        for at, row in enumerate(rows[1:], start=2) if len(row) != len(header)
    ]  # fmt: skip
    if odd:
        raise TableError(
            f"{where}: rows with another number of cells than the header", odd[:MOST_FAULTS], where=where
        )
    made = pd.DataFrame(
        {
            name: pd.Series([row[at].strip() for row in rows[1:]], dtype="str")
            for at, name in enumerate(header)
        }
    )
    made["row"] = pd.Series(range(2, len(rows) + 1), dtype="Int64")
    return made


def fault(where: str, row: int, column: str, found: str, wanted: str) -> Problem:
    """A fault in one cell of a file."""
    return Problem(file=where, table=where, row=row, column=column, code="value", found=found, wanted=wanted)
