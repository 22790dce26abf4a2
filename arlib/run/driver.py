"""Drive a notebook through a kernel: papermill's client with our kernel, limits and ends. Floor 4.

Reads why a notebook ended from what the client raises and from the watch over the kernel's process group.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import time
from asyncio import CancelledError
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import IO, Any

import nbformat
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager

from arlib.run import kernel, platform
from arlib.run.plan import LimitSpec

QUIET = logging.getLogger("arlib.run.driver")
QUIET.addHandler(logging.NullHandler())
QUIET.propagate = False

_SERIAL = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Limits(LimitSpec):
    """How long and how much a notebook may take: the plan's times, and what no close file sets."""

    start_seconds: int = 60
    output_bytes: int = 20_000_000
    threads: int = 1


class Watch:
    """Ends a kernel's whole process group, once, and remembers why."""

    def __init__(self, limits: Limits) -> None:
        """No kernel is watched yet."""
        self.limits = limits
        self.reason = ""
        self.group = 0
        self.cells: list[float] = []
        self._lock = threading.Lock()

    def started(self, group: int) -> None:
        """A kernel has started in that process group; it ends at once when the end was called for before."""
        with self._lock:
            self.group, reason = group, self.reason
        if reason:
            platform.kill_group(group)

    def end(self, reason: str) -> None:
        """End the kernel and all that it started; the first reason stays."""
        with self._lock:
            self.reason = self.reason or reason
            group = self.group
        platform.kill_group(group)

    def sweep(self) -> None:
        """Whatever the kernel started and left behind goes too."""
        with self._lock:
            group, self.group = self.group, 0
        platform.kill_group(group)


