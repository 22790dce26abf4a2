"""Where the table of an advice stands in its text: header, rows, totals. Floor 2."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from arlib.errors import SourceError
from arlib.sources.advice import figures, words
from arlib.sources.edi.characters import clean

MAX_LINES, MAX_WIDTH = 20_000, 4000
GAP = re.compile(r"[ \u00a0]{2,}|\t")
MONEY = ("gross", "discount", "deduction", "net", "amount")
_RULE = re.compile(r"[\s\-=_+|:.]*")
_FIGURE = re.compile(r"[0-9][.,][0-9]{2}(?![0-9])")


@dataclass
class Table:
    """A header, how its cells are parted, what its columns hold, and its rows with their lines."""

    line: int
    mark: str
    cells: list[str]
    columns: dict[str, int]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


@dataclass
class Total:
    """A stated total: of what, and its amounts."""

    line: int
    of: str
    texts: list[str]


def has_table(text: str) -> bool:
    """Whether a line of the text is the header of an advice's table, with other text before it."""
    return any(
        _header(line, place) is not None for place, line in enumerate(text.splitlines()[:2000]) if place
    )


def found_in(lines: Sequence[str], name: str) -> tuple[Table, list[Total]]:
    """The one table and every total. Raises SourceError for none, two, or a line with an amount that is no row."""
    table: Table | None = None
    totals: list[Total] = []
    is_open = False
    for number, line in enumerate(lines, start=1):
        if not line.strip() or _RULE.fullmatch(line[:MAX_WIDTH]):
            continue
        header = _header(line, number)
        if header is not None:
            if table is not None and (header.cells != table.cells or not is_open):
                raise SourceError(
                    "two tables, and which total is whose is not certain",
                    where=name,
                    found=f"headers on lines {table.line} and {number}",
                )
            table, is_open = table or header, True
            continue
        total = _total(line, number, table.mark if table and is_open else "")
        if total is not None:
            totals.append(total)
            is_open = is_open and not (table and table.rows)
            continue
        if table is not None and is_open:
            _take(table, line, number, name)
        elif table is not None and _row(table, line):
            raise SourceError(
                f"line {number} looks like a row and stands behind the total",
                where=name,
                found=clean(line)[:60],
            )
    if table is None:
        raise SourceError(
            "no table of what is paid",
            where=name,
            found=f"{len(lines)} lines of text",
            wanted="a header that names a reference (such as Invoice no) and an amount (such as Net)",
        )
    if not table.rows:
        raise SourceError(
            "a table without rows", where=f"{name}, line {table.line}", found=" / ".join(table.cells)
        )
    return table, totals


def _split(line: str, mark: str) -> list[str]:
    if mark == " ":
        return [cell.strip() for cell in GAP.split(line.strip())]
    cells = [cell.strip() for cell in line.split(mark)]
    if mark == "|" and line.strip().startswith("|") and line.strip().endswith("|"):
        cells = cells[1:-1]
    return cells


def _header(line: str, number: int) -> Table | None:
    """The line as a table's header, where it names a reference and an amount by known words."""
    if len(line) > MAX_WIDTH:
        return None
    for mark in ("\t", "|", ";", " "):
        if mark not in line:
            continue
        cells = _split(line, mark)
        if len(cells) < 2 or sum(1 for cell in cells if words.kind_of(cell)) < 2:
            continue
        columns: dict[str, int] = {}
        twice = set()
        for place, cell in enumerate(cells):
            kind = words.kind_of(cell)
            if kind and kind in columns:
                twice.add(kind)
            elif kind:
                columns[kind] = place
        names = [kind for kind in ("invoice", "document", "reference") if kind in columns]
        if (
            names
            and names[0] not in twice
            and not twice & set(MONEY)
            and {"net", "amount", "gross"} & set(columns)
        ):
            return Table(number, mark, cells, columns)
    return None


def _total(line: str, number: int, mark: str) -> Total | None:
    """The line as a total: a known word, then nothing but amounts."""
    if len(line) > MAX_WIDTH:
        return None
    cells = [cell for cell in _split(line, mark or (" " if "\t" not in line else "\t")) if cell]
    if len(cells) == 1:
        head, _, tail = line.strip().partition(":")
        cells = [head, *_split(tail, " ")] if tail.strip() else _divided(line)
    if len(cells) < 2 or not (of := words.total_of(cells[0])):
        return None
    texts = [cell for cell in cells[1:] if cell not in (":", "=")]
    return Total(number, of, texts) if texts and all(figures.stripped(cell)[0] for cell in texts) else None


def _divided(line: str) -> list[str]:
    """'Total paid EUR 1,234.50' as label and amount: divided before the first figure or mark of a currency."""
    found = re.search(r"(?:\b[A-Z]{3} ?|[€£₹$¥] ?)?[(+-]? ?[0-9]", line)
    return [line[: found.start()], line[found.start() :]] if found else [line]


def _take(table: Table, line: str, number: int, name: str) -> None:
    cells = _row(table, line)
    if cells:
        table.rows.append((number, cells))
    elif _FIGURE.search(line[:MAX_WIDTH]):
        raise SourceError(
            f"line {number} holds an amount and is no row of the table",
            where=name,
            found=clean(line)[:60],
            wanted=f"{len(table.cells)} columns: {', '.join(table.cells)}",
        )


def _row(table: Table, line: str) -> list[str]:
    """The cells of a row with a reference and an amount; none where the line is no row."""
    cells = _split(line, table.mark)
    if table.mark != " " and 1 < len(cells) < len(table.cells):
        cells += [""] * (len(table.cells) - len(cells))
    while len(cells) > len(table.cells) and not cells[-1]:
        cells.pop()
    if len(cells) != len(table.cells) or not reference_of(table, cells):
        return []
    given = [cell_of(table, cells, kind) for kind in MONEY if kind in table.columns]
    return cells if any(figures.stripped(text)[0] for text in given) else []


def reference_of(table: Table, row: Sequence[str]) -> str:
    """What the row says that it pays."""
    kind = next(kind for kind in ("invoice", "document", "reference") if kind in table.columns)
    return cell_of(table, row, kind)


def cell_of(table: Table, row: Sequence[str], kind: str) -> str:
    """The cell of that kind, '' where there is no such column."""
    place = table.columns.get(kind)
    return row[place] if place is not None and place < len(row) else ""
