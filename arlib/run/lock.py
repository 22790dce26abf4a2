"""One close at a time per entity and period. Floor 4.

The lock is the operating system's own on a file in `outputs/.locks/`; it ends with the process, however that
dies. The file's text names the holder for whoever is turned away; the text alone means nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from arlib.errors import BusyError
from arlib.run import platform

FOLDER = ".locks"


@contextmanager
def hold(outputs: Path, name: str, *, about: str) -> Iterator[None]:
    """Hold the lock `name` under `outputs`, or raise BusyError that names who has it.

    `about` is what the lock guards, in words: 'US01 2026-10'.
    """
    folder = outputs / FOLDER
    path = folder / f"{name}.lock"
    descriptor = _opened(path)
    try:
        while True:
            if not platform.try_lock(descriptor):
                raise BusyError(
                    f"another close of {about} is at work",
                    found=named(path),
                    fix="Wait until it has ended, or stop it; nothing was changed.",
                )
            if _is_same(descriptor, path):
                break
            os.close(descriptor)  # whoever held it removed the file between our opening and our locking it
            descriptor = _opened(path)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        told = json.dumps(platform.holder() | {"about": about, "since": since})
        try:
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            with suppress(OSError):  # a full disk takes the name of the holder, not the lock
                os.write(descriptor, told.encode())
            yield
        finally:
            with suppress(
                OSError
            ):  # where a file that is open cannot be removed, its text alone means nothing
                path.unlink()
            platform.unlock(descriptor)
    finally:
        os.close(descriptor)
        with suppress(OSError):
            folder.rmdir()


def _opened(path: Path) -> int:
    for _ in range(5):
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # another close that ends may remove the empty folder
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)


def _is_same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def hold_all(outputs: Path, names: dict[str, str]) -> Iterator[None]:
    """Hold several locks (name to what it guards), all or none, always taken in the same order."""
    with ExitStack() as stack:
        for name in sorted(names):
            stack.enter_context(hold(outputs, name, about=names[name]))
        yield


def sweep(outputs: Path) -> None:
    """Remove lock files that killed processes left; those that are held stay."""
    folder = outputs / FOLDER
    for path in sorted(folder.glob("*.lock")) if folder.is_dir() else ():
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            if platform.try_lock(descriptor) and _is_same(descriptor, path):
                with suppress(OSError):
                    path.unlink()
        finally:
            os.close(descriptor)


def others(outputs: Path, mine: Collection[str]) -> bool:
    """Whether a lock that is not among `mine` is held."""
    folder = outputs / FOLDER
    found = folder.glob("*.lock") if folder.is_dir() else ()
    return any(path.stem not in mine and is_held(outputs, path.stem) for path in found)


def is_held(outputs: Path, name: str) -> bool:
    """Whether a process holds that lock now."""
    path = outputs / FOLDER / f"{name}.lock"
    if not path.exists():
        return False
    descriptor = os.open(path, os.O_RDWR)
    try:
        if platform.try_lock(descriptor):
            platform.unlock(descriptor)
            return False
        return True
    finally:
        os.close(descriptor)


def named(path: Path) -> str:
    """Who wrote the lock file: 'process 4711 of ana on close-server, since 2026-11-05T08:15:02+00:00'."""
    try:
        told = json.loads(path.read_text())
        return f"process {told['pid']} of {told['user']} on {told['host']}, since {told['since']}"
    except (OSError, ValueError, KeyError):
        return "a process that did not say its name"
