"""Result tables as data files: Parquet with its meaning in the metadata, and CSV beside it. Floor 3.

Parquet is the exact contract. The CSV beside it is the same table for people who open it in a spreadsheet: UTF-8
without mark, LF, comma, sorted by key, plain decimals; a text that is not a key and that a spreadsheet would run
(it begins with = + - @ tab or a line break) has an apostrophe in front. Keys stand as they are. The results' hash
is taken from the report, not from these files.

Parquet: money as int64 minor units with its currency beside it, days as date32.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from arlib import __version__, money
from arlib.report.model import Report, ResultTable
from arlib.sources.export import inert
from arlib.tables import Kind

SCHEMA_VERSION = "1"
ARROW_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.DAY: pa.date32(),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
    Kind.MONEY: pa.int64(),
    Kind.INTEGER: pa.int64(),
    Kind.FLAG: pa.bool_(),
    Kind.RATE: pa.string(),
}


def write_data(report: Report, folder: Path | str) -> tuple[Path, ...]:
    """Write every result table of the report as `<name>.parquet` and `<name>.csv`.

    Returns the paths, sorted.
    """
    made: list[Path] = []
    for table in report.tables:
        made += [write_parquet(table, Path(folder)), write_csv(table, Path(folder))]
    return tuple(sorted(made))


def write_parquet(table: ResultTable, folder: Path) -> Path:
    """One result table as Parquet; `read_table` of any Arrow reader gives types, key and currencies back."""
    path = folder / f"{table.name}.parquet"
    pq.write_table(arrow_table(table), path, compression="zstd", version="2.6")
    return path


def arrow_table(table: ResultTable) -> pa.Table:
    """The table in Arrow types, sorted by key; version, title, key, kinds and currencies are metadata."""
    frame = sorted_rows(table)
    arrays = [_array(frame[name], table.kinds[name]) for name in table.columns]
    fields = []
    for name in table.columns:
        meaning = {"kind": table.kinds[name].value, "heading": table.heading(name)}
        if name in table.currency:
            meaning["currency"] = table.currency[name]
        fields.append(pa.field(name, ARROW_TYPES[table.kinds[name]], metadata=meaning))
    about = {
        "schema_version": SCHEMA_VERSION,
        "arlib_version": __version__,
        "table": table.name,
        "title": table.title,
        "key": json.dumps(list(table.key)),
    }
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=about))


def write_csv(table: ResultTable, folder: Path) -> Path:
    """One result table as CSV for reading and for spreadsheets; Parquet holds the exact texts."""
    path = folder / f"{table.name}.csv"
    texts = csv_frame(table)
    texts.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    return path


def csv_frame(table: ResultTable) -> pd.DataFrame:
    """The table as text, sorted by key: plain decimals, ISO days, instants in UTC, true and false.

    Empty for none. Texts that are not keys are made inert.
    """
    frame = sorted_rows(table)
    made: dict[str, pd.Series] = {}
    for name in table.columns:
        kind, values = table.kinds[name], frame[name]
        if kind is Kind.MONEY:
            source = table.currency[name]
            made[name] = money.format_minor_column(values, frame[source] if source in table.kinds else source)
        elif kind is Kind.DAY:
            made[name] = values.dt.strftime("%Y-%m-%d")
        elif kind is Kind.INSTANT:
            made[name] = values.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        elif kind is Kind.FLAG:
            made[name] = values.map({True: "true", False: "false"})
        elif kind is Kind.TEXT and name not in table.key:
            made[name] = values.astype("str").map(inert, na_action="ignore")
        else:
            made[name] = values.astype("str")
    return pd.DataFrame(made, columns=list(table.columns))


def sorted_rows(table: ResultTable) -> pd.DataFrame:
    """The rows in order of the key, numbered from 0; the table's own frame stays as it is."""
    return table.frame.sort_values(list(table.key), kind="stable", ignore_index=True)


def file_names(tables: Iterable[ResultTable]) -> tuple[str, ...]:
    """The files that `write_data` makes for these tables."""
    return tuple(sorted(f"{table.name}.{ending}" for table in tables for ending in ("csv", "parquet")))


def _array(values: pd.Series, kind: Kind) -> pa.Array:
    if kind is Kind.DAY:
        return pa.array(values.dt.date.where(values.notna(), None), type=pa.date32(), from_pandas=True)
    return pa.array(
        values.astype(object).where(values.notna(), None), type=ARROW_TYPES[kind], from_pandas=True
    )
