"""Run the benchmarks in order, each in a process of its own with a time limit, then write docs/benchmarks.md.

    python benchmarks/run.py [--only aging,close] [--quick]

A part that fails or runs out of time is said at the end and on the page, which keeps its earlier figures; the others go on.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kept import FAILED, folder
from sizing import write as write_sizing

HERE = Path(__file__).resolve().parent
QUICK_SECONDS = 300


@dataclass(frozen=True)
class Part:
    """A script and how long it may take."""

    name: str
    script: str
    minutes: float


PARTS = (
    Part("use", "use.py", 10),
    Part("close", "close.py", 30),
    Part("aging", "aging.py", 10),
    Part("as_of", "as_of.py", 15),
    Part("matching", "matching_scale.py", 15),
    Part("budgets", "budgets.py", 15),
    Part("larger_than_memory", "larger_than_memory.py", 40),
    Part("cluster", "cluster.py", 20),
)


def ran(script: Path, *words: str, limit: float) -> str:
    """Run a script to its end; what went wrong, or nothing. All that it started ends with it."""
    child = subprocess.Popen([sys.executable, str(script), *words], cwd=HERE.parent, start_new_session=True)
    try:
        code = child.wait(timeout=limit)
    except subprocess.TimeoutExpired:
        return f"stopped after {limit / 60:.0f} minutes"
    finally:
        _end_group(child)
    return "" if code == 0 else f"exit code {code}"


def _end_group(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def main() -> int:
    """Run the parts; the exit code says whether all of them ran."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="parts, separated by commas")
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    wanted = [name for name in chosen.only.replace(",", " ").split() if name]
    if unknown := sorted(set(wanted) - {part.name for part in PARTS}):
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(part.name for part in PARTS)}")
    words = ["--quick"] * chosen.quick
    failed: dict[str, str] = {}
    for part in PARTS:
        if wanted and part.name not in wanted:
            continue
        print(f"\n=== {part.name}: {part.script} {' '.join(words)}".rstrip(), flush=True)
        started = time.perf_counter()
        trouble = ran(HERE / part.script, *words, limit=QUICK_SECONDS if chosen.quick else 60 * part.minutes)
        print(f"=== {part.name}: {trouble or 'done'}, {time.perf_counter() - started:.0f} s", flush=True)
        failed[part.name] = trouble
    _note(failed, quick=chosen.quick)
    if trouble := ran(HERE / "page.py", *words, limit=QUICK_SECONDS):
        failed["page"] = trouble
    if not chosen.quick:
        write_sizing(folder())
    failed = {name: trouble for name, trouble in failed.items() if trouble}
    for name, trouble in failed.items():
        print(f"FAILED: {name}: {trouble}")
    return 1 if failed else 0


def _note(found: dict[str, str], *, quick: bool) -> None:
    path = folder(quick=quick) / FAILED
    path.parent.mkdir(parents=True, exist_ok=True)
    earlier = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({name: trouble for name, trouble in {**earlier, **found}.items() if trouble}))


if __name__ == "__main__":
    sys.exit(main())
