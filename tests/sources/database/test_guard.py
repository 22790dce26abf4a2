"""Only one statement that reads is let through, and its parameters are found where they are parameters."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from arlib.errors import ParameterError
from arlib.sources.database.guard import check_statement, is_ordered
from arlib.sources.database.question import TableOf, read_query


@pytest.mark.parametrize("sql", [
    "SELECT 1",
    "  with a as (select 1 as n) select * from a ;",
    "-- what it is\nSELECT ';' AS separator FROM items",
    "(SELECT 1) UNION ALL (SELECT 2)",
    "SELECT \"update\", replace(name, 'delete', '') FROM items /* drop it? no */",
    "SELECT LISTAGG(name, '; ') WITHIN GROUP (ORDER BY name) FROM items",
    "SELECT created_at, updated, deleted_flag, offset_days FROM items",
])  # fmt: skip
def test_reading_is_let_through(sql):
    assert check_statement(sql).text == sql.strip().removesuffix(";").strip()


@pytest.mark.parametrize("sql", [
    "", ";", "DELETE FROM items", "INSERT INTO items VALUES (1)", "UPDATE items SET amount = 0", "DROP TABLE items",
    "CREATE TABLE x AS SELECT 1", "TRUNCATE items", "GRANT ALL ON items TO ann", "CALL pay()", "COPY items TO 'x.csv'",
    "ATTACH 'x.db'", "PRAGMA query_only = off", "VACUUM", "SET x = 1", "BEGIN", "COMMIT", "EXPLAIN ANALYZE DELETE FROM items",
    "SELECT 1; DELETE FROM items", "SELECT 1;; SELECT 2", "SELECT * INTO copied FROM items", "SELECT * FROM items FOR UPDATE",
    "WITH gone AS (DELETE FROM items RETURNING *) SELECT * FROM gone", "VALUES (1)", "SELECT 'never ends", "SELECT 1 /* open",
    "SELECT $$ ' $$; DELETE FROM items; --'", "SELECT $a$ ' $a$; DELETE FROM items --'", "SELECT 'a\\' || '; DELETE FROM x'",
    "SELECT E'a\\'' ; DELETE FROM items --'", "SELECT /* a /* b */ ' */ ; DELETE FROM items --'", "SELECT 1 -- ; x",
    "SELECT [ ' ] ; DELETE FROM items --'", "SELECT 1\0", "SELECT `a", "selection", "withal",
])  # fmt: skip
def test_anything_else_is_refused(sql):
    with pytest.raises(ParameterError):
        check_statement(sql)


def test_parameters_are_found_outside_quotes_and_comments():
    made = check_statement(
        "SELECT ':no' AS a, \":nor\" AS b, x::text, '12:30', a[1:n] /* :never */ FROM t WHERE e = :entity AND d >= :since? AND e2 = :entity"
    )
    assert made.parameters == ("entity", "since")
    assert made.optional == {"since"}
    assert "?" not in made.text
    bound = text(made.for_sqlalchemy())
    assert set(bound.compile().params) == {"entity", "since"}
    assert "':no' AS a" in str(bound.compile())


@given(st.text(alphabet="ab'\"`-/*;:?$\\ ()\n[]", max_size=60))
def test_whatever_comes_it_answers(tail):
    try:
        made = check_statement("SELECT " + tail)
    except ParameterError:
        return
    assert made.rendered(lambda name: f":{name}") == made.text


@pytest.mark.parametrize(
    "tail", ["'" * 100_001, "/*" * 50_000, "*/ " * 50_000, "(" * 100_000, "a:b " * 25_000, "/* *" * 30_000]
)
def test_a_huge_text_is_answered_at_once(tail):
    began = time.process_time()
    with suppress(ParameterError):
        is_ordered(check_statement("SELECT " + tail))
    assert time.process_time() - began < 2


@pytest.mark.parametrize(("sql", "ordered"), [
    ("SELECT a FROM t ORDER BY a", True),
    ("SELECT a FROM t order\n by a", True),
    ("SELECT row_number() OVER (ORDER BY a) FROM t", False),
    ("SELECT 'order by' FROM t -- order by", False),
])  # fmt: skip
def test_what_orders_its_rows(sql, ordered):
    assert is_ordered(check_statement(sql)) is ordered


def test_the_shorthand_for_a_table():
    made = read_query("table AR.RA_TRX where ORG_ID = :org and TRX_DATE >= :since?", where="x")
    assert isinstance(made, TableOf)
    assert made.name == "AR.RA_TRX"
    assert [(t.column, t.sign, t.name, t.is_optional) for t in made.filters] == [
        ("ORG_ID", "=", "org", False), ("TRX_DATE", ">=", "since", True),
    ]  # fmt: skip


@pytest.mark.parametrize("query", [
    "table", "table a b", "table a; drop table b", "table a where b", "table a where b = 1", "table a where b = :c or 1 = 1",
    "table a where b = :c; delete from a", 'table "a"', "table a.b.c", "table a where b like :c",
])  # fmt: skip
def test_a_shorthand_that_is_none(query):
    with pytest.raises(ParameterError):
        read_query(query, where="x")
