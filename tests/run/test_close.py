"""The close, end to end on a tiny company: what is sealed, what fails, and with which true record."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from arlib.controls import Status
from arlib.errors import BusyError, InputError, ParameterError, RunError, SourceError, TableError
from arlib.run import atwork, lock, platform
from arlib.run.journal import State
from arlib.run.progress import Lines
from arlib.run.verify import verify

STAGES = ["planned", "running", "executed", "verified", "rendered", "sealed"]


def left_over(outputs: Path) -> list[str]:
    """Everything in the output folder but what a close keeps on purpose."""
    return sorted(p.relative_to(outputs).as_posix() for p in outputs.rglob("*")) if outputs.exists() else []


def test_a_whole_close(project, capsys) -> None:  # type: ignore[no-untyped-def]
    done = project.close(progress=Lines(sys.stderr))
    assert (done.exit_code, done.blocking, done.failures) == (0, (), ())
    assert [(run.entity, run.state) for run in done.runs] == [("US01", "sealed"), ("UK01", "sealed")]
    assert {(c.entity, c.left, c.status) for c in done.controls} == {
        ("US01", 35050, Status.TIED),
        ("UK01", 7525, Status.TIED),
    }
    assert done.folder == project.outputs / "2026-10"
    files = [path for folder in project.sealed() for path in folder.rglob("*") if path.is_file()]
    assert verify(project.outputs).lines() == (f"2 runs, {len(files) - 2} files: as sealed",)

    folder = project.outputs / done.runs[0].folder
    assert project.events(folder) == STAGES
    for name in ("aging", "control_account"):
        for part in (
            f"notebooks/{name}.ipynb",
            f"pages/{name}.html",
            f"pages/{name}.evidence.html",
            f"workbooks/{name}.xlsx",
            f"data/{name}/open.csv",
            f"data/{name}/open.parquet",
        ):
            assert (folder / part).is_file(), part
    told = json.loads((folder / "run.json").read_text())
    assert told["state"] == "verified", "frozen before rendering"
    assert told["close_id"] == done.close_id
    assert told["supersedes"] == ""
    assert told["inputs"][0]["file"] == "items.csv"
    assert {i["currency"]: i["amount_out"] for i in told["inputs"]}["USD"] == "350.50"
    assert told["decisions"]["head"] == {"seq": 0, "hash": "0" * 64}
    assert told["notebooks"]["aging"]["parameters"]["entity"] == "US01"
    assert re.fullmatch(r"[0-9a-f]{64}", told["results_sha256"])
    assert {"python", "packages", "system"} <= told["environment"].keys()
    assert "pandas" in told["environment"]["packages"]
    page = (folder / "pages" / "aging.html").read_text()
    assert done.runs[0].run_id in page
    assert done.runs[0].run_json_sha256[:12] in page, "the page carries the record's hash"
    assert (
        folder / "data/aging/open.csv"
    ).read_text() == "item_id,currency,amount\nU1,USD,100.00\nU2,USD,250.50\n"

    record = json.loads((project.outputs / "closes" / f"{done.close_id}.json").read_text())
    assert (record["state"], record["exit_code"]) == ("done", 0)
    assert {run["run_id"] for run in record["runs"]} == {run.run_id for run in done.runs}
    assert not (project.outputs / ".staging").exists()
    assert not (project.outputs / ".locks").exists()
    assert "US01 2026-10: sealed" in capsys.readouterr().err


def test_no_output_names_the_machine_or_a_secret(project, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("BANK_PASSWORD", "correct-horse")
    project.single(
        "import os, sys\nprint(os.getcwd(), sys.executable, os.environ.get('BANK_PASSWORD'))\n"
        "print(os.path.expanduser('~/x'))\n'correct-horse'"
    )
    project.close()
    files = [p for folder in project.sealed() for p in folder.rglob("*") if p.is_file()]
    files += [*(project.outputs / "closes").glob("*.json"), project.outputs / "arlib.db"]
    assert len(files) > 10
    for path in files:
        data = path.read_bytes()
        for hidden in (str(project.root), str(Path.home()) + "/", sys.prefix, "correct-horse"):
            assert hidden.encode() not in data, (path.name, hidden)
    assert b"<secret>" in (project.sealed()[0] / "notebooks/aging.ipynb").read_bytes(), "the guard looked"


def test_a_second_close_supersedes_the_first(project) -> None:  # type: ignore[no-untyped-def]
    project.single()
    first, second = project.close(), project.close()
    assert second.runs[0].supersedes == first.runs[0].run_id
    assert second.runs[0].results_sha256 == first.runs[0].results_sha256
    assert len(project.sealed()) == 2
    assert verify(project.outputs).is_whole
    from arlib.run.store import open_store
    from arlib.run.store.runs import sealed_runs

    known = sealed_runs(open_store(project.outputs), entity="US01", period="2026-10")
    assert [run.superseded_by for run in known] == [second.runs[0].run_id, ""]


def test_some_notebooks_supersede_nothing(project) -> None:  # type: ignore[no-untyped-def]
    for name in ("aging", "control_account"):
        project.fast(name, given="currency='GBP'")
    whole = project.close(entities=("UK01",))
    part = project.close(entities=("UK01",), only=("aging",))
    again = project.close(entities=("UK01",))
    assert [run.entity for run in part.runs] == ["UK01"]
    assert part.runs[0].supersedes == ""
    folder = project.outputs / part.runs[0].folder
    assert json.loads((folder / "run.json").read_text())["is_partial"] is True
    assert not (folder / "pages/control_account.html").exists()
    assert again.runs[0].supersedes == whole.runs[0].run_id, "not the part"


@pytest.mark.parametrize(
    ("given", "word"), [({"only": ("agign",)}, "aging"), ({"entities": ("US1",)}, "US01")]
)
def test_unknown_names_are_refused_with_the_nearest(project, given: dict[str, tuple[str]], word: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ParameterError, match=word) as fault:
        project.close(**given)
    assert f"Did you mean '{word}'" in str(fault.value)
    assert left_over(project.outputs) == []


def test_the_same_facts_give_the_same_hash_in_any_order(project) -> None:  # type: ignore[no-untyped-def]
    project.edit("notebooks: [aging, control_account]", "notebooks: [aging]")
    first = project.close(entities=("US01",)).runs[0]
    items = project.root / "extracts" / "items.csv"
    head, *rows = items.read_text().splitlines()
    items.unlink()
    (project.root / "extracts" / "items.csv").write_text("\n".join([head, *reversed(rows)]) + "\n")
    project.notebook(
        "aging", finish='import tiny_report\nctx.finish(tiny_report.tiny(ctx, "aging", reverse=True))'
    )
    second = project.close(entities=("US01",), jobs=1).runs[0]
    assert second.results_sha256 == first.results_sha256
    items.write_text(items.read_text().replace("100.00,100.00", "100.01,100.01"))
    assert project.close(entities=("US01",)).runs[0].results_sha256 != first.results_sha256, (
        "one cent changes it"
    )


@pytest.mark.parametrize(
    ("cell", "reason", "at"),
    [
        ("1 / 0", "cell_failed", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "kernel_died", 3),
        ("import time; time.sleep(60)", "timeout", 3),
    ],
)
def test_a_notebook_that_fails_is_put_away_with_a_true_record(
    project, cell: str, reason: str, at: int
) -> None:  # type: ignore[no-untyped-def]
    project.single(cell)
    project.edit("cell_seconds: 20", "cell_seconds: 2")
    done = project.close()
    assert done.exit_code == 3
    assert done.runs[0].state == f"failed: {reason}"
    assert project.sealed() == []
    (folder,) = project.failed()
    assert folder == project.outputs / done.runs[0].folder
    told = json.loads((folder / "run.json").read_text())
    assert told["state"] == f"failed: {reason}"
    assert (told["failure"]["notebook"], told["failure"]["cell"]) == ("aging", at)
    assert project.events(folder) == ["planned", "running", "failed"]
    assert not (folder / "manifest.json").exists()
    executed = json.loads((folder / "notebooks/aging.ipynb").read_text())
    assert executed["metadata"]["arlib"]["state"] == f"failed: {reason}"
    assert executed["cells"][at]["execution_count"] is None, "what did not run does not say that it did"
    assert "completed" not in json.dumps(executed)
    record = json.loads((project.outputs / "closes" / f"{done.close_id}.json").read_text())
    assert (record["state"], record["exit_code"], record["runs"][0]["state"]) == (
        "failed",
        3,
        f"failed: {reason}",
    )
    from arlib.run.store import RunKind, open_store

    (event,) = open_store(project.outputs).events(kinds=(RunKind.FAILED,))
    assert event.body["reason"] == reason
    assert not (project.outputs / ".staging").exists()


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("identity=(1, 2)", "identity"),
        ("notebook='other'", "result_unsound"),
        ("results_sha256='0' * 64", "result_unsound"),
        ("schema=2", "result_unsound"),
        ("artefacts=[]", "artefact_missing"),
        ("artefacts=[{'path': '../../x', 'bytes': 1, 'sha256': ''}]", "artefact_missing"),
        ("artefacts=[{'path': 'workbooks/aging.xlsx', 'bytes': 5, 'sha256': 'f' * 64}]", "artefact_missing"),
        (
            "identities=[{'name': 'n', 'left_label': 'l', 'left': '1', 'right_label': 'r', 'right': '2', "
            "'currency': '', 'holds': True}]",
            "identity",
        ),
    ],
)
def test_a_result_is_not_believed(project, given: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    project.single(given=given)
    done = project.close()
    assert (done.exit_code, done.runs[0].state) == (3, f"failed: {reason}")
    assert project.sealed() == []


def test_two_results_and_none(project) -> None:  # type: ignore[no-untyped-def]
    project.single("import fast_result\nfast_result.hand_over('aging', entity, period)")
    assert project.close().runs[0].state == "failed: not_finished"
    path = project.root / "notebooks/monthly/aging.ipynb"
    node = json.loads(path.read_text())
    node["cells"] = node["cells"][:1]
    path.write_text(json.dumps(node))
    assert project.close().runs[0].state == "failed: no_result"


def test_one_entity_fails_and_the_other_is_sealed(project) -> None:  # type: ignore[no-untyped-def]
    project.edit("notebooks: [aging, control_account]", "notebooks: [aging]")
    project.fast("aging", "assert entity == 'UK01'", given="currency='GBP'")
    done = project.close()
    assert done.exit_code == 3
    assert {run.entity: run.state for run in done.runs} == {"US01": "failed: cell_failed", "UK01": "sealed"}
    assert verify(project.outputs).is_whole


@pytest.mark.parametrize(
    ("policy", "explained", "code", "word"),
    [
        ("", 4, 0, ""),
        ("", 1, 1, "unexplained 0.03 USD"),
        ("must_run: [control_account]", 4, 0, ""),
        ("must_run: [cash]", 4, 1, "must run; not run: input missing"),
        ("must_run: [roll_forward]", 4, 1, "no notebook ran it"),
        ('max_explained: "0.04"', 4, 0, ""),
        ('max_explained: "0.03"', 4, 1, "policy allows 0.03"),
        ("max_age_days: 91", 4, 0, ""),
        ("max_age_days: 90", 4, 1, "91 days old, policy allows 90"),
    ],
)
def test_what_holds_up_a_close(project, policy: str, explained: int, code: int, word: str) -> None:  # type: ignore[no-untyped-def]
    """31 October less 1 August is 91 days; 9 less 5 is 4 cents."""
    from datetime import date

    from arlib.controls import Control
    from arlib.policy import ControlPolicy
    from arlib.run.params import load_close
    from arlib.run.verdict import blocking

    if policy:
        (project.root / "close.yml").write_text(
            (project.root / "close.yml").read_text() + f"policies: {{controls: {{{policy}}}}}\n"
        )
    plan = load_close(project.root / "close.yml", root=project.root)
    controls = (
        Control(
            name="control_account",
            title="1200",
            entity="US01",
            currency="USD",
            left=9,
            right=5,
            explained=explained,
            count=2,
            oldest=date(2026, 8, 1),
        ),
        Control(name="cash", title="cash", entity="US01", currency="USD", note="bank_lines"),
    )
    held = blocking(
        controls,
        policy=plan.policies.controls,
        entities=["US01"],
        functional=plan.functional,
        as_of=date(2026, 10, 31),
    )
    cancelling = Control(
        name="x", title="x", entity="US01", currency="USD", left=1, right=1, unexplained_count=2
    )
    told = blocking(
        (cancelling,), policy=ControlPolicy(), entities=["US01"], functional={}, as_of=date(2026, 10, 31)
    )
    assert told == ("US01 x: unexplained 0.00 USD (2 documents that cancel out)",)
    assert bool(held) == (code == 1)
    assert word in " ".join(held)


def test_an_unexplained_control_is_sealed_and_ends_with_1(project) -> None:  # type: ignore[no-untyped-def]
    project.single(given="left=9, right=5, status='unexplained'")
    done = project.close()
    assert (done.exit_code, [c.status for c in done.controls]) == (1, [Status.UNEXPLAINED])
    assert "unexplained 0.04 USD" in done.blocking[0]
    page = (project.sealed()[0] / "pages/aging.html").read_text()
    (banner,) = re.findall(r'<p class="ar-banner (.*?)".*?><strong>(.*?)</strong>', page)
    assert banner == ("ar-unexplained", "✗ unexplained")


def test_faults_of_extracts_leave_nothing_behind(project) -> None:  # type: ignore[no-untyped-def]
    project.single()
    items = project.root / "extracts" / "items.csv"
    good = items.read_text()
    for bad, kind in (
        (good.replace("2026-10-01,2026-10-01,2026-10-01", "31.02.2026,2026-10-01,2026-10-01"), TableError),
        (good.replace("US01,U1", "DE01,U1"), TableError),
        (good.replace("U1", "=U1"), InputError),
        (None, SourceError),
    ):
        items.write_text(bad) if bad else items.unlink()
        with pytest.raises(kind) as fault:
            project.close()
        assert fault.value.exit_code == 2
        assert len(str(fault.value).splitlines()) <= 2
        assert not project.outputs.exists()


def test_a_missing_notebook_is_refused(project) -> None:  # type: ignore[no-untyped-def]
    (project.root / "notebooks/monthly/aging.ipynb").unlink()
    with pytest.raises(SourceError, match="no such notebook"):
        project.close()
    assert not project.outputs.exists()


def test_an_output_folder_that_cannot_be_written_is_refused(project) -> None:  # type: ignore[no-untyped-def]
    """Tests run as root, whom permissions do not stop; a file where the folder should be does."""
    project.outputs.write_text("")
    with pytest.raises(ParameterError, match="cannot be written") as fault:
        project.close()
    assert fault.value.exit_code == 2


def test_a_read_only_file_system_is_refused(project, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def read_only(path: Path, data: bytes) -> int:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "write_bytes", read_only)
    with pytest.raises(ParameterError, match="Read-only file system"):
        project.close()
    assert not project.outputs.exists()


@pytest.mark.parametrize("after", [0, 1, 3, 6, 9])
def test_a_full_disk_ends_cleanly_and_leaves_nothing(project, monkeypatch, after: int) -> None:  # type: ignore[no-untyped-def]
    """From the n-th write on there is no room; the run's folder goes, and no half of it stays."""
    project.single()
    real, calls = platform.write_whole, []

    def full(path: Path, data: bytes) -> None:
        calls.append(path)
        if len(calls) > after:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        real(path, data)

    monkeypatch.setattr(platform, "write_whole", full)
    if after == 0:
        with pytest.raises(RunError, match="disk is full"):
            project.close()
    else:
        done = project.close()
        assert done.exit_code == 3
        assert done.runs[0].state == "failed: disk_full"
        assert len(done.runs[0].sentence.splitlines()) <= 2
        assert str(project.root) not in done.runs[0].sentence
    assert left_over(project.outputs) == []


