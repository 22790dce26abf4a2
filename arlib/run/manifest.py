"""The manifest: every file of a sealed run with bytes and SHA-256, written last, embedded nowhere. Floor 4.

Standard library only, so that a run can be checked where nothing of ours is installed but these two modules.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from arlib.run import platform

NAME = "manifest.json"
RUN = "run.json"
SCHEMA = 1

MEDIA = {
    ".ipynb": "application/x-ipynb+json",
    ".html": "text/html",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yml": "application/yaml",
    ".png": "image/png",
    ".txt": "text/plain",
}


@dataclass(frozen=True, kw_only=True, order=True)
class Entry:
    """One file: its path inside the run with forward slashes, its size and hash."""

    path: str
    bytes: int
    sha256: str
    media_type: str

    def to_json(self) -> dict[str, object]:
        """As it stands in the manifest."""
        return {"path": self.path, "bytes": self.bytes, "sha256": self.sha256, "media_type": self.media_type}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def entry(folder: Path, path: Path) -> Entry:
    """The entry of a file below `folder`."""
    return Entry(
        path=path.relative_to(folder).as_posix(),
        bytes=path.stat().st_size,
        sha256=sha256_of(path),
        media_type=MEDIA.get(path.suffix.lower(), "application/octet-stream"),
    )


def entries(folder: Path) -> tuple[Entry, ...]:
    """Every file below a folder but the manifest itself and what operating systems leave behind, by path."""
    files = (
        p for p in folder.rglob("*") if p.is_file() and p != folder / NAME and not platform.is_litter(p.name)
    )
    return tuple(sorted(entry(folder, path) for path in files))


def text_of(value: object) -> bytes:
    """JSON as it is kept: two spaces deep, sorted keys, one line feed at the end."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False) + "\n").encode()


def write(folder: Path, *, run_id: str, sealed_at: str, timings: Mapping[str, object]) -> str:
    """Write the manifest of a folder and give its SHA-256; every other file must be in place."""
    body = {
        "schema": SCHEMA,
        "run_id": run_id,
        "sealed_at": sealed_at,
        "run_json_sha256": sha256_of(folder / RUN),
        "files": [made.to_json() for made in entries(folder)],
        "timings": dict(timings),
    }
    data = text_of(body)
    platform.write_whole(folder / NAME, data)
    return hashlib.sha256(data).hexdigest()
