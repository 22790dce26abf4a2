"""Each line of a pasted statement as what it is: a row with money, a total, a heading, words, or a problem. Floor 2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from arlib.sources.pasted import words
from arlib.sources.pasted.cells import GAPS, MARKS, MAX_CELLS, MAX_WIDTH, WORDS, Cell, Line, parted_by, split
from arlib.sources.pasted.columns import Header, Row, header_of, placed, row_by_content, row_under
from arlib.sources.pasted.days import ANYWHERE, Day, day_in
from arlib.sources.pasted.marks import Figure
from arlib.sources.pasted.result import LeftOut

SHOWN = 200
COLLAPSED = "collapsed"  # an amount and a balance where the header has debit, credit and balance


@dataclass
class Total:
    """A printed total: its line, its amounts in their order."""

    line: int
    label: str
    figures: list[Figure]


@dataclass
class Found:
    """What the lines are. `rows` hold money; `forward` is the balance that the statement starts from."""

    mark: str
    rows: list[Row] = field(default_factory=list)
    forward: Row | None = None
    totals: list[Total] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)  # dates that labels call the statement's
    left_out: dict[int, tuple[str, LeftOut]] = field(default_factory=dict)
    problems: dict[int, tuple[str, str]] = field(default_factory=dict)


def scanned(lines: Sequence[Line]) -> Found:
    """Every line in exactly one place: rows (or forward), left_out, or problems."""
    found = Found(parted_by(lines))
    header: Header | None = None
    is_aging = False
    for line in lines:
        for extra in range(1, line.spans):
            found.left_out[line.number + extra] = ("", LeftOut.CONTINUED)
        text = line.text
        said = text.strip()
        if not said or words.RULE.fullmatch(said[:MAX_WIDTH]):
            found.left_out[line.number] = (said, LeftOut.RULE if said else LeftOut.BLANK)
            continue
        if len(text) > MAX_WIDTH:
            found.problems[line.number] = (said, f"is longer than {MAX_WIDTH:,} characters")
            continue
        if words.PAGE.fullmatch(said.casefold().strip(" -|\t;,")):
            found.left_out[line.number] = (said, LeftOut.PAGE)
            continue
        cells = split(text, found.mark)
        if len(cells) > MAX_CELLS:
            found.problems[line.number] = (said, f"has more than {MAX_CELLS} cells")
            continue
        if (heading := _heading(text, cells, found.mark)) is not None:
            header, is_aging = heading, False
            found.left_out[line.number] = (said, LeftOut.HEADING)
            continue
        if len(words.AGES.findall(said.casefold())) > 2 and not any(day_in(cell.text) for cell in cells):
            found.left_out[line.number] = (
                said,
                LeftOut.TOTAL if any(cell.figure for cell in cells) else LeftOut.HEADING,
            )
            is_aging = True
            continue
        is_aging = _line(found, line, cells, header, is_aging=is_aging)
    return found


def _heading(text: str, cells: Sequence[Cell], mark: str) -> Header | None:
    """The line as a header; where single blanks part the cells, also by several of them."""
    made = header_of(cells)
    if made is None and mark == WORDS:
        made = header_of(split(text, GAPS)) or _spoken(text)
    elif made is None and mark == GAPS and len(cells) < 3:
        made = _spoken(text)
    return made


def _spoken(text: str) -> Header | None:
    """A header whose cells only single blanks part: every word, or two together, is a known column."""
    tokens = text.split()
    if not 2 < len(tokens) < 14:
        return None
    kinds: list[str] = []
    at = 0
    while at < len(tokens):
        for size in (3, 2, 1):
            kind = words.kind_of(" ".join(tokens[at : at + size])) if at + size <= len(tokens) else ""
            if kind:
                kinds.append(kind)
                at += size
                break
        else:
            return None
    return header_of([Cell(words.COLUMNS.get(kind, (kind,))[0], 0, 0) for kind in kinds])


def _line(found: Found, line: Line, cells: list[Cell], header: Header | None, *, is_aging: bool) -> bool:
    """Put one line where it belongs; whether an aging table goes on."""
    said = line.text.strip()
    sums = [cell for cell in cells if cell.figure]
    plain = [cell.text for cell in cells if cell.text and not cell.figure and day_in(cell.text) is None]
    label = words.label_of(plain) or words.label_of([_lettered(said)])
    if (label == "total" and sums) or (is_aging and sums and not plain):
        figures = [cell.figure for cell in sums if cell.figure is not None]
        if not is_aging or plain:
            found.totals.append(Total(line.number, " ".join(plain)[:80], figures))
        found.left_out[line.number] = (said, LeftOut.TOTAL)
        _note_days(found, said)
        return is_aging and not plain
    row = _row(cells, header, found.mark, line.number, said)
    if label == "forward":
        row.text, row.numbers = " ".join(plain)[:80], {}
        if row.sums and not found.rows and found.forward is None and not row.fault:
            found.forward = row
        else:
            found.left_out[line.number] = (said, LeftOut.FORWARD)
        return False
    if not row.sums and not row.fault:
        found.left_out[line.number] = (said, LeftOut.TEXT)
        _note_days(found, said)
    elif header is None and not row.days and not _is_certain(row):
        # an address, an account number, a telephone number
        found.left_out[line.number] = (said, LeftOut.TEXT)
        _note_days(found, said)
    elif not sums and not row.days:
        found.left_out[line.number] = (said, LeftOut.TEXT)
        _note_days(found, said)
    elif row.fault:
        found.problems[line.number] = (said, row.fault)
    elif not row.days and not row.numbers:
        if _note_days(found, said) and header is None:
            found.left_out[line.number] = (said, LeftOut.TEXT)
        else:
            found.problems[line.number] = (said, "an amount without a date and without a reference")
    else:
        found.rows.append(row)
    return False


def _is_certain(row: Row) -> bool:
    """Whether a line without header and date is a row: an amount with marks behind a number, or a number with letters."""
    return bool(row.numbers) and any(one.has_marks or any(c.isalpha() for c in number)
                                     for one in row.sums.values() for number in row.numbers.values())  # fmt: skip


def _lettered(text: str) -> str:
    """The line without its amounts and dates."""
    rest = ANYWHERE.sub(" ", text[:400])
    return " ".join(word for word in rest.split() if not any(mark.isdigit() for mark in word))


def _row(cells: list[Cell], header: Header | None, mark: str, line: int, said: str) -> Row:
    if header is None:
        return row_by_content(cells, line, said, by_place=mark in MARKS)
    under = placed(cells, header, mark)
    if under is not None:
        row = row_under(header, under, line, said)
        if row.sums or mark in MARKS or not any(cell.figure for cell in cells):
            return row
    if mark in MARKS:
        row = Row(line, said)
        if any(cell.figure for cell in cells):
            row.fault = "has more cells than the header has columns"
        return row
    row = row_by_content(cells, line, said, by_place=False)
    named = [header.kinds[at] for at in header.sums]
    values = list(row.sums.values())
    if len(values) == len(named):
        row.sums = dict(zip(named, values, strict=True))
    elif set(named) == {"debit", "credit", "balance"} and len(values) == 2:
        row.sums = {COLLAPSED: values[0], "balance": values[1]}
    elif set(named) == {"debit", "credit"} and len(values) == 1 and (values[0].side or row.side):
        row.sums = {"amount": values[0]}
    elif set(named) == {"debit", "credit"} and len(values) == 1:
        row.fault = "whether it stands in debit or credit cannot be told: paste it with its columns"
    elif values:
        row.fault = f"{len(values)} amounts, where the header names {len(named)}"
    return row


def _note_days(found: Found, said: str) -> bool:
    """Dates that a label gives as the statement's: the last of its line."""
    text = said.casefold()[:400]
    if not words.DATED.search(text):
        return False
    days = [day for hit in ANYWHERE.finditer(text) if (day := day_in(hit[0])) is not None]
    if days:
        found.days.append(days[-1])
    return bool(days)
