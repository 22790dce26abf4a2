"""`verify` finds every changed, missing or added file, and a manifest rewritten to match."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from arlib.errors import SourceError
from arlib.run import manifest, platform
from arlib.run.verify import verify

RUN_JSON = {
    "run_id": "R1",
    "close_id": "C1",
    "entity": "US01",
    "period": "2026-10",
    "decisions": {"head": None, "events": []},
}


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Outputs with one sealed run, made without a kernel."""
    outputs = tmp_path_factory.mktemp("v") / "outputs"
    run = outputs / "2026-10" / "US01" / "R1"
    for name in (
        "notebooks/aging.ipynb",
        "pages/aging.html",
        "workbooks/aging.xlsx",
        "data/aging/t.csv",
        "data/book/items.parquet",
        "events.jsonl",
        "params/close.json",
    ):
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_bytes(name.encode() * 9)
    (run / "run.json").write_text(json.dumps(RUN_JSON))
    sha = manifest.write(run, run_id="R1", sealed_at="2026-11-05T08:00:00Z", timings={})
    platform.make_read_only(run)
    (outputs / "closes").mkdir()
    told = {
        "runs": [{"run_id": "R1", "state": "sealed", "folder": "2026-10/US01/R1", "manifest_sha256": sha}]
    }
    (outputs / "closes" / "C1.json").write_text(json.dumps(told))
    return outputs


@pytest.fixture
def outputs(sealed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sealed, tmp_path / "outputs"))


def run_of(outputs: Path) -> Path:
    return outputs / "2026-10" / "US01" / "R1"


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        platform.make_writable(path)
    path.write_bytes(data)


def kinds(path: Path) -> dict[str, str]:
    return {found.path: found.kind for found in verify(path).findings}


def test_whole(outputs: Path) -> None:
    for path in (run_of(outputs), outputs, outputs / "2026-10", outputs / "closes" / "C1.json"):
        found = verify(path)
        assert (found.is_whole, found.exit_code, found.runs, found.files) == (True, 0, ("R1",), 8)
        assert found.lines() == ("1 run, 8 files: as sealed",)


