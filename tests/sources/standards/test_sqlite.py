"""A book as SQLite: typed columns, exact money, one file or none."""

from __future__ import annotations

import sqlite3
from contextlib import closing as closed_at_end
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from arlib.errors import ParameterError, SourceError
from arlib.sources import SourceSpec, load_book
from arlib.sources.standards import CARRIED, write_sqlite
from arlib.tables import CANONICAL, Book


def test_every_table_with_its_rows_and_exact_money(book: Book, tmp_path: Path) -> None:
    counts = write_sqlite(book, tmp_path / "book.db")
    assert counts == {name: len(book[name]) for name in CANONICAL if book.has(name)}
    with closed_at_end(sqlite3.connect(tmp_path / "book.db")) as base:
        types = {row[1]: row[2] for row in base.execute("PRAGMA table_info(items)")}
        assert (types["amount"], types["is_hedged"], types["due_date"]) == ("TEXT", "INTEGER", "TEXT")
        assert [row[0] for row in base.execute("SELECT DISTINCT typeof(amount) FROM items")] == ["text"]
        texts = base.execute("SELECT amount FROM items WHERE entity = 'US01' AND currency = 'KWD'").fetchall()
        items = book["items"]
        mine = items[items["entity"].eq("US01") & items["currency"].eq("KWD")]
        assert sum(Decimal(text) for (text,) in texts) * 1000 == int(mine["amount"].sum())
        assert base.execute("SELECT count(*) FROM items WHERE due_date = ''").fetchone() == (0,)
        assert base.execute("SELECT DISTINCT typeof(documents) FROM billing_transfers").fetchall() == [
            ("integer",)
        ]
        entered = base.execute("SELECT entered_at FROM items LIMIT 1").fetchone()[0]
        assert entered.endswith("Z")
        assert "T" in entered


def test_tables_alone_will_do_and_the_same_ones_give_the_same_rows(book: Book, tmp_path: Path) -> None:
    shuffled = {name: frame.sample(frac=1, random_state=2) for name, frame in book.tables.items()}
    for name, tables in (("a.db", book.tables), ("b.db", shuffled)):
        write_sqlite(tables, tmp_path / name)
    dumps = []
    for name in ("a.db", "b.db"):
        with closed_at_end(sqlite3.connect(tmp_path / name)) as base:
            dumps.append(list(base.iterdump()))
    assert dumps[0] == dumps[1]


def test_what_is_refused(book: Book, tmp_path: Path) -> None:
    (tmp_path / "there.db").write_bytes(b"")
    with pytest.raises(SourceError, match="there already"):
        write_sqlite(book, tmp_path / "there.db")
    with pytest.raises(ParameterError, match="currency the books are kept in"):
        write_sqlite({"items": book["items"]}, tmp_path / "new.db")
    with pytest.raises(SourceError):
        write_sqlite(book, tmp_path / "no" / "folder.db")
    assert [path.name for path in tmp_path.iterdir()] == ["there.db"]


def test_a_book_read_from_sqlite_closes_alike(
    book: Book, closing: Any, closed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sqlalchemy")
    path = tmp_path / "book.db"
    write_sqlite(book, path)
    monkeypatch.setenv("ARLIB_BOOK_URL", f"sqlite:///{path}")
    read = load_book([SourceSpec(database="ARLIB_BOOK_URL", profile="canonical")], root=tmp_path)
    for name in CARRIED:
        pd.testing.assert_frame_equal(read[name], book[name], obj=name)
    assert closing.closing_facts(read, "JP01").results == closed["JP01"].results
