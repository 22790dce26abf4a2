"""A book as a SQLite file: one table a canonical table, typed, money as decimal text. Floor 2."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.errors import SourceError
from arlib.sources.export import contract_rows
from arlib.sources.raw import file_faults
from arlib.tables import CANONICAL, Book, Kind, Table

if TYPE_CHECKING:
    import pandas as pd

TYPES = {Kind.INTEGER: "INTEGER", Kind.FLAG: "INTEGER"}  # all else is TEXT: money never passes through REAL


def write_sqlite(tables: Book | Mapping[str, pd.DataFrame], path: Path) -> dict[str, int]:
    """Write the canonical tables into a new SQLite file and say how many rows each has.

    Money is decimal text with the places of its currency, days are ISO dates, times ISO 8601 in UTC, flags 0 or 1,
    none is NULL. Columns in the books' currency need the table entities. The file appears whole or not at all; one
    that is there already raises SourceError.
    """
    given = tables.tables if isinstance(tables, Book) else tables
    if path.exists():
        raise SourceError("the file is there already", where=path.name, fix="Name a new file.")
    functional: dict[str, str] = {}
    if "entities" in given:
        entities = given["entities"]
        functional = dict(zip(entities["entity"], entities["functional_currency"], strict=True))
    staging = path.with_name(f".{path.name}.{os.getpid()}.part")
    counts = {}
    with file_faults(path, verb="written"):
        staging.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(staging)) as base, base:
                for name in CANONICAL:
                    if name in given:
                        counts[name] = _fill(base, CANONICAL[name], given[name], functional)
            staging.replace(path)
        except sqlite3.Error as fault:
            raise SourceError(f"cannot be written ({fault})", where=path.name) from fault
        finally:
            staging.unlink(missing_ok=True)
    return counts


def _fill(base: sqlite3.Connection, table: Table, frame: pd.DataFrame, functional: Mapping[str, str]) -> int:
    """Create one table and insert its rows in the order of their keys."""
    columns = ", ".join(f'"{column.name}" {TYPES.get(column.kind, "TEXT")}' for column in table.columns)
    base.execute(f'CREATE TABLE "{table.name}" ({columns})')  # names are the declared ones
    rows = _rows(frame.sort_values(list(table.key), kind="stable", ignore_index=True), table, functional)
    marks = ", ".join("?" * len(table.columns))
    base.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', rows)  # noqa: S608  (a declared name)
    return len(rows)


def _rows(
    frame: pd.DataFrame, table: Table, functional: Mapping[str, str]
) -> list[tuple[str | int | None, ...]]:
    texts = contract_rows(frame, table=table, functional=functional)
    flags = {"true": 1, "false": 0}
    is_flag = [column.kind is Kind.FLAG for column in table.columns]
    is_number = [column.kind is Kind.INTEGER for column in table.columns]
    return [
        tuple(
            None if text == "" else flags[text] if flag else int(text) if number else text
            for text, flag, number in zip(row, is_flag, is_number, strict=True)
        )
        for row in texts.itertuples(index=False, name=None)
    ]
