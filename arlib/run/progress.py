"""What a person sees while a close is at work: bars in a terminal, plain lines elsewhere. Floor 4.

Everything goes to standard error: standard output carries results only.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

from arlib.run.journal import State

if TYPE_CHECKING:
    from rich.progress import Progress as Bars


class Progress(Protocol):
    """What a close tells whoever watches; may be called from several threads."""

    def note(self, text: str) -> None:
        """One sentence, such as what an earlier, killed close left behind."""

    def state(self, run: str, state: State, detail: str) -> None:
        """A run (entity and period) has come to a state."""

    def cell(self, run: str, notebook: str, done: int, total: int) -> None:
        """A notebook of a run has finished so many of its cells."""


class Silent:
    """Says nothing."""

    def note(self, text: str) -> None:
        """Nothing."""

    def state(self, run: str, state: State, detail: str) -> None:
        """Nothing."""

    def cell(self, run: str, notebook: str, done: int, total: int) -> None:
        """Nothing."""


class Lines:
    """One plain line per state; cells are not told."""

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream`."""
        self._stream = stream
        self._lock = threading.Lock()

    def note(self, text: str) -> None:
        """The sentence on a line of its own."""
        with self._lock:
            print(text, file=self._stream, flush=True)

    def state(self, run: str, state: State, detail: str) -> None:
        """The state of the run, with its detail."""
        self.note(f"{run}: {state}" + (f" ({detail})" if detail else ""))

    def cell(self, run: str, notebook: str, done: int, total: int) -> None:
        """Nothing."""


class Display:
    """A bar per notebook that is being executed, and lines above it."""

    def __init__(self, bars: Bars) -> None:
        """Draw on `bars`, which is live."""
        self._bars = bars
        self._lock = threading.Lock()
        self._tasks: dict[tuple[str, str], int] = {}

    def note(self, text: str) -> None:
        """The sentence above the bars."""
        self._bars.console.print(text, highlight=False, markup=False)

    def state(self, run: str, state: State, detail: str) -> None:
        """The state of the run above the bars."""
        self.note(f"{run}: {state}" + (f" ({detail})" if detail else ""))

    def cell(self, run: str, notebook: str, done: int, total: int) -> None:
        """Move the notebook's bar; it goes when the notebook has ended."""
        with self._lock:
            key = (run, notebook)
            if key not in self._tasks:
                self._tasks[key] = self._bars.add_task(f"{run} {notebook}", total=total)
            self._bars.update(self._tasks[key], completed=done)  # type: ignore[arg-type]
            if done >= total:
                self._bars.remove_task(self._tasks.pop(key))  # type: ignore[arg-type]


@contextmanager
def reporter(*, is_quiet: bool = False, stream: TextIO | None = None) -> Iterator[Progress]:
    """Bars where a person looks at a terminal, plain lines with `is_quiet` or where there is none."""
    target = stream or sys.stderr
    if is_quiet or not target.isatty():
        yield Lines(target)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(file=target), transient=True) as bars:
        yield Display(bars)
