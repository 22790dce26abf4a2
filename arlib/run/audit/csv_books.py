"""The books of a pack as CSV that a spreadsheet may open; the exact texts are in their Parquet. Floor 4."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arlib.tables import Book


def write_books(book: Book, folder: Path, *, functional: str) -> None:
    """Every table of the books that holds rows, in a new folder; no text of it can be a formula."""
    from arlib.sources.export import write_excel_csv
    from arlib.tables import CANONICAL

    folder.mkdir()
    for name, table in CANONICAL.items():
        if name in book.tables and len(book.tables[name]):
            write_excel_csv(book.tables[name], folder / f"{name}.csv", table=table, functional=functional)
