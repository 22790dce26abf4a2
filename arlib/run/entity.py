"""One run: the notebooks of a close for one entity, from its book to a sealed folder. Floor 4.

`make` is the contents page: stage, plan, execute, verify, freeze, render, seal. Every stage can be killed;
see `staging`.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Any

from arlib.errors import RunError, SourceError
from arlib.run import context, engine, platform, record, seal, staging
from arlib.run.attempt import Execute, Failure, Here, Where, executed_notebook
from arlib.run.facts import render, verified
from arlib.run.job import Job, Run
from arlib.run.journal import Journal, State, now
from arlib.run.manifest import text_of
from arlib.run.outputs import refuse_links
from arlib.run.result import control_from_json
from arlib.run.seal import CLUSTER_LOST
from arlib.run.staging import Staging
from arlib.tables import Document

ENDED_FROM_OUTSIDE = ("kernel_died", "interrupted", "worker_died")
RAW = "data/raw"  # bank files and advices as they came


def leftovers(job: Job) -> tuple[Staging | None, list[Run]]:
    """What a killed close left of this run: the folder to carry on in, and runs put away as failed.

    A folder is carried on in when nothing that its results depend on has changed.
    """
    adopted: Staging | None = None
    gone: list[Run] = []
    for found in staging.left(job.outputs):
        plan = found.plan
        if (plan.get("entity"), plan.get("period")) != (job.entity, job.plan.period):
            continue
        told = staging.describe(found)
        platform.make_tree_writable(found.run)
        is_same = plan.get("fingerprint") == job.fingerprint and plan.get("notebooks") == list(job.notebooks)
        if is_same and adopted is None:
            adopted = found
            platform.write_whole(found.home / staging.PLAN, text_of({**plan, "close_id": job.close_id}))
            job.progress.note(f"{job.label}: found run {found.run_id}, {told}; carrying on")
            continue
        sentence = f"its close was killed ({told}), and parameters, inputs or code have changed since"
        put = seal.fail(
            job.outputs,
            found,
            reason="interrupted",
            detail={"sentence": sentence},
            journal=journal(job, found),
        )
        folder = put.relative_to(job.outputs).as_posix() if put else ""
        job.progress.note(f"{job.label}: found run {found.run_id}: {sentence}; put in {folder or 'no place'}")
        gone.append(
            Run(
                entity=job.entity,
                period=job.plan.period,
                run_id=found.run_id,
                state="failed: interrupted",
                folder=folder,
                sentence=sentence,
                exit_code=3,
            )
        )
    return adopted, gone


def stage(job: Job) -> Staging:
    """The staging folder of a run: that which `job` carries on in, or a new one."""
    if job.adopted is not None:
        journal(job, job.adopted).enter(State.RESUMED, note=staging.describe(job.adopted))
        return job.adopted
    run_id = record.new_id()
    return staging.create(
        job.outputs,
        run_id=run_id,
        plan={
            "run_id": run_id,
            "close_id": job.close_id,
            "entity": job.entity,
            "period": job.plan.period,
            "notebooks": list(job.notebooks),
            "fingerprint": job.fingerprint,
            "created_at": now(),
        },
    )


def journal(job: Job, place: Staging) -> Journal:
    """The log of a run, which tells the progress display too."""
    return Journal(place.run, lambda state, detail: job.progress.state(job.label, state, detail), job.mask)


def make(job: Job, *, kernels: Executor, stop: engine.Stop, where: Where | None = None) -> Run:
    """Make one run and seal it; whatever ends it early leaves a true record and is raised.

    `kernels` holds a thread for each notebook that is under way, `where` says where they are executed: here, unless
    told otherwise.
    """
    place = stage(job)
    log = journal(job, place)
    with seal.Unfinished(job.outputs, place, journal=log, mask=job.mask) as guard:
        clock = _Clock()
        prepare(job, place)
        log.enter(State.PLANNED)
        clock.lap("planned")
        log.enter(State.RUNNING)
        there = where or Here()
        with there.opened(job, place, stop) as run_one:
            done = execute(job, place, run_one, kernels=kernels, stop=stop, detail=guard.detail)
        log.enter(State.EXECUTED)
        clock.lap("executed")
        facts = verified(job, place, done)
        run_sha256 = seal.freeze(place, facts)
        log.enter(State.VERIFIED)
        clock.lap("verified")
        pages = partial(there.pages, stop=stop)
        render(job, place, facts=facts, run_sha256=run_sha256, pages=pages)
        log.enter(State.RENDERED)
        clock.lap("rendered")
        timings = {"stages": clock.laps, "notebooks": {name: made["timings"] for name, made in done.items()}}
        final = job.outputs / job.plan.period / job.entity / place.run_id
        refuse_links(job.outputs, f"{job.plan.period}/{job.entity}")  # one may have been planted since
        manifest_sha256 = seal.seal(place, final, journal=log, timings=timings)
    return Run(
        entity=job.entity,
        period=job.plan.period,
        run_id=place.run_id,
        state=State.SEALED,
        folder=final.relative_to(job.outputs).as_posix(),
        controls=tuple(control_from_json(made) for made in facts["controls"]),
        results_sha256=facts["results_sha256"],
        run_json_sha256=run_sha256,
        manifest_sha256=manifest_sha256,
        supersedes=job.supersedes,
        timings=timings,
    )


def prepare(job: Job, place: Staging) -> None:
    """The book and the parameters, frozen in the staging folder.

    Notebooks that are done and unharmed stay.
    """
    from arlib.sources.snapshot import write_book

    book = place.run / context.BOOK
    if not book.is_dir():
        spare = place.home / "book.part"
        platform.remove_tree(spare)
        write_book(job.book, spare)
        book.parent.mkdir(parents=True, exist_ok=True)
        platform.rename_whole(spare, book)
    params = place.run / "params"
    params.mkdir(exist_ok=True)
    platform.write_whole(place.run / context.FROZEN, text_of(job.plan.as_json()))
    for notebook in job.notebooks:
        platform.write_whole(params / f"{notebook}.json", text_of(job.plan.flat(notebook, job.entity)))
    kept = {name: place.reusable(name, job.notebook_fingerprint(name)) for name in job.notebooks}
    place.clear({name: found for name, found in kept.items() if found})
    for path, content in job.asked.items():
        target = place.run / path
        target.parent.mkdir(parents=True, exist_ok=True)
        platform.write_whole(target, content)
    keep(job.book.documents, place.run / RAW)


def keep(documents: Iterable[Document], folder: Path) -> None:
    """Copies of the bank files and advices as they came, each checked against the hash of what was read.

    A name begins with the hash, so that two files of one name stand side by side. Raises SourceError for a file that
    has changed since.
    """
    from arlib.sources.raw import file_faults

    for document in documents:
        path = Path(document.path)
        with file_faults(path):
            content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != document.sha256:
            raise SourceError(
                "was changed while the close ran", where=document.name, fix="Run the close again."
            )
        folder.mkdir(parents=True, exist_ok=True)
        plain = re.sub(r"[^0-9A-Za-z._-]", "_", path.name)[-100:]
        platform.write_whole(folder / f"{document.sha256[:12]}-{plain}", content)


def execute(
    job: Job,
    place: Staging,
    run_one: Execute,
    *,
    kernels: Executor,
    stop: engine.Stop,
    detail: dict[str, Any],
) -> dict[str, dict[str, Any]]:
    """The record of every notebook, executed now or kept from a killed close; raises the first failure.

    The others are let finish first, so that a resumed close need not run them again.
    """
    kept = {name: place.done(name) for name in job.notebooks if place.done(name)}
    waiting = {
        name: kernels.submit(executed_notebook, job, place, name, stop, run_one)
        for name in job.notebooks
        if name not in kept
    }
    failures: dict[str, Failure] = {}
    made: dict[str, dict[str, Any]] = {}
    for name in job.notebooks:
        ended = kept[name] if name in kept else waiting[name].result()
        if isinstance(ended, Failure):
            failures[name] = ended
        else:
            made[name] = ended
    for name in sorted(failures, key=lambda each: failures[each].reason == CLUSTER_LOST):
        failure = failures[name]
        detail |= {
            "notebook": name,
            "cell": failure.cell,
            "log": failure.log,
            "notebooks": {other: each.reason for other, each in failures.items()},
        }
        where = f"{job.label}, {name}" + (f", cell {failure.cell}" if failure.cell else "")
        raise RunError(
            failure.sentence,
            reason=failure.reason,
            where=where,
            fix="What is done is kept: close again, with or without a cluster, and it is carried on."
            if failure.reason == CLUSTER_LOST
            else f"See {job.outputs.name}/{staging.FAILED}/{place.run_id}"
            + (", and close again." if failure.reason in ENDED_FROM_OUTSIDE else "."),
        )
    return made


class _Clock:
    """Seconds from one stage to the next."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        here = time.monotonic()
        self.laps[name] = round(here - self._last, 3)
        self._last = here
