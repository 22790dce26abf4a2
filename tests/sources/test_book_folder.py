"""A book as a folder: what is written is what is read, and what was changed is seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal
from pyarrow import parquet

from arlib.errors import SourceError
from arlib.sources import read_book, write_book
from arlib.tables import CANONICAL, Book

BIG = 2**53 + 1  # a float cannot hold it


@pytest.fixture
def book() -> Book:
    items = CANONICAL["items"].frame(
        item_id=["I1", "I2"],
        entity=["E", "E"],
        customer_id=["00417", "NO"],
        item_type=["invoice", "receipt"],
        document_no=["1", "2"],
        effective_date=["2026-10-31", "2026-11-01"],
        due_date=["2026-11-30", None],
        entered_at=["2026-10-31T23:59:59.123456Z", None],
        currency=["USD", "JPY"],
        amount=[BIG, -5],
        tax_amount=[None, None],
        is_hedged=[True, None],
        rate=["1.10", None],
        text=["=1+1", "<b>"],
    )
    return Book(
        {"items": items, "customers": CANONICAL["customers"].empty()}, features=frozenset(("entry_times",))
    )


def test_what_is_written_is_what_is_read(book: Book, tmp_path: Path) -> None:
    write_book(book, tmp_path / "book")
    found = read_book(tmp_path / "book")
    assert set(found.tables) == {"items", "customers"}
    for name in found.tables:
        assert_frame_equal(found[name], book[name])
    assert_frame_equal(found.problems, book.problems)
    assert found["items"]["amount"].tolist() == [BIG, -5]
    assert (found.features, found.snapshot_date) == (book.features, "")
    assert found.has("customers")
    assert not found.has("gl_lines")


def test_the_same_book_gives_the_same_bytes(book: Book, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_book(book, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(files) == 5
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)


def test_days_are_date32_and_money_int64_on_disk(book: Book, tmp_path: Path) -> None:
    write_book(book, tmp_path / "book")
    schema = parquet.read_schema(tmp_path / "book/items.parquet")
    assert schema.field("due_date").type == pa.date32()
    assert schema.field("amount").type == pa.int64()
    assert schema.field("entered_at").type == pa.timestamp("us", tz="UTC")
    assert schema.metadata[b"arlib_schema_version"] == b"1"
    for table in CANONICAL.values():
        for column in table.of_kind("money"):  # type: ignore[arg-type]
            from arlib.sources.snapshot import arrow_schema

            assert not pa.types.is_floating(arrow_schema(table).field(column).type)


def test_money_as_floats_is_refused(book: Book, tmp_path: Path) -> None:
    floats = book["items"].assign(amount=[1.0, 2.0])
    with pytest.raises(TypeError, match="money must be integer minor units"):
        write_book(Book({"items": floats}), tmp_path / "book")


def changed_index(folder: Path, **to: object) -> None:
    index = json.loads((folder / "book.json").read_text())
    (folder / "book.json").write_text(json.dumps(index | to))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda folder: changed_index(folder, schema_version=99), "newer version"),
        (lambda folder: changed_index(folder, tables={"items": 3, "customers": 0}), "has not the rows"),
        (lambda folder: changed_index(folder, tables={"secrets": 0}), "not declared"),
        (lambda folder: (folder / "book.json").write_text("{"), "index of the book is damaged"),
        (lambda folder: (folder / "book.json").unlink(), "no book here"),
        (lambda folder: (folder / "items.parquet").unlink(), "a table of the book is missing"),
        (lambda folder: (folder / "items.parquet").write_bytes(b"PAR1"), "not readable as Parquet"),
        (
            lambda folder: parquet.write_table(pa.table({"item_id": ["x"]}), folder / "items.parquet"),
            "schema version",
        ),
        (lambda folder: retyped(folder), "column 'amount' is not as declared"),
    ],
)
def test_harm_is_seen(book: Book, tmp_path: Path, harm: Callable[[Path], object], words: str) -> None:
    write_book(book, tmp_path / "book")
    harm(tmp_path / "book")
    with pytest.raises(SourceError, match=words):
        read_book(tmp_path / "book")


def retyped(folder: Path) -> None:
    table = parquet.read_table(folder / "items.parquet")
    at = table.schema.get_field_index("amount")
    parquet.write_table(
        table.set_column(at, "amount", table.column(at).cast(pa.float64(), safe=False)),
        folder / "items.parquet",
    )


def test_a_folder_that_holds_something_is_left_alone(book: Book, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(SourceError, match="not empty"):
        write_book(book, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_book_without_rows(tmp_path: Path) -> None:
    write_book(Book({name: table.empty() for name, table in CANONICAL.items()}), tmp_path / "book")
    found = read_book(tmp_path / "book")
    for name, table in CANONICAL.items():
        assert_frame_equal(found[name], table.empty())
    assert isinstance(found["items"], pd.DataFrame)
