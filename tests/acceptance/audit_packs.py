"""What the tests of audit packs share: a request answered by the real command, and a pack looked at from all sides."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import bagit

from arlib.audit.kinds import KINDS
from arlib.report.pack.pdfa_check import pdfa_faults

ARLIB = Path(sys.executable).with_name("arlib")
FIRST = tuple(KINDS)[:10]  # of the ledger and of outside evidence; the others look for patterns


def answered(arlib, project: Path, name: str) -> tuple[Path, str, str]:
    """The folder of an answer, its pack's hash and its content hash."""
    done = arlib("audit", "run", f"params/audit/{name}.yml", "--quiet", cwd=project)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    told = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    return (project / told["reply"]).parent, told["hash"], told["content"]


def audited_selection(arlib, project: Path) -> None:
    """What evaluation.yml asks for: the sample's selection, its values audited; one item is 100.00 too high."""
    folder, _, _ = answered(arlib, project, "sample")
    selection = next(folder.glob("*/data/run/data/sample/selection.csv"))
    with selection.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["audit_value"] = row["book_value"]
    rows[0]["audit_value"] = str(Decimal(rows[0]["book_value"]) - 100)
    target = project / "outputs" / "evaluation" / "selection.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def performs_again(arlib, project: Path, tmp_path: Path, name: str) -> None:
    """A pack is whole by everybody's check, its PDFs are PDF/A-3, and it performs again without a difference."""
    if name == "evaluation":
        audited_selection(arlib, project)
    folder, pack_hash, content = answered(arlib, project, name)
    pack = next(each for each in folder.iterdir() if each.is_dir())
    assert bagit.Bag(str(pack)).validate()
    for pdf in sorted((pack / "data").glob("*.pdf")):
        assert [str(fault) for fault in pdfa_faults(pdf.read_bytes())] == []
    archive = shutil.copy(next(folder.glob("*.zip")), tmp_path)
    script = shutil.copy(pack / "verify.py", tmp_path / "verify.py")
    bare = [sys.executable, "-I", "-S", str(script), str(archive)]
    alone = subprocess.run(bare, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (alone.returncode, "origin not proven" in alone.stdout) == (0, True), alone.stdout + alone.stderr
    proven = subprocess.run(
        [*bare, "--expect", pack_hash], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (proven.returncode, "pack of that hash" in proven.stdout) == (0, True), (
        proven.stdout + proven.stderr
    )
    again = arlib("audit", "reperform", archive, "--quiet", cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "no difference" in again.stdout
    assert json.loads((pack / "data" / "pack.json").read_bytes())["content_sha256"] == content
    reply = (folder / "reply.txt").read_text(encoding="utf-8")
    assert pack_hash in reply
    assert max(map(len, reply.splitlines())) <= 78
