"""One run: the notebooks of a close for one entity, from its book to a sealed folder. Floor 4.

`make` is the contents page: stage, plan, execute, verify, freeze, render, seal. Every stage can be killed; see `staging`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import arlib
from arlib.controls import Control
from arlib.errors import RunError
from arlib.run import context, engine, platform, record, seal, staging
from arlib.run.history import CarriedForward
from arlib.run.hygiene import Mask
from arlib.run.journal import Journal, State, now
from arlib.run.manifest import sha256_of, text_of
from arlib.run.notebookcheck import checked, executed_bytes
from arlib.run.params import ClosePlan
from arlib.run.progress import Progress
from arlib.run.result import control_from_json, digest, run_digest
from arlib.run.staging import Staging

if TYPE_CHECKING:
    from arlib.tables import Book

NOTEBOOKS = Path("notebooks/monthly")
MODES: tuple[tuple[Literal["report", "evidence"], str], ...] = (("report", ""), ("evidence", ".evidence"))


@dataclass(frozen=True, kw_only=True)
class Job:
    """All that one run needs, fixed before it starts."""

    plan: ClosePlan
    entity: str
    notebooks: tuple[str, ...]
    is_partial: bool
    outputs: Path
    close_id: str
    book: Book
    inputs: tuple[Mapping[str, object], ...]
    carried: CarriedForward | None
    decisions: Mapping[str, Any]  # snapshot of the store, with its head
    supersedes: str
    threads: int
    mask: Mask
    progress: Progress
    adopted: Staging | None = None  # what a killed close left, when it can be carried on

    @property
    def label(self) -> str:
        """Entity and period, as people are told."""
        return f"{self.entity} {self.plan.period}"

    @cached_property
    def fingerprint(self) -> str:
        """One hash over everything that every notebook's result depends on, but the notebooks themselves."""
        return digest({
            "plan": self.plan.as_json(), "entity": self.entity, "inputs": record.inputs_sha256(self.inputs),
            "carried": self.carried.manifest_sha256 if self.carried else "",
            "decisions": [event["hash"] for event in self.decisions["events"]], "library": record.library_sha256(),
        })  # fmt: skip

    def source(self, notebook: str) -> Path:
        """The notebook as it is stored, without outputs."""
        return self.plan.root / NOTEBOOKS / f"{notebook}.ipynb"

    def notebook_fingerprint(self, notebook: str) -> str:
        """The same for one notebook: its source and parameters come to it."""
        return digest({"run": self.fingerprint, "notebook": sha256_of(self.source(notebook)),
                       "parameters": self.plan.flat(notebook, self.entity)})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Run:
    """How one run ended. `folder` is where it lies now, relative to the output folder; '' when nothing was kept."""

    entity: str
    period: str
    run_id: str
    state: str  # 'sealed' or 'failed: reason'
    folder: str
    sentence: str = ""  # of a failure
    controls: tuple[Control, ...] = ()
    results_sha256: str = ""
    run_json_sha256: str = ""
    manifest_sha256: str = ""
    supersedes: str = ""
    is_kept: bool = False  # sealed by the close that this one carries on, not again now
    exit_code: int = 0  # of the fault behind a failure
    timings: Mapping[str, object] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The one word for a failure; '' for a sealed run."""
        return "" if self.is_sealed else self.state.removeprefix("failed: ")

    @property
    def is_sealed(self) -> bool:
        """Whether it ended well."""
        return self.state == State.SEALED


def leftovers(job: Job) -> tuple[Staging | None, list[Run]]:
    """What a killed close left of this run: the folder to carry on in, and the runs that were put away as failed.

    A folder is carried on in when nothing that its results depend on has changed.
    """
    adopted: Staging | None = None
    gone: list[Run] = []
    for found in staging.left(job.outputs):
        plan = found.plan
        if (plan.get("entity"), plan.get("period")) != (job.entity, job.plan.period):
            continue
        told = staging.describe(found)
        is_same = plan.get("fingerprint") == job.fingerprint and plan.get("notebooks") == list(job.notebooks)
        if is_same and adopted is None:
            adopted = found
            platform.write_whole(found.home / staging.PLAN, text_of({**plan, "close_id": job.close_id}))
            job.progress.note(f"{job.label}: found run {found.run_id}, {told}; carrying on")
            continue
        sentence = f"its close was killed ({told}), and parameters, inputs or code have changed since"
        put = seal.fail(job.outputs, found, reason="interrupted", detail={"sentence": sentence}, journal=journal(job, found))
        folder = put.relative_to(job.outputs).as_posix() if put else ""
        job.progress.note(f"{job.label}: found run {found.run_id}: {sentence}; put in {folder or 'no place'}")
        gone.append(Run(entity=job.entity, period=job.plan.period, run_id=found.run_id, state="failed: interrupted",
                        folder=folder, sentence=sentence, exit_code=3))  # fmt: skip
    return adopted, gone


def stage(job: Job) -> Staging:
    """The staging folder of a run: that which `job` carries on in, or a new one."""
    if job.adopted is not None:
        journal(job, job.adopted).enter(State.RESUMED, note=staging.describe(job.adopted))
        return job.adopted
    run_id = record.new_id()
    return staging.create(job.outputs, run_id=run_id, plan={
        "run_id": run_id, "close_id": job.close_id, "entity": job.entity, "period": job.plan.period,
        "notebooks": list(job.notebooks), "fingerprint": job.fingerprint, "created_at": now(),
    })  # fmt: skip


def journal(job: Job, place: Staging) -> Journal:
    """The log of a run, which tells the progress display too."""
    return Journal(place.run, lambda state, detail: job.progress.state(job.label, state, detail), job.mask)


def make(job: Job, *, kernels: Executor, stop: engine.Stop) -> Run:
    """Make one run and seal it; whatever ends it early leaves a true record and is raised."""
    place = stage(job)
    log = journal(job, place)
    with seal.Unfinished(job.outputs, place, journal=log, mask=job.mask) as guard:
        clock = _Clock()
        prepare(job, place)
        log.enter(State.PLANNED)
        clock.lap("planned")
        log.enter(State.RUNNING)
        done = execute(job, place, kernels=kernels, stop=stop, detail=guard.detail)
        log.enter(State.EXECUTED)
        clock.lap("executed")
        facts = verified(job, place, done)
        run_sha256 = seal.freeze(place, facts)
        log.enter(State.VERIFIED)
        clock.lap("verified")
        render(job, place, facts=facts, run_sha256=run_sha256)
        log.enter(State.RENDERED)
        clock.lap("rendered")
        timings = {"stages": clock.laps, "notebooks": {name: made["timings"] for name, made in done.items()}}
        final = job.outputs / job.plan.period / job.entity / place.run_id
        manifest_sha256 = seal.seal(place, final, journal=log, timings=timings)
    return Run(
        entity=job.entity, period=job.plan.period, run_id=place.run_id, state=State.SEALED,
        folder=final.relative_to(job.outputs).as_posix(),
        controls=tuple(control_from_json(made) for made in facts["controls"]), results_sha256=facts["results_sha256"],
        run_json_sha256=run_sha256, manifest_sha256=manifest_sha256, supersedes=job.supersedes, timings=timings,
    )  # fmt: skip


def prepare(job: Job, place: Staging) -> None:
    """The book and the parameters, frozen in the staging folder; notebooks that are done and unharmed stay."""
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


def execute(
    job: Job, place: Staging, *, kernels: Executor, stop: engine.Stop, detail: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """The record of every notebook, executed now or kept from a killed close; raises the first failure.

    The others are let finish first, so that a resumed close need not run them again.
    """
    kept = {name: place.done(name) for name in job.notebooks if place.done(name)}
    waiting = {name: kernels.submit(_notebook, job, place, name, stop) for name in job.notebooks if name not in kept}
    failures: dict[str, _Failure] = {}
    made: dict[str, dict[str, Any]] = {}
    for name in job.notebooks:
        ended = kept[name] if name in kept else waiting[name].result()
        if isinstance(ended, _Failure):
            failures[name] = ended
        else:
            made[name] = ended
    for name, failure in failures.items():
        detail |= {"notebook": name, "cell": failure.cell, "log": failure.log,
                   "notebooks": {other: each.reason for other, each in failures.items()}}  # fmt: skip
        where = f"{job.label}, {name}" + (f", cell {failure.cell}" if failure.cell else "")
        raise RunError(failure.sentence, reason=failure.reason, where=where,
                       fix=f"See outputs/{staging.FAILED}/{place.run_id}.".replace("outputs", job.outputs.name, 1))  # fmt: skip
    return made


@dataclass(frozen=True, kw_only=True)
class _Failure:
    """How a notebook failed."""

    reason: str
    sentence: str
    cell: int
    log: str = ""


def _notebook(job: Job, place: Staging, name: str, stop: engine.Stop) -> dict[str, Any] | _Failure:
    """Execute and check one notebook; a failed one is kept beside the others, with its true state."""
    if stop.reason:
        return _Failure(reason=stop.reason, sentence="the close was interrupted before this notebook began", cell=0)
    attempt = place.attempt(name)
    parameters = job.plan.flat(name, job.entity)
    variables = {context.RUN_FOLDER: str(place.run), context.OUT_FOLDER: str(attempt), context.RUN_ID: place.run_id,
                 "ARLIB_ROOT": str(job.plan.root)}  # fmt: skip
    limits = engine.Limits(cell_seconds=job.plan.limits.cell_seconds, run_seconds=job.plan.limits.run_seconds, threads=job.threads)
    ended = engine.execute(
        job.source(name), parameters=parameters, folder=job.plan.root, variables=variables, limits=limits, stop=stop,
        on_cell=lambda done, total: job.progress.cell(job.label, name, done, total),
    )  # fmt: skip
    found = checked(ended, attempt=attempt, notebook=name, entity=job.entity, period=job.plan.period)
    state = f"failed: {found.reason}" if found.reason else str(State.EXECUTED)
    data = executed_bytes(ended.node, mask=job.mask, about={
        "run_id": place.run_id, "entity": job.entity, "period": job.plan.period, "state": state, "cell": found.cell,
        "library": arlib.__version__,
    })  # fmt: skip
    if found.reason:
        target = place.run / "notebooks" / f"{name}.ipynb"
        target.parent.mkdir(exist_ok=True)
        platform.write_whole(target, data)
        return _Failure(reason=found.reason, sentence=job.mask(found.sentence), cell=found.cell, log=job.mask(ended.log))
    made = {
        "fingerprint": job.notebook_fingerprint(name), "notebook": name, "payload": found.payload,
        "source_sha256": sha256_of(job.source(name)), "notebook_sha256": _sha256(data), "parameters": parameters,
        "timings": {"seconds": ended.seconds, "cells": list(ended.cells)},
    }  # fmt: skip
    place.keep(name, attempt=attempt, executed=data, record=made)
    return made


def verified(job: Job, place: Staging, done: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What run.json says: nothing in it is still to come."""
    payloads = {name: made["payload"] for name, made in done.items()}
    controls: list[dict[str, Any]] = []
    for told in payloads.values():
        controls += [control for control in told["controls"] if control not in controls]
    scope = job.plan.scope(job.entity)
    facts = {
        "run_id": place.run_id, "close_id": job.close_id, "state": str(State.VERIFIED), "title": job.plan.title,
        "entity": job.entity, "entity_name": scope.entity_name, "functional_currency": scope.functional_currency,
        "period": scope.period, "starts_on": scope.starts_on.isoformat(), "ends_on": scope.ends_on.isoformat(),
        "as_of": scope.as_of.isoformat(), "created_at": place.plan.get("created_at", ""), "is_partial": job.is_partial,
        "supersedes": job.supersedes, "parameters": job.plan.as_json(), "parameters_sha256": digest(job.plan.as_json()),
        "inputs": list(job.inputs), "inputs_sha256": record.inputs_sha256(job.inputs),
        "carried_forward": job.carried.to_json() if job.carried else None, "decisions": job.decisions,
        "notebooks": {
            name: {"source_sha256": made["source_sha256"], "parameters": made["parameters"],
                   "results_sha256": made["payload"]["results_sha256"], "counts": made["payload"]["counts"],
                   "tables": made["payload"]["tables"]}
            for name, made in done.items()
        },
        "controls": controls,
        "identities": {name: told["identities"] for name, told in payloads.items()},
        "results_sha256": run_digest(payloads), "library_sha256": record.library_sha256(),
        "environment": record.environment(job.plan.root), "fingerprint": job.fingerprint,
    }  # fmt: skip
    masked: dict[str, Any] = job.mask.deep(facts)
    return masked


