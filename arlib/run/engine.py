"""Execute one notebook with papermill's parameters in a kernel of ours, and say truly how far it came. Floor 4.

papermill's own record is no proof: after a kernel's death or a time limit it marks cells completed that never ran. So
what happened is read from execution counts, outputs and the exceptions of the client, and papermill's marks are removed
from the notebook that is kept. Nothing is saved while cells run; the caller gets the notebook in whatever state it is.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from asyncio import CancelledError
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from arlib.errors import RunError
from arlib.run import kernel, platform
from arlib.run.result import find_results

QUIET = logging.getLogger("arlib.run.engine")
QUIET.addHandler(logging.NullHandler())
QUIET.propagate = False

LOG_BYTES = 4000

_SERIAL = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long and how much a notebook may take."""

    cell_seconds: int = 600
    run_seconds: int = 1800
    start_seconds: int = 60
    output_bytes: int = 20_000_000
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class Executed:
    """A notebook after its kernel has gone. `reason` is '' where every cell ran, else one word for the record."""

    node: nbformat.NotebookNode
    reason: str = ""
    sentence: str = ""
    cell: int = 0  # the cell that failed, counted from 1 as code cells are shown; 0 where none did
    seconds: float = 0.0
    cells: tuple[float, ...] = field(default=())  # seconds per code cell that ran
    log: str = ""  # the end of what the kernel itself wrote, such as a fatal error of the interpreter


class Stop:
    """A switch that several kernels watch: pulling it ends them all, with a reason."""

    def __init__(self) -> None:
        """Nothing is stopped yet."""
        self._lock = threading.Lock()
        self._groups: dict[int, Callable[[str], None]] = {}
        self._keys = itertools.count()
        self.reason = ""

    def pull(self, reason: str) -> None:
        """End every kernel that is running, and any that starts later."""
        with self._lock:
            self.reason = self.reason or reason
            enders = list(self._groups.values())
        for end in enders:
            end(reason)

    def add(self, end: Callable[[str], None]) -> int:
        """Have `end` called with the reason when the switch is pulled; at once if it was."""
        with self._lock:
            key = next(self._keys)
            self._groups[key] = end
            reason = self.reason
        if reason:
            end(reason)
        return key

    def drop(self, key: int) -> None:
        """No longer call it."""
        with self._lock:
            self._groups.pop(key, None)


def execute(
    notebook: Path, *, parameters: Mapping[str, object], folder: Path, variables: Mapping[str, str],
    limits: Limits, stop: Stop | None = None, on_cell: Callable[[int, int], None] | None = None,
) -> Executed:  # fmt: skip
    """Run a notebook to its end or to what stopped it; never raises for what happens inside the kernel.

    `parameters` are JSON primitives, injected after the cell tagged `parameters`; `folder` is the kernel's working
    folder, `variables` are added to its environment. Reasons: cell_failed, identity, disk_full, timeout, kernel_died,
    kernel_did_not_start, output_too_large, interrupted. Raises RunError for a notebook that cannot be read.
    """
    node = prepared(notebook, parameters)
    stop = stop or Stop()
    watch = _Watch(limits)
    begun = time.monotonic()
    with platform.private_folder() as (private, has_sockets):
        profile = private / "profile"
        profile.mkdir()
        env = kernel.environment(threads=limits.threads, extra=variables, profile=profile)
        key = stop.add(watch.end)
        timer = threading.Timer(limits.run_seconds, watch.end, ("timeout",))
        timer.daemon = True
        timer.start()
        try:
            with (private / "kernel.log").open("wb") as log:
                reason, sentence = _run(node, watch, folder, env, private, has_sockets, on_cell, log)
        finally:
            timer.cancel()
            stop.drop(key)
            watch.sweep()
        told = (private / "kernel.log").read_bytes()[-LOG_BYTES:].decode(errors="replace")
    cell = failing_cell(node) if reason else 0
    _strip(node)
    return Executed(node=node, reason=reason, sentence=sentence, cell=cell,
                    seconds=round(time.monotonic() - begun, 3), cells=tuple(watch.cells), log=told)  # fmt: skip


def prepared(notebook: Path, parameters: Mapping[str, object]) -> nbformat.NotebookNode:
    """The notebook without outputs and with papermill's parameter cell; raises RunError where it cannot be read."""
    try:
        node: nbformat.NotebookNode = load_notebook_node(str(notebook))
    except (OSError, ValueError, nbformat.reader.NotJSONError, nbformat.validator.NotebookValidationError) as fault:
        raise RunError("the notebook cannot be read", reason="notebook_unreadable", where=notebook.name) from fault
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    if not parameters:
        return node
    made: nbformat.NotebookNode = parameterize_notebook(
        node, dict(parameters), kernel_name=kernel.NAME, language="python"
    )
    return made


def unfinished(node: nbformat.NotebookNode) -> str:
    """What shows that the notebook did not run to its end, in words; '' where nothing does.

    Non-empty code cells must be counted 1, 2, 3 ... without a gap, hold no error, and hand over exactly one result.
    """
    wanted = 0
    for cell in node.cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        wanted += 1
        if any(output.output_type == "error" for output in cell.outputs):
            return f"cell {wanted} ended with an error"
        if cell.execution_count != wanted:
            found = "was not run" if cell.execution_count is None else f"is counted {cell.execution_count}"
            return f"cell {wanted} {found}"
    if not wanted:
        return "the notebook has no code"
    results = len(find_results(node))
    return "" if results == 1 else f"{results or 'no'} results were handed over instead of one"