@pytest.mark.parametrize("is_half_made", [True, False])
def test_a_full_disk_that_takes_no_store_leaves_nothing(project, is_half_made: bool) -> None:  # type: ignore[no-untyped-def]
    """SQLite says it in its own way; what it had made of the file goes again."""
    from arlib.errors import StoreError
    from arlib.run.store import open_store

    project.single()

    def full(outputs: Path) -> None:
        (outputs / "arlib.db").touch() if is_half_made else open_store(outputs)
        raise StoreError("outputs/arlib.db cannot be used", found="the disk is full")

    with pytest.raises(StoreError, match="disk is full"):
        project.close(open_store=full)
    assert left_over(project.outputs) == []


def test_a_store_that_others_use_or_that_holds_something_stays(project) -> None:  # type: ignore[no-untyped-def]
    from arlib.errors import StoreError
    from arlib.run.store import open_store

    project.single()

    def full(outputs: Path, *, is_used: bool) -> None:
        store = open_store(outputs)
        if is_used:
            store.append("note.made", "US01", {"text": "x"}, actor="ann")
        raise StoreError("outputs/arlib.db cannot be used", found="the disk is full")

    with (
        lock.hold(project.outputs, "2026-10.UK01", about="UK01 2026-10"),
        pytest.raises(StoreError),
    ):
        project.close(open_store=lambda outputs: full(outputs, is_used=False))
    assert (project.outputs / "arlib.db").is_file()
    for path in project.outputs.glob("arlib.db*"):
        path.unlink()
    with pytest.raises(StoreError):
        project.close(open_store=lambda outputs: full(outputs, is_used=True))
    assert open_store(project.outputs).head().seq == 1


