"""EDIFACT: service characters, segments, envelopes. Floor 2.

pydifact reads the samples, yet gives no line numbers, takes a file that ends after its last message as whole, leaves
StopIteration on some cut files, trips on a byte-order mark, and needs 2.6 s for 1.7 MB.

A missing end (UNT, UNE, UNZ) means that the file is cut, and refuses it; a wrong count or control number is a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from arlib.errors import SourceError
from arlib.sources.edi.characters import clean
from arlib.sources.forms.form import Row

_TAG = re.compile(r"[A-Z][A-Z0-9]{2}", re.ASCII)
_START = re.compile(rb"UNA.{6}\s*UN[BGH]|UN[BGH]\+[A-Za-z0-9]", re.DOTALL)
_SYNTAX = re.compile(rb"UNB.(UNO[A-Z])", re.DOTALL)
_CODES = {
    "UNOC": "latin-1", "UNOD": "iso8859-2", "UNOE": "iso8859-5", "UNOF": "iso8859-7", "UNOG": "iso8859-3",
    "UNOH": "iso8859-4", "UNOI": "iso8859-6", "UNOJ": "iso8859-8", "UNOK": "iso8859-9",
}  # fmt: skip
MESSAGES = {
    "INVOIC": "an invoice", "ORDERS": "an order", "ORDRSP": "an order response", "ORDCHG": "an order change",
    "DESADV": "a despatch advice", "RECADV": "a receiving advice", "CONTRL": "an acknowledgement",
    "APERAK": "an acknowledgement", "CREMUL": "a multiple credit advice", "DEBMUL": "a multiple debit advice",
    "CREADV": "a credit advice", "DEBADV": "a debit advice", "PAYORD": "a payment order",
    "PAYMUL": "a multiple payment order", "BANSTA": "a banking status message", "FINSTA": "a bank statement",
    "REMADV": "a remittance advice", "COACSU": "an account summary", "STATAC": "a statement of account",
}  # fmt: skip


class Segment(NamedTuple):
    """A segment: its tag, its elements with their components, and the line that it begins on."""

    tag: str
    elements: tuple[tuple[str, ...], ...]
    line: int
    is_open: bool = False  # the last one of a file, without a terminator

    def at(self, element: int, component: int = 1) -> str:
        """A component by its numbers from 1, '' where there is none."""
        if element > len(self.elements) or component > len(self.elements[element - 1]):
            return ""
        return self.elements[element - 1][component - 1]


@dataclass
class Message:
    """A message: its kind (REMADV), version, segments without UNH and UNT, and whether its decimals have a comma."""

    kind: str
    control: str
    version: str
    line: int
    has_comma: bool
    segments: list[Segment] = field(default_factory=list)


@dataclass(frozen=True)
class _Marks:
    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    end: str = "'"


def is_edifact(head: bytes) -> bool:
    """Whether the first bytes of a file begin an interchange or a message."""
    return _START.match(head) is not None


def declared_code(data: bytes) -> str:
    """The encoding that the interchange header names, '' where it is plain or none is known."""
    found = _SYNTAX.search(data[:1024])
    return _CODES.get(found.group(1).decode("ascii"), "") if found else ""


def messages(text: str, name: str) -> tuple[list[Message], list[Row]]:
    """Every message of a file in its order, and remarks on counts and control references.

    Raises SourceError where the file is cut or what stands there is no segment.
    """
    reader = _Reader(name)
    for segment, marks in segments(text, name):
        reader.take(segment, marks.decimal == ",")
    reader.end()
    return reader.found, reader.remarks


def segments(text: str, name: str) -> Iterator[tuple[Segment, _Marks]]:
    """The segments of all interchanges, each with the service characters that hold for it."""
    newline = "\n" if "\n" in text else "\r"
    marks, place, line = _Marks(), 0, 1
    while True:
        start = place
        while start < len(text) and (text[start].isspace() or text[start] in "\x1a\ufeff"):
            start += 1
        line += text.count(newline, place, start)
        if start >= len(text):
            return
        if text.startswith("UNA", start):
            marks, place = _service(text, start, f"{name}, line {line}"), start + 9
            line += text.count(newline, start, place)
            continue
        stop = _end(text, start, marks)
        place = len(text) if stop < 0 else stop + 1
        raw = text[start : None if stop < 0 else stop]
        parts = _parts(raw.replace("\r", "").replace("\n", ""), marks)  # as wrapped at a line's width
        tag = parts[0][0].strip()
        if not _TAG.fullmatch(tag):
            raise SourceError(
                "not a segment of EDIFACT",
                where=f"{name}, line {line}",
                found=raw[:40],
                wanted="a tag such as DOC",
            )
        if stop < 0 and tag not in ("UNZ", "UNT", "UNE"):
            raise SourceError("is cut inside a segment", where=f"{name}, line {line}", found=raw[:40])
        made = tuple(parts[1:])
        yield Segment(tag, made, line, stop < 0), marks
        line += text.count(newline, start, place)


def _parts(raw: str, marks: _Marks) -> list[tuple[str, ...]]:
    """The elements of a segment with their components, released and without control characters."""
    if not marks.release or marks.release not in raw:
        if raw.isprintable():
            return [tuple(map(str.strip, one.split(marks.component))) for one in raw.split(marks.element)]
        return [tuple(map(clean, one.split(marks.component))) for one in raw.split(marks.element)]
    elements = _split(raw, marks.element, marks.release)
    return [
        tuple(_released(value, marks.release) for value in _split(one, marks.component, marks.release))
        for one in elements
    ]


def _service(text: str, start: int, where: str) -> _Marks:
    given = text[start + 3 : start + 9]
    if len(given) < 6 or any(mark.isalnum() for mark in given) or len(set(given[:2] + given[5])) < 3:
        raise SourceError(
            "the service characters (UNA) are damaged",
            where=where,
            found=given,
            wanted="six marks such as :+.? '",
        )
    return _Marks(given[0], given[1], given[2], given[3] if given[3] != " " else "", given[5])


def _end(text: str, start: int, marks: _Marks) -> int:
    """The place of the next terminator that is not released, -1 where there is none."""
    stop = text.find(marks.end, start)
    while stop >= 0 and _is_released(text, stop, start, marks.release):
        stop = text.find(marks.end, stop + 1)
    return stop


def _is_released(text: str, place: int, start: int, release: str) -> bool:
    if not release:
        return False
    at = place - 1
    while at >= start and text[at] == release:
        at -= 1
    return (place - 1 - at) % 2 == 1


def _split(raw: str, mark: str, release: str) -> list[str]:
    """Pieces between marks that are not released; the release characters stay."""
    if not release or release not in raw:
        return raw.split(mark)
    pieces: list[str] = []
    held: list[str] = []
    for piece in raw.split(mark):
        held.append(piece)
        if (len(piece) - len(piece.rstrip(release))) % 2 == 0:  # the mark behind this piece is not released
            pieces.append(mark.join(held))
            held = []
    return [*pieces, mark.join(held)] if held else pieces


def _released(value: str, release: str) -> str:
    if release and release in value:
        value = re.sub(re.escape(release) + r"(.)", r"\1", value, flags=re.DOTALL)
    return clean(value)


class _Reader:
    """The state of the envelopes while segments come in."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[Message] = []
        self.remarks: list[Row] = []
        self.interchange: Segment | None = None
        self.group: Segment | None = None
        self.open: Message | None = None
        self.counted = self.groups = self.in_group = 0

    def take(self, segment: Segment, has_comma: bool) -> None:
        if segment.tag == "UNH":
            self._cut_if(self.open is not None, "UNT", segment.line)
            self.open = Message(
                segment.at(2), segment.at(1), segment.at(2, 2) + segment.at(2, 3), segment.line, has_comma
            )
        elif segment.tag in _ENVELOPE:
            _ENVELOPE[segment.tag](self, segment)
        elif self.open is not None:
            self.open.segments.append(segment)
        else:
            raise SourceError(
                "a segment outside of a message", where=f"{self.name}, line {segment.line}", found=segment.tag
            )

    def end(self) -> None:
        for missing, is_open in (("UNT", self.open), ("UNE", self.group), ("UNZ", self.interchange)):
            self._cut_if(is_open is not None, missing, is_open.line if is_open else 0)
        if not self.found:
            raise SourceError("holds no message", where=self.name, wanted="UNH ... UNT")

    def _cut_if(self, is_cut: bool, missing: str, line: int) -> None:
        if is_cut:
            raise SourceError(
                f"is cut: {missing} is missing for what stands on line {line}",
                where=self.name,
                fix="Fetch the file again.",
            )

    def _unb(self, segment: Segment) -> None:
        self._cut_if(self.interchange is not None or self.open is not None, "UNZ", segment.line)
        self.interchange, self.counted, self.groups = segment, 0, 0

    def _ung(self, segment: Segment) -> None:
        self._cut_if(self.group is not None or self.open is not None, "UNE", segment.line)
        self.group, self.in_group = segment, 0

    def _unt(self, segment: Segment) -> None:
        if self.open is None:
            self._cut_if(True, "UNH", segment.line)
            return
        self._count(segment, segment.at(1), len(self.open.segments) + 2, "segments")
        self._control(segment, segment.at(2), self.open.control)
        self.found.append(self.open)
        self.open, self.counted, self.in_group = None, self.counted + 1, self.in_group + 1

    def _une(self, segment: Segment) -> None:
        self._cut_if(self.open is not None, "UNT", segment.line)
        if self.group is None:
            self._cut_if(True, "UNG", segment.line)
            return
        self._count(segment, segment.at(1), self.in_group, "messages")
        self._control(segment, segment.at(2), self.group.at(5))
        self.group, self.groups = None, self.groups + 1

    def _unz(self, segment: Segment) -> None:
        self._cut_if(self.open is not None, "UNT", segment.line)
        self._cut_if(self.group is not None, "UNE", segment.line)
        if self.interchange is None:
            self._cut_if(True, "UNB", segment.line)
            return
        self._count(
            segment, segment.at(1), self.groups or self.counted, "groups" if self.groups else "messages"
        )
        self._control(segment, segment.at(2), self.interchange.at(5))
        self.interchange = None

    def _count(self, segment: Segment, stated: str, counted: int, what: str) -> None:
        if not (stated.isdigit() and stated.isascii() and len(stated) < 12 and int(stated) == counted):
            self._note(segment, "count_differs", f"{segment.tag} 1", stated, f"{counted} {what} as read")

    def _control(self, segment: Segment, stated: str, wanted: str) -> None:
        self._cut_if(segment.is_open and stated != wanted, segment.tag, segment.line)
        if stated != wanted:
            self._note(segment, "control_number_differs", f"{segment.tag} 2", stated, wanted)

    def _note(self, segment: Segment, code: str, column: str, found: str, wanted: str) -> None:
        fields = {"code": code, "column": column, "found": found, "wanted": wanted}
        self.remarks.append(("remarks", segment.line, fields))


_ENVELOPE = {
    "UNB": _Reader._unb, "UNG": _Reader._ung, "UNT": _Reader._unt, "UNE": _Reader._une, "UNZ": _Reader._unz,
}  # fmt: skip


def described(kinds: list[str]) -> str:
    """Messages in words: 'an invoice (INVOIC) and an order (ORDERS)'."""
    names = [f"{MESSAGES.get(kind, 'a message')} ({kind[:12]})" for kind in dict.fromkeys(kinds)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "nothing"
