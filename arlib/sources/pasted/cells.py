"""A pasted text as lines, and lines as cells. Floor 2: nothing is interpreted but what is a date and what an amount."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from arlib.errors import SourceError
from arlib.sources.pasted.days import ANYWHERE, day_in
from arlib.sources.pasted.marks import Figure, figure

MAX_CHARACTERS, MAX_LINES, MAX_WIDTH, MAX_CELLS = 1 << 20, 20_000, 2_000, 60
MARKS = ("\t", "|", ";", ",")
GAPS, WORDS = "gaps", "words"  # parted by several blanks; by single ones
_BREAK = re.compile(r"\r\n|\n|\r|\f")
_GAP = re.compile(r"[ \u00a0\u2007\u202f]{2,}")
_HIDDEN = re.compile(
    r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u2028\u2029]"
)
_QUOTED = 10  # lines that one quoted cell may run over
_SUM = (
    r"(?:(?:[A-Z]{3}|[€£$¥])[ ]?)?[(+−-]?[ ]?(?:[0-9]{1,3}(?:[ '’.,\u00a0\u202f][0-9]{3})+|[0-9]{1,15}|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3})"
    r"(?:[.,][0-9]{1,3})?[)−-]?(?:[ ]?(?:CR|DR|Cr|Dr)\.?|[ ][CDHS])?(?:[ ]?(?:[A-Z]{3}|[€£¥]))?"
)
_LAST = re.compile(rf"(?<![0-9A-Za-z.,/#-])({_SUM})[ ]*$")
_MONTH = re.compile(
    r"[0-9]{1,2}[.]?[ ](?:de )?[^\W\d_]{3,10}\.?[ ](?:de )?$|[^\W\d_]{3,10}\.?[ ][0-9]{1,2},?[ ]$"
)
_DECIMAL = re.compile(r"[0-9][.,][0-9]{2}(?![0-9])|[0-9][.,' ][0-9]{3}(?![0-9])")


@dataclass(frozen=True)
class Line:
    """A line as it was pasted; `spans` more than one where a quoted cell runs on."""

    number: int
    text: str
    spans: int = 1


@dataclass(frozen=True)
class Cell:
    """A cell and where it stands in its line."""

    text: str
    start: int
    end: int

    @property
    def figure(self) -> Figure | None:
        """The cell as an amount, None where it is a date or none."""
        return None if day_in(self.text) else figure(self.text)


def lines_of(text: str, name: str) -> list[Line]:
    """The lines, those of a quoted cell as one. Raises SourceError for more than is read in one go, and for nothing."""
    if len(text) > MAX_CHARACTERS:
        raise SourceError(
            "is too long to be pasted", where=name, found=f"{len(text):,} characters", wanted=f"at most {MAX_CHARACTERS:,}",
            fix="Load it as a file of statement lines.",
        )  # fmt: skip
    parts = _BREAK.split(text.removeprefix("\ufeff"))
    if parts and not parts[-1]:
        parts.pop()
    if len(parts) > MAX_LINES:
        raise SourceError(
            "has too many lines to be pasted",
            where=name,
            found=f"{len(parts):,}",
            wanted=f"at most {MAX_LINES:,}",
        )
    if not any(part.strip() for part in parts):
        raise SourceError("holds no text", where=name, wanted="the lines of a customer's statement")
    made: list[Line] = []
    at = 0
    while at < len(parts):
        span = _runs_over(parts, at)
        made.append(Line(at + 1, " ".join(shown(part) for part in parts[at : at + span]), span))
        at += span
    return made


def shown(text: str) -> str:
    """The text without marks that nobody sees: control and direction characters; tabs stay."""
    return _HIDDEN.sub("", text)


def _runs_over(parts: Sequence[str], at: int) -> int:
    """How many lines a record takes whose quoted cell holds line breaks; 1 where its quotes are closed or are no quotes."""
    first = parts[at]
    if first.count('"') % 2 == 0 or not re.search(r'(?:^|[\t;,|])[ ]*"', first[:MAX_WIDTH]):
        return 1
    for span in range(2, _QUOTED + 1):
        if at + span > len(parts):
            return 1
        if parts[at + span - 1].count('"') % 2:
            # the closing quote ends a cell
            return span if re.search(r'"[ ]*(?:[\t;,|]|$)', parts[at + span - 1][:MAX_WIDTH]) else 1
    return 1


def parted_by(lines: Sequence[Line]) -> str:
    """What parts the cells: the mark by which most lines become rows with an amount and a date or a number."""
    sample = [line.text for line in lines if line.text.strip()]
    if len(sample) > 600:
        sample = sample[:300] + sample[len(sample) // 2 : len(sample) // 2 + 300]
    best, most = WORDS, 0
    for mark in (*MARKS, GAPS):
        some = [text for text in sample if (mark in text if mark != GAPS else _GAP.search(text.strip()))]
        widths = Counter()  # type: Counter[int]
        for text in some:
            cells = [cell for cell in split(text, mark) if cell.text]
            sums = sum(cell.figure is not None for cell in cells)
            dated = any(day_in(cell.text) for cell in cells)
            named = any(is_number(cell.text) for cell in cells)
            if sums and (dated or named or sums > 1) and len(cells) > 1:
                widths[len(split(text, mark))] += 1
        # a comma inside amounts parts lines at random; one that parts cells gives most lines one width
        count = widths.most_common(1)[0][1] if widths and mark == "," else sum(widths.values())
        if count > most:
            best, most = mark, count
    return best


@lru_cache(maxsize=65_536)
def is_number(text: str) -> bool:
    """Whether a cell looks like a document's number: one word with a digit in it, no date."""
    return (
        0 < len(text) <= 40
        and not re.search(r"[\s;|,]", text)
        and any(mark.isdigit() for mark in text)
        and any(mark.isalpha() or mark in "-/#_" for mark in text)
        and day_in(text) is None
        and figure(text) is None
    )


