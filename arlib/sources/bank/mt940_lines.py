"""The lines and fields of a SWIFT text: envelopes, tags, end marks, encodings. Floor 2."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from arlib.errors import SourceError

CHUNK_BYTES = 1 << 20
LINE_LIMIT = 100_000  # bytes of one line, and characters of one field; SWIFT allows 65 and 780
KNOWN = frozenset(
    "13 13D 20 21 25 25P 28 28C 34F 60F 60M 61 62F 62M 64 65 86 90C 90D NS 940 941 942 950".split()  # noqa: SIM905
)
END = "-"  # the tag of an end mark
NOISE = ""  # the tag of a line outside any field

_TAG = re.compile(r":(\d{2,3}[A-Z]?|NS):", re.ASCII)
_SPLIT_TAG = re.compile(r"(\d{2}[A-Z]?|NS):", re.ASCII)
_ENVELOPE = re.compile(r"\{2:[IO](\d{3})", re.ASCII)
_CONTROL = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)), " ") | {0xAD: "-"}
_LETTER = re.compile(rb"[A-Za-z]")


@dataclass
class Field:
    """A tag with its lines, or an end mark, or a line outside any field."""

    tag: str
    line: int
    lines: list[str] = field(default_factory=list)
    is_ended: bool = True  # its last line has a line end
    size: int = 0

    @property
    def text(self) -> str:
        """The first line."""
        return self.lines[0] if self.lines else ""


class Lines:
    """The lines of a file as text, one at a time. `encoding` is '' while all of it was UTF-8."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        """Nothing is read yet."""
        self.stream, self.name, self.encoding = stream, name, ""
        self._fallback = ""

    def __iter__(self) -> Iterator[tuple[int, str, bool]]:
        """Line number, text without its end, and whether it has an end. LF, CRLF and CR all end a line.

        Raises SourceError for a line beyond LINE_LIMIT or bytes that are no text in a declared UTF-16.
        """
        number, held, after_cr = 0, b"", False
        for chunk in self._chunks():
            data = chunk[1:] if after_cr and chunk.startswith(b"\n") else chunk
            after_cr = chunk.endswith(b"\r")
            parts = (held + data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")).split(b"\n")
            held = parts.pop()
            for part in parts:
                number += 1
                yield number, self._text(part, number), True
            if len(held) > LINE_LIMIT:
                self._text(held, number + 1)
        if held:
            yield number + 1, self._text(held, number + 1), False

    def _chunks(self) -> Iterator[bytes]:
        chunk = self.stream.read(CHUNK_BYTES)
        for mark, code in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
            if chunk.startswith(mark):
                decoder = codecs.getincrementaldecoder(code)()
                chunk = chunk[2:]
                try:
                    while chunk:
                        yield decoder.decode(chunk).encode()
                        chunk = self.stream.read(CHUNK_BYTES)
                    decoder.decode(b"", final=True)
                except UnicodeError as fault:
                    raise SourceError(f"is not {code}, as its first bytes say", where=self.name) from fault
                return
        chunk = chunk.removeprefix(codecs.BOM_UTF8)
        self._fallback = _likely(chunk)
        while chunk:
            yield chunk
            chunk = self.stream.read(CHUNK_BYTES)

    def _text(self, line: bytes, number: int) -> str:
        if len(line) > LINE_LIMIT:
            raise SourceError(
                f"a line of more than {LINE_LIMIT:,} bytes", where=f"{self.name}, line {number}"
            )
        try:
            text = line.decode()
        except UnicodeDecodeError:
            self.encoding = self._fallback or "cp1252"
            try:
                text = line.decode(self.encoding)
            except UnicodeDecodeError:
                text = line.decode("latin-1")
        return text if text.isprintable() else text.translate(_CONTROL)


def _likely(data: bytes) -> str:
    """cp852 where accented letters stand where DOS pages have them and Western ones have signs; else cp1252."""
    dos = western = 0
    for match in re.finditer(rb"[\x80-\xff]", data):
        at, code = match.start(), data[match.start()]
        if not _LETTER.search(data[max(at - 1, 0) : at + 2]):
            continue
        if code >= 0xC0:
            western += 1
        elif code <= 0xA5 and not 0x91 <= code <= 0x97:
            dos += 1
    return "cp852" if dos > western else "cp1252"


def fields(lines: Lines) -> Iterator[Field]:
    """Fields, end marks and stray lines in order.

    A tag stands at the start of a line; a colon alone before a line that begins with the rest of a tag is joined to it.
    Raises SourceError for an envelope of another kind of message.
    """
    held: Field | None = None
    colon = False
    for number, raw, is_ended in lines:
        line = raw
        if "{" in line and ("{4:" in line or line.lstrip().startswith(("{", "-}"))):
            if held is not None:
                yield held
                held = None
            if line.lstrip().startswith("-"):
                yield Field(END, number, [line], is_ended)
            line = _after_envelope(line, lines.name, number)
            if not line.strip():
                if "{4:" not in raw and "{1:" in raw:
                    yield Field(NOISE, number, [raw], is_ended)
                continue
        if colon:
            colon = False
            line = ":" + line if _SPLIT_TAG.match(line) else line
        elif line == ":":
            colon = True
            continue
        if match := _TAG.match(line):
            if held is not None:
                yield held
            held = Field(match.group(1), number, [line[match.end() :]], is_ended)
        elif is_end_mark(line):
            if held is not None:
                yield held
                held = None
            yield Field(END, number, [line], is_ended)
        elif held is None:
            if line.strip():
                yield Field(NOISE, number, [line], is_ended)
        else:
            held.lines.append(line)
            held.is_ended = is_ended
            held.size += len(line)
            if held.size > LINE_LIMIT:
                raise SourceError(
                    f"a field of more than {LINE_LIMIT:,} characters", where=f"{lines.name}, line {held.line}"
                )
    if held is not None:
        yield held
    if colon:
        yield Field(NOISE, 0, [":"], False)


def is_end_mark(line: str) -> bool:
    """Whether a line ends a message: "-", "-}" with what follows, or "-XXX" of some banks."""
    found = line.strip()
    return found in ("-", "-XXX") or found.startswith("-}")


def _after_envelope(line: str, name: str, number: int) -> str:
    """What follows the last block header of a line; '' for a line of blocks only."""
    kind = _ENVELOPE.search(line)
    if kind and kind.group(1) not in ("940", "941", "942", "950"):
        raise SourceError(
            f"is a SWIFT MT{kind.group(1)}",
            where=f"{name}, line {number}",
            wanted="a statement: MT940, MT942 (or MT941, MT950)",
        )
    at = line.rfind("{4:")
    return line[at + 3 :] if at >= 0 else ""
