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
    assert lines[1:] == sorted(lines[1:], key=lambda line: line.split(",")[:2])


def test_age_and_tie_read_the_sample_from_its_folder_and_from_single_files(arlib, tmp_path):
    assert arlib("sample", "--out", "extracts", "--seed", 3, "--items", 100, cwd=tmp_path).returncode == 0
    whole = arlib("age", "--items", "extracts", "--as-of", "2026-10-31", "--out", "whole.csv", cwd=tmp_path)
    files = ("--items", "extracts/items.csv", "--applications", "extracts/applications.csv")
    parts = arlib("age", *files, "--as-of", "2026-10-31", "--out", "parts.csv", cwd=tmp_path)
    tied = arlib("tie", "--items", "extracts", "--as-of", "2026-10-31", cwd=tmp_path)

    assert (whole.returncode, parts.returncode, tied.returncode) == (0, 0, 0), (
        whole.stderr + parts.stderr + tied.stderr
    )
    total = sum_of(tmp_path / "whole.csv")
    assert total
    assert sum_of(tmp_path / "parts.csv") == total
    assert "unexplained" not in tied.stdout
    assert "differs, explained" in tied.stdout


def sum_of(path):
    """Total by currency of an aging."""
    from collections import defaultdict
    from decimal import Decimal

    sums = defaultdict(Decimal)
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        _, currency, _, amount = line.rsplit(",", 3)
        sums[currency] += Decimal(amount)
    return dict(sums)


def test_age_says_when_nothing_is_applied_and_never_overwrites_what_is_not_its_own(arlib, tmp_path):
    head = "item_id,entity,customer_id,item_type,document_no,effective_date,currency,amount\n"
    (tmp_path / "items.csv").write_text(head + "1,E1,C1,invoice,1,2026-10-01,USD,10.00\n", encoding="utf-8")
    done = arlib("age", "--items", "items.csv", "--as-of", "2026-10-31", "--out", "aged.csv", cwd=tmp_path)
    again = arlib("age", "--items", "items.csv", "--as-of", "2026-10-31", "--out", "aged.csv", cwd=tmp_path)
    assert (done.returncode, again.returncode) == (0, 0), done.stderr
    assert "no applications" in done.stderr
    for victim in ("items.csv", "mine.txt"):
        (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
        before = (tmp_path / victim).read_bytes()
        refused = arlib("age", "--items", "items.csv", "--as-of", "2026-10-31", "--out", victim, cwd=tmp_path)
        assert refused.returncode == 2
        assert (tmp_path / victim).read_bytes() == before


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


def test_a_close_without_the_rate_of_a_currency_is_refused_and_leaves_nothing(arlib, tmp_path):
    (tmp_path / "arlib.toml").write_text("", encoding="utf-8")
    assert arlib("init", "books", cwd=tmp_path).returncode == 0
    books = tmp_path / "books"
    (books / "extracts").mkdir()
    head = "item_id,entity,customer_id,item_type,document_no,effective_date,due_date,currency,amount\n"
    (books / "extracts" / "items.csv").write_text(
        head
        + "1,E1,C1,invoice,1,2026-10-01,2026-10-20,USD,10.00\n2,E1,C1,invoice,2,2026-10-01,2026-10-20,EUR,5.00\n",
        encoding="utf-8",
    )
    (books / "params" / "mine.yml").write_text(
        'schema: "arlib.close/1"\ntitle: "Mine"\nperiod: "2026-10"\n'
        'entities: [{code: "E1", name: "One", functional_currency: "USD", time_zone: "UTC"}]\n'
        'sources: [{folder: "extracts", profile: "canonical"}]\nnotebooks: ["aging"]\n',
        encoding="utf-8",
    )
    before = sorted(path.name for path in (books / "outputs").iterdir())
    done = arlib("close", "params/mine.yml", "--quiet", cwd=books)

    assert done.returncode == 2, done.stdout + done.stderr
    assert "EUR to USD" in done.stderr
    assert "2026-10-31" in done.stderr
    assert sorted(path.name for path in (books / "outputs").iterdir()) == before
