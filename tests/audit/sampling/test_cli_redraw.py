"""A selection is never taken on trust: hashes of its files, and the draw itself where the population is given."""

from __future__ import annotations

import csv
import hashlib
import json

import pytest

from arlib.cli import main

COMMON = ("--confidence", "95%", "--tolerable", "20000")


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(["sampling", *map(str, arguments)])
    return ended.value.code


def rows(path):
    with path.open(encoding="utf-8", newline="") as held:
        return list(csv.DictReader(held))


@pytest.fixture
def population(tmp_path):
    """Two regions and branches, credits, a zero, and identifiers that are formulas; another currency beside them."""
    path = tmp_path / "population.csv"
    lines = ["item_id,book_value,region,branch,currency"]
    lines += [f"I{n:03d},{50 + (n * 37) % 900}.00,{'N' if n % 3 else 'S'},B{n % 8},EUR" for n in range(120)]
    lines += [
        "=1+1,-80.00,N,B1,EUR", "@x,-20.00,S,B2,EUR", "-5,0.00,N,B3,EUR", "+7,400.00,N,B4,EUR", "U1,5.00,N,B1,USD",
    ]  # fmt: skip
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def sizes(tmp_path):
    path = tmp_path / "sizes.csv"
    path.write_text("stratum,size\nN,30\nS,20\n", encoding="utf-8")
    return path


DESIGNS = {
    "interval": ("--interval", "500", "--credits", "all", "--zeros", "all"),
    "size": ("--size", "40", "--credits", "1"),
    "start": ("--interval", "777.77", "--start", "3.5", "--high-value", "800"),
    "cell": ("--size", "20", "--method", "cell", "--order", "value", "--high-value", "none"),
    "random": ("--size", "20", "--method", "random"),
    "items": ("--units", "items", "--method", "random", "--size", "30", "--order", "id"),
    "every": ("--units", "items", "--interval", "7.5", "--start", "7/2"),
    "shared": ("--stratum-column", "region", "--size", "30", "--allocation", "value"),
    "by interval": ("--stratum-column", "region", "--interval", "700"),
    "clusters": ("--cluster-column", "branch", "--clusters", "4", "--size", "9"),
}  # fmt: skip


def drawn(population, tmp_path, *more):
    given = ("--population", population, "--currency", "EUR", "--seed", "s", "--out", tmp_path / "draw")
    assert run("select", *given, *more) == 0
    chosen = rows(tmp_path / "draw" / "selection.csv")
    answer = tmp_path / "audited.csv"
    with answer.open("w", encoding="utf-8", newline="") as held:
        csv.writer(held).writerows(
            [["item_id", "audit_value"], *([r["item_id"], r["book_value"]] for r in chosen)]
        )
    return tmp_path / "draw", answer, chosen


def change(draw, name, text, *, is_hash_fitted=True):
    """Put other text into a file of the draw, and its hash into selection.json as a forger would."""
    (draw / name).write_text(text, encoding="utf-8")
    about = json.loads((draw / "selection.json").read_text())
    if is_hash_fitted:
        about["files"][name] = hashlib.sha256(text.encode()).hexdigest()
    (draw / "selection.json").write_text(json.dumps(about))


def evaluate(draw, answer, tmp_path, *more):
    return run("evaluate", "--sample", answer, "--selection", draw, "--out", tmp_path / "out", *COMMON, *more)


@pytest.mark.parametrize("name", DESIGNS)
def test_an_honest_draw_of_any_design_is_drawn_again_and_accepted(population, tmp_path, name, capsys):
    draw, answer, _ = drawn(population, tmp_path, *DESIGNS[name])
    more = ("--method", "difference") if name == "clusters" else ()
    assert evaluate(draw, answer, tmp_path, "--population", population, *more) == 0
    made = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert made["is_selection_redrawn"] is True
    assert "drawn again from the population with its seed and is the same" in made["words"]
    assert "1 row in USD, total 5.00" in capsys.readouterr().out


def test_strata_from_a_file_are_drawn_again(population, sizes, tmp_path):
    draw, answer, _ = drawn(population, tmp_path, "--stratum-column", "region", "--strata", sizes)
    assert evaluate(draw, answer, tmp_path, "--population", population) == 0


def test_without_the_population_it_says_that_the_draw_was_not_checked(population, tmp_path, capsys):
    draw, answer, _ = drawn(population, tmp_path, *DESIGNS["interval"])
    assert evaluate(draw, answer, tmp_path) == 0
    said = capsys.readouterr()
    made = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    note = "selection was not checked against its draw (give --population)"
    assert note in said.out
    assert note in made["words"]
    assert any(note in warning for warning in made["warnings"])
    assert made["is_selection_redrawn"] is False


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",positive,interval,1,", ",positive,interval,2,", "hits"),
        (",high_value,", ",positive,", "part"),
        (",credit,", ",zero,", "part"),
    ],
)
def test_forged_cells_are_refused_though_their_hashes_fit(population, tmp_path, capsys, old, new, said):
    draw, answer, _ = drawn(population, tmp_path, *DESIGNS["interval"])
    text = (draw / "selection.csv").read_text()
    change(draw, "selection.csv", text.replace(old, new, 1))
    assert evaluate(draw, answer, tmp_path, "--population", population) == 2
    err = capsys.readouterr().err
    assert "not as drawn" in err
    assert said in err
    assert not (tmp_path / "out").exists()


