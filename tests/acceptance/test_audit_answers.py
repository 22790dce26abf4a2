"""Answers: an example of every kind, the same content for the same facts, killed ones, two at once, no name left in a redacted one."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import time
import zipfile
from pathlib import Path

import pandas as pd

from arlib.audit.kinds import KINDS
from arlib.audit.pseudonym import NAMING
from tests.acceptance.audit_packs import ARLIB, answered

REQUESTS = sorted((Path(__file__).parents[2] / "params" / "audit").glob("*.yml"))


def test_there_is_an_example_of_every_kind() -> None:
    texts = [path.read_text(encoding="utf-8") for path in REQUESTS]
    kinds = {
        line.removeprefix("kind: ")
        for text in texts
        for line in text.splitlines()
        if line.startswith("kind: ")
    }
    assert kinds == set(KINDS)
    assert [path.stem for path in REQUESTS] == sorted(KINDS)


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


MOMENTS = (
    ".making-*",
    ".making-*/run/.staging/*/done/*.json",
    ".making-*/answer/*/data/report.pdf",
    ".making-*/answer/*.zip",
)


def test_a_killed_answer_leaves_nothing_half_done(arlib, project) -> None:
    home = project / "outputs" / "audit" / "PBC-900"
    request = project / "params" / "audit" / "killed.yml"
    text = (project / "params" / "audit" / "numbering.yml").read_text(encoding="utf-8")
    request.write_text(re.sub(r"(?m)^id: .*$", "id: PBC-900", text), encoding="utf-8")
    command = [ARLIB, "audit", "run", str(request), "--quiet"]
    try:
        for moment in MOMENTS:
            process = subprocess.Popen(
                command,
                cwd=project,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            while process.poll() is None and not any(home.glob(moment)):
                time.sleep(0.02)
            assert process.poll() is None, f"it ended before {moment} was there"
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            assert [each.name for each in home.iterdir() if not each.name.startswith(".making-")] == []
            register = json.loads(arlib("audit", "register", "--format", "json", cwd=project).stdout)
            assert [each["answers"] for each in register if each["request_id"] == "PBC-900"] == [0]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        assert [each for each in home.iterdir() if each.name.startswith(".making-")] == []
        whole = arlib("verify", home, cwd=project)
        assert (whole.returncode, "pack of that hash" in whole.stdout) == (0, True), whole.stdout
    finally:
        request.unlink()


def test_an_answer_that_no_register_heard_of_is_recorded_by_the_next(arlib, project, tmp_path) -> None:
    """Killed between the move into place and the word to the register: made beside another register, then moved here."""
    answered(arlib, project, "numbering")
    before = entry_of(arlib, project, "numbering")
    apart = arlib(
        "audit", "run", "params/audit/numbering.yml", "--quiet", "--out", tmp_path / "outputs", cwd=project
    )
    assert apart.returncode in (0, 1), apart.stderr
    [unheard] = (tmp_path / "outputs" / "audit" / before["request_id"]).iterdir()
    home = project / "outputs" / "audit" / before["request_id"]
    shutil.copytree(unheard, home / unheard.name)
    answered(arlib, project, "numbering")
    after = entry_of(arlib, project, "numbering")
    told = json.loads((unheard / "answer.json").read_bytes())
    assert after["answers"] == before["answers"] + 2
    assert after["pack"] not in (before["pack"], told["pack"]), "the newest answer stands"


def test_an_answer_whose_pack_is_not_what_it_says_is_not_recorded(arlib, project) -> None:
    folder, _, _ = answered(arlib, project, "numbering")
    before = entry_of(arlib, project, "numbering")
    told = json.loads((folder / "answer.json").read_bytes())
    forged = folder.parent / "20990101T000000Z-aaaaaa"
    forged.mkdir()
    try:
        (forged / "answer.json").write_text(json.dumps({**told, "pack": "PBC-lost", "pack_sha256": "f" * 64}))
        refused = arlib("audit", "run", "params/audit/numbering.yml", "--quiet", cwd=project)
    finally:
        shutil.rmtree(forged)
    assert (refused.returncode, forged.name in refused.stderr) == (3, True), refused.stderr
    assert entry_of(arlib, project, "numbering") == before


def entry_of(arlib, project, kind: str) -> dict:
    """The register's line of the example of a kind."""
    register = json.loads(arlib("audit", "register", "--format", "json", cwd=project).stdout)
    return next(each for each in register if each["kind"] == kind and each["request_id"] != "PBC-900")


