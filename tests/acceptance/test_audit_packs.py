"""Every kind of audit request is answered on the sample company by a pack that checks itself, and performs again."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import bagit
import pytest

from arlib.audit.kinds import KINDS
from arlib.report.pack.pdfa_check import pdfa_faults

REQUESTS = sorted((Path(__file__).parents[2] / "params" / "audit").glob("*.yml"))


def answered(arlib, project: Path, name: str) -> tuple[Path, str, str]:
    """The folder of an answer, its pack's hash and its content hash."""
    done = arlib("audit", "run", f"params/audit/{name}.yml", "--quiet", cwd=project)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    told = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    return (project / told["reply"]).parent, told["hash"], told["content"]


def test_there_is_an_example_of_every_kind() -> None:
    texts = [path.read_text(encoding="utf-8") for path in REQUESTS]
    kinds = {line.removeprefix("kind: ") for text in texts for line in text.splitlines() if line.startswith("kind: ")}
    assert kinds == set(KINDS)


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
def test_a_pack_is_whole_everywhere_and_performs_again_without_a_difference(arlib, project, tmp_path, path) -> None:
    folder, pack_hash, content = answered(arlib, project, path.stem)
    pack = next(each for each in folder.iterdir() if each.is_dir())
    assert bagit.Bag(str(pack)).validate()
    for pdf in sorted((pack / "data").glob("*.pdf")):
        assert [str(fault) for fault in pdfa_faults(pdf.read_bytes())] == []
    archive = shutil.copy(next(folder.glob("*.zip")), tmp_path)
    script = shutil.copy(pack / "verify.py", tmp_path / "verify.py")
    bare = [sys.executable, "-I", "-S", str(script), str(archive)]
    alone = subprocess.run(bare, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (alone.returncode, "origin not proven" in alone.stdout) == (0, True), alone.stdout + alone.stderr
    proven = subprocess.run([*bare, "--expect", pack_hash], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (proven.returncode, "pack of that hash" in proven.stdout) == (0, True), proven.stdout + proven.stderr
    again = arlib("audit", "reperform", archive, "--quiet", cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "no difference" in again.stdout
    assert json.loads((pack / "data" / "pack.json").read_bytes())["content_sha256"] == content
    reply = (folder / "reply.txt").read_text(encoding="utf-8")
    assert pack_hash in reply
    assert max(map(len, reply.splitlines())) <= 78


def test_the_same_request_has_the_same_content_and_a_changed_book_another(arlib, project) -> None:
    _, first, content = answered(arlib, project, "numbering")
    _, second, same = answered(arlib, project, "numbering")
    assert (content == same, first == second) == (True, False)
    items = project / "outputs" / "_sample" / "items.csv"
    kept = items.read_bytes()
    try:
        with items.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        place = rows[0].index("document_no")
        entity = rows[0].index("entity")
        odd = next(row for row in rows[1:] if row[entity] == "US01" and row[place].startswith("SI"))
        odd[place] = "SI999999"
        with items.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        _, _, other = answered(arlib, project, "numbering")
    finally:
        items.write_bytes(kept)
    assert other != content


def test_the_register_and_verify_know_every_answer(arlib, project) -> None:
    answered(arlib, project, "lapping")
    told = arlib("audit", "register", "--format", "json", cwd=project)
    assert told.returncode == 0, told.stderr
    entries = {entry["request_id"]: entry for entry in json.loads(told.stdout)}
    entry = next(each for each in entries.values() if each["kind"] == "lapping")
    assert entry["status"] == "answered"
    whole = arlib("verify", "outputs/audit", cwd=project)
    assert whole.returncode == 0, whole.stdout
    pack = next((project / "outputs" / "audit").glob(f"*/*/{entry['pack']}"))
    target = pack / "data" / "pack.json"
    kept = target.read_bytes()
    target.chmod(0o644)
    target.write_bytes(kept + b" ")
    found = arlib("verify", "outputs/audit", cwd=project)
    target.write_bytes(kept)
    assert found.returncode == 1
    assert "pack.json" in found.stdout


def test_a_pack_that_was_altered_is_not_performed(arlib, project, tmp_path) -> None:
    folder, _, _ = answered(arlib, project, "numbering")
    pack = tmp_path / "pack"
    shutil.copytree(next(each for each in folder.iterdir() if each.is_dir()), pack)
    book = pack / "data" / "run" / "data" / "book" / "items.parquet"
    book.chmod(0o644)
    book.write_bytes(book.read_bytes()[:-1] + b"\0")
    refused = arlib("audit", "reperform", pack, "--quiet", cwd=tmp_path)
    assert refused.returncode == 2
    assert "not whole" in refused.stderr