def failing_cell(node: nbformat.NotebookNode) -> int:
    """The first code cell that has an error or did not run, counted from 1; 0 where there is none."""
    number = 0
    for cell in node.cells:
        if cell.cell_type == "code" and cell.source.strip():
            number += 1
            has_error = any(output.output_type == "error" for output in cell.outputs)
            if has_error or cell.execution_count is None or cell.metadata.get("arlib_unfinished"):
                return number
    return 0


class _Watch:
    """Ends a kernel's whole process group, once, and remembers why."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.reason = ""
        self.group = 0
        self.cells: list[float] = []
        self._lock = threading.Lock()

    def started(self, group: int) -> None:
        with self._lock:
            self.group, reason = group, self.reason
        if reason:
            platform.kill_group(group)

    def end(self, reason: str) -> None:
        with self._lock:
            self.reason = self.reason or reason
            group = self.group
        platform.kill_group(group)

    def sweep(self) -> None:
        """Whatever the kernel started and left behind goes too."""
        with self._lock:
            group, self.group = self.group, 0
        platform.kill_group(group)


class _Client(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client with a cap on output and word of each cell."""

    watch: _Watch
    on_cell: Callable[[int, int], None] | None
    written = 0

    def execute_cell(self, cell: nbformat.NotebookNode, index: int, **kwargs: Any) -> nbformat.NotebookNode:
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

    async def _async_handle_timeout(self, timeout: int, cell: nbformat.NotebookNode | None = None) -> Any:
        self.watch.end("timeout")  # at once: what hangs seldom heeds an interrupt
        return await super()._async_handle_timeout(timeout, cell)

    def process_message(self, msg: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if msg.get("msg_type") in ("stream", "display_data", "execute_result", "update_display_data"):
            self.written += len(str(msg.get("content", "")))
            if self.written > self.watch.limits.output_bytes:
                self.watch.end("output_too_large")
                msg["content"] = {**msg["content"], **({"text": ""} if msg["msg_type"] == "stream" else {"data": {}})}
        return super().process_message(msg, *args, **kwargs)


class _Engine(Engine):  # type: ignore[misc]
    """papermill's engine with our kernel."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **kwargs: Any) -> None:
        client: _Client = kwargs["make"](nb_man)
        _start(client, kwargs["env"], kwargs["folder"], kwargs["new_manager"], kwargs["log"])
        client.execute()


def _run(
    node: nbformat.NotebookNode, watch: _Watch, folder: Path, env: dict[str, str], private: Path, has_sockets: bool,
    on_cell: Callable[[int, int], None] | None, log: IO[bytes],
) -> tuple[str, str]:  # fmt: skip
    """Reason and sentence of how it ended; ('', '') where papermill's client came to the end."""

    def new_manager() -> Any:
        return kernel.manager(private, has_sockets=has_sockets, serial=next(_SERIAL))

    def make(nb_man: NotebookExecutionManager) -> _Client:
        client = _Client(nb_man, km=None, timeout=watch.limits.cell_seconds, startup_timeout=watch.limits.start_seconds,
                         iopub_timeout=60, store_widget_state=False, force_raise_errors=True, log=QUIET,
                         extra_arguments=["--HistoryManager.hist_file=:memory:"],
                         shutdown_kernel="graceful", kernel_name=kernel.NAME)  # fmt: skip
        client.watch, client.on_cell = watch, on_cell
        return client

    try:
        _Engine.execute_notebook(node, kernel.NAME, output_path=None, progress_bar=False, autosave_cell_every=0,
                                 make=make, env=env, folder=folder, new_manager=new_manager, log=log)  # fmt: skip
    except CellTimeoutError:
        return watch.reason or "timeout", f"a cell ran longer than {watch.limits.cell_seconds} seconds"
    except (DeadKernelError, CancelledError):
        return watch.reason or "kernel_died", _ended(watch)
    except _NotStarted as fault:
        return watch.reason or "kernel_did_not_start", str(fault) if not watch.reason else _ended(watch)
    except CellExecutionError as fault:
        return _why(fault.ename, fault.evalue), f"{fault.ename}: {fault.evalue}"
    for cell in node.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return watch.reason or _why(output.ename, output.evalue), f"{output.ename}: {output.evalue}"
    return (watch.reason, _ended(watch)) if watch.reason else ("", "")


class _NotStarted(Exception):  # noqa: N818  never leaves this module
    """The kernel did not come up, twice."""


def _start(
    client: _Client, env: dict[str, str], folder: Path, new_manager: Callable[[], Any], log: IO[bytes]
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
                raise _NotStarted(f"the kernel did not start: {fault}") from fault
        else:
            return


def _ended(watch: _Watch) -> str:
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


def _strip(node: nbformat.NotebookNode) -> None:
    """Remove what is volatile or untrue: papermill's marks and times, the client's times, machine paths."""
    parameters = dict(node.metadata.get("papermill", {}).get("parameters", {}))
    node.metadata["papermill"] = {"parameters": parameters}
    for cell in node.cells:
        for name in ("papermill", "execution", "arlib_unfinished"):
            cell.metadata.pop(name, None)
    for position, cell in enumerate(node.cells):
        cell["id"] = f"cell-{position + 1:02d}"