def test_a_byte_changed_in_any_file_is_found(outputs: Path) -> None:
    run = run_of(outputs)
    files = [path for path in sorted(run.rglob("*")) if path.is_file()]
    assert len(files) == 9
    for path in files:
        before = path.read_bytes()
        for position in (0, len(before) // 2, len(before) - 1):
            put(path, before[:position] + bytes([before[position] ^ 1]) + before[position + 1 :])
            assert not verify(run).is_whole, (path.name, position)
        put(path, before)
    assert verify(run).is_whole


def test_missing_extra_and_grown(outputs: Path) -> None:
    run = run_of(outputs)
    (run / "pages/aging.html").unlink()
    put(run / "workbooks/second.xlsx", b"x")
    put(run / "data/aging/t.csv", b"longer")
    (run / "data/link").symlink_to("/etc/hostname")
    assert kinds(run) == {
        "pages/aging.html": "missing",
        "workbooks/second.xlsx": "extra",
        "data/aging/t.csv": "changed",
        "data/link": "extra",
    }
    assert verify(run).exit_code == 1
    assert verify(run).lines()[-1] == "1 run, 8 files: 4 found wanting"


@pytest.mark.parametrize(
    "name", [".DS_Store", "Thumbs.db", "desktop.ini", "._aging.xlsx", "data/.DS_Store", "~$aging.xlsx"]
)
def test_litter_is_only_warned_about(outputs: Path, name: str) -> None:
    put(run_of(outputs) / name, b"x")
    found = verify(outputs)
    assert found.is_whole
    assert [warning.path for warning in found.warnings] == [name]
    assert found.lines()[0].startswith("warning: R1")


def test_a_file_in_place_of_a_link_and_a_path_that_leaves(outputs: Path) -> None:
    run = run_of(outputs)
    put(run / "elsewhere", (run / "pages/aging.html").read_bytes())
    (run / "pages/aging.html").unlink()
    (run / "pages/aging.html").symlink_to(run / "elsewhere")
    assert kinds(run)["pages/aging.html"] == "missing"
    told = json.loads((run / "manifest.json").read_text())
    told["files"].append({"path": "../../../closes/C1.json", "bytes": 1, "sha256": "0"})
    put(run / "manifest.json", json.dumps(told).encode())
    assert kinds(run)["../../../closes/C1.json"] == "unreadable"


def rewrite(run: Path) -> None:
    """Change a file and make the manifest agree: what a forger with time would do."""
    put(run / "workbooks/aging.xlsx", b"forged")
    told = json.loads((run / "manifest.json").read_text())
    for row in told["files"]:
        if row["path"] == "workbooks/aging.xlsx":
            row["bytes"], row["sha256"] = 6, hashlib.sha256(b"forged").hexdigest()
    put(run / "manifest.json", manifest.text_of(told))


def test_a_rewritten_manifest_is_found_by_the_close(outputs: Path) -> None:
    rewrite(run_of(outputs))
    found = verify(run_of(outputs))
    assert [f.sentence() for f in found.findings] == [
        "R1: manifest.json: not as recorded (the record of close C1 has another hash of it)"
    ]


def test_a_rewritten_manifest_and_record_are_found_by_the_store(
    outputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arlib.run.store import open_store, record_sealed

    monkeypatch.delenv("ARLIB_STORE_URL", raising=False)
    run = run_of(outputs)
    sha = manifest.sha256_of(run / "manifest.json")
    record_sealed(
        open_store(outputs),
        entity="US01",
        period="2026-10",
        run_id="R1",
        folder="2026-10/US01/R1",
        results_sha256="0" * 64,
        manifest_sha256=sha,
    )
    assert verify(run).is_whole
    rewrite(run)
    (outputs / "closes" / "C1.json").unlink()
    assert [f.sentence() for f in verify(run).findings] == [
        "R1: manifest.json: not as recorded (the store has another hash of it)"
    ]


def test_a_store_that_was_tampered_with_is_found(outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlite3

    from arlib.run.store import open_store, record_sealed

    monkeypatch.delenv("ARLIB_STORE_URL", raising=False)
    run = run_of(outputs)
    record_sealed(
        open_store(outputs),
        entity="US01",
        period="2026-10",
        run_id="R1",
        folder="2026-10/US01/R1",
        results_sha256="0" * 64,
        manifest_sha256=manifest.sha256_of(run / "manifest.json"),
    )
    with sqlite3.connect(outputs / "arlib.db") as connection:
        connection.execute("DROP TRIGGER events_no_update")
        connection.execute("UPDATE events SET actor = 'nobody'")
    connection.close()
    found = verify(run)
    assert {finding.run for finding in found.findings} == {"store"}
    assert found.exit_code == 1


def test_a_run_without_its_manifest_or_gone_is_found(outputs: Path) -> None:
    (run_of(outputs) / "manifest.json").unlink()
    assert kinds(outputs) == {"manifest.json": "missing"}
    shutil.rmtree(run_of(outputs))
    found = {finding.path: finding.detail for finding in verify(outputs / "closes" / "C1.json").findings}
    assert found["manifest.json"] == "the whole folder is gone"


def test_another_runs_files_in_its_place(outputs: Path) -> None:
    run = run_of(outputs)
    run.rename(run.with_name("R2"))
    found = {f.kind: f.detail for f in verify(run.with_name("R2")).findings}
    assert found == {"not_as_recorded": "another run's", "misplaced": "run.json says 2026-10/US01/R1"}


def test_a_manifest_that_does_not_agree_with_itself_about_run_json(outputs: Path) -> None:
    """Files and their hashes are as sealed; only what the manifest says of run.json's own hash is another."""
    run = run_of(outputs)
    (outputs / "closes" / "C1.json").unlink()  # nothing outside tells
    told = json.loads((run / "manifest.json").read_text())
    put(run / "manifest.json", manifest.text_of({**told, "run_json_sha256": "0" * 64}))
    assert [f.sentence() for f in verify(run).findings] == [
        "R1: manifest.json: changed (it does not agree with itself about run.json)"
    ]


def test_a_manifest_that_does_not_list_run_json(outputs: Path) -> None:
    """run.json taken out of the folder and of the manifest's list: nothing is missing, nothing extra."""
    run = run_of(outputs)
    (outputs / "closes" / "C1.json").unlink()
    (run / "run.json").unlink()
    told = json.loads((run / "manifest.json").read_text())
    files = [row for row in told["files"] if row["path"] != "run.json"]
    put(run / "manifest.json", manifest.text_of({**told, "files": files}))
    assert [f.detail for f in verify(run).findings] == ["it does not agree with itself about run.json"]


def test_nothing_to_verify(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no sealed run") as fault:
        verify(tmp_path)
    assert fault.value.exit_code == 2
    with pytest.raises(SourceError, match="no such file"):
        verify(tmp_path / "none")


def test_a_damaged_manifest(outputs: Path) -> None:
    for data in (b"{", b"[]", b'{"files": 1}', b'{"run_id": "R1", "run_json_sha256": "", "files": [1]}'):
        put(run_of(outputs) / "manifest.json", data)
        assert not verify(outputs).is_whole


def test_staging_and_failed_folders_are_no_sealed_runs(outputs: Path) -> None:
    for home in (".staging/R9/run", "_failed/R8", "_review/2026-10/US01/R1/01"):
        put(outputs / home / "run.json", b"{}")
    assert verify(outputs).runs == ("R1",)
