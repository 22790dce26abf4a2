"""Two-stage draws from the command line: branches, then items, and what they say of all branches."""

from __future__ import annotations

import csv
import json
from decimal import Decimal

import pytest

from arlib.audit.sampling.clusters import two_stage_estimate
from arlib.cli import main

BRANCHES = {
    f"B{n}": [(f"B{n}-{i}", 100 * (n + 1) + i, (n * i) % 7 == 3) for i in range(4 + n)] for n in range(9)
}


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(["sampling", *map(str, arguments)])
    return ended.value.code


def rows(path):
    with path.open(encoding="utf-8", newline="") as held:
        return list(csv.DictReader(held))


@pytest.fixture
def population(tmp_path):
    path = tmp_path / "population.csv"
    lines = [
        "branch,id,book",
        *(f"{b},{i},{v}.00" for b, items in BRANCHES.items() for i, v, _ in items),
        "B0,CR,-50.00",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_draw_and_evaluate(population, tmp_path):
    draw, out = tmp_path / "draw", tmp_path / "out"
    common = ("--population", population, "--currency", "USD")
    assert (
        run(
            "select",
            *common,
            "--cluster-column",
            "branch",
            "--clusters",
            5,
            "--size",
            3,
            "--seed",
            "s",
            "--out",
            draw,
        )
        == 0
    )
    clusters = rows(draw / "clusters.csv")
    chosen = rows(draw / "selection.csv")
    assert (
        sum(int(row["items"]) for row in clusters)
        == json.loads((draw / "population.json").read_text())["total"]["items"]
    )
    assert sum(row["is_drawn"] == "true" for row in clusters) == 5
    assert all(int(row["selected_items"]) == (3 if row["is_drawn"] == "true" else 0) for row in clusters)

    wrong = {i for items in BRANCHES.values() for i, _, is_wrong in items if is_wrong}
    audited = tmp_path / "audited.csv"
    answers = [
        f"{r['item_id']},{Decimal(r['book_value']) - (25 if r['item_id'] in wrong else 0)}" for r in chosen
    ]
    audited.write_text("\n".join(["id,audit", *answers]) + "\n", encoding="utf-8")
    assert (
        run(
            "evaluate",
            "--sample",
            audited,
            "--selection",
            draw,
            *common,
            "--confidence",
            "95%",
            "--tolerable",
            "5000",
            "--out",
            out,
        )
        == 0
    )

    found: dict[str, list[int]] = {}
    for row in chosen:
        found.setdefault(row["stratum"], []).append(2500 if row["item_id"] in wrong else 0)
    by_hand = two_stage_estimate(
        found, items={row["cluster"]: int(row["items"]) for row in clusters}, clusters=9
    )
    made = json.loads((out / "evaluation.json").read_text())
    assert Decimal(made["most_likely_misstatement"]) * 100 == round(by_hand.point)
    assert made["conclusion"] in ("not_conclusive", "reject")  # far fewer than 20 errors
    assert made["method"] == "difference"

    again = tmp_path / "again"
    assert (
        run(
            "select",
            *common,
            "--cluster-column",
            "branch",
            "--clusters",
            5,
            "--size",
            3,
            "--seed",
            "s",
            "--out",
            again,
        )
        == 0
    )
    assert (again / "selection.csv").read_bytes() == (draw / "selection.csv").read_bytes()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--cluster-column", "branch", "--size", 3), "--clusters to draw"),
        (("--clusters", 3, "--size", 3), "--cluster-column"),
        (("--cluster-column", "branch", "--clusters", 1, "--size", 3), "2 to 9 clusters"),
        (("--cluster-column", "branch", "--clusters", 10, "--size", 3), "2 to 9 clusters"),
        (("--cluster-column", "branch", "--clusters", 3, "--size", 3, "--units", "money"), "at random"),
        (
            ("--cluster-column", "branch", "--clusters", 3, "--size", 3, "--interval", "5"),
            "beside --interval",
        ),
    ],
)
def test_refused_in_words(population, tmp_path, capsys, more, said):
    assert (
        run(
            "select",
            "--population",
            population,
            "--currency",
            "USD",
            *more,
            "--seed",
            "s",
            "--out",
            tmp_path / "o",
        )
        == 2
    )
    assert said in capsys.readouterr().err
