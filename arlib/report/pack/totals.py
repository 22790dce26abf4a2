"""pack.json: what a pack says of its run, with every result table's rows and totals by currency. Floor 3.

Totals come from the Parquet files, so that verify.py, which adds up the CSV files, compares two things.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError, SourceError
from arlib.money import format_minor
from arlib.report.pack import verify_pack
from arlib.report.pack.verify_pack import MALFORMED, SCHEMA, canonical

if TYPE_CHECKING:
    import pyarrow as pa

MOST_BLANKS = 1_000  # rows that may be named one by one
OWN = frozenset(
    {
        "schema", "entity", "as_of", "run_id", "results_sha256", "library_sha256", "lock_sha256",
        "content", "content_sha256", "tables",
    }
)  # fmt: skip


def pack_json(*, run: Path, content: Mapping[str, Any], facts: Mapping[str, Any]) -> bytes:
    """The bytes of data/pack.json for a sealed run.

    `content` is what the answer depends on beside the data, such as the request without who asked and when; with the hash
    of the results it makes `content_sha256`, which is equal whenever the same is asked of the same data. `facts` stand
    beside it. Raises ParameterError where `facts` use a name that is ours, SourceError where the run lacks a file.
    """
    if taken := sorted(OWN & facts.keys()):
        raise ParameterError(
            "facts of a pack", found=", ".join(taken), wanted="names that pack.json does not use itself"
        )
    record = _record(run)
    whole = {**content, "results_sha256": record["results_sha256"]}
    told = {
        **facts,
        "schema": SCHEMA,
        **{name: record[name] for name in ("entity", "as_of", "run_id", "results_sha256", "library_sha256")},
        "lock_sha256": record["environment"]["lock_sha256"],
        "content": whole,
        "content_sha256": hashlib.sha256(canonical(whole)).hexdigest(),
        "tables": tables_of(run),
    }
    return (json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()


def tables_of(run: Path) -> list[dict[str, Any]]:
    """Every result table of a sealed run, by notebook and name: columns, key, rows, totals and hash.

    `totals` are decimal text by money column and currency, over all rows. `blanks` tells, for text columns, which empty
    fields of the CSV are a text of no length: all (true) or those rows (from 0); the others are none. `is_recomputed` says
    that the hash of the result can be made again from the CSV; where it cannot (times with fractions of a second, texts with
    an apostrophe of their own before an equals sign), only rows and totals are checked again.
    """
    record = _record(run)
    return [
        _table(run, notebook, name, stated)
        for notebook, told in sorted(record["notebooks"].items())
        for name, stated in sorted(told["tables"].items())
    ]


def _record(run: Path) -> dict[str, Any]:
    path = run / "run.json"
    try:
        made: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise SourceError("is no sealed run", where=run.name, wanted="run.json") from fault
    return made


def _table(run: Path, notebook: str, name: str, stated: Mapping[str, Any]) -> dict[str, Any]:
    import pyarrow.parquet as pq

    path = run / "data" / notebook / f"{name}.csv"
    if not path.is_file() or not path.with_suffix(".parquet").is_file():
        raise SourceError(
            "a result table is missing", where=run.name, found=f"{notebook}/{name}", wanted="CSV and Parquet"
        )
    data = pq.read_table(path.with_suffix(".parquet"))
    columns = []
    for field in data.schema:
        about = field.metadata or {}
        told = {"name": field.name, "kind": about[b"kind"].decode()}
        if b"currency" in about:
            told["currency"] = about[b"currency"].decode()
        columns.append(told)
    made: dict[str, Any] = {
        "notebook": notebook,
        "table": name,
        "csv": f"data/run/data/{notebook}/{name}.csv",
        "key": json.loads(data.schema.metadata[b"key"]),
        "columns": columns,
        "rows": data.num_rows,
        "sha256": stated["sha256"],
        "totals": {c["name"]: sums for c in columns if c["kind"] == "money" and (sums := _totals(data, c))},
        "blanks": {
            c["name"]: rows for c in columns if c["kind"] == "text" and (rows := _blanks(data, c["name"]))
        },
    }
    made["is_recomputed"] = _is_recomputed(path, made)
    return made


def _totals(data: pa.Table, column: Mapping[str, str]) -> dict[str, str]:
    """Sums by currency in exact integers: an int64 sum may overflow where each amount fits."""
    source = column["currency"]
    sums: dict[str, int] = {}
    amounts = data.column(column["name"]).to_pylist()
    currencies = data.column(source).to_pylist() if source in data.column_names else [source] * len(amounts)
    for value, currency in zip(amounts, currencies, strict=True):
        if value is not None:
            sums[currency] = sums.get(currency, 0) + value
    return {currency: format_minor(total, currency) for currency, total in sorted(sums.items())}


def _blanks(data: pa.Table, name: str) -> bool | list[int]:
    import pyarrow.compute as pc

    values = data.column(name)
    empty = [i for i, is_empty in enumerate(pc.equal(values, "").to_pylist()) if is_empty]
    return empty if empty and values.null_count else bool(empty)


def _is_recomputed(path: Path, told: Mapping[str, Any]) -> bool:
    if any(isinstance(rows, list) and len(rows) > MOST_BLANKS for rows in told["blanks"].values()):
        return False
    if path.stat().st_size > verify_pack.LARGEST_TABLE:
        return False
    with path.open("rb") as file:
        try:
            return verify_pack.read_table(file, told, keep_rows=True).digest == str(told["sha256"])
        except (csv.Error, *MALFORMED):
            return False
