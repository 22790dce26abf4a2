"""Run the tasks of a ledger's partitions and keep each part as it comes. Floor 4.

A worker that dies breaks its pool: what it had in hand is tried again, one partition at a time, so that the one that
kills its worker is known by name and the others are done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from arlib.errors import ArError, RunError
from arlib.run.partitions.parts import Kept
from arlib.run.partitions.task import partition_result

Pool = Callable[[], AbstractContextManager[Executor]]
Told = Callable[[str, int, int], None]  # partition, how many are done, of how many


@contextmanager
def processes(jobs: int) -> Iterator[Executor]:
    """Local worker processes, each started afresh; they leave Ctrl-C to the process that asked, and go when it goes."""
    import multiprocessing

    pool = ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_bound_to_parent
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _bound_to_parent() -> None:
    """End this worker when the process that started it is gone, even by a kill: it would wait for work for ever."""
    import multiprocessing
    import os
    import signal
    import threading
    from multiprocessing.connection import wait as wait_for

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait_for([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run_partitions(
    tasks: Sequence[dict[str, Any]],
    *,
    pool: Pool,
    kept: Kept,
    at_once: int,
    told: Told | None = None,
    work: Callable[[dict[str, Any]], dict[str, Any]] = partition_result,
) -> None:
    """Every task done and its part kept; what was kept before is not done again.

    `pool` opens an executor; at most `at_once` tasks, or as many as it says itself, are in its hands. A task that fails,
    or that kills its worker twice, does not stop the others: they are finished and kept, then RunError
    (`partition_failed`) names the first. An error of the executor itself, such as a cluster that is gone, is raised at
    once.
    """
    waiting = deque(task for task in tasks if not kept.has(task))
    done = len(tasks) - len(waiting)
    suspects: deque[dict[str, Any]] = deque()
    failed: dict[str, str] = {}

    def take(result: dict[str, Any]) -> None:
        nonlocal done
        kept.keep(result)
        done += 1
        if told:
            told(str(result["partition"]), done, len(tasks))

    while waiting or suspects:
        alone = bool(suspects)
        with pool() as executor:
            many = 1 if alone else getattr(executor, "at_once", at_once)
            died = _drained(executor, suspects if alone else waiting, many, work, take, failed)
        if alone:
            failed |= {task["partition"]: "its worker process was killed, twice" for task in died}
        else:
            suspects.extend(died)
    if failed:
        name, why = min(failed.items())
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise RunError(
            f"partition {name} failed{more}: {why}", reason="partition_failed",
            fix=f"{done} of {len(tasks)} partitions are done and kept: correct the cause and run again.",
        )  # fmt: skip


def _drained(
    executor: Executor,
    waiting: deque[dict[str, Any]],
    at_once: int,
    work: Callable[[dict[str, Any]], dict[str, Any]],
    take: Callable[[dict[str, Any]], None],
    failed: dict[str, str],
) -> list[dict[str, Any]]:
    """Work until nothing waits or the executor is broken; the tasks whose worker died."""
    running: dict[Future[dict[str, Any]], dict[str, Any]] = {}
    died: list[dict[str, Any]] = []
    while (waiting and not died) or running:
        while waiting and not died and len(running) < at_once:
            task = waiting.popleft()
            try:
                running[executor.submit(work, task)] = task
            except BrokenExecutor:
                died.append(task)
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            task = running.pop(future)
            try:
                take(future.result())
            except BrokenExecutor:
                died.append(task)
            except RunError:
                raise  # of the executor: a partition raises none
            except MemoryError:
                failed[task["partition"]] = "it does not fit memory: write the ledger with more partitions"
            except ArError as fault:
                failed[task["partition"]] = str(fault)
            except Exception as fault:
                failed[task["partition"]] = f"unexpected {type(fault).__name__}: {fault}"
    return died
