"""A page as PDF/A-3, level B (ISO 19005-3), with files attached: tagged, deterministic, nothing fetched. Floor 3.

WeasyPrint writes the file; `pdfa_check` says what of the standard is checked afterwards. Load pango on use only.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from arlib import __version__
from arlib.errors import ParameterError
from arlib.report.documents.page import plain_text
from arlib.report.documents.pdf import weasyprint_parts

RELATIONSHIPS = ("Data", "Source", "Supplement", "Alternative", "Unspecified")
PICTURE = re.compile(r"data:(image/(?:png|jpeg));base64,([A-Za-z0-9+/=\s]+)\Z")
FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9 ._-]{0,119}")
MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+_-]{0,99}")
REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));")
ATTACHED = "attached:"  # address of a file that is attached, known to the fetcher only
CRISP = "html { image-rendering: crisp-edges }"  # 6.2.8: a picture that asks for interpolation is refused
ROUNDS = 3  # a character may fail in one font and then in the one that takes its place


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file inside the PDF. `relationship` says what it is to the page: the Data behind it, its Source, a Supplement."""

    name: str
    data: bytes
    media_type: str
    relationship: str = "Data"
    description: str = ""


def pdf_a3(
    html: str,
    *,
    title: str,
    author: str,
    created: datetime,
    language: str = "en",
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The page as PDF/A-3b, with alt texts and reading order as tags; equal input gives equal bytes.

    "Equal" holds with the same fonts and versions. `created` must have a time zone; it is the date of the file and of
    every attachment. Nothing is fetched: PNG and JPEG pictures stand in the page itself. A character that no font of
    this machine can draw is printed as `[U+2603]`, since the standard forbids an empty box in its place.
    Raises NotInstalledError without pango, ParameterError for a date without zone, two attachments of one name, or a
    name, media type or relationship that cannot be written.
    """
    _check(created, attachments)
    stamp = created.astimezone(UTC).replace(microsecond=0)
    known = sorted(attachments, key=lambda one: one.name)  # a name tree is sorted
    about = {"title": plain_text(title), "author": plain_text(author), "language": language}
    for _ in range(ROUNDS):
        made, missing = _written(html, about=about, stamp=stamp, attachments=known)
        if not missing:
            break
        html = _spelt(html, missing)
    return made


def _written(
    html: str, *, about: Mapping[str, str], stamp: datetime, attachments: Sequence[Attachment]
) -> tuple[bytes, frozenset[int]]:
    """The file, and the characters that no font has."""
    page, css, _ = weasyprint_parts()
    fetcher = _fetcher({f"{ATTACHED}{number}": one for number, one in enumerate(attachments)})
    document = page(string=html, base_url=None, url_fetcher=fetcher).render(
        stylesheets=[css(string=CRISP, url_fetcher=fetcher)]
    )
    told = document.metadata
    told.title, told.authors, told.lang = about["title"], [about["author"]], about["language"]
    told.created = told.modified = f"{stamp:%Y-%m-%dT%H:%M:%SZ}"
    told.generator = f"arlib {__version__}"
    told.description, told.keywords, told.attachments = None, [], []
    made = document.write_pdf(
        pdf_variant="pdf/a-3b",
        pdf_tags=True,
        pdf_identifier=_identifier(html, about, stamp, attachments),
        attachments=_attached(attachments, fetcher, stamp),
        finisher=_relations({one.name: one.relationship for one in attachments}),
    )
    missing = {code for font in document.fonts.values() for code in font.missing}
    return bytes(made), frozenset(missing)


def _attached(attachments: Sequence[Attachment], fetcher: Any, stamp: datetime) -> list[Any]:
    from weasyprint import Attachment as Embedded

    return [
        Embedded(
            url=f"{ATTACHED}{number}",
            url_fetcher=fetcher,
            name=one.name,
            description=plain_text(one.description) or one.name,
            created=stamp,
            modified=stamp,
            relationship=one.relationship,
        )
        for number, one in enumerate(attachments)
    ]


def _fetcher(files: Mapping[str, Attachment]) -> Any:
    """What knows the attached files and the pictures inside the page, and refuses every other address."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Inside(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url in files:
                return URLFetcherResponse(url, files[url].data, {"Content-Type": files[url].media_type})
            if found := PICTURE.match(url):
                try:
                    data = base64.b64decode("".join(found[2].split()), validate=True)
                except binascii.Error as fault:
                    raise ValueError("a picture that is not base64") from fault
                return URLFetcherResponse("data:", data, {"Content-Type": found[1]})
            raise ValueError("a page loads nothing")

    return Inside()


def _relations(relationships: Mapping[str, str]) -> Any:
    """Writes each attachment once into the document's associated files, with its own relationship.

    WeasyPrint names each file twice there, and tells relationships by the hash of the file, which two files may share.
    """

    def finish(_document: Any, pdf: Any) -> None:
        named: list[Any] = []
        for one in pdf.objects:
            told: Any = one
            if isinstance(one, dict) and one.get("Type") == "/Filespec":
                told["AFRelationship"] = f"/{relationships[told['UF'].string]}"
                named.append(told.reference)
        if named:
            pdf.catalog["AF"] = type(pdf.catalog["AF"])(named)
        pdf.catalog["ViewerPreferences"] = type(pdf.catalog)({"DisplayDocTitle": "true"})

    return finish


def _identifier(
    html: str, about: Mapping[str, str], stamp: datetime, attachments: Sequence[Attachment]
) -> bytes:
    """A name for the file made of all that it is made of."""
    parts = [html, *(about[name] for name in sorted(about)), stamp.isoformat()]
    for one in attachments:
        parts += [
            one.name,
            one.media_type,
            one.relationship,
            one.description,
            hashlib.sha256(one.data).hexdigest(),
        ]
    told = hashlib.sha256()
    for part in parts:
        coded = part.encode("utf-8", "surrogatepass")
        told.update(len(coded).to_bytes(8, "big") + coded)
    return told.hexdigest()[:32].encode("ascii")


def _spelt(html: str, missing: frozenset[int]) -> str:
    """The page with characters that cannot be drawn spelt by their number, also where it names them by number."""

    def literal(found: re.Match[str]) -> str:
        code = int(found[1], 16) if found[1] else int(found[2])
        return f"[U+{code:04X}]" if code in missing else found[0]

    return REFERENCE.sub(literal, html).translate({code: f"[U+{code:04X}]" for code in missing})


def _check(created: datetime, attachments: Sequence[Attachment]) -> None:
    if created.tzinfo is None:
        raise ParameterError(
            "created", where="PDF/A-3", found=created.isoformat(), wanted="a time with its zone"
        )
    names = [one.name for one in attachments]
    faults = [f"two files named {name}" for name in sorted({name for name in names if names.count(name) > 1})]
    for one in attachments:
        if not FILE_NAME.fullmatch(one.name):
            faults.append(f"name {one.name!r}: letters, digits, blank, dot, dash and underscore only")
        if not MEDIA_TYPE.fullmatch(one.media_type):
            faults.append(f"media type {one.media_type!r} of {one.name!r}")
        if one.relationship not in RELATIONSHIPS:
            faults.append(
                f"relationship {one.relationship!r} of {one.name!r}: one of {', '.join(RELATIONSHIPS)}"
            )
    if faults:
        raise ParameterError("attachments", where="PDF/A-3", found="; ".join(faults))
