"""A table of ten million rows in a database: how long and with how much memory a source takes its month out of it.

    python benchmarks/big_table.py [--rows 10000000] [--postgres ADDRESS]

The table is filled by the database itself (DuckDB in a temporary file, or PostgreSQL at an address whose table
`big_items` is made anew). A child process then loads it as a source: the database filters to about one row in
fifty and gives nine of its sixteen columns. Seconds and peak memory are the child's.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

VARIABLE = "ARLIB_BENCH_URL"
COLUMNS = """
    'I' || n AS item_id, CASE WHEN n % 50 = 0 THEN 'US01' ELSE 'XX' || CAST(n % 40 AS VARCHAR(9)) END AS entity,
    'C' || CAST(n % 5000 AS VARCHAR(9)) AS customer_id, 'invoice' AS item_type, 'INV-' || n AS document_no,
    DATE '2026-10-01' + CAST(n % 31 AS INTEGER) AS effective_date, 'USD' AS currency,
    CAST(n % 1000000 AS DECIMAL(18, 2)) / 100 AS amount_raw, CAST(CAST(n % 1000000 AS DECIMAL(18, 2)) / 100 AS DECIMAL(18, 2)) AS amount,
    'attribute one ' || n AS attribute1, 'attribute two ' || n AS attribute2, n AS attribute3, n * 2 AS attribute4,
    'flex' AS attribute5, DATE '2026-01-01' AS created_on, 'somebody' AS created_by
"""
PROFILE = """
profile: big
title: A big table
entity: US01
functional_currency: USD
files: {BIG: {names: [], query: "table big_items where entity = :entity"}}
tables:
  - into: items
    from: BIG
    columns: {item_id: ITEM_ID, entity: ENTITY, customer_id: CUSTOMER_ID, item_type: ITEM_TYPE, document_no: DOCUMENT_NO,
              effective_date: EFFECTIVE_DATE, due_date: EFFECTIVE_DATE, currency: CURRENCY, amount: AMOUNT}
"""
CHILD = """
import json, resource, sys, time
from pathlib import Path
from arlib.sources import SourceSpec, load_book
import pandas, pyarrow, sqlalchemy, arlib.sources.load
if sys.argv[2] == "duckdb":
    import duckdb_engine
from arlib.sources.catalogue import load_profile
from arlib.sources.database import read_database
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
spec = SourceSpec(database="ARLIB_BENCH_URL", profile="big.yml")
root = Path(sys.argv[1])
if sys.argv[3] == "read":
    ((_, file),) = read_database(spec, load_profile("big.yml", root=root))
    rows = len(file.records[""].frame)
else:
    rows = len(load_book([spec], root=root)["items"])
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"rows": rows, "seconds": round(seconds, 1), "peak_mib": peak // 1024, "imports_mib": before // 1024}))
"""


def fill_duckdb(path: Path, rows: int) -> None:
    """The table in a DuckDB file."""
    import duckdb

    with duckdb.connect(str(path), config={"memory_limit": "2GB", "threads": "2"}) as link:
        link.execute("SET preserve_insertion_order = false")
        link.execute(f"CREATE TABLE big_items AS SELECT {COLUMNS} FROM range(1, {rows + 1}) r(n)")  # noqa: S608


def fill_postgres(address: str, rows: int) -> None:
    """The table in a PostgreSQL database, made anew."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as link:
        link.execute("DROP TABLE IF EXISTS big_items")
        link.execute(f"CREATE TABLE big_items AS SELECT {COLUMNS} FROM generate_series(1, {rows}) r(n)")  # noqa: S608


def measured(folder: Path, address: str, kind: str, what: str) -> dict[str, object]:
    """Rows, seconds and memory of a child process that reads the source."""
    (folder / "big.yml").write_text(PROFILE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), kind, what], env={**os.environ, VARIABLE: address},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Fill, read, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--postgres", default="", help="libpq address of a database that may be written to")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, kind = Path(name), "postgresql" if given.postgres else "duckdb"
        began = time.perf_counter()
        # apart from this process, whose own size a child would report as its peak
        work = (fill_postgres, given.postgres) if given.postgres else (fill_duckdb, folder / "big.duckdb")
        filling = multiprocessing.get_context("spawn").Process(target=work[0], args=(work[1], given.rows))
        filling.start()
        filling.join()
        if filling.exitcode:
            raise SystemExit("the table could not be filled")
        print(f"{kind}: {given.rows:,} rows filled in {time.perf_counter() - began:.1f} s")
        address = given.postgres or f"duckdb:///{folder / 'big.duckdb'}"
        for what, title in (("read", "records as text"), ("load", "whole load, checked and typed")):
            told = measured(folder, address, kind, what)
            print(
                f"{title}: {told['rows']:,} rows in {told['seconds']} s, peak {told['peak_mib']} MiB "
                f"(of which interpreter and libraries {told['imports_mib']} MiB)"
            )


if __name__ == "__main__":
    main()
