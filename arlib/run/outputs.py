"""The output folder and the terminal while a close is at work. Floor 4."""

from __future__ import annotations

import os
import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from arlib.errors import ArError, ParameterError, RunError
from arlib.run import platform


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
