"""A form: a kind of file that is no table, told by its content and read as a stream of rows. Floor 2.

A reader yields (list, line, fields) with fields as text; see `lists`. It reads on: a statement's own row comes after its
entries. It raises SourceError for a file that it cannot use, and then nothing of the file is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from arlib.sources.forms.lists import LISTS
from arlib.sources.raw import Records

if TYPE_CHECKING:
    import pandas as pd

Row = tuple[str, int, dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form of file. `claims` sees the first 64 KiB without byte-order mark and leading blanks."""

    name: str
    title: str
    family: str  # "bank" or "remittance"
    claims: Callable[[bytes], bool]
    rows: Callable[[BinaryIO, str], Iterator[Row]]


def collect(rows: Iterable[Row], name: str) -> dict[str, Records]:
    """All rows by list, each list in the order of the file; every list is there, be it empty."""
    held: dict[str, list[tuple[int, dict[str, str]]]] = {key: [] for key in LISTS}
    for key, line, fields in rows:
        held[key].append((line, fields))
    return {key: _records(key, found, name) for key, found in held.items()}


def batches(rows: Iterable[Row], name: str, *, size: int = 50_000) -> Iterator[dict[str, Records]]:
    """The same in pieces of at most `size` rows, for files that are larger than the memory.

    A piece holds the lists that have rows in it. Nothing of a piece may be taken for good before the last one came:
    a file that turns out to be cut raises SourceError there.
    """
    held: dict[str, list[tuple[int, dict[str, str]]]] = {}
    count = 0
    for key, line, fields in rows:
        held.setdefault(key, []).append((line, fields))
        count += 1
        if count == size:
            yield {one: _records(one, found, name) for one, found in held.items()}
            held, count = {}, 0
    if held:
        yield {one: _records(one, found, name) for one, found in held.items()}


def _records(key: str, found: list[tuple[int, dict[str, str]]], name: str) -> Records:
    import numpy as np
    import pandas as pd

    columns = LISTS[key]
    known = frozenset(columns)
    for _, fields in found:
        if not fields.keys() <= known:
            raise KeyError(f"{key} has no column {sorted(fields.keys() - known)} ({name})")  # a reader's bug
    frame: pd.DataFrame = pd.DataFrame(
        {column: pd.Series([f.get(column, "") for _, f in found], dtype="str") for column in columns}
    )
    return Records(frame=frame, rows=np.array([line for line, _ in found], dtype="int64"))
