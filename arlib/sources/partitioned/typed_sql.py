"""A canonical table out of Parquet or CSV files as a query with declared types. Floor 2.

A CSV is our own contract: ISO dates, plain decimals, UTC times. A value that is not of its kind stops the query with
table, column and value: what does not fit memory is not loaded by halves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.money import is_currency, minor_places
from arlib.tables import CANONICAL, Column, Kind

if TYPE_CHECKING:
    import duckdb

TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.RATE: "VARCHAR",
    Kind.DAY: "DATE",
    Kind.INSTANT: "TIMESTAMPTZ",
    Kind.MONEY: "BIGINT",
    Kind.INTEGER: "BIGINT",
    Kind.FLAG: "BOOLEAN",
}
PLACES = 4  # the most that any currency has


def typed_query(
    link: duckdb.DuckDBPyConnection,
    table: str,
    files: Sequence[Path],
    *,
    functional: Mapping[str, str],
    currency: str = "",
) -> str:
    """The files of one table as one query with its declared columns and types; a column that no file has is empty.

    `functional` is the currency of each entity's books, `currency` that of any other.
    """
    books = "".join(f" when {quoted(entity)} then {quoted(code)}" for entity, code in functional.items())
    of_books = f"case entity{books} else {quoted(currency)} end" if books else quoted(currency)
    is_csv = files[0].suffix != ".parquet"
    listed = ", ".join(quoted(str(path)) for path in files)
    source = (
        f"read_csv([{listed}], header = true, all_varchar = true, delim = ',', quote = '\"', union_by_name = true)"
        if is_csv
        else f"read_parquet([{listed}], union_by_name = true)"
    )
    there = {row[0] for row in link.execute(f"describe select * from {source}").fetchall()}  # noqa: S608
    columns = [
        f"{_expression(table, column, of_books) if is_csv else _as_is(column)} as {name(column.name)}"
        if column.name in there
        else f"NULL::{TYPES[column.kind]} as {name(column.name)}"
        for column in CANONICAL[table].columns
    ]
    return f"select {', '.join(columns)} from {source}"  # noqa: S608


def _as_is(column: Column) -> str:
    return f"{name(column.name)}::{TYPES[column.kind]}"


def _expression(table: str, column: Column, of_books: str) -> str:
    text = f"nullif({name(column.name)}, '')"
    if column.kind is Kind.MONEY:
        return _money(table, column, text, of_books)
    if column.kind is Kind.FLAG:
        return (
            f"case {text} when 'true' then true when 'false' then false {_refused(table, column, text)} end"
        )
    return text if column.kind in (Kind.TEXT, Kind.RATE) else f"{text}::{TYPES[column.kind]}"


def _money(table: str, column: Column, text: str, of_books: str) -> str:
    """Decimal text as minor units: exact, or refused."""
    code = of_books if column.currency == "functional" else name(column.currency)
    whens = " ".join(
        f"when places = {places} and regexp_full_match(minus, '-?[0-9]+(\\.[0-9]{{0,{places}}})?')"
        f" then (minus::DECIMAL(38, {places}) * {10**places})::BIGINT"
        for places in range(PLACES + 1)
    )
    return (
        f"(select case when minus is null then null {whens} {_refused(table, column, 'minus')} end "  # noqa: S608
        f"from (select {text} as minus, minor_places_of({code}) as places))"
    )


def _refused(table: str, column: Column, text: str) -> str:
    """The last branch of a case: nothing stays nothing, anything else stops the query."""
    said = quoted(f"table {table}, column {column.name!r}: a value cannot be read: ")
    return f"else case when {text} is not null then error({said} || {text}) end"


def teach_places(link: duckdb.DuckDBPyConnection) -> None:
    """Let queries ask how many places a currency has: NULL for a code that is none."""
    from arlib.money import currencies

    of_places: dict[int, list[str]] = {}
    for code in filter(is_currency, currencies()):
        of_places.setdefault(minor_places(code), []).append(quoted(code))
    whens = " ".join(
        f"when code in ({', '.join(codes)}) then {places}" for places, codes in of_places.items()
    )
    link.execute(f"create or replace macro minor_places_of(code) as case {whens} end")


def quoted(text: str) -> str:
    """A text as SQL says it."""
    return "'" + text.replace("'", "''") + "'"


def name(column: str) -> str:
    """A name as SQL says it."""
    return '"' + column.replace('"', '""') + '"'
