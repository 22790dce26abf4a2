"""A letter or page in parts, written once as plain text of 78 columns and once as HTML. Floor 3."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

COLUMNS = 78
LONGEST_NAME = 30  # columns of a name that has its value beside it, not below


@dataclass(frozen=True, kw_only=True)
class Part:
    """A heading with what stands under it, in this order: lines, named values, points, commands."""

    heading: str = ""
    lines: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    points: tuple[str, ...] = ()
    is_numbered: bool = False
    commands: tuple[str, ...] = ()  # as they are typed, never broken by us


def text_of(parts: Sequence[Part]) -> str:
    """The parts as plain text; no line is longer than 78 columns, but for commands given longer."""
    made: list[str] = []
    for part in parts:
        if made:
            made.append("")
        if part.heading:
            made += wrapped(part.heading, "")
        indent = "  " if part.heading else ""
        for line in part.lines:
            made += wrapped(line, indent)
        known = [columns(name) for name, _ in part.named if columns(name) <= LONGEST_NAME]
        width = max(known, default=0) + 2
        for name, value in part.named:
            first, *rest = wrapped(value, indent + " " * width) or [""]
            if columns(name) > LONGEST_NAME:
                made += [*wrapped(name, indent), *([first] if first else []), *rest]
                continue
            made.append((indent + name + " " * (width - columns(name)) + first.strip()).rstrip())
            made += rest
        for number, point in enumerate(part.points, start=1):
            mark = f"{number}. " if part.is_numbered else "- "
            first, *rest = wrapped(point, indent + " " * len(mark)) or [""]
            made.append(indent + mark + first.strip())
            made += rest
        made += [f"{indent}{command}" for command in part.commands]
    return "\n".join(made) + "\n"


def html_of(parts: Sequence[Part]) -> str:
    """The parts as markup; every text is escaped here."""
    made = []
    for part in parts:
        inner = [f"<h2>{escape(part.heading)}</h2>"] if part.heading else []
        inner += [f"<p>{escape(line)}</p>" for line in part.lines]
        if part.named:
            pairs = "".join(
                f"<dt>{escape(name)}</dt><dd><bdi{_hash_class(value)}>{escape(value)}</bdi></dd>"
                for name, value in part.named
            )
            inner.append(f"<dl>{pairs}</dl>")
        if part.points:
            tag = "ol" if part.is_numbered else "ul"
            inner.append(
                f"<{tag}>" + "".join(f"<li>{escape(point)}</li>" for point in part.points) + f"</{tag}>"
            )
        if part.commands:
            inner.append(f"<pre>{escape(chr(10).join(part.commands))}</pre>")
        made.append(f"<section>{''.join(inner)}</section>")
    return "\n".join(made)


def columns(text: str) -> int:
    """Columns of a text in a terminal or mail: wide letters take two, marks above others none."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )


def wrapped(text: str, indent: str, width: int = COLUMNS) -> list[str]:
    """Lines of at most `width` columns, each behind the indent; words that are longer than a line are broken."""
    room = width - len(indent)
    lines: list[str] = []
    now = ""
    for word in text.split(" "):
        for piece in _pieces(word, room):
            if now and columns(now) + 1 + columns(piece) > room:
                lines.append(now)
                now = piece
            else:
                now = f"{now} {piece}" if now else piece
    return [indent + line for line in [*lines, now] if line]


def _pieces(word: str, room: int) -> list[str]:
    if columns(word) <= room:
        return [word] if word else []
    pieces, now = [], ""
    for letter in word:
        if columns(now + letter) > room:
            pieces.append(now)
            now = ""
        now += letter
    return [*pieces, now]


def _hash_class(value: str) -> str:
    """A hash stands on one line, so that it can be compared and copied."""
    return ' class="hash"' if re.fullmatch("[0-9a-f]{64}", value) else ""
