"""The sample company as CSV files and in three kinds of database; a PostgreSQL server of our own as the store has it."""

from __future__ import annotations

import csv
import importlib.util
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from arlib.sources import SourceSpec, load_book
from arlib.sources.sample import generate, write_sample
from arlib.tables import Book

_home = Path(__file__).resolve().parents[2] / "store" / "conftest.py"
_spec = importlib.util.spec_from_file_location("arlib_tests_store_conftest", _home)
assert _spec is not None
assert _spec.loader is not None
_store = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = _store
_spec.loader.exec_module(_store)
postgres, postgres_database = _store.postgres, _store.postgres_database

VARIABLE = "ARLIB_TEST_URL"
Ask = Callable[..., Book]


@dataclass(frozen=True)
class Extract:
    """The sample company's CSV files."""

    folder: Path
    functional: dict[str, str]

    def rows(self) -> Iterator[tuple[str, list[str], list[list[str]]]]:
        for path in sorted(self.folder.glob("*.csv")):
            header, *rows = csv.reader(path.open(encoding="utf-8", newline=""))
            yield path.stem, header, rows

    def book(self) -> Book:
        spec = SourceSpec(folder=self.folder)
        return load_book([spec], root=self.folder, functional=self.functional)


@pytest.fixture(scope="session")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Extract:
    folder = tmp_path_factory.mktemp("company") / "csv"
    sample = generate(seed=5, items=200)
    write_sample(sample, folder)
    (folder / "truth.csv").unlink()
    entities = sample.tables["entities"]
    return Extract(folder, dict(zip(entities["entity"], entities["functional_currency"], strict=True)))


@pytest.fixture(scope="session")
def sqlite_file(extract: Extract, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "books.db"
    with sqlite3.connect(path) as link:
        for name, header, rows in extract.rows():
            link.execute(f"CREATE TABLE {name} ({', '.join(f'{c.upper()} TEXT' for c in quoted(header))})")
            link.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(header))})", rows)
    link.close()
    return path


@pytest.fixture(scope="session")
def duckdb_file(extract: Extract, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("duckdb") / "books.duckdb"
    with duckdb.connect(str(path)) as link:
        for name, _, _ in extract.rows():
            file = extract.folder / f"{name}.csv"
            link.execute(
                f"CREATE TABLE {name.title()} AS SELECT * FROM read_csv('{file}', all_varchar = true)"
            )
    return path


@pytest.fixture(scope="session")
def postgres_books(postgres: str, extract: Extract) -> str:
    """A database with the sample company in it, amounts and dates typed as an ERP has them."""
    import psycopg

    with psycopg.connect(postgres.format(database="postgres"), autocommit=True) as link:
        link.execute("CREATE DATABASE books")
    address = postgres.format(database="books")
    with psycopg.connect(address, autocommit=True) as link:
        fill_postgres(link, extract)
    return address


def fill_postgres(link: object, extract: Extract) -> None:
    for name, header, rows in extract.rows():
        columns = ", ".join(f"{column} {kind(column)}" for column in quoted(header))
        link.execute(f"CREATE TABLE {name} ({columns})")
        with (
            link.cursor() as cursor,
            cursor.copy(f"COPY {name} FROM STDIN (FORMAT csv, HEADER, NULL '')") as copy,
        ):
            copy.write((extract.folder / f"{name}.csv").read_bytes())
        assert link.execute(f"SELECT count(*) FROM {name}").fetchone() == (len(rows),)


def kind(column: str) -> str:
    """A type for a column of the sample, as an ERP has it."""
    if column.endswith("_at"):
        return "timestamptz"
    if column.endswith(("_date", "_on")):
        return "date"
    return "numeric(20, 4)" if column.endswith("amount") else "text"


def quoted(header: list[str]) -> list[str]:
    return [f'"{column}"' if column in ("user", "order", "group", "table") else column for column in header]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ask:
    """Load from a database: ask(address, profile=..., tables=..., options=...)."""

    def asked(address: str, **given: object) -> Book:
        monkeypatch.setenv(VARIABLE, address)
        functional = given.pop("functional", None)
        spec = SourceSpec(database=VARIABLE, **given)
        return load_book([spec], root=tmp_path, functional=functional)

    return asked


@pytest.fixture
def said() -> Callable[[BaseException], str]:
    """Everything that a fault could show: its words, its repr, its traceback and whatever hangs behind it."""

    def everything(fault: BaseException | None) -> str:
        told = []
        while fault is not None:
            told += [str(fault), repr(fault), repr(vars(fault)), *traceback.format_exception(fault)]
            fault = fault.__cause__ or fault.__context__
        return "\n".join(told)

    return everything


@pytest.fixture
def fill() -> Callable[..., None]:
    """Put the sample company into a PostgreSQL database: fill(link, extract)."""
    return fill_postgres
