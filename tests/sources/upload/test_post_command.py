"""`arlib post` as a user types it."""

from __future__ import annotations

import pytest
import yaml
from click.testing import CliRunner

from arlib.cli.posting import post
from arlib.errors import ArError

from .conftest import ROLES


@pytest.fixture
def accounts_file(tmp_path):
    path = tmp_path / "accounts.yml"
    path.write_text(yaml.safe_dump({"schema": "arlib.post/1", "accounts": ROLES}), encoding="utf-8")
    return path


def run(*arguments):
    return CliRunner().invoke(post, [str(argument) for argument in arguments])


@pytest.mark.parametrize("target", ["oracle", "sap"])
def test_a_folder_becomes_files(folder, accounts_file, tmp_path, target):
    given = [
        folder,
        "--as",
        target,
        "--accounts",
        accounts_file,
        "--date",
        "2026-10-31",
        "--batch",
        "OCT-1",
        "--approved-by",
        "Ann",
        "--out",
    ]
    done = run(*given, tmp_path / "out")

    assert done.exit_code == 0, done.output
    assert "batch OCT-1, approved by Ann: receipts 5, applications 6, adjustments 1" in done.output
    assert "  USD: 1,285.00 received, 1,175.00 applied" in done.output
    again = run(*given, tmp_path / "out2", "--register", tmp_path / "out" / "register.csv")
    assert "receipts 0, applications 0" in again.output
    assert "postings left out, written before: 12" in again.output
    assert sorted(path.name for path in (tmp_path / "out2").iterdir()) == [
        ".arlib-post",
        "control.csv",
        "control.xlsx",
        "left_out.csv",
        "postings",
        "register.csv",
    ]
    assert (tmp_path / "out2" / "register.csv").read_bytes() == (
        tmp_path / "out" / "register.csv"
    ).read_bytes()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--date", "2026-13-01"], "2026-13-01"),
        (["--batch", "../x"], "batch id"),
        (["--approved-by", "ARLIB MATCH"], "approver is the proposer"),
        (["--accounts", "missing.yml"], "cannot be read"),
        (["--register", "missing.csv"], "cannot be read"),
        (["--out", "inner"], "in each other"),
    ],
)
def test_a_fault_is_told_and_nothing_written(folder, accounts_file, tmp_path, change, said, monkeypatch):
    monkeypatch.chdir(folder)
    given = {
        "--as": "oracle",
        "--accounts": str(accounts_file),
        "--date": "2026-10-31",
        "--batch": "B1",
        "--out": str(tmp_path / "out"),
    }
    given |= {change[0]: change[1]}
    done = run(folder, *(part for pair in given.items() for part in pair))

    assert isinstance(done.exception, ArError)
    assert done.exception.exit_code == 2
    assert said in " ".join(
        [str(done.exception), *(p.sentence() for p in getattr(done.exception, "problems", ()))]
    )
    assert not (tmp_path / "out").exists()
