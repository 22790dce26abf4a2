"""`verify` finds runs that are gone or slipped in, and a store that was cut or taken away."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from arlib.run import manifest, platform
from arlib.run.store import open_store, record_sealed
from arlib.run.verify import Verification, verify

ALONE = "nothing outside the folder was compared"


def seal_run(outputs: Path, name: str, *, close: str, supersedes: str = "", entity: str = "US01") -> Path:
    """A sealed run with the head of the store, recorded in the store and by its close, as a close does it."""
    store = open_store(outputs, address="")
    head = store.head()
    run = outputs / "2026-10" / entity / name
    (run / "pages").mkdir(parents=True)
    (run / "pages" / "aging.html").write_text(name)
    told = {
        "run_id": name,
        "close_id": close,
        "entity": entity,
        "period": "2026-10",
        "supersedes": supersedes,
    }
    told["decisions"] = {"head": {"seq": head.seq, "hash": head.hash}, "events": []}  # type: ignore[assignment]
    (run / "run.json").write_text(json.dumps(told))
    sha = manifest.write(run, run_id=name, sealed_at="2026-11-05T08:00:00Z", timings={})
    folder = f"2026-10/{entity}/{name}"
    given = {"entity": entity, "period": "2026-10", "run_id": name, "folder": folder, "manifest_sha256": sha}
    record_sealed(store, **given, results_sha256="0" * 64, supersedes=supersedes)
    head = store.head()
    (outputs / "closes").mkdir(exist_ok=True)
    record = {
        "state": "done",
        "runs": [{**given, "state": "sealed"}],
        "period": "2026-10",
        "entities": [entity],
    }
    record["store_head"] = {"seq": head.seq, "hash": head.hash}
    (outputs / "closes" / f"{close}.json").write_text(json.dumps(record))
    return run


@pytest.fixture
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two runs of two closes, the second supersedes the first."""
    monkeypatch.delenv("ARLIB_STORE_URL", raising=False)
    home = tmp_path / "outputs"
    seal_run(home, "R1", close="C1")
    seal_run(home, "R2", close="C2", supersedes="R1")
    return home


def run_of(outputs: Path, name: str) -> Path:
    return outputs / "2026-10" / "US01" / name


def told(found: Verification) -> dict[str, str]:
    assert found.exit_code == (1 if found.findings else 0)
    return {finding.run: f"{finding.kind}: {finding.detail}" for finding in found.findings}


def remove_store(outputs: Path) -> None:
    for path in outputs.glob("arlib.db*"):
        path.unlink()


def test_whole_from_wherever_one_looks(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (
        outputs,
        outputs.parent,
        outputs / "2026-10",
        outputs / "2026-10" / "US01",
        run_of(outputs, "R2"),
        outputs / "closes" / "C1.json",
    ):
        found = verify(path)
        assert (found.findings, found.warnings, bool(found.runs)) == ((), (), True), path
    monkeypatch.chdir(outputs)
    assert verify(Path()).is_whole
    assert verify(Path("2026-10")).is_whole


@pytest.mark.parametrize("below", [".", "..", "2026-10", "2026-10/US01"])
def test_a_run_that_is_gone_is_found(outputs: Path, below: str) -> None:
    shutil.rmtree(run_of(outputs, "R2"))
    assert told(verify(outputs / below)) == {"R2": "missing_run: the record of close C2 names it"}
    (outputs / "closes" / "C2.json").unlink()
    assert told(verify(outputs / below)) == {"R2": "missing_run: the store names it"}


def test_a_run_that_only_the_later_one_names(outputs: Path) -> None:
    shutil.rmtree(run_of(outputs, "R1"))
    remove_store(outputs)
    shutil.rmtree(outputs / "closes")
    assert told(verify(outputs))["R1"] == "missing_run: run R2 supersedes it"


def test_all_runs_gone(outputs: Path) -> None:
    shutil.rmtree(outputs / "2026-10")
    assert told(verify(outputs)).keys() == {"R1", "R2"}
    assert told(verify(outputs.parent)).keys() == {"R1", "R2"}


def test_a_run_elsewhere_is_no_business_of_this_check(outputs: Path) -> None:
    seal_run(outputs, "R3", close="C3", entity="UK01")
    shutil.rmtree(run_of(outputs, "R2"))
    assert verify(outputs / "2026-10" / "UK01").is_whole
    assert verify(run_of(outputs, "R1")).is_whole


def test_a_run_that_the_store_does_not_know(outputs: Path) -> None:
    run = run_of(outputs, "R9")
    shutil.copytree(run_of(outputs, "R2"), run)
    made = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**made, "run_id": "R9"}))
    (run / "manifest.json").unlink()
    manifest.write(run, run_id="R9", sealed_at="2026-11-05T08:00:00Z", timings={})
    assert told(verify(outputs)) == {"R9": "unknown: not in the store"}
    assert told(verify(run)) == {"R9": "unknown: not in the store"}
    # The rest of a close that was killed before it told the store: the next one does.
    record = outputs / "closes" / "C2.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "state": "running"}))
    found = verify(outputs)
    assert found.is_whole
    assert [(warning.run, warning.kind) for warning in found.warnings] == [("R9", "unknown")]


