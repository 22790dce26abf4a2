"""How benchmarks measure, and how they keep what they found. This text is the manual.

A benchmark is a script `benchmarks/<part>.py` that runs alone, `python benchmarks/<part>.py [--quick]`, and ends with `keep`:

    from measured import Chart, Table, Target, arguments, interleaved, keep, mib, process, ratio, seconds

    chosen = arguments(__doc__).parse_args()                    # --quick, --runs
    timings = interleaved({"arlib": ours, "DuckDB": theirs}, runs=chosen.runs)
    assert timings["arlib"].result.equals(timings["DuckDB"].result)
    faster = ratio(timings["DuckDB"], timings["arlib"])         # DuckDB takes so many times as long
    keep("aging", title="Aging of 10,000,000 items", quick=chosen.quick,
         tables=[Table("In memory", ("what", "seconds"), [(name, seconds(t)) for name, t in timings.items()])],
         targets=[Target("Aging, in memory", "2 x the best peer", f"{faster:.1f} x", faster >= 2, why="")],
         charts=[Chart("in-memory", "Seconds to age 10,000,000 items", {"seconds": {n: t.median for n, t in timings.items()}})],
         sentences=["Results are equal, checked in the run."])

- `interleaved(works, runs=5, warm_up=1)`: every work once per round, so that what disturbs the machine hits all alike; garbage is
  collected before each. `Timing` has tuples of `wall` and `processor` seconds (threads and waited-for children included), `median`,
  `least`, `most` (by the clock), `busy` (median processor seconds), `peak` (bytes, where known) and the last `result`. A work that
  returns a `Timing` (such as `process`) is believed: its own figures count instead.
- `ratio(a, b)`: median of the ratios a/b, round by round, by the clock; `by="processor"` on a machine that others use.
- `process(command, ...)`: one child process: wall, processor, peak of its whole tree, `result` the CompletedProcess (output as text).
  Raises RuntimeError with the end of its error output. `peak_memory()` does the same around code of this process and its children:
  `with peak_memory() as peak: ...; peak.rss, peak.shared_once` (bytes; the first counts pages that forks share once per process).
- `noise()`: seconds of a fixed piece of work. `interleaved` calls it around each round; `keep` shows the spread over the whole part.
- `keep` writes `outputs/_bench/<part>.json` (`quick/<part>.json` for a quick run, which never reaches the page), or below the folder that
  BENCH_FOLDER names. `page.py` makes docs/benchmarks.md of the JSON alone. A target that is missed says `why` (from a profile).
- Charts: `{series: {label: number}}`; `kind="bars"` (horizontal; several series stand beside each other) or `"lines"` (labels
  are numbers, both axes logarithmic: growth).

Pure text and numbers are kept; ids of data, folders and names of machines are not.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psutil
from kept import Chart, Table, Target, kept, short

MIB = 1024**2
_probes: list[tuple[float, float]] = []  # wall and processor seconds of the fixed work, in this process


@dataclass(frozen=True)
class Timing:
    """What one work took, once per run."""

    wall: tuple[float, ...]
    processor: tuple[float, ...]
    peak: int = 0
    result: Any = field(default=None, compare=False, repr=False)

    @property
    def median(self) -> float:
        """Seconds by the clock."""
        return statistics.median(self.wall)

    @property
    def least(self) -> float:
        """Seconds by the clock of the best run."""
        return min(self.wall)

    @property
    def most(self) -> float:
        """Seconds by the clock of the worst run."""
        return max(self.wall)

    @property
    def busy(self) -> float:
        """Median processor seconds."""
        return statistics.median(self.processor)


@dataclass
class Peak:
    """The most memory seen, in bytes."""

    rss: int = 0  # summed over processes; a page that forks share counts in each
    shared_once: int = 0  # proportional set size: such a page counts once in all
    sampling: float = 0.0  # processor seconds that looking took


def arguments(description: str | None, *, runs: int = 5) -> argparse.ArgumentParser:
    """The parser of every part: --quick and --runs; add what is yours."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument(
        "--quick", action="store_true", help="small and short: shows that it works, not how fast it is"
    )
    made.add_argument("--runs", type=int, default=runs)
    return made


def noise() -> float:
    """Seconds of a fixed piece of work in Python and NumPy; noted for `keep`."""
    import numpy as np

    values = (np.arange(300_000, dtype=np.int64) * 48271) % 2147483647
    started, worked = time.perf_counter(), time.process_time()
    total = 0
    for number in range(150_000):
        total += number * number
    np.sort(values)
    taken = time.perf_counter() - started
    _probes.append((taken, time.process_time() - worked))
    return taken


