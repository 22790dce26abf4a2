"""A small sealed run with hostile texts in it, and the pack made of it: what the tests of packs work on."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

from arlib.report.data import write_data
from arlib.report.pack import bag, totals
from arlib.report.pack.verify_pack import library_digest
from arlib.report.workbook import write_workbook
from arlib.run import manifest
from arlib.run.result import MIME, payload, run_digest
from arlib.run.seal import SCHEMA

from ..conftest import report

WHEEL = "arlib-0.1.0-py3-none-any.whl"


def sealed_run(folder: Path, *, library_sha256: str, lock_sha256: str) -> Path:
    """A run as the runner seals it, of the report that the tests of pages and workbooks use."""
    made = report()
    notebook = "evidence"
    (folder / "data" / notebook).mkdir(parents=True)
    write_data(made, folder / "data" / notebook)
    write(folder / "data" / "book" / "items.parquet", b"PAR1 a snapshot PAR1")
    (folder / "workbooks").mkdir()
    write_workbook(made, folder / "workbooks" / f"{notebook}.xlsx", properties={"run": "x"})
    told = payload(made, notebook=notebook, artefacts=[])
    cells = [{"cell_type": "code", "outputs": [{"output_type": "display_data", "data": {MIME: told}}]}]
    write(folder / "notebooks" / f"{notebook}.ipynb", json.dumps({"cells": cells, "nbformat": 4}).encode())
    write(folder / "pages" / f"{notebook}.html", b"<!doctype html><title>Evidence</title>")
    facts: dict[str, Any] = {
        "run_id": "20261105T081502Z-3fa9c1",
        "entity": "US01",
        "as_of": "2026-10-31",
        "controls": told["controls"],
        "identities": {notebook: told["identities"]},
        "notebooks": {
            notebook: {name: told[name] for name in ("results_sha256", "counts", "tables")},
        },
        "results_sha256": run_digest({notebook: told}),
        "library_sha256": library_sha256,
        "environment": {"lock_sha256": lock_sha256},
    }
    (folder / manifest.RUN).write_bytes(manifest.text_of({"schema": SCHEMA, **facts}))
    manifest.write(folder, run_id=facts["run_id"], sealed_at="2026-11-05T08:16:00Z", timings={})
    return folder


def write(path: Path, data: bytes) -> None:
    """A file with the folders that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def pack(folder: Path) -> str:
    """A whole pack in `folder`, and its hash."""
    wheel, lock = small_wheel(), b"numpy==2.0.0\n"
    data = folder / "data"
    run = sealed_run(
        data / "run", library_sha256=library_digest(wheel), lock_sha256=hashlib.sha256(lock).hexdigest()
    )
    write(data / "library" / WHEEL, wheel)
    write(data / "library" / "requirements.lock", lock)
    write(data / "request" / "request.yml", "question: “why?”\n".encode())
    write(data / "cover-letter.html", b"<!doctype html><title>Letter</title>")
    content = {"request": {"kind": "evidence", "entity": "US01"}}
    write(
        data / "pack.json", totals.pack_json(run=run, content=content, facts={"request": {"id": "PBC-017"}})
    )
    write(folder / "verify.py", bag.verify_bytes())
    write(folder / "README.txt", b"Run: python verify.py\n")
    info = {"Source-Organization": "Sample Inc.", "External-Identifier": "PBC-017"}
    return bag.make_bag(folder, info=info, bagging_date=date(2026, 11, 23))


def small_wheel() -> bytes:
    """A wheel with two sources and data that do not count."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in {
            "arlib/__init__.py": b"__version__ = '0.1.0'\n",
            "arlib/a/b.yml": b"a: 1\n",
            "arlib/a_b.py": b"",
            "arlib/py.typed": b"",
            "arlib/_project/params/x.yml": b"",
        }.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return made.getvalue()
