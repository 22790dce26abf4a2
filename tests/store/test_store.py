"""The store on SQLite and on a real PostgreSQL: what goes in comes out, in order, and nothing can be taken
back.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text

from arlib.errors import ParameterError, StoreError
from arlib.run.store import GENESIS, Authentication, Head, Store, open_store, snapshot_decisions

ROW = (
    " INTO events (seq, at, kind, subject, body, actor, prev_hash, hash)"
    " VALUES ({seq}, '', '', '', '', '', '{prev_hash}', 'x')"
)
FIVE = ("one", "two", "three", "four", "five")


def fill(store: Store) -> list[Head]:
    """Five events; their heads."""
    return [
        store.append("note.added", f"US01/{word}", {"word": word, "minor": number}, actor="ann").head
        for number, word in enumerate(FIVE)
    ]


def test_an_empty_store_has_the_genesis_head(store):
    assert store.head() == Head(0, GENESIS) == Head(0, "0" * 64)
    assert store.events() == ()
    assert store.verify().is_whole


def test_an_event_comes_back_as_it_went_in(opener):
    body = {"z": "Ünïcödé \u202e <script>", "a": [1, None, True, {"b": "10.50"}]}
    made = opener().append(
        "decision.recorded",
        "US01/INV-1",
        body,
        actor="ann",
        authentication=Authentication.SIGNED_FILE,
        at=datetime(2026, 11, 3, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=2))),
    )

    (read,) = opener().events()

    assert read == made
    assert read.body == body
    assert (read.seq, read.at, read.authentication) == (1, "2026-11-02T23:02:03.000004Z", "signed_file")
    assert read.prev_hash == GENESIS


def test_the_hash_can_be_worked_out_by_hand(store):
    """The oracle is hashlib and json on the documented text, not the store's own functions."""
    first = store.append(
        "note.added", "s", {"b": 2, "a": "ä"}, actor="ann", at=datetime(2026, 10, 31, tzinfo=UTC)
    )

    by_hand = json.dumps(
        {
            "actor": "ann",
            "at": "2026-10-31T00:00:00.000000Z",
            "authentication": "unauthenticated",
            "body": '{"a":"ä","b":2}',
            "kind": "note.added",
            "prev_hash": "0" * 64,
            "seq": 1,
            "subject": "s",
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
    assert first.hash == hashlib.sha256(by_hand.encode()).hexdigest()


def test_each_event_follows_the_last(store):
    heads = fill(store)

    events = store.events()

    assert [event.seq for event in events] == [1, 2, 3, 4, 5]
    assert [event.prev_hash for event in events] == [GENESIS, *(head.hash for head in heads[:-1])]
    assert store.head() == heads[-1]
    found = store.verify(known=heads)
    assert found.is_whole
    assert found.events == 5


def test_events_are_found_by_kind_subject_and_head(store):
    heads = fill(store)
    store.append("decision.recorded", "US01_x/two", {}, actor="bob")

    assert [e.body["word"] for e in store.events(kinds=("note.added",), limit=2)] == ["one", "two"]
    assert [e.subject for e in store.events(kinds=("decision.",))] == ["US01_x/two"]
    assert [e.subject for e in store.events(subject_prefix="US01_")] == ["US01_x/two"], (
        "an underscore is no wildcard"
    )
    assert store.events(subject_prefix="us01/") == (), "codes are told apart by case"
    assert [e.seq for e in store.events(up_to=heads[1], is_newest_first=True)] == [2, 1]
    assert [e.seq for e in store.events(subject="US01/three")] == [3]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET body = '{}' WHERE seq = 2",
        "DELETE FROM events WHERE seq = 5",
        "DELETE FROM events",
        "INSERT" + ROW.format(seq=9, prev_hash=""),
        "INSERT" + ROW.format(seq=6, prev_hash="wrong"),
    ],
)
def test_the_database_itself_refuses_changes(store, statement):
    fill(store)

    with pytest.raises(StoreError, match="refused"), store.database.writing() as connection:
        connection.execute(text(statement))

    assert store.verify().is_whole
    assert len(store.events()) == 5


def test_sqlite_refuses_to_replace_a_row(tmp_path):
    store = open_store(tmp_path, address="")
    fill(store)
    with pytest.raises(StoreError, match="refused"), store.database.writing() as connection:
        connection.execute(text("INSERT OR REPLACE" + ROW.format(seq=2, prev_hash="")))


@pytest.mark.postgres
def test_postgresql_refuses_to_truncate(tmp_path, postgres_database):
    store = open_store(tmp_path, address=postgres_database)
    fill(store)
    with pytest.raises(StoreError, match="refused"), store.database.writing() as connection:
        connection.execute(text("TRUNCATE events"))


