"""A store of version 1, as the first release laid it out, is brought up by the second without losing its
chain.
"""

from __future__ import annotations

import hashlib
import json

import pytest
from sqlalchemy import inspect, text

from arlib.errors import StoreError
from arlib.run.store import Head, open_store
from arlib.run.store import schema as schema_module
from arlib.run.store.database import connect_sqlite, connect_url
from arlib.run.store.schema import MIGRATIONS, NEWEST, migrate, version_of


def version_1(database):
    """A version-1 store with two events, hashed by hand as version 1 did: without the authentication."""
    with database.writing() as connection:
        assert migrate(connection, applied_at="2026-01-01T00:00:00.000000Z", library="0.0.1", up_to=1) == (
            0,
            1,
        )
        last = "0" * 64
        for seq in (1, 2):
            row = {
                "actor": "ann",
                "at": f"2026-01-0{seq}T00:00:00.000000Z",
                "body": f'{{"n":{seq}}}',
                "kind": "note.added",
                "prev_hash": last,
                "seq": seq,
                "subject": "s",
            }
            last = hashlib.sha256(json.dumps(row, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
            names = ", ".join([*row, "hash"])
            marks = ", ".join(f":{name}" for name in [*row, "hash"])
            connection.execute(text(f"INSERT INTO events ({names}) VALUES ({marks})"), {**row, "hash": last})
    return last


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def place(request, tmp_path):
    """An empty database and how to open it as a store."""
    if request.param == "sqlite":
        return connect_sqlite(tmp_path / "arlib.db", name="arlib.db"), lambda: open_store(
            tmp_path, address=""
        )
    address = request.getfixturevalue("postgres_database")
    return connect_url(address), lambda: open_store(tmp_path, address=address)


def test_a_version_1_store_is_brought_up(place):
    database, opened = place
    tail = version_1(database)
    with database.reading() as connection:
        assert version_of(connection) == 1
        assert "authentication" not in {
            column["name"] for column in inspect(connection).get_columns("events")
        }

    store = opened()

    with database.reading() as connection:
        assert version_of(connection) == NEWEST == 2
        assert [
            index["name"]
            for index in inspect(connection).get_indexes("events")
            if index["name"] == "events_kind_subject"
        ]
        steps = connection.execute(text("SELECT version, library FROM arlib_schema ORDER BY version")).all()
    assert [step.version for step in steps] == [1, 2]
    assert steps[0].library == "0.0.1"
    assert store.head() == Head(2, tail), "a migration may not touch the chain"
    assert [event.authentication for event in store.events()] == [None, None]
    third = store.append("note.added", "s", {"n": 3}, actor="ann")
    assert third.prev_hash == tail
    assert store.verify(known=[Head(2, tail), third.head]).is_whole


def test_an_old_event_cannot_be_given_an_authentication_afterwards(place):
    database, opened = place
    version_1(database)
    store = opened()
    with store.database.writing() as connection:
        off = (
            "DROP TRIGGER events_no_update"
            if connection.dialect.name == "sqlite"
            else "ALTER TABLE events DISABLE TRIGGER USER"
        )
        connection.execute(text(off))
        connection.execute(text("UPDATE events SET authentication = 'signed_file' WHERE seq = 1"))
    assert store.verify().faults[0].code == "edited"


def test_the_guards_of_version_1_still_hold_after_the_migration(place):
    database, opened = place
    version_1(database)
    store = opened()
    for statement in ("UPDATE events SET actor = 'eve'", "DELETE FROM events"):
        with pytest.raises(StoreError, match="refused"), store.database.writing() as connection:
            connection.execute(text(statement))


def test_a_migration_that_fails_leaves_the_old_version(place, monkeypatch):
    database, opened = place
    version_1(database)
    broken = schema_module.Migration(
        2,
        "breaks half way",
        dict.fromkeys(
            ("sqlite", "postgresql"),
            ("ALTER TABLE events ADD COLUMN authentication TEXT", "CREATE INDEX x ON no_such_table (y)"),
        ),
    )
    with monkeypatch.context() as patched:
        patched.setattr(schema_module, "MIGRATIONS", (MIGRATIONS[0], broken))
        with pytest.raises(StoreError):
            opened()
    with database.reading() as connection:
        assert version_of(connection) == 1
        assert "authentication" not in {
            column["name"] for column in inspect(connection).get_columns("events")
        }
    assert opened().head().seq == 2


def test_a_store_of_a_newer_library_is_refused(place):
    database, opened = place
    opened()
    with database.writing() as connection:
        connection.execute(
            text("INSERT INTO arlib_schema (version, applied_at, library) VALUES (99, 'x', '9.0')")
        )
    with pytest.raises(StoreError, match=r"written by a newer arlib: found 'schema version 99'") as fault:
        opened()
    assert "Upgrade arlib" in str(fault.value)


def test_an_old_store_is_not_brought_up_by_a_reader(tmp_path):
    version_1(connect_sqlite(tmp_path / "arlib.db", name="arlib.db"))
    with pytest.raises(StoreError, match="older version"):
        open_store(tmp_path, address="", is_read_only=True)


def test_versions_are_numbered_without_a_gap():
    assert [step.version for step in MIGRATIONS] == list(range(1, NEWEST + 1))
    for step in MIGRATIONS:
        assert set(step.statements) == {"sqlite", "postgresql"}
