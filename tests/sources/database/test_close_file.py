"""A database in a close file: a name of a variable, never an address."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from arlib.run import record
from arlib.run.closefile import schemas
from arlib.run.faults import ParameterFaults
from arlib.run.params import load_close

CLOSE = """\
schema: arlib.close/1
title: Sample
period: "2026-10"
entities:
  - {code: "US01", name: "Harbor", functional_currency: "USD"}
  - {code: "UK01", name: "Harbor", functional_currency: "GBP"}
  - {code: "JP01", name: "Harbor", functional_currency: "JPY"}
sources:
  - SOURCE
"""
GOOD = '{database: "ARLIB_TEST_URL", options: {parameters: {entity: "US01", org: 204}, timeout_seconds: 60, schema: "ar"}}'


@pytest.fixture
def close(tmp_path):
    def made(source):
        (tmp_path / "close.yml").write_text(CLOSE.replace("SOURCE", source))
        return load_close(tmp_path / "close.yml", root=tmp_path)

    return made


def test_a_database_is_named_by_its_variable(close):
    plan = close(GOOD)
    (source,) = plan.sources
    assert (source.folder, source.database, source.profile) == (None, "ARLIB_TEST_URL", "canonical")
    assert source.options["parameters"] == {"entity": "US01", "org": 204}
    assert plan.as_json()["sources"] == [{
        "database": "ARLIB_TEST_URL", "profile": "canonical", "tables": {},
        "options": {"parameters": {"entity": "US01", "org": 204}, "timeout_seconds": 60, "schema": "ar"},
    }]  # fmt: skip


@pytest.mark.parametrize("source", [
    '{database: "postgresql://db.example/books"}', '{database: "sqlite:////home/ann/db.example"}', '{database: "db.example"}',
    '{database: "postgresql://ann:hunter2@db.example/books"}', '{database: "ARLIB_ERP", options: {delimiter: ";"}}',
    '{database: "ARLIB_TEST_URL", folder: "x"}', '{profile: "canonical"}',
    '{database: "ARLIB_TEST_URL", options: {parameters: {password: "hunter2"}}}',
    '{database: "ARLIB_TEST_URL", options: {parameters: {since: 1.5}}}', '{database: 5}',
    "{database: NO_URL, options: {parameters: {a: [1]}}}",
])  # fmt: skip
def test_anything_else_is_refused_and_not_repeated(source, close):
    with pytest.raises(ParameterFaults) as caught:
        close(source)
    told = str(caught.value) + repr(caught.value.problems)
    assert "db.example" not in told
    assert "hunter2" not in told


def test_the_schema_for_editors():
    entry = json.loads(schemas()["close.schema.json"])["$defs"]["SourceEntry"]
    assert entry["oneOf"] == [{"required": ["folder"]}, {"required": ["database"]}]
    assert entry["properties"]["database"]["pattern"] == "^[A-Z][A-Z0-9_]*_URL$"
    assert "required" not in entry


def test_what_run_json_says(close, ask, sqlite_file, extract):
    first = record.inputs(ask(f"sqlite:///{sqlite_file}", functional=extract.functional))
    later = [{**line, "read_at": "2027-01-01T00:00:00Z", "database": "SQLite 4"} for line in first]
    items = next(line for line in first if line["table"] == "items")

    assert items["query"].startswith("SELECT ")
    assert items["parameters"] == "{}"
    assert items["database"].startswith("SQLite 3")
    assert items["read_at"].endswith("Z")
    assert items["file"] == "canonical:items"
    assert record.inputs_sha256(first) == record.inputs_sha256(later), "when it was read changes nothing"
    assert str(sqlite_file) not in json.dumps(first)
    of_files = record.inputs(extract.book())
    assert {line["query"] for line in of_files} == {line["read_at"] for line in of_files} == {None}


def test_the_results_are_those_of_the_files(ask, sqlite_file, extract):
    import pandas as pd

    from arlib.policy import Policies, Scope
    from arlib.report.aging import aging_report
    from arlib.run.result import payload

    def results(book):
        day = pd.Timestamp("2026-10-31").date()
        scope = Scope(
            entity="US01", entity_name="Harbor", functional_currency="USD", period="2026-10", starts_on=day.replace(day=1),
            ends_on=day, as_of=day, time_zone="UTC",
        )  # fmt: skip
        report = aging_report(book.for_entity("US01"), scope=scope, policies=Policies())
        return payload(report, notebook="aging", artefacts=())["results_sha256"]

    from_database = ask(f"sqlite:///{sqlite_file}", functional=extract.functional)
    assert results(from_database) == results(extract.book())


def test_a_book_with_queries_is_stored_and_read(ask, sqlite_file, extract, tmp_path):
    from arlib.sources import read_book, write_book

    book = ask(f"sqlite:///{sqlite_file}", functional=extract.functional)
    write_book(book, tmp_path / "book")
    again = read_book(tmp_path / "book")
    assert again.inputs.equals(book.inputs)
    assert not any(str(sqlite_file).encode() in path.read_bytes() for path in (tmp_path / "book").iterdir())


def test_importing_sources_loads_no_database_library():
    script = (
        "import sys, arlib.sources, arlib.sources.database, arlib.sources.files, arlib.sources.canonical\n"
        "from arlib.sources.catalogue import load_profile\n"
        "load_profile('canonical')\n"
        "assert not {'sqlalchemy', 'duckdb', 'pyarrow', 'pandas', 'psycopg'} & set(sys.modules), sorted(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