def test_two_at_once_answer_one_request_once(project) -> None:
    command = [ARLIB, "audit", "run", "params/audit/numbering.yml", "--quiet"]
    both = [
        subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ends = [process.communicate() for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes[-1] == 3, ends
    assert codes[0] in (0, 1), ends
    assert any("at work" in said for _, said in ends)


def test_nobody_draws_again_until_a_sample_suits(arlib, project) -> None:
    text = (project / "params" / "audit" / "sample.yml").read_text(encoding="utf-8")
    text = text.replace("parameters:", 'population: {at_least: "500.00"}\nparameters:')
    request = project / "params" / "audit" / "seeds.yml"

    def asked(number: str, seed: str) -> subprocess.CompletedProcess[str]:
        named = re.sub(r"(?m)^id: .*$", f"id: {number}", text).replace('seed: "draw"', f'seed: "{seed}"')
        request.write_text(named, encoding="utf-8")
        return arlib("audit", "run", request, "--quiet", cwd=project)

    try:
        sealed = asked("PBC-902", "")
        assert sealed.returncode in (0, 1), sealed.stderr
        waiting = json.loads(arlib("audit", "register", "--format", "json", cwd=project).stdout)
        assert [each["status"] for each in waiting if each["request_id"] == "PBC-902"] == [
            "waiting for the seed"
        ]
        drawn = asked("PBC-902", "of the auditor")
        assert drawn.returncode in (0, 1), drawn.stderr
        for number in ("PBC-902", "PBC-903"):
            again = asked(number, "a better one")
            assert (again.returncode, "of the auditor" in again.stderr) == (2, True), again.stderr
    finally:
        request.unlink()


BANK_WORDS = {"deposit", "lockbox"}  # what the bank writes where it knows no payer: words of the trade
# The entity's own telephone, which a customer of the sample happens to have: where policies stand, nowhere else.
OWN = {(place, "+999 555 0100") for place in ("close.yml", "close.json", "run.json")}


def test_a_redacted_pack_holds_no_name_anywhere(arlib, project, tmp_path, monkeypatch) -> None:
    request = project / "params" / "audit" / "redacted.yml"
    text = (project / "params" / "audit" / "lapping.yml").read_text(encoding="utf-8")
    request.write_text(re.sub(r"(?m)^id: .*$", "id: PBC-901", text) + "redact: names\n", encoding="utf-8")
    refused = arlib("audit", "run", request, "--quiet", cwd=project)
    assert (refused.returncode, "ARLIB_PSEUDONYM_KEY" in refused.stderr) == (2, True)
    monkeypatch.setenv("ARLIB_PSEUDONYM_KEY", str(tmp_path / "key"))
    try:
        done = arlib("audit", "run", request, "--quiet", cwd=project)
    finally:
        request.unlink()
    assert done.returncode in (0, 1), done.stderr
    told = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    folder = (project / told["reply"]).parent
    pack = next(each for each in folder.iterdir() if each.is_dir())
    [key_file] = tmp_path.glob("key.*.csv")
    assert key_file.stat().st_mode & 0o077 == 0
    with key_file.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] in NAMING]
    secret = {row["original"].lower() for row in rows if len(row["original"]) >= 6}
    assert len(secret) > 100
    held = [
        (path, path.read_bytes().lower())
        for path in pack.rglob("*")
        if path.is_file() and path.parent.name != "library"  # the program holds no books
    ]
    held += [
        (path, pd.read_parquet(path).to_csv().lower().encode()) for path in sorted(pack.rglob("*.parquet"))
    ]
    held += [(pdf, pypdf_text(pdf).encode().lower()) for pdf in pack.rglob("*.pdf")]
    held += [
        (book, zipfile.ZipFile(book).read(name).lower())
        for book in pack.rglob("*.xlsx")
        for name in zipfile.ZipFile(book).namelist()
    ]
    found = {(path.name, name) for path, data in held for name in secret if name.encode() in data}
    leaked = {(place, name) for place, name in found if name not in BANK_WORDS and (place, name) not in OWN}
    assert leaked == set()
    assert not any(path.name.startswith("key") for path in folder.rglob("*"))


def pypdf_text(path: Path) -> str:
    import pypdf

    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
