"""Where two sets of result tables differ, row by row and to the cent, from the CSV that both left. Floor 4."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arlib.tables import Book

Row = tuple[str, ...]
LONGEST = 10_000_000  # characters of a cell


@dataclass(frozen=True, kw_only=True, order=True)
class Difference:
    """One difference: the table, the row by its first columns, the column, and both texts ('' where there is none)."""

    table: str
    row: str
    column: str
    sealed: str
    again: str

    def sentence(self) -> str:
        """The difference in words, with the amount where both sides are numbers."""
        where = f"{self.table}, {self.row}" if self.row else self.table
        if not self.column:
            return f"{where}: {self.sealed or 'not'} in the pack, {self.again or 'not'} now"
        gap = ""
        if (left := _number(self.sealed)) is not None and (right := _number(self.again)) is not None:
            gap = f", {right - left:+f}"
        return (
            f"{where}: {self.column} {self.sealed or 'empty'} in the pack, {self.again or 'empty'} now{gap}"
        )


def between(sealed: Path, again: Path) -> list[Difference]:
    """The differences of all tables in two folders of CSV files, tables and rows in order; empty where there are none."""
    names = sorted(
        {path.name for folder in (sealed, again) if folder.is_dir() for path in folder.glob("*.csv")}
    )
    found: list[Difference] = []
    for name in names:
        table = name.removesuffix(".csv")
        left, right = sealed / name, again / name
        if not left.is_file() or not right.is_file():
            missing = (
                {"sealed": "", "again": "a table"}
                if not left.is_file()
                else {"sealed": "a table", "again": ""}
            )
            found.append(Difference(table=table, row="", column="", **missing))
        else:
            found += _tables(table, left, right)
            found += _parquet(table, left.with_suffix(".parquet"), right.with_suffix(".parquet"))
    return found


def controls_between(
    sealed: Sequence[Mapping[str, Any]], again: Sequence[Mapping[str, Any]]
) -> list[Difference]:
    """The controls of a run that are not those of the other, by title, account and currency, field by field."""

    def keyed(controls: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
        named = ("title", "account", "currency", "left_label", "right_label")
        return {" / ".join(str(each.get(name) or "") for name in named): each for each in controls}

    before, after = keyed(sealed), keyed(again)
    found = []
    for key in sorted(before.keys() | after.keys()):
        if key not in before or key not in after:
            gone = key not in after
            found.append(
                Difference(
                    table="controls",
                    row=key[:120],
                    column="",
                    sealed="a control" if gone else "",
                    again="" if gone else "a control",
                )
            )
            continue
        for name in sorted(before[key].keys() | after[key].keys()):
            was, now = before[key].get(name), after[key].get(name)
            if was != now:
                found.append(
                    Difference(table="controls", row=key[:120], column=name, sealed=str(was), again=str(now))
                )
    return found


def books_between(book: Book, told: Path, spare: Path, *, functional: str) -> list[Difference]:
    """Where the books as CSV are not what the books as Parquet give; `spare` is a folder for the ones made anew."""
    from arlib.run.audit.csv_books import write_books

    write_books(book, spare, functional=functional)
    names = sorted({path.name for folder in (told, spare) for path in folder.glob("*.csv")})
    found = []
    for name in names:
        was, now = (
            (folder / name).read_bytes() if (folder / name).is_file() else b"" for folder in (told, spare)
        )
        if was != now:
            found.append(
                Difference(
                    table=f"books/{name}", row="", column="bytes", sealed=f"{len(was)}", again=f"{len(now)}"
                )
            )
    return found


def _parquet(table: str, left: Path, right: Path) -> Iterator[Difference]:
    """The same table as Parquet: every value and type."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not left.is_file() and not right.is_file():
        return
    try:
        same = pq.read_table(left).equals(pq.read_table(right))
    except (OSError, pa.ArrowException):
        same = False
    if not same:
        yield Difference(table=table, row="", column="Parquet", sealed="another table", again="this one")


def _tables(table: str, left: Path, right: Path) -> Iterator[Difference]:
    """Rows are paired by the fewest leading columns that tell all rows apart, else by their whole content."""
    columns, old = _read(left)
    others, new = _read(right)
    if columns != others:
        yield Difference(
            table=table, row="", column="columns", sealed=", ".join(columns), again=", ".join(others)
        )
        return
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    width = next((n for n in range(1, len(columns) + 1) if _tells_apart(n, old) and _tells_apart(n, new)), 0)
    if not width:
        for row, count in sorted(gone.items()):
            yield Difference(table=table, row=_named(row), column="", sealed=_times(count), again="")
        for row, count in sorted(come.items()):
            yield Difference(table=table, row=_named(row), column="", sealed="", again=_times(count))
        return
    before, after = ({row[:width]: row for row in rows} for rows in (gone, come))
    for key in sorted(before.keys() | after.keys()):
        if key not in before:
            yield Difference(table=table, row=_named(key), column="", sealed="", again="a row")
        elif key not in after:
            yield Difference(table=table, row=_named(key), column="", sealed="a row", again="")
        else:
            for column, was, now in zip(columns, before[key], after[key], strict=True):
                if was != now:
                    yield Difference(table=table, row=_named(key), column=column, sealed=was, again=now)


def totals(folder: Path) -> Mapping[str, int]:
    """Rows of each table of a folder."""
    return {path.stem: len(_read(path)[1]) for path in sorted(folder.glob("*.csv"))}


def _read(path: Path) -> tuple[Row, list[Row]]:
    csv.field_size_limit(LONGEST)
    with path.open(encoding="utf-8", newline="") as file:
        rows = [tuple(row) for row in csv.reader(file)]
    return (rows[0], rows[1:]) if rows else ((), [])


def _tells_apart(width: int, rows: Sequence[Row]) -> bool:
    return len({row[:width] for row in rows}) == len(rows)


def _named(row: Row) -> str:
    return " / ".join(cell for cell in row if cell)[:120]


def _times(count: int) -> str:
    return "a row" if count == 1 else f"{count} equal rows"


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
