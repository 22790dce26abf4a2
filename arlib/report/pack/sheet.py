"""A page of tables in the style of a run's pages: self-contained, nothing runs, nothing is loaded. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path

from arlib.report.pack.model import said

Cell = tuple[str, str]  # class, text: `ar-num` an amount, `ar-code` a short word, `ar-text` anything
NUMBER, CODE, TEXT, WIDE, HASH = "ar-num", "ar-code", "ar-text", "ar-wide", "pack-hash"
LONGEST_CODE = 20


def sheet(*, title: str, facts: Mapping[str, str], body: Sequence[str]) -> str:
    """The page: title, the facts of the run, then the parts in order; the facts stand in its foot again."""
    head = "".join(
        f"<div><dt>{escape(said(name))}</dt><dd><bdi>{escape(said(value))}</bdi></dd></div>"
        for name, value in facts.items()
    )
    foot = " · ".join(f"{said(name)} {said(value)}" for name, value in facts.items())
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    parts = "\n".join(body)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{escape(said(title))}</title>\n<style>\n{_css()}</style>\n</head>"
        f'<body class="ar-report">\n<header><h1>{escape(said(title))}</h1><dl class="ar-run">{head}</dl></header>\n'
        f'<main>\n{parts}\n</main>\n<footer class="ar-footer">{escape(foot)}</footer>\n</body></html>\n'
    )


def heading(words: str) -> str:
    """A heading inside the page."""
    return f"<h2>{escape(said(words))}</h2>"


def paragraph(words: str) -> str:
    """A paragraph."""
    return f"<p>{escape(said(words, 2000))}</p>"


def table(caption: str, heads: Sequence[Cell], rows: Sequence[Sequence[str]], *, note: str = "") -> str:
    """A table; each head gives its column the class. Texts are escaped here."""
    if not rows:
        return f"<p><strong>{escape(said(caption))}</strong>: none.</p>"
    told = f'<br><span class="ar-note">{escape(said(note, 1000))}</span>' if note else ""
    top = "".join(f'<th scope="col" class="{kind}">{escape(said(name))}</th>' for kind, name in heads)
    lines = "".join(
        "<tr>" + "".join(_cell(kind, value) for (kind, _), value in zip(heads, row, strict=True)) + "</tr>"
        for row in rows
    )
    return (
        f'<table class="ar-table"><caption>{escape(said(caption))}{told}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
    )


def _cell(kind: str, value: str) -> str:
    text = said(value, 5000)
    if kind == CODE and (len(text) > LONGEST_CODE or " " in text):
        kind = TEXT
    inner = escape(text) if kind == NUMBER else f"<bdi>{escape(text)}</bdi>"
    return f'<td class="{kind}">{inner}</td>'


@cache
def _css() -> str:
    return (Path(__file__).parents[1] / "template" / "page.css").read_text(encoding="utf-8")
