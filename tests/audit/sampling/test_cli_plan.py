"""`arlib sampling plan`, `limits` and `table` as a stranger uses them who has read docs/sampling.md."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex

import pytest

from arlib.audit.sampling.frames import LIMIT_REQUEST, LIMITS, PLAN_REQUEST, PLANS
from arlib.cli import main
from arlib.cli.sampling import LIMIT_OPTIONS, PLAN_OPTIONS

MUS = [
    "--method",
    "mus",
    "--risk",
    "5%",
    "--tolerable-amount",
    "15000",
    "--book-value",
    "300000",
    "--currency",
    "USD",
]


@pytest.fixture
def arlib(capsys):
    """Runs a command: exit code, standard output, standard error."""

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return left.value.code or 0, out, err

    return run


@pytest.fixture(scope="module")
def page(repo):
    return (repo / "docs" / "sampling.md").read_text(encoding="utf-8")


def block(page, name):
    (found,) = re.findall(rf"^```csv {re.escape(name)}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return found


def examples(page, command):
    """The rows of the page's tables that hold a command and its answer."""
    return re.findall(
        rf"^\| [^|]+ \| `arlib (sampling {command} [^`]+)` \| ([0-9.]+) \|$", page, re.MULTILINE
    )


def test_every_example_of_the_page_gives_what_it_says(arlib, page):
    found = examples(page, "plan")
    assert len(found) >= 15
    for command, wanted in found:
        code, out, _ = arlib(*shlex.split(command))
        assert (code, json.loads(out)["plans"][0]["sample_size"]) == (0, int(wanted)), command
    limits = examples(page, "limits")
    assert len(limits) >= 3
    for command, wanted in limits:
        code, out, _ = arlib(*shlex.split(command))
        assert (code, json.loads(out)["limits"][0]["upper_limit"]) == (0, wanted), command


def test_the_batch_of_the_page_gives_what_it_says(arlib, page, tmp_path):
    source, out = tmp_path / "plans.csv", tmp_path / "plans"
    source.write_text(block(page, "plans.csv"), encoding="utf-8")
    code, printed, err = arlib("sampling", "plan", "--from", source, "--out", out)
    assert code == 1  # its last row has no answer
    assert (out / "plan.csv").read_text(encoding="utf-8") == block(page, "plan.csv")
    assert (out / "plan.json").read_text(encoding="utf-8") == printed
    assert "written to" in err
    figures = list(csv.DictReader((out / "figures.csv").open(encoding="utf-8", newline="")))
    assert {row["id"] for row in figures} == {"control", "customers", "receivables"}
    assert all(row["words"] for row in figures)


def test_the_page_lists_every_column(page):
    for table in (PLAN_REQUEST, PLANS, LIMIT_REQUEST, LIMITS):
        assert [name for name in table.names if f"`{name}`" not in page] == []


def test_options_are_the_columns():
    assert [name.replace("-", "_") for name in PLAN_OPTIONS] == PLAN_REQUEST.names
    assert [name.replace("-", "_") for name in LIMIT_OPTIONS] == LIMIT_REQUEST.names


def test_columns_in_any_order_with_a_mark_and_windows_line_ends(arlib, tmp_path):
    source = tmp_path / "plans.csv"
    text = "Currency,Book-Value,tolerable misstatement,RISK,method\r\nUSD,300000.00,15000,0.05,MUS\r\n\r\n"
    source.write_bytes(b"\xef\xbb\xbf" + text.encode())
    code, out, _ = arlib("sampling", "plan", "--from", source)
    assert (code, json.loads(out)["plans"][0]["sample_size"]) == (0, 60)


def test_the_published_table_can_be_fed_to_the_command(arlib, tmp_path):
    _, out, _ = arlib("sampling", "table", "sizes")
    cells = list(csv.DictReader(io.StringIO(out)))
    assert len(cells) == 194
    source = tmp_path / "a1.csv"
    lines = [f"binomial,5,{cell['tolerable_pct']},{cell['expected_pct']}" for cell in cells]
    source.write_text("\n".join(["method,risk_pct,tolerable_pct,expected_pct", *lines]), encoding="utf-8")
    code, out, _ = arlib("sampling", "plan", "--from", source)
    assert code == 0
    assert [plan["sample_size"] for plan in json.loads(out)["plans"]] == [
        int(cell["sample_size"]) for cell in cells
    ]


def test_all_faults_at_once_and_nothing_written(arlib, tmp_path):
    source, out = tmp_path / "plans.csv", tmp_path / "plans"
    source.write_text(
        "id,method,risk,tolerable_rate,expected_erors\na,binomial,5,5%,\nb,binom,5%,0.1,1\nc,binomial,,5%,\n",
        encoding="utf-8",
    )
    code, printed, err = arlib("sampling", "plan", "--from", source, "--out", out)
    assert (code, printed, out.exists()) == (2, "", False)
    for words in (
        "row 2, column 'risk'",
        "row 3, column 'method'",
        "row 3, column 'expected_erors'",
        "row 4, column 'risk'",
    ):
        assert words in err


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no header"),
        (b"method,method\nmus,mus\n", "stands twice"),
        (b"method,risk\nmus\n", "cells"),
        (b"method\n", "at least one row"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b'method\n"mus\n', "no CSV"),
        (b"method,\nmus,1\n", "without a name"),
    ],
)
def test_files_that_are_no_table_are_refused(arlib, tmp_path, data, words):
    source = tmp_path / "plans.csv"
    source.write_bytes(data)
    code, out, err = arlib("sampling", "plan", "--from", source)
    assert (code, out) == (2, "")
    assert words in err
    assert arlib("sampling", "plan", "--from", tmp_path / "none.csv")[0] == 2


