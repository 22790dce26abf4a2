"""X12: separators, segments, envelopes. Floor 2.

pyx12, the field's parser, is known to fail on a byte-order mark, on files without an envelope and on old versions, all
of which are in the wild; what is needed of X12 here is small.

A missing end (SE, GE, IEA) means that the file is cut, and refuses it; a wrong count or control number is a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from arlib.errors import SourceError
from arlib.sources.edi.characters import clean
from arlib.sources.forms.form import Row

ISA_LENGTH = 106
_ISA_MARKS = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_TAG = re.compile(r"[A-Z][A-Z0-9]{1,2}", re.ASCII)
_ST = re.compile(
    r"ST([^A-Za-z0-9\s,;\"'])(\d{3})\1([A-Za-z0-9]{1,9}) *(?:\1[A-Za-z0-9]{0,35})?\1*"
    r"([^A-Za-z0-9\s]|\r\n|\r|\n)\s*[A-Z][A-Z0-9]{1,2}\1"
)
_END = r"([^A-Za-z0-9\s]|\r\n|\r|\n)\s{0,80}"
SETS = {
    "810": "an invoice", "812": "a credit or debit adjustment", "820": "a remittance", "821": "a financial report",
    "822": "an account analysis", "823": "a lockbox", "824": "an application advice", "832": "a price catalogue",
    "834": "a benefit enrolment", "835": "a health care claim payment", "837": "a health care claim",
    "850": "a purchase order", "855": "a purchase order acknowledgement", "856": "a ship notice",
    "860": "a purchase order change", "861": "a receiving advice", "997": "an acknowledgement",
    "999": "an acknowledgement",
}  # fmt: skip


class Segment(NamedTuple):
    """A segment: its tag, its elements (1 is the first after the tag) and the line that it begins on."""

    tag: str
    elements: tuple[str, ...]
    line: int
    is_open: bool = False  # the last one of a file, without a terminator

    def at(self, place: int) -> str:
        """The element of that number, '' where there is none."""
        return self.elements[place - 1] if place <= len(self.elements) else ""


@dataclass
class Transaction:
    """A transaction set: its kind (820), its version as GS or ST states it, its segments without ST and SE."""

    kind: str
    control: str
    version: str
    line: int
    segments: list[Segment] = field(default_factory=list)


def is_x12(head: bytes) -> bool:
    """Whether the first bytes of a file begin an interchange, a group or a transaction set."""
    text = head[:4096].decode("latin-1")
    if text.startswith("ISA") and len(text) > 6:
        mark = text[3]
        if mark in ",;":  # a table may begin so as well
            return len(text) >= ISA_LENGTH and all(text[place] == mark for place in _ISA_MARKS)
        return not mark.isalnum() and mark not in " \t\r\n" and mark == text[6] and text[4:6].isalnum()
    return text.startswith("SA*00*") or bool(_after_group(text, 0) or _ST.match(text[:400]))


def first_set(head: bytes) -> str:
    """The number of the first transaction set that the head shows, '' where there is none."""
    found = re.search(r"(?:^|[^A-Za-z0-9])ST([^A-Za-z0-9\s,;\"'])(\d{3})\1", head.decode("latin-1"))
    return found.group(2) if found else ""


def transactions(text: str, name: str) -> tuple[list[Transaction], list[Row]]:
    """Every transaction set of a file in its order, and remarks on counts and control numbers.

    Raises SourceError where the header is damaged, the file is cut, or what stands there is no segment.
    """
    reader = _Reader(name)
    for segment in segments(text, name):
        reader.take(segment)
    reader.end()
    return reader.found, reader.remarks


def segments(text: str, name: str) -> Iterator[Segment]:
    """The segments of all interchanges; separators are those of each header."""
    newline = "\n" if "\n" in text else "\r"
    place, line, mark, end = 0, 1, "", ""
    while True:
        start = _skipped(text, place)
        line += text.count(newline, place, start)
        if start >= len(text):
            return
        if text.startswith("ISA", start) or not mark:
            mark, end = _separators(text, start, f"{name}, line {line}")
        stop = text.find(end, start)
        raw = text[start:] if stop < 0 else text[start:stop]
        place = len(text) if stop < 0 else stop + len(end)
        parts = _unwrapped(raw, end).split(mark)
        tag = parts[0].strip()
        if not _TAG.fullmatch(tag):
            raise SourceError(
                "not a segment of X12",
                where=f"{name}, line {line}",
                found=raw[:40],
                wanted="a tag such as RMR",
            )
        if stop < 0 and tag not in ("IEA", "SE", "GE"):
            raise SourceError("is cut inside a segment", where=f"{name}, line {line}", found=raw[:40])
        yield Segment(tag, tuple(clean(part) for part in parts[1:]), line, stop < 0)
        line += text.count(newline, start, place)


def _skipped(text: str, place: int) -> int:
    """The next place with a character that means something."""
    while place < len(text) and (text[place].isspace() or text[place] in "\x1a\ufeff"):
        place += 1
    return place


def _unwrapped(raw: str, end: str) -> str:
    """A segment that was wrapped at a line's width, in one piece again."""
    return raw if end in ("\r", "\n", "\r\n") else raw.replace("\r", "").replace("\n", "")


