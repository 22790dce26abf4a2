"""Statements in batch: index and totals, one bad customer among good ones, a worker that dies, the folder, the command."""

from __future__ import annotations

import csv
import os
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner

from arlib.errors import ParameterError, SourceError
from arlib.policy import Policies, Scope, StatementPolicy
from arlib.run import statement_batch
from arlib.run.books import Books
from arlib.run.statement_batch import Settings, Task, make, make_all
from arlib.run.statements import file_names, write_statements
from arlib.tables import CANONICAL, Book


def books(extracts=()):
    items = [
        {"entity": "E", "item_id": f"I{code}", "customer_id": code, "document_no": f"{at}", "item_type": "invoice",
         "currency": "JPY" if at else "USD", "amount": 100 + at, "effective_date": "2026-10-01"}
        for at, code in enumerate(("A", "B", "X"))
    ]  # fmt: skip
    people = [
        {"entity": "E", "customer_id": code, "name": name, "status": status}
        for code, name, status in (("A", "=1+1", "active"), ("B", "Bee", "active"), ("X", "Ex", "bankrupt"))
    ]
    links = [
        {"entity": "E", "item_id": "IA", "kind": "invoice_copy", "path": path}
        for path in ("a.pdf", "../a.pdf")
    ]
    book = Book(
        {
            "items": CANONICAL["items"].from_rows(items),
            "customers": CANONICAL["customers"].from_rows(people),
            "document_links": CANONICAL["document_links"].from_rows(links),
        }
    )
    scope = Scope(entity="E", entity_name="Seller", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
                  ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip
    return Books(book=book, scope=scope, policies=Policies(statement=StatementPolicy()), extracts=extracts)


def rows(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def tasks(folder):
    from arlib.collect.statements import statements

    given = books()
    found = statements(given.book, scope=given.scope, policies=given.policies)
    return [Task(statement=one, name=one.customer_id) for one in found.each()], Settings(
        folder=folder, formats=("xlsx",)
    )


def test_a_batch_has_files_an_index_and_totals_that_tie(tmp_path):
    pypdf = pytest.importorskip("pypdf")
    extracts = tmp_path / "extracts"
    extracts.mkdir()
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(extracts / "a.pdf")
    out = tmp_path / "out"
    done = write_statements(books((extracts,)), out, jobs=1, with_copies=True)

    assert (done.made, done.excluded, done.missing, done.is_whole) == (2, 1, 1, False)
    index = rows(out / "index.csv")
    assert [(row["customer_id"], row["state"], row["balance"]) for row in index] == [
        ("A", "made", "1.00"), ("B", "made", "101"), ("X", "excluded", "102"),
    ]  # fmt: skip
    assert index[0]["name"] == "'=1+1"
    assert index[2]["reason"].startswith("bankrupt: ")
    assert len(pypdf.PdfReader(out / index[0]["pdf"]).pages) == 2
    assert (out / index[1]["xlsx"]).is_file()
    assert [row["difference"] for row in rows(out / "totals.csv")] == ["0", "0.00"]
    assert "../a.pdf" in rows(out / "copies.csv")[0]["copy"]

    before = {path.name: path.read_bytes() for path in out.iterdir()}
    write_statements(books((extracts,)), out, jobs=1, with_copies=True)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_one_bad_customer_never_stops_the_rest(tmp_path, monkeypatch):
    made, settings = tasks(tmp_path)
    bad = replace(made[0].statement, sections=(replace(made[0].statement.sections[0], currency="???"),))
    told = make(replace(made[0], statement=bad), settings)
    assert "unknown currency" in told.reason
    assert make(made[1], settings).files == ("B.xlsx",)

    monkeypatch.setattr(statement_batch, "_files", lambda *_: [None for _ in iter(int, 1)])
    assert "not done after 1 seconds" in make(made[1], replace(settings, seconds=1)).reason


def _dies_on_a(task, settings):
    if task.statement.customer_id == "A":
        os._exit(9)
    return statement_batch.Done(customer_id=task.statement.customer_id, files=("x",))


def test_a_worker_that_dies_loses_only_its_own(tmp_path, monkeypatch):
    made, settings = tasks(tmp_path)
    monkeypatch.setattr(statement_batch, "make", _dies_on_a)
    monkeypatch.setattr(statement_batch, "_make_hand", _hand_that_dies)
    monkeypatch.setattr(statement_batch, "_warm_up", _nothing)
    done = make_all(made, settings, jobs=1)
    assert "died" in done["A"].reason
    assert done["B"].files == ("x",)


def _hand_that_dies(hand, settings):
    return [_dies_on_a(task, settings) for task in hand]


def _nothing():
    """A worker that needs no fonts."""


def test_names_of_files_never_clash():
    names = file_names(["a/b", "a b", "A-B", "00417", "x" * 100])
    assert len({name.lower() for name in names.values()}) == 5
    assert names["00417"] == "statement-00417"
    assert all(len(name) < 80 for name in names.values())


def test_a_folder_of_others_and_a_format_of_none_are_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(SourceError, match="other files"):
        write_statements(books(), tmp_path)
    with pytest.raises(ParameterError, match="docx"):
        write_statements(books(), tmp_path / "new", formats=("docx",))
    with pytest.raises(ParameterError, match="extracts"):
        write_statements(books(), tmp_path / "new", with_copies=True)


def test_the_command_wants_a_source_of_books(tmp_path):
    from arlib.cli.statements import statements

    told = CliRunner().invoke(statements, ["--out", str(tmp_path / "out")])
    assert isinstance(told.exception, ParameterError)
    assert "--close" in str(told.exception)


def test_the_command_says_what_it_wrote_and_ends_with_one_where_something_failed(tmp_path, monkeypatch):
    from arlib.cli.statements import statements
    from arlib.run import books as source
    from arlib.run import statements as module

    monkeypatch.setattr(source, "books_of_close", lambda path, *, entity: books((tmp_path,)))
    monkeypatch.setattr(
        module, "make_all",
        lambda given, settings, jobs: {
            task.statement.customer_id: statement_batch.Done(
                customer_id=task.statement.customer_id, reason="broken" if task.statement.customer_id == "B" else ""
            )
            for task in given
        },
    )  # fmt: skip
    told = CliRunner().invoke(
        statements,
        ["--close", "c.yml", "--entity", "E", "--out", str(tmp_path.parent / f"{tmp_path.name}-out")],
    )
    assert told.exit_code == 1
    assert "1 statement made, 1 failed, 1 customers excluded" in told.output
    assert "B: broken" in told.output
