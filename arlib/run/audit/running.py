"""One notebook as a sealed run, for an audit request or a case: made in a folder of its own by the runner that closes a
month. Floor 4.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.run import entity as entity_run
from arlib.run import record
from arlib.run.context import ASKED
from arlib.run.engine import Stop
from arlib.run.hygiene import Mask
from arlib.run.job import Job, Run
from arlib.run.plan import ClosePlan
from arlib.run.progress import Progress

if TYPE_CHECKING:
    from arlib.tables import Book


@dataclass(frozen=True, kw_only=True)
class Question:
    """What one run answers: the notebook with its parameters, over a book that is fixed already."""

    plan: ClosePlan
    kind: str
    entity: str
    as_of: date
    parameters: Mapping[str, str | int | bool]
    files: Mapping[str, bytes]
    book: Book
    inputs: Sequence[Mapping[str, object]]
    decisions: Mapping[str, Any]
    beside: Mapping[str, bytes] = field(
        default_factory=dict
    )  # other files that belong to it, by path in the run

    @property
    def laid(self) -> dict[str, bytes]:
        """Every file that is laid into the run as it came, by path in it."""
        return {**{f"{ASKED}/{name}.csv": data for name, data in self.files.items()}, **self.beside}


def run(question: Question, *, folder: Path, progress: Progress) -> tuple[Run, Path]:
    """Execute, verify, render and seal in `folder`, which is the run's output folder; the run and where it lies.

    Raises RunError and InputError as a close does; what failed is put into `folder`/_failed with its record.
    """
    plan = replace(
        question.plan,
        outputs=folder,
        notebooks=(question.kind,),
        parameters={question.kind: dict(question.parameters)},
    )
    job = Job(
        plan=plan,
        entity=question.entity,
        notebooks=plan.notebooks,
        is_partial=True,
        outputs=folder,
        close_id="",
        book=question.book,
        inputs=tuple(question.inputs),
        carried=None,
        decisions=question.decisions,
        supersedes="",
        threads=max(1, os.cpu_count() or 1),
        mask=Mask(plan.root, also={folder: "outputs"}),
        progress=progress,
        as_of=question.as_of,
        asked=question.laid,
    )
    stop = Stop()
    with ExitStack() as stack:
        kernels = stack.enter_context(ThreadPoolExecutor(1))
        try:
            made = entity_run.make(job, kernels=kernels, stop=stop)
        except BaseException:
            stop.pull("interrupted")  # no kernel outlives what ended us
            raise
    return made, folder / made.folder


def inputs_of(book: Book) -> tuple[Mapping[str, object], ...]:
    """What the book was read from, as run.json tells it."""
    return tuple(record.inputs(book))
