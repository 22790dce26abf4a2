"""Where two sets of result tables differ, row by row and to the cent, from the CSV that both left. Floor 4."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

Row = tuple[str, ...]


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
    return found


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
