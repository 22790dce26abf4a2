"""The batch of letters on the sample company: written, held, previewed; one bad customer stops no other."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from arlib.collect.dunning import dunning
from arlib.collect.dunning.special import special_letters
from arlib.collect.position import position
from arlib.errors import ParameterError
from arlib.policy import Policies, Scope
from arlib.policy.statement import RemitTo, StatementPolicy
from arlib.run import letters as module
from arlib.run.books import Books
from arlib.run.letters import copy_templates, letters_batch
from arlib.sources.sample.company import generate
from arlib.tables import CANONICAL, Book

SCOPE = Scope(entity="US01", entity_name="Harbor Tools Inc", functional_currency="USD", period="2026-10", country="US",
              starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


@pytest.fixture(scope="module")
def books() -> Books:
    book = Book(generate(seed=7, items=800).tables).for_entity("US01")
    return Books(book=book, scope=SCOPE, policies=Policies(), of="sample")


@pytest.fixture
def no_bank(books: Books) -> Books:
    tables = {
        name: frame for name, frame in books.book.tables.items() if not name.startswith(("bank_", "receipts"))
    }
    return Books(book=Book(tables), scope=SCOPE, policies=Policies(), of="sample")


def index_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_asked_and_spared_equal_the_aging_in_sql(books: Books) -> None:
    place = position(books.book, scope=SCOPE, policies=books.policies)
    due = dunning(books.book, position=place, policies=books.policies)
    with duckdb.connect() as db:
        for name, frame in (("items", place.items), ("lines", due.lines), ("spared", due.spared)):
            db.register(name, frame)
        rows = db.execute(
            "select currency, sum(outstanding), (select sum(asked) from lines l where l.currency = i.currency),"
            " (select sum(amount) from spared s where s.currency = i.currency) from items i group by currency"
        ).fetchall()
    assert rows
    assert all(int(owed) == int(asked or 0) + int(other or 0) for _, owed, asked, other in rows)
    barred = place.items["status"].isin(
        ["bankrupt", "estate", "legal", "agency", "sanctioned", "cease_contact"]
    )
    assert not set(due.lines["item_id"]) & set(place.items.loc[barred, "item_id"])
    assert {"disputed", "promise", "plan", "covered", "estate"} <= set(due.spared["reason"].dropna())


def test_special_letters_of_the_sample(books: Books) -> None:
    place = position(books.book, scope=SCOPE, policies=books.policies)
    made = special_letters(books.book, position=place, policies=books.policies)
    assert {"nsf", "estate", "broken_promise", "remittance_request"} <= set(made.letters["kind"])
    status = dict(zip(place.customers["customer_id"], place.customers["status"], strict=True))
    for kind, customer in zip(made.letters["kind"], made.letters["customer_id"], strict=True):
        assert kind != "estate" or status[customer] == "estate"
        assert kind == "estate" or status[customer] in ("active", "closed")


def test_a_batch_has_an_index_and_a_manifest_with_hashes(books: Books, tmp_path: Path) -> None:
    out = tmp_path / "letters"
    made = letters_batch(books, out=out, customer="00515")
    assert (made.exit_code, len(made.rows)) == (0, 1)
    row = index_of(out)[0]
    assert row["state"] == "written"
    for kind in ("pdf", "eml"):
        assert hashlib.sha256((out / row[kind]).read_bytes()).hexdigest() == row[f"{kind}_sha256"]
    told: dict[str, Any] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert told["totals"] == [{"kind": row["kind"], "currency": "USD", "letters": 1, "amount": row["amount"]}]
    assert b"X-Unsent: 1" in (out / row["eml"]).read_bytes()


def test_letters_without_our_address_or_account_say_so(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_pdf", lambda letter, desk: b"%PDF")
    monkeypatch.setattr(module, "_statements", lambda *_: {})

    def warned(given: Books) -> list[str]:
        made = letters_batch(given, out=tmp_path / "letters", customer="00515")
        told = json.loads((tmp_path / "letters" / "manifest.json").read_text(encoding="utf-8"))["warnings"]
        assert list(made.notes[: len(told)]) == told
        return [str(each) for each in told]

    said = warned(books)
    assert ["statement.issuer_lines" in said[0], "USD" in said[1], len(said)] == [True, True, 2]
    account = RemitTo(currency="EUR", bank="B", account="1")
    other = StatementPolicy(issuer_lines=("1 Street",), remit_to=(account,))
    filled = replace(books, policies=replace(books.policies, statement=other))
    assert len(warned(filled)) == 1
    every = replace(other, remit_to=(account, replace(account, currency="")))
    assert warned(replace(books, policies=replace(books.policies, statement=every))) == []


def test_a_kind_that_writes_nothing_says_why(books: Books, tmp_path: Path) -> None:
    opened = {"entity": "US01", "claim_id": "CL9", "customer_id": "00515", "kind": "bankruptcy", "currency": "USD",
              "opened_on": "2001-01-01", "state": "not_filed", "file_by": "2026-11-30"}  # fmt: skip
    rows = CANONICAL["claims"].typed(pd.DataFrame([opened]))
    book = replace(books, book=Book({**books.book.tables, "claims": rows}))
    made = letters_batch(book, out=tmp_path / "letters", kinds=("bankruptcy",))
    assert made.rows == ()
    assert made.notes == ("bankruptcy: 1 not written. CL9: Nothing was owed on the day before the petition.",)


def test_one_bad_customer_stops_no_other(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pdf(letter: Any, desk: Any) -> bytes:
        if letter.about.code == "00515":
            raise ValueError("a name that breaks it\n=cmd")
        return b"%PDF"

    monkeypatch.setattr(module, "_pdf", pdf)
    monkeypatch.setattr(module, "_statements", lambda *_: {})
    made = letters_batch(books, out=tmp_path / "letters", level=1)
    states = {row["customer_id"]: row["state"] for row in index_of(tmp_path / "letters")}
    assert made.exit_code == 1
    assert states.pop("00515") == "failed"
    assert set(states.values()) == {"written"}
    assert "\n" not in made.failed[0]["note"]


def test_held_letters_leave_only_the_reasons(no_bank: Books, tmp_path: Path) -> None:
    made = letters_batch(no_bank, out=tmp_path / "letters")
    assert made.exit_code == 1
    assert sorted(path.name for path in (tmp_path / "letters").iterdir()) == [".arlib-letters", "held.txt"]
    assert "no bank data" in (tmp_path / "letters" / "held.txt").read_text(encoding="utf-8")


def test_a_preview_of_held_letters_has_no_drafts(no_bank: Books, tmp_path: Path) -> None:
    made = letters_batch(no_bank, out=tmp_path / "letters", customer="00515", is_preview=True)
    assert made.exit_code == 1
    assert {row["state"] for row in made.rows} == {"preview"}
    assert not list((tmp_path / "letters").glob("*.eml"))


def test_a_fault_in_a_template_stops_all_before_anything_is_written(books: Books, tmp_path: Path) -> None:
    assert copy_templates(tmp_path / "mine") == 57
    (tmp_path / "mine" / "de" / "final.html.j2").write_text("{{ letter.nothing }}", encoding="utf-8")
    with pytest.raises(ParameterError, match=r"de/final.html.j2, line 1: unknown field letter.nothing"):
        letters_batch(books, out=tmp_path / "letters", templates=tmp_path / "mine")
    assert not (tmp_path / "letters").exists()


def test_an_unknown_customer_or_level_is_refused(books: Books, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="--customer"):
        letters_batch(books, out=tmp_path / "letters", customer="0515")
    with pytest.raises(ParameterError, match="--level"):
        letters_batch(books, out=tmp_path / "letters", level=9)