def render(job: Job, place: Staging, *, facts: Mapping[str, Any], run_sha256: str) -> None:
    """Two pages a notebook: the report without code, and evidence with it."""
    import nbformat

    from arlib.report.page import render as page

    pages = place.run / "pages"
    pages.mkdir(exist_ok=True)
    for name in job.notebooks:
        executed = place.run / "notebooks" / f"{name}.ipynb"
        node = nbformat.read(executed, as_version=4)  # type: ignore[no-untyped-call]
        payload = place.done(name)["payload"]
        shown = {
            "status": payload["status"], "Entity": f"{job.entity} {facts['entity_name']}", "Period": facts["period"],
            "As of": facts["as_of"], "Run": place.run_id, "Record": run_sha256[:12], "Results": payload["results_sha256"][:12],
            "arlib": arlib.__version__,
        }  # fmt: skip
        for mode, ending in MODES:
            text = page(node, mode=mode, title=payload["title"], run_facts=shown)
            platform.write_whole(pages / f"{name}{ending}.html", text.encode())


class _Clock:
    """Seconds from one stage to the next."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        here = time.monotonic()
        self.laps[name] = round(here - self._last, 3)
        self._last = here


def _sha256(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def kept(found: Mapping[str, Any], *, folder: str, manifest_sha256: str, run_json_sha256: str) -> Run:
    """A run that the close being carried on had sealed already."""
    return Run(
        entity=found["entity"], period=found["period"], run_id=found["run_id"], state=State.SEALED, folder=folder,
        controls=tuple(control_from_json(made) for made in found["controls"]), results_sha256=found["results_sha256"],
        run_json_sha256=run_json_sha256, manifest_sha256=manifest_sha256, supersedes=found["supersedes"], is_kept=True,
    )  # fmt: skip


def to_json(run: Run) -> dict[str, object]:
    """A run as the record of its close tells it."""
    return {
        "entity": run.entity, "period": run.period, "run_id": run.run_id, "state": run.state, "folder": run.folder,
        "sentence": run.sentence, "results_sha256": run.results_sha256, "run_json_sha256": run.run_json_sha256,
        "manifest_sha256": run.manifest_sha256, "supersedes": run.supersedes,
        "controls": [{"name": c.name, "title": c.title, "account": c.account, "status": str(c.status)} for c in run.controls],
    }  # fmt: skip


def read_run_json(folder: Path) -> dict[str, Any]:
    """run.json of a sealed run."""
    told: dict[str, Any] = json.loads((folder / "run.json").read_bytes())
    return told
