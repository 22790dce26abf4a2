"""A page as PDF by WeasyPrint: no network, no file, no clock. Floor 3. Load it on use only: pango is not everywhere."""

from __future__ import annotations

import hashlib
from typing import Any

from arlib.errors import ArError
from arlib.report.documents.model import Document
from arlib.report.documents.page import html_of


class NotInstalledError(ArError):
    """What makes PDFs is not on this machine."""


def pdf_of(document: Document, *, language: str = "en") -> bytes:
    """The document as PDF; the same document gives the same bytes with the same fonts and versions.

    Raises NotInstalledError, which says what to install.
    """
    return pdf_bytes(html_of(document, language=language))


def pdf_bytes(page: str) -> bytes:
    """A page of ours as PDF. Whatever address stands in it, nothing is fetched."""
    html, css, refuse = weasyprint_parts()
    identifier = hashlib.sha256(page.encode("utf-8")).hexdigest()[:32].encode("ascii")
    made = html(string=page, base_url=None, url_fetcher=refuse).write_pdf(
        stylesheets=[css(string="", url_fetcher=refuse)], pdf_identifier=identifier, optimize_images=False
    )
    return bytes(made)


def weasyprint_parts() -> tuple[Any, Any, Any]:
    """WeasyPrint's two classes, and a fetcher that refuses every address."""
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher
    except ImportError as fault:
        raise NotInstalledError("PDFs need WeasyPrint", fix="Install it: pip install weasyprint.") from fault
    except OSError as fault:
        raise NotInstalledError(
            "PDFs need the library pango",
            found=str(fault).splitlines()[0],
            fix="Install it: apt install libpango-1.0-0 libpangoft2-1.0-0, brew install pango, or conda install pango.",
        ) from fault

    class Refusing(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            raise ValueError("a document loads nothing")

    return HTML, CSS, Refusing()
