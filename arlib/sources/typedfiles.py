"""Spreadsheets and Parquet as text records that remember which cells were typed. Floor 2."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from arlib.errors import SourceError
from arlib.sources.archive import check_expansion
from arlib.sources.raw import Records, check_header

if TYPE_CHECKING:
    import pandas as pd


def read_sheet(content: bytes, name: str, *, sheet: str = "", role: str = "") -> Records:
    """A sheet of an XLSX (or XLS, XLSB, ODS) workbook; its first filled row is the header.

    The sheet is the declared one, else the one named as the file role, else the only one that is filled.
    Raises SourceError where the workbook is damaged or the sheet is not certain. A number keeps the
    shortest decimal that stands for it, so an amount typed as 1234.56 is 1234.56; a code that was typed as
    a number has lost its zeros before it came here.
    """
    import python_calamine as calamine

    check_zip(content, name)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        chosen = sheet_of(book, names, name, sheet, role)
        cells = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except (calamine.CalamineError, ValueError, OSError) as fault:
        raise SourceError(
            f"not readable as a workbook ({fault})", where=name, fix="It may be cut; fetch it again."
        ) from fault
    top = next((place for place, row in enumerate(cells) if any(cell != "" for cell in row)), None)
    if top is None:
        raise SourceError("is empty: not even a header", where=f"{name}, sheet {chosen}")
    header = [str(cell).strip() for cell in cells[top]]
    width = max((place for place, cell in enumerate(header, start=1) if cell), default=0)
    over = next(
        (
            place
            for place, row in enumerate(cells[top + 1 :], start=top + 2)
            if any(c != "" for c in row[width:])
        ),
        None,
    )
    if over is not None:
        raise SourceError(
            f"row {over} has a value beyond the last headed column", where=f"{name}, sheet {chosen}"
        )
    check_header(header[:width], name)
    rows = [
        (place, row[:width])
        for place, row in enumerate(cells[top + 1 :], start=top + 2)
        if any(c != "" for c in row[:width])
    ]
    return of_cells(
        [column or f"unnamed_{place}" for place, column in enumerate(header[:width], start=1)], rows
    )


def check_zip(content: bytes, name: str) -> None:
    """Refuse a workbook whose own directory says that it expands without measure, before it is opened."""
    if not content.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            expanded = sum(entry.file_size for entry in packed.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return  # the reader of workbooks says what is wrong with it
    check_expansion(expanded, len(content), name)


def sheet_of(book: Any, names: list[str], where: str, declared: str, role: str) -> str:
    """The name of the sheet that is meant: the one declared, named like the role, or the only one. Raises SourceError."""
    if declared:
        if declared not in names:
            raise SourceError("no such sheet", where=where, found=declared, wanted=", ".join(names))
        return declared
    if role in names:
        return role
    filled = [name for name in names if len(names) == 1 or book.get_sheet_by_name(name).to_python()]
    if len(filled) != 1:
        raise SourceError(
            "which sheet is meant is not certain",
            where=where,
            found=", ".join(filled or names),
            fix="Set `sheet` of the source.",
        )
    return filled[0]


def of_cells(names: list[str], rows: list[tuple[int, list[Any]]]) -> Records:
    """Numbered rows of typed cells as records; a short row is filled up with nothing."""
    import numpy as np
    import pandas as pd

    texts: dict[str, pd.Series] = {}
    native: dict[str, pd.Series] = {}
    for place, name in enumerate(names):
        cells = [row[place] if place < len(row) else "" for _, row in rows]
        texts[name] = pd.Series([cell_text(cell) for cell in cells], dtype="str")
        typed = pd.Series([not isinstance(cell, str) for cell in cells], dtype=bool)
        if typed.any():
            native[name] = typed
    frame = pd.DataFrame(texts, columns=names)
    return Records(frame=frame, rows=np.array([number for number, _ in rows], dtype="int64"), native=native)


def cell_text(cell: object) -> str:
    """A typed cell as plain text: decimals without exponent, ISO dates, true or false, '' for none."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if cell != cell:
            return ""
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime):
        whole = cell.time() == time(0) and cell.tzinfo is None
        return cell.date().isoformat() if whole else cell.isoformat().replace("+00:00", "Z")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, timedelta | time):
        return str(cell)
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return str(cell)


def read_parquet(content: bytes, name: str) -> Records:
    """A Parquet file. In one of our own (it carries a schema version) integers of money columns are minor
    units.

    Raises SourceError for a damaged file or a nested column.
    """
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from pyarrow import parquet

    from arlib.sources.snapshot import MARK

    try:
        table = parquet.read_table(pa.BufferReader(content))
    except (pa.ArrowInvalid, OSError) as fault:
        raise SourceError(f"not readable as Parquet ({str(fault).splitlines()[0]})", where=name) from fault
    check_header(table.column_names, name)
    is_ours = MARK in (table.schema.metadata or {})
    texts: dict[str, pd.Series] = {}
    native: dict[str, pd.Series] = {}
    minor = set()
    for field in table.schema:
        if pa.types.is_nested(field.type) or pa.types.is_binary(field.type):
            raise SourceError(f"column {field.name!r} holds {field.type}, not plain values", where=name)
        values = table.column(field.name)
        if pa.types.is_dictionary(field.type):
            values = values.cast(field.type.value_type)
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            texts[field.name] = pd.Series(values.to_pandas(), dtype="str").fillna("")
            continue
        if pa.types.is_float32(values.type):
            values = values.cast(pa.float64())
        texts[field.name] = pd.Series([cell_text(cell) for cell in values.to_pylist()], dtype="str")
        native[field.name] = pd.Series(True, index=texts[field.name].index)
        if is_ours and (field.metadata or {}).get(b"kind") == b"money":
            minor.add(field.name)
    frame = pd.DataFrame(texts, columns=table.column_names, index=pd.RangeIndex(table.num_rows))
    return Records(frame=frame, rows=np.arange(2, table.num_rows + 2), native=native, minor=frozenset(minor))
