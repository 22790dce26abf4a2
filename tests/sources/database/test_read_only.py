"""Nothing can be written: we refuse the words, and the database refuses the deed."""

from __future__ import annotations

import sqlite3

import pytest

from arlib.errors import ParameterError, SourceError
from arlib.sources.database.address import address_of
from arlib.sources.database.answers import run
from arlib.sources.database.connect import reading
from arlib.sources.database.guard import Statement
from arlib.sources.database.question import Question

WRITES = [
    "INSERT INTO customers (customer_id) VALUES ('X')", "DELETE FROM items", "UPDATE items SET amount = '0'",
    "DROP TABLE items", "CREATE TABLE mine (a int)",
]  # fmt: skip


def refused_by_the_server(monkeypatch, address, deeds):
    """What each deed came to when our own refusal is left out."""
    monkeypatch.setenv("ARLIB_TEST_URL", address)
    said = []
    for deed in deeds:
        with (
            reading(address_of("ARLIB_TEST_URL"), seconds=30) as session,
            pytest.raises(SourceError) as caught,
            session.query("role"),
        ):
            session.connection.exec_driver_sql(deed).close()
        said.append(str(caught.value))
    return said


def test_sqlite_refuses(monkeypatch, sqlite_file):
    before = sqlite_file.read_bytes()
    deeds = [*WRITES, "ATTACH 'other.db' AS other"]
    said = refused_by_the_server(monkeypatch, f"sqlite:///{sqlite_file}", deeds[:-1])
    assert all("readonly" in words for words in said)
    assert sqlite_file.read_bytes() == before


def test_duckdb_refuses(monkeypatch, duckdb_file, tmp_path):
    target = tmp_path / "out.csv"
    deeds = [
        *WRITES, f"COPY items TO '{target}'", f"ATTACH '{tmp_path}/other.duckdb'", "INSTALL httpfs", "LOAD httpfs",
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM 'https://example.org/a.parquet'",
    ]  # fmt: skip
    said = refused_by_the_server(monkeypatch, f"duckdb:///{duckdb_file}", deeds)
    assert len(said) == len(deeds)
    assert not target.exists()


@pytest.mark.postgres
def test_postgresql_refuses(monkeypatch, postgres_books):
    import psycopg

    with psycopg.connect(postgres_books, autocommit=True) as link:
        link.execute(
            "CREATE OR REPLACE FUNCTION sly() RETURNS int LANGUAGE sql AS $$ DELETE FROM items; SELECT 1 $$"
        )
        link.execute("CREATE SEQUENCE IF NOT EXISTS counter")
    deeds = [*WRITES, "SELECT sly()", "SELECT nextval('counter')", "TRUNCATE items"]
    said = refused_by_the_server(monkeypatch, postgres_books, deeds)
    assert all("read-only transaction" in words for words in said)
    off = refused_by_the_server(
        monkeypatch, postgres_books, ["SELECT set_config('transaction_read_only', 'off', true)"]
    )
    assert "read" in off[0]


@pytest.mark.parametrize("deed", WRITES)
def test_we_refuse_before_anyone_is_asked(deed, ask, sqlite_file, tmp_path):
    (tmp_path / "own.yml").write_text(
        f'profile: own\ntitle: x\nfiles: {{c: {{names: [], query: "{deed}"}}}}\n'
        "tables: [{into: customers, from: c, columns: {customer_id: a}}]\n"
    )
    with pytest.raises(ParameterError, match="a query only reads"):
        ask(f"sqlite:///{sqlite_file}", profile="own.yml")


def test_a_second_statement_does_not_run(monkeypatch, tmp_path):
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as link:
        link.execute("CREATE TABLE t (a)")
    link.close()
    monkeypatch.setenv("ARLIB_TEST_URL", f"sqlite:///{path}")
    with (
        reading(address_of("ARLIB_TEST_URL"), seconds=5) as session,
        pytest.raises(SourceError),
        session.query("role"),
    ):
        run(session, Question(Statement("SELECT 1; DELETE FROM t", ()), {}))


@pytest.mark.postgres
def test_postgresql_shows_one_state_to_all_queries(monkeypatch, postgres_database, extract, ask, fill):
    """A row that another commits between two queries of a source is not seen; the next load sees it."""
    import psycopg

    from arlib.sources.database import answers

    with psycopg.connect(postgres_database, autocommit=True) as link:
        fill(link, extract)
    original, asked = answers._answer, []

    def and_then_another_writes(session, question, needed, profile, where):
        made = original(session, question, needed, profile, where)
        if not asked:
            with psycopg.connect(postgres_database, autocommit=True) as link:
                link.execute("INSERT INTO items SELECT * FROM items LIMIT 0")
                link.execute("UPDATE items SET item_id = item_id || '-changed'")
                link.execute("DELETE FROM customers")
        asked.append(where)
        return made

    monkeypatch.setattr(answers, "_answer", and_then_another_writes)
    first = ask(postgres_database, functional=extract.functional)
    assert asked[0] not in ("canonical:items", "canonical:customers")
    assert len(first["customers"]) > 10
    assert not first["items"]["item_id"].str.endswith("-changed").any()
    again = ask(postgres_database, tables={"customers": ("customers",)})
    assert len(again["customers"]) == 0
