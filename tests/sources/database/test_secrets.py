"""No part of an address is in anything that anyone sees, whatever goes wrong."""

from __future__ import annotations

import logging
import sqlite3
import warnings
from pathlib import Path

import pytest

from arlib.errors import ArError, SourceError
from arlib.sources.database.address import Address, address_of
from arlib.sources.database.connect import reading

USER, PASSWORD, HOST, NAME = "annuser", "hunter2-9x/@:!", "db.secret.example", "ledgerdb"
QUOTED = "hunter2-9x%2F%40%3A%21"
PARTS = (USER, PASSWORD, QUOTED, HOST, NAME)


@pytest.fixture
def leak_free(ask, said, caplog, capsys, recwarn):
    """The fault of a load, after a look at everything that was said about it."""

    def check(address, *, parts=PARTS, **given):
        warnings.simplefilter("always")
        caplog.set_level(logging.INFO)
        with pytest.raises(ArError) as caught:
            ask(address, **given)
        out = capsys.readouterr()
        told = [said(caught.value), caplog.text, out.out, out.err, *(str(w.message) for w in recwarn)]
        for part in (address[9:], *parts):
            assert not part or not any(part.lower() in text.lower() for text in told), part
        return str(caught.value)

    return check


@pytest.mark.parametrize(("address", "words"), [
    (f"postgresql://{USER}:{QUOTED}@127.0.0.1:1/{NAME}", "cannot be reached or opened"),
    (f"postgresql://{USER}:{QUOTED}@/{NAME}?host=/{HOST}", "cannot be reached or opened"),
    (f"postgresql://{USER}:{QUOTED}@{HOST}/{NAME}?no_such_option=1", "cannot be reached or opened"),
    (f"postgresql://{USER}:{QUOTED}@{HOST}:port/{NAME}", "is not the address of a database"),
    (f"{USER} {QUOTED} {HOST} {NAME}", "is not the address of a database"),
    (f"oracle://{USER}:{QUOTED}@{HOST}/{NAME}", "Install the package oracledb"),
    (f"postgresql+psycopg2://{USER}:{QUOTED}@{HOST}/{NAME}", "Install the package psycopg2"),
    (f"mssql+pyodbc://{USER}:{QUOTED}@{HOST}/{NAME}", "Install the package pyodbc"),
    (f"db2://{USER}:{QUOTED}@{HOST}/{NAME}", "no driver for the database of ARLIB_TEST_URL: found 'db2'"),
    (f"sqlite:////{HOST}/{NAME}.db", "cannot be reached or opened"),
    (f"sqlite:///file:{HOST}/{NAME}?uri=true", "names no database file"),
    ("sqlite://", "names no database file"),
    (f"duckdb:////{HOST}/{NAME}.duckdb", "cannot be reached or opened"),
    (f"duckdb:////{HOST}/{NAME}.duckdb?{USER}={QUOTED}", "cannot be reached or opened"),
])  # fmt: skip
def test_an_address_that_leads_nowhere(address, words, leak_free):
    assert words in leak_free(address)


@pytest.mark.parametrize(
    "variable", ["", "postgresql://ann:hunter2@db/x", "arlib_erp_url", "ARLIB_ERP", "PATH"]
)
def test_what_is_no_name_of_a_variable_is_not_repeated(variable, said):
    with pytest.raises(SourceError) as caught:
        address_of(variable)
    assert "the name of an environment variable that ends with _URL" in str(caught.value)
    assert "hunter2" not in said(caught.value)


def test_a_variable_that_is_not_set(monkeypatch):
    monkeypatch.delenv("ARLIB_NO_URL", raising=False)
    with pytest.raises(SourceError, match="the environment variable ARLIB_NO_URL is not set"):
        address_of("ARLIB_NO_URL")


def test_an_address_is_not_shown_by_what_holds_it(monkeypatch):
    monkeypatch.setenv("ARLIB_TEST_URL", f"postgresql://{USER}:{QUOTED}@{HOST}/{NAME}")
    told = repr(address_of("ARLIB_TEST_URL"))
    assert not any(part in told for part in PARTS)


@pytest.mark.parametrize(("address", "heard", "told"), [
    ("postgresql://bob:pw-secret@h1/db", 'password "pw-secret" for bob at h1 is wrong', 'password "..." for ... at ... is wrong'),
    ("postgresql://bob:ab@h1/db", "tab is no table", ""),
    ("postgresql://u:p%40ss@h1/db", "u:p%40ss and P@SS", "...:... and ..."),
    ("postgresql://u:secret@h1/db?sslpassword=other", "found other here", "found ... here"),
    ("sqlite:////home/ann/books.db", "no file /home/ann/books.db", "no file ..."),
    ("postgresql://sales:secret@h1/items", 'relation "itemz" does not exist', 'relation "itemz" does not exist'),
])  # fmt: skip
def test_a_sentence_without_the_address(address, heard, told):
    from sqlalchemy import make_url

    assert Address("X_URL", make_url(address)).scrubbed(heard) == told


