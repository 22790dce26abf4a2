"""Commands as a user types them: exit codes, two-line faults, nothing left behind."""

from __future__ import annotations

import pytest

IBM = "WA_Fn-UseC_-Accounts-Receivable.csv"


def test_help_names_every_command(arlib, tmp_path):
    done = arlib("--help", cwd=tmp_path)

    assert done.returncode == 0
    for name in ("age", "close", "init", "lab", "params", "review", "sample", "sources", "tie", "verify"):
        assert f"  {name} " in done.stdout


@pytest.mark.parametrize("module", ["pandas", "pyarrow", "papermill", "matplotlib", "sqlalchemy", "pandera"])
def test_help_loads_nothing_heavy(module, repo):
    import subprocess
    import sys

    code = f"import sys, arlib, arlib.cli; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=repo, check=False).returncode == 0


@pytest.mark.shared
def test_age_gives_the_contract_columns(arlib, shared, tmp_path):
    out = tmp_path / "aged.csv"
    done = arlib(
        "age",
        "--items",
        shared / "data/ibm-ar" / IBM,
        "--profile",
        "ibm-ar",
        "--as-of",
        "2013-06-30",
        "--out",
        out,
        cwd=tmp_path,
    )

    assert done.returncode == 0, done.stderr
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "customer_id,currency,bucket,amount"
    assert len(lines) == 61
    assert lines[1:] == sorted(lines[1:]) or len({line.split(",")[0] for line in lines}) > 10


@pytest.mark.shared
def test_tie_leaves_the_constant_gap_of_saf_t_unexplained(arlib, shared, tmp_path):
    file = next((shared / "data/saf-t-norway").glob("ExampleFile*.xml"))
    done = arlib("tie", "--items", file, "--profile", "saf-t", "--as-of", "2018-02-28", cwd=tmp_path)

    assert done.returncode == 1, done.stderr
    assert "31,800.00 NOK" in done.stdout
    assert "differs, unexplained" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("close", "missing.yml"), "missing.yml"),
        (("age", "--items", "missing.csv", "--as-of", "2026-10-31", "--out", "out.csv"), "missing.csv"),
        (("age", "--items", "missing.csv", "--as-of", "2026-02-31", "--out", "out.csv"), "2026-02-31"),
        (("params", "check", "missing.yml"), "missing.yml"),
        (("verify", "nowhere"), "nowhere"),
        (("sample", "--out", ".", "--seed", "1"), ""),
    ],
)
def test_faults_are_two_lines_and_leave_nothing(arlib, tmp_path, arguments, said):
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    done = arlib(*arguments, cwd=tmp_path)

    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert 1 <= len(done.stderr.splitlines()) <= 2, done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
