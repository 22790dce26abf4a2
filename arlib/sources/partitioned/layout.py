"""The manifest of a partitioned ledger: what is in which file, and what it adds up to. Floor 2."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from arlib.errors import SourceError
from arlib.money import is_currency, shown
from arlib.sources.raw import file_faults
from arlib.tables import CANONICAL

MANIFEST = "ledger.json"
SCHEMA_VERSION = 2
KIND = "arlib ledger"
SHARED = "shared"
PARTED = (
    "items", "applications", "instalments", "revaluations", "receipts", "customers", "customer_history", "customer_merges",
)  # fmt: skip
TOTALLED = {"items": ("currency", "amount"), "applications": ("target_currency", "target_amount")}
NAME = re.compile(r"part-[0-9]{5,}")
Totals = dict[str, dict[str, dict[str, list[int]]]]  # table, entity, currency: rows and minor units
AGAIN = "Fetch the ledger anew, or write it again."


@dataclass(frozen=True, kw_only=True)
class Stored:
    """One Parquet file: its path below the ledger, and what it must be."""

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Partition:
    """The files of one group of customers, by table, and what items and applications in it add up to."""

    name: str
    tables: dict[str, tuple[Stored, ...]]
    totals: Totals

    def rows(self, table: str) -> int:
        """Rows of a table in this partition."""
        return sum(file.rows for file in self.tables.get(table, ()))

    def sha256(self) -> str:
        """One hash for all files of the partition: a part that was made from other files is not its part."""
        told = sorted((file.path, file.sha256) for files in self.tables.values() for file in files)
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


class _Version(TypedDict):
    """What tells whether the rest can be read."""

    kind: Literal["arlib ledger"]
    schema_version: int


class _Whole(TypedDict):
    partitions: int
    totals: Totals


class _Told(TypedDict):
    """The manifest as it is written."""

    whole: _Whole
    partitions: tuple[Partition, ...]
    shared: dict[str, tuple[Stored, ...]]
    functional: dict[str, str]
    features: list[str]
    snapshot_date: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What `ledger.json` says. `totals` are those of the whole ledger, which the partitions must add up to."""

    partitions: tuple[Partition, ...]
    totals: Totals
    shared: dict[str, tuple[Stored, ...]]
    functional: dict[str, str]  # entity to the currency of its books, '' where nobody said it
    features: frozenset[str] = frozenset()
    snapshot_date: str = ""
    sha256: str = field(default="", compare=False)  # of the file itself
    bytes: int = field(default=0, compare=False)

    @property
    def entities(self) -> tuple[str, ...]:
        """Entity codes that stand in the items, sorted."""
        return tuple(sorted({entity for part in self.partitions for entity in part.totals["items"]}))

    def named(self, name: str) -> Partition:
        """The partition of that name; SourceError where there is none."""
        for part in self.partitions:
            if part.name == name:
                return part
        raise SourceError("the ledger has no such partition", found=name)

    def has(self, table: str) -> bool:
        """Whether the table was given, in any partition or shared."""
        return table in self.shared or any(table in part.tables for part in self.partitions)


