"""Delimited text: every record whole, or the file refused with the rows at fault. Floor 2."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from arlib.errors import Problem, SourceError, TableError
from arlib.sources.encoding import decoded
from arlib.sources.raw import ReadOptions, Records, check_header, remark

if TYPE_CHECKING:
    import pyarrow as pa

DELIMITERS = (",", ";", "\t", "|")


def read_delimited(content: bytes, name: str, *, options: ReadOptions) -> tuple[Records, list[Problem]]:
    """Records of a CSV and remarks on the file.

    A record with too few or too many fields, an unterminated quote or a header with a name twice refuses
    the file: each is the mark of a cut or wrongly exported file. Blank lines are passed over but counted,
    so row numbers stay a person's. A last record without a line end is read and noted, since a file that was
    cut inside its last field looks the same.
    """
    text, notes = decoded(content, name, encoding=options.encoding)
    if not text.strip():
        raise SourceError("is empty: not even a header", where=name)
    check_quotes(text, name, options.delimiter or ",")
    head = _header_line(text)
    try:
        delimiter = options.delimiter or sniffed(head, expected=options.expected)
        names = next(csv.reader([head], delimiter=delimiter))
    except csv.Error as fault:
        raise SourceError(f"the header cannot be read ({fault})", where=name) from fault
    check_header(names, name)
    names = [column or f"unnamed_{place}" for place, column in enumerate(names, start=1)]
    if delimiter != "," and not options.delimiter:
        notes.append(remark(name, "delimiter_found", found=delimiter, wanted=", or a delimiter declared"))
    records = _records(_parsed(text, name, names, delimiter), names)
    if not text.endswith(("\n", "\r")):
        last = int(records.rows[-1]) if len(records.rows) else 1
        notes.append(
            remark(
                name,
                "no_final_line_end",
                row=last,
                wanted="a line end after the last record, or it may be cut",
            )
        )
    return records, notes


def ragged_rows(bad: Iterable[Problem], name: str) -> TableError:
    """The error for rows with a wrong number of fields."""
    return TableError(
        "rows with a wrong number of fields; the file may be cut",
        bad,
        where=name,
        fix="Export it again; free text with the delimiter in it must be quoted.",
    )


def sniffed(head: str, *, expected: tuple[str, ...]) -> str:
    """The delimiter of a header line: the one that finds most expected columns, then the one that finds
    most columns."""
    wanted = set(expected)

    def score(delimiter: str) -> tuple[int, int]:
        fields = next(csv.reader([head], delimiter=delimiter))
        return len(wanted.intersection(fields)), len(fields)

    return max(DELIMITERS, key=score)  # the first of equals, which is the comma


def _header_line(text: str) -> str:
    """The first record, which may hold line breaks inside quotes."""
    line = io.StringIO(text, newline="").readline()
    return line.rstrip("\r\n")


def check_quotes(text: str, name: str, delimiter: str) -> None:
    """Find a quoted field that never ends. An odd number of quotes may be honest (5" pipe), so only then
    look closely."""
    if text.count('"') % 2 == 0:
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = 0
    try:
        for _ in reader:
            row += 1
    except csv.Error as fault:
        raise SourceError(
            f"row {row + 1}: a quoted field does not end properly ({fault})",
            where=name,
            fix="The file may be cut; fetch it again, or double the quotes inside the field.",
        ) from fault


def _parsed(text: str, name: str, names: list[str], delimiter: str) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    bad: list[Problem] = []

    def ragged(row: arrow_csv.InvalidRow) -> str:
        if not row.text.strip():  # a blank line
            return "skip"
        bad.append(
            Problem(
                file=name,
                table="",
                row=row.number or 0,
                code="wrong_number_of_fields",
                found=f"{row.actual_columns} fields",
                wanted=f"{row.expected_columns} fields",
            )
        )
        return "skip"

    body = text if text.endswith(("\n", "\r")) else text + "\n"
    data = body.encode("utf-8")
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=min(len(data) + 1, 2**31 - 2)),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=ragged,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(
                    next(csv.reader([_header_line(text)], delimiter=delimiter)), pa.large_string()
                ),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as fault:
        raise SourceError(f"cannot be read as delimited text: {fault}", where=name) from fault
    if bad:
        raise ragged_rows(bad, name)
    return table.rename_columns(names)


def _records(table: pa.Table, names: list[str]) -> Records:
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame({name: pd.Series(table.column(name).to_pandas(), dtype="str") for name in names})
    rows = np.arange(2, len(frame) + 2)
    if len(names) and len(frame):
        blank = frame[names[0]].eq("")
        if blank.any():
            for name in names[1:]:
                blank &= frame[name].eq("")
            frame, rows = frame[~blank].reset_index(drop=True), rows[~blank.to_numpy()]
    return Records(frame=frame, rows=rows)
