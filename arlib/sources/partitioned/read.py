"""One partition of a ledger as a book, checked against the manifest. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.controls import Identity
from arlib.errors import SourceError
from arlib.money import totals_by
from arlib.sources.partitioned.layout import TOTALLED, Manifest, Partition, Stored, Totals, check_file
from arlib.sources.snapshot import read_parquet_table
from arlib.tables import CANONICAL, INPUTS, PROBLEMS, Book

if TYPE_CHECKING:
    import pandas as pd

DECLARED = {**CANONICAL, "problems": PROBLEMS, "inputs": INPUTS}


def read_shared(folder: Path, manifest: Manifest, *, tables: Sequence[str] = ()) -> Book:
    """The tables that all partitions share; with `tables` only those. A changed file raises SourceError."""
    read = {
        name: _table(folder, name, files)
        for name, files in manifest.shared.items()
        if not tables or name in (*tables, "problems", "inputs")
    }
    problems = read.pop("problems", PROBLEMS.empty())
    inputs = read.pop("inputs", INPUTS.empty())
    return Book(read, problems, inputs, manifest.features, manifest.snapshot_date)


def read_partition(
    folder: Path,
    manifest: Manifest,
    name: str,
    *,
    shared: Sequence[str] = (),
    columns: Mapping[str, Sequence[str]] | None = None,
) -> Book:
    """The book of one partition, with the `shared` tables that are asked for.

    With `columns` only those of a table are read. A table that no partition has is absent; one that only others have
    is empty. A file that is not what the manifest says raises SourceError, rows or money that did not all come in
    IdentityError.
    """
    part = manifest.named(name)
    chosen = columns or {}
    given = {table for each in manifest.partitions for table in each.tables}
    tables = {
        table: _table(folder, table, part.tables.get(table, ()), chosen.get(table, ()))
        for table in CANONICAL
        if table in given
    }
    for identity in handed_over(part, tables):
        identity.require()
    beside = read_shared(folder, manifest, tables=shared) if shared else Book({})
    kept = {table: frame for table, frame in beside.tables.items() if table in shared}
    return Book(tables | kept, features=manifest.features, snapshot_date=manifest.snapshot_date)


def handed_over(part: Partition, tables: Mapping[str, pd.DataFrame]) -> list[Identity]:
    """Rows and money that the manifest states of a partition = what was read, by table, entity and currency."""
    made = []
    for table in TOTALLED:
        found = totals_of(tables[table], table) if table in tables else {}
        stated = part.totals.get(table, {})
        for entity in sorted({*found, *stated}):
            there, wanted = found.get(entity, {}), stated.get(entity, {})
            for code in sorted({*there, *wanted}):
                (rows, minor), (rows_told, minor_told) = there.get(code, [0, 0]), wanted.get(code, [0, 0])
                made += [
                    Identity(name=f"rows of {table} in {part.name}", left_label="manifest", left=rows_told,
                             right_label="read", right=rows, entity=entity),
                    Identity(name=f"{table} in {part.name}", left_label="manifest", left=minor_told,
                             right_label="read", right=minor, currency=code, entity=entity),
                ]  # fmt: skip
    return made


def totals_of(frame: pd.DataFrame, table: str) -> dict[str, dict[str, list[int]]]:
    """Rows and minor units of a table by entity and currency."""
    currency, amount = TOTALLED[table]
    work = frame[["entity", currency, amount]].assign(rows=1)
    summed = totals_by(work, ["entity", currency], ["rows", amount])
    made: Totals = {table: {}}
    for entity, code, rows, minor in summed.itertuples(index=False, name=None):
        made[table].setdefault(str(entity), {})[str(code)] = [int(rows), int(minor)]
    return made[table]


def _table(folder: Path, name: str, files: Sequence[Stored], columns: Sequence[str] = ()) -> pd.DataFrame:
    import pandas as pd

    declared = DECLARED[name]
    frames = []
    for file in files:
        frame = read_parquet_table(check_file(file, folder=folder), table=declared, columns=columns)
        if len(frame) != file.rows:
            raise SourceError("has not the rows that the manifest states", where=file.path, found=len(frame),
                              wanted=str(file.rows))  # fmt: skip
        frames.append(frame)
    if len(frames) > 1:
        return pd.concat(frames, ignore_index=True)
    return frames[0] if frames else declared.empty()