def test_what_happens_once_is_recorded_once(store):
    first = store.append("run.sealed", "2026-10/US01/r1", {"n": 1}, actor="ann", is_once=True)
    again = store.append("run.sealed", "2026-10/US01/r1", {"n": 1}, actor="bob", is_once=True)

    assert again == first
    assert store.head() == first.head
    with pytest.raises(StoreError, match="already recorded, with other content"):
        store.append("run.sealed", "2026-10/US01/r1", {"n": 2}, actor="ann", is_once=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"body": {"amount": 10.5}}, "money as decimal text"),
        ({"body": {"store_password": "x"}}, "may not hold a secret: store_password"),
        ({"body": {"deep": [{"see": "postgresql://ann:hunter2@db/x"}]}}, "may not hold a secret: deep.0.see"),
        ({"body": {1: "x"}}, "keys that are text"),
        ({"body": {"x": "\ud800"}}, "UTF-8"),
        ({"kind": "sealed"}, "kind of event"),
        ({"subject": ""}, "subject of an event"),
        ({"subject": "a\nb"}, "subject of an event"),
        ({"actor": ""}, "actor of an event"),
        ({"at": datetime(2026, 1, 1)}, "a time with its zone"),  # noqa: DTZ001 - the point of the case
    ],
)
def test_what_may_not_be_recorded_is_refused(store, change, words):
    given = {"kind": "note.added", "subject": "s", "body": {}, "actor": "ann", **change}
    with pytest.raises(ParameterError) as fault:
        store.append(given.pop("kind"), given.pop("subject"), given.pop("body"), **given)
    assert words in str(fault.value)
    assert "hunter2" not in str(fault.value)
    assert store.head() == Head()


