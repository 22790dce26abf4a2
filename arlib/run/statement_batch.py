"""Many statements at once: a pool of processes with warm fonts, in which one bad customer never stops the rest. Floor 4.

What goes wrong with a statement is told beside it: an error, a page that never gets done, a worker that dies. Statements of a
worker that died are made again one by one, so that only the one that kills it is lost.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from arlib.collect.statements import Statement
from arlib.report.statement_documents.copies import CopyError, CopyLink, joined, read_copy, reader_of

AT_ONCE = 8  # statements that a worker is handed
AHEAD = 3  # hands waiting for each worker
SECONDS = 120  # that one customer may take


@dataclass(frozen=True, kw_only=True)
class Task:
    """A statement to make: the name of its files without ending, and the copies that go behind it."""

    statement: Statement
    name: str
    copies: tuple[CopyLink, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is the same for all statements of a batch."""

    folder: Path
    formats: tuple[str, ...]
    extracts: tuple[Path, ...] = ()
    are_copies_apart: bool = False
    max_copy_pages: int = 20
    max_copy_megabytes: int = 10
    seconds: int = SECONDS


@dataclass(frozen=True, kw_only=True)
class Done:
    """What became of a statement: `reason` is '' where its files were made; `faults` are copies that could not be used."""

    customer_id: str
    files: tuple[str, ...] = ()
    reason: str = ""
    copies: int = 0
    faults: tuple[str, ...] = ()


def default_jobs() -> int:
    """One worker a processor that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def make_all(tasks: Iterable[Task], settings: Settings, *, jobs: int) -> dict[str, Done]:
    """Make the files of every task in the folder of the settings; what became of each, by customer."""
    made: dict[str, Done] = {}
    left = iter(tasks)
    suspects: list[Task] = []
    while hand := list(islice(left, AT_ONCE)):
        suspects += _until_broken(_first(hand, left), settings, jobs, made)
    return made | {done.customer_id: done for done in _one_by_one(suspects, settings)}


def make(task: Task, settings: Settings) -> Done:
    """Make the files of one statement. Whatever goes wrong with it is told, not raised."""
    try:
        with _time_limit(settings.seconds):
            return _files(task, settings)
    except Exception as fault:
        for ending in ("pdf", "xlsx"):
            (settings.folder / f"{task.name}.{ending}").unlink(missing_ok=True)
        said = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
        return Done(customer_id=task.statement.customer_id, reason=said)


def _files(task: Task, settings: Settings) -> Done:
    from arlib.report.statement_documents import statement_pdf, statement_xlsx

    files: list[str] = []
    copies, faults = _copies(task, settings)
    if "pdf" in settings.formats:
        data = statement_pdf(task.statement)
        if copies and not settings.are_copies_apart:
            data = joined([reader_of(data), *copies])
        files.append(_write(settings.folder, f"{task.name}.pdf", data))
    if copies and (settings.are_copies_apart or "pdf" not in settings.formats):
        files.append(_write(settings.folder, f"{task.name}-copies.pdf", joined(copies)))
    if "xlsx" in settings.formats:
        files.append(_write(settings.folder, f"{task.name}.xlsx", statement_xlsx(task.statement)))
    return Done(
        customer_id=task.statement.customer_id, files=tuple(files), copies=len(copies), faults=tuple(faults)
    )


def _copies(task: Task, settings: Settings) -> tuple[list[object], list[str]]:
    """The copies that can be used, and a sentence for each that cannot."""
    found: list[object] = []
    faults = []
    for link in task.copies:
        try:
            found.append(
                read_copy(
                    link, settings.extracts, max_pages=settings.max_copy_pages, max_megabytes=settings.max_copy_megabytes
                )
            )  # fmt: skip
        except CopyError as fault:
            faults.append(f"{link.document_no}: {fault}")
    return found, faults


def _write(folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    return name


def _make_hand(hand: Sequence[Task], settings: Settings) -> list[Done]:
    """The statements of a hand. What they leave behind is cleared away once a hand, which saves a tenth of the time."""
    import gc

    gc.disable()
    try:
        return [make(task, settings) for task in hand]
    finally:
        gc.enable()
        gc.collect()


def _until_broken(tasks: Iterator[Task], settings: Settings, jobs: int, made: dict[str, Done]) -> list[Task]:
    """Work through the tasks in a pool; the tasks that were in hand when it broke, none where it did not."""
    running: dict[Future[list[Done]], list[Task]] = {}
    with _pool(jobs) as pool:
        try:
            while True:
                while len(running) < AHEAD * jobs and (hand := list(islice(tasks, AT_ONCE))):
                    running[pool.submit(_make_hand, hand, settings)] = hand
                if not running:
                    return []
                ready, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in ready:
                    done = future.result()
                    made |= {each.customer_id: each for each in done}
                    del running[future]
        except BrokenProcessPool:
            pass
    return [task for hand in running.values() for task in hand if task.statement.customer_id not in made]


def _one_by_one(tasks: Sequence[Task], settings: Settings) -> Iterator[Done]:
    """Each task alone in a worker, which is replaced where it dies."""
    left = list(tasks)
    while left:
        with _pool(1) as pool:
            try:
                while left:
                    yield pool.submit(make, left[0], settings).result()
                    left.pop(0)
            except BrokenProcessPool:
                yield Done(
                    customer_id=left.pop(0).statement.customer_id,
                    reason="the process that made it died: out of memory, or a fault in a library",
                )


def _pool(jobs: int) -> ProcessPoolExecutor:
    """Workers started afresh, so that no thread or lock of this process is copied into them."""
    return ProcessPoolExecutor(
        max_workers=jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_warm_up
    )


def _warm_up() -> None:
    """Load what a worker needs, and leave an interrupt to the process that started it."""
    import gc

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import arlib.report.statement_documents  # noqa: F401

    gc.freeze()


def _first(hand: Sequence[Task], rest: Iterator[Task]) -> Iterator[Task]:
    yield from hand
    yield from rest


@contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in this process after so many seconds, where the system has alarms."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(*_: object) -> None:
        raise TimeoutError(f"not done after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
