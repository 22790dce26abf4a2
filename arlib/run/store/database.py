"""The database behind the store: SQLite by default, PostgreSQL by an address from the environment. Floor 4.

One writer at a time, whatever the number of processes: SQLite by an immediate transaction, PostgreSQL by an
advisory lock held to the end of the transaction. No error repeats the address or anything that the driver
says about it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url, text
from sqlalchemy.pool import NullPool

from arlib.errors import StoreError

URL_VARIABLE = "ARLIB_STORE_URL"
BUSY_SECONDS = 60
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('arlib.store:' || current_schema(), 0))"
_SQLITE_WORDS = {
    "SQLITE_BUSY": "it is locked by another program",
    "SQLITE_LOCKED": "it is locked by another program",
    "SQLITE_READONLY": "it is read-only",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_CANTOPEN": "it cannot be opened or created",
    "SQLITE_NOTADB": "the file is not a database",
    "SQLITE_CORRUPT": "the file is damaged",
    "SQLITE_IOERR": "the disk failed",
    "SQLITE_PERM": "permission denied",
}


@dataclass(frozen=True)
class Database:
    """An engine with our rules of reading and writing.

    `name` is what messages may call it; never an address.
    """

    engine: Engine = field(repr=False)
    name: str

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the store throughout."""
        with said(self.name), self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction alone among writers; commits at the end, rolls back when an exception passes."""
        with said(self.name), self.engine.connect() as connection:
            connection = connection.execution_options(arlib_writes=True)
            with connection.begin():
                if self.engine.dialect.name == "postgresql":
                    connection.execute(text("SET LOCAL lock_timeout = '60s'"))
                    connection.execute(text(_LOCK))
                yield connection


def connect_sqlite(path: Path, *, name: str, is_read_only: bool = False) -> Database:
    """The SQLite database at `path`, made when absent unless `is_read_only`; write-ahead log, synchronous
    writes.
    """
    if is_read_only and not path.is_file():
        raise StoreError("no such store", where=name)
    mode = "ro" if is_read_only else "rwc"

    def connect() -> sqlite3.Connection:
        link = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        link.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        link.execute("PRAGMA synchronous = FULL")
        return link

    engine = create_engine("sqlite+pysqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("arlib_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    database = Database(engine, name)
    if not is_read_only:
        _use_write_ahead_log(path, connect, name)
    return database


def connect_url(address: str) -> Database:
    """The database that an address names: `postgresql://...`. Raises StoreError without repeating it."""
    wrong = StoreError(
        f"{URL_VARIABLE} is not an address of a PostgreSQL database",
        wanted="postgresql://USER@HOST/DATABASE, set in the environment",
    )
    try:
        url = make_url(address)
    except (exc.ArgumentError, ValueError):
        raise wrong from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise wrong
    return Database(_postgres_engine(url.set(drivername="postgresql+psycopg")), "the PostgreSQL store")


def address_from_environment() -> str:
    """The store's address, '' for the default; it is read here and nowhere else."""
    return os.environ.get(URL_VARIABLE, "").strip()


@contextmanager
def said(name: str) -> Iterator[None]:
    """Turn a fault of the database into a StoreError of our own words, without its cause: drivers name hosts
    and users.
    """
    try:
        yield
    except exc.DBAPIError as fault:
        raise _in_words(name, fault.orig) from None
    except exc.SQLAlchemyError as fault:
        raise StoreError(f"{name} failed", found=type(fault).__name__) from None
    except sqlite3.Error as fault:
        raise _in_words(name, fault) from None


def _postgres_engine(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": 15, "application_name": "arlib"},
        )
    except ModuleNotFoundError:
        raise StoreError("the PostgreSQL driver is not installed", fix="Install arlib[postgres].") from None
    except (exc.ArgumentError, TypeError):
        raise StoreError(f"{URL_VARIABLE} holds an option that the driver does not know") from None


def _use_write_ahead_log(path: Path, connect: Any, name: str) -> None:
    # Only ever switched once: the switch itself does not wait for other programs, so it is tried under their
    # lock.
    with said(name):
        link = connect()
        try:
            if link.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                link.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as fault:
            if not fault.sqlite_errorname.startswith("SQLITE_BUSY"):
                raise
            # another process is making the store at this moment, and switches it itself
        finally:
            link.close()


def _in_words(name: str, fault: BaseException | None) -> StoreError:
    if isinstance(fault, sqlite3.Error):
        code = getattr(fault, "sqlite_errorname", "") or ""
        if "append-only" in str(fault) or "must follow" in str(fault):
            return StoreError(f"{name} refused: {fault}")
        word = next(
            (words for start, words in _SQLITE_WORDS.items() if code.startswith(start)),
            code or "an unknown fault",
        )
        return StoreError(f"{name} cannot be used", found=word)
    code = str(getattr(fault, "sqlstate", None) or "")
    if code == "P0001":
        return StoreError(f"{name} refused: events are append-only and must follow the last one")
    if code == "55P03":
        return StoreError(f"{name} is busy: another program is writing", fix="Try again.")
    if not code or code.startswith("08"):
        return StoreError(f"{name} does not answer", fix=f"Check {URL_VARIABLE} and that the server runs.")
    if code.startswith(("28", "3D")):
        return StoreError(f"{name} refused us", fix=f"Check user, password and database in {URL_VARIABLE}.")
    return StoreError(f"{name} failed", found=f"{type(fault).__name__}, SQLSTATE {code}")