@pytest.mark.parametrize("has_closes", [True, False])
def test_a_store_that_was_taken_away(outputs: Path, has_closes: bool) -> None:
    remove_store(outputs)
    if not has_closes:
        shutil.rmtree(outputs / "closes")
    for path in (outputs, outputs / "2026-10", run_of(outputs, "R2"), run_of(outputs, "R1")):
        found = verify(path)
        assert found.exit_code == 1
        assert [finding.run for finding in found.findings] == ["store"], path
        assert "the store is missing" in found.lines()[0]


def test_a_copy_of_a_run_alone_is_only_warned_about(outputs: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run_of(outputs, "R2"), tmp_path / "mail" / "R2"))
    found = verify(copy)
    assert (found.exit_code, found.runs) == (0, ("R2",))
    assert [warning.detail for warning in found.warnings] == [ALONE]
    assert ALONE in found.lines()[0]
    (copy / "pages" / "aging.html").write_text("forged")
    assert verify(copy).exit_code == 1


def test_a_tail_that_was_cut(outputs: Path) -> None:
    """The last event is known from the record of the last close only."""
    with sqlite3.connect(outputs / "arlib.db") as connection:
        (guard,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'events_no_delete'"
        ).fetchone()
        connection.execute("DROP TRIGGER events_no_delete")
        connection.execute("DELETE FROM events WHERE kind = 'run.superseded'")
        connection.execute(guard)
    connection.close()
    found = verify(outputs)
    assert [finding.run for finding in found.findings] == ["store"]
    assert (
        "the tail is cut: the chain ends at event 2, a head written down elsewhere is event 3"
        in found.lines()[0]
    )
    assert verify(run_of(outputs, "R1")).exit_code == 1


def test_a_store_that_was_made_anew(outputs: Path) -> None:
    remove_store(outputs)
    open_store(outputs, address="")
    assert any("the tail is cut" in line for line in verify(outputs).lines())


@pytest.mark.parametrize(
    "place", ["2026-09/US01/R2", "2026-10/UK01/R2", "2026-10/R2", "2026-10/US01/deep/er/R2"]
)
def test_a_run_in_another_place(outputs: Path, place: str) -> None:
    (outputs / place).parent.mkdir(parents=True, exist_ok=True)
    run_of(outputs, "R2").rename(outputs / place)
    kinds = {(finding.run, finding.kind) for finding in verify(outputs).findings}
    assert kinds == {("R2", "misplaced"), ("R2", "missing_run")}
    if "deep" not in place:  # from that deep, the output folder is not looked for
        assert ("R2", "misplaced") in {(f.run, f.kind) for f in verify(outputs / place).findings}


def test_empty_folders_and_links_are_warned_about(outputs: Path, tmp_path: Path) -> None:
    (run_of(outputs, "R1") / "later").mkdir()
    (outputs / "2026-11" / "US01").mkdir(parents=True)
    (outputs / "2026-12").symlink_to(tmp_path)
    (outputs.parent / "empty").mkdir()
    found = verify(outputs)
    assert found.is_whole
    assert {(w.path, w.detail) for w in found.warnings} == {
        ("later", "an empty folder"),
        ("2026-11/US01", "an empty folder"),
        ("2026-12", "a link; it was not followed"),
    }
    assert verify(outputs.parent).warnings, "and not what lies beside the output folder"
    assert "empty" not in {w.path for w in verify(outputs.parent).warnings}


def test_runs_behind_a_link_are_missing(outputs: Path, tmp_path: Path) -> None:
    (outputs / "2026-10").rename(tmp_path / "elsewhere")
    (outputs / "2026-10").symlink_to(tmp_path / "elsewhere")
    assert told(verify(outputs)).keys() == {"R1", "R2"}


def test_a_store_on_a_server_may_know_runs_of_other_folders(
    outputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known by such a store alone, of books never closed here, is a warning; of books closed here it is not."""
    from arlib.run import known

    real = known.open_store
    seal_run(outputs, "R3", close="C3", entity="UK01")
    shutil.rmtree(outputs / "2026-10" / "UK01")
    (outputs / "closes" / "C3.json").unlink()
    shutil.rmtree(run_of(outputs, "R2"))
    (outputs / "closes" / "C2.json").unlink()
    monkeypatch.setenv("ARLIB_STORE_URL", "postgresql://nobody@nowhere/none")
    monkeypatch.setattr(known, "open_store", lambda home, **given: real(home, address="", **given))
    found = verify(outputs)
    assert told(found) == {"R2": "missing_run: the store names it"}
    assert [warning.run for warning in found.warnings] == ["R3"]


def test_a_real_close_writes_down_the_last_head(project) -> None:  # type: ignore[no-untyped-def]
    project.single()
    done = project.close()
    head = open_store(project.outputs).head()
    record = json.loads((project.outputs / "closes" / f"{done.close_id}.json").read_text())
    assert record["store_head"] == {"seq": head.seq, "hash": head.hash}
    assert head.seq == 2, "run.sealed and close.finished"
    folder = project.sealed()[0]
    platform.make_tree_writable(folder)
    shutil.rmtree(folder)
    assert told(verify(project.outputs)).keys() == {folder.name}
