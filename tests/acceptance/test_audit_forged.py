"""Packs that somebody altered and sealed anew: without --expect nothing of theirs is run, and what differs is found."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.audit_packs import answered

KIND = "numbering"


@pytest.fixture(scope="module")
def sealed(arlib, project) -> Path:
    """A pack as it was sealed."""
    folder, _, _ = answered(arlib, project, KIND)
    return next(each for each in folder.iterdir() if each.is_dir())


@pytest.fixture
def forge(sealed, tmp_path) -> Callable[[Callable[[Path], None]], Path]:
    """A copy of the pack, altered, with every hash in it made anew."""

    def forged(alter: Callable[[Path], None]) -> Path:
        pack = tmp_path / sealed.name
        shutil.copytree(sealed, pack)
        for path in (pack, *pack.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        alter(pack)
        run = pack / "data" / "run"
        told = json.loads((run / "manifest.json").read_bytes())
        for row in told["files"]:
            data = (run / row["path"]).read_bytes()
            row |= {"bytes": len(data), "sha256": sha256(run / row["path"])}
        told["run_json_sha256"] = sha256(run / "run.json")
        (run / "manifest.json").write_text(json.dumps(told))
        payload = [path for path in sorted((pack / "data").rglob("*")) if path.is_file()]
        oxum = f"Payload-Oxum: {sum(path.stat().st_size for path in payload)}.{len(payload)}"
        info = (pack / "bag-info.txt").read_text(encoding="utf-8").splitlines()
        lines = [oxum if line.startswith("Payload-Oxum") else line for line in info]
        (pack / "bag-info.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        listed(pack / "manifest-sha256.txt", pack, payload)
        tags = [path for path in sorted(pack.iterdir()) if path.is_file() and not path.name.startswith("tag")]
        listed(pack / "tagmanifest-sha256.txt", pack, tags)
        return pack

    return forged


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def listed(target: Path, pack: Path, paths: list[Path]) -> None:
    target.write_text("".join(f"{sha256(path)}  {path.relative_to(pack).as_posix()}\n" for path in paths))


def changed(path: Path, change: Callable[[dict], None]) -> None:
    told = json.loads(path.read_bytes())
    change(told)
    path.write_text(json.dumps(told))


def test_a_pack_that_nobody_altered_performs_again_as_forged_ones_are_made(arlib, forge, tmp_path) -> None:
    done = arlib("audit", "reperform", forge(lambda pack: None), "--quiet", cwd=tmp_path)
    assert (done.returncode, "no difference" in done.stdout) == (0, True), done.stdout + done.stderr


def test_no_file_of_a_pack_becomes_a_program(arlib, forge, tmp_path) -> None:
    told = tmp_path / "told.txt"
    code = f'{{"title": __import__("pathlib").Path({str(told)!r}).write_text("x")}}'

    def alter(pack: Path) -> None:
        (pack / "data" / "request" / "close.yml").write_text(code)
        changed(
            pack / "data" / "pack.json", lambda pack_json: pack_json["request"].update(close_file="pandas.py")
        )

    done = arlib("audit", "reperform", forge(alter), "--quiet", cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert not told.exists()


def test_a_strangers_notebook_is_not_run(arlib, forge, tmp_path) -> None:
    told = tmp_path / "told.txt"

    def alter(pack: Path) -> None:
        path = pack / "data" / "notebook" / f"{KIND}.ipynb"
        changed(path, lambda node: node["cells"][2].update(source=[f"open({str(told)!r}, 'w')"]))

    done = arlib("audit", "reperform", forge(alter), "--quiet", cwd=tmp_path)
    assert (done.returncode, "--expect" in done.stderr) == (2, True), done.stderr
    assert not told.exists()


@pytest.mark.parametrize(
    "alter",
    [
        lambda told: told.update(inputs=5),
        lambda told: told.update(entity="../../x"),
        lambda told: told.update(as_of="yesterday"),
        lambda told: told["environment"].update(arlib="1\nno difference"),
        lambda told: told.update(notebooks={}),
        lambda told: told["notebooks"][KIND].update(parameters={"rows_shown": [1]}),
    ],
)
def test_a_record_that_is_none_of_ours_is_one_sentence(arlib, forge, tmp_path, alter) -> None:
    pack = forge(lambda pack: changed(pack / "data" / "run" / "run.json", alter))
    done = arlib("audit", "reperform", pack, "--quiet", cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "unexpected" not in done.stderr
    assert "no difference" not in done.stdout


def test_altered_books_and_parquet_are_found_by_performing_again(arlib, forge, tmp_path) -> None:
    def alter(pack: Path) -> None:
        csv = pack / "data" / "books" / "customers.csv"
        csv.write_bytes(csv.read_bytes().replace(b"customer.example", b"customer.invalid"))
        tables = sorted((pack / "data" / "run" / "data" / KIND).glob("*.parquet"))
        shutil.copy(tables[0], tables[1])

    done = arlib("audit", "reperform", forge(alter), "--quiet", cwd=tmp_path)
    assert done.returncode in (1, 2), done.stdout + done.stderr
    said = done.stdout + done.stderr
    assert "customers.csv" in said or "not whole" in said
