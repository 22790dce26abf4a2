"""A letter as an e-mail draft that opens in a mail program for a person to send. Floor 3. Nothing here sends anything."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from arlib.report.documents.page import plain_text

ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+", re.ASCII
)
SAFE = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
SUBJECT_LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A PDF that goes with a draft."""

    name: str
    data: bytes


def addresses_of(text: str) -> tuple[str, ...]:
    """The e-mail addresses of a field, separated by commas, semicolons or blanks.

    A field that holds anything else gives none at all: who is meant is not guessed.
    """
    parts = [each for each in re.split(r"[,;\s]+", text) if each]
    return tuple(parts) if all(len(each) <= 254 and ADDRESS.fullmatch(each) for each in parts) else ()


def eml_of(*, subject: str, text: str, to: Sequence[str], attachments: Sequence[Attachment] = ()) -> bytes:
    """The draft as bytes of an .eml file, marked `X-Unsent: 1`; the same parts give the same bytes.

    No header can be added by a text: the subject is put on one line without control characters, addresses are checked
    whole, names of files keep letters, digits, dots and dashes only. An address that is none raises ValueError.
    """
    if wrong := [each for each in to if not ADDRESS.fullmatch(each)]:
        raise ValueError(f"not an e-mail address: {wrong[0]!r}")
    message = EmailMessage(policy=SMTP)
    message["Subject"] = plain_text(subject)[:SUBJECT_LONGEST]
    if to:
        message["To"] = ", ".join(to)
    message["X-Unsent"] = "1"
    message.set_content(text, charset="utf-8", cte="base64")
    for each in attachments:
        name = SAFE.sub("-", each.name) or "letter.pdf"
        message.add_attachment(each.data, maintype="application", subtype="pdf", filename=name)
    if attachments:
        seed = b"\0".join([subject.encode(), text.encode(), *(each.data for each in attachments)])
        message.set_boundary("=_" + hashlib.sha256(seed).hexdigest()[:40])
    return message.as_bytes()
