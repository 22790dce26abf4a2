"""The same month from CSV files, SQLite, DuckDB and PostgreSQL is the same book."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from arlib.errors import ParameterError, SourceError
from arlib.sources import SourceSpec, load_book

KINDS = ["sqlite", "duckdb", pytest.param("postgresql", marks=pytest.mark.postgres)]
PROFILE = """
profile: own
title: A ledger's own tables
entity: US01
number_style: "1234.56"
allow_short_fraction: true
files:
  LINES:
    names: []
    query: >
      SELECT item_id, entity AS org, customer_id, item_type, document_no, effective_date, currency, amount
      FROM items WHERE entity = :entity AND currency = :currency
        AND (CAST(:since? AS VARCHAR(10)) IS NULL OR document_no = :since?) ORDER BY item_id
  PARTIES: {names: [], query: "table customers"}
  ABSENT: {names: [], query: "table never_there"}
tables:
  - into: items
    from: LINES
    columns: {item_id: ITEM_ID, entity: ORG, customer_id: CUSTOMER_ID, item_type: ITEM_TYPE, document_no: DOCUMENT_NO,
              effective_date: EFFECTIVE_DATE, currency: CURRENCY, amount: AMOUNT}
  - into: customers
    from: PARTIES
    columns: {customer_id: CUSTOMER_ID, name: NAME}
