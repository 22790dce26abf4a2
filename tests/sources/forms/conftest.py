"""A form of file that arlib does not know, added the way a user adds one: the bank's teller book.

TELLER
A;<account>;<currency>;<kind>;<opening day>;<opening>     a statement begins
L;<day>;<amount>;<payer>;<text>;<bank reference>           an entry
D;<amount>;<payer>;<text>                                  a transaction below it
P;<reference>;<gross>;<discount>;<net>                     a document that it pays
Z;<closing day>;<closing>;<number>                         it ends
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from arlib.errors import SourceError
from arlib.sources.forms import Form, Row
from arlib.sources.forms.registry import forms
from arlib.sources.forms.tally import Tally


def rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    own: dict[str, str] = {}
    count = entry = detail = document = 0
    tally = Tally()
    for line, text in enumerate(stream.read().decode().splitlines(), start=1):
        kind, *parts = text.split(";")
        if kind == "A":
            count, entry, tally = count + 1, 0, Tally()
            own = {
                "statement": str(count), "account": parts[0], "currency": parts[1], "kind": parts[2],
                "from_date": parts[3], "opening_date": parts[3], "opening": parts[4],
            }  # fmt: skip
        elif kind == "L":
            entry, detail, document = entry + 1, 0, 0
            tally.add(parts[1])
            yield ("entries", line, {
                "statement": str(count), "account": own["account"], "line": str(entry), "booking_date": parts[0],
                "amount": parts[1], "kind": "receipt", "status": "booked", "payer_name": parts[2],
                "remittance_text": parts[3], "bank_reference": parts[4],
            })  # fmt: skip
        elif kind == "D":
            detail += 1
            yield ("details", line, {
                "statement": str(count), "account": own["account"], "line": str(entry), "detail": str(detail),
                "currency": own["currency"], "amount": parts[0], "payer_name": parts[1], "remittance_text": parts[2],
            })  # fmt: skip
        elif kind == "P":
            document += 1
            yield ("remittances", line, {
                "statement": str(count), "line": str(entry), "detail": str(detail) if detail else "",
                "remittance_line": str(document), "currency": own["currency"], "reference": parts[0],
                "gross": parts[1], "discount": parts[2], "net": parts[3],
            })  # fmt: skip
        elif kind == "Z":
            closing = {"to_date": parts[0], "closing_date": parts[0], "closing": parts[1], "number": parts[2]}
            yield from tally.close(own | closing, line)
            own = {}
    if own:
        raise SourceError(
            "the file is cut: a statement does not end", where=name, wanted="a line that begins with Z"
        )


TELLER = Form(
    name="teller",
    title="Teller book",
    family="bank",
    claims=lambda head: head.startswith(b"TELLER"),
    rows=rows,
)


class Point:
    """What an installed package declares in its metadata."""

    name = "teller"

    def load(self) -> Form:
        return TELLER


@pytest.fixture
def teller(monkeypatch: pytest.MonkeyPatch) -> Iterator[Form]:
    """The teller book, as a package that registers it under the entry points `arlib.forms`."""
    from arlib.sources.forms import registry

    monkeypatch.setattr(registry, "entry_points", lambda group: [Point()] if group == "arlib.forms" else [])
    forms.cache_clear()
    yield TELLER
    monkeypatch.undo()
    forms.cache_clear()


BOOK = """TELLER
A;DE 01;EUR;statement;2026-10-01;100.00
L;2026-10-02;25.00;ROSE LTD;invoice 7;R1
L;2026-10-05;-5.00;BANK;charges;R2
Z;2026-10-31;120.00;10
"""


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder
