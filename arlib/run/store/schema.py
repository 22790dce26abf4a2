"""The tables of the store and the ordered migrations that lead to them, for SQLite and PostgreSQL. Floor 4.

A migration, once released, is never changed: an old store runs the ones that it lacks, in order, in one
transaction. The database itself refuses to change or delete an event, and to add one that does not carry on
the chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Table, Text, inspect, select, text

from arlib.errors import StoreError
from arlib.run.store.chain import GENESIS

METADATA = MetaData()

EVENTS = Table(
    "events",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("prev_hash", Text, nullable=False, unique=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("authentication", Text, nullable=True),
)

VERSIONS = Table(
    "arlib_schema",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", Text, nullable=False),
    Column("library", Text, nullable=False),
)

_CREATE = """CREATE TABLE events (
    seq BIGINT NOT NULL PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
    body TEXT NOT NULL, actor TEXT NOT NULL, prev_hash TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE,
    CHECK (seq > 0))"""

_LAST_HASH = f"COALESCE((SELECT hash FROM events ORDER BY seq DESC LIMIT 1), '{GENESIS}')"  # noqa: S608
_FOLLOWS = f"NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM events) OR NEW.prev_hash <> {_LAST_HASH}"  # noqa: S608
_REFUSE = "events are append-only"
_ORDER = "an event must follow the last one"

_SQLITE_GUARDS = (
    f"CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, '{_REFUSE}'); END",
    f"CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, '{_REFUSE}'); END",
    f"CREATE TRIGGER events_in_order BEFORE INSERT ON events WHEN {_FOLLOWS}"
    f" BEGIN SELECT RAISE(ABORT, '{_ORDER}'); END",
)

_POSTGRES_GUARDS = (
    "CREATE FUNCTION arlib_refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{_REFUSE}'; END $$",
    "CREATE FUNCTION arlib_in_order() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN IF {_FOLLOWS} THEN RAISE EXCEPTION '{_ORDER}'; END IF; RETURN NEW; END $$",
    *(
        f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events"
        f" FOR EACH {each} EXECUTE FUNCTION arlib_refuse_change()"
        for verb, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
    ),
    "CREATE TRIGGER events_in_order BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION arlib_in_order()",
)


@dataclass(frozen=True)
class Migration:
    """One step of the schema: the statements of each database."""

    version: int
    what: str
    statements: Mapping[str, tuple[str, ...]]


def _both(*statements: str) -> Mapping[str, tuple[str, ...]]:
    return {"sqlite": statements, "postgresql": statements}


MIGRATIONS = (
    Migration(
        1,
        "events, append-only and in order",
        {
            "sqlite": (_CREATE, *_SQLITE_GUARDS),
            "postgresql": (_CREATE, *_POSTGRES_GUARDS),
        },
    ),
    Migration(
        2,
        "how the actor is known, and an index for the run index",
        _both(
            "ALTER TABLE events ADD COLUMN authentication TEXT",
            "CREATE INDEX events_kind_subject ON events (kind, subject, seq)",
        ),
    ),
)

NEWEST = MIGRATIONS[-1].version

GUARDS: Mapping[str, frozenset[str]] = {
    "sqlite": frozenset({"events_no_update", "events_no_delete", "events_in_order"}),
    "postgresql": frozenset(
        {"events_no_update", "events_no_delete", "events_no_truncate", "events_in_order"}
    ),
}


def version_of(connection: Connection) -> int:
    """The schema version of the database, 0 for an empty one; StoreError when it holds something else."""
    names = set(inspect(connection).get_table_names())
    if VERSIONS.name not in names:
        if EVENTS.name in names or (names and connection.dialect.name == "sqlite"):
            raise StoreError(
                "the database is not a store of arlib: it holds other tables",
                fix="Give the store a database or schema of its own.",
            )
        return 0
    return int(
        connection.execute(select(VERSIONS.c.version).order_by(VERSIONS.c.version.desc()).limit(1)).scalar()
        or 0
    )


def migrate(connection: Connection, *, applied_at: str, library: str, up_to: int = NEWEST) -> tuple[int, int]:
    """Bring the database to version `up_to` within the caller's transaction; returns the version before and
    after.

    Raises StoreError when a newer library wrote it.
    """
    before = version_of(connection)
    if before > NEWEST:
        raise StoreError(
            "the store was written by a newer arlib",
            found=f"schema version {before}",
            wanted=f"{NEWEST} or less",
            fix="Upgrade arlib.",
        )
    if before == 0:
        VERSIONS.create(connection, checkfirst=True)
    for step in MIGRATIONS:
        if before < step.version <= up_to:
            for statement in step.statements[connection.dialect.name]:
                connection.exec_driver_sql(statement)
            row = {"version": step.version, "applied_at": applied_at, "library": library}
            connection.execute(VERSIONS.insert().values(row))
    return before, max(before, up_to)


def guards_of(connection: Connection) -> frozenset[str]:
    """The names of the triggers that stand on the events table and are switched on."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'")
        )
    else:
        found = connection.execute(
            text(
                "SELECT tgname FROM pg_trigger"
                " WHERE tgrelid = 'events'::regclass AND NOT tgisinternal AND tgenabled <> 'D'"
            )
        )
    return frozenset(str(name) for name in found.scalars())
