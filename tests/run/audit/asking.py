"""A close file and a request for tests."""

from __future__ import annotations

from pathlib import Path

from arlib.run.audit.request import Request, load_request

CLOSE = """\
schema: arlib.close/1
title: Books
period: "2026-10"
entities: [{code: US01, name: US, functional_currency: USD}]
sources: [{folder: extracts}]
"""
GOOD = """\
schema: arlib.audit/1
id: PBC-017
kind: subsequent_receipts
close_file: params/close.yml
entity: US01
as_of: "2026-09-30"
population: {item_types: [invoice], currencies: [USD], at_least: "1000.00"}
asked_by: "R. Vale, Vale & Partners LLP"
asked_on: "2026-11-04"
due_on: "2026-11-11"
"""


def load(root: Path, text: str) -> Request:
    """The request of that text."""
    path = root / "params" / "request.yml"
    path.write_text(text, encoding="utf-8")
    return load_request(path, root=root)
