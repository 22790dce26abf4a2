"""kill -9 at every stage: the old result or the new one; the next close says what it found and carries on."""

# ruff: noqa: E501  programs that are written to files or run elsewhere stand here as text

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from arlib.run.progress import Lines
from arlib.run.store import open_store
from arlib.run.store.runs import sealed_runs
from arlib.run.verify import verify

# Waits for lines of a project's folder and a point, and for each forks a process that closes the project and kills
# itself, as kill -9 does, at that point. Forked from one that has imported everything, so that it takes no time.
DRIVER = textwrap.dedent("""
    import os, signal, sys
    from pathlib import Path
    import nbconvert.exporters, pandas, pyarrow.parquet, sqlalchemy  # noqa
    import arlib.report.page
    import arlib.sources.load
    import arlib.run.close as closing
    from arlib.run import atwork
    from arlib.run import manifest, platform, record, staging
    from arlib.run.journal import Journal
    from arlib.run.params import load_close
    from arlib.run.staging import Staging
    from arlib.run.store import open_store
    from arlib.sources import snapshot

    record.library_sha256 = lambda: "1" * 64

    def die(*_args, **_given):
        os.kill(os.getpid(), signal.SIGKILL)

    def wrap(owner, name, *, before=False, when=lambda *args, **given: True):
        real = getattr(owner, name)
        def wrapped(*args, **given):
            if before and when(*args, **given):
                die()
            made = real(*args, **given)
            if not before and when(*args, **given):
                die()
            return made
        setattr(owner, name, wrapped)

    def is_final(source, target):
        return "2026-10" in target.parts

    POINTS = {
        "while the extracts are read": lambda: wrap(atwork.CloseAtWork, "load", before=True),
        "before the close's record": lambda: wrap(atwork.CloseAtWork, "begun"),
        "before the staging folder": lambda: wrap(staging, "create", before=True),
        "while the staging folder is made": lambda: wrap(platform, "rename_whole", before=True),
        "after the staging folder": lambda: wrap(staging, "create"),
        "while the book is written": lambda: wrap(snapshot, "write_parquet"),
        "planned": None, "running": None, "executed": None, "verified": None, "rendered": None, "sealed": None,
        "before the first notebook is kept": lambda: wrap(Staging, "keep", before=True),
        "while a notebook is kept": lambda: wrap(platform, "write_whole", before=True, when=lambda p, d: p.suffix == ".ipynb"),
        "before a notebook is said to be done": lambda: wrap(platform, "write_whole", before=True, when=lambda p, d: p.parent.name == "done"),
        "after the first notebook": lambda: wrap(Staging, "keep"),
        "while pages are written": lambda: wrap(platform, "write_whole", when=lambda p, d: p.suffix == ".html"),
        "before the manifest": lambda: wrap(manifest, "write", before=True),
        "after the manifest": lambda: wrap(manifest, "write"),
        "after files are read-only": lambda: wrap(platform, "make_read_only"),
        "before the move": lambda: wrap(platform, "rename_whole", before=True, when=is_final),
        "after the move": lambda: wrap(platform, "rename_whole", when=is_final),
        "before the store is told": lambda: wrap(atwork.CloseAtWork, "recorded", before=True),
        "before the close ends": lambda: wrap(atwork.CloseAtWork, "ended", before=True),
    }
    def close(root, point):
        if POINTS[point]:
            POINTS[point]()
        else:
            wrap(Journal, "enter", when=lambda self, state, **given: state == point)
        closing.close(load_close(root / "close.yml", root=root), open_store=open_store, jobs=1)
        os._exit(99)

    for line in sys.stdin:
        folder, point = line.rstrip("\\n").split("\\t")
        child = os.fork()
        if not child:
            close(Path(folder), point)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
""")

BEFORE_A_NOTEBOOK = (
    "while the extracts are read",
    "before the close's record",
    "before the staging folder",
    "while the staging folder is made",
    "after the staging folder",
    "while the book is written",
    "planned",
    "running",
    "before the first notebook is kept",
    "while a notebook is kept",
    "before a notebook is said to be done",
)
AFTER_A_NOTEBOOK = (
    "after the first notebook",
    "executed",
    "verified",
    "while pages are written",
    "rendered",
    "sealed",
    "before the manifest",
    "after the manifest",
    "after files are read-only",
    "before the move",
)
AFTER_THE_MOVE = ("after the move", "before the store is told", "before the close ends")


