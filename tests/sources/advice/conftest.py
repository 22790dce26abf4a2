"""A PDF of lines in a typewriter face, written by hand; and what a form says."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from arlib.sources.forms import Form
from arlib.sources.forms.registry import head_of


def pdf_of(*pages: str) -> bytes:
    """Each page's lines from the top, 12 points apart."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>")
    kids = []
    for page in pages:
        drawn = [b"BT /F1 10 Tf 12 TL 40 800 Td"]
        for line in page.splitlines():
            text = line.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
            drawn.append(b"(" + text + b") Tj T*")
        stream = b"\n".join([*drawn, b"ET"]) if page else b""
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (listed, len(kids))
    made, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(made)


@pytest.fixture
def made_pdf() -> Callable[..., bytes]:
    """A PDF of the given pages."""
    return pdf_of


def rows_by_list(form: Form, content: bytes) -> dict[str, list[dict[str, str]]]:
    """What a form says of some bytes, without what it leaves out; raises where it claims them not."""
    assert form.claims(head_of(content))
    made: dict[str, list[dict[str, str]]] = {"payments": [], "remittances": [], "remarks": []}
    for name, _, fields in form.rows(io.BytesIO(content), "file"):
        made[name].append({key: value for key, value in fields.items() if value})
    return made


@pytest.fixture
def said() -> Callable[[Form, bytes], dict[str, list[dict[str, str]]]]:
    """What a form says of some bytes."""
    return rows_by_list
