"""Files as bytes and back: a plain zip without compression, for what has to cross the network. Floor 4."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from arlib.errors import RunError

EPOCH = (1980, 1, 1, 0, 0, 0)


def packed(files: Mapping[str, bytes]) -> bytes:
    """The files by relative path as one text of bytes; the same files give the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), files[name])
    return made.getvalue()


def files_below(folder: Path, *, prefix: str = "") -> dict[str, bytes]:
    """Regular files below a folder by relative path; links are left out, they may point anywhere."""
    return {
        prefix + path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files that were packed. Raises RunError for what is no pack, or names a place outside."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {info.filename: archive.read(info) for info in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as fault:
        raise RunError("what came over the network is damaged", reason="worker_failed") from fault
    for name in files:
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or name.startswith("/") or "\\" in name or "\0" in name:
            raise RunError("what came over the network names a place outside", reason="worker_failed")
    return files


def lay(data: bytes, path: Path) -> None:
    """Write one file, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
