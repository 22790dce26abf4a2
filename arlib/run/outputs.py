"""The output folder and the terminal while a close is at work. Floor 4."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from arlib.errors import ArError, ParameterError, RunError
from arlib.run import platform

OWN = (".locks", ".staging", "_failed", "closes")
STORE = "arlib.db"


@contextmanager
def writable(outputs: Path) -> Iterator[None]:
    """The output folder, made and tried; one that cannot be written is refused before anything is read.

    A folder that was made for this and stayed empty is removed again.
    """
    made = [path for path in (outputs, *outputs.parents) if not path.exists()]
    probe = outputs / f".probe.{secrets.token_hex(4)}"
    try:
        outputs.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"arlib\n" * 1000)
        probe.unlink()
    except OSError as fault:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
        _unmake(made)
        raise no_room(fault, outputs) from fault
    try:
        yield
    finally:
        _unmake(made)


def refuse_links(outputs: Path, *places: str) -> None:
    """Raise ParameterError where one of `places` below the output folder, or one above it there, is a link.

    Whoever plants one would have a close write elsewhere. What a close opens by name in folders of its own is
    looked at too. The output folder itself may be a link: that is the user's choice.
    """
    paths = [outputs.joinpath(*parts[: n + 1]) for parts in map(_parts, places) for n in range(len(parts))]
    for home in OWN:
        paths += [outputs / home, *(sorted((outputs / home).iterdir()) if (outputs / home).is_dir() else ())]
    paths += sorted(outputs.glob(f"{STORE}*"))
    for path in paths:
        if path.is_symlink() or (sys.version_info >= (3, 12) and path.is_junction()):
            raise ParameterError(
                "a link below the output folder is not followed",
                where=f"{outputs.name}/{path.relative_to(outputs).as_posix()}",
                wanted="a folder or file of the close's own",
                fix="Find out who made the link, and remove it.",
            )


def _parts(place: str) -> tuple[str, ...]:
    return Path(place).parts


def no_room(fault: OSError, outputs: Path) -> ArError:
    """What a person is told when the output folder takes nothing."""
    if fault.errno in platform.FULL:
        return RunError(
            "the disk is full",
            reason="disk_full",
            where=outputs.name,
            fix="Free some space, and close again; nothing was changed.",
        )
    return ParameterError(
        "the output folder cannot be written",
        where=outputs.name,
        found=os.strerror(fault.errno or 0),
        fix="Choose another with --out, or have its permissions changed.",
    )


def _unmake(made: list[Path]) -> None:
    for path in made:
        with suppress(OSError):
            path.rmdir()


@contextmanager
def interruptible() -> Iterator[None]:
    """A request to end (SIGTERM) is heard as Ctrl-C is."""
    if threading.current_thread() is not threading.main_thread() or platform.IS_WINDOWS:
        yield
        return

    def heard(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
