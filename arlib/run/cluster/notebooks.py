"""The notebooks of a close on workers: what each is sent, and what is made of what comes back. Floor 4.

A run's book, parameters, close file and the project's own modules go once as one pack; a notebook adds its source.
Nothing is written here but the artefacts, into the folder of the attempt, where they are checked as at home.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import nbformat

from arlib.errors import RunError
from arlib.run import context, engine, staging
from arlib.run.attempt import Execute, limits_of
from arlib.run.cluster import packs, task
from arlib.run.cluster.connection import Cluster, Gift, Work
from arlib.run.cluster.ends import Withdrawn, WorkerDied
from arlib.run.facts import PageAsk
from arlib.run.job import Job
from arlib.run.project import MARKER
from arlib.run.staging import Staging

WAITING = 256  # notebooks that are in the cluster at once, running or waiting for a worker
START_SECONDS = 120  # of a kernel, twice at most; beside the notebook's own limit


class OnCluster:
    """Executes notebooks on the workers of a cluster; see `attempt.Where`."""

    def __init__(self, cluster: Cluster, *, most: int | None = None) -> None:
        """`most` is how many notebooks may be under way at once, where that is to be fewer than fit.

        Counts what crosses the network, for whoever asks afterwards.
        """
        self.cluster, self._most = cluster, most
        self.sent = self.received = 0

    @property
    def at_once(self) -> int:
        """How many are executed at the same time."""
        return max(1, min(self.cluster.members.at_once, self._most or WAITING))

    @property
    def threads(self) -> int:
        """How many may wait: dask has the queue, so that a worker that comes later finds work."""
        return self._most or WAITING

    @contextmanager
    def opened(self, job: Job, place: Staging, stop: engine.Stop) -> Iterator[Execute]:
        """Give the cluster what all notebooks of a run need, and take it back afterwards."""
        pack = packs.packed(pack_of(job, place))
        gift = Gift(self.cluster, pack, "pack")
        self.sent += len(pack)
        common = {
            "topic": self.cluster.topic,
            "facts": self.cluster.members.wanted,
            "pack_sha256": hashlib.sha256(pack).hexdigest(),
            "run_id": place.run_id,
            "staging": f"{staging.HOME}/{place.run_id}",
            "outputs": job.outputs.name,
            "limits": asdict(limits_of(job, threads=1)),
        }

        def execute(name: str, attempt: Path) -> engine.Executed:
            source = job.source(name).read_bytes()
            parameters = job.plan.flat(name, job.entity)
            told = {"notebook": name, "attempt": attempt.name, "parameters": parameters}
            envelope = json.dumps({**common, **told})
            try:
                came = self.cluster.run(
                    Work(
                        function=task.notebook,
                        given=(envelope, source, gift),
                        name=f"{job.label} {name}",
                        seconds=job.plan.limits.run_seconds + START_SECONDS,
                        is_stopped=lambda: bool(stop.reason),
                        on_cell=lambda done, total: job.progress.cell(job.label, name, done, total),
                    )
                )
                self.sent += len(source) + len(envelope)
                self.received += len(came)
                return _executed(packs.unpacked(came), attempt)
            except Withdrawn:
                reason, sentence = stop.reason, "the close was interrupted"
            except RunError as fault:
                reason, sentence = fault.reason, fault.message
            except WorkerDied as fault:
                reason, sentence = "worker_died", str(fault)
            except Exception as fault:  # whatever a worker's disk or memory makes of it is a failed notebook
                reason, sentence = "worker_failed", f"{type(fault).__name__}: {fault}"
            unrun = engine.prepared(job.source(name), parameters)
            return engine.Executed(node=unrun, reason=reason, sentence=sentence)

        try:
            yield execute
        finally:
            gift.drop()

    def pages(self, asked: Iterable[PageAsk], stop: engine.Stop) -> Iterator[dict[str, bytes]]:
        """Pages are made on workers as well: else the coordinator would be what bounds a close of many entities."""
        with ThreadPoolExecutor(self.at_once) as waiting:
            yield from waiting.map(partial(self._page, stop=stop), asked)

    def prepare(self) -> None:
        """Workers were told when they were asked what they are."""

    def _page(self, asked: PageAsk, *, stop: engine.Stop) -> dict[str, bytes]:
        envelope = {
            "topic": self.cluster.topic,
            "facts": self.cluster.members.wanted,
            "name": asked.name,
            "title": asked.title,
            "shown": dict(asked.shown),
        }
        work = Work(
            function=task.pages,
            given=(json.dumps(envelope), asked.executed),
            name=f"{asked.shown['Entity']} pages of {asked.name}",
            is_stopped=lambda: bool(stop.reason),
        )
        try:
            came = self.cluster.run(work)
        except Withdrawn as fault:
            raise RunError("the close was interrupted", reason=stop.reason) from fault
        except WorkerDied as fault:
            raise RunError(str(fault), reason="worker_died") from fault
        self.sent += len(asked.executed)
        self.received += len(came)
        return packs.unpacked(came)


def pack_of(job: Job, place: Staging) -> dict[str, bytes]:
    """What every notebook of a run needs: its book and parameters, the close file, modules in the project's root."""
    root, files = job.plan.root, {}
    for name in (MARKER, job.plan.close_file, *(path.name for path in sorted(root.glob("*.py")))):
        files[f"{task.PROJECT}/{name}"] = (root / name).read_bytes()
    for folder in (context.BOOK, context.ASKED, Path(context.FROZEN).parent.as_posix()):
        if (place.run / folder).is_dir():
            files |= packs.files_below(place.run / folder, prefix=f"{task.RUN}/{folder}/")
    return files


def _executed(came: dict[str, bytes], attempt: Path) -> engine.Executed:
    """What came back, its artefacts laid into the attempt's folder."""
    told: dict[str, Any] = json.loads(came.pop(task.TOLD))
    node = nbformat.from_dict(json.loads(came.pop(task.EXECUTED)))  # type: ignore[no-untyped-call]
    for name, data in came.items():
        packs.lay(data, attempt / name.removeprefix(task.FILES))
    return engine.Executed(node=node, **{**told, "cells": tuple(told["cells"])})
