"""Copies of invoices of the sample company: small PDF and PNG files that say which invoice they are. Floor 2."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib.money import format_minor
from arlib.sources.sample.collect_books import Books
from arlib.sources.sample.plan import EntityPlan
from arlib.tables import CANONICAL

FOLDER = "copies"
COPIED = ("broken_promise", "silent_large", "no_order_no", "portal_rejected")  # the last one an image
WIDTH, HEIGHT = 496, 702  # A4 at 60 dots an inch


def copy_links(plan: EntityPlan, books: Books) -> pd.DataFrame:
    """DOCUMENT_LINKS of some invoices of the scripted accounts: three PDF files and an image."""
    rows = []
    for part in COPIED:
        item = books.told[part].items[0]
        name = re.sub("[^0-9A-Za-z-]", "-", str(item["document_no"]))
        path = f"{FOLDER}/{plan.code}-{name}.{'png' if part == COPIED[-1] else 'pdf'}"
        content = _copy(path, item)
        rows.append({
            "entity": plan.code, "item_id": item["item_id"], "kind": "invoice_copy", "path": path,
            "sha256": hashlib.sha256(content).hexdigest(),
        })  # fmt: skip
    return CANONICAL["document_links"].from_rows(rows)


def copy_files(links: pd.DataFrame, items: pd.DataFrame) -> dict[str, bytes]:
    """The files of DOCUMENT_LINKS by path; needs ITEMS."""
    linked = links[["entity", "item_id", "path"]].merge(items, on=["entity", "item_id"])
    return {str(row["path"]): _copy(str(row["path"]), row) for row in linked.to_dict("records")}


def _copy(path: str, item: Mapping[Any, Any]) -> bytes:
    if path.endswith(".png"):
        return _png(str(item["item_id"]))
    amount = format_minor(int(item["amount"]), str(item["currency"]))
    return _pdf((
        f"Invoice {item['document_no']}", f"Customer {item['customer_id']}", f"Total {item['currency']} {amount}",
        f"Due {item['due_date']:%Y-%m-%d}", "Sample company: no real document",
    ))  # fmt: skip


def _pdf(lines: tuple[str, ...]) -> bytes:
    """A page with these lines, PDF 1.4; the text must be ASCII."""
    shown = "".join(f"({line}) Tj 0 -24 Td " for line in lines)
    content = f"BT /F1 16 Tf 72 750 Td {shown}ET".encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    made, places = b"%PDF-1.4\n", []
    for number, part in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return made + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        size, table, size, len(made),
    )  # fmt: skip


def _png(item_id: str) -> bytes:
    """A white page with grey bars as text would stand, as many as the item's digits say."""
    rows = []
    for y in range(HEIGHT):
        line = (y - 60) // 24
        inside = 60 <= y < 60 + 24 * len(item_id) and (y - 60) % 24 < 10
        ink = 40 + 36 * int(item_id[line]) if inside else 0
        rows.append(b"\x00" + b"\xff" * 48 + b"\x80" * ink + b"\xff" * (WIDTH - 48 - ink))
    # stored, not compressed, so that the bytes do not depend on the version of the library
    data = zlib.compress(b"".join(rows), 0)
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