def test_swapped_and_missing_items_and_another_seed_are_refused(population, tmp_path, capsys):
    draw, answer, chosen = drawn(population, tmp_path, *DESIGNS["interval"])
    lines = (draw / "selection.csv").read_text().splitlines()
    other = next(r["item_id"] for r in rows(population) if r["item_id"] not in {c["item_id"] for c in chosen})
    lost = chosen[-1]["item_id"]
    mine = next(c["item_id"] for c in chosen if c["part"] == "positive")
    forged = "\n".join(line.replace(f",{mine},", f",{other},") for line in lines[:-1]) + "\n"
    change(draw, "selection.csv", forged)
    assert evaluate(draw, answer, tmp_path, "--population", population) == 2
    err = capsys.readouterr().err
    assert "not drawn" in err
    assert "drawn but missing" in err
    assert all(name in err for name in (other, lost, mine))

    change(draw, "selection.csv", "\n".join(lines) + "\n")
    about = json.loads((draw / "selection.json").read_text())
    (draw / "selection.json").write_text(json.dumps(about | {"seed": "mine"}))
    assert evaluate(draw, answer, tmp_path, "--population", population) == 2
    assert "from what the seed draws" in capsys.readouterr().err


def test_a_changed_or_missing_file_is_refused_even_without_the_population(population, tmp_path, capsys):
    draw, answer, _ = drawn(population, tmp_path, *DESIGNS["interval"])
    text = (draw / "selection.csv").read_text()
    change(draw, "selection.csv", text.replace(",1,", ",2,", 1), is_hash_fitted=False)
    (draw / "strata.csv").unlink()
    assert evaluate(draw, answer, tmp_path) == 2
    err = capsys.readouterr().err
    assert "selection.csv" in err
    assert "strata.csv" in err
    about = json.loads((draw / "selection.json").read_text())
    del about["files"]
    (draw / "selection.json").write_text(json.dumps(about))
    assert evaluate(draw, answer, tmp_path) == 2
    assert "no hashes" in capsys.readouterr().err


@pytest.mark.parametrize(
    "broken", [{"design": {}}, {"design": {"method": "two_stage"}}, {"seed": 5}, {"seed": ""}]
)
def test_a_selection_that_describes_no_draw_is_refused(population, tmp_path, broken):
    draw, answer, _ = drawn(population, tmp_path, *DESIGNS["interval"])
    about = json.loads((draw / "selection.json").read_text())
    about |= {"design": {**about["design"], **broken["design"]} if broken.get("design") else about["design"], **{
        name: value for name, value in broken.items() if name != "design"}}  # fmt: skip
    if broken == {"design": {}}:
        del about["design"]["zeros"]
    (draw / "selection.json").write_text(json.dumps(about))
    assert evaluate(draw, answer, tmp_path, "--population", population) == 2


@pytest.mark.parametrize("seed", ["", "  "])
def test_an_empty_seed_is_refused(population, tmp_path, seed, capsys):
    command = (
        "select",
        "--population",
        population,
        "--currency",
        "EUR",
        "--size",
        "9",
        "--out",
        tmp_path / "d",
    )
    assert run(*command, "--seed", seed) == 2
    assert "Leave the option out" in capsys.readouterr().err
    assert not (tmp_path / "d").exists()


def test_faults_of_all_kinds_are_told_at_once(tmp_path, capsys):
    """Rows: ragged, ids with blanks, alike, a control character, codes that are none, amounts that are none."""
    path = tmp_path / "bad.csv"
    path.write_text(
        "id,book,currency\nA1,1,USD\nA2,2\nA3,x,USD\n A4,4,USD\na1,5,USD\nA 1,6,USD\nB,7,usd\nC,8,\nD\x01,9,USD\n"
        "E,1,EUR\nF,zz,EUR\nG,1,2,3\n",
        encoding="utf-8",
    )
    for given in (("--currency", "USD"), ()):
        command = ("select", "--population", path, "--size", "2", "--seed", "s", "--out", tmp_path / "d")
        assert run(*command, *given) == 2
        err = capsys.readouterr().err
        assert f"{9 if given else 8} faults in rows 3," in err
        for said in ("fields", "blanks around", "alike", "unknown currency", "'usd'", "control character"):
            assert said in err
        assert "zz" not in err  # of another currency
        assert ("'x'" in err) == bool(given)


def test_an_answer_with_ragged_rows_tells_the_others_too(population, tmp_path, capsys):
    draw, answer, _ = drawn(population, tmp_path, *DESIGNS["interval"])
    lines = answer.read_text().splitlines()
    lines[1] += ",1,2"
    lines[2] = lines[2].split(",")[0] + ",abc"
    answer.write_text("\n".join([*lines, "nobody,1.00"]) + "\n", encoding="utf-8")
    assert evaluate(draw, answer, tmp_path) == 2
    err = capsys.readouterr().err
    assert "fields" in err
    assert "'abc'" in err
    assert "nobody" in err
