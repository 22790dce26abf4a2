"""One notebook of a run: executed here or elsewhere, checked here, kept in the staging folder. Floor 4."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import arlib
from arlib.run import context, engine, platform
from arlib.run.driver import Limits
from arlib.run.facts import PageAsk
from arlib.run.job import Job
from arlib.run.journal import State
from arlib.run.manifest import sha256_of
from arlib.run.notebookcheck import checked, executed_bytes
from arlib.run.seal import CLUSTER_LOST
from arlib.run.staging import Staging

Execute = Callable[[str, Path], engine.Executed]  # a notebook's name and the folder for its artefacts


class Where(Protocol):
    """Where notebooks are executed."""

    @property
    def at_once(self) -> int:
        """Notebooks that it can execute at the same time."""

    @property
    def threads(self) -> int:
        """Threads that wait for notebooks; more than `at_once` where it keeps a queue of its own."""

    def opened(self, job: Job, place: Staging, stop: engine.Stop) -> AbstractContextManager[Execute]:
        """A function that executes the notebooks of one run and leaves their artefacts in the given folder.

        As `engine.execute` it never raises for what happens to a notebook.
        """

    def pages(self, asked: Iterable[PageAsk], stop: engine.Stop) -> Iterable[dict[str, bytes]]:
        """The pages of each notebook, in their order. Raises as `facts.pages_of` does."""

    def prepare(self) -> None:
        """Get ready in the background, while extracts are read."""


@dataclass(frozen=True)
class Here:
    """On this machine, in kernels of this process."""

    at_once: int = 1

    @property
    def threads(self) -> int:
        """One for each notebook: the queue is here."""
        return self.at_once

    @contextmanager
    def opened(self, job: Job, place: Staging, stop: engine.Stop) -> Iterator[Execute]:
        """See `Where`."""

        def execute(name: str, attempt: Path) -> engine.Executed:
            return engine.execute(
                job.source(name),
                parameters=job.plan.flat(name, job.entity),
                folder=job.plan.root,
                variables=context.variables(
                    run=place.run, out=attempt, run_id=place.run_id, root=job.plan.root
                ),
                limits=limits_of(job, threads=job.threads),
                stop=stop,
                on_cell=lambda done, total: job.progress.cell(job.label, name, done, total),
            )

        yield execute

    def pages(self, asked: Iterable[PageAsk], stop: engine.Stop) -> Iterable[dict[str, bytes]]:
        """See `Where`."""
        return (each.made() for each in asked)

    def prepare(self) -> None:
        """Have kernels' libraries imported meanwhile."""
        from arlib.run.warm import pool

        pool.prepare(threads=threads_of(self.at_once))


def threads_of(at_once: int) -> int:
    """How many threads a kernel may use where so many run at once."""
    return max(1, (os.cpu_count() or 1) // at_once)


def limits_of(job: Job, *, threads: int) -> Limits:
    """The limits of a job's notebooks."""
    return Limits(
        cell_seconds=job.plan.limits.cell_seconds, run_seconds=job.plan.limits.run_seconds, threads=threads
    )


@dataclass(frozen=True, kw_only=True)
class Failure:
    """How a notebook failed."""

    reason: str
    sentence: str
    cell: int = 0
    log: str = ""


def executed_notebook(
    job: Job, place: Staging, name: str, stop: engine.Stop, execute: Execute
) -> dict[str, Any] | Failure:
    """Execute and check one notebook; a failed one is kept beside the others, with its true state."""
    if stop.reason:
        return Failure(reason=stop.reason, sentence="the close was interrupted before this notebook began")
    attempt = place.attempt(name)
    ended = execute(name, attempt)
    if ended.reason == CLUSTER_LOST:
        return Failure(reason=ended.reason, sentence=job.mask(ended.sentence))
    found = checked(ended, attempt=attempt, notebook=name, entity=job.entity, period=job.plan.period)
    state = f"failed: {found.reason}" if found.reason else str(State.EXECUTED)
    data = executed_bytes(
        ended.node,
        mask=job.mask,
        about={
            "run_id": place.run_id,
            "entity": job.entity,
            "period": job.plan.period,
            "state": state,
            "cell": found.cell,
            "library": arlib.__version__,
        },
    )
    if found.reason:
        target = place.run / "notebooks" / f"{name}.ipynb"
        target.parent.mkdir(exist_ok=True)
        platform.write_whole(target, data)
        return Failure(
            reason=found.reason, sentence=job.mask(found.sentence), cell=found.cell, log=job.mask(ended.log)
        )
    made = {
        "fingerprint": job.notebook_fingerprint(name),
        "notebook": name,
        "payload": found.payload,
        "source_sha256": sha256_of(job.source(name)),
        "notebook_sha256": hashlib.sha256(data).hexdigest(),
        "parameters": job.plan.flat(name, job.entity),
        "timings": {"seconds": ended.seconds, "cells": list(ended.cells)},
    }
    place.keep(name, attempt=attempt, executed=data, record=made)
    return made
