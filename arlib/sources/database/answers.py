"""From a database source to the records of its profile's file roles. Floor 2.

All queries of a source run in one transaction, so that they see one state. What was asked, of what, and when
stands beside the records.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from arlib.errors import ArError, ParameterError, SourceError, nearest
from arlib.sources.database.address import address_of
from arlib.sources.database.connect import Session, reading
from arlib.sources.database.guard import Statement, is_ordered
from arlib.sources.database.needed import Needed, needed_columns
from arlib.sources.database.question import (
    Question,
    TableOf,
    Value,
    asked,
    asked_of_table,
    parameters_of,
    read_query,
)  # fmt: skip
from arlib.sources.database.stream import CHUNK_ROWS, Gathered
from arlib.sources.profile import Profile
from arlib.sources.raw import Asked, RawFile, check_header
from arlib.sources.spec import SourceSpec

SECONDS = 1800  # for one query, unless the source says otherwise


def read_database(spec: SourceSpec, profile: Profile, *, label: str = "") -> list[tuple[str, RawFile]]:
    """Role and records of everything that the profile asks of the database.

    `label` begins the names of the records' files (the profile's name when empty): `label:role`. A table that is
    not there is left out, unless its role is required or the source names it. Raises ParameterError for parameters
    that are missing or that no query takes, SourceError for whatever the database says; neither repeats the
    address.
    """
    queries = _queries(spec, profile)
    given = _parameters(spec, profile, [query for _, query, _ in queries])
    address, seconds = address_of(spec.database), _seconds(spec)
    schema = str(spec.options.get("schema", ""))
    read: list[tuple[str, RawFile]] = []
    try:
        with reading(address, seconds=seconds) as session:
            for role, query, is_required in queries:
                where = f"{label or profile.profile}:{role}"
                needed = needed_columns(profile, role)
                if isinstance(query, Statement):
                    question: Question | None = asked(query, given, where=where)
                else:
                    question = asked_of_table(
                        query, session, needed, given, schema=schema, where=where,
                        refuse_misspelt=profile.ignored_columns_are_noted,
                    )  # fmt: skip
                if question is not None:
                    read.append((role, _answer(session, question, needed, profile, where)))
                elif is_required:
                    assert isinstance(query, TableOf)
                    raise SourceError("the database has no such table", where=where, found=query.name)
    except ArError as fault:
        fault.__context__ = fault.__cause__ = None  # the driver's own words, with the address in them
        raise fault.with_traceback(None) from None
    if not read:
        raise SourceError(
            f"the database of {spec.database} holds no table that profile {profile.profile} knows"
        )
    return read


def _queries(spec: SourceSpec, profile: Profile) -> list[tuple[str, Statement | TableOf, bool]]:
    """Role, query, and whether its table must be there."""
    for role in spec.tables:
        if role not in profile.files:
            near = nearest(role, profile.files)
            raise ParameterError(
                f"profile {profile.profile} has no file", found=role, wanted=f"one of {', '.join(profile.files)}",
                fix=f"Did you mean {near!r}?" if near else "",
            )  # fmt: skip
    made = []
    for role, mapping in profile.files.items():
        names = spec.tables.get(role, ())
        if (spec.tables and not names) or not (mapping.query or names):
            continue
        own = read_query(mapping.query, where=f"{profile.profile}:{role}") if mapping.query else None
        if len(names) > 1:
            raise ParameterError(
                "tables", where=role, found=", ".join(names), wanted="one table of the database"
            )
        if (names and names[0] != role) or own is None:
            table = read_query(f"table {names[0]}", where=f"tables, {role}")
            assert isinstance(table, TableOf)
            own = TableOf(table.name, own.filters if isinstance(own, TableOf) else ())
        made.append((role, own, bool(names) or mapping.is_required))
    if not made:
        raise ParameterError(
            f"profile {profile.profile} has no query for a database",
            fix="Give its files a `query`, or name their tables under `tables` of the source.",
        )
    return made


def _parameters(
    spec: SourceSpec, profile: Profile, queries: Sequence[Statement | TableOf]
) -> dict[str, Value]:
    given = spec.options.get("parameters", {})
    if not isinstance(given, Mapping) or not all(isinstance(v, str | int) for v in given.values()):
        raise ParameterError("parameters", wanted="a name and a text or whole number each")
    known = {name for query in queries for name in parameters_of(query)}
    if unknown := sorted(set(given) - known):
        near = nearest(unknown[0], known)
        raise ParameterError(
            "no query has this parameter", found=unknown[0], wanted=f"one of {', '.join(sorted(known)) or 'none'}",
            fix=f"Did you mean {near!r}?" if near else "",
        )  # fmt: skip
    own = {"entity": profile.entity} if profile.entity else {}
    return {**own, **{str(name): value for name, value in given.items()}}


def _seconds(spec: SourceSpec) -> int:
    given = spec.options.get("timeout_seconds", SECONDS)
    if isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= 86_400:
        raise ParameterError("timeout_seconds", found=given, wanted="a whole number of seconds, up to a day")
    return given


def _answer(session: Session, question: Question, needed: Needed, profile: Profile, where: str) -> RawFile:
    read_at = datetime.now(UTC).replace(microsecond=0)
    money = () if profile.float_noise else needed.money
    with session.query(where):
        names, chunks = run(session, question)
        spelled = _spelled(names, needed, role=where.rpartition(":")[2])
        check_header(spelled, where)
        found = Gathered(spelled, where=where, no_floats=money)
        for columns in chunks:
            found.add(columns)
    return RawFile(
        name=where,
        bytes=found.bytes,
        sha256=found.sha256(),
        records={"": found.records(is_ordered=is_ordered(question.statement))},
        remarks=question.remarks,
        asked=Asked(
            query=question.statement.text,
            parameters=json.dumps(dict(sorted(question.values.items())), ensure_ascii=False),
            database=session.database,
            read_at=read_at.isoformat().replace("+00:00", "Z"),
        ),
    )


def run(session: Session, question: Question) -> tuple[list[str], Iterator[list[Sequence[object]]]]:
    """Column names, and chunks of columns as they come from the database."""
    if session.kind == "duckdb":
        return _run_duckdb(session, question)
    from sqlalchemy import text

    result = session.connection.execute(
        text(question.statement.for_sqlalchemy()),
        dict(question.values),
        execution_options={"yield_per": CHUNK_ROWS},  # by a cursor of the server's, where it has such
    )
    return list(result.keys()), (list(zip(*rows, strict=True)) for rows in result.partitions(CHUNK_ROWS))


def _run_duckdb(session: Session, question: Question) -> tuple[list[str], Iterator[list[Sequence[object]]]]:
    """By DuckDB's own reader: its rows would need pytz for a time with a zone, and stand in memory whole."""
    link: Any = session.connection.connection.driver_connection
    text = question.statement.rendered(lambda name: f"${name}")
    result = link.sql(text, params=dict(question.values)) if question.values else link.sql(text)
    reader = (
        result.to_arrow_reader(CHUNK_ROWS)
        if hasattr(result, "to_arrow_reader")
        else result.fetch_arrow_reader(CHUNK_ROWS)
    )
    return list(reader.schema.names), ([column.to_pylist() for column in batch.columns] for batch in reader)


def _spelled(names: Sequence[str], needed: Needed, *, role: str) -> list[str]:
    """The columns in the profile's spelling: databases fold unquoted names up or down. Where the profile names none, for
    steps read them, the role's own name says which way."""
    by_name = {name.lower(): name for name in needed.all}
    fold = str.upper if all(name.isupper() for name in needed.all or (role,)) else str
    return [by_name.get(name.lower(), fold(name)) for name in names]
