"""Files as text records with the row numbers a person sees. Floor 2: bytes in, records out, nothing
interpreted.

Every value is text here. A spreadsheet or Parquet cell that is a number or a date becomes plain text
(1234.5, 2026-10-31) and is marked `native`, so that it is read by that style whatever the profile says
about texts.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.errors import Problem, Severity, SourceError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MAX_EXPANDED_BYTES = 4 << 30  # of a compressed file; beyond it is taken for a decompression bomb


@dataclass(frozen=True, kw_only=True)
class Records:
    """The records of one file (or of one record list in it)."""

    frame: pd.DataFrame  # every column text, '' where nothing stands
    rows: np.ndarray  # row number of each record: header 1, first record 2
    native: dict[str, pd.Series] = field(
        default_factory=dict
    )  # column: True where the cell was typed, not text
    minor: frozenset[str] = frozenset()  # columns that hold minor units already (our own Parquet)


@dataclass(frozen=True, kw_only=True)
class RawFile:
    """A file that was read: what it is, its records by name ('' for a plain table), and remarks on it."""

    name: str
    bytes: int
    sha256: str
    records: dict[str, Records]
    remarks: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """What the profile or the parameters say about the file; '' means find out."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    role: str = ""
    expected: tuple[str, ...] = ()  # columns that help to find the delimiter
    format: str = "table"
    lists: tuple[tuple[str, str], ...] = ()  # json: record name, path


def read_raw(path: Path, *, options: ReadOptions, label: str = "") -> RawFile:
    """The file's records as text. Raises SourceError where it is missing, unreadable, truncated or
    ambiguous."""
    if not path.is_file():
        raise SourceError("no such file" if not path.exists() else "not a file", where=str(path))
    data = path.read_bytes()
    name, digest = label or path.name, hashlib.sha256(data).hexdigest()
    suffixes = [suffix.lower() for suffix in path.suffixes]
    content = expanded(data, name) if data[:2] == b"\x1f\x8b" or suffixes[-1:] == [".gz"] else data
    remarks: list[Problem] = []
    if options.format == "saf-t":
        from arlib.sources.saft import read_saft

        records = read_saft(content, name)
    elif options.format == "json":
        from arlib.sources.jsonfile import read_json

        records = read_json(content, name, lists=dict(options.lists))
    elif content[:4] == b"PK\x03\x04" or content[:4] == b"\xd0\xcf\x11\xe0" or ".xlsx" in suffixes:
        from arlib.sources.typedfiles import read_sheet

        records = {"": read_sheet(content, name, sheet=options.sheet, role=options.role)}
    elif content[:4] == b"PAR1" or ".parquet" in suffixes:
        from arlib.sources.typedfiles import read_parquet

        records = {"": read_parquet(content, name)}
    else:
        from arlib.sources.delimited import read_delimited

        found, notes = read_delimited(content, name, options=options)
        records = {"": found}
        remarks += notes
    return RawFile(name=name, bytes=len(data), sha256=digest, records=records, remarks=tuple(remarks))


def expanded(data: bytes, name: str) -> bytes:
    """Gzip content whole; a cut, damaged or excessive one raises SourceError."""
    import io

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            content = file.read(MAX_EXPANDED_BYTES + 1)
    except (EOFError, OSError, zlib.error) as fault:
        raise SourceError(
            f"compressed file is cut or damaged ({fault})", where=name, fix="Fetch the file again."
        ) from fault
    if len(content) > MAX_EXPANDED_BYTES:
        raise SourceError("expands to more than 4 GiB", where=name)
    return content


def check_header(names: list[str], where: str) -> None:
    """Refuse a header with a name twice; unnamed columns are legal (an index column written by a tool)."""
    twice = sorted(name for name, count in Counter(names).items() if name and count > 1)
    if twice:
        raise SourceError(
            "column stands twice in the header",
            where=where,
            found=", ".join(twice),
            fix="Rename or remove one of them; which one is meant cannot be guessed.",
        )


def remark(
    file: str, code: str, *, found: str = "", wanted: str = "", table: str = "", column: str = ""
) -> Problem:
    """A note on a whole file."""
    return Problem(
        file=file,
        table=table,
        row=0,
        column=column,
        severity=Severity.NOTED,
        code=code,
        found=found,
        wanted=wanted,
    )
