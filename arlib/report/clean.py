"""Markup that may stand on a page: a short list of tags and attributes, everything else is dropped. Floor 3.

Reports and evidence pages run no script, load nothing and link nowhere outside, whatever a notebook or its
data holds.
"""

from __future__ import annotations

import re

import bleach

TAGS = frozenset({
    "a", "abbr", "b", "bdi", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del",
    "details", "div",
    "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins",
    "kbd", "li",
    "mark", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody",
    "td", "tfoot",
    "th", "thead", "tr", "u", "ul",
})  # fmt: skip
SILENCED = re.compile(
    r"<(script|style|template|svg|math|iframe|object)\b.*?(</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
ANCHOR = re.compile(r'<a class="anchor-link"[^>]*>.*?</a>', re.DOTALL)  # the pilcrows that nbconvert adds
LOST_PICTURE = re.compile(r"<img(?![^>]*\ssrc=)[^>]*>")  # its address was not allowed
SILENT_PICTURE = re.compile(r"<img(?![^>]*\salt=)")
NO_WORDS = '<img alt="No description has been provided for this image"'
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+\Z")
PLAIN_ATTRIBUTES = {
    "th": frozenset({"scope", "colspan", "rowspan"}),
    "td": frozenset({"colspan", "rowspan"}),
    "img": frozenset({"alt", "width", "height"}),
    "ol": frozenset({"start"}),
    "abbr": frozenset({"title"}),
    "col": frozenset({"span"}),
    "details": frozenset({"open"}),
}
CLASS_NAMES = re.compile(r"[\w -]*\Z", re.ASCII)


class Clean(str):
    """Markup that `clean` gave; no data can say that of itself."""

    __slots__ = ()


def clean(markup: str) -> Clean:
    """The markup with known tags only, balanced.

    Scripts, styles, event handlers and outside addresses are gone.

    Links keep their text; those within the page (`#part`) stay links. Pictures stay only where they are
    embedded; one without words says so. What is clean already comes back as it is.
    """
    if isinstance(markup, Clean):
        return markup
    kept = str(_cleaner().clean(SILENCED.sub("", ANCHOR.sub("", markup))))
    return Clean(SILENT_PICTURE.sub(NO_WORDS, LOST_PICTURE.sub("", kept)))


def demote_headings(markup: str) -> str:
    """The markup with its first-level headings made second-level.

    A page has one first-level heading, its title.
    """
    return re.sub(r"<(/?)h1\b", r"<\1h2", markup)


def _cleaner() -> bleach.Cleaner:
    """A cleaner of its own for every call: one holds the text that it works on, and pages are made in threads."""
    return bleach.Cleaner(
        tags=TAGS, attributes=_is_kept, protocols=frozenset({"data"}), strip=True, strip_comments=True
    )


def _is_kept(tag: str, name: str, value: str) -> bool:
    if name == "class":
        return bool(CLASS_NAMES.match(value))
    if name == "dir":
        return value in ("ltr", "rtl", "auto")
    if tag == "a" and name == "href":
        return value.startswith("#")
    if tag == "img" and name == "src":
        return bool(PICTURE.match(value))
    return name in PLAIN_ATTRIBUTES.get(tag, frozenset())
