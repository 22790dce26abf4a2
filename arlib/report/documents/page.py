"""A document as one HTML page: sandboxed templates, every text escaped, nothing loaded. Floor 3."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.money import iso_code, shown
from arlib.report.documents.model import Document, Money

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

TEMPLATES = Path(__file__).parent / "templates"
LONGEST = 400  # of a text: longer ones are cut, so that a memo cannot fill pages
NARROW = ("\u00a0", "\u202f")  # blanks that keep a line together
JOINERS = ("\u200c", "\u200d")  # part of the spelling in some scripts
DROPPED = ("Cc", "Cf", "Cs", "Co", "Cn")  # control and direction marks, which can hide or turn a text


def html_of(document: Document, *, language: str = "en") -> str:
    """The page as text; equal documents give equal pages. No text of a document can be markup or load anything."""
    template = _templates().get_template(f"{document.template}.html.j2")
    return template.render(document=document, language=language, css=_css()) + "\n"


def plain_text(value: Any) -> str:
    """A text as it is printed: on one line, without control and direction marks, cut where it is very long."""
    flat = "".join(" " if c.isspace() and c not in NARROW else c for c in str(value))
    kept = "".join(c for c in flat if c in JOINERS or unicodedata.category(c) not in DROPPED)
    kept = re.sub(" {2,}", " ", kept).strip(" ")
    return kept if len(kept) <= LONGEST else f"{kept[: LONGEST - 1].rstrip()}…"


def money_text(value: Money) -> str:
    """An amount with its currency: USD 1,234.50; a no-break space keeps them on a line."""
    return f"{iso_code(value.currency)}\u00a0{shown(value.amount, value.currency)}"


def day_text(value: date | None) -> str:
    """A day that no country reads otherwise: 31 October 2026."""
    months = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December")  # fmt: skip
    return "" if value is None else f"{value.day} {months[value.month - 1]} {value.year}"


def sandbox(folder: Path) -> SandboxedEnvironment:
    """Where templates of a folder run: no other file, no attribute that Python keeps for itself, nothing unset; every
    text that they print is `plain_text` and is no markup.
    """
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.finalize = _finalized
    return made


@cache
def _templates() -> SandboxedEnvironment:
    made = sandbox(TEMPLATES)
    made.filters |= {"money": money_text, "day": day_text, "plain": plain_text}
    return made


def _finalized(value: Any) -> Any:
    """Whatever is printed goes through `plain_text`; markup of the template itself is left alone, None is nothing."""
    if value is None:
        return ""
    return plain_text(value) if type(value) is str else value


@cache
def _css() -> str:
    return (TEMPLATES / "document.css").read_text(encoding="utf-8")