class Client(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client with a cap on output and word of each cell."""

    watch: Watch
    on_cell: Callable[[int, int], None] | None
    written = 0

    def execute_cell(self, cell: nbformat.NotebookNode, index: int, **kwargs: Any) -> nbformat.NotebookNode:
        """Run one cell, time it, and leave a mark on it when it does not come to its end."""
        begun = time.monotonic()
        is_code = cell.cell_type == "code" and bool(cell.source.strip())
        if is_code:
            cell.metadata["arlib_unfinished"] = True
        done: nbformat.NotebookNode = super().execute_cell(cell, index, **kwargs)
        if is_code:
            done.metadata.pop("arlib_unfinished", None)
            self.watch.cells.append(round(time.monotonic() - begun, 3))
        if self.on_cell:
            self.on_cell(index + 1, len(self.nb.cells))
        return done

    async def async_start_new_kernel_client(self) -> Any:
        """Connect to the kernel, and be ready as soon as it is: its own word that it is idle ends the wait."""
        self.kc = self.km.client()
        self.kc.start_channels()
        self.kc.allow_stdin = False
        deadline = time.monotonic() + self.startup_timeout
        try:
            while not await self._is_idle():
                if not await self.km.is_alive():
                    raise RuntimeError("the kernel died before it was ready")
                if time.monotonic() > deadline:
                    raise TimeoutError(f"the kernel was not ready in {self.startup_timeout} seconds")
        except BaseException:
            await self._async_cleanup_kernel()
            raise
        return self.kc

    start_new_kernel_client = run_sync(async_start_new_kernel_client)

    def wait_for_reply(self, msg_id: str, cell: nbformat.NotebookNode | None = None) -> Any:
        """The reply, once the kernel is idle again: it heeds no interrupt then, such as that which begins its end."""
        reply = super().wait_for_reply(msg_id, cell)
        run_sync(self._has_told)(msg_id)
        return reply

    async def _is_idle(self) -> bool:
        """Ask the kernel for its facts; whether the answer came, and all that it says to everybody until then."""
        asked = self.kc.kernel_info()
        with contextlib.suppress(Empty):
            while (await self.kc.get_shell_msg(timeout=1.0))["parent_header"].get("msg_id") != asked:
                pass
            return await self._has_told(asked)
        return False

    async def _has_told(self, asked: str) -> bool:
        """Whether the kernel said to everybody that it is done with a request; what it said before is dropped."""
        with contextlib.suppress(Empty):
            while True:
                told = await self.kc.get_iopub_msg(timeout=0.2)
                state = told["content"].get("execution_state")
                if (told["parent_header"].get("msg_id"), state) == (asked, "idle"):
                    return True
        return False

    async def _async_handle_timeout(self, timeout: int, cell: nbformat.NotebookNode | None = None) -> Any:
        self.watch.end("timeout")  # at once: what hangs seldom heeds an interrupt
        return await super()._async_handle_timeout(timeout, cell)

    def process_message(self, msg: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Take an output in, unless the notebook has written more than it may."""
        if msg.get("msg_type") in ("stream", "display_data", "execute_result", "update_display_data"):
            self.written += len(str(msg.get("content", "")))
            if self.written > self.watch.limits.output_bytes:
                self.watch.end("output_too_large")
                msg["content"] = {
                    **msg["content"],
                    **({"text": ""} if msg["msg_type"] == "stream" else {"data": {}}),
                }
        return super().process_message(msg, *args, **kwargs)


class _Engine(Engine):  # type: ignore[misc]
    """papermill's engine with our kernel."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **kwargs: Any
    ) -> None:
        client: Client = kwargs["make"](nb_man)
        _start(client, kwargs["env"], kwargs["folder"], kwargs["new_manager"], kwargs["log"])
        client.execute()


class NotStarted(Exception):  # noqa: N818  never leaves this module
    """The kernel did not come up, twice."""


def drive(
    node: nbformat.NotebookNode,
    watch: Watch,
    folder: Path,
    env: dict[str, str],
    private: Path,
    has_sockets: bool,
    on_cell: Callable[[int, int], None] | None,
    log: IO[bytes],
) -> tuple[str, str]:
    """Reason and sentence of how it ended; ('', '') where papermill's client came to the end."""

    def new_manager() -> Any:
        return kernel.manager(private, has_sockets=has_sockets, serial=next(_SERIAL))

    def make(nb_man: NotebookExecutionManager) -> Client:
        client = Client(
            nb_man,
            km=None,
            timeout=watch.limits.cell_seconds,
            startup_timeout=watch.limits.start_seconds,
            iopub_timeout=60,
            store_widget_state=False,
            force_raise_errors=True,
            log=QUIET,
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
            shutdown_kernel="graceful",
            kernel_name=kernel.NAME,
        )
        client.watch, client.on_cell = watch, on_cell
        return client

    try:
        _Engine.execute_notebook(
            node,
            kernel.NAME,
            output_path=None,
            progress_bar=False,
            autosave_cell_every=0,
            make=make,
            env=env,
            folder=folder,
            new_manager=new_manager,
            log=log,
        )
    except CellTimeoutError:
        return watch.reason or "timeout", f"a cell ran longer than {watch.limits.cell_seconds} seconds"
    except (DeadKernelError, CancelledError):
        return watch.reason or "kernel_died", _ended(watch)
    except NotStarted as fault:
        return watch.reason or "kernel_did_not_start", str(fault) if not watch.reason else _ended(watch)
    except CellExecutionError as fault:
        return _why(fault.ename, fault.evalue), f"{fault.ename}: {fault.evalue}"
    for cell in node.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return watch.reason or _why(output.ename, output.evalue), f"{output.ename}: {output.evalue}"
    return (watch.reason, _ended(watch)) if watch.reason else ("", "")


def _start(
    client: Client, env: dict[str, str], folder: Path, new_manager: Callable[[], Any], log: IO[bytes]
) -> None:
    """Start the kernel; only the start is tried a second time, never a cell."""
    for attempt in (1, 2):
        client.km = new_manager()
        client.owns_km = True
        try:
            client.start_new_kernel(cwd=str(folder), env=env, stdout=log, stderr=log)
            client.watch.started(platform.group_of(client.km.provisioner.pid))
            client.start_new_kernel_client()
        except (RuntimeError, TimeoutError, OSError) as fault:
            client.watch.sweep()
            if attempt == 2 or client.watch.reason:
                raise NotStarted(f"the kernel did not start: {fault}") from fault
        else:
            return


def _ended(watch: Watch) -> str:
    """What a reason means, in words."""
    return {
        "timeout": f"the notebook ran longer than {watch.limits.run_seconds} seconds",
        "output_too_large": f"the notebook wrote more than {watch.limits.output_bytes} bytes of output",
        "interrupted": "the close was interrupted",
    }.get(watch.reason, "the kernel died")


def _why(name: str, text: str) -> str:
    if name == "IdentityError":
        return "identity"
    if name == "OSError" and any(f"[Errno {code}]" in text for code in platform.FULL):
        return "disk_full"
    return "cell_failed"
