"""Cost of use: start-up, import, memory and disk of a run, and that a close opens no connection to another machine.

    python benchmarks/use.py [--quick]

Programs are timed whole, from outside, in turns with Python alone and with pandas. A close of one entity (one notebook when quick)
runs in a network namespace of its own that has no interface but loopback, where the system allows it; else under a hook that notes
every connection of Python code. Disk is what stands below the sealed run.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from kept import ROOT
from measured import Chart, Table, Target, arguments, interleaved, keep, mib, process, ratio, seconds

ARLIB = Path(sys.executable).with_name("arlib")
KINDS = {
    "book snapshot": "data/book",
    "notebooks": "notebooks",
    "pages": "pages",
    "workbooks": "workbooks",
    "data files": "data",
}
COUNTED = "import sys; before = set(sys.modules); import {module}; print(len(set(sys.modules) - before))"
HOOK = """
import atexit, os, sys
_seen = []
def _note(event, arguments):
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not str(address[0]).startswith(("127.", "::1", "localhost")):
            with open(os.environ["BENCH_CONNECTIONS"], "a") as out:
                out.write(f"{address[:2]}\\n")
sys.addaudithook(_note)
"""


def started(runs: int) -> tuple[list[tuple[str, ...]], dict[str, float], dict[str, float]]:
    """Rows, medians and ratios of programs that do next to nothing."""
    works = {
        "Python alone": (sys.executable, "-c", "pass"),
        "import arlib": (sys.executable, "-c", "import arlib"),
        "import click (the peer of the next)": (sys.executable, "-c", "import click"),
        "arlib --help": (str(ARLIB), "--help"),
        "arlib --version": (str(ARLIB), "--version"),
        "import pandas (a peer)": (sys.executable, "-c", "import pandas"),
        "import papermill (a peer)": (sys.executable, "-c", "import papermill"),
    }
    found = interleaved(
        {name: lambda words=words: process(words) for name, words in works.items()},
        runs=runs,
        warm_up=min(1, runs - 1),
    )
    rows = [(name, seconds(timing), f"{timing.busy:.3f}") for name, timing in found.items()]
    ratios = {
        "arlib_of_python": ratio(found["import arlib"], found["Python alone"]),
        "help_of_click": ratio(found["arlib --help"], found["import click (the peer of the next)"]),
        "help_of_pandas": ratio(found["arlib --help"], found["import pandas (a peer)"]),
    }
    return rows, {name: timing.median for name, timing in found.items()}, ratios


def modules(module: str) -> int:
    """How many modules an import loads."""
    return int(process([sys.executable, "-c", COUNTED.format(module=module)]).result.stdout)


def project(home: Path) -> None:
    """A project of its own with the sample company."""
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    shutil.copytree(ROOT / "params", home / "params")
    shutil.copy(ROOT / "arlib.toml", home / "arlib.toml")
    process([ARLIB, "sample", "--out", "outputs/_sample", "--seed", "2026"], cwd=home)


def alone() -> list[str]:
    """The words that put a program into a network without any other machine; empty where the system forbids it."""
    for words in (["unshare", "-n"], ["unshare", "-rn"]):
        if (
            shutil.which(words[0])
            and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
        ):
            return words
    return []


def disk(run: Path) -> tuple[dict[str, int], int]:
    """Bytes of a sealed run by kind, and in all."""
    found: Counter[str] = Counter()
    for path in run.rglob("*"):
        if path.is_file():
            below = path.relative_to(run).as_posix()
            kind = next((kind for kind, start in KINDS.items() if below.startswith(f"{start}/")), "record")
            found[kind] += path.stat().st_size
    return dict(found.most_common()), sum(found.values())


def main() -> None:
    """Measure and keep."""
    parser = arguments(__doc__, runs=9)
    parser.add_argument("--start-up", action="store_true", help="start-up alone, printed and not kept")
    chosen = parser.parse_args()
    rows, medians, ratios = started(1 if chosen.start_up else 3 if chosen.quick else chosen.runs)
    loaded = {name: modules(name) for name in ("arlib", "arlib.cli", "pandas")}
    if chosen.start_up:
        print(json.dumps({"seconds": medians, "modules": loaded, **ratios}))
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve()
        project(home)
        words = [
            "close",
            "params/sample.yml",
            "--entity",
            "US01",
            "--quiet",
            *(["--only", "aging"] if chosen.quick else []),
        ]
        hooks, told = home / "hooks", home / "connections.txt"
        hooks.mkdir()
        (hooks / "sitecustomize.py").write_text(HOOK)
        apart = alone()
        environment = {"PYTHONPATH": str(hooks), "BENCH_CONNECTIONS": str(told), "ARLIB_ROOT": str(home)}
        closed = process(
            [*apart, ARLIB, *words],
            cwd=home,
            environment=environment, memory=True, limit=900, ok=(0, 1),
        )  # fmt: skip
        records = sorted((home / "outputs").glob("20*/*/*/run.json"))
        if len(records) != 1:
            raise RuntimeError(f"{len(records)} sealed runs of one entity: {closed.result.stdout[-500:]}")
        notebooks = len(list((records[0].parent / "notebooks").glob("*.ipynb")))
        sizes, whole = disk(records[0].parent)
        connections = told.read_text().splitlines() if told.exists() else []
    where = "It ran in a network namespace with no interface but loopback and" if apart else "It ran"
    keep(
        "use", title="Cost of use", quick=chosen.quick,
        tables=[
            Table("Start-up", ("program", "seconds", "processor seconds"), rows, note="whole processes, timed from outside"),
            Table("Modules that an import loads", ("import", "modules"), [(name, str(count)) for name, count in loaded.items()]),
            Table("Disk of a sealed run", ("kind", "size"), [*((kind, mib(size)) for kind, size in sizes.items()), ("in all", mib(whole))],
                  note=f"one entity of the sample company, {notebooks} notebooks"),
        ],
        targets=[
            Target("import arlib", "0.3 s", f"{medians['import arlib']:.3f} s", medians["import arlib"] < 0.3),
            Target("arlib --help", "0.5 s", f"{medians['arlib --help']:.3f} s", medians["arlib --help"] < 0.5),
            Target("Peak memory of a close of one entity, all processes", "2 GiB", mib(closed.peak), closed.peak < 2 * 1024**3),
            Target("Disk of a sealed run", "40 MiB", mib(whole), whole < 40 * 1024**2),
            Target("Connections to other machines during a close", "none", str(len(connections) or "none"), not connections),
        ],
        charts=[Chart("start-up", "Seconds until a program has started and ended", {"seconds": medians})],
        sentences=[
            f"The close was of one entity, notebooks run: {notebooks}. {where} under a hook that notes every connection that Python "
            f"code makes, in kernels too; it noted {connections[:3] or 'none'}.",
            "Peak memory adds up the resident memory of every process of the close; pages that forked kernels share are counted in "
            f"each: an upper bound. The close took {closed.median:.0f} s by the clock, {closed.busy:.0f} s of processor time.",
            "`arlib --help` takes {help_of_click:.1f} times as long as Python with click and {help_of_pandas:.2f} times as long as "
            "importing pandas.".format(**ratios),
        ],
        figures={**ratios, "bytes_per_run": whole, "bytes_per_notebook": whole / max(notebooks, 1), "peak_bytes": closed.peak,
                 "close_processor_seconds": closed.busy, "notebooks": notebooks},
    )  # fmt: skip


if __name__ == "__main__":
    main()
