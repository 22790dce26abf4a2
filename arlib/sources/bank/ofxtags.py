"""OFX markup, version 1 (SGML, ends of values left out) and 2 (XML), as a flat run of events. Floor 2.

Nothing is fetched or expanded: of entities only the five of XML and character numbers are read, a document type is
refused, and so is nesting beyond reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from arlib.errors import SourceError

MAX_DEPTH = 200  # real files stay below 20
Kind = Literal["open", "value", "close"]
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9._-]{0,63})(?:\s[^<>]{0,500})?/?>([^<]*)")
_MARK = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(amp|lt|gt|quot|apos|nbsp|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});")
_NAMES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}


class Event(NamedTuple):
    """A container that opens, a value, or a container that closes."""

    kind: Kind
    name: str
    value: str
    line: int


def events(text: str, name: str) -> Iterator[Event]:
    """The events of the body, from <OFX> on. A tag with nothing behind it but another tag opens a container; that an
    empty value without its end looks alike is for the reader to bear.

    Raises SourceError for a document type, a section without its end, or a file that is cut before </OFX>.
    """
    start = text.find("<OFX")
    start = text.find("<ofx") if start < 0 else start
    if start < 0 or "<!DOCTYPE" in text[: start + 1].upper():
        raise SourceError(
            "holds a document type, which no bank writes"
            if start >= 0
            else "has no <OFX>: cut, or no OFX file",
            where=name,
            fix="Fetch the file again.",
        )
    at, line, counted = start, 1, 0
    held: tuple[str, int] | None = None  # a start tag whose text is being gathered
    parts: list[str] = []
    depth_name: list[str] = []
    while at < len(text):
        line, counted = line + text.count("\n", counted, at), at
        found = _TAG.match(text, at)
        if found is None:
            at, more = _other(text, at, name, line)
            parts.append(more)
            continue
        is_end, tag, behind = found[1] == "/", found[2].upper(), found[3]
        at = found.end()
        if held is not None:
            value = "".join(parts).strip()
            if value or (is_end and tag == held[0] != "OFX"):
                yield Event("value", held[0], value, held[1])
                if is_end and tag == held[0]:
                    held, parts = None, []
                    continue
            else:
                depth_name.append(held[0])
                if len(depth_name) > MAX_DEPTH:
                    raise SourceError("nested beyond reason", where=f"{name}, line {line}", found=held[0])
                yield Event("open", held[0], "", held[1])
            held = None
        parts = []
        if not is_end:
            held, parts = (tag, line), [unescaped(behind)]
            continue
        if tag in depth_name:
            while depth_name.pop() != tag:
                pass
        yield Event("close", tag, "", line)
        if tag == "OFX":
            if behind.strip() or text[at:].strip(" \t\r\n\x1a"):
                raise SourceError(
                    "holds more behind </OFX>",
                    where=f"{name}, line {line}",
                    fix="Split it into one file each.",
                )
            return
    raise SourceError(
        "ends without </OFX>: the file is cut", where=name, wanted="</OFX>", fix="Fetch the file again."
    )


def _other(text: str, at: int, name: str, line: int) -> tuple[int, str]:
    """What is no tag: literal text, a comment, an instruction. Where it ends, and the text that it stands for."""
    for opening, closing in (("<![CDATA[", "]]>"), ("<!--", "-->"), ("<?", "?>")):
        if text.startswith(opening, at):
            end = text.find(closing, at + len(opening))
            if end < 0:
                raise SourceError(
                    f"{opening} without its end: the file is cut",
                    where=f"{name}, line {line}",
                    wanted=closing,
                )
            literal = text[at + len(opening) : end] if opening == "<![CDATA[" else ""
            after = text.find("<", end)
            after = len(text) if after < 0 else after
            return after, literal + unescaped(text[end + len(closing) : after])
    if text.startswith("<!", at):
        raise SourceError("holds a declaration, which no bank writes", where=f"{name}, line {line}")
    following = _MARK.search(text, at + 1)
    after = following.start() if following else len(text)
    return after, unescaped(text[at:after])  # a "less than" that nobody escaped


def unescaped(text: str) -> str:
    """The text with its entities read, once; one that is unknown stays as it stands."""
    if "&" not in text:
        return text
    return _ENTITY.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    if found[1] in _NAMES:
        return _NAMES[found[1]]
    number = int(found[1][2:], 16) if found[1][1] == "x" else int(found[1][1:])
    is_text = 32 <= number < 127 or 160 <= number < 0xD800 or 0xE000 <= number < 0x110000
    return chr(number) if is_text else " "
