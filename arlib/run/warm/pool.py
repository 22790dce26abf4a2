"""The owner's side of warm kernels: one parent per process that runs notebooks, and word of how its kernels end. Floor 4.

A parent serves kernels whose environment is its own but for what differs from run to run. Where it cannot be used the
caller is told so and starts a cold kernel; the result is the same.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from arlib.run import platform
from arlib.run.warm.parent import PACKET, STALE
from arlib.run.warm.sources import signature

LOG = logging.getLogger("arlib.run.warm")

SWITCH = "ARLIB_WARM"  # 0: cold kernels only

OWN = frozenset(  # what one kernel has and the next has otherwise, and no library reads when it is imported
    {
        "ARLIB_OUT_DIR",
        "ARLIB_ROOT",
        "ARLIB_RUN_DIR",
        "ARLIB_RUN_ID",
        "IPYTHONDIR",
        "JPY_SESSION_NAME",
        "OLDPWD",
        "PWD",
        "PYTEST_CURRENT_TEST",
    }
)
PARENT_ONLY = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # ipykernel sets it before anything is imported
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # no second thread at the fork
}

START_SECONDS = 60.0
ANSWER_SECONDS = 10.0
END_SECONDS = 5.0
FAULTS = 3  # that many parents may fail before this process has cold kernels only


class Refused(Exception):  # noqa: N818  never leaves this module
    """The parent is well, but a fork of it would not be what a new interpreter is."""


class Forked:
    """A forked kernel, asked as `subprocess.Popen` is."""

    stdout = stderr = None

    def __init__(self, pid: int, stdin: int, ended: int) -> None:
        """`stdin` is our end of its standard input, `ended` that on which its parent tells how it ended."""
        self.pid = pid
        self.stdin = os.fdopen(stdin, "wb", buffering=0)
        self.returncode: int | None = None
        self._ended = os.fdopen(ended, "rb", buffering=0)

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """The same, once it has ended or the seconds are over."""
        if self.returncode is None and select.select([self._ended], [], [], timeout)[0]:
            told = self._ended.read(16)
            self._ended.close()
            if not told:  # the parent has gone, and its kernels with it
                platform.kill_group(self.pid)
            self.returncode = int(told or -signal.SIGKILL)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class Parent:
    """A warm parent as its owner sees it."""

    def __init__(self, key: tuple[str, ...], environment: Mapping[str, str]) -> None:
        """Start it; it imports while the owner goes on."""
        self.key = key
        self._lock = threading.Lock()
        self._is_ready = False
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603
                [
                    sys.executable,
                    "-m",
                    "arlib.run.warm.parent",
                    str(theirs.fileno()),
                    str(os.getpid()),
                    key[0],
                ],
                env={**PARENT_ONLY, **environment},
                cwd="/",
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def ready(self) -> None:
        """Wait until it has imported all; OSError where it does not come to that."""
        with self._lock:
            if not self._is_ready:
                self._answer(START_SECONDS)
                self._is_ready = True

    def fork(self, argv: Sequence[str], *, cwd: str, environment: Mapping[str, str], log: int) -> Forked:
        """A kernel; Refused, or OSError where the parent has gone, does not answer or could not start."""
        asked = json.dumps({"argv": list(argv), "cwd": cwd, "env": dict(environment)}).encode()
        theirs, stdin = os.pipe()
        ended, tells = os.pipe()
        try:
            self.ready()
            with self._lock:
                socket.send_fds(self._socket, [asked], [theirs, log, tells])
                told = self._answer(ANSWER_SECONDS)
            if "pid" not in told:
                raise Refused(told["refused"])
        except BaseException:
            os.close(stdin)
            os.close(ended)
            raise
        finally:
            os.close(theirs)
            os.close(tells)
        return Forked(told["pid"], stdin, ended)

    def retire(self) -> None:
        """Let it end when its last kernel has."""
        with self._lock, contextlib.suppress(OSError):
            self._socket.send(json.dumps({"retire": True}).encode())

    def close(self) -> None:
        """End it, and every kernel that it has."""
        self._socket.close()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _answer(self, seconds: float) -> dict[str, Any]:
        self._socket.settimeout(seconds)
        packet = self._socket.recv(PACKET)
        told: dict[str, Any] = json.loads(packet) if packet else {"fault": "it has gone"}
        if "fault" in told:
            raise OSError(told["fault"])
        return told


class Pool:
    """The parent of this process, started when first needed and replaced when it no longer fits."""

    def __init__(self) -> None:
        """There is none yet."""
        self._lock = threading.RLock()
        self._parent: Parent | None = None
        self._retired: list[Parent] = []
        self._faults = 0
        self._unfit: set[tuple[str, ...]] = set()  # what parents were begun for that never became ready
        self._told: set[str] = set()

    def prepare(self, environment: Mapping[str, str]) -> Parent | None:
        """The parent for kernels of that environment, begun if there is none; None where there can be none."""
        common = {name: value for name, value in environment.items() if name not in OWN}
        if not _is_possible(common) or self._faults >= FAULTS:
            return None
        key = (signature(), *(f"{name}={value}" for name, value in sorted(common.items())))
        if key in self._unfit:
            return None
        with self._lock:
            self._retired = [old for old in self._retired if old.process.poll() is None]
            if self._parent is not None and self._parent.key != key:
                self._parent.retire()
                self._retired.append(self._parent)
                self._parent = None
            if self._parent is None:
                self._parent = Parent(key, common)
            return self._parent

    def ready(self, environment: Mapping[str, str]) -> Parent | None:
        """The same, when it has imported all."""
        parent = None
        try:
            parent = self.prepare(environment)
            if parent is not None:
                parent.ready()
        except OSError as fault:
            if parent is not None:
                self._unfit.add(parent.key)
            self._failed(parent, fault)
            return None
        return parent

    def fork(
        self, argv: Sequence[str], *, cwd: str, environment: Mapping[str, str], log: int
    ) -> Forked | None:
        """A forked kernel, or None: then the caller starts a cold one."""
        why = ""
        for _ in range(2):  # the sources may have changed since the parent was begun: another one then
            parent = self.ready(environment)
            if parent is None:
                return None
            try:
                return parent.fork(argv, cwd=cwd, environment=environment, log=log)
            except Refused as fault:
                why = str(fault)
            except OSError as fault:
                self._failed(parent, fault)
                return None
            if why != STALE:
                break
        self._tell(logging.INFO, why)
        return None

    def _failed(self, parent: Parent | None, fault: OSError) -> None:
        with self._lock:
            self._faults += 1
            if parent is not None and parent is self._parent:
                self._parent = None
                parent.close()
        self._tell(logging.WARNING, str(fault) or type(fault).__name__)

    def close(self) -> None:
        """End the parent and every kernel that it has."""
        with self._lock:
            parents, self._parent, self._retired = [*self._retired, self._parent], None, []
        for parent in parents:
            if parent is not None:
                parent.close()

    def _tell(self, level: int, why: str) -> None:
        if why not in self._told:
            self._told.add(why)
            LOG.log(level, "kernels start cold: %s", why)


def _is_possible(environment: Mapping[str, str]) -> bool:
    """Whether this system can fork kernels as they should be, and nobody has switched it off."""
    paths = [part for part in environment.get("PYTHONPATH", "").split(os.pathsep) if part]
    return (
        sys.platform == "linux"
        and environment.get(SWITCH) != "0"
        and all(Path(part).is_absolute() for part in paths)
    )


_POOLS: dict[int, Pool] = {}


def shared() -> Pool:
    """The pool of this process; a fork of it has its own."""
    here = os.getpid()
    if here not in _POOLS:
        _POOLS.clear()
        atexit.register(_POOLS.setdefault(here, Pool()).close)
    return _POOLS[here]


def prepare(*, threads: int) -> None:
    """Begin to import in the background what kernels of that many threads will need; nothing where it cannot be."""
    from arlib.run import kernel

    with contextlib.suppress(OSError):
        shared().prepare(kernel.environment(threads=threads, extra={}, profile=Path()))
