"""A statement as one HTML page: a sandboxed template, every text escaped, nothing loaded. Floor 3."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.collect.statements import Statement
from arlib.policy.statement import StatementKind
from arlib.report.documents.page import sandbox
from arlib.report.statement_documents.view import section_view
from arlib.report.statement_documents.words import day_of, words_of

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES = Path(__file__).parent / "templates"
ADDRESS_LINES = 6
FIRST_PAGE_ROWS = 12  # so many lines of one currency never reach the second page: nothing is carried
SLIP_ROWS = 12  # of documents on a slip that keeps to the page of the balance; a longer one has its own
RIGHT = ("late", "amount", "open")
DAYS = ("date", "due")  # never broken inside


def statement_html(statement: Statement) -> str:
    """The page as text, without its styles (`css`); equal statements give equal pages."""
    words, language = words_of(statement.language), statement.language
    period = f"{day_of(statement.starts_on, language)} – {day_of(statement.ends_on, language)}"
    is_forward = statement.kind is StatementKind.BALANCE_FORWARD
    facts = [
        (words["customer"], f"{statement.customer_id}, {statement.name}"),
        (words["number"], statement.number),
        (words["as_of"], day_of(statement.as_of, language)),
        *([(words["period"], period)] if is_forward else []),
    ]
    foot = " · ".join((statement.entity_name, words["title"], statement.number))
    carries = len(statement.sections) > 1 or any(
        len(section.lines) + len(section.movements) > FIRST_PAGE_ROWS for section in statement.sections
    )
    return _template().render(
        carries=carries,
        statement=statement,
        w=words,
        facts=facts,
        foot=foot,
        address=_address(statement.address),
        right=tuple(words[name] for name in RIGHT),
        days=tuple(words[name] for name in DAYS),
        slip_rows=SLIP_ROWS,
        sections=[section_view(statement, section) for section in statement.sections],
    )


@cache
def css() -> str:
    """The styles of a statement."""
    return (TEMPLATES / "statement.css").read_text(encoding="utf-8")


def _address(text: str) -> list[str]:
    """An address in lines, where it is written in one: at its line ends, else at its commas."""
    lines = text.splitlines() if "\n" in text else text.split(", ")
    kept = [line.strip() for line in lines if line.strip()]
    if len(kept) > ADDRESS_LINES:
        kept = [*kept[: ADDRESS_LINES - 1], ", ".join(kept[ADDRESS_LINES - 1 :])]
    return kept


@cache
def _template() -> Template:
    return sandbox(TEMPLATES).get_template("statement.html.j2")