@pytest.mark.parametrize(
    "place",
    [
        "2026-10",
        "2026-10/US01",
        ".staging",
        ".locks",
        "_failed",
        "closes",
        ".locks/2026-10.US01.lock",
        "arlib.db",
    ],
)
def test_a_planted_link_is_not_followed(project, tmp_path, place: str) -> None:  # type: ignore[no-untyped-def]
    project.single()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    target = elsewhere / "file" if place.endswith((".lock", ".db")) else elsewhere
    (project.outputs / place).parent.mkdir(parents=True, exist_ok=True)
    (project.outputs / place).symlink_to(target)
    before = left_over(project.outputs)
    with pytest.raises(ParameterError, match="is not followed") as fault:
        project.close()
    assert fault.value.exit_code == 2
    assert f"outputs/{place}" in str(fault.value)
    assert list(elsewhere.iterdir()) == []
    assert left_over(project.outputs) == before


def test_a_link_that_is_planted_while_a_close_works(project, tmp_path) -> None:  # type: ignore[no-untyped-def]
    project.single(
        "import os",
        "os.symlink(os.environ['ARLIB_ROOT'] + '/extracts', os.environ['ARLIB_ROOT'] + '/outputs/2026-10')",
    )
    done = project.close()
    assert done.runs[0].state == "failed: input"
    assert "is not followed" in done.runs[0].sentence
    assert [path.name for path in (project.root / "extracts").iterdir()] == ["items.csv"]