def test_a_failure_inside_a_transaction_leaves_nothing(store):
    def insert_and_fail():
        with store.database.writing() as connection:
            connection.execute(text("INSERT" + ROW.format(seq=1, prev_hash=GENESIS)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        insert_and_fail()
    assert store.head() == Head()


def test_writers_in_several_processes_keep_the_chain_whole(opener, tmp_path, request):
    address = ""
    if "postgresql" in request.node.name:
        address = request.getfixturevalue("postgres_database")
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from arlib.run.store import open_store
        store = open_store(Path(sys.argv[1]), address=sys.argv[2])  # they race to lay it out, too
        for number in range(15):
            store.append("note.added", f"{sys.argv[3]}/{number}", {"n": number}, actor=sys.argv[3])
    """)
    command = [sys.executable, "-c", script, str(tmp_path / "outputs"), address]
    writers = [
        subprocess.Popen([*command, f"writer{n}"], stderr=subprocess.PIPE, text=True) for n in range(4)
    ]
    for writer in writers:
        _, complaint = writer.communicate(timeout=120)
        assert writer.returncode == 0, complaint

    store = opener()
    found = store.verify()
    assert found.is_whole, found.faults
    assert found.events == 60
    by_writer = {
        f"writer{n}": [e.body["n"] for e in store.events(subject_prefix=f"writer{n}/")] for n in range(4)
    }
    assert all(numbers == list(range(15)) for numbers in by_writer.values())


def test_decisions_are_frozen_with_their_head(store):
    store.append("decision.recorded", "a", {"entity": "US01", "word": "keep"}, actor="ann")
    head = store.append("note.added", "b", {"word": "for all"}, actor="ann").head
    store.append("run.sealed", "2026-10/US01/r", {}, actor="ann")
    store.append("approval.given", "c", {"entity": "UK01"}, actor="bob")

    now, then = snapshot_decisions(store, entity="US01"), snapshot_decisions(store, up_to=head)

    assert [event.subject for event in now.events] == ["a", "b"]
    assert now.head == store.head()
    assert [event.subject for event in then.events] == ["a", "b"]
    assert then.as_json()["head"] == {"seq": 2, "hash": head.hash}
    assert then.as_json()["events"][0]["body"] == {"entity": "US01", "word": "keep"}
    assert len(snapshot_decisions(store).events) == 3


def test_a_store_can_be_read_where_nothing_may_be_written(tmp_path):
    fill(open_store(tmp_path, address=""))
    reader = open_store(tmp_path, address="", is_read_only=True)
    assert len(reader.events()) == 5
    with pytest.raises(StoreError, match="read-only"):
        reader.append("note.added", "s", {}, actor="ann")
    with pytest.raises(StoreError, match="no such store"):
        open_store(tmp_path / "elsewhere", address="", is_read_only=True)
    assert not (tmp_path / "elsewhere").exists()


def test_the_default_store_is_a_file_in_the_output_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("ARLIB_STORE_URL", raising=False)
    open_store(tmp_path / "outputs").append("note.added", "s", {}, actor="ann")
    assert (tmp_path / "outputs" / "arlib.db").is_file()


@pytest.mark.postgres
def test_the_environment_names_the_postgresql_store(tmp_path, monkeypatch, postgres_database):
    monkeypatch.setenv("ARLIB_STORE_URL", postgres_database)
    open_store(tmp_path / "outputs").append("note.added", "s", {}, actor="ann")
    assert not (tmp_path / "outputs").exists()
    assert open_store(tmp_path, address=postgres_database).head().seq == 1


SECRET_ADDRESSES = (
    "postgresql://ann:hunter2@no-such-host.invalid:5999/books",
    "postgresql://ann:hunter2@127.0.0.1:1/books",
    "postgresql://ann:hunter2@127.0.0.1:port/books",
    "mysql://ann:hunter2@db.example/books",
    "postgresql+psycopg2://ann:hunter2@/books?host=/nowhere-hunter2",
    "hunter2",
    "://hunter2",
)


@pytest.mark.parametrize("address", SECRET_ADDRESSES)
def test_no_error_repeats_the_address(tmp_path, monkeypatch, address):
    import traceback

    monkeypatch.setenv("ARLIB_STORE_URL", address)
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path)
    told = "".join(traceback.format_exception(caught.value, chain=True)) + repr(caught.value.__cause__)
    for part in ("hunter2", "no-such-host", "db.example", "127.0.0.1", "nowhere"):
        assert part not in told
    assert len(str(caught.value).splitlines()) <= 2


def test_files_that_are_no_store_are_refused(tmp_path):
    import sqlite3

    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "arlib.db").write_text(
        "this is not a database, and it is long enough to be sure of it\n" * 20
    )
    with pytest.raises(StoreError, match="not a database"):
        open_store(tmp_path / "text", address="")
    (tmp_path / "other").mkdir()
    with sqlite3.connect(tmp_path / "other" / "arlib.db") as other:
        other.execute("CREATE TABLE invoices (n INTEGER)")
    other.close()
    with pytest.raises(StoreError, match="not a store of arlib"):
        open_store(tmp_path / "other", address="")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        open_store(Path(tmp_path / "file"), address="")


@pytest.mark.postgres
def test_no_picture_of_a_store_shows_where_it_is(tmp_path, postgres_database):
    store = open_store(tmp_path, address=postgres_database)
    assert "arlib-pg" not in repr(store)
    assert "@" not in repr(store)


def test_a_full_disk_is_told_and_leaves_the_chain_whole(tmp_path):
    """The disk is made full by SQLite's own limit on pages, which raises what a full disk raises."""
    from sqlalchemy import event

    store = open_store(tmp_path, address="")
    last = fill(store)[-1]

    @event.listens_for(store.database.engine, "connect")
    def _small(link, _record):
        pages = link.execute("PRAGMA page_count").fetchone()[0]
        link.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StoreError, match="the disk is full"):
        store.append("note.added", "s", {"text": "x" * 500_000}, actor="ann")
    assert open_store(tmp_path, address="").verify(known=[last]).is_whole
    assert open_store(tmp_path, address="").head() == last


def test_a_killed_writer_leaves_what_was_there(opener, tmp_path, request):
    address = request.getfixturevalue("postgres_database") if "postgresql" in request.node.name else ""
    last = fill(opener())[-1]
    script = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from sqlalchemy import event
        from arlib.run.store import open_store
        store = open_store(Path(sys.argv[1]), address=sys.argv[2])
        event.listen(store.database.engine, "commit", lambda connection: os.kill(os.getpid(), signal.SIGKILL))
        store.append("note.added", "s", {}, actor="ann")
    """)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "outputs"), address],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -9, done.stderr

    store = opener()
    assert store.head() == last
    assert store.append("note.added", "s", {}, actor="ann").seq == 6
    assert store.verify(known=[last]).is_whole


def test_a_store_that_is_locked_says_so(tmp_path, monkeypatch):
    import sqlite3

    from arlib.run.store import database

    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    store = open_store(tmp_path, address="")
    with sqlite3.connect(tmp_path / "arlib.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another program"):
            store.append("note.added", "s", {}, actor="ann")
        other.execute("ROLLBACK")
    other.close()
    assert store.append("note.added", "s", {}, actor="ann").seq == 1


@pytest.mark.parametrize("required", ["postgres", "shared, postgres"])
def test_a_missing_server_fails_where_it_is_required(monkeypatch, required):
    """The guard itself: a skip must not pass for a test where the programs are asked for."""
    conftest = next(module for module in list(sys.modules.values()) if "need_postgres" in vars(module))
    monkeypatch.setenv("ARLIB_REQUIRE", required)
    with pytest.raises(pytest.fail.Exception, match="ARLIB_REQUIRE asks for postgres"):
        conftest.need_postgres(is_present=False, reason="none here")
    monkeypatch.setenv("ARLIB_REQUIRE", "shared")
    with pytest.raises(pytest.skip.Exception):
        conftest.need_postgres(is_present=False, reason="none here")
