"""SWIFT MT940 and MT942 (also MT941, MT950) in the dialects of banks, read as a stream. Floor 2.

Own reader: mt-940 5.1.1 reads most samples right, and a test compares with it, but it gives an unreadable statement as no
transactions without an error, stops at the ASNB dialect, takes a balance without currency for one of 0.00, decodes what is
not UTF-8 as cp852, and holds the whole file in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from arlib.errors import SourceError
from arlib.sources.bank.mt940_lines import END, KNOWN, NOISE, Field, Lines, fields
from arlib.sources.bank.mt940_statement import Statement, incomplete, remark
from arlib.sources.forms.form import Form, Row

_CLAIM = re.compile(
    rb"(?:^|[\r\n]|\{4:\s{0,8})[\x00-\x20]{0,4}:(?:20|21|25P?|28C?|60[FM]|61|62[FM]|6[45]|86|34F|13D?|90[CD]|NS|940):"
)
_ENVELOPE = re.compile(rb"\{1:F\d\d[A-Z0-9]{12}")
# what may stand after a tag where it opens a statement; else, below an entry, it is text that looks like a tag
_NEXT = {
    "20": {"13", "13D", "20", "21", "25", "25P", "28", "28C", "NS"},
    "21": {"13", "13D", "25", "25P", "28", "28C", "NS"},
    "25": {"13", "13D", "28", "28C", "34F", "60F", "60M", "NS"},
    "25P": {"13", "13D", "28", "28C", "34F", "60F", "60M", "NS"},
    "28": {"13", "13D", "34F", "60F", "60M", "NS"},
    "28C": {"13", "13D", "34F", "60F", "60M", "NS"},
    "13": {"28", "28C", "34F", "60F", "60M", "61"},
    "13D": {"28", "28C", "34F", "60F", "60M", "61"},
    "34F": {"34F", "13D", "60F"},
}


def claims(head: bytes) -> bool:
    """Whether a tag of a statement begins one of the first lines, or the file begins with a SWIFT envelope."""
    start = head[:4096]
    return _ENVELOPE.match(start) is not None or _CLAIM.search(start) is not None


def rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    """The rows of a file. Raises SourceError where a statement lacks a tag, cannot be read, or is cut."""
    lines = Lines(stream, name)
    reader = _Reader(name)
    held: Field | None = None
    for field in fields(lines):
        if held is not None:
            yield from reader.take(held, field.tag)
        held = field
    if held is not None:
        yield from reader.take(held, "")
    yield from reader.finish(held)
    if lines.encoding:
        yield remark(1, "encoding_found", "", lines.encoding, "utf-8; letters with accents may be wrong")


class _Reader:
    """The statement at hand, and one whose last page said that another follows."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        self.now: Statement | None = None
        self.paused: Statement | None = None
        self.header = ""  # the first stray line, by which a cut-off header at the end is known
        self.strays: list[str] = []

    def take(self, field: Field, after: str) -> Iterator[Row]:
        """Read one field; `after` is the tag of the next one."""
        tag, now = field.tag, self.now
        if tag == NOISE and now is not None and now.goes_on:
            now.more_text(field.lines)
            return
        if tag == NOISE:
            text = field.text.strip()
            self.header = self.header or text
            self.strays.append(text)
            return
        if tag == END:
            if now is not None:
                now.end(field)
            return
        if now is not None and now.takes_text and (tag not in KNOWN or after not in _NEXT.get(tag, {after})):
            if tag not in KNOWN:
                yield remark(
                    field.line, "unknown_tag", f":{tag}:", field.text, "a tag of MT940 or MT942; kept as text"
                )
            now.more_text([f":{tag}:{field.text}", *field.lines[1:]])
            return
        if tag in ("940", "941", "942", "950"):
            return
        if tag not in KNOWN:
            yield remark(
                field.line, "unknown_tag", f":{tag}:", field.text, "a tag of MT940 or MT942; left out"
            )
            return
        self.strays.clear()
        if tag == "20" and now is not None:
            yield from self._close()
        if self.now is None:
            self.now = Statement(self.name, field.line)
        if tag == "61" and not self.now.number:
            yield from self._flush_paused()
            self._number(self.now)
        if tag in ("60F", "60M"):
            yield from self._open_balance(field)
        else:
            if tag[:2] in ("62", "64", "65", "90"):
                self.strays += [line.strip() for line in field.lines[1:] if line.strip()]
            yield from self.now.take(field)

    def _open_balance(self, field: Field) -> Iterator[Row]:
        """A page that goes on where the last one stopped is the same statement."""
        assert self.now is not None
        yield from self.now.take(field)
        if self.paused is not None and field.tag == "60M" and self.now.follows(self.paused):
            self.paused.resume(self.now)
            self.now, self.paused = self.paused, None
            return
        yield from self._flush_paused()
        self._number(self.now)

    def _flush_paused(self) -> Iterator[Row]:
        paused, self.paused = self.paused, None
        if paused is not None:
            yield from paused.close(is_more=True)

    def _number(self, statement: Statement) -> None:
        if not statement.number:
            self.count += 1
            statement.number = self.count

    def _close(self) -> Iterator[Row]:
        now, self.now = self.now, None
        if now is None:
            return
        if not now.number:
            yield from self._flush_paused()
        now.require_complete()
        self._number(now)
        yield from now.flush()
        if now.is_page:
            self.paused = now
        else:
            yield from now.close()

    def finish(self, last: Field | None) -> Iterator[Row]:
        """The end of the file. Raises SourceError where there was no statement or the last one is cut."""
        if self.now is None and not self.count:
            raise incomplete(self.name, last.line if last else 1, [last.tag] if last else [])
        if self.now is not None:
            self.now.require_whole(last)
        yield from self._close()
        yield from self._flush_paused()
        for stray in self.strays:
            if stray[:1] in ("{", ":") or (self.header and self.header.startswith(stray)):
                raise SourceError(
                    "ends in the header of a further statement",
                    where=self.name,
                    found=stray,
                    wanted="that statement",
                    fix="The file is cut; fetch it again.",
                )


FORM = Form(name="mt940", title="SWIFT MT940/MT942 statement", family="bank", claims=claims, rows=rows)
