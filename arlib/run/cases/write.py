"""Write a case: one notebook run over the customer's book, sealed and moved into place, one line in the store. Floor 4.

    lock -> book of the customer -> run -> outputs/cases/ID/RUN -> store

Everything is made in `outputs/cases/ID/.making-…` and renamed into place whole: a killed case leaves nothing but that
folder, which the next one removes.
"""

from __future__ import annotations

import re
import secrets
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.controls import Control, Status
from arlib.errors import SourceError
from arlib.run import lock, platform
from arlib.run.audit.running import Question
from arlib.run.audit.running import run as make_run
from arlib.run.cases.asking import decisions_json
from arlib.run.cases.books import book_of
from arlib.run.cases.params import flat_of
from arlib.run.cases.places import CASE, CLOSE, DECISIONS, HOME, KIND, statement_place
from arlib.run.job import Run, read_run_json
from arlib.run.manifest import NAME, RUN, sha256_of
from arlib.run.outputs import interruptible, no_room, refuse_links, writable
from arlib.run.params import load_close
from arlib.run.progress import Progress, Silent
from arlib.run.project import inside
from arlib.run.staging import FAILED
from arlib.run.store import Actor, Store, current_actor, open_store
from arlib.run.store.runs import RunKind
from arlib.run.storeindex import StoreIndex

if TYPE_CHECKING:
    from arlib.run.cases.model import CaseFile
    from arlib.run.plan import ClosePlan

MAKING = ".making-"

LARGEST_STATEMENT = 5_000_000


@dataclass(frozen=True, kw_only=True)
class WrittenCase:
    """Where a case file lies, and how its controls ended."""

    case_id: str
    run_id: str
    folder: Path
    results_sha256: str
    manifest_sha256: str
    controls: tuple[Control, ...]
    seconds: float = 0.0

    @property
    def page(self) -> Path:
        """The page to read or print."""
        return self.folder / "pages" / f"{KIND}.html"

    @property
    def workbook(self) -> Path:
        """The workbook."""
        return self.folder / "workbooks" / f"{KIND}.xlsx"

    @property
    def outcome(self) -> str:
        """The word over all controls: unexplained if any is, else explained, not run or tied."""
        found = {control.status for control in self.controls}
        order = (Status.UNEXPLAINED, Status.EXPLAINED, Status.NO_INPUT, Status.TIED)
        return str(next((status for status in order if status in found), Status.TIED))

    @property
    def exit_code(self) -> int:
        """0, or 1 where a control is unexplained."""
        return 1 if self.outcome == Status.UNEXPLAINED else 0

    def lines(self) -> tuple[str, ...]:
        """What to print."""
        return (
            f"{self.case_id}: written, controls {self.outcome}",
            f"page: {self.page}",
            f"workbook: {self.workbook}",
            f"results of the run: {self.results_sha256}",
        )


def write_case(
    case: CaseFile,
    *,
    root: Path,
    statement: bytes | None = None,
    progress: Progress | None = None,
    out: Path | None = None,
    actor: Actor | None = None,
) -> WrittenCase:
    """Write the case file of `case`, whole or not at all; earlier ones of the same case stay beside it.

    `root` is the project's, from which the close file and the statement are taken; `statement` the bytes of the
    customer's own statement where it lies in no file. `out` is another output folder, with its own store. The store is
    read now, so that what was decided at the desk before is in it. Raises InputError for a case or books that cannot be
    used, RunError for a run that failed (what it left lies in outputs/_failed), BusyError while the same case is written.
    """
    plan = plan_of(case, root=root)
    outputs = (out or plan.outputs).resolve()
    plan = replace(plan, outputs=outputs)
    content = statement if statement is not None else statement_of(case, plan.root)
    try:
        return _written(
            case, plan, statement=content, progress=progress or Silent(), who=actor or current_actor()
        )
    except OSError as fault:
        if fault.errno not in platform.FULL | platform.FORBIDDEN:
            raise
        raise no_room(fault, outputs) from fault


def next_case_id(outputs: Path, entity: str, customer_id: str, *, on: date | None = None) -> str:
    """A name for a case that none in the output folder has: ENTITY-CUSTOMER-DAY, and a number from the second on.

    The day is today's unless `on` is given.
    """
    day = on or datetime.now(UTC).astimezone().date()
    plain = re.sub(r"[^0-9A-Za-z_-]", "-", f"{entity}-{customer_id}")[:18]
    stem = f"{plain}-{day:%Y%m%d}"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    return next(name for name in names if not (outputs / HOME / name).exists())


def plan_of(case: CaseFile, *, root: Path) -> ClosePlan:
    """The plan of the case's close file at its period: the one it names, else that which holds `as_of`."""
    plan = load_close(inside(root.resolve(), case.close_file, what="close_file"), root=root.resolve())
    plan.entity(case.entity)
    if case.period:
        return plan.for_period(case.period)
    return (
        plan.for_period(plan.calendar.containing(date.fromisoformat(case.as_of)).name) if case.as_of else plan
    )


