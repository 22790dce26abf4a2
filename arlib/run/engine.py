"""Execute a notebook with papermill's parameters in a kernel of ours; say truly how far it came. Floor 4.

papermill's own record is no proof: after a kernel's death or a time limit it marks cells completed that never
ran. So what happened is read from execution counts, outputs and the exceptions of the client, and papermill's
marks are removed from the notebook that is kept. Nothing is saved while cells run; the caller gets the
notebook in whatever state it is.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from arlib.errors import RunError
from arlib.run import kernel, platform
from arlib.run.driver import Limits, Watch, drive
from arlib.run.result import find_results

LOG_BYTES = 4000


@dataclass(frozen=True, kw_only=True)
class Executed:
    """A notebook after its kernel has gone.

    `reason` is '' where every cell ran, else one word for the record.
    """

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
    notebook: Path,
    *,
    parameters: Mapping[str, object],
    folder: Path,
    variables: Mapping[str, str],
    limits: Limits,
    stop: Stop | None = None,
    on_cell: Callable[[int, int], None] | None = None,
) -> Executed:
    """Run a notebook to its end or to what stopped it; never raises for what happens inside the kernel.

    `parameters` are JSON primitives, injected after the cell tagged `parameters`; `folder` is the kernel's
    working folder, `variables` are added to its environment. Reasons: cell_failed, identity, disk_full,
    timeout, kernel_died, kernel_did_not_start, output_too_large, interrupted. Raises RunError for a notebook
    that cannot be read.
    """
    node = prepared(notebook, parameters)
    stop = stop or Stop()
    watch = Watch(limits)
    with platform.private_folder() as (private, has_sockets):
        profile = private / "profile"
        profile.mkdir()
        env = kernel.environment(threads=limits.threads, extra=variables, profile=profile)
        kernel.ready(env)
        begun = time.monotonic()
        key = stop.add(watch.end)
        timer = threading.Timer(limits.run_seconds, watch.end, ("timeout",))
        timer.daemon = True
        timer.start()
        try:
            with (private / "kernel.log").open("wb") as log:
                reason, sentence = drive(node, watch, folder, env, private, has_sockets, on_cell, log)
        finally:
            timer.cancel()
            stop.drop(key)
            watch.sweep()
        told = (private / "kernel.log").read_bytes()[-LOG_BYTES:].decode(errors="replace")
    cell = failing_cell(node) if reason else 0
    _strip(node)
    return Executed(
        node=node,
        reason=reason,
        sentence=sentence,
        cell=cell,
        seconds=round(time.monotonic() - begun, 3),
        cells=tuple(watch.cells),
        log=told,
    )


def prepared(notebook: Path, parameters: Mapping[str, object]) -> nbformat.NotebookNode:
    """The notebook without outputs and with papermill's parameter cell.

    Raises RunError where it cannot be read.
    """
    try:
        node: nbformat.NotebookNode = load_notebook_node(str(notebook))
    except (
        OSError,
        ValueError,
        nbformat.reader.NotJSONError,
        nbformat.validator.NotebookValidationError,
    ) as fault:
        raise RunError(
            "the notebook cannot be read", reason="notebook_unreadable", where=notebook.name
        ) from fault
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

    Non-empty code cells must be counted 1, 2, 3 ... without a gap, hold no error, and hand over exactly one
    result.
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


def _strip(node: nbformat.NotebookNode) -> None:
    """Remove what is volatile or untrue: papermill's marks and times, the client's times, machine paths."""
    parameters = dict(node.metadata.get("papermill", {}).get("parameters", {}))
    node.metadata["papermill"] = {"parameters": parameters}
    for cell in node.cells:
        for name in ("papermill", "execution", "arlib_unfinished"):
            cell.metadata.pop(name, None)
    for position, cell in enumerate(node.cells):
        cell["id"] = f"cell-{position + 1:02d}"
