"""Remittance advices as e-mail, with its header (.eml) or as saved text. Floor 2.

The text/plain part is read, else the text of the text/html part, else a PDF that is attached. Other attachments are named.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from typing import BinaryIO

from arlib.errors import SourceError
from arlib.sources.advice import words
from arlib.sources.advice.lines import has_table
from arlib.sources.advice.pdf import text_layer
from arlib.sources.advice.table import read_table
from arlib.sources.advice.webtext import text_of_page
from arlib.sources.edi.characters import clean, text_of
from arlib.sources.forms.form import Form, Row

MAX_BYTES, MAX_PARTS = 48 << 20, 200
_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,75}:")
_ALSO = (b"to", b"subject", b"date", b"message-id", b"mime-version", b"received")


def claims(head: bytes) -> bool:
    """A message header: fields only up to the first empty line, From and one other of the usual among them."""
    names = set()
    for place, line in enumerate(head[:16384].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")):
        if not line.strip():
            break
        if line[:1] in b" \t" and place:
            continue
        if place == 0 and line.startswith(b"From ") and b"@" in line:
            continue
        found = _FIELD.match(line)
        if found is None:
            return False
        names.add(found.group()[:-1].lower())
    return b"from" in names and any(name in names for name in _ALSO)


def claims_text(head: bytes) -> bool:
    """A text that says that it is an advice before a table's header; no message, PDF or page."""
    if b"\x00" in head or claims(head) or head[:1] in (b"<", b"{", b"[", b"%") or head[:2] == b"PK":
        return False
    text = head.decode("utf-8", errors="replace").casefold()
    found = [place for word in words.ADVICE if (place := text.find(word)) >= 0]
    return bool(found) and has_table(text)


def rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    """One payment and its remittances. Raises SourceError where no part of the message can be read with certainty."""
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise SourceError("is too large for an advice", where=name, found=f"more than {MAX_BYTES >> 20} MiB")
    try:
        bodies, attached, payer = _parts(content.removeprefix(b"\xef\xbb\xbf").lstrip(), name)
    except (
        MessageError,
        RecursionError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        AssertionError,
    ) as fault:
        raise SourceError("cannot be read as an e-mail", where=name, fix="Save it again as .eml.") from fault
    made, source = _first_read(bodies, attached, payer, name)
    yield from made
    for label, kind, _ in attached:
        if label != source:
            wanted = "the body, which is read" if not source else f"{source}, which is read"
            fields = {"code": "attachment_not_read", "column": kind, "found": label, "wanted": wanted}
            yield ("remarks", 1, fields)


def rows_of_text(stream: BinaryIO, name: str) -> Iterator[Row]:
    """One payment and its remittances of a saved text. Raises SourceError where they are not certain."""
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise SourceError("is too large for an advice", where=name, found=f"more than {MAX_BYTES >> 20} MiB")
    yield from read_table(text_of(content, name), name)


def _parts(content: bytes, name: str) -> tuple[list[str], list[tuple[str, str, bytes]], str]:
    """The bodies in the order to try them, the attachments (name, type, content), and the sender's name."""
    if content.count(b"\n--") > 10 * MAX_PARTS:
        raise SourceError("has too many parts for an advice", where=name, found=f"more than {MAX_PARTS}")
    message = email.message_from_bytes(content)
    plain: list[str] = []
    pages: list[str] = []
    attached: list[tuple[str, str, bytes]] = []
    for count, part in enumerate(message.walk()):
        if count >= MAX_PARTS:
            raise SourceError("has too many parts for an advice", where=name, found=f"more than {MAX_PARTS}")
        for defect in part.defects:
            if type(defect).__name__ in _CUT:
                raise SourceError(
                    "is cut or damaged",
                    where=name,
                    found=type(defect).__name__,
                    fix="Save the message again.",
                )
        if part.is_multipart():
            continue
        payload = part.get_payload(decode=True)
        body = payload if isinstance(payload, bytes) else b""
        if any(type(defect).__name__ in _CUT for defect in part.defects):
            raise SourceError("a part of it is cut or damaged", where=name, fix="Save the message again.")
        kind, label = part.get_content_type(), part.get_filename()
        if label or part.get_content_disposition() == "attachment":
            attached.append((clean(_header(str(label or kind)))[:200], kind, body))
        elif kind == "text/plain":
            plain.append(_text(part, body, name))
        elif kind == "text/html":
            pages.append(text_of_page(_text(part, body, name), name))
    sender, address = parseaddr(_header(str(message.get("From", ""))))
    return (
        [one for one in ("\n".join(plain), "\n".join(pages)) if one.strip()],
        attached,
        clean(sender or address),
    )


_CUT = ("CloseBoundaryNotFoundDefect", "StartBoundaryNotFoundDefect", "NoBoundaryInMultipartDefect",
        "InvalidBase64PaddingDefect", "InvalidBase64CharactersDefect", "InvalidBase64LengthDefect",
        "MultipartInvariantViolationDefect")  # fmt: skip


def _text(part: Message, body: bytes, name: str) -> str:
    charset = part.get_content_charset() or ""
    try:
        return body.decode(charset or "utf-8")
    except (LookupError, UnicodeDecodeError):
        return text_of(body, name)


def _header(value: str) -> str:
    """A header field in words; one that is wrongly encoded stays as it is written."""
    value = value[:500]
    try:
        return str(make_header(decode_header(value)))
    except (MessageError, ValueError, LookupError, TypeError):
        return value


def _first_read(
    bodies: list[str], attached: list[tuple[str, str, bytes]], payer: str, name: str
) -> tuple[list[Row], str]:
    """The rows of the first text that can be read, and the attachment that it was ('' for the body)."""
    faults: list[SourceError] = []
    for body in bodies:
        try:
            return read_table(body, name, payer=payer), ""
        except SourceError as fault:
            if not fault.message.startswith("no table"):
                raise
            faults.append(fault)
    for label, kind, content in attached:
        if kind == "application/pdf" or label.lower().endswith(".pdf"):
            return read_table(text_layer(content, f"{name}, {label}"), f"{name}, {label}", payer=payer), label
    named = ", ".join(label for label, _, _ in attached)
    if named:
        raise SourceError(
            "no table of what is paid in the message, and its attachments are files of their own",
            where=name,
            found=named,
            fix="Save the attachment and name it.",
        )
    if faults:
        raise faults[0]
    raise SourceError("holds no text", where=name, wanted="a table of what is paid")


FORM = Form(
    name="advice-mail", title="Remittance advice, e-mail", family="remittance", claims=claims, rows=rows
)
TEXT = Form(
    name="advice-text",
    title="Remittance advice, text",
    family="remittance",
    claims=claims_text,
    rows=rows_of_text,
)
FORMS = (FORM, TEXT)
