"""Values become text exactly, and a long result comes in chunks."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from arlib.errors import SourceError
from arlib.sources.database import answers
from arlib.sources.database.address import address_of
from arlib.sources.database.answers import run
from arlib.sources.database.connect import reading
from arlib.sources.database.guard import Statement
from arlib.sources.database.question import Question
from arlib.sources.database.stream import Gathered


@pytest.mark.parametrize(("value", "text", "is_typed"), [
    (None, "", False), ("", "", False), ("00417", "00417", False), ("  a\tb\n", "  a\tb\n", False), ("a\x00\x1bb", "a  b", False),
    ("\ud800", "?", False), (7, "7", True), (-12345678901234567890, "-12345678901234567890", True),
    (Decimal("100.00"), "100", True), (Decimal("-0.00"), "0", True), (Decimal("12.5000"), "12.5", True),
    (Decimal("1E+3"), "1000", True),
    (Decimal("12345678901234567890123456789012.3456789"), "12345678901234567890123456789012.3456789", True),
    (Decimal("1E-7"), "0.0000001", True), (True, "true", True), (1.5, "1.5", True), (float("nan"), "", True),
    (date(2026, 10, 31), "2026-10-31", True), (datetime.fromisoformat("2026-10-31"), "2026-10-31", True),
    (datetime.fromisoformat("2026-10-31T17:04:00.12"), "2026-10-31 17:04:00.120000", True),
    (datetime(2026, 10, 31, 17, 4, tzinfo=UTC), "2026-10-31T17:04:00Z", True),
    (datetime(2026, 10, 31, 1, 0, tzinfo=timezone(timedelta(hours=2))), "2026-10-30T23:00:00Z", True),
])  # fmt: skip
def test_a_value_as_text(value, text, is_typed):
    found = Gathered(["a"], where="x")
    found.add([[value]])
    records = found.records()
    assert records.frame["a"].tolist() == [text]
    assert str(records.frame["a"].dtype) == "str"
    assert ("a" in records.native) is is_typed


@pytest.mark.parametrize("value", [b"x", memoryview(b"x"), [1], {"a": 1}, (1,)])
def test_a_value_that_is_none(value):
    with pytest.raises(SourceError, match=r"x: column a holds .*, not plain values"):
        Gathered(["a"], where="x").add([[value]])


def test_money_is_never_a_float(ask, tmp_path):
    with sqlite3.connect(tmp_path / "m.db") as link:
        link.execute("CREATE TABLE items (item_id TEXT, entity TEXT, customer_id TEXT, item_type TEXT, document_no TEXT,"
                     " effective_date TEXT, currency TEXT, amount REAL)")  # fmt: skip
        link.execute("INSERT INTO items VALUES ('1', 'E', 'C', 'invoice', 'D', '2026-10-01', 'USD', 10.1)")
    link.close()
    given = {"tables": {"items": ("items",)}, "functional": {"E": "USD"}}
    with pytest.raises(SourceError, match="canonical:items: column amount is a binary floating-point number"):
        ask(f"sqlite:///{tmp_path}/m.db", **given)
    book = ask(f"sqlite:///{tmp_path}/m.db", options={"float_noise": "0.000001"}, **given)
    assert book["items"]["amount"].tolist() == [1010]


def test_rows_without_an_order_stand_in_one_all_the_same():
    def frame(rows, **given):
        found = Gathered(["a", "b"], where="x")
        for row in rows:
            found.add([[value] for value in row])
        return found.records(**given)

    rows = [(str(number % 7), number) for number in range(40)]
    one, two = frame(rows, is_ordered=False), frame(rows[::-1], is_ordered=False)
    assert one.frame.equals(two.frame)
    assert frame(rows).frame["b"].tolist() == [str(number) for _, number in rows]
    assert sorted(one.rows) == list(range(2, 42))
    at = one.frame.index[one.frame["b"].eq("39")][0]
    assert (one.rows[at], two.rows[at]) == (41, 2)


def test_an_empty_result_has_its_columns():
    found = Gathered(["a", "b"], where="x")
    records = found.records(is_ordered=False)
    assert list(records.frame.columns) == ["a", "b"]
    assert len(records.frame) == found.bytes == 0
    assert len(found.sha256()) == 64


def test_a_long_result_comes_in_chunks(ask, extract, sqlite_file, monkeypatch):
    whole = ask(f"sqlite:///{sqlite_file}", functional=extract.functional, tables={"items": ("items",)})
    sizes = []
    add = Gathered.add

    def counted(self, columns):
        sizes.append(len(columns[0]))
        add(self, columns)

    monkeypatch.setattr(answers, "CHUNK_ROWS", 7)
    monkeypatch.setattr(Gathered, "add", counted)
    again = ask(f"sqlite:///{sqlite_file}", functional=extract.functional, tables={"items": ("items",)})
    assert max(sizes) == 7
    assert sum(sizes) == len(whole["items"]) > 100
    assert again["items"].equals(whole["items"])
    assert again.inputs["sha256"].tolist() == whole.inputs["sha256"].tolist()


@pytest.mark.postgres
def test_postgresql_keeps_the_rest_of_a_result_to_itself(postgres, monkeypatch):
    monkeypatch.setenv("ARLIB_TEST_URL", postgres.format(database="postgres"))
    with reading(address_of("ARLIB_TEST_URL"), seconds=60) as session:
        _, chunks = run(
            session, Question(Statement("SELECT g FROM generate_series(1, :n) g", ("n",)), {"n": 30_000})
        )
        assert [len(next(chunks)[0]) for _ in range(2)] == [10_000, 10_000]
        assert session.connection.exec_driver_sql("SELECT count(*) FROM pg_cursors").scalar() == 1


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_types_of_a_result(kind, tmp_path, monkeypatch, duckdb_file, sqlite_file):
    monkeypatch.setenv("ARLIB_TEST_URL", f"{kind}:///{duckdb_file if kind == 'duckdb' else sqlite_file}")
    queries = {
        "duckdb": "SELECT 1.50::DECIMAL(38, 10) AS a, TIMESTAMPTZ '2026-10-31 10:00:00+02' AS b, DATE '2026-10-31' AS c, NULL AS d",
        "sqlite": "SELECT 15 / 10.0 AS a, '2026-10-31T08:00:00Z' AS b, '2026-10-31' AS c, NULL AS d",
    }
    with reading(address_of("ARLIB_TEST_URL"), seconds=60) as session:
        names, chunks = run(session, Question(Statement(queries[kind], ()), {}))
        found = Gathered(names, where="x")
        for columns in chunks:
            found.add(columns)
    assert found.records().frame.loc[0].tolist() == ["1.5", "2026-10-31T08:00:00Z", "2026-10-31", ""]