def _separators(text: str, start: int, where: str) -> tuple[str, str]:
    """The element separator and the segment terminator, by the header's fixed places or by its shape."""
    if text.startswith("ISA", start):
        head = text[start : start + ISA_LENGTH]
        if len(head) < ISA_LENGTH:
            raise SourceError("is cut inside its header (ISA)", where=where, found=f"{len(head)} characters")
        mark, end = head[3], head[-1]
        fixed = not mark.isalnum() and all(head[place] == mark for place in _ISA_MARKS)
        if fixed and not end.isalnum() and end not in (" ", mark):
            return mark, "\r\n" if text.startswith("\r\n", start + ISA_LENGTH - 1) else end
        if found := _after(text, start, "ISA", 16, r"(.)" + _END + "GS"):  # blanks were lost on the way
            return mark, found.group(2)
        raise SourceError(
            "the header (ISA) is damaged", where=where, found=head, wanted="sixteen elements at fixed places"
        )
    if found := _after_group(text, start):
        return text[start + 2], found.group(2)
    if found := _ST.match(text[start : start + 400]):
        return found.group(1), found.group(4)
    raise SourceError(
        "does not begin as X12 does",
        where=where,
        found=text[start : start + 40],
        wanted="a header (ISA, GS or ST)",
        fix="Fetch the file again; its beginning is missing or damaged.",
    )


def _after(text: str, start: int, tag: str, count: int, shape: str) -> re.Match[str] | None:
    """The last element of a header segment of so many, its terminator and the tag behind it; None where it is none."""
    mark = text[start + len(tag) : start + len(tag) + 1]
    parts = text[start : start + 400].split(mark, count) if mark and mark not in " \t\r\n" else []
    if len(parts) != count + 1 or parts[0] != tag or mark.isalnum():
        return None
    return re.match(shape + re.escape(mark), parts[-1])


def _after_group(text: str, start: int) -> re.Match[str] | None:
    if text[start + 2 : start + 3] in (",", ";", '"', "'"):
        return None
    return _after(text, start, "GS", 8, r"([A-Za-z0-9]{1,12})" + _END + "ST")


