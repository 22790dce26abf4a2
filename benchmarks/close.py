"""The close of the sample company, against papermill in a plain loop over the same notebooks and parameters.

Three ways, each in processes of its own: `papermill.execute_notebook` for one notebook after the other, as anybody would write
it; `arlib close` with kernels that start cold (ARLIB_WARM=0); and `arlib close` as it is. All read the same files. The
loop only executes; the close also reads its extracts once, checks every result against its tables, makes a page of each
notebook, and seals and records the runs. The content hash of every notebook has to be the same all three times.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PLANS = ("params/sample.yml", "params/sample-weekly.yml")
QUICK = ("aging", "control_account", "adjustments")
WHY = (
    "About half of the loop's processor time is the notebooks' own work, which a close does as well: reports of small tables in "
    "thousands of pandas calls, charts, workbooks. The other half, starting, importing and reading the extracts for each notebook, a "
    "close does once. What is left is shared by two cores, with pages, checks and seals added."
)
LOOP, COLD, WARM = "papermill in a loop", "arlib close, cold kernels", "arlib close"
TARGET = 5.0

Hashes = dict[str, str]  # plan, entity and notebook: hash of the results


def main() -> None:
    """Measure, compare, keep."""
    from measured import Chart, Table, Target, arguments, interleaved, keep, ratio, seconds, short

    parser = arguments(__doc__, runs=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = project(Path(folder) / "project")
        plans = PLANS[:1] if chosen.quick else PLANS
        entities = ("US01",) if chosen.quick else ()
        only = QUICK if chosen.quick else ()
        hashes: dict[str, list[Hashes]] = {LOOP: [], COLD: [], WARM: []}
        works = {
            LOOP: lambda: looped(root, plans, entities, only, hashes[LOOP]),
            COLD: lambda: closed(root, plans, entities, only, "0", hashes[COLD]),
            WARM: lambda: closed(root, plans, entities, only, "1", hashes[WARM]),
        }
        compiled(root)
        timings = interleaved(works, runs=1 if chosen.quick else chosen.runs, warm_up=0)
    wanted = hashes[LOOP][0]
    for name, found in hashes.items():
        for each in found:
            differ = sorted(key for key in wanted.keys() | each.keys() if wanted.get(key) != each.get(key))
            assert not differ, f"{name}: other results than the loop's: {differ}"
    loop = timings[LOOP]
    faster = {name: ratio(loop, timing) for name, timing in timings.items()}
    lighter = {name: ratio(loop, timing, by="processor") for name, timing in timings.items()}
    count = len(wanted)
    rows = [
        (name, seconds(t), f"{faster[name]:.1f} x", short(t.busy), f"{lighter[name]:.1f} x")
        for name, t in timings.items()
    ]
    heads = ("what", "seconds", "faster", "processor seconds", "less work")
    keep(
        "close",
        title=f"The close: {count} notebooks of the sample company",
        quick=chosen.quick,
        tables=[Table(f"{count} notebooks", heads, rows)],
        targets=[
            Target(
                "The close, against papermill in a loop",
                f"{TARGET:.0f} x faster, same content hashes",
                f"{faster[WARM]:.1f} x",
                faster[WARM] >= TARGET,
                why="" if faster[WARM] >= TARGET else WHY,
            )
        ],
        charts=[
            Chart("close", f"Seconds for {count} notebooks", {"seconds": {n: t.median for n, t in timings.items()}})
        ],
        sentences=[
            f"The content hash of each of the {count} notebooks is the same in every round of all three, checked in the run.",
            "The loop only executes; the close also verifies, makes pages, seals and records.",
        ],
        figures={
            "notebooks": count,
            "seconds_per_notebook": timings[WARM].median / count,
            "processor_seconds_per_notebook": timings[WARM].busy / count,
        },
    )  # fmt: skip


def project(root: Path) -> Path:
    """A project of its own: parameters, notebooks, sample extracts and an empty store; nothing was closed before.

    Where there is a store, a notebook alone knows as a close does that nothing was decided yet; without one it says that it
    cannot know.
    """
    from arlib.run.store import open_store

    for name in ("params", "notebooks", "outputs/_sample"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "arlib.toml", root / "arlib.toml")
    open_store(root / "outputs")
    return root


def compiled(root: Path) -> None:
    """Have bytecode of what is imported written, where it may be, so that no way pays for it."""
    command = [
        sys.executable,
        "-c",
        "from arlib.run.warm.parent import load; load(); import arlib.cli.closing",
    ]
    _process(command, root)


def looped(
    root: Path, plans: Sequence[str], entities: Sequence[str], only: Sequence[str], kept: list[Hashes]
) -> Any:
    """Every notebook by papermill, one after the other, in one process."""
    timing = _process([sys.executable, __file__, "--loop", json.dumps([plans, entities, only])], root)
    kept.append(json.loads(timing.result.stdout.splitlines()[-1]))
    return timing


def loop(plans: Sequence[str], entities: Sequence[str], only: Sequence[str]) -> Hashes:
    """What the process of `looped` does: papermill, as one would write it."""
    import papermill

    from arlib.run.job import notebook_path
    from arlib.run.params import load_close

    root, found = Path.cwd(), {}
    with tempfile.TemporaryDirectory() as folder:
        for plan_file in plans:
            plan = load_close(root / plan_file, root=root)
            for entity in entities or [entity.code for entity in plan.entities]:
                for name in only or plan.notebooks:
                    node = papermill.execute_notebook(
                        str(root / notebook_path(name)),
                        str(Path(folder) / f"{plan.period}-{entity}-{name}.ipynb"),
                        parameters=plan.flat(name, entity),
                        kernel_name="python3",
                        progress_bar=False,
                        cwd=str(root),
                    )
                    found[f"{plan.period} {entity} {name}"] = _handed_over(node)
    return found


def _handed_over(node: Any) -> str:
    from arlib.run.result import MIME

    (result,) = (
        output["data"][MIME]
        for cell in node.cells
        for output in cell.get("outputs", [])
        if MIME in output.get("data", {})
    )
    return str(result["results_sha256"])


def closed(
    root: Path,
    plans: Sequence[str],
    entities: Sequence[str],
    only: Sequence[str],
    warm: str,
    kept: list[Hashes],
) -> Any:
    """`arlib close` of every plan into an output folder of its own; the times of all, summed."""
    from measured import Timing

    timings, found = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for number, plan in enumerate(plans):
            out = Path(folder) / str(number)
            command = [sys.executable, "-c", "from arlib.cli import main; main()", "close", plan]
            command += ["--quiet", "--jobs", "2", "--out", str(out)]
            for entity in entities:
                command += ["--entity", entity]
            if only:
                command += ["--only", ",".join(only)]
            timings.append(_process(command, root, ARLIB_WARM=warm))
            found.update(_sealed(out.glob("[!._]*/*/*/run.json")))
    kept.append(found)
    return Timing(
        (sum(t.wall[0] for t in timings),),
        (sum(t.processor[0] for t in timings),),
    )


def _sealed(records: Iterable[Path]) -> Hashes:
    runs = [json.loads(path.read_bytes()) for path in records]
    return {
        f"{run['period']} {run['entity']} {name}": made["results_sha256"]
        for run in runs
        for name, made in run["notebooks"].items()
    }


def _process(command: Sequence[str], root: Path, **environment: str) -> Any:
    """In the project; 1 is a close that is done but says what is left to do."""
    from measured import process

    settings = {"PYTHONDONTWRITEBYTECODE": "", **environment}
    return process(command, cwd=root, environment=settings, ok=(0, 1))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--loop"]:
        print(json.dumps(loop(*json.loads(sys.argv[2]))))
    else:
        main()
