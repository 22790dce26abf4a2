"""The sample company closed from where other systems hold it, by the real commands."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from .conftest import run


def closed(home: Path, system: str, *only: str) -> Path:
    """A project whose sample comes from that system, closed; the output folder."""
    assert run("init", home, cwd=home.parent).returncode == 0
    made = run(
        "sample", "--out", "outputs/_sample", "--seed", "7", "--items", "300", "--as", system, cwd=home
    )
    assert made.returncode == 0, made.stderr
    done = run("close", "outputs/_sample/close.yml", "--quiet", "--only", ",".join(only), cwd=home)
    assert done.returncode == 0, done.stdout + done.stderr
    return home / "outputs" / "2026-10"


def test_a_close_from_bank_files_keeps_them_and_ties_their_balances(tmp_path):
    home = tmp_path / "p"
    outputs = closed(home, "bank", "control_account")
    (us,) = (outputs / "US01").iterdir()
    manifest = json.loads((us / "manifest.json").read_text())
    kept = {row["path"]: row["sha256"] for row in manifest["files"] if row["path"].startswith("data/raw/")}
    assert len(kept) >= 12
    assert all(name.endswith(".bai") for name in kept)  # the other entities' banks send other forms
    read = {row["sha256"] for row in json.loads((us / "run.json").read_text())["inputs"]}
    for name, sha256 in kept.items():
        assert hashlib.sha256((us / name).read_bytes()).hexdigest() == sha256
        assert sha256 in read
    controls = json.loads((us / "run.json").read_text())["controls"]
    own = [control for control in controls if control["name"] == "bank_statements"]
    assert own
    assert {control["status"] for control in own} == {"tied"}
    assert run("verify", outputs, cwd=home).returncode == 0


@pytest.mark.parametrize("system", ["sqlite"])
def test_a_close_from_a_database_says_what_it_asked_and_never_where(tmp_path, system, monkeypatch):
    home = tmp_path / "p"
    secret = home / "outputs" / "_sample" / "sample.sqlite"
    monkeypatch.setitem(os.environ, "ARLIB_SAMPLE_URL", f"sqlite:///{secret}")
    outputs = closed(home, system, "aging")
    (us,) = (outputs / "US01").iterdir()
    inputs = json.loads((us / "run.json").read_text())["inputs"]
    assert any("SELECT" in (row["query"] or "").upper() for row in inputs)
    assert all(row["read_at"] for row in inputs)
    for path in outputs.rglob("*"):
        if path.is_file() and path.suffix in (".json", ".jsonl", ".html", ".ipynb", ".csv"):
            assert str(secret).encode() not in path.read_bytes(), path
