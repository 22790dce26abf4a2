"""BAI2 text into records: wrapped lines, continuations and several records on a line made whole. Floor 2.

A record begins with its code and a comma and ends with a slash, which many banks leave out after a text. Code 88 carries
the record before it on. What a bank wrapped without an 88 is joined to the line before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from arlib.errors import SourceError
from arlib.sources.bank.fixedtext import lines_of

_START = re.compile(r"\s*(01|02|03|16|49|88|98|99),", re.ASCII)
# A slash and a blank may stand in a text; they end a record only where what follows has the shape of one.
_NEXT = re.compile(
    r"/[ \t]+(?=(?:16,[0-9]{3},|49,[+-]?[0-9]*,[0-9]+[ /]|0[13],[^,/]*,|02,[^,/]*,[^,/]*,[1-4]?,|88,|"
    r"9[89],[+-]?[0-9]*,[0-9]+,[0-9]+[ /]))",
    re.ASCII,
)
_NEXT_IN_STREAM = re.compile(_NEXT.pattern.replace("[ \\t]+", "[ \\t]*"), re.ASCII)
FULL_LINE = 80  # a line that fills the classic record breaks words; a shorter one ends where the bank wanted


@dataclass
class Record:
    """One record: its code, the line it begins on, its text in pieces (one a line or continuation), and how many
    physical records it is."""

    code: str
    line: int
    pieces: list[str] = field(default_factory=list)
    closed: bool = False  # the last piece ended with a slash
    full: list[bool] = field(default_factory=list)  # whether a piece filled its line
    count: int = 1

    def fields(self) -> list[str]:
        """The fields of all pieces, one after the other."""
        return [part.strip() for piece in self.pieces for part in piece.split(",")]

    def first(self, count: int) -> list[str]:
        """So many fields, '' for those that are not there."""
        return (self.fields() + [""] * count)[:count]


def records(text: str, name: str) -> Iterator[Record]:
    """The records of a file in order, with their continuations. Raises SourceError for a line that belongs to none."""
    current: Record | None = None
    wrapped: list[str] = []  # lines that carry on the last piece without an 88
    lines = lines_of(text)
    splitter = _NEXT if len([line for line in lines if line.strip()]) > 1 else _NEXT_IN_STREAM
    for number, whole in enumerate(lines, 1):
        for line in _split(whole, splitter):
            if not line.strip():
                continue
            start = _START.match(line)
            body = (line[start.end() :] if start else line).rstrip()
            is_closed = body.endswith("/")
            body, is_full = body[: len(body) - is_closed], len(line) == FULL_LINE and not is_closed
            if start is None or start[1] == "88":
                if current is None or (start is None and current.closed):
                    raise SourceError(
                        f"line {number} is no BAI2 record",
                        where=name,
                        found=line.strip(),
                        wanted="01, 02, 03, 16, 49, 88, 98 or 99 and a comma",
                    )
                if start is None:
                    wrapped.append(body.strip())
                    current.full[-1] = is_full
                else:
                    _unwrap(current, wrapped)
                    current.pieces.append(body)
                    current.full.append(is_full)
                    current.count += 1
                current.closed = is_closed
                continue
            if current is not None:
                yield _unwrap(current, wrapped)
            current = Record(start[1], number, [body], is_closed, [is_full])
    if current is not None:
        yield _unwrap(current, wrapped)


def _unwrap(record: Record, wrapped: list[str]) -> Record:
    """The record with its last piece made whole; `wrapped` is used up."""
    if wrapped:
        record.pieces[-1] = " ".join((record.pieces[-1], *wrapped))
        wrapped.clear()
    return record


def _split(line: str, splitter: re.Pattern[str]) -> list[str]:
    """The records of a line, each with its slash."""
    parts = splitter.split(line)
    return [part + "/" for part in parts[:-1]] + parts[-1:]


@dataclass
class Fields:
    """Reads the fields of a record one by one, over its continuations."""

    record: Record
    piece: int = 0
    at: int = 0

    def next(self) -> str:
        """The next field, '' after the last."""
        while self.piece < len(self.record.pieces):
            text = self.record.pieces[self.piece]
            if self.at > len(text):
                self.piece, self.at = self.piece + 1, 0
                continue
            end = text.find(",", self.at)
            end = len(text) if end < 0 else end
            found, self.at = text[self.at : end].strip(), end + 1
            return found
        return ""

    def next_piece(self) -> str | None:
        """The continuation that comes next, where the piece before it is used up; None elsewhere."""
        pieces = self.record.pieces
        is_used = self.piece + 1 < len(pieces) and self.at > len(pieces[self.piece])
        return pieces[self.piece + 1] if is_used else None

    def rest(self) -> str:
        """All that is left, commas and all: the text. Its lines stay lines, but for one that filled its record."""
        pieces = self.record.pieces
        if self.piece >= len(pieces):
            return ""
        parts = [pieces[self.piece][self.at :]]
        for index in range(self.piece + 1, len(pieces)):
            parts += ["" if self.record.full[index - 1] else "\n", pieces[index]]
        self.piece = len(pieces)
        return "\n".join(line.strip() for line in "".join(parts).split("\n")).strip()

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self.piece >= len(self.record.pieces) or (
            self.piece == len(self.record.pieces) - 1 and self.at > len(self.record.pieces[-1])
        )
