"""kill -9 while a case is put into place: the old one or the new one, and the next one tidies and tells the store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from arlib.run.cases.reading import open_case
from arlib.run.store import open_store
from arlib.run.store.runs import RunKind
from arlib.run.verify import verify

# The notebook is not what is tried here: a folder that was sealed before stands in for the run of papermill.
DRIVER = textwrap.dedent("""
    import os, shutil, signal, sys
    from pathlib import Path
    from arlib.controls import Control
    from arlib.run import platform, manifest
    from arlib.run.cases import write
    from arlib.run.cases.books import CaseBook
    from arlib.tables import Book
    from arlib.run.cases.reading import open_case
    from arlib.run.job import Run

    root, sealed, run_id, point = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]

    def made(question, *, folder, progress):
        target = folder / "2026-10" / "US01" / run_id
        shutil.copytree(sealed, target)
        platform.make_tree_writable(target)
        for name in ("run.json", "manifest.json"):
            text = (target / name).read_text().replace(sealed.name, run_id)
            (target / name).write_text(text)
        import hashlib, json
        told = json.loads((target / "manifest.json").read_text())
        data = (target / "run.json").read_bytes()
        told["run_json_sha256"] = hashlib.sha256(data).hexdigest()
        for row in told["files"]:
            if row["path"] == "run.json":
                row["bytes"], row["sha256"] = len(data), told["run_json_sha256"]
        (target / "manifest.json").write_text(json.dumps(told))
        platform.make_read_only(target)
        return Run(entity="US01", period="2026-10", run_id=run_id, state="sealed", folder="", results_sha256="0" * 64,
                   manifest_sha256=manifest.sha256_of(target / "manifest.json")), target

    def die(*_args, **_given):
        os.kill(os.getpid(), signal.SIGKILL)

    write.make_run = made
    write.book_of = lambda *_: CaseBook(book=Book({}), inputs=(), decisions={"head": None, "events": []}, recorded=[], of="")
    if point == "before the move":
        real = write.platform.rename_whole
        write.platform.rename_whole = lambda source, target: die() if target.parent.name == "CASE-7" else real(source, target)
    elif point == "before the store is told":
        write._record = die
    opened = open_case(sealed)
    write.write_case(opened.case, root=root, statement=opened.statement)
""")


def drive(desk, *, run_id: str, point: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(desk.project.root), str(desk.made.folder), run_id, point],
        env={**os.environ, "ARLIB_ROOT": str(desk.project.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 there")
def test_a_kill_leaves_the_old_or_the_new(desk):
    home = desk.made.folder.parent

    def names() -> list[str]:
        return sorted(path.name for path in home.iterdir())

    assert drive(desk, run_id="20991231T000000Z-aaaaaa", point="before the move") == -signal.SIGKILL
    assert [name for name in names() if not name.startswith(".")] == [desk.made.run_id]
    assert open_case(desk.made.folder).run_id == desk.made.run_id
    assert drive(desk, run_id="20991231T000000Z-bbbbbb", point="before the store is told") == -signal.SIGKILL
    assert not verify(
        home / "20991231T000000Z-bbbbbb"
    ).is_whole  # in place, and the store does not know it yet
    assert drive(desk, run_id="20991231T000000Z-cccccc", point="") == 0
    assert names() == [desk.made.run_id, "20991231T000000Z-bbbbbb", "20991231T000000Z-cccccc"]
    told = open_store(desk.project.root / "outputs").events(kinds=(RunKind.CASE_WRITTEN,))
    assert sorted(event.body["run_id"] for event in told) == names()
    assert verify(home / "20991231T000000Z-bbbbbb").is_whole
    assert verify(Path(desk.project.root) / "outputs").is_whole
