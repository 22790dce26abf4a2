"""A page of a sealed run made ready for paper: nothing is cut, every sheet says which run it is of. Floor 3.

The page is one of `arlib.report.page` (report or evidence), or one of this folder; `pdfa.pdf_a3` prints it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from arlib.errors import ParameterError
from arlib.report.documents.page import plain_text
from arlib.report.pack.columns import BASE, fit, need

TEMPLATES = Path(__file__).parent / "templates"
MARGINS = 2 * 34.02  # points, as in print.css
PAPER = {"portrait": 595.28 - MARGINS, "landscape": 841.89 - MARGINS}  # A4, points between the margins
ENDLESS = re.compile(r"\S{121,}")  # a word of so many characters
STEP = 120  # characters of it that are set at a time
NO_FOOTER: Mapping[str, str] = MappingProxyType({})


def report_pdf(html: str, *, footer: Mapping[str, str] = NO_FOOTER) -> str:
    """The page as HTML for print: upright where every table fits so, else across.

    A table wider than the paper is set smaller, down to six points; one that is wider still comes in parts, each with
    the first columns repeated. Heads are repeated on every sheet, words and code that are too long go on in the next
    line, a sheet's foot has the title, `footer` (else the page's own facts) and `page x of y`.
    Raises ParameterError for a text that is no HTML page.
    """
    from lxml import html as parser

    if "<body" not in html:
        raise ParameterError("is no page", where="report_pdf", wanted="HTML with a body")
    root = parser.document_fromstring(html, parser=parser.HTMLParser(huge_tree=True, encoding=None))
    body: Any = root.find("body")
    _parted(body)
    across = _place(body)
    _foot(root, body, footer)
    style = parser.Element("style")
    style.text = _css(across)
    body.insert(0, style)
    return str(parser.tostring(root, encoding="unicode", doctype="<!DOCTYPE html>")) + "\n"


def _parted(body: Any) -> None:
    """Words without end in pieces of a line or more: a line breaker tries the whole rest of a word for every line."""
    from lxml import etree

    for one in list(body.iter(etree.Element)):
        for name in ("text", "tail"):
            told = getattr(one, name) or ""
            if not ENDLESS.search(told):
                continue
            parts = [told[at : at + STEP] for at in range(0, len(told), STEP)]
            setattr(one, name, "")
            spans = []
            for part in parts:
                span = etree.Element("span", {"class": "pack-piece"})
                span.text = part
                spans.append(span)
            if name == "text":
                one[:0] = spans
            else:
                up = one.getparent()
                at = up.index(one) + 1
                up[at:at] = spans


def _place(body: Any) -> bool:
    """Fit every table to the paper; whether the paper lies across."""
    tables = [one for one in body.iter("table") if not any(up.tag == "table" for up in one.iterancestors())]
    across = any(need(one) * BASE > PAPER["portrait"] for one in tables)
    points = PAPER["landscape" if across else "portrait"]
    for one in tables:
        parts = fit(one, points=points)
        if parts != [one]:
            one.tail, tail = None, one.tail
            for part in reversed(parts):
                one.addnext(part)
            parts[-1].tail = tail
            one.getparent().remove(one)
    return across


def _foot(root: Any, body: Any, footer: Mapping[str, str]) -> None:
    """The line at the foot of every sheet, in place of the page's own at its end."""
    from lxml import html as parser

    title = plain_text(root.findtext("head/title") or "")
    own = ""
    for one in body.xpath("//footer[contains(concat(' ', @class, ' '), ' ar-footer ')]"):
        own = plain_text(one.text_content())
        one.drop_tree()
    told = " · ".join(f"{name} {plain_text(value)}" for name, value in footer.items()) or own
    line = parser.Element("div", id="foot")
    line.text = " · ".join(part for part in (title, told) if part)
    body.insert(0, line)


@cache
def _css(across: bool) -> str:
    sheet = (TEMPLATES / "print.css").read_text(encoding="utf-8")
    way, highest = ("landscape", "82mm") if across else ("portrait", "108mm")  # two pictures on a sheet
    return sheet.replace("ORIENTATION", way).replace("HIGHEST", highest)
