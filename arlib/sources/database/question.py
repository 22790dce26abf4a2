"""What each file role of a profile asks of a database: its own query, or one made for a table. Floor 2.

`table NAME` stands for the columns that the profile takes from that table and no others; with conditions:
`table NAME where COLUMN = :name and COLUMN >= :other?`, where a condition whose parameter ends with a question
mark is left out when the parameter is not given. Names are found as the database spells them and quoted by
its own rules; values are bound, never written into the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from arlib.errors import ParameterError, Problem, SourceError, nearest
from arlib.sources.database.connect import Session
from arlib.sources.database.faults import code_of
from arlib.sources.database.guard import Statement, check_statement
from arlib.sources.database.needed import Needed
from arlib.sources.raw import remark

if TYPE_CHECKING:
    from sqlalchemy import Inspector

NO_SUCH_TABLE = "ORA-00942"
Value = str | int | bool
TABLE = re.compile(
    r"\s*table\s+(?P<name>[\w$#]+(?:\.[\w$#]+)?)\s*(?:where\s+(?P<where>.+?))?\s*;?\s*",
    re.IGNORECASE | re.DOTALL,
)
TEST = re.compile(
    r"\s*(?P<column>[\w$#]+)\s*(?P<sign>=|<>|<=|>=|<|>)\s*:(?P<name>[A-Za-z_]\w*)(?P<optional>\?)?\s*"
)
AND = re.compile(r"\s+and\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Filter:
    """A condition on one column; an optional one is left out where its parameter is not given."""

    column: str
    sign: str
    name: str
    is_optional: bool


@dataclass(frozen=True)
class TableOf:
    """The shorthand `table NAME where ...`."""

    name: str
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True)
class Question:
    """A statement with the values of its parameters, and remarks on the table."""

    statement: Statement
    values: Mapping[str, Value | None]
    remarks: tuple[Problem, ...] = ()


def read_query(query: str, *, where: str) -> Statement | TableOf:
    """A profile's query as it is written. Raises ParameterError where it is neither form."""
    if not re.match(r"\s*table\s", query, re.IGNORECASE):
        return check_statement(query, where=where)
    found = TABLE.fullmatch(query)
    tests = [TEST.fullmatch(text) for text in AND.split(found["where"])] if found and found["where"] else []
    if found is None or None in tests:
        raise ParameterError(
            "query",
            where=where,
            found=query,
            wanted="SELECT ..., or table NAME where COLUMN = :parameter and ...",
        )
    made = (Filter(t["column"], t["sign"], t["name"], bool(t["optional"])) for t in tests if t is not None)
    return TableOf(found["name"], tuple(made))


def parameters_of(query: Statement | TableOf) -> tuple[str, ...]:
    """Names of the parameters that it takes."""
    return query.parameters if isinstance(query, Statement) else tuple(one.name for one in query.filters)


def asked(statement: Statement, given: Mapping[str, Value], *, where: str) -> Question:
    """A profile's own statement with its values; a parameter without one is NULL where it may be left out,
    else it raises ParameterError."""
    left_out = statement.optional - given.keys()
    return Question(
        statement, {n: _value(n, given, where) if n not in left_out else None for n in statement.parameters}
    )


