"""A close on a cluster beside the same close at home: overhead of a notebook, bytes that cross, one worker and two.

Scheduler and workers run on this machine and are started as people start them, so two workers share its cores with the
coordinator: what is seen is the cost of the cluster, not the gain of more machines. Results are compared in the run.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from measured import Chart, Table, Timing, arguments, interleaved, keep, mib, ratio, seconds, short

from arlib.run.close import CloseResult
from arlib.run.cluster import connection
from arlib.run.params import load_close
from arlib.run.store import open_store

ROOT = Path(__file__).resolve().parents[1]
QUICK = ("aging", "write_offs")
DASK = [sys.executable, "-m", "dask"]


@dataclass
class Seen:
    """What one kind of close showed in its last run."""

    results: dict[str, str] = field(default_factory=dict)
    stages: dict[str, list[float]] = field(default_factory=dict)  # seconds by stage, of each entity
    kernels: list[float] = field(default_factory=list)  # seconds of each notebook in its kernel
    calls: list[float] = field(
        default_factory=list
    )  # seconds of each notebook as the coordinator waited for it
    sent: int = 0
    received: int = 0
    bytes: int = 0  # of the sealed runs
    coordinator: float = 0.0  # processor seconds of the process that closes, without its kernels


def main() -> None:
    """Measure, compare, keep."""
    chosen = arguments(__doc__, runs=2).parse_args()
    work = Path(tempfile.mkdtemp(prefix="bench-cluster-"))
    seen = {name: Seen() for name in ("home", "one", "two", "single")}
    given: dict[str, Any] = {"only": QUICK, "entities": ("US01",)} if chosen.quick else {}
    try:
        with machines(work, 1) as one, machines(work, 2) as two:
            works = {
                "home": lambda: close(seen["home"], work / "home", jobs=2, **given),
                "one": lambda: close(seen["one"], work / "one", cluster=one.address, **given),
                "two": lambda: close(seen["two"], work / "two", cluster=two.address, **given),
            }
            found = interleaved(works, runs=1 if chosen.quick else chosen.runs, warm_up=0)
            # One notebook at a time: what is not its kernel's time is the cluster's.
            alone = {**given, "entities": ("US01",)}
            close(seen["single"], work / "single", cluster=one.address, jobs=1, **alone)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    assert seen["home"].results == seen["one"].results == seen["two"].results, "results differ"
    told(chosen.quick, found, seen)


def told(is_quick: bool, found: dict[str, Timing], seen: dict[str, Seen]) -> None:
    """Keep the figures."""
    home, two, single = seen["home"], seen["two"], seen["single"]
    notebooks, entities = len(two.kernels), len(two.results)
    overhead = [call - kernel for call, kernel in zip(single.calls, single.kernels, strict=True)]
    coordinator = two.coordinator / entities
    processor = (found["two"].busy - two.coordinator) / notebooks
    names = {"home": "at home, --jobs 2", "one": "cluster, one worker", "two": "cluster, two workers"}
    sent, came = two.sent / notebooks, two.received / notebooks
    keep(
        "cluster", title=f"A close on a cluster: {notebooks} notebooks of {entities} entities", quick=is_quick,
        tables=[
            Table("The same close", ("where", "seconds", "processor seconds"), [
                (names[name], seconds(timing), short(timing.busy)) for name, timing in found.items()]),
            Table("What a notebook costs on a cluster", ("what", "found"), [
                ("beyond its kernel's own time, one at a time", f"{short(statistics.median(overhead))} s"),
                ("sent to the scheduler", mib(sent)),
                ("sent back, with its pages", mib(came)),
                ("processor time of workers and scheduler", f"{short(processor)} s"),
                ("processor time of the coordinator, for a whole entity", f"{short(coordinator)} s"),
            ]),
        ],
        sentences=[
            "Results are the same in all three, checked in the run.",
            f"Two workers beside one: {ratio(found['one'], found['two']):.2f} times as fast, on {os.cpu_count()} cores that also run "
            "scheduler and coordinator; what the coordinator does itself does not become shorter by more workers.",
        ],
        charts=[Chart("cluster", "Seconds of a close", {"seconds": {names[n]: t.median for n, t in found.items()}})],
        figures={
            "notebooks": notebooks, "entities": entities,
            "home_seconds": found["home"].median, "one_seconds": found["one"].median, "two_seconds": found["two"].median,
            "processor_seconds_per_notebook": processor, "kernel_seconds_per_notebook": statistics.fmean(single.kernels),
            "overhead_seconds_per_notebook": statistics.median(overhead),
            "coordinator_seconds_per_entity": coordinator,
            "sent_bytes_per_notebook": sent, "received_bytes_per_notebook": came,
            "sealed_bytes_per_run": home.bytes / entities,
        },
    )  # fmt: skip


def close(
    seen: Seen,
    out: Path,
    *,
    jobs: int | None = None,
    cluster: str = "",
    **given: Any,
) -> Timing:
    """One close of the sample."""
    from arlib.run.close import close as run_close

    shutil.rmtree(out, ignore_errors=True)
    calls: list[float] = []
    wheres: list[Any] = []
    restore = watch(calls, wheres)
    before, started, own = busy(), time.perf_counter(), time.process_time()
    try:
        done: CloseResult = run_close(
            load_close(ROOT / "params" / "sample.yml", root=ROOT), root=ROOT, out=out, jobs=jobs, cluster=cluster,
            open_store=open_store, **given,
        )  # fmt: skip
    finally:
        restore()
    wall, worked = time.perf_counter() - started, busy() - before
    seen.coordinator = time.process_time() - own
    assert not done.failures, [run.sentence for run in done.failures]
    seen.results = {run.entity: run.results_sha256 for run in done.runs}
    timings: list[Any] = [run.timings for run in done.runs]
    seen.stages = {name: [each["stages"][name] for each in timings] for name in timings[0]["stages"]}
    seen.kernels = [one["seconds"] for each in timings for one in each["notebooks"].values()]
    seen.calls = calls
    seen.sent, seen.received = (sum(getattr(each, way) for each in wheres) for way in ("sent", "received"))
    seen.bytes = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return Timing((wall,), (worked,))


def watch(calls: list[float], wheres: list[Any]) -> Any:
    """Time every piece of work that the coordinator waits for, and note what counts bytes; gives what undoes it."""
    from arlib.run.cluster import notebooks, task

    run, init = connection.Cluster.run, notebooks.OnCluster.__init__

    def timed(self: Any, work: Any) -> Any:
        started = time.perf_counter()
        made = run(self, work)
        if work.function is task.notebook:
            calls.append(time.perf_counter() - started)
        return made

    def noted(self: Any, *args: Any, **more: Any) -> None:
        init(self, *args, **more)
        wheres.append(self)

    connection.Cluster.run, notebooks.OnCluster.__init__ = timed, noted  # type: ignore[method-assign]

    def restore() -> None:
        connection.Cluster.run, notebooks.OnCluster.__init__ = run, init  # type: ignore[method-assign]

    return restore


def busy() -> float:
    """Processor seconds so far of this process and all below it: kernels, scheduler, workers, and those that have ended."""
    total = 0.0
    top = psutil.Process()
    for each in (top, *top.children(recursive=True)):
        with suppress(psutil.Error):
            times = each.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


@dataclass
class Machines:
    """A scheduler and its workers."""

    address: str
    processes: list[subprocess.Popen[bytes]]


@contextmanager
def machines(work: Path, workers: int) -> Iterator[Machines]:
    """A scheduler and some workers of one thread, ended with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": work}
    commands = [["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]]
    commands += [
        ["worker", address, "--nworkers", "1", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(work)]
    ] * workers  # fmt: skip
    processes = [subprocess.Popen([*DASK, *command], **quiet) for command in commands]
    try:
        yield Machines(address, processes)
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


if __name__ == "__main__":
    main()