class _Reader:
    """The state of the envelopes while segments come in."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[Transaction] = []
        self.remarks: list[Row] = []
        self.interchange: Segment | None = None
        self.group: Segment | None = None
        self.open: Transaction | None = None
        self.groups = self.sets = 0

    def take(self, segment: Segment) -> None:
        if segment.tag in _ENVELOPE:
            _ENVELOPE[segment.tag](self, segment)
        elif self.open is not None:
            self.open.segments.append(segment)
        elif segment.tag not in ("TA1", "TA3"):
            raise SourceError(
                "a segment outside of a transaction set",
                where=f"{self.name}, line {segment.line}",
                found=segment.tag,
                wanted="ST before it",
            )

    def end(self) -> None:
        if self.open is not None:
            self._cut("SE", self.open.line)
        if self.group is not None:
            self._cut("GE", self.group.line)
        if self.interchange is not None:
            self._cut("IEA", self.interchange.line)
        if not self.found:
            raise SourceError("holds no transaction set", where=self.name, wanted="ST ... SE")

    def _cut(self, missing: str, line: int) -> None:
        raise SourceError(
            f"is cut: the end ({missing}) of what begins on line {line} is missing",
            where=self.name,
            fix="Fetch the file again.",
        )

    def _isa(self, segment: Segment) -> None:
        if self.interchange is not None:
            self._cut("IEA", self.interchange.line)
        self.interchange, self.groups = segment, 0
        if segment.at(15) == "T":
            self._note(segment, "test_interchange", "ISA15", "T", "P, production")

    def _gs(self, segment: Segment) -> None:
        if self.group is not None or self.open is not None:
            self._cut("GE", (self.group or segment).line)
        self.group, self.sets = segment, 0

    def _st(self, segment: Segment) -> None:
        if self.open is not None:
            self._cut("SE", self.open.line)
        version = segment.at(3) or (self.group.at(8) if self.group else "")
        self.open = Transaction(segment.at(1), segment.at(2), version, segment.line)

    def _se(self, segment: Segment) -> None:
        if self.open is None:
            raise SourceError("an end (SE) without a beginning", where=f"{self.name}, line {segment.line}")
        self._count(segment, "SE01", segment.at(1), len(self.open.segments) + 2, "segments")
        self._control(segment, "SE02", segment.at(2), self.open.control)
        self.found.append(self.open)
        self.open, self.sets = None, self.sets + 1

    def _ge(self, segment: Segment) -> None:
        if self.open is not None or self.group is None:
            self._cut("SE" if self.open is not None else "GS", segment.line)
            return
        self._count(segment, "GE01", segment.at(1), self.sets, "transaction sets")
        self._control(segment, "GE02", segment.at(2), self.group.at(6))
        self.group, self.groups = None, self.groups + 1

    def _iea(self, segment: Segment) -> None:
        if self.group is not None or self.open is not None or self.interchange is None:
            self._cut(
                "GE" if self.group is not None else "SE" if self.open is not None else "ISA", segment.line
            )
            return
        self._count(segment, "IEA01", segment.at(1), self.groups, "groups")
        self._control(segment, "IEA02", segment.at(2), self.interchange.at(13))
        self.interchange = None

    def _count(self, segment: Segment, column: str, stated: str, counted: int, what: str) -> None:
        if not (stated.isdigit() and stated.isascii() and len(stated) < 12 and int(stated) == counted):
            self._note(segment, "count_differs", column, stated, f"{counted} {what} as read")

    def _control(self, segment: Segment, column: str, stated: str, wanted: str) -> None:
        if segment.is_open and stated != wanted:  # nothing proves that the end itself is whole
            self._cut(segment.tag, segment.line)
        if stated.lstrip("0") != wanted.lstrip("0"):
            self._note(segment, "control_number_differs", column, stated, wanted)

    def _note(self, segment: Segment, code: str, column: str, found: str, wanted: str) -> None:
        fields = {"code": code, "column": column, "found": found, "wanted": wanted}
        self.remarks.append(("remarks", segment.line, fields))


_ENVELOPE = {
    "ISA": _Reader._isa, "GS": _Reader._gs, "ST": _Reader._st,
    "SE": _Reader._se, "GE": _Reader._ge, "IEA": _Reader._iea,
}  # fmt: skip


def described(kinds: list[str]) -> str:
    """Transaction sets in words: 'an invoice (810) and a purchase order (850)'."""
    names = [f"{SETS.get(kind, 'a transaction set')} ({kind[:12]})" for kind in dict.fromkeys(kinds)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "nothing"