def processor_seconds() -> float:
    """Processor time so far of this process, its threads and the children it waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def timed(work: Callable[[], Any]) -> Timing:
    """One run of a work."""
    gc.collect()
    started, worked = time.perf_counter(), processor_seconds()
    made = work()
    wall, busy = time.perf_counter() - started, processor_seconds() - worked
    return made if isinstance(made, Timing) else Timing((wall,), (busy,), result=made)


def interleaved(
    works: Mapping[str, Callable[[], Any]], *, runs: int = 5, warm_up: int = 1
) -> dict[str, Timing]:
    """Every work once per round, after `warm_up` rounds that do not count. Order turns by one each round."""
    names = list(works)
    found: dict[str, list[Timing]] = {name: [] for name in names}
    last: dict[str, Any] = {}
    for turn in range(-warm_up, runs):
        noise()
        at = turn % len(names)
        for name in names[at:] + names[:at]:
            last.pop(name, None)
            once = timed(works[name])
            last[name] = once.result
            if turn >= 0:
                found[name].append(Timing(once.wall, once.processor, once.peak))
    noise()
    return {
        name: Timing(
            tuple(second for once in all_runs for second in once.wall),
            tuple(second for once in all_runs for second in once.processor),
            max(once.peak for once in all_runs),
            last[name],
        )
        for name, all_runs in found.items()
    }


def ratio(first: Timing, second: Timing, *, by: Literal["wall", "processor"] = "wall") -> float:
    """How many times as long the first takes as the second: the median over the rounds they ran in together."""
    pairs = zip(getattr(first, by), getattr(second, by), strict=True)
    return statistics.median(one / max(other, 1e-9) for one, other in pairs)


@contextmanager
def peak_memory(pid: int | None = None, *, every: float = 0.05) -> Iterator[Peak]:
    """Sample the memory of a process (this one) and all below it until the block ends."""
    peak, stop = Peak(), threading.Event()
    top = psutil.Process(pid or os.getpid())

    def sample() -> None:
        count = 0
        while not stop.wait(every):
            _sample(top, peak, shared=count % 5 == 0)
            count += 1
            peak.sampling = time.thread_time()

    watcher = threading.Thread(target=sample, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        stop.set()
        watcher.join()


def _sample(top: psutil.Process, peak: Peak, *, shared: bool) -> None:
    try:
        tree = [top, *top.children(recursive=True)]
    except psutil.Error:
        return
    rss = whole = 0
    for each in tree:
        try:
            rss += each.memory_info().rss
            if shared:
                whole += getattr(each.memory_full_info(), "pss", 0)
        except (psutil.Error, OSError):
            continue
    peak.rss, peak.shared_once = max(peak.rss, rss), max(peak.shared_once, whole)


def process(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    memory: bool = False,
    limit: float = 3600,
    ok: Sequence[int] = (0,),
) -> Timing:
    """One child process from start to end; `memory` samples the peak of its tree. Raises RuntimeError where it fails."""
    environ = None if environment is None else {**os.environ, **environment}
    before, started = processor_seconds(), time.perf_counter()
    child = subprocess.Popen(
        [str(word) for word in command], cwd=cwd, env=environ, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    peak = Peak()
    try:
        if memory:
            with peak_memory(child.pid, every=0.5) as peak:
                said, trouble = child.communicate(timeout=limit)
        else:
            said, trouble = child.communicate(timeout=limit)
    except BaseException:
        for each in (*psutil.Process(child.pid).children(recursive=True), child):
            each.kill()
        child.wait()
        raise
    wall, busy = time.perf_counter() - started, processor_seconds() - before - peak.sampling
    if child.returncode not in ok:
        raise RuntimeError(f"{Path(str(command[0])).name} gave {child.returncode}: {trouble.strip()[-2000:]}")
    done = subprocess.CompletedProcess(list(command), child.returncode, said, trouble)
    return Timing((wall,), (busy,), peak.rss, done)


def seconds(timing: Timing) -> str:
    """Median and range by the clock, such as `1.24 (1.20 to 1.31)`."""
    return f"{short(timing.median)} ({short(timing.least)} to {short(timing.most)})"


def mib(size: float) -> str:
    """Bytes in MiB, or GiB from 2 GiB on."""
    return f"{size / MIB / 1024:.2f} GiB" if size >= 2048 * MIB else f"{short(size / MIB)} MiB"


def keep(
    part: str,
    *,
    title: str,
    quick: bool = False,
    tables: Sequence[Table] = (),
    sentences: Sequence[str] = (),
    targets: Sequence[Target] = (),
    charts: Sequence[Chart] = (),
    figures: Mapping[str, float] | None = None,
) -> Path:
    """Print what was found and write it as JSON; `figures` are bare numbers for other scripts (docs/sizing.md)."""
    noise()
    walls = [wall for wall, _ in _probes]
    spread = {
        "probes": len(walls),
        "least": min(walls),
        "median": statistics.median(walls),
        "most": max(walls),
    }
    took = {
        "seconds": round(time.time() - psutil.Process().create_time(), 1),
        "processor_seconds": round(processor_seconds(), 1),
        "noise": spread,
    }
    return kept(
        part, title=title, quick=quick, took=took, tables=tables, sentences=sentences, targets=targets,
        charts=charts, figures=dict(figures or {}),
    )  # fmt: skip