def asked_of_table(
    table: TableOf, session: Session, needed: Needed, given: Mapping[str, Value], *,
    schema: str, where: str, refuse_misspelt: bool,
) -> Question | None:  # fmt: skip
    """The statement for a table; None where the database has no such table.

    Raises SourceError for a column that the profile needs and the table lacks.
    """
    own_schema, _, name = table.name.rpartition(".")
    found = _found(session, name, own_schema or schema, where)
    if found is None:
        return None
    spelled, there = found
    by_name = {column.lower(): column for column in there}
    for column in needed.required:
        if column.lower() not in by_name:
            near = nearest(column.lower(), by_name)
            raise SourceError(
                "a column is missing", where=where, wanted=repr(column),
                fix=f"The table has {by_name[near]!r}: did you mean that? Say so in a profile of your own." if near else "",
            )  # fmt: skip
    wanted = [by_name[column.lower()] for column in needed.all if column.lower() in by_name]
    filters = [one for one in table.filters if not one.is_optional or one.name in given]
    for one in filters:
        if one.column.lower() not in by_name:
            raise SourceError("a column to select by is missing", where=where, wanted=repr(one.column))
    quote = _quoting(session)
    text = f"SELECT {', '.join(quote(column) for column in wanted) or '1'}\nFROM {spelled}"
    if filters:
        text += "\nWHERE " + " AND ".join(
            f"{quote(by_name[one.column.lower()])} {one.sign} :{one.name}" for one in filters
        )
    names = tuple(dict.fromkeys(one.name for one in filters))
    remarks = _unread(there, needed, where) if refuse_misspelt else []
    return Question(Statement(text, names), {n: _value(n, given, where) for n in names}, tuple(remarks))


def _value(name: str, given: Mapping[str, Value], where: str) -> Value:
    if name not in given:
        raise ParameterError(
            f"the query has a parameter :{name} without a value",
            where=where,
            fix=f"Set it: options: {{parameters: {{{name}: ...}}}}.",
        )
    return given[name]


def _quoting(session: Session) -> Callable[[str], str]:
    """How a name that the database itself gave is written. Oracle's come in lower case where they need no quotes."""
    preparer = session.connection.dialect.identifier_preparer
    return preparer.quote if session.kind == "oracle" else preparer.quote_identifier


def _found(session: Session, name: str, schema: str, where: str) -> tuple[str, list[str]] | None:
    """The table as SQL and its columns, None where there is none; case tells tables apart only where it must."""
    from sqlalchemy import inspect

    quote = _quoting(session)
    with session.query(where):
        if session.kind == "oracle":  # it may be a synonym, which only the query itself finds
            return _probed(session, ".".join(quote(part.lower()) for part in (schema, name) if part))
        inspector = inspect(session.connection)
        for home in dict.fromkeys((schema, schema.lower(), schema.upper())):
            for spelled in chain((name, name.lower(), name.upper()), _like(inspector, name, home)):
                if inspector.has_table(spelled, schema=home or None):
                    return _probed(session, ".".join(quote(part) for part in (home, spelled) if part))
    return None


def _like(inspector: Inspector, name: str, schema: str) -> Iterator[str]:
    """Names that differ in case only, looked up when the plain spellings are not there."""
    if schema and schema not in inspector.get_schema_names():
        return
    for names in (inspector.get_table_names, inspector.get_view_names):
        yield from (found for found in names(schema=schema or None) if found.lower() == name.lower())


def _probed(session: Session, spelled: str) -> tuple[str, list[str]] | None:
    from sqlalchemy import exc

    try:
        result = session.connection.exec_driver_sql(f"SELECT * FROM {spelled} WHERE 1 = 0")  # noqa: S608  (quoted)
    except exc.DBAPIError as fault:
        if code_of(fault) == NO_SUCH_TABLE:
            return None
        raise
    names = list(result.keys())
    result.fetchall()  # DuckDB lets nothing else run before
    return spelled, names


def _unread(there: Sequence[str], needed: Needed, where: str) -> list[Problem]:
    """Remarks on columns that the profile does not know; one that is near a column that is not there is refused,
    since its values would be lost without a sign."""
    known = {column.lower() for column in needed.all}
    present = {column.lower() for column in there}
    made = []
    for column in there:
        if column.lower() in known:
            continue
        near = nearest(re.sub(r"[^0-9a-z]+", "_", column.lower()), known)
        if near and near not in present:
            raise SourceError(
                f"unknown column {column!r}; did you mean {near!r}?", where=where,
                fix="Rename it in a view, or say so in a profile of your own.",
            )  # fmt: skip
        made.append(remark(where, "column_not_read", found=column, wanted="a column of the table"))
    return made