def question_of(
    case: CaseFile, plan: ClosePlan, *, close_file: bytes, statement: bytes, who: str, index: StoreIndex
) -> Question:
    """What is run: the notebook over the book of the case, with the files that go with it."""
    found = book_of(case, plan, index)
    named = case if case.prepared_by else case.with_changes(prepared_by=who)
    beside = {
        CASE: named.as_yaml().encode(),
        CLOSE: close_file,
        DECISIONS: decisions_json(found.recorded, source=found.of),
    }
    if case.statement:
        beside[statement_place(case)] = statement
    return Question(
        plan=plan,
        kind=KIND,
        entity=case.entity,
        as_of=date.fromisoformat(case.as_of) if case.as_of else plan.period_dates().ends_on,
        parameters=flat_of(named),
        files={},
        beside=beside,
        book=found.book,
        inputs=found.inputs,
        decisions=found.decisions,
    )


def _written(
    case: CaseFile, plan: ClosePlan, *, statement: bytes, progress: Progress, who: Actor
) -> WrittenCase:
    """The contents page of a case."""
    home = plan.outputs / HOME / case.id
    with writable(plan.outputs), interruptible(), ExitStack() as stack:
        refuse_links(plan.outputs, f"{HOME}/{case.id}")
        stack.enter_context(lock.hold(plan.outputs, f"{HOME}.{case.id}", about=f"case {case.id}"))
        store = open_store(plan.outputs)
        _catch_up(store, home, case.id, who)
        progress.note(f"{case.id}: reading the books")
        making = home / f"{MAKING}{secrets.token_hex(4)}"
        making.mkdir(parents=True)
        stack.callback(_cleared, home, making)
        close_file = (plan.root / plan.close_file).read_bytes()
        question = question_of(
            case, plan, close_file=close_file, statement=statement, who=who.name, index=StoreIndex(store)
        )
        within = making / plan.outputs.name  # so that what a failure says of its place is true
        try:
            made, sealed = make_run(question, folder=within, progress=progress)
        finally:
            _keep_failed(within, plan.outputs)
        final = home / made.run_id
        refuse_links(plan.outputs, f"{HOME}/{case.id}")
        platform.rename_whole(sealed, final)
        _record(store, case.id, final, made, who)
    return WrittenCase(
        case_id=case.id,
        run_id=made.run_id,
        folder=final,
        results_sha256=made.results_sha256,
        manifest_sha256=made.manifest_sha256,
        controls=made.controls,
    )


def statement_of(case: CaseFile, root: Path) -> bytes:
    """The customer's own statement that the case names, b"" for none. Raises SourceError for one that cannot be read."""
    from arlib.sources.raw import file_faults

    if not case.statement:
        return b""
    path = inside(root, case.statement, what="statement")
    with file_faults(path):
        if path.stat().st_size > LARGEST_STATEMENT:
            raise SourceError(
                "is too large for a statement",
                where=path.name,
                found=f"{path.stat().st_size:,} bytes",
                wanted=f"{LARGEST_STATEMENT:,} at most",
            )
        return path.read_bytes()


def _record(store: Store, case_id: str, folder: Path, made: Run, who: Actor) -> None:
    """One line in the store, once, so that a case that is changed, added or gone is seen."""
    body = {
        "case_id": case_id,
        "entity": made.entity,
        "period": made.period,
        "run_id": made.run_id,
        "folder": f"{HOME}/{case_id}/{folder.name}",
        "results_sha256": made.results_sha256,
        "manifest_sha256": made.manifest_sha256,
    }
    store.append(
        RunKind.CASE_WRITTEN,
        f"{HOME}/{case_id}/{made.run_id}",
        body,
        actor=who.name,
        authentication=who.authentication,
        is_once=True,
    )


def _catch_up(store: Store, home: Path, case_id: str, who: Actor) -> None:
    """Record what a killed one had put into place but not told, and remove what it had not finished."""
    known = {
        event.body["run_id"]
        for event in store.events(kinds=(RunKind.CASE_WRITTEN,), subject_prefix=f"{HOME}/{case_id}/")
    }
    for folder in sorted(home.iterdir()) if home.is_dir() else ():
        if folder.name.startswith(MAKING):
            _remove(folder)
        elif (folder / RUN).is_file() and (folder / NAME).is_file() and folder.name not in known:
            told = read_run_json(folder)
            made = Run(
                entity=told["entity"],
                period=told["period"],
                run_id=folder.name,
                state="sealed",
                folder="",
                results_sha256=told["results_sha256"],
                manifest_sha256=sha256_of(folder / NAME),
            )
            _record(store, case_id, folder, made, who)


def _keep_failed(within: Path, outputs: Path) -> None:
    """What a failed run left, laid where those of closes lie."""
    for folder in sorted((within / FAILED).iterdir()) if (within / FAILED).is_dir() else ():
        (outputs / FAILED).mkdir(exist_ok=True)
        platform.rename_whole(folder, outputs / FAILED / folder.name)


def _cleared(home: Path, making: Path) -> None:
    _remove(making)
    with suppress(OSError):  # a first case that failed leaves no empty folder
        home.rmdir()
        home.parent.rmdir()


def _remove(folder: Path) -> None:
    if folder.is_dir():
        platform.make_tree_writable(folder)
        platform.remove_tree(folder)