def is_ledger(path: Path) -> bool:
    """Whether a folder is a partitioned ledger: it holds a manifest."""
    return path.is_dir() and (path / MANIFEST).is_file()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a partitioned ledger.

    Raises SourceError where it is damaged or of another version, names files outside, lists partitions that are not those
    on disk or not all, and where they do not add up to the ledger.
    """
    path = folder / MANIFEST
    with file_faults(path):
        content = path.read_bytes()
    from pydantic import TypeAdapter, ValidationError

    try:
        version = TypeAdapter(_Version).validate_json(content, strict=True)["schema_version"]
        if version != SCHEMA_VERSION:
            raise SourceError("written by another version of arlib", where=str(path), found=version,
                              wanted=str(SCHEMA_VERSION), fix="Write the ledger again.")  # fmt: skip
        told = TypeAdapter(_Told).validate_json(content, strict=True)
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise SourceError("the manifest of the ledger is damaged", where=str(path), found=f"{place}: {first['msg']}",
                          fix=AGAIN) from fault  # fmt: skip
    made = Manifest(
        partitions=told["partitions"],
        totals=told["whole"]["totals"],
        shared=told["shared"],
        functional=told["functional"],
        features=frozenset(told["features"]),
        snapshot_date=told["snapshot_date"],
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
    )
    count = told["whole"]["partitions"]
    _check_names(made, path)
    _check_all_there(made, count, path)
    _check_totals(made, path)
    return made


def manifest_text(manifest: Manifest) -> str:
    """The manifest as it is written."""
    from arlib import __version__

    return (
        json.dumps(
            {
                "kind": KIND,
                "schema_version": SCHEMA_VERSION,
                "arlib": __version__,
                "features": sorted(manifest.features),
                "snapshot_date": manifest.snapshot_date,
                "functional": manifest.functional,
                "whole": {"partitions": len(manifest.partitions), "totals": manifest.totals},
                "shared": {name: [asdict(file) for file in files] for name, files in manifest.shared.items()},
                "partitions": [asdict(part) for part in manifest.partitions],
            },
            indent=1,
        )
        + "\n"
    )


def stored(path: Path, *, folder: Path) -> Stored:
    """What the manifest keeps of a file that stands there."""
    from pyarrow import parquet

    with file_faults(path):
        return Stored(
            path=path.relative_to(folder).as_posix(),
            rows=parquet.read_metadata(path).num_rows,
            bytes=path.stat().st_size,
            sha256=sha256_of(path),
        )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_file(file: Stored, *, folder: Path) -> Path:
    """The path of a file that is as the manifest says; one that has changed raises SourceError."""
    path = folder / file.path
    with file_faults(path):
        found = (path.stat().st_size, sha256_of(path))
    if found != (file.bytes, file.sha256):
        raise SourceError("has changed since the ledger was written", where=file.path,
                          found=f"{found[0]} bytes, {found[1][:12]}", wanted=f"{file.bytes} bytes, {file.sha256[:12]}",
                          fix="Write the ledger again, or fetch the file anew.")  # fmt: skip
    return path


def added(parts: Iterable[Totals]) -> Totals:
    """What several totals add up to."""
    made: Totals = {table: {} for table in TOTALLED}
    for table, entity, code, (rows, minor) in (line for each in parts for line in _lines(each)):
        so_far = made[table].setdefault(entity, {}).setdefault(code, [0, 0])
        made[table][entity][code] = [so_far[0] + rows, so_far[1] + minor]
    return made


def _lines(totals: Totals) -> Iterator[tuple[str, str, str, list[int]]]:
    for table, of_table in totals.items():
        for entity, of_entity in of_table.items():
            for code, sums in of_entity.items():
                yield table, entity, code, sums


def _check_names(manifest: Manifest, path: Path) -> None:
    """Every table is declared, every name plain, and no file lies outside the ledger."""
    places = [(part.name, part.tables) for part in manifest.partitions] + [(SHARED, manifest.shared)]
    for place, tables in places:
        if place != SHARED and not NAME.fullmatch(place):
            raise SourceError("a name of a partition", where=str(path), found=place, wanted="part-00000")
        for table, files in tables.items():
            if table not in CANONICAL and table not in ("problems", "inputs"):
                raise SourceError("the ledger has a table that is not declared", where=str(path), found=table)
            for file in files:
                if not re.fullmatch(rf"{place}/[a-z_]+-[0-9]+\.parquet", file.path):
                    raise SourceError("a file lies where it may not", where=str(path), found=file.path,
                                      wanted=f"{place}/{table}-0.parquet")  # fmt: skip


def _check_all_there(manifest: Manifest, count: int, path: Path) -> None:
    """As many partitions as the ledger was written with, each once, and on disk these and no others."""
    names = [part.name for part in manifest.partitions]
    if len(names) != count or names != [f"part-{number:05d}" for number in range(count)]:
        raise SourceError("the manifest does not list the partitions that the ledger was written with", where=str(path),
                          found=f"{len(names):,} partitions", wanted=f"{count:,}, numbered from part-00000, each once",
                          fix=AGAIN)  # fmt: skip
    with file_faults(path.parent):
        there = {each.name for each in path.parent.iterdir() if each.is_dir() and NAME.fullmatch(each.name)}
    if gone := sorted({*names} - there):
        raise SourceError("the partition is not there", where=str(path.parent / gone[0]),
                          found=f"{len(gone):,} of {count:,} missing", fix=AGAIN)  # fmt: skip
    if more := sorted(there - {*names}):
        raise SourceError(
            "a partition that the manifest does not list", where=str(path.parent / more[0]), fix=AGAIN
        )


def _check_totals(manifest: Manifest, path: Path) -> None:
    """Rows and money of all partitions = those of the ledger, by table, entity and currency."""
    try:
        found = {line[:3]: line[3] for line in _lines(added(part.totals for part in manifest.partitions))}
        wanted = {line[:3]: line[3] for line in _lines(manifest.totals)}
        rows = {
            table: sum(line[3][0] for line in _lines({table: manifest.totals[table]})) for table in TOTALLED
        }
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise SourceError("the manifest of the ledger is damaged", where=str(path)) from fault
    for table, entity, code in sorted({*found, *wanted}):
        ours, theirs = (sums.get((table, entity, code), [0, 0]) for sums in (found, wanted))
        if ours != theirs:
            raise SourceError(f"the partitions do not add up to the ledger: {table} of {entity}", where=str(path),
                              found=_said(ours, code), wanted=_said(theirs, code), fix=AGAIN)  # fmt: skip
    for table in TOTALLED:
        listed = sum(part.rows(table) for part in manifest.partitions)
        if listed != rows[table]:
            raise SourceError(f"the files do not add up to the ledger: {table}", where=str(path),
                              found=f"{listed:,} rows", wanted=f"{rows[table]:,}", fix=AGAIN)  # fmt: skip


def _said(sums: list[int], code: str) -> str:
    money = f"{shown(sums[1], code)} {code}" if is_currency(code) else str(sums[1])
    return f"{sums[0]:,} rows, {money}"
