"""A book as a folder of Parquet files, and back. Floor 2.

    book.json          schema version, library version, features, snapshot date, tables with their rows
    <table>.parquet    one canonical table; problems.parquet and inputs.parquet beside them

Money is int64 minor units, days are date32, times are UTC microseconds, text is text. Each file says its
schema version.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import SourceError
from arlib.money import on_cores
from arlib.sources.raw import file_faults
from arlib.tables import CANONICAL, INPUTS, PROBLEMS, Book, Kind, Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SCHEMA_VERSION = 1
INDEX = "book.json"
MARK = b"arlib_schema_version"
UPGRADES: dict[
    int, Callable[[pa.Table], pa.Table]
] = {}  # from version n to n + 1, once there is a second version


def write_book(book: Book, folder: Path) -> None:
    """Write the book into a new or empty folder; the same book gives the same bytes.

    Raises SourceError where the folder holds something, TypeError where a money column holds floats.
    """
    from arlib import __version__

    with file_faults(folder, verb="written"):
        if folder.exists() and any(folder.iterdir()):
            raise SourceError("the folder for a book is not empty", where=str(folder))
        folder.mkdir(parents=True, exist_ok=True)
    tables = {name: book.tables[name] for name in CANONICAL if name in book.tables}
    for name, frame in tables.items():
        write_parquet(frame, folder / f"{name}.parquet", table=CANONICAL[name])
    write_parquet(book.problems, folder / "problems.parquet", table=PROBLEMS)
    write_parquet(book.inputs, folder / "inputs.parquet", table=INPUTS)
    index = {
        "schema_version": SCHEMA_VERSION,
        "arlib": __version__,
        "features": sorted(book.features),
        "snapshot_date": book.snapshot_date,
        "tables": {name: len(frame) for name, frame in tables.items()},
    }
    with file_faults(folder / INDEX, verb="written"):
        (folder / INDEX).write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8", newline="\n")


def read_book(folder: Path) -> Book:
    """The book that was written there. Raises SourceError where it is incomplete, damaged or of a newer
    version."""
    path = folder / INDEX
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        version, rows = int(index["schema_version"]), dict(index["tables"])
        features, snapshot = frozenset(map(str, index["features"])), str(index["snapshot_date"])
    except FileNotFoundError as fault:
        raise SourceError("no book here", where=str(folder), wanted=INDEX) from fault
    except OSError as fault:
        raise SourceError(f"cannot be read ({fault.strerror or fault})", where=str(path)) from fault
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise SourceError("the index of the book is damaged", where=str(path)) from fault
    if version > SCHEMA_VERSION:
        raise SourceError(
            "written by a newer version of arlib",
            where=str(path),
            found=version,
            wanted=f"{SCHEMA_VERSION} or lower",
            fix="Install the version that the run names.",
        )
    if unknown := sorted(rows.keys() - CANONICAL.keys()):
        raise SourceError(
            "the book has tables that are not declared", where=str(path), found=", ".join(unknown)
        )
    tables = {}
    for name, count in rows.items():
        tables[name] = read_parquet_table(folder / f"{name}.parquet", table=CANONICAL[name])
        if len(tables[name]) != count:
            raise SourceError(
                f"{name} has not the rows that the index states",
                where=str(folder),
                found=len(tables[name]),
                wanted=str(count),
            )
    return Book(
        tables,
        read_parquet_table(folder / "problems.parquet", table=PROBLEMS),
        read_parquet_table(folder / "inputs.parquet", table=INPUTS),
        features,
        snapshot,
    )


def arrow_schema(table: Table) -> pa.Schema:
    """The Parquet schema of a declared table, marked with the schema version and the kind of each column."""
    import pyarrow as pa

    types = {
        Kind.TEXT: pa.string(),
        Kind.RATE: pa.string(),
        Kind.DAY: pa.date32(),
        Kind.INSTANT: pa.timestamp("us", tz="UTC"),
        Kind.MONEY: pa.int64(),
        Kind.INTEGER: pa.int64(),
        Kind.FLAG: pa.bool_(),
    }
    from arlib import __version__

    fields = [
        pa.field(c.name, types[c.kind], metadata={b"kind": c.kind.value.encode()}) for c in table.columns
    ]
    return pa.schema(
        fields,
        metadata={
            MARK: str(SCHEMA_VERSION).encode(),
            b"arlib": __version__.encode(),
            b"table": table.name.encode(),
        },
    )


def write_parquet(frame: pd.DataFrame, path: Path, *, table: Table) -> None:
    """One declared table as Parquet; undeclared columns are refused by the table, floats in money by
    TypeError."""
    from pyarrow import parquet

    made = arrow_of(frame, table=table)
    with file_faults(path, verb="written"):
        parquet.write_table(made, path, compression="zstd")


def arrow_of(frame: pd.DataFrame, *, table: Table) -> pa.Table:
    """One declared table as Arrow, as it stands in Parquet; raises TypeError where a money column holds floats."""
    import pyarrow as pa

    schema = arrow_schema(table)
    typed = table.typed(frame)
    arrays = []
    for column, spec in zip(table.columns, schema, strict=True):
        values = typed[column.name]
        if column.kind is Kind.DAY:
            arrays.append(pa.array(values.to_numpy("datetime64[s]"), pa.timestamp("s")).cast(pa.date32()))
        else:
            arrays.append(pa.Array.from_pandas(values).cast(spec.type))
    return pa.Table.from_arrays([_plain(array) for array in arrays], schema=schema)


def _plain(array: Any) -> Any:
    """A chunked array as one array."""
    import pyarrow as pa

    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def read_parquet_table(path: Path, *, table: Table, columns: Sequence[str] = ()) -> pd.DataFrame:
    """One declared table from Parquet, checked: schema version, column names and types, upgraded where
    older.

    With `columns` only those are read; the others are empty.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        found = parquet.read_table(path, columns=list(columns) or None)
    except FileNotFoundError as fault:
        raise SourceError("a table of the book is missing", where=str(path)) from fault
    except (pa.ArrowInvalid, OSError) as fault:
        raise SourceError(
            f"not readable as Parquet ({str(fault).splitlines()[0]})", where=str(path)
        ) from fault
    mark = (found.schema.metadata or {}).get(MARK, b"")
    if not mark.isdigit() or int(mark) > SCHEMA_VERSION:
        raise SourceError(
            "schema version",
            where=str(path),
            found=mark.decode(errors="replace"),
            wanted=f"{SCHEMA_VERSION} or lower",
        )
    for version in range(int(mark), SCHEMA_VERSION):
        found = UPGRADES[version](found)
    return frame_of(found, table=table, where=str(path))


