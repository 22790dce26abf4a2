"""Write a partitioned ledger: from a book, or from files larger than memory. Floor 2.

Rows go through DuckDB, which spills to disk. The partition of a row is a hash of its customer's group; an
application goes where its items are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import Problem, SourceError, TableError
from arlib.sources.partitioned.groups import grouped
from arlib.sources.partitioned.layout import (
    MANIFEST,
    PARTED,
    SHARED,
    TOTALLED,
    Manifest,
    Partition,
    Stored,
    Totals,
    manifest_text,
    stored,
)
from arlib.sources.partitioned.spilling import MEMORY, THREADS, spilling
from arlib.sources.partitioned.typed_sql import name, quoted, typed_query
from arlib.sources.raw import file_faults
from arlib.sources.snapshot import MARK, SCHEMA_VERSION, write_book
from arlib.tables import CANONICAL, Book

if TYPE_CHECKING:
    import duckdb

OF_ITEM = {
    "instalments": "item_id",
    "revaluations": "item_id",
    "applications": "target_item_id",
    "receipts": "item_id",
}
OF_CUSTOMER = {
    "items": "customer_id", "customers": "customer_id", "customer_history": "customer_id", "customer_merges": "old_customer_id",
}  # fmt: skip


def write_ledger(book: Book, folder: Path, *, parts: int, currency: str = "") -> Manifest:
    """A book that fits memory as a partitioned ledger in a new or empty folder. Raises as `partition_files` does."""
    _require_empty(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        whole = Path(scratch) / "book"
        write_book(book, whole)
        files = {table: [whole / f"{table}.parquet"] for table in CANONICAL if table in book.tables}
        return partition_files(
            files, folder, parts=parts, currency=currency, features=book.features,
            snapshot_date=book.snapshot_date,
            told={name: whole / f"{name}.parquet" for name in ("problems", "inputs")})  # fmt: skip


def partition_files(
    files: Mapping[str, Sequence[Path]],
    folder: Path,
    *,
    parts: int,
    currency: str = "",
    features: frozenset[str] = frozenset(),
    snapshot_date: str = "",
    told: Mapping[str, Path] | None = None,
    memory: str = MEMORY,
    threads: int = THREADS,
) -> Manifest:
    """Canonical files of any size (Parquet with minor units, or contract CSV) as a ledger in a new or empty folder.

    `files` gives the files of each table, `parts` the number of partitions asked for: a group of customers is never
    torn apart, so some are larger, and an empty one is left out. `currency` is that of the books of an entity
    where no `entities` table says it. Raises TableError for applications of items that are not there, SourceError for
    a value that is not of its kind, and for a folder that holds something.
    """
    _require_empty(folder)
    with file_faults(folder, verb="written"):
        folder.mkdir(parents=True, exist_ok=True)
    with spilling(folder, what="cannot be partitioned", memory=memory, threads=threads) as (link, scratch):
        made = _written(link, files, folder, parts, scratch, currency, told or {})
    manifest = Manifest(partitions=made[0], shared=made[1], functional=made[2], totals=made[3], features=features,
                        snapshot_date=snapshot_date)  # fmt: skip
    write_manifest(manifest, folder)
    return manifest


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """The manifest, last: a folder without one is no ledger."""
    spare = folder / f".{MANIFEST}"
    with file_faults(folder / MANIFEST, verb="written"):
        spare.write_text(manifest_text(manifest), encoding="utf-8", newline="\n")
        spare.replace(folder / MANIFEST)


def _require_empty(folder: Path) -> None:
    with file_faults(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise SourceError(
                "the folder for a ledger is not empty", where=str(folder), fix="Name a new one."
            )


def _written(
    link: duckdb.DuckDBPyConnection,
    files: Mapping[str, Sequence[Path]],
    folder: Path,
    parts: int,
    scratch: Path,
    currency: str,
    told: Mapping[str, Path],
) -> tuple[tuple[Partition, ...], dict[str, tuple[Stored, ...]], dict[str, str], Totals]:
    if "items" not in files:
        raise SourceError("a ledger needs items", where=str(folder), found=", ".join(sorted(files)))
    functional: dict[str, str] = {}
    if files.get("entities"):
        query = typed_query(link, "entities", files["entities"], functional={})
        functional |= dict(link.execute(f"select entity, functional_currency from ({query})").fetchall())  # noqa: S608
    for table, paths in files.items():
        query = typed_query(link, table, paths, functional=functional, currency=currency)
        link.execute(f"create view {name(table)} as {query}")
    _place_items(link, files, parts)
    shared: dict[str, tuple[Stored, ...]] = {
        table: (_shared(link, table, folder),)
        for table in CANONICAL
        if table in files and table not in PARTED
    }
    for table, path in told.items():
        kept = folder / SHARED / f"{table}-0.parquet"
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(path.read_bytes())
        shared[table] = (stored(kept, folder=folder),)
    found: dict[int, dict[str, list[Path]]] = {}
    totals: dict[int, Totals] = {}
    for table in PARTED:
        if table in files:
            link.execute(f"create or replace temp view placed as {_placed(table, parts)}")
            _add_totals(link, table, totals)
            for place, paths in _copied(link, table, folder, scratch).items():
                found.setdefault(place, {})[table] = paths
    made = tuple(
        _partition(folder, number, found[place], totals.get(place, {}))
        for number, place in enumerate(sorted(found))
    )
    whole = _totals(link, [table for table in TOTALLED if table in files])
    books = {entity: functional.get(entity, currency) for entity in sorted(whole["items"])}
    return made, shared, books, whole


def _partition(folder: Path, number: int, found: Mapping[str, list[Path]], totals: Totals) -> Partition:
    """A partition under its number: places that nothing fell on are left out, so numbers have no gap."""
    home = folder / f"part-{number:05d}"
    first = next(iter(found.values()))[0].parent
    if first != home:
        first.replace(home)
    tables = {
        table: tuple(stored(home / path.name, folder=folder) for path in paths)
        for table, paths in found.items()
    }
    return Partition(name=home.name, tables=tables, totals={table: {} for table in TOTALLED} | totals)


def _totals(link: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> Totals:
    """Rows and money of the whole ledger, as the source has them, counted without regard to partitions."""
    made: Totals = {table: {} for table in TOTALLED}
    for table in tables:
        currency, amount = TOTALLED[table]
        rows: list[Any] = link.execute(
            f"select entity, {currency}, count(*), sum({amount}::HUGEINT) from {name(table)} group by all"  # noqa: S608
        ).fetchall()
        for entity, code, count, minor in rows:
            made[table].setdefault(entity, {})[code] = [int(count), int(minor or 0)]
    return made


def _place_items(link: duckdb.DuckDBPyConnection, files: Mapping[str, Sequence[Path]], parts: int) -> None:
    """Make the tables `group_of` (customers in a group) and `place_of` (the partition of every item)."""
    link.execute(
        "create table owner as select entity, item_id, coalesce(customer_id, '') as customer from items"
    )
    pairs: list[tuple[str, str]] = []
    if "customer_merges" in files:
        pairs += link.execute(
            "select distinct old_customer_id, new_customer_id from customer_merges"
        ).fetchall()
    ties = ["select entity, item_id as one, replaces as other from items where replaces is not null",
            "select entity, item_id, reverses from items where reverses is not null"]  # fmt: skip
    if "applications" in files:
        ties.append("select entity, source_item_id, target_item_id from applications")
    for tie in ties:
        pairs += link.execute(
            f"select distinct a.customer, b.customer from ({tie}) t(entity, one, other) "  # noqa: S608
            "join owner a on a.entity = t.entity and a.item_id = t.one "
            "join owner b on b.entity = t.entity and b.item_id = t.other where a.customer <> b.customer"
        ).fetchall()
    link.execute("create table group_of (customer varchar, leader varchar)")
    groups = grouped(pairs)
    if groups:
        import pandas as pd

        ties_found = pd.DataFrame({"customer": list(groups), "leader": list(groups.values())})
        link.register("ties_found", ties_found)
        link.execute("insert into group_of select customer, leader from ties_found")
    link.execute(
        f"create table place_of as select entity, item_id, {_hash('coalesce(leader, customer)', parts)} as place "  # noqa: S608
        "from owner left join group_of using (customer)"
    )
    link.execute("drop table owner")


def _hash(code: str, parts: int) -> str:
    return f"(md5_number_lower({code}) % {int(parts)})::INTEGER"


def _placed(table: str, parts: int) -> str:
    """The rows of a table with the partition that each belongs to."""
    if table in OF_CUSTOMER:
        column = f"coalesce(t.{name(OF_CUSTOMER[table])}, '')"
        return (
            f"select t.*, {_hash(f'coalesce(g.leader, {column})', parts)} as place from {name(table)} t "  # noqa: S608
            f"left join group_of g on g.customer = {column}"
        )
    join = f"left join place_of p on p.entity = t.entity and p.item_id = t.{name(OF_ITEM[table])}"
    if table == "receipts":  # one that was not posted has no item: it goes with its customer
        own = _hash("coalesce(g.leader, t.customer_id, '')", parts)
        return (
            f"select t.*, coalesce(p.place, {own}) as place "  # noqa: S608
            f"from receipts t {join} left join group_of g on g.customer = coalesce(t.customer_id, '')"
        )
    return f"select t.*, p.place from {name(table)} t {join}"  # noqa: S608


def _add_totals(link: duckdb.DuckDBPyConnection, table: str, totals: dict[int, Totals]) -> None:
    """Rows and money of each partition, as the source has them; a row whose item is nowhere raises TableError."""
    if table in OF_ITEM and table != "receipts":
        item, key = OF_ITEM[table], "application_id" if table == "applications" else "item_id"
        lost = link.execute(f"select {key}, {item} from placed where place is null limit 20").fetchall()  # noqa: S608
        if lost:
            faults = [
                Problem(file=f"table {table}", table=table, row=0, column=item, code="unknown_item",
                        found=f"{found} of {row}", wanted="an item of the same entity")
                for row, found in lost
            ]  # fmt: skip
            raise TableError(f"{table}: rows name items that are not there", faults)
    if table in TOTALLED:
        currency, amount = TOTALLED[table]
        rows: list[Any] = link.execute(
            f"select place, entity, {currency}, count(*), sum({amount}::HUGEINT) from placed group by all"  # noqa: S608
        ).fetchall()
        for place, entity, code, count, minor in rows:
            of_table = totals.setdefault(place, {}).setdefault(table, {})
            of_table.setdefault(entity, {})[code] = [int(count), int(minor or 0)]


def _copied(
    link: duckdb.DuckDBPyConnection, table: str, folder: Path, scratch: Path
) -> dict[int, list[Path]]:
    """The files of one table, by partition."""
    out = scratch / table
    link.execute(
        f"copy (select * from placed) to {quoted(str(out))} (format parquet, compression zstd, partition_by (place), {_mark()})"  # noqa: S608
    )
    made: dict[int, list[Path]] = {}
    for place in sorted(out.glob("place=*")):
        number = int(place.name.partition("=")[2])
        home = folder / f"part-{number:05d}"
        home.mkdir(exist_ok=True)
        for at, path in enumerate(sorted(place.iterdir())):
            made.setdefault(number, []).append(path.replace(home / f"{table}-{at}.parquet"))
    return made


def _shared(link: duckdb.DuckDBPyConnection, table: str, folder: Path) -> Stored:
    path = folder / SHARED / f"{table}-0.parquet"
    path.parent.mkdir(exist_ok=True)
    link.execute(
        f"copy (select * from {name(table)}) to {quoted(str(path))} (format parquet, compression zstd, {_mark()})"  # noqa: S608
    )
    return stored(path, folder=folder)


def _mark() -> str:
    return f"kv_metadata {{{MARK.decode()}: '{SCHEMA_VERSION}'}}"
