"""Measure what docs/benchmarks.md reports: start-up, the sample company, reading, aging. Medians of several runs.

    python benchmarks/run.py [--runs N] [--only NAME]

Whole processes are timed from outside, so that start-up counts; the machine's noise is shown as minimum and maximum.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

BUDGET_SECONDS = {"import arlib": 0.3, "arlib --help": 0.5, "sample 100,000 items: generate": 5.0}

GENERATE = """
import time
from arlib.sources.sample import generate
started = time.perf_counter()
generate(seed=2026, items=100_000)
print(time.perf_counter() - started)
"""
READ_AND_AGE = """
import sys, time
from datetime import date
from pathlib import Path
from arlib.ledger.aging import age_items, aging
from arlib.ledger.openitems import open_items
from arlib.policy import AgingPolicy, Scope
from arlib.sources import SourceSpec, load_book
started = time.perf_counter()
book = load_book([SourceSpec(folder=Path(sys.argv[1]), profile="canonical")], root=Path.cwd())
read = time.perf_counter()
for entity, currency in (("US01", "USD"), ("UK01", "GBP"), ("JP01", "JPY")):
    scope = Scope(entity=entity, entity_name=entity, functional_currency=currency, period="2026-10",
                  starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))
    aging(age_items(open_items(book.for_entity(entity), scope=scope), as_of=scope.as_of, policy=AgingPolicy()))
print(read - started, time.perf_counter() - read)
"""


def process_seconds(*command: str) -> float:
    """Wall time of a whole process."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def printed_seconds(code: str, *arguments: str) -> tuple[float, ...]:
    """The figures that a program prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True
    )
    return tuple(float(word) for word in done.stdout.split())


def measure(name: str, runs: int, once: Callable[[], float]) -> None:
    """Print minimum, median and maximum of several runs, and the budget where there is one."""
    once()
    taken = [once() for _ in range(runs)]
    budget = BUDGET_SECONDS.get(name)
    verdict = (
        ""
        if budget is None
        else f"   budget {budget:.1f} s: {'met' if statistics.median(taken) < budget else 'MISSED'}"
    )
    print(f"{name:<44} {min(taken):8.3f} {statistics.median(taken):8.3f} {max(taken):8.3f}{verdict}")


def main() -> None:
    """Run every measurement, or the one asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    arlib = str(Path(sys.executable).with_name("arlib"))
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        jobs: dict[str, Callable[[], float]] = {
            "python alone": lambda: process_seconds(sys.executable, "-c", "pass"),
            "import arlib": lambda: process_seconds(sys.executable, "-c", "import arlib"),
            "arlib --help": lambda: process_seconds(arlib, "--help"),
            "import pandas (peer of the two above)": lambda: process_seconds(
                sys.executable, "-c", "import pandas"
            ),
            "sample 4,000 items: command": lambda: process_seconds(
                arlib, "sample", "--out", str(small), "--seed", "2026"
            ),
            "sample 100,000 items: generate": lambda: printed_seconds(GENERATE)[0],
        }
        print(f"{'seconds':<44} {'min':>8} {'median':>8} {'max':>8}")
        for name, once in jobs.items():
            if chosen.only in name:
                measure(name, chosen.runs, once)
        if chosen.only in "sample 100,000 items: read and age":
            subprocess.run(
                [arlib, "sample", "--out", str(large), "--seed", "2026", "--items", "100000"],
                check=True,
                capture_output=True,
            )
            taken = [printed_seconds(READ_AND_AGE, str(large)) for _ in range(3)]
            for position, what in enumerate(("read all tables from CSV", "age three entities")):
                seconds = [one[position] for one in taken]
                print(
                    f"{'sample 100,000 items: ' + what:<44} {min(seconds):8.3f} {statistics.median(seconds):8.3f} {max(seconds):8.3f}"
                )


if __name__ == "__main__":
    main()
