"""Files as text records with the row numbers a person sees. Floor 2: bytes in, records out, nothing
interpreted.

Every value is text here. A spreadsheet or Parquet cell that is a number or a date becomes plain text
(1234.5, 2026-10-31) and is marked `native`, so that it is read by that style whatever the profile says
about texts.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import Problem, Severity, SourceError
from arlib.sources.archive import expanded, unzipped

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from arlib.sources.profile import Frame, Reader


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
class Asked:
    """What a database was asked, and when it answered."""

    query: str
    parameters: str  # JSON, names sorted
    database: str  # product and version, never an address
    read_at: str  # UTC


@dataclass(frozen=True, kw_only=True)
class RawFile:
    """A file that was read: what it is, its records by name ('' for a plain table), and remarks on it."""

    name: str
    bytes: int
    sha256: str
    records: dict[str, Records]
    remarks: tuple[Problem, ...] = ()
    asked: Asked | None = None  # where the records are a database's answer
    path: Path | None = None  # where the file lies
    form: str = ""  # of a bank file or advice
    entities: frozenset[str] = frozenset()  # whom a bank file or advice is for


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """What the profile or the parameters say about the file; '' means find out."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    role: str = ""
    expected: tuple[str, ...] = ()  # columns that help to find the delimiter
    format: str | Reader = "table"
    lists: tuple[tuple[str, str], ...] = ()  # json: record name, path
    frame: Frame | None = None  # where the records of a sheet stand


@contextmanager
def file_faults(where: Path, *, verb: str = "read") -> Iterator[None]:
    """Turn what the system says against a file (no permission, read-only, full, gone) into SourceError."""
    try:
        yield
    except OSError as fault:
        raise SourceError(f"cannot be {verb} ({fault.strerror or fault})", where=str(where)) from fault


def read_raw(path: Path, *, options: ReadOptions, label: str = "") -> RawFile:
    """The file's records as text. Raises SourceError where it is missing, unreadable, truncated, ambiguous
    or larger than the memory."""
    with file_faults(path):
        if not path.is_file():
            raise SourceError("no such file" if not path.exists() else "not a file", where=str(path))
        try:
            return _read(path, path.read_bytes(), options=options, label=label)
        except MemoryError as fault:
            raise SourceError("is larger than the memory of this machine", where=str(path)) from fault


def _read(path: Path, data: bytes, *, options: ReadOptions, label: str) -> RawFile:
    name, digest = label or path.name, hashlib.sha256(data).hexdigest()
    suffixes = [suffix.lower() for suffix in path.suffixes]
    content = expanded(data, name) if data[:2] == b"\x1f\x8b" or suffixes[-1:] == [".gz"] else data
    remarks: list[Problem] = []
    form = ""
    if callable(options.format):
        records = _of_reader(options.format(content, name), name)
    elif options.format in ("bank", "remittance"):
        form, records, remarks = _of_form(content, name, family=options.format)
    elif options.frame is not None:
        from arlib.sources.framed import read_framed

        records, remarks = read_framed(content, name, options=options)
    elif options.format == "saf-t":
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
    return RawFile(
        name=name,
        bytes=len(data),
        sha256=digest,
        records=records,
        remarks=tuple(remarks),
        path=path,
        form=form,
    )


def _of_form(content: bytes, name: str, *, family: str) -> tuple[str, dict[str, Records], list[Problem]]:
    """The form's name, the lists of a bank file or an advice, and its remarks.

    Raises SourceError where no form claims it, two do, or it is of the other family.
    """
    from arlib.sources.forms import collect, form_of

    content, name = unzipped(content, name)
    form = form_of(content, name)
    if form is None:
        from arlib.sources.bank.camt import iso_message
        from arlib.sources.forms.registry import head_of

        named = iso_message(head_of(content))
        raise SourceError(
            "no reader knows this form of file",
            where=name,
            found=named or None,
            wanted="a bank file" if family == "bank" else "a remittance advice",
            fix="" if named else "A table needs a profile that maps its columns.",
        )
    if form.family != family:
        raise SourceError(
            f"is of another kind: {form.title}", where=name, fix=f"Read it under the profile {form.family}."
        )
    records = collect(form.rows(io.BytesIO(content), name), name)
    said = records.pop("remarks")
    notes = [
        remark(
            name, row["code"], row=int(line), column=row["column"], found=row["found"], wanted=row["wanted"]
        )
        for line, row in zip(said.rows, said.frame.to_dict("records"), strict=True)
    ]
    return form.name, records, notes


def _of_reader(found: Mapping[str, Any], name: str) -> dict[str, Records]:
    """What a registered reader gave, numbered as a table is: the first record is row 2.

    A value that is not text raises SourceError: it would have been read by another style than the profile's.
    """
    import numpy as np

    made = {}
    for role, given in found.items():
        frame = given.fillna("").reset_index(drop=True)
        for column in frame.columns:
            others = [cell for cell in frame[column] if not isinstance(cell, str)]
            if others:
                raise SourceError(
                    f"the reader gave a value that is not text, in column {column}",
                    where=name,
                    found=others[0],
                )
        made[role] = Records(frame=frame.astype("str"), rows=np.arange(2, len(frame) + 2))
    return made


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
    file: str,
    code: str,
    *,
    found: str = "",
    wanted: str = "",
    table: str = "",
    column: str = "",
    row: int = 0,
) -> Problem:
    """A note on a whole file, or on one row of it."""
    return Problem(
        file=file,
        table=table,
        row=row,
        column=column,
        severity=Severity.NOTED,
        code=code,
        found=found,
        wanted=wanted,
    )