class Killer:
    """The process that forks closes."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, root: Path, point: str) -> int:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{root}\t{point}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self) -> int:
        assert self.process.stdout
        return int(self.process.stdout.readline())

    def __call__(self, root: Path, point: str) -> None:
        self.start(root, point)
        assert self.end() == -9, f"it was to die {point}"


@pytest.fixture(scope="module")
def kill():  # type: ignore[no-untyped-def]
    made = Killer()
    yield made
    assert made.process.stdin
    made.process.stdin.close()
    made.process.wait(10)


def runs_of(project) -> int:  # type: ignore[no-untyped-def]
    """How often the notebook was executed: it counts itself."""
    path = project.root / "count"
    return len(path.read_text()) if path.exists() else 0


@pytest.fixture
def counted(project):  # type: ignore[no-untyped-def]
    project.single("with open('count', 'a') as file: _ = file.write('x')")
    return project


@pytest.mark.parametrize("point", [*BEFORE_A_NOTEBOOK, *AFTER_A_NOTEBOOK, *AFTER_THE_MOVE])
def test_killed_and_carried_on(counted, kill, point: str, capsys) -> None:  # type: ignore[no-untyped-def]
    kill(counted.root, point)
    whole = counted.sealed()
    assert len(whole) == (1 if point in AFTER_THE_MOVE else 0), "the old result or the new one"
    if whole:
        assert verify(whole[0]).is_whole
    before = runs_of(counted)

    done = counted.close(jobs=1, progress=Lines(sys.stderr))

    assert done.exit_code == 0
    (folder,) = counted.sealed()
    assert done.runs[0].folder == folder.relative_to(counted.outputs).as_posix()
    assert verify(counted.outputs).is_whole
    assert counted.failed() == []
    reused = runs_of(counted) == before
    assert reused == (point in (*AFTER_A_NOTEBOOK, *AFTER_THE_MOVE)), (
        "a finished notebook is not run again, any other is"
    )
    told = capsys.readouterr().err
    if point not in ("while the extracts are read", "before the close's record"):
        assert "which was killed; carrying on" in told, "the next start says what it found"
    if (point in BEFORE_A_NOTEBOOK[6:] or point in AFTER_A_NOTEBOOK) and point not in AFTER_THE_MOVE:
        assert "stopped while" in told
        assert "resumed" in counted.events(folder)
    states = [state for state in counted.events(folder) if state != "resumed"]
    assert states[-6:] == ["planned", "running", "executed", "verified", "rendered", "sealed"]

    (known,) = sealed_runs(open_store(counted.outputs), entity="US01", period="2026-10")
    assert (known.run_id, known.supersedes) == (folder.name, "")
    records = [json.loads(path.read_text()) for path in (counted.outputs / "closes").glob("*.json")]
    assert [record["state"] for record in records] == ["done"]
    assert not (counted.outputs / ".staging").exists()
    assert not (counted.outputs / ".locks").exists()


def test_a_killed_close_leaves_the_earlier_result_whole(counted, kill) -> None:  # type: ignore[no-untyped-def]
    first = counted.close()
    kill(counted.root, "before the move")
    assert [path.name for path in counted.sealed()] == [first.runs[0].run_id]
    assert verify(counted.outputs).is_whole
    second = counted.close()
    assert second.runs[0].supersedes == first.runs[0].run_id


@pytest.mark.parametrize("change", ["input", "parameters"])
def test_what_was_killed_is_put_away_when_something_has_changed_since(
    counted, kill, change: str, capsys
) -> None:  # type: ignore[no-untyped-def]
    kill(counted.root, "executed")
    if change == "input":
        path = counted.root / "extracts" / "items.csv"
        path.write_text(path.read_text().replace("100.00,100.00", "101.00,101.00"))
    else:
        counted.edit("run_seconds: 60", "run_seconds: 61")
    done = counted.close(progress=Lines(sys.stderr))
    assert done.exit_code == 0
    assert runs_of(counted) == 2, "nothing of the killed run is used"
    (gone,) = counted.failed()
    assert json.loads((gone / "run.json").read_text())["state"] == "failed: interrupted"
    assert counted.events(gone) == ["planned", "running", "executed", "failed"]
    assert "have changed since" in capsys.readouterr().err
    states = {json.loads(p.read_text())["state"] for p in (counted.outputs / "closes").glob("*.json")}
    assert states == ({"done"} if change == "input" else {"done", "interrupted"})


def test_a_notebook_that_has_changed_since_is_run_again(counted, kill) -> None:  # type: ignore[no-untyped-def]
    kill(counted.root, "executed")
    counted.fast("aging", "with open('count', 'a') as file: _ = file.write('xx')")
    assert counted.close().exit_code == 0
    assert runs_of(counted) == 3
    assert counted.failed() == []


def test_a_finished_notebook_that_was_touched_since_is_run_again(counted, kill) -> None:  # type: ignore[no-untyped-def]
    kill(counted.root, "executed")
    (book,) = counted.outputs.glob(".staging/*/run/workbooks/aging.xlsx")
    book.write_bytes(b"other")
    assert counted.close().exit_code == 0
    assert runs_of(counted) == 2


def test_a_kernel_dies_with_its_close(project, kill) -> None:  # type: ignore[no-untyped-def]
    """An orphan must not write on: ipykernel watches its parent, and what it writes goes to a folder of its own."""
    project.single("import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(60)")
    process = kill.start(project.root, "rendered")
    pid = project.root / "pid"
    deadline = time.monotonic() + 60
    while not (pid.exists() and pid.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process, signal.SIGKILL)
    kill.end()
    while Path(f"/proc/{pid.read_text()}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(f"/proc/{pid.read_text()}").exists()


def test_entities_that_were_sealed_before_the_kill_are_kept(project, kill, capsys) -> None:  # type: ignore[no-untyped-def]
    project.edit("notebooks: [aging, control_account]", "notebooks: [aging]")
    project.fast(
        "aging",
        "with open('count', 'a') as file: _ = file.write('x')",
        given="currency='USD' if entity == 'US01' else 'GBP'",
    )
    kill(project.root, "before the store is told")
    (first,) = project.sealed()
    done = project.close(jobs=1, progress=Lines(sys.stderr))
    assert done.exit_code == 0
    assert len(project.sealed()) == 2
    assert first.name in {run.run_id for run in done.runs}
    assert sum(run.is_kept for run in done.runs) == 1
    assert all(run.supersedes == "" for run in done.runs)
    assert "sealed before the close was killed; kept" in capsys.readouterr().err
