"""What a notebook displays of a report: small objects that Jupyter draws, with alt text. Floor 3.

Each function takes a report (or book) and returns a `Shown`: static HTML or a picture, and the same in plain
text for a terminal. Nothing is computed here, and nothing runs in the reader's browser.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from arlib.controls import Identity
from arlib.report.markup import controls_html, identities_html, list_html, table_html
from arlib.report.model import Report
from arlib.report.tables import files_table, problems_table
from arlib.report.words import control_sentence, counted, inert, scope_facts

if TYPE_CHECKING:
    from arlib.tables import Book


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Something that Jupyter displays: data by media type, with its metadata."""

    data: Mapping[str, str]
    metadata: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def _repr_html_(self) -> str | None:
        """The HTML, where there is any."""
        return self.data.get("text/html")

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, Mapping[str, object]]]:
        """All media types and their metadata, such as the alt text of a picture."""
        return dict(self.data), dict(self.metadata)

    def __repr__(self) -> str:
        """The plain text, as a terminal shows it."""
        return self.data["text/plain"]


def controls(report: Report) -> Shown:
    """Every control with both sides and how it ended."""
    lines = [control_sentence(control) for control in report.controls]
    return _html(controls_html(report.controls), "\n".join(lines) or "no controls")


def table(report: Report, name: str, *, rows: int | None = None) -> Shown:
    """One result table: the first `rows` (default: the report's), and totals of all.

    An unknown name raises.
    """
    found = report.table(name)
    limit = report.rows_shown if rows is None else rows
    return _html(table_html(found, rows_shown=limit), f"{found.title}: {counted(len(found.frame), 'row')}")


def tables(report: Report, *names: str, rows: int | None = None) -> Shown:
    """Several result tables, one below the other, in the order given."""
    parts = [table(report, name, rows=rows) for name in names]
    return _html("".join(part.data["text/html"] for part in parts), "\n".join(repr(part) for part in parts))


def charts(report: Report, *names: str) -> Shown:
    """Several charts, one below the other; without names all of the report."""
    from arlib.report.figures import draw

    chosen = [report.chart(name) for name in names] if names else list(report.charts)
    pictures = [(base64.b64encode(draw(found)).decode("ascii"), escape(found.alt)) for found in chosen]
    markup = "".join(
        f'<p><img src="data:image/png;base64,{coded}" alt="{alt}"></p>' for coded, alt in pictures
    )
    return _html(markup, "\n".join(found.alt for found in chosen))


def chart(report: Report, name: str) -> Shown:
    """One chart as a picture with its alt text. An unknown name raises ParameterError."""
    from arlib.report.figures import draw

    found = report.chart(name)
    picture = base64.b64encode(draw(found)).decode("ascii")
    return Shown(
        data={"image/png": picture, "text/plain": found.alt},
        metadata={"image/png": {"alt": found.alt}},
    )


def findings(report: Report) -> Shown:
    """What to decide next, and what the figures do not say."""
    nothing = "Nothing needs a decision."
    markup = list_html(report.findings, empty=nothing)
    if report.limits:
        markup += f"<p><strong>Limits</strong></p>{list_html(report.limits, empty='')}"
    return _html(markup, "\n".join((*(report.findings or (nothing,)), *report.limits)))


def summary(report: Report) -> Shown:
    """Whose books, which period, how seen, and what was chosen."""
    facts = {**scope_facts(report.scope), **report.parameters}
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left">{escape(name)}</th>'
        f'<td style="text-align:left"><bdi>{escape(inert(value))}</bdi></td></tr>'
        for name, value in facts.items()
    )
    caption = "<caption>What this report covers</caption>"
    markup = f'<table class="ar-table ar-facts">{caption}<tbody>{rows}</tbody></table>'
    return _html(markup, "\n".join(f"{name}: {value}" for name, value in facts.items()))


def inputs(book: Book, report: Report | None = None, *, rows: int = 50) -> Shown:
    """What was read: each file with its rows in, read and set aside, the problems found in it, and what was checked.

    The hand-over identities of `report`, where it is given, stand below.
    """
    read, faults = files_table(book.inputs), problems_table(book.problems)
    markup = table_html(read, rows_shown=rows)
    if len(faults.frame):
        markup += table_html(faults, rows_shown=rows)
    if report is not None:
        markup += identities_html(report.identities)
    return _html(markup, f"{counted(len(read.frame), 'input')}, {counted(len(faults.frame), 'problem')}")


def identities(found: tuple[Identity, ...]) -> Shown:
    """Hand-over identities by themselves."""
    return _html(
        identities_html(found), "\n".join(f"{i.name}: {'holds' if i.holds else 'BROKEN'}" for i in found)
    )


def _html(markup: str, text: str) -> Shown:
    return Shown(data={"text/html": markup, "text/plain": text})