def frame_of(found: pa.Table, *, table: Table, where: str) -> pd.DataFrame:
    """An Arrow table as the declared table's frame; a column that is not as declared raises SourceError."""
    import pandas as pd

    declared = arrow_schema(table)
    for field in found.schema:
        at = declared.get_field_index(field.name)
        if at < 0 or declared.field(at).type != field.type:
            raise SourceError(
                f"column {field.name!r} is not as declared",
                where=where,
                found=str(field.type),
                wanted=str(declared.field(at).type) if at >= 0 else "no such column",
            )
    there = [column for column in table.columns if column.name in found.column_names]
    made = on_cores(lambda column: _values(found.column(column.name), column.kind), there)
    rows = pd.RangeIndex(found.num_rows)
    return table.typed(
        pd.DataFrame(dict(zip([column.name for column in there], made, strict=True)), index=rows, copy=False)
    )


def _values(values: pa.ChunkedArray, kind: Kind) -> pd.Series:
    """A column as it is held in memory."""
    import pandas as pd
    import pyarrow as pa

    match kind:
        case Kind.DAY:
            return pd.Series(values.cast(pa.timestamp("s")).to_numpy(), dtype="datetime64[s]")
        case Kind.INSTANT:
            instants = pd.DatetimeIndex(values.cast(pa.timestamp("us")).to_numpy())
            return pd.Series(instants.tz_localize("UTC"))
        case Kind.MONEY | Kind.INTEGER:
            return pd.Series(_integers(values))
        case Kind.FLAG:
            flags: Any = pd.BooleanDtype()
            return pd.Series(flags.__from_arrow__(values))
        case _:
            return pd.Series(values.to_pandas(), dtype="str")


def _integers(values: pa.ChunkedArray) -> pd.arrays.IntegerArray:
    """Whole numbers with a mark where one is missing, in memory of their own."""
    import numpy as np
    import pandas as pd

    if values.null_count:
        empty, full = np.asarray(values.is_null()), values.fill_null(0).to_numpy()
    else:
        empty, full = np.zeros(len(values), dtype=bool), values.to_numpy()
    return pd.arrays.IntegerArray(full if full.flags.writeable else full.copy(), empty)
