"""A returned workbook against the sealed one: every fact cell, and the decisions that were filled in. Floor 4.

Rows of the proposals may stand in another order, since whoever decides sorts and filters them; they are found by their
id. Everything else must stand where it stood.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

from arlib.errors import SourceError, shown
from arlib.report.sheets import HEAD_ROW, REVIEW_COLUMNS
from arlib.run.approve_sheets import EPOCH, Place, Sheet, Value, Workbook, cell_name, day_of

FIRST = HEAD_ROW + 1  # row of the first record
_VISIBLE_SUM = re.compile(r"SUBTOTAL\(109,[^()]+\)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, order=True)
class Difference:
    """A cell or row that is not as it was sealed."""

    sheet: str
    row: int
    cell: str
    sentence: str

    def __str__(self) -> str:
        """The difference as one line."""
        where = f"sheet {self.sheet!r}" + (f", {self.cell}" if self.cell else "")
        return f"{where}: {self.sentence}"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where the proposals stand in the sealed workbook; rows and columns count from 0."""

    sheet: str
    id_column: int
    decision_column: int
    rows: int

    @property
    def end(self) -> int:
        """The row after the last proposal."""
        return FIRST + self.rows


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A row in which something was filled in, as it was typed."""

    where: str
    proposal_id: str
    word: str
    name: str
    day: Value | None
    comment: str
    is_hidden: bool
    has_formula: bool


def layout_of(sealed: Workbook, ids: Collection[str]) -> Layout:
    """Where the proposals of these ids stand. Raises SourceError where the workbook asks for no decision on them."""
    wanted = set(ids)
    for sheet in sealed.sheets.values():
        first = _review_column(sheet)
        for column in range(first or 0):
            found = {sheet.cells.get((FIRST + at, column)) for at in range(len(wanted))}
            if found == wanted:
                return Layout(
                    sheet=sheet.name, id_column=column, decision_column=first or 0, rows=len(wanted)
                )
    raise SourceError("no sheet of the sealed workbook asks for a decision on its proposals")


def differences(copy: Workbook, sealed: Workbook, layout: Layout) -> tuple[Difference, ...]:
    """Everything in the copy that is not as it was sealed, sheet by sheet, by row; nothing for an honest copy.

    Empty and no text are the same, numbers are compared to the fifteen digits that spreadsheets keep. What may differ:
    decisions, the order of proposals, looks, a sum of visible rows while rows are hidden, and a formula of ours that was
    saved without its value.
    """
    found = []
    for name in sealed.sheets:
        if name not in copy.sheets:
            found.append(Difference(sheet=name, row=0, cell="", sentence="the sheet is missing or renamed"))
    for name, sheet in copy.sheets.items():
        if name not in sealed.sheets:
            found.append(Difference(sheet=name, row=0, cell="", sentence="the run sealed no such sheet"))
        elif name == layout.sheet:
            found += _proposals(sheet, sealed.sheets[name], layout)
        else:
            found += _fixed(sheet, sealed.sheets[name])
    return tuple(sorted(found))


def entries(copy: Workbook, layout: Layout, ids: Collection[str]) -> tuple[Entry, ...]:
    """The rows of known proposals in which anything was filled in, from the top."""
    sheet = copy.sheets.get(layout.sheet)
    if sheet is None:
        return ()
    made = []
    for row in range(FIRST, sheet.last_row + 1):
        told = sheet.cells.get((row, layout.id_column))
        if told not in ids:
            continue
        places = [(row, layout.decision_column + step) for step in range(len(REVIEW_COLUMNS))]
        values = [sheet.cells.get(place) for place in places]
        word, name, day, comment = values
        has_formula = any(place in sheet.formulas for place in places)
        if has_formula or any(value is not None and str(value).strip() for value in values):
            made.append(
                Entry(
                    where=f"row {row + 1}",
                    proposal_id=str(told),
                    word=_typed(word),
                    name=_typed(name),
                    day=day,
                    comment=_typed(comment),
                    is_hidden=row in sheet.hidden_rows,
                    has_formula=has_formula,
                )
            )
    return tuple(made)


def _typed(value: Value | None) -> str:
    return "" if value is None else str(value).strip()


def _review_column(sheet: Sheet) -> int | None:
    """The first of the columns for decisions, None where the sheet has none."""
    heads = {column: value for (row, column), value in sheet.cells.items() if row == HEAD_ROW}
    first = max(heads, default=0) - len(REVIEW_COLUMNS) + 1
    is_there = all(heads.get(first + step) == word for step, word in enumerate(REVIEW_COLUMNS))
    return first if first > 0 and is_there else None


def _fixed(copy: Sheet, sealed: Sheet) -> Iterator[Difference]:
    """A sheet whose cells stay where they are; remarks of a reviewer may be filled in."""
    free = _review_column(sealed)
    for place in sorted({*copy.cells, *copy.formulas, *sealed.cells}):
        is_free = free is not None and free <= place[1] < free + len(REVIEW_COLUMNS) and place[0] >= FIRST
        if not (is_free and place not in sealed.cells):
            yield from _compared(copy, place, sealed, place)


def _proposals(copy: Sheet, sealed: Sheet, layout: Layout) -> Iterator[Difference]:
    heads = [place for place in {*copy.cells, *copy.formulas, *sealed.cells} if place[0] < FIRST]
    found = [each for place in sorted(heads) for each in _compared(copy, place, sealed, place)]
    yield from found
    if any(each.row == HEAD_ROW for each in found):
        return  # a column was moved, added or taken out: every row would differ
    ids = {str(sealed.cells[row, layout.id_column]): row for row in range(FIRST, layout.end)}
    shift = _shift(copy, sealed, layout)
    end = layout.end + shift
    columns = range(
        1 + max((c for r, c in {*copy.cells, *copy.formulas, *sealed.cells} if r >= FIRST), default=0)
    )
    decisions = range(layout.decision_column, layout.decision_column + len(REVIEW_COLUMNS))
    seen: dict[str, int] = {}
    strange: list[int] = []
    for row in range(FIRST, end):
        told = copy.cells.get((row, layout.id_column))
        if not isinstance(told, str) or told not in ids:
            strange.append(row)
        elif told in seen:
            words = f"{told} stands in row {seen[told] + 1} too"
            yield Difference(sheet=copy.name, row=row, cell=f"row {row + 1}", sentence=words)
        else:
            seen[told] = row
            for column in columns:
                if column not in decisions:
                    yield from _compared(copy, (row, column), sealed, (ids[told], column))
    lost = {ids[told]: told for told in ids if told not in seen}
    for row in strange:
        if row in lost:  # the id itself was changed
            del lost[row]
            for column in columns:
                if column not in decisions:
                    yield from _compared(copy, (row, column), sealed, (row, column))
        elif any((row, column) in copy.cells or (row, column) in copy.formulas for column in columns):
            told = copy.cells.get((row, layout.id_column))
            words = f"a row that was not sealed: found {shown(told)}"
            yield Difference(sheet=copy.name, row=row, cell=f"row {row + 1}", sentence=words)
        else:
            words = "an empty row among the proposals"
            yield Difference(sheet=copy.name, row=row, cell=f"row {row + 1}", sentence=words)
    for row, told in lost.items():
        words = f"the row of {told}, sealed as row {row + 1}, is missing"
        yield Difference(sheet=copy.name, row=row, cell="", sentence=words)
    yield from _tail(copy, sealed, layout, shift)


def _tail(copy: Sheet, sealed: Sheet, layout: Layout, shift: int) -> Iterator[Difference]:
    """Totals below the proposals, which stand higher or lower by `shift` rows."""
    here = {place for place in {*copy.cells, *copy.formulas} if place[0] >= layout.end + shift}
    there = {(row + shift, column) for row, column in sealed.cells if row >= layout.end}
    for row, column in sorted(here | there):
        yield from _compared(copy, (row, column), sealed, (row - shift, column))


def _shift(copy: Sheet, sealed: Sheet, layout: Layout) -> int:
    """By how many rows the copy is longer: that which leaves the fewer differences below the proposals."""
    longer = copy.last_row - sealed.last_row
    choices = (0, max(longer, -layout.rows)) if longer else (0,)
    return min(choices, key=lambda shift: len(list(_tail(copy, sealed, layout, shift))))


def _compared(copy: Sheet, at: Place, sealed: Sheet, origin: Place) -> Iterator[Difference]:
    """One cell of the copy against the sealed one that it must equal."""
    formula, was = copy.formulas.get(at), sealed.formulas.get(origin)
    found, wanted = copy.cells.get(at), sealed.cells.get(origin)
    is_visible_sum = bool(copy.hidden_rows and was is not None and _VISIBLE_SUM.fullmatch(formula or ""))
    is_not_calculated = formula is not None and formula == was and found is None
    if formula is not None and was is None:
        told = shown(f"={formula}")
    elif is_visible_sum or is_not_calculated or _same(found, wanted):
        return
    else:
        told = _said(found, is_day=at in copy.days)
    words = f"found {told}, sealed {_said(wanted, is_day=origin in sealed.days)}"
    yield Difference(sheet=copy.name, row=at[0], cell=cell_name(at), sentence=words)


def _same(one: Value | None, other: Value | None) -> bool:
    if type(one) is float and type(other) is float:
        return one == other or f"{one:.15g}" == f"{other:.15g}"
    return type(one) is type(other) and one == other


def _said(value: Value | None, *, is_day: bool) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, float):
        if is_day and (day := day_of(value)) and value == (day - EPOCH) / timedelta(days=1):
            return day.isoformat()
        return f"{value:.15g}"
    return shown(value)
