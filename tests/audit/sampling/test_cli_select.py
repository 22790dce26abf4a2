"""`arlib sampling select` as a stranger runs it: CSV in, a folder out, all faults at once, one draw a population."""

from __future__ import annotations

import csv
import hashlib
import json
from fractions import Fraction

import pytest

from arlib.cli import main

TOUW = "id,book\n" + "".join(
    f"{i},{v}\n" for i, v in zip("ABCDEFGHIJ", (7, 3, 4, 9, 0, 1, 8, 2, 6, 5), strict=True)
)


def run(*arguments):
    """The exit code of the command."""
    with pytest.raises(SystemExit) as ended:
        main(["sampling", "select", *map(str, arguments)])
    return ended.value.code


def rows(path):
    with path.open(encoding="utf-8", newline="") as held:
        return list(csv.DictReader(held))


@pytest.fixture
def population(tmp_path):
    path = tmp_path / "population.csv"
    path.write_text(TOUW, encoding="utf-8")
    return path


@pytest.fixture
def ledger(tmp_path):
    """60 accounts in two regions, with two credits and a zero; other names for the columns, and a formula as an account."""
    path = tmp_path / "ledger.csv"
    lines = ["region,Account,bookValue"]
    lines += [f"{'north' if n % 3 else 'south'},AC-{n:03d},{100 + 7 * n}.5" for n in range(57)]
    lines += ["north,=1+1,-20.00", "south,CR-2,-300", "north,Z-1,0.00"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_touw_and_hoogduin_p34(population, tmp_path):
    out = tmp_path / "draw"

    assert (
        run(
            "--population",
            population,
            "--currency",
            "JPY",
            "--size",
            5,
            "--start",
            2,
            "--high-value",
            "none",
            "--seed",
            "x",
            "--out",
            out,
        )
        == 0
    )
    assert [row["item_id"] for row in rows(out / "selection.csv")] == list("ACDGI")
    assert [row["units"] for row in rows(out / "selection.csv")] == ["2", "11", "20", "29", "38"]


def test_touw_and_hoogduin_p31(tmp_path):
    path = tmp_path / "p31.csv"
    path.write_text("id,value\nA,700\nB,750\nC,1000\nD,900\nE,6000\n", encoding="utf-8")
    out = tmp_path / "draw"

    assert run("--population", path, "--book-column", "value", "--currency", "EUR", "--units", "items", "--size", 2, "--start", "1.2",
               "--seed", "x", "--out", out) == 0  # fmt: skip
    assert [row["item_id"] for row in rows(out / "selection.csv")] == ["B", "D"]


def test_folder_ties_and_can_be_drawn_again(ledger, tmp_path):
    out = tmp_path / "draw"
    command = (
        "--population",
        ledger,
        "--currency",
        "EUR",
        "--interval",
        1500,
        "--credits",
        "all",
        "--zeros",
        1,
        "--seed",
        "given by the auditor",
    )

    assert run(*command, "--out", out) == 0
    sealed = json.loads((out / "population.json").read_text())
    strata, chosen = rows(out / "strata.csv"), rows(out / "selection.csv")
    held = [line.split(",") for line in ledger.read_text().splitlines()[1:]]
    cents = [round(float(line[2]) * 100) for line in held]
    text = "arlib.population/1\tEUR\n" + "".join(
        f"{a}\t{c / 100:.2f}\t\n" for (_, a, _), c in zip(held, cents, strict=True)
    )
    assert sealed["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert sum(int(row["items"]) for row in strata) == 60 == sealed["total"]["items"]
    assert sum(Fraction(row["book_value"]) for row in strata) * 100 == sum(cents)
    assert {row["item_id"] for row in chosen if row["part"] == "credit"} == {"=1+1", "CR-2"}

    # the start by hand: hash, number, then every 1500 of the running total of positive items
    number = (
        int(hashlib.sha256(f"given by the auditor|{sealed['sha256']}|positive|0".encode()).hexdigest(), 16)
        % 150_000
        + 1
    )
    running, hit = 0, []
    for (_, account, _), value in zip(held, cents, strict=True):
        if value > 0:
            running += value
            while number <= running:
                hit.append(account)
                number += 150_000
    assert [row["item_id"] for row in chosen if row["part"] == "positive"] == hit

    again = tmp_path / "again"
    assert run(*command, "--out", again) == 0
    for name in ("population.json", "selection.csv", "strata.csv", "draws.csv", "selection.json"):
        assert (again / name).read_bytes() == (out / name).read_bytes()


def test_strata_with_allocation_and_with_sizes(ledger, tmp_path):
    common = (
        "--population",
        ledger,
        "--currency",
        "EUR",
        "--stratum-column",
        "region",
        "--units",
        "items",
        "--method",
        "random",
        "--seed",
        "s",
    )
    sizes = tmp_path / "sizes.csv"
    sizes.write_text("stratum,size\nnorth,5\nsouth,9\n", encoding="utf-8")
    deviations = tmp_path / "deviations.csv"
    deviations.write_text("stratum,deviation\nnorth,10\nsouth,40\n", encoding="utf-8")

    assert run(*common, "--size", 12, "--allocation", "items", "--out", tmp_path / "a") == 0
    assert run(*common, "--strata", sizes, "--out", tmp_path / "b") == 0
    assert (
        run(*common, "--size", 12, "--allocation", "neyman", "--strata", deviations, "--out", tmp_path / "c")
        == 0
    )

    def taken(name):
        return {
            row["stratum"]: int(row["hits"])
            for row in rows(tmp_path / name / "strata.csv")
            if row["part"] == "positive"
        }

    assert taken("a") == {"north": 8, "south": 4}
    assert taken("b") == {"north": 5, "south": 9}
    assert taken("c") == {"north": 4, "south": 8}


def test_a_plan_gives_interval_and_units(ledger, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["sampling", "plan", "--method", "mus", "--risk", "5%", "--tolerable-amount", "2000", "--book-value", "16900",
              "--currency", "EUR", "--out", str(tmp_path / "plan")])  # fmt: skip
    plan = json.loads((tmp_path / "plan" / "plan.json").read_text())["plans"][0]

    assert (
        run(
            "--population",
            ledger,
            "--currency",
            "EUR",
            "--plan",
            tmp_path / "plan" / "plan.json",
            "--seed",
            "s",
            "--out",
            tmp_path / "draw",
        )
        == 0
    )
    about = json.loads((tmp_path / "draw" / "selection.json").read_text())
    assert about["design"]["interval"] == plan["interval_exact"]
    assert about["plan"]["tolerable_amount"] == "2000.00"


def test_sealed_first_then_drawn(ledger, tmp_path, capsys):
    seal = tmp_path / "seal"
    assert run("--population", ledger, "--currency", "EUR", "--seal-only", "--out", seal) == 0
    assert sorted(p.name for p in seal.iterdir() if not p.name.startswith(".")) == ["population.json"]
    common = ("--currency", "EUR", "--size", 5, "--seed", "later", "--sealed", seal / "population.json")
    assert run("--population", ledger, *common, "--out", tmp_path / "draw") == 0
    changed = tmp_path / "changed.csv"
    changed.write_text(ledger.read_text().replace("AC-004,128.5", "AC-004,128.51"), encoding="utf-8")
    capsys.readouterr()

    assert run("--population", changed, *common, "--out", tmp_path / "other") == 2
    assert "not the one that was sealed" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_a_seed_is_drawn_once_and_logged(ledger, tmp_path, capsys):
    common = ("--population", ledger, "--currency", "EUR", "--size", 5, "--out", tmp_path / "draw")
    assert run(*common) == 0
    first = json.loads((tmp_path / "draw" / "selection.json").read_text())
    assert first["seed_source"] == "drawn"
    assert len(first["seed"]) == 32
    capsys.readouterr()

    assert run(*common) == 2  # no shopping for a better sample
    assert "drawn from already" in capsys.readouterr().err
    assert run(*common, "--seed", first["seed"]) == 0


BAD = """\
item_id,book_value
a,1.50
a,2
b,
c,abc
d,NaN
e,1e5
f,"1,234.00"
,3
g,1.234
h,-5
"""


def test_all_faults_at_once_with_row_numbers(tmp_path, capsys):
    path = tmp_path / "bad.csv"
    path.write_text(BAD, encoding="utf-8")

    assert (
        run("--population", path, "--currency", "USD", "--size", 2, "--seed", "x", "--out", tmp_path / "out")
        == 2
    )
    said = capsys.readouterr().err
    assert "8 faults in rows 3, 4, 5, 6, 7, 8, 9, 10" in said
    for fault in (
        "repeated identifier",
        "missing amount",
        "'abc'",
        "'NaN'",
        "'1e5'",
        "'1,234.00'",
        "missing identifier",
        "too many places",
    ):
        assert fault in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("id,book\na,1\n", (), "no currency"),
        ("id,book,currency\na,1,USD\nb,2,EUR\n", (), "several currencies"),
        ("id;book\na;1\n", ("--currency", "USD"), "separated by commas"),
        ("id,book\na\n", ("--currency", "USD"), "fields"),
        ("id,book\n", ("--currency", "USD"), "no rows"),
        ("", ("--currency", "USD"), "header"),
        ("id,value\na,1\n", ("--currency", "USD"), "--book-column"),
        ("id,ID,book\na,b,1\n", ("--currency", "USD"), "several columns"),
        ("id,book\na,1\n", ("--currency", "usd"), "currency"),
        ("id,book\na,1\n", ("--currency", "USD", "--id-column", "nope"), "no such column"),
        (
            "id,book\na,1\nb,2\n",
            ("--currency", "USD", "--units", "items", "--method", "random", "--size", "3"),
            "at most the 2 items",
        ),
        ("id,book\na,1\n", ("--currency", "USD", "--interval", "0"), "interval"),
        ("id,book\na,1\n", ("--currency", "USD", "--interval", "1/0"), "interval"),
        ("id,book\na,1\n", ("--currency", "USD", "--high-value", "lots"), "--high-value"),
        ("id,book\na,1\n", ("--currency", "USD", "--credits", "-1"), "--credits"),
        ("id,book\na,1\n", ("--currency", "USD", "--plan", "missing.json"), "cannot be read"),
    ],
)
def test_refused_in_words(text, more, said, tmp_path, capsys):
    path = tmp_path / "p.csv"
    path.write_text(text, encoding="utf-8")
    size = () if {"--interval", "--size", "--plan"} & set(more) else ("--size", "1")

    assert run("--population", path, *more, *size, "--seed", "x", "--out", tmp_path / "out") == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_one_currency_of_several_by_name(tmp_path):
    path = tmp_path / "two.csv"
    path.write_text("id,book,currency\na,1.50,USD\nb,2,EUR\nc,3,EUR\n", encoding="utf-8")

    assert (
        run("--population", path, "--currency", "EUR", "--size", 1, "--seed", "x", "--out", tmp_path / "out")
        == 0
    )
    sealed = json.loads((tmp_path / "out" / "population.json").read_text())
    assert sealed["total"] == {"items": 2, "book_value": "5.00"}
    assert sealed["other_currencies"] == [{"currency": "USD", "items": 1, "book_value": "1.50"}]


def test_a_folder_of_others_is_not_replaced(population, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")

    assert (
        run(
            "--population",
            population,
            "--currency",
            "JPY",
            "--size",
            1,
            "--seed",
            "x",
            "--out",
            tmp_path / "out",
        )
        == 2
    )
    assert (tmp_path / "out" / "thesis.txt").read_text() == "mine"


@pytest.mark.shared
def test_a_real_population(shared, tmp_path):
    """1,976 items of the R package MUS, in three strata, one of zero value."""
    path = shared / "data/audit-populations/MUS_example_data.csv"
    out = tmp_path / "draw"

    assert (
        run(
            "--population",
            path,
            "--currency",
            "USD",
            "--id-column",
            "row",
            "--interval",
            "7000000",
            "--seed",
            "x",
            "--out",
            out,
        )
        == 0
    )
    sealed = json.loads((out / "population.json").read_text())
    assert sealed["total"] == {"items": 1976, "book_value": "687212781.00"}
    high = [row for row in rows(out / "selection.csv") if row["how"] == "certainty"]
    with path.open(encoding="utf-8") as held:
        over = {r["row"] for r in csv.DictReader(held) if int(r["book.value"]) >= 7_000_000}
    assert {row["item_id"] for row in high} == over