def test_the_output_folder_itself_may_be_a_link(project, tmp_path) -> None:  # type: ignore[no-untyped-def]
    project.single()
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    assert project.close(out=tmp_path / "link").exit_code == 0


def test_the_packages_are_hashed_with_or_without_a_lock_file(project) -> None:  # type: ignore[no-untyped-def]
    from arlib.run.manifest import sha256_of
    from arlib.run.record import environment
    from arlib.run.result import digest

    told = environment(project.root)
    assert told["lock_sha256"] is None
    assert told["packages_sha256"] == digest(told["packages"])
    assert "pandas" in told["packages"]
    (project.root / "requirements.lock").write_text("pandas==1\n")
    again = environment(project.root)
    assert again["lock_sha256"] == sha256_of(project.root / "requirements.lock")
    assert again["packages_sha256"] == told["packages_sha256"]


def test_a_disk_that_a_notebook_fills(project) -> None:  # type: ignore[no-untyped-def]
    project.single("raise OSError(28, 'No space left on device')")
    done = project.close()
    assert (done.exit_code, done.runs[0].state) == (3, "failed: disk_full")
    assert left_over(project.outputs) == []


def test_a_second_close_at_the_same_time_is_turned_away(project) -> None:  # type: ignore[no-untyped-def]
    project.outputs.mkdir()
    with lock.hold(project.outputs, "2026-10.US01", about="US01 2026-10"):
        with pytest.raises(BusyError, match=f"process {os.getpid()} of") as fault:
            project.close()
        assert fault.value.exit_code == 3
        assert "US01 2026-10" in str(fault.value)
        assert left_over(project.outputs) == [".locks", ".locks/2026-10.US01.lock"], "the one of the holder"