"""


@pytest.fixture
def address(request):
    """The address of the sample company in one kind of database."""

    def of(kind):
        if kind == "postgresql":
            return request.getfixturevalue("postgres_books")
        return f"{kind}:///{request.getfixturevalue(f'{kind}_file')}"

    return of


def plain(frame):
    return frame[[column for column in frame.columns if not column.startswith("_")]]


@pytest.mark.parametrize("kind", KINDS)
def test_the_sample_company_is_the_same_book(kind, address, ask, extract):
    files = extract.book()
    book = ask(address(kind), functional=extract.functional)

    assert book.tables.keys() == files.tables.keys()
    assert len(book["items"]) > 150
    for name, frame in files.tables.items():
        pd.testing.assert_frame_equal(plain(book[name]), plain(frame), obj=name)
    assert (book.features, book.snapshot_date) == (files.features, files.snapshot_date)
    assert book.problems.empty
    money = ["table", "currency", "rows_in", "rows_out", "amount_in", "amount_out"]
    pd.testing.assert_frame_equal(
        book.inputs[money].sort_values(money[:2], ignore_index=True),
        files.inputs[money].sort_values(money[:2], ignore_index=True),
    )
    inputs = book.inputs.set_index("table")
    assert (
        inputs["database"]
        .str.startswith({"sqlite": "SQLite 3", "duckdb": "DuckDB ", "postgresql": "PostgreSQL "}[kind])
        .all()
    )
    assert inputs["query"].str.contains('FROM "', regex=False).all()
    assert inputs["read_at"].notna().all()
    assert files.inputs["query"].fillna("").eq("").all()


def test_the_fingerprint_is_that_of_the_rows_in_any_order(ask, tmp_path):
    import sqlite3

    def prints(name, rows, columns="customer_id, name"):
        path = tmp_path / f"{name}.db"
        with sqlite3.connect(path) as link:
            link.execute(f"CREATE TABLE customers ({columns})")
            link.executemany("INSERT INTO customers VALUES (?, ?)", rows)
        link.close()
        book = ask(f"sqlite:///{path}", tables={"customers": ("customers",)})
        return book.inputs.loc[0, "sha256"], book.inputs.loc[0, "bytes"]

    rows = [(f"C{number}", f"Name {number}") for number in range(50)]
    assert prints("one", rows) == prints("two", rows[::-1])
    assert prints("one_again", rows) == prints("turned", [row[::-1] for row in rows], "name, customer_id")
    assert prints("three", rows)[0] != prints("four", [*rows[:-1], ("C49", "Name 50")])[0]
    assert prints("five", rows)[0] != prints("six", rows[:-1])[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_profile_with_its_own_query(kind, address, ask, extract, tmp_path):
    (tmp_path / "own.yml").write_text(PROFILE)
    book = ask(
        address(kind), profile="own.yml", functional=extract.functional,
        options={"entity": "US01", "parameters": {"currency": "USD"}},
    )  # fmt: skip
    files = extract.book()["items"]
    wanted = files[files["entity"].eq("US01") & files["currency"].eq("USD")]

    assert book["items"]["item_id"].tolist() == sorted(wanted["item_id"])
    assert book["items"]["amount"].sum() == wanted["amount"].sum() != 0
    assert set(book.inputs["file"]) == {"own:LINES", "own:PARTIES"}
    lines = book.inputs.set_index("file").loc["own:LINES"]
    assert json.loads(lines["parameters"]) == {"currency": "USD", "entity": "US01", "since": None}
    assert ":since AS" in lines["query"]
    names = book.inputs.set_index("file").loc["own:PARTIES", "query"].upper()
    assert names.startswith('SELECT "CUSTOMER_ID", "NAME"\n'), "only the columns that the profile takes"


@pytest.mark.parametrize("kind", KINDS)
def test_one_entity_is_selected_by_the_database(kind, address, ask, extract):
    book = ask(
        address(kind),
        functional=extract.functional,
        options={"parameters": {"entity": "UK01"}},
        tables={"items": ("items",)},
    )

    assert set(book["items"]["entity"]) == {"UK01"}
    assert 'WHERE "' in book.inputs.loc[0, "query"]
    assert json.loads(book.inputs.loc[0, "parameters"]) == {"entity": "UK01"}


def test_a_text_in_a_parameter_is_data(address, ask, extract):
    hostile = "UK01' OR '1'='1'; DROP TABLE items; --"
    book = ask(address("sqlite"), options={"parameters": {"entity": hostile}}, tables={"items": ("items",)})

    assert len(book["items"]) == 0
    assert hostile not in book.inputs.loc[0, "query"]
    assert len(ask(address("sqlite"), functional=extract.functional)["items"]) > 150


@pytest.mark.postgres
def test_a_text_in_a_parameter_is_data_for_postgresql(address, ask, extract):
    hostile = "UK01' OR '1'='1'; DROP TABLE items; --"
    assert ask(
        address("postgresql"), options={"parameters": {"entity": hostile}}, tables={"items": ("items",)}
    )["items"].empty
    assert len(ask(address("postgresql"), functional=extract.functional)["items"]) > 150


def test_two_sources_of_one_profile_have_names_of_their_own(address, extract, monkeypatch, tmp_path):
    monkeypatch.setenv("ARLIB_TEST_URL", address("sqlite"))
    specs = [
        SourceSpec(
            database="ARLIB_TEST_URL", tables={"items": ("items",)}, options={"parameters": {"entity": code}}
        )
        for code in ("US01", "UK01")
    ]
    book = load_book(specs, root=tmp_path, functional=extract.functional)

    assert set(book.inputs["file"]) == {"canonical:items", "canonical (2):items"}
    assert set(book["items"]["entity"]) == {"US01", "UK01"}


def test_a_database_beside_a_folder(address, extract, monkeypatch, tmp_path):
    monkeypatch.setenv("ARLIB_TEST_URL", address("duckdb"))
    for name in ("customers", "entities"):
        (tmp_path / f"{name}.csv").write_bytes((extract.folder / f"{name}.csv").read_bytes())
    book = load_book(
        [SourceSpec(folder=tmp_path), SourceSpec(database="ARLIB_TEST_URL", tables={"items": ("items",)})],
        root=tmp_path,
    )
    assert set(book.inputs["file"]) == {"customers.csv", "entities.csv", "canonical:items"}


@pytest.mark.parametrize(("given", "words"), [
    ({"options": {"parameters": {"entiti": "US01"}}}, "no query has this parameter: found 'entiti'"),
    ({"options": {"parameters": "US01"}}, "parameters: wanted a name and a text"),
    ({"options": {"timeout_seconds": 0}}, "timeout_seconds: found 0"),
    ({"options": {"timeout": 5}}, "unknown option of a source"),
    ({"tables": {"itms": ("items",)}}, "profile canonical has no file: found 'itms'"),
    ({"tables": {"items": ("items; drop table items",)}}, "tables, items: query"),
    ({"tables": {"items": ("a", "b")}}, "items: tables: found 'a, b'"),
    ({"profile": "saf-t"}, "profile saf-t has no query for a database"),
])  # fmt: skip
def test_what_is_asked_wrongly_is_said(given, words, address, ask):
    with pytest.raises(ParameterError) as caught:
        ask(address("sqlite"), **given)
    assert words in str(caught.value)


def test_a_parameter_without_a_value(address, ask, tmp_path):
    (tmp_path / "own.yml").write_text(PROFILE)
    with pytest.raises(
        ParameterError, match=r"own:LINES: the query has a parameter :currency without a value"
    ):
        ask(address("sqlite"), profile="own.yml")


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_or_column_that_is_not_there(kind, address, ask, tmp_path):
    with pytest.raises(
        SourceError, match="canonical:items: the database has no such table: found 'receivables'"
    ):
        ask(address(kind), tables={"items": ("receivables",)})
    (tmp_path / "own.yml").write_text(PROFILE.replace("name: NAME}", "name: NAMES}"))
    given = {"profile": "own.yml", "options": {"parameters": {"currency": "USD"}}}
    with pytest.raises(
        SourceError, match=r"own:PARTIES: a column is missing: wanted 'NAMES'\n  The table has 'name'|'NAME'"
    ):
        ask(address(kind), **given)
    (tmp_path / "own.yml").write_text(PROFILE.replace("document_no,", "docment_no,"))
    with pytest.raises(SourceError, match=r"own:LINES: the database refused the query \(.*docment_no"):
        ask(address(kind), **given)
    (tmp_path / "own.yml").write_text(PROFILE.replace("FROM items", "FROM itemz"))
    with pytest.raises(SourceError, match=r"own:LINES: the database refused the query \(.*itemz"):
        ask(address(kind), **given)


def test_a_column_that_is_nearly_there_is_refused_as_in_a_file(ask, tmp_path):
    import sqlite3

    for columns, words in (
        ("customer_id, name, adress", "unknown column 'adress'; did you mean 'address'?"),
        ("customer_id, name, shoe_size", ""),
    ):
        (tmp_path / "c.db").unlink(missing_ok=True)
        with sqlite3.connect(tmp_path / "c.db") as link:
            link.execute(f"CREATE TABLE customers ({columns})")
        link.close()
        if words:
            with pytest.raises(SourceError) as caught:
                ask(f"sqlite:///{tmp_path}/c.db")
            assert words in str(caught.value)
        else:
            problems = ask(f"sqlite:///{tmp_path}/c.db").problems
            assert problems[["code", "found"]].to_numpy().tolist() == [["column_not_read", "shoe_size"]]


def test_an_empty_database_is_said_to_hold_nothing(ask, tmp_path):
    import sqlite3

    sqlite3.connect(tmp_path / "empty.db").execute("CREATE TABLE other (a)").connection.close()
    with pytest.raises(
        SourceError, match="the database of ARLIB_TEST_URL holds no table that profile canonical knows"
    ):
        ask(f"sqlite:///{tmp_path}/empty.db")


def test_a_spec_is_of_a_folder_or_a_database(tmp_path):
    for given in ({}, {"folder": tmp_path, "database": "ARLIB_TEST_URL"}):
        with pytest.raises(ParameterError, match="a folder or a database"):
            SourceSpec(**given)
