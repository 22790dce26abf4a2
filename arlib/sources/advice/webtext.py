"""The text of a web page as a reader sees it: a line a row, cells parted by tabs. Floor 2."""

from __future__ import annotations

from lxml import etree

from arlib.errors import SourceError

_SILENT = frozenset(("script", "style", "head", "title", "template", "noscript", "object", "svg"))
_LINES = frozenset(
    ("p", "div", "br", "tr", "table", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "hr", "pre")
)
MAX_BYTES = 4 << 20


def text_of_page(page: str, name: str) -> str:
    """The visible text. Raises SourceError where the page is too large or is none."""
    if len(page) > MAX_BYTES:
        raise SourceError(
            "its web text is too large for an advice", where=name, found=f"{len(page):,} characters"
        )
    parser = etree.HTMLParser(
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(page.encode("utf-8", errors="replace"), parser)
    except (etree.LxmlError, ValueError) as fault:
        raise SourceError("its web text cannot be read", where=name) from fault
    if root is None:
        return ""
    made: list[str] = []
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            silent += tag in _SILENT
            if not silent:
                made.append("\n" if tag in _LINES else "")
                made.append(_words(element.text))
        else:
            if not silent and tag in ("td", "th"):
                made.append("\t")
            if not silent and tag in _LINES:
                made.append("\n")
            silent -= tag in _SILENT
            if not silent:
                made.append(_words(element.tail))
    return "\n".join(line.removesuffix("\t") for line in "".join(made).split("\n") if line.strip())


def _words(text: str | None) -> str:
    """Running text with each run of blanks as one; what is only blanks between tags is nothing."""
    if not text or not text.strip():
        return ""
    words = " ".join(text.replace("\u00a0", " ").split())
    return f"{' ' if text[:1].isspace() else ''}{words}{' ' if text[-1:].isspace() else ''}"