def test_two_closes_at_once_one_wins(project) -> None:  # type: ignore[no-untyped-def]
    project.single("import time; time.sleep(2)")
    ended: list[object] = []

    def attempt() -> None:
        try:
            ended.append(project.close().exit_code)
        except BusyError:
            ended.append("busy")

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, ended)) == ["0", "busy"]
    assert len(project.sealed()) == 1


def test_closes_of_different_entities_do_not_hinder_each_other(project) -> None:  # type: ignore[no-untyped-def]
    project.edit("notebooks: [aging, control_account]", "notebooks: [aging]")
    project.fast("aging", "import time; time.sleep(1)", given="currency='USD' if entity == 'US01' else 'GBP'")
    ended: list[int] = []
    threads = [
        threading.Thread(target=lambda e=e: ended.append(project.close(entities=(e,)).exit_code))
        for e in ("US01", "UK01")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == [0, 0]
    assert verify(project.outputs).is_whole


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_with_130_and_a_true_record(project, number: int) -> None:  # type: ignore[no-untyped-def]
    project.single(f"open({str(project.root / 'began')!r}, 'w').close()\nimport time; time.sleep(60)")
    script = textwrap.dedent("""
        import signal, sys
        from pathlib import Path
        from arlib.run.close import close
        from arlib.run.params import load_close
        from arlib.run.store import open_store
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background hands down "ignored"
        root = Path(sys.argv[1])
        done = close(load_close(root / "close.yml", root=root), open_store=open_store)
        sys.exit(done.exit_code)
    """)
    process = subprocess.Popen([sys.executable, "-c", script, str(project.root)])
    deadline = time.monotonic() + 60
    while not (project.root / "began").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait(30) == 130
    (folder,) = project.failed()
    assert json.loads((folder / "run.json").read_text())["state"] == "failed: interrupted"
    assert project.events(folder)[-1] == "failed"
    assert project.sealed() == []
    (record,) = (project.outputs / "closes").glob("*.json")
    assert json.loads(record.read_text())["state"] == "interrupted"
    assert json.loads(record.read_text())["exit_code"] == 130


def test_an_unforeseen_fault_leaves_a_true_record_and_is_raised(project, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    project.single()

    def broken(*_args: object, **_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("arlib.run.entity.render", broken)
    with pytest.raises(ZeroDivisionError):
        project.close()
    (folder,) = project.failed()
    assert json.loads((folder / "run.json").read_text())["state"] == "failed: internal_error"
    (record,) = (project.outputs / "closes").glob("*.json")
    assert json.loads(record.read_text())["state"] == "failed"
    assert project.sealed() == []


def test_a_final_run_is_not_superseded_by_the_way(project) -> None:  # type: ignore[no-untyped-def]
    from arlib.run.store import open_store, record_reviewed

    project.single()
    run = project.close().runs[0]
    record_reviewed(
        open_store(project.outputs), entity="US01", period="2026-10", run_id=run.run_id, is_final=True
    )
    with pytest.raises(ParameterError, match="final"):
        project.close()
    record_reviewed(
        open_store(project.outputs), entity="US01", period="2026-10", run_id=run.run_id, is_final=False
    )
    assert project.close().exit_code == 0


def test_sealed_files_are_read_only(project) -> None:  # type: ignore[no-untyped-def]
    project.single()
    project.close()
    files = [p for folder in project.sealed() for p in folder.rglob("*") if p.is_file()]
    assert len(files) > 8
    assert all(p.stat().st_mode & 0o222 == 0 for p in files)


def test_output_elsewhere(project, tmp_path) -> None:  # type: ignore[no-untyped-def]
    project.single()
    done = project.close(out=tmp_path / "elsewhere")
    assert done.exit_code == 0
    assert not project.outputs.exists()
    assert verify(tmp_path / "elsewhere").is_whole


def test_states_have_their_order() -> None:
    assert [str(state) for state in State][:6] == STAGES


def test_the_exit_code_of_an_interrupted_start(project, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def stopped(_self: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(atwork.CloseAtWork, "load", stopped)
    assert project.close().exit_code == 130
    assert not project.outputs.exists()


def test_another_period_of_the_close_file(project) -> None:  # type: ignore[no-untyped-def]
    """`--period` closes a period that the file does not name; the notebooks take it for the same close."""
    from arlib.run.close import close

    project.single()
    look = "from arlib.run.context import begin\nctx = begin('aging', globals())\n"
    look += "assert ctx.scope.period == '2026-09'"
    project.fast("aging", look)
    done = close(project.plan().for_period("2026-09"))
    assert done.exit_code == 0, done.runs[0].sentence
    assert done.runs[0].folder.startswith("2026-09/US01/")


def test_a_run_killed_while_read_only_can_be_carried_on(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Root may write what is read-only; others need the permission back."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "f").write_text("x")
    platform.make_read_only(tmp_path)
    platform.make_tree_writable(tmp_path)
    assert (tmp_path / "a" / "f").stat().st_mode & 0o200
