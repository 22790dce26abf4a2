"""The wheel of the running library: deterministic, whole, installable, and the code that a run states."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import arlib
from arlib.errors import SourceError
from arlib.report.pack import wheel
from arlib.report.pack.verify_pack import library_digest
from arlib.run import record

PACKAGE = Path(arlib.__file__).resolve().parent


@pytest.fixture(scope="module")
def made() -> tuple[str, bytes]:
    return wheel.wheel_bytes()


def test_it_is_the_code_that_runs_and_verify_py_says_the_same(made: tuple[str, bytes]) -> None:
    assert library_digest(made[1]) == record.library_sha256()


def test_the_same_files_give_the_same_bytes(made: tuple[str, bytes]) -> None:
    assert wheel.wheel_bytes() == made
    with zipfile.ZipFile(io.BytesIO(made[1])) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.testzip() is None


def test_every_file_is_in_record_with_its_hash(made: tuple[str, bytes]) -> None:
    name, data = made
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = f"arlib-{arlib.__version__}.dist-info"
        rows = list(csv.reader(io.StringIO(archive.read(f"{info}/RECORD").decode())))
        assert [row[0] for row in rows] == archive.namelist()
        for path, sha256, size in rows[:-1]:
            content = archive.read(path)
            assert int(size) == len(content)
            assert sha256 == "sha256=" + base64.urlsafe_b64encode(
                hashlib.sha256(content).digest()
            ).decode().rstrip("=")
        assert rows[-1] == [f"{info}/RECORD", "", ""]
        assert "arlib = arlib.cli:main" in archive.read(f"{info}/entry_points.txt").decode()
        assert f"Version: {arlib.__version__}" in archive.read(f"{info}/METADATA").decode()
        assert {
            f"{info}/licenses/LICENSE",
            "arlib/_project/requirements.lock",
            "arlib/_project/params/sample.yml",
        } <= set(archive.namelist())
        assert not [
            name
            for name in archive.namelist()
            if "__pycache__" in name or name.endswith((".pyc", "direct_url.json"))
        ]
        stems = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")}
        assert {name.removeprefix("arlib/") for name in archive.namelist() if name.endswith(".py")} == stems
    assert name == f"arlib-{arlib.__version__}-py3-none-any.whl"


def test_pip_installs_it_and_the_installed_copy_makes_the_same_wheel(
    made: tuple[str, bytes], tmp_path: Path
) -> None:
    name, data = made
    (tmp_path / name).write_bytes(data)
    target = tmp_path / "there"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile",
         "--disable-pip-version-check", "--target", str(target), str(tmp_path / name)],
        check=True,
    )  # fmt: skip
    code = (
        "import arlib; from arlib.run import record; from arlib.report.pack import wheel; import hashlib;"
        "name, data = wheel.wheel_bytes();"
        "print(arlib.__file__, record.library_sha256(), name, hashlib.sha256(data).hexdigest(), len(wheel.lock_text()))"
    )
    said = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(target), "PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    where, library, again, sha256, lock = said.stdout.split()
    assert Path(where).is_relative_to(target)
    assert library == record.library_sha256()
    assert (again, sha256) == (name, hashlib.sha256(data).hexdigest())
    assert int(lock) == len(wheel.lock_text())


def test_the_lock_file_is_the_one_that_runs_state(repo: Path) -> None:
    assert hashlib.sha256(wheel.lock_text()).hexdigest() == record.environment(repo)["lock_sha256"]


def test_a_library_that_is_not_whole_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "arlib").mkdir()
    monkeypatch.setattr(wheel.arlib, "__file__", str(tmp_path / "arlib" / "__init__.py"))
    with pytest.raises(SourceError, match="lacks notebooks, parameters or the lock file"):
        wheel.lock_text()
    monkeypatch.undo()
    monkeypatch.setattr(wheel.arlib, "__version__", "9.9")
    with pytest.raises(SourceError, match="of another version"):
        wheel.wheel_bytes()