def test_hostile_texts_are_data(arlib, tmp_path):
    source = tmp_path / "plans.csv"
    name = '=HYPERLINK("x")<script>'
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["id", "method", "risk", "tolerable_rate"], [name, "binomial", "5%", "5%"]]
        )
    code, out, _ = arlib("sampling", "plan", "--from", source, "--out", tmp_path / "out")
    assert (code, json.loads(out)["plans"][0]["id"]) == (0, name)
    assert (
        next(csv.DictReader((tmp_path / "out" / "plan.csv").open(encoding="utf-8", newline="")))["id"] == name
    )


def test_no_option_beside_a_file_and_no_folder_of_others(arlib, tmp_path):
    source = tmp_path / "plans.csv"
    source.write_text("method,risk,tolerable_rate\nbinomial,5%,5%\n", encoding="utf-8")
    assert "alone" in arlib("sampling", "plan", "--from", source, "--risk", "5%")[2]
    assert arlib("sampling", "plan", *MUS, "--out", tmp_path)[0] == 2  # holds plans.csv, which is not ours
    assert source.exists()
    assert arlib("sampling", "plan", *MUS, "--high-values")[0] == 2
    assert arlib("sampling", "plan", "--from", source, "--population", source)[0] == 2


def test_an_impossible_plan_by_options_is_a_fault(arlib):
    code, out, err = arlib(
        "sampling",
        "plan",
        "--method",
        "binomial",
        "--risk",
        "5%",
        "--tolerable-rate",
        "2%",
        "--expected-rate",
        "3%",
    )
    assert (code, out) == (2, "")
    assert "under the tolerable" in err


def test_a_population_gives_its_book_value_and_high_values_stand_apart(arlib, tmp_path):
    source = tmp_path / "ar.csv"
    rows = [f"i{i},1000.00" for i in range(300)] + [
        "big,40000.00",
        "large,9000.00",
        "near,5200.00",
        "credit,-700.00",
        "nil,0.00",
    ]
    source.write_text("\n".join(["item_id,book_value", *rows]), encoding="utf-8")
    asked = [
        "sampling",
        "plan",
        "--method",
        "mus",
        "--risk",
        "5%",
        "--tolerable-amount",
        "17710",
        "--currency",
        "USD",
        "--population",
        source,
    ]
    code, out, err = arlib(*asked)
    plan = json.loads(out)["plans"][0]
    assert (code, plan["sample_size"], plan["book_value"]) == (0, 60, "354200.00")
    assert "1 zero and 1 credit items (-700.00 USD) are apart" in err
    plan = json.loads(arlib(*asked, "--high-values")[1])["plans"][0]
    assert (plan["sample_size"], plan["high_items"], plan["high_value"], plan["book_value"]) == (
        52,
        2,
        "49000.00",
        "305200.00",
    )
    code, out, _ = arlib("sampling", "plan", "--method", "hypergeometric", "--risk", "10%", "--tolerable-rate", "5%",
                         "--population", source, "--currency", "USD")  # fmt: skip
    assert (code, json.loads(out)["plans"][0]["population_size"]) == (0, 305)


def test_limits_from_a_file(arlib, tmp_path):
    source, out = tmp_path / "samples.csv", tmp_path / "limits"
    source.write_text(
        "method,confidence_pct,sample_size,deviations,tolerable_pct\nbinomial,95,59,0,5\nbinomial,95,59,1,5\n",
        encoding="utf-8",
    )
    code, printed, _ = arlib("sampling", "limits", "--from", source, "--out", out)
    assert code == 0
    assert [row["conclusion"] for row in json.loads(printed)["limits"]] == ["supported", "not_supported"]
    assert (out / "limits.json").read_text(encoding="utf-8") == printed
    assert len((out / "limits.csv").read_text(encoding="utf-8").splitlines()) == 3


def test_tables(arlib):
    code, out, _ = arlib("sampling", "table", "factors", "--risk", "1%")
    assert code == 0
    assert [row["rounded_up"] for row in csv.DictReader(io.StringIO(out))][:5] == [
        "4.61",
        "6.64",
        "8.41",
        "10.05",
        "11.61",
    ]
    assert arlib("sampling", "table", "factors", "--risk", "1")[0] == 2


def test_the_same_request_gives_the_same_bytes(arlib, tmp_path):
    for name in ("one", "two", "one"):
        assert arlib("sampling", "plan", *MUS, "--out", tmp_path / name)[0] == 0
    for file in ("plan.json", "plan.csv", "figures.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.parametrize(
    ("command", "header", "good"),
    [
        ("plan", "method,confidence,tolerable_rate", "binomial,95%,5%"),
        ("limits", "method,confidence,sample_size,errors", "binomial,95%,59,0"),
    ],
)
def test_a_ragged_row_does_not_hide_the_faults_of_others(arlib, tmp_path, command, header, good):
    source, out = tmp_path / "rows.csv", tmp_path / "out"
    wrong = good.replace("95%", "95")
    source.write_text(f"{header}\n{good}\n{good},x\n{wrong}\n", encoding="utf-8")
    code, printed, err = arlib("sampling", command, "--from", source, "--out", out)
    assert (code, printed) == (2, "")
    assert "row 3" in err
    assert "row 4" in err
    assert "'95'" in err
    source.write_text(f"{header}\n{good}\n{good},x\n", encoding="utf-8")
    code, printed, err = arlib("sampling", command, "--from", source, "--out", out)
    assert (code, printed) == (2, "")
    assert "row 3" in err
    assert not out.exists()