def split(text: str, mark: str) -> list[Cell]:
    """The cells of a line. A line longer than is read in one go is one cell."""
    if len(text) > MAX_WIDTH:
        return [Cell(text.strip(), 0, len(text))]
    if mark == WORDS:
        return _words(text)
    if mark == GAPS:
        return _gaps(text)
    return _delimited(text, mark)


def _gaps(text: str) -> list[Cell]:
    made, start = [], 0
    even = text.replace("\t", "    ")
    for found in _GAP.finditer(even):
        if even[start : found.start()].strip():
            made.append(_cell(even, start, found.start()))
        start = found.end()
    if even[start:].strip():
        made.append(_cell(even, start, len(even)))
    return made


def _cell(text: str, start: int, end: int) -> Cell:
    piece = text[start:end]
    head = len(piece) - len(piece.lstrip())
    return Cell(piece.strip(), start + head, start + len(piece.rstrip()))


def _delimited(text: str, mark: str) -> list[Cell]:
    """Cells between marks; a quoted cell may hold the mark, and a quote twice."""
    made: list[Cell] = []
    at = 0
    while at <= len(text):
        head = at
        while head < len(text) and text[head] == " ":
            head += 1
        end = -1
        if head < len(text) and text[head] == '"':
            end = _closing(text, head)
            after = text[end + 1 :].lstrip(" ") if end >= 0 else "?"
            if end >= 0 and after and not after.startswith(mark):
                end = -1
        if end >= 0:
            made.append(Cell(text[head + 1 : end].replace('""', '"').strip(), head, end))
            following = text.find(mark, end)
        else:
            following = text.find(mark, at)
            stop = len(text) if following < 0 else following
            made.append(Cell(text[at:stop].strip(), at, stop))
        if following < 0:
            break
        at = following + 1
    if mark == "|" and text.strip().startswith("|") and text.strip().endswith("|") and len(made) > 2:
        made = made[1:-1]
    return made


def _closing(text: str, opening: int) -> int:
    """Place of the quote that closes the cell; -1 where none does."""
    at = opening + 1
    while (at := text.find('"', at)) >= 0:
        if text[at + 1 : at + 2] != '"':
            return at
        at += 2
    return -1


def _words(text: str) -> list[Cell]:
    """A line whose cells only single blanks part: amounts at its end, dates, and what is between."""
    even = re.sub(r"[\u00a0\u2007\u202f]", " ", text).rstrip()
    sums: list[Cell] = []
    rest = even
    while len(sums) < 4 and (found := _LAST.search(rest, max(len(rest) - 64, 0))):
        piece = found[1].strip()
        if day_in(piece) or figure(piece) is None:
            break
        has_more = bool(rest[: found.start()].strip())
        if not sums and not _DECIMAL.search(piece) and not has_more:
            break
        if sums and not _DECIMAL.search(piece):
            break  # a bare number before an amount is a document's
        if not _DECIMAL.search(piece) and _MONTH.search(rest[max(found.start() - 24, 0) : found.start()]):
            break  # the year of a date in words
        sums.insert(0, Cell(piece, found.start(1), found.end(1)))
        rest = rest[: found.start()].rstrip()
    made: list[Cell] = []
    start = 0
    for found in ANYWHERE.finditer(rest):
        if day_in(found[0]) is None:
            continue
        if rest[start : found.start()].strip():
            made.append(_cell(rest, start, found.start()))
        made.append(_cell(rest, found.start(), found.end()))
        start = found.end()
    if rest[start:].strip():
        made.append(_cell(rest, start, len(rest)))
    return [*made, *sums]
