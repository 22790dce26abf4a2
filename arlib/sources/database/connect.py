"""A read-only transaction with one snapshot, by the means of each database. Floor 2.

PostgreSQL   REPEATABLE READ READ ONLY, statement_timeout
SQLite       file opened with mode=ro, PRAGMA query_only, one transaction
DuckDB       file opened read-only; no extensions, no other files, no network; two threads
Oracle       SET TRANSACTION READ ONLY, call_timeout
others       the transaction is rolled back; the rights of the user are what protects them
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import SourceError
from arlib.sources.database import faults
from arlib.sources.database.address import Address

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

CONNECT_SECONDS = 15
DUCKDB_THREADS = 2
LOCKED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "enable_external_access": "false",
    "threads": str(DUCKDB_THREADS),
}
TITLES = {
    "postgresql": "PostgreSQL",
    "sqlite": "SQLite",
    "duckdb": "DuckDB",
    "oracle": "Oracle",
    "mysql": "MySQL",
}


@dataclass
class Session:
    """An open transaction that only reads."""

    address: Address
    connection: Connection = field(repr=False)
    database: str  # product and version
    seconds: int
    has_expired: bool = False

    @property
    def kind(self) -> str:
        """SQLAlchemy's name of the database's kind."""
        return self.connection.dialect.name

    @contextmanager
    def query(self, role: str) -> Iterator[None]:
        """Faults of the database become SourceErrors in its words, and a query that lasts too long is broken off."""
        self.has_expired = False
        timer = self._timer()
        try:
            yield
        except Exception as fault:  # drivers raise what they like, with addresses in it
            raise faults.when_reading(
                self.address, fault, role=role, seconds=self.seconds, has_expired=self.has_expired
            ) from None
        finally:
            if timer is not None:
                timer.cancel()

    def _timer(self) -> threading.Timer | None:
        link: Any = self.connection.connection.driver_connection
        stop: Callable[[], None] | None = getattr(link, "interrupt", None)
        if self.kind not in ("sqlite", "duckdb") or stop is None:
            return None

        def expire() -> None:
            self.has_expired = True
            stop()

        timer = threading.Timer(self.seconds, expire)
        timer.daemon = True
        timer.start()
        return timer


@contextmanager
def reading(address: Address, *, seconds: int) -> Iterator[Session]:
    """One read-only transaction, rolled back at the end. Raises SourceError without the address."""
    engine = _engine(address)
    try:
        try:
            connection = engine.connect()
        except Exception as fault:
            raise faults.when_connecting(address, fault) from None
        with connection:
            try:
                session = _begun(address, connection, seconds)
            except Exception as fault:
                raise faults.when_connecting(address, fault) from None
            try:
                yield session
            finally:
                _quietly(connection.rollback)
    finally:
        engine.dispose()


def _quietly(call: Callable[[], None]) -> None:
    """Undo what may already be gone with a lost connection."""
    with suppress(Exception):  # nothing was written, and its words name the address
        call()


def _engine(address: Address) -> Engine:
    from sqlalchemy import create_engine, exc
    from sqlalchemy.pool import NullPool

    url = address.url
    given: dict[str, Any] = {}
    kind = url.get_backend_name()
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if kind == "sqlite":
        given["creator"] = _sqlite_opener(address)
        url = url.set(database=None, query={}, host=None, username=None, password=None)
    elif kind == "duckdb":
        is_file = url.database not in (None, "", ":memory:")
        given["connect_args"] = {"read_only": is_file, "config": dict(LOCKED)}
    elif kind == "postgresql" and "psycopg" in url.drivername:
        given["connect_args"] = {"connect_timeout": CONNECT_SECONDS, "application_name": "arlib"}
    try:
        return create_engine(url, poolclass=NullPool, hide_parameters=True, **given)
    except (ModuleNotFoundError, exc.NoSuchModuleError) as fault:
        raise faults.missing_driver(address, fault) from None
    except Exception as fault:
        raise faults.when_connecting(address, fault) from None


def _sqlite_opener(address: Address) -> Callable[[], sqlite3.Connection]:
    name = address.url.database or ""
    if name in ("", ":memory:") or name.startswith("file:"):
        raise SourceError(
            f"{address.variable} names no database file",
            wanted="sqlite:////FOLDER/FILE (four slashes: absolute)",
        )

    def connect() -> sqlite3.Connection:
        link = sqlite3.connect(
            f"{Path(name).resolve().as_uri()}?mode=ro",
            uri=True,
            timeout=CONNECT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        link.execute("PRAGMA query_only = ON")
        link.execute("SELECT count(*) FROM sqlite_master")
        return link

    return connect


def _begun(address: Address, connection: Connection, seconds: int) -> Session:
    kind = connection.dialect.name
    link: Any = connection.connection.driver_connection
    if kind == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    connection.begin()
    if kind == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds) * 1000}")
        if connection.exec_driver_sql("SHOW transaction_read_only").scalar() != "on":
            raise SourceError("the database did not begin a read-only transaction")
    elif kind == "oracle":
        link.call_timeout = int(seconds) * 1000
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    elif kind == "sqlite":
        connection.exec_driver_sql("BEGIN")
    return Session(address, connection, _version(connection, kind), seconds)


def _version(connection: Connection, kind: str) -> str:
    """Product and version, such as PostgreSQL 15.4."""
    title = TITLES.get(kind, kind)
    if kind == "sqlite":
        return f"{title} {sqlite3.sqlite_version}"
    if kind == "duckdb":
        from duckdb import __version__

        return f"{title} {__version__}"
    found = connection.dialect.server_version_info or ()
    return " ".join(part for part in (title, ".".join(str(number) for number in found)) if part)