def test_a_file_that_is_no_database(leak_free, tmp_path):
    (tmp_path / "secret-place").mkdir()
    path = tmp_path / "secret-place" / "books.db"
    path.write_bytes(b"not a database" * 500)
    for kind in ("sqlite", "duckdb"):
        assert "cannot be reached or opened" in leak_free(f"{kind}:///{path}", parts=("secret-place",))


def test_a_missing_table_and_a_timeout_of_sqlite(leak_free, tmp_path):
    path = tmp_path / "secretplace" / "books.db"
    path.parent.mkdir()
    sqlite3.connect(path).execute("CREATE TABLE t (a)").connection.close()
    forever = "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT count(*) AS a FROM n"
    for query, words in (
        ("SELECT a FROM missing", "no such table: missing"),
        (forever, "longer than 1 seconds"),
    ):
        profile(path.parent, query)
        given = {"profile": str(path.parent / "own.yml"), "options": {"timeout_seconds": 1}}
        assert words in leak_free(f"sqlite:///{path}", parts=("secretplace/books",), **given)


def test_a_timeout_of_duckdb(leak_free, duckdb_file, tmp_path):
    profile(
        tmp_path,
        "SELECT count(*) AS a FROM range(100000000) x, range(100000) y WHERE (x.range * y.range) % 7 = 3",
    )
    given = {"profile": "own.yml", "options": {"timeout_seconds": 1}}
    assert "own:c: the query took longer than 1 seconds" in leak_free(
        f"duckdb:///{duckdb_file}", parts=(), **given
    )


def profile(folder: Path, query: str) -> None:
    (folder / "own.yml").write_text(
        f'profile: own\ntitle: x\nfiles: {{c: {{names: [], query: "{query}"}}}}\n'
        "tables: [{into: customers, from: c, columns: {customer_id: a}}]\n"
    )


@pytest.fixture(scope="module")
def guarded(postgres):
    """A user of PostgreSQL with a password that the server asks for, and no right to any table."""
    import psycopg

    with psycopg.connect(postgres.format(database="postgres"), autocommit=True) as link:
        link.execute(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
        link.execute(f"CREATE DATABASE {NAME}")
        (rules,) = link.execute("SHOW hba_file").fetchone()
        path = Path(rules)
        before = path.read_text()
        path.write_text(f"local all {USER} scram-sha-256\n{before}")
        link.execute("SELECT pg_reload_conf()")
        with psycopg.connect(postgres.format(database=NAME), autocommit=True) as other:
            other.execute("CREATE TABLE customers (customer_id text, name text)")
        folder = postgres.split("host=")[1]
        yield f"postgresql://{USER}:{{password}}@/{NAME}?host={folder}", folder
        path.write_text(before)
        link.execute("SELECT pg_reload_conf()")
        link.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
        link.execute(f"DROP ROLE {USER}")


@pytest.mark.postgres
def test_postgresql_refuses_the_password(guarded, leak_free):
    address, folder = guarded
    told = leak_free(address.format(password="wrong-password"), parts=(*PARTS, "wrong-password", folder))
    assert "refused us" in told or "cannot be reached or opened" in told


@pytest.mark.postgres
def test_postgresql_refuses_the_table_the_query_and_the_time(guarded, leak_free, tmp_path):
    address, folder = guarded
    whole = address.format(password=QUOTED)
    for query, words in (
        ("table customers", "permission denied for table customers"),
        ("SELECT a FROM missing", 'relation "missing" does not exist'),
        ("SELECT pg_sleep(30) AS a", "own:c: the query took longer than 1 seconds"),
        ("SELECT 1 / 0 AS a", "division by zero"),
        ("SELECT current_user::int AS a", 'invalid input syntax for type integer: "..."'),
        ("SELECT 'infinity'::date AS a", "the database refused the query"),
        (f"SELECT a FROM {NAME}_{USER}", "does not exist"),
    ):
        profile(tmp_path, query)
        parts = PARTS if NAME not in query else (PASSWORD, QUOTED, HOST)
        given = {"profile": "own.yml", "options": {"timeout_seconds": 1}}
        if query.startswith("table"):
            (tmp_path / "own.yml").write_text(
                (tmp_path / "own.yml").read_text().replace("customer_id: a", "customer_id: customer_id")
            )
        assert words in leak_free(whole, parts=(*parts, folder), **given)


@pytest.mark.postgres
def test_a_connection_that_is_lost(postgres, monkeypatch, said):
    import psycopg

    monkeypatch.setenv("ARLIB_TEST_URL", postgres.format(database="postgres"))
    with reading(address_of("ARLIB_TEST_URL"), seconds=30) as session:
        pid = session.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        with psycopg.connect(postgres.format(database="postgres"), autocommit=True) as link:
            link.execute("SELECT pg_terminate_backend(%s)", (pid,))
        with pytest.raises(SourceError) as caught, session.query("own:c"):
            session.connection.exec_driver_sql("SELECT 1")
    assert "own:c: the connection to the database was lost" in str(caught.value)
    assert "host=" not in said(caught.value)
