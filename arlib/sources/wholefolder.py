"""A folder that appears whole or not at all. Floor 2; `run` has one that also survives a kill in its last step."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from arlib.errors import SourceError


def require_ours(folder: Path, *, marker: str) -> None:
    """Raise SourceError for what is no folder, or one that holds files but not the marker of an earlier call."""
    if folder.exists() and not folder.is_dir():
        raise SourceError("is not a folder", where=str(folder))
    if folder.is_dir() and any(folder.iterdir()) and not (folder / marker).is_file():
        raise SourceError(
            "the folder holds other files",
            where=str(folder),
            fix="Name a new folder, or an earlier sample's.",
        )


def replace_whole(folder: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write a new folder beside this one, then set it in this one's place.

    Raises SourceError where it cannot be written; then the old one stands as it was.
    """
    staging = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        fill(staging)
        if folder.exists():
            aside = folder.with_name(f".{folder.name}.{os.getpid()}.old")
            folder.replace(aside)
            staging.replace(folder)
            shutil.rmtree(aside)
        else:
            staging.replace(folder)
    except OSError as fault:
        raise SourceError(f"cannot be written ({fault.strerror or fault})", where=str(folder)) from fault
    finally:
        shutil.rmtree(staging, ignore_errors=True)
