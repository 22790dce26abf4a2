"""The warm parent: imports what notebooks import, runs none of them, forks a kernel when it is asked. Floor 4.

`python -m arlib.run.warm.parent FD OWNER SIGNATURE`: FD is a socket to the owner, OWNER its process, SIGNATURE says
what sources the owner saw before this process imported any. A request is one packet of
JSON with three file descriptors: the kernel's standard input, its log, and a pipe for the word of how it ended.
When the owner goes, however it does, so do the parent and every kernel with its process group; what a notebook
detached from that group on purpose lives on, as it does after a cold kernel.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from arlib.run import platform
from arlib.run.warm import child
from arlib.run.warm.sources import signature

PACKET = 1 << 17  # of a request, at most: what Linux lets through a socket without asking for more
LOOK_SECONDS = 1.0  # how often it looks whether its owner is there, should the socket not tell

STALE = "the library has changed since the parent was started"

LIBRARIES = (
    "IPython.core.completer",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "numpy",
    "pandas",
    "pyarrow.parquet",
    "sqlalchemy",
    "xlsxwriter",
    "arlib.report.presentation",
    "arlib.report.workbook",
    "arlib.run.artefacts",
    "arlib.run.context",
    "arlib.run.params",
    "arlib.sources.load",
    "arlib.sources.snapshot",
)


def main(arguments: list[str]) -> None:
    """Import, say that all is there, then fork until the owner has gone; in a fork, be a kernel."""
    control = socket.socket(fileno=int(arguments[0]))
    del sys.path[0]  # the working folder, which a kernel puts first by itself
    given = dict(os.environ)
    try:
        load()
    except BaseException as fault:
        control.send(json.dumps({"fault": f"{type(fault).__name__}: {fault}"}).encode())
        raise
    gc.collect()
    gc.freeze()  # a collection in a kernel then leaves the shared pages alone
    asked = Parent(control, owner=int(arguments[1]), seen=arguments[2]).serve()
    if asked is not None:
        set_by_imports = {name: value for name, value in os.environ.items() if given.get(name) != value}
        child.run({**asked, "env": {**asked["env"], **set_by_imports}})


def load() -> None:
    """Import all that the notebooks of this library import."""
    from arlib.audit.kinds import KINDS
    from arlib.run.notebook_params import NOTEBOOKS

    for name in LIBRARIES:
        importlib.import_module(name)
    for name in NOTEBOOKS:
        importlib.import_module(f"arlib.report.{name}")
    for name in KINDS:
        importlib.import_module(f"arlib.report.audit.{name}")


class Parent:
    """What is asked of the parent, one request after the other, in its only thread."""

    def __init__(self, control: socket.socket, *, owner: int, seen: str) -> None:
        """No kernel has been forked."""
        self.control, self.owner, self.seen = control, owner, seen
        self.kernels: dict[int, int] = {}  # process: the pipe on which its end is told
        self.is_retired = False
        self.woken, self.wake = os.pipe()
        for end in (self.woken, self.wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake, warn_on_full_buffer=False)

    def serve(self) -> dict[str, Any] | None:
        """Answer until the owner has gone (None); in a fork, what it was asked to become."""
        self.control.send(json.dumps({"ready": True}).encode())
        while os.getppid() == self.owner and not (self.is_retired and not self.kernels):
            ready, _, _ = select.select([self.control.fileno(), self.woken], [], [], LOOK_SECONDS)
            if self.woken in ready:
                os.read(self.woken, 512)
            self.reap()
            if self.control.fileno() in ready:
                packet, given, _, _ = socket.recv_fds(self.control, PACKET, 8)
                if not packet:
                    break
                asked = json.loads(packet)
                if self.answer(asked, given):
                    return dict(asked)
        for pid in self.kernels:
            platform.kill_group(pid)
        return None

    def answer(self, asked: dict[str, Any], given: list[int]) -> bool:
        """Fork, or say why not; True in the fork."""
        if asked.get("retire"):
            self.is_retired = True
            return False
        refusal = self.refusal(asked)
        if refusal:
            for descriptor in given:
                os.close(descriptor)
            self.control.send(json.dumps({"refused": refusal}).encode())
            return False
        begun, begins = os.pipe()
        here = os.getpid()
        pid = os.fork()
        if not pid:
            child.detach(here, given[:2])
            self.control.close()
            os.write(begins, b"+")
            for descriptor in (*given, begun, begins, self.woken, self.wake, *self.kernels.values()):
                os.close(descriptor)
            return True
        os.close(begins)
        os.read(begun, 1)  # it leads its own process group now, or has gone
        os.close(begun)
        self.kernels[pid] = given.pop()
        for descriptor in given:
            os.close(descriptor)
        self.control.send(json.dumps({"pid": pid}).encode())
        return False

    def refusal(self, asked: dict[str, Any]) -> str:
        """Why a fork would not be what a new interpreter is; '' where it would be."""
        if signature() != self.seen:
            return STALE
        if found := shadowing(Path(asked["cwd"])):
            return f"{found} in the working folder would be imported instead of a library"
        if threads() > 1:  # libraries that end their threads at a fork (OpenBLAS) do so at this one
            pid = os.fork()
            if not pid:
                os._exit(0)
            os.waitpid(pid, 0)
        return "" if threads() == 1 else f"the parent has {threads()} threads"

    def reap(self) -> None:
        """Tell how kernels ended."""
        for pid in list(self.kernels):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                told = self.kernels.pop(pid)
                with contextlib.suppress(OSError):  # nobody may be waiting for it any more
                    os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
                os.close(told)


def threads() -> int:
    """How many threads this process has, those of C libraries too."""
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208  Path would do the same at ten times the cost


def shadowing(folder: Path) -> str:
    """A name in the kernel's working folder that a new kernel would import, or read, and this one would not."""
    if (folder / "matplotlibrc").exists():
        return "matplotlibrc"
    for entry in folder.iterdir():
        whole = entry if entry.suffix == ".py" else entry / "__init__.py"
        loaded = sys.modules.get(entry.stem if entry.suffix == ".py" else entry.name)
        if loaded is not None and whole.is_file():
            file = getattr(loaded, "__file__", None)
            if file is None or Path(file).resolve() != whole.resolve():
                return entry.name
    return ""


if __name__ == "__main__":
    main(sys.argv[1:])
