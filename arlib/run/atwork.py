"""A close at work: what is left of killed ones, the runs, the index, the verdict. Floor 4."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.controls import Control
from arlib.errors import ArError
from arlib.run import closes, lock, record, staging
from arlib.run import entity as entity_run
from arlib.run.attempt import Where, threads_of
from arlib.run.closes import CloseRecord
from arlib.run.engine import Stop
from arlib.run.history import carried_forward, sealed_runs, standing, with_carried
from arlib.run.hygiene import Mask
from arlib.run.job import Job, Run, kept, read_run_json, to_json
from arlib.run.journal import now
from arlib.run.manifest import RUN, sha256_of
from arlib.run.outputs import no_room
from arlib.run.params import ClosePlan
from arlib.run.precheck import require_answerable
from arlib.run.progress import Progress
from arlib.run.result import digest
from arlib.run.seal import CLUSTER_LOST, reason_of
from arlib.run.storeindex import StoreIndex, holds_nothing
from arlib.run.verdict import blocking

if TYPE_CHECKING:
    from arlib.run.store import Store
    from arlib.tables import Book

INTERRUPTED = 130
STORE = "arlib.db"
NO_ROOM = frozenset({"disk_full", "output_not_writable"})  # reasons after which nothing is left behind


@dataclass(frozen=True, kw_only=True)
class CloseResult:
    """How a close ended. `folder` is where its runs lie, `blocking` why it ends with 1."""

    exit_code: int
    close_id: str
    folder: Path
    runs: tuple[Run, ...] = ()
    controls: tuple[Control, ...] = ()
    blocking: tuple[str, ...] = field(default=())

    @property
    def failures(self) -> tuple[Run, ...]:
        """The runs that were not sealed."""
        return tuple(run for run in self.runs if not run.is_sealed)


class CloseAtWork:
    """A close at work. Everything that is written about it is written by the thread that called `close`."""

    def __init__(
        self,
        plan: ClosePlan,
        entities: tuple[str, ...],
        notebooks: tuple[str, ...],
        where: Where,
        progress: Progress,
        mask: Mask,
    ) -> None:
        """Nothing is read or written yet."""
        self.plan, self.entities, self.notebooks, self.where = plan, entities, notebooks, where
        self.progress, self.mask, self.outputs = progress, mask, plan.outputs
        self.stop = Stop()
        self.store = StoreIndex(None)
        self.has_new_store = False
        self.told: CloseRecord = self.new()
        self.own_id = self.told.close_id
        self.is_left = False  # left as a kill would leave it, for the next close to carry on

    def run(self, stack: ExitStack, open_store: Callable[[Path], Store] | None) -> CloseResult:
        """The contents page."""
        here = self.outputs / self.plan.period
        try:
            book = self.load()
        except KeyboardInterrupt:
            return CloseResult(exit_code=INTERRUPTED, close_id="", folder=here)
        try:
            self.has_new_store = not any(self.outputs.glob(STORE))
            self.store = StoreIndex(open_store(self.outputs) if open_store else None)
            self.told = self.begun(stack)
            jobs = [self.job(book, code) for code in self.entities]
            done = self.already_sealed(jobs)
            jobs = [self.carried_on(job) for job in jobs if job.entity not in {run.entity for run in done}]
            self.told.write(self.outputs)
        except (KeyboardInterrupt, OSError, ArError) as fault:
            self.leave_nothing()
            if isinstance(fault, KeyboardInterrupt):
                return CloseResult(exit_code=INTERRUPTED, close_id="", folder=here)
            if isinstance(fault, OSError):
                raise no_room(fault, self.outputs) from fault
            raise
        for run in done:
            self.recorded(run)
        try:
            self.make(jobs, done)
            return self.ended(sorted(done, key=lambda run: self.entities.index(run.entity)))
        finally:
            if (
                self.told.state == closes.RUNNING and not self.is_left
            ):  # something that nobody foresaw is on its way up
                state = closes.INTERRUPTED if self.stop.reason else closes.FAILED
                self.write(self.told.ended(state=state, exit_code=INTERRUPTED if self.stop.reason else 3))

    def load(self) -> Book:
        """The extracts of all entities that the close file declares, so that a row of any other is seen."""
        from arlib.sources import load_book

        plan = self.plan
        self.where.prepare()
        self.progress.note(f"{plan.title}: reading extracts")
        book = load_book(
            plan.sources, root=plan.root, entities=tuple(plan.functional), functional=plan.functional
        )
        require_answerable(book, plan, self.entities, notebooks=self.notebooks)
        return book

    def new(self) -> CloseRecord:
        """The record of a close that begins now."""
        return CloseRecord(
            close_id=record.new_id(),
            period=self.plan.period,
            close_file=self.plan.close_file,
            parameters_sha256=digest(self.plan.as_json()),
            entities=self.entities,
            notebooks=self.notebooks,
            started_at=now(),
        )

    def begun(self, stack: ExitStack) -> CloseRecord:
        """The record of this close: that of a killed one which this carries on, or a new one."""
        plan, same = self.plan, None
        sha256 = self.told.parameters_sha256
        for left in closes.unfinished(self.outputs):
            mine = left.period == plan.period and set(left.entities) & set(self.entities)
            is_same = (left.parameters_sha256, left.entities, left.notebooks) == (
                sha256,
                self.entities,
                self.notebooks,
            )
            if is_same and same is None:
                same = left
                self.progress.note(f"found close {left.close_id}, which was killed; carrying on")
            elif mine:
                left.ended(state=closes.INTERRUPTED, exit_code=INTERRUPTED).write(self.outputs)
        told = same or self.told
        stack.enter_context(
            lock.hold(self.outputs, closes.lock_name(told.close_id), about=f"close {told.close_id}")
        )
        return told

    def job(self, book: Book, code: str) -> Job:
        """All that the run of one entity needs."""
        plan = self.plan
        stands = standing(self.outputs, entity=code, period=plan.period)
        self.store.catch_up(self.outputs, entity=code, period=plan.period)
        self.store.refuse_final(entity=code, period=plan.period)
        carried = carried_forward(self.outputs, entity=code, previous=plan.previous_period())
        mine = self.store.with_decided(with_carried(book.for_entity(code), carried), code)
        return Job(
            plan=plan,
            entity=code,
            notebooks=self.notebooks,
            is_partial=self.is_partial,
            outputs=self.outputs,
            close_id=self.told.close_id,
            book=mine,
            inputs=tuple(record.inputs(book)),
            carried=carried.beside(book) if carried else None,
            decisions=self.store.decisions(code),
            supersedes="" if self.is_partial or stands is None else stands.run_id,
            threads=threads_of(self.where.at_once),
            mask=self.mask,
            progress=self.progress,
        )

    def carried_on(self, job: Job) -> Job:
        """The job, with what a killed close left of it; what cannot be carried on is recorded as failed."""
        adopted, gone = entity_run.leftovers(job)
        for run in gone:
            self.recorded(run)
        return replace(job, adopted=adopted)

    def already_sealed(self, jobs: list[Job]) -> list[Run]:
        """Runs that this close sealed before it was killed, if nothing they depend on has changed since."""
        found: dict[str, Run] = {}
        for job in jobs:
            for sealed in sealed_runs(self.outputs, entity=job.entity, period=self.plan.period):
                same = (
                    sealed.run.get("close_id") == self.told.close_id
                    and sealed.run.get("fingerprint") == job.fingerprint
                )
                if same and self.has_notebooks(sealed.run, job):
                    folder = sealed.folder.relative_to(self.outputs).as_posix()
                    found[job.entity] = kept(
                        sealed.run,
                        folder=folder,
                        manifest_sha256=sealed.manifest_sha256,
                        run_json_sha256=sha256_of(sealed.folder / RUN),
                    )
                    self.progress.note(f"{job.label}: sealed before the close was killed; kept")
        return list(found.values())

    @staticmethod
    def has_notebooks(run: Any, job: Job) -> bool:
        """Whether a sealed run was made from the notebooks as they are now."""
        known = {name: made["source_sha256"] for name, made in run["notebooks"].items()}
        return known == {name: sha256_of(job.source(name)) for name in job.notebooks}

    def make(self, jobs: list[Job], done: list[Run]) -> None:
        """Make the runs, several at once, and record each in `done` as it ends.

        Ctrl-C ends them all, with true records.
        """
        where = self.where
        with (
            ThreadPoolExecutor(where.threads) as kernels,
            ThreadPoolExecutor(min(where.at_once, max(1, len(jobs)))) as makers,
        ):
            waiting = {
                makers.submit(entity_run.make, job, kernels=kernels, stop=self.stop, where=where): job
                for job in jobs
            }
            try:
                while waiting:
                    try:
                        ended, _ = wait(waiting, timeout=1, return_when=FIRST_COMPLETED)
                    except KeyboardInterrupt:
                        self.progress.note("interrupted: ending the notebooks that are running")
                        self.stop.pull("interrupted")
                        continue
                    for future in ended:
                        run = self.outcome(future, waiting.pop(future))
                        if run.reason != CLUSTER_LOST:
                            self.recorded(run)
                        done.append(run)
            finally:
                if waiting:  # a fault that nobody foresaw: no kernel may outlive it
                    self.stop.pull("interrupted")

    def outcome(self, future: Future[Run], job: Job) -> Run:
        """The run, or the record of its failure.

        A fault of an unforeseen class is raised, after its true record.
        """
        try:
            return future.result()
        except (ArError, OSError) as fault:
            reason = reason_of(fault)
            sentence = self.mask(str(fault))
            if isinstance(fault, OSError):
                sentence = f"{job.label}: the output could not be written: {os.strerror(fault.errno or 0)}"
            run_id, folder = _put(self.outputs, job)
            return Run(
                entity=job.entity,
                period=self.plan.period,
                run_id=run_id,
                state=f"failed: {reason}",
                folder=folder,
                sentence=sentence,
                exit_code=getattr(fault, "exit_code", 3),
            )

    def recorded(self, run: Run) -> None:
        """Put a run into the close's record and into the store."""
        self.write(self.told.with_run(to_json(run)))
        if run.reason not in NO_ROOM:
            self.store.record(run)
            self.write(self.told.with_head(self.store.head))

    def leave_nothing(self) -> None:
        """Take back the record of this close, and a store that was made for it and holds nothing.

        The record of a killed close that this one carried on stays, and so does a store while other closes work.
        """
        if self.told.close_id == self.own_id:
            closes.remove(self.outputs, self.own_id)
        mine = {
            closes.lock_name(self.told.close_id),
            *(f"{self.plan.period}.{code}" for code in self.entities),
        }
        if self.has_new_store and not lock.others(self.outputs, mine) and holds_nothing(self.outputs):
            for path in self.outputs.glob(f"{STORE}*"):
                path.unlink(missing_ok=True)

    def write(self, told: CloseRecord) -> None:
        """Keep the close's record; a full disk must not hide how a run ended."""
        self.told = told
        with suppress(OSError):
            told.write(self.outputs)

    @property
    def is_partial(self) -> bool:
        """Whether some of the plan's notebooks were left out."""
        return set(self.notebooks) < set(self.plan.notebooks)

    def ended(self, done: list[Run]) -> CloseResult:
        """The verdict, recorded."""
        controls = tuple(control for run in done for control in run.controls)
        sealed = [run.entity for run in done if run.is_sealed]
        held = blocking(
            controls,
            policy=self.plan.policies.controls,
            entities=sealed,
            functional=self.plan.functional,
            as_of=self.plan.period_dates().ends_on,
            is_partial=self.is_partial,
        )
        failed = [run for run in done if not run.is_sealed]
        if any(run.reason == CLUSTER_LOST for run in failed):
            self.is_left = True
            return CloseResult(
                exit_code=3,
                close_id=self.told.close_id,
                folder=self.outputs / self.plan.period,
                runs=tuple(done),
                controls=controls,
            )
        code = INTERRUPTED if self.stop.reason else 3 if failed else 1 if held else 0
        state = closes.INTERRUPTED if self.stop.reason else closes.FAILED if failed else closes.DONE
        self.write(self.told.ended(state=state, exit_code=code, blocking=held))
        if failed and not sealed and all(run.reason in NO_ROOM for run in failed):
            self.leave_nothing()
        else:
            # Said in the record first and with the store's head last: killed in between, neither is lost.
            self.store.propose_policies(self.plan, close_id=self.told.close_id)
            self.store.finished(self.told, done, exit_code=code)
            self.write(self.told.with_head(self.store.head))
        staging.leave(self.outputs)
        return CloseResult(
            exit_code=code,
            close_id=self.told.close_id,
            folder=self.outputs / self.plan.period,
            runs=tuple(done),
            controls=controls,
            blocking=held,
        )


def _put(outputs: Path, job: Job) -> tuple[str, str]:
    """Name and folder of the run that this close put away as failed for an entity.

    Two empty texts where none was kept.
    """
    home = outputs / staging.FAILED
    for folder in sorted(home.iterdir(), reverse=True) if home.is_dir() else ():
        told = read_run_json(folder) if (folder / RUN).is_file() else {}
        if (told.get("close_id"), told.get("entity")) == (job.close_id, job.entity):
            return folder.name, folder.relative_to(outputs).as_posix()
    return "", ""
