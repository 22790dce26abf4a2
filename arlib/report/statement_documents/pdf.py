"""A statement as PDF by WeasyPrint, with fonts and styles kept warm between statements: no network, no file, no clock. Floor 3."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from arlib.collect.statements import Statement
from arlib.report.documents.pdf import weasyprint_parts
from arlib.report.statement_documents.page import css, statement_html


def statement_pdf(statement: Statement) -> bytes:
    """The statement as PDF; the same statement gives the same bytes with the same fonts and versions.

    Raises NotInstalledError, which says what to install. Whatever address stands in a text, nothing is fetched.
    """
    return html_pdf(statement_html(statement))


def html_pdf(page: str) -> bytes:
    """A page of ours as PDF, by the fonts and styles of this process."""
    html, fonts, styles, refuse = _warm()
    identifier = hashlib.sha256(page.encode("utf-8")).hexdigest()[:32].encode("ascii")
    made = html(string=page, base_url=None, url_fetcher=refuse).write_pdf(
        stylesheets=[styles], font_config=fonts, pdf_identifier=identifier, optimize_images=False
    )
    return bytes(made)


@cache
def _warm() -> tuple[Any, Any, Any, Any]:
    """WeasyPrint's class of pages, the fonts, the styles read once, and a fetcher that refuses every address."""
    html, styles, refuse = weasyprint_parts()
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    return html, fonts, styles(string=css(), url_fetcher=refuse, font_config=fonts), refuse
