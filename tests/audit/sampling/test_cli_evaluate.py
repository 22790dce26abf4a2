"""`arlib sampling evaluate` as a stranger runs it: after `select`, and on samples drawn elsewhere."""

from __future__ import annotations

import csv
import json
import re
import shlex
from decimal import Decimal

import pytest

from arlib.cli import main


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(["sampling", *map(str, arguments)])
    return ended.value.code


def rows(path):
    with path.open(encoding="utf-8", newline="") as held:
        return list(csv.DictReader(held))


def write(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def result(folder):
    return json.loads((folder / "evaluation.json").read_text())


@pytest.fixture
def textbook(tmp_path):
    """59 units below an interval of 5,000 and one item above it; three errors."""
    lines = [
        "id,book,audit",
        "a,400,320",
        "b,500.00,0",
        "c,6000,2500.0",
        *(f"x{n},100,100" for n in range(57)),
    ]
    return write(tmp_path / "sample.csv", lines)


COMMON = ("--confidence", "95%", "--tolerable", "15000", "--currency", "USD")


@pytest.mark.parametrize(("factors", "upper"), [("rounded", "28800.00"), ("exact", "28771.25")])
def test_textbook_to_the_cent(textbook, tmp_path, factors, upper):
    out = tmp_path / "out"

    assert (
        run(
            "evaluate",
            "--sample",
            textbook,
            "--population-value",
            "300000",
            "--interval",
            "5000",
            "--factors",
            factors,
            *COMMON,
            "--out",
            out,
        )
        == 0
    )
    made = result(out)
    assert (made["upper_limit"], made["most_likely_misstatement"], made["conclusion"]) == (
        upper,
        "9500.00",
        "reject",
    )
    table = rows(out / "evaluation.csv")
    assert [(row["item_id"], row["rank"], row["projected"]) for row in table] == [
        ("c", "1", "3500.00"), ("b", "1", "5000.00"), ("a", "2", "1000.00"),
    ]  # fmt: skip
    assert rows(out / "parts.csv")[1]["basic"] == ("15000.00" if factors == "rounded" else "14978.66")


@pytest.mark.parametrize(
    ("taints", "rate"),
    [
        ((1, 0.20000072, 0.03999931), "0.03478656"),
        ((1, 0.09887), "0.03333348"),
        ((0.5, 0.4, 0.19887), "0.03251936"),
    ],
)
def test_touw_and_hoogduin_by_rate(taints, rate, tmp_path):
    """Book values of 1,000,000.00 so that a taint of eight places is a whole number of cents."""
    errors = [f"e{n},1000000,{Decimal(1000000) * (1 - Decimal(str(t)))}" for n, t in enumerate(taints)]
    sample = write(
        tmp_path / "s.csv",
        ["id,book,audit", *errors, *(f"x{n},1000000,1000000" for n in range(145 - len(taints)))],
    )
    out = tmp_path / "out"

    assert (
        run(
            "evaluate",
            "--sample",
            sample,
            "--population-value",
            "13500000",
            "--distribution",
            "binomial",
            *COMMON,
            "--out",
            out,
        )
        == 0
    )
    assert str(round(Decimal(result(out)["upper_rate"]), 8)) == rate


def test_estimators_by_item_with_totals_only(tmp_path):
    """Columns as R writes them; two-sided; the quotient's point is the difference's."""
    sample = write(
        tmp_path / "s.csv",
        [
            "ID,bookValue,auditValue",
            *(f"{n},{100 + 3 * n}.25,{100 + 3 * n - (n % 4 == 0) * 9}.25" for n in range(40)),
        ],
    )
    made = {}
    for method in ("direct", "difference", "ratio", "quotient", "regression"):
        out = tmp_path / method
        assert run("evaluate", "--sample", sample, "--population-items", 500, "--population-value", "90000", "--method", method,
                   "--two-sided", *COMMON, "--out", out) == 0  # fmt: skip
        made[method] = result(out)

    assert (
        made["difference"]["most_likely_misstatement"]
        == made["quotient"]["most_likely_misstatement"]
        == "1125.00"
    )
    assert made["difference"]["conclusion"] == "not_conclusive"  # 10 errors
    assert made["direct"]["conclusion"] == "reject"
    assert (
        Decimal(made["ratio"]["lower_limit"])
        < Decimal(made["ratio"]["most_likely_misstatement"])
        < Decimal(made["ratio"]["upper_limit"])
    )
    assert "docs/sampling_coverage.md" in made["regression"]["warnings"][0]


@pytest.fixture
def drawn(tmp_path):
    """A population with known misstatements, a sample of it, and the audit value of every item."""
    lines = ["item_id,book_value"]
    audits = {}
    for n in range(300):
        book = 50 + (n * 37) % 900
        lines.append(f"I{n:03d},{book}.00")
        audits[f"I{n:03d}"] = f"{book // 2}.00" if n % 17 == 0 else f"{book}.00"
    lines += ["CR1,-80.00", "CR2,-20.00", "ZERO,0.00"]
    audits |= {"CR1": "-80.00", "CR2": "-25.00", "ZERO": "0.00"}
    population = write(tmp_path / "population.csv", lines)
    assert run("select", "--population", population, "--currency", "EUR", "--size", 90, "--credits", "all", "--zeros", "all",
               "--seed", "s", "--out", tmp_path / "draw") == 0  # fmt: skip
    chosen = [row["item_id"] for row in rows(tmp_path / "draw" / "selection.csv")]
    return population, chosen, audits


def answer(tmp_path, chosen, audits):
    return write(
        tmp_path / "audited.csv", ["item_id,audit_value", *(f"{item},{audits[item]}" for item in chosen)]
    )


def test_plan_of_a_stranger_select_then_evaluate(drawn, tmp_path):
    population, chosen, audits = drawn
    out = tmp_path / "out"

    assert run("evaluate", "--sample", answer(tmp_path, chosen, audits), "--selection", tmp_path / "draw", "--population", population,
               "--risk", "5%", "--tolerable", "20000", "--out", out) == 0  # fmt: skip
    made = result(out)
    truth = sum(Decimal(row["book_value"]) - Decimal(audits[row["item_id"]]) for row in rows(population))
    assert Decimal(made["upper_limit"]) > truth
    assert (
        made["population_sha256"] == json.loads((tmp_path / "draw" / "population.json").read_text())["sha256"]
    )
    assert made["conclusion"] == "accept"
    parts = {row["part"]: row for row in rows(out / "parts.csv")}
    assert parts["credit"]["over_projected"] == "5.00"
    assert all(control["holds"] for control in made["controls"])

    again = tmp_path / "again"
    assert run("evaluate", "--sample", answer(tmp_path, list(reversed(chosen)), audits), "--selection", tmp_path / "draw",
               "--risk", "5%", "--tolerable", "20000", "--out", again) == 0  # fmt: skip
    assert (again / "evaluation.csv").read_bytes() == (out / "evaluation.csv").read_bytes()


def test_faults_of_an_answer_all_at_once(drawn, tmp_path, capsys):
    _, chosen, audits = drawn
    lines = [f"{item},{audits[item]}" for item in chosen[2:]]
    lines[0] = f"{chosen[2]},"
    lines[1] = f"{chosen[3]},n/a"
    others = next(item for item in audits if item not in chosen)
    sample = write(
        tmp_path / "audited.csv", ["item_id,audit_value", *lines, f"{others},1.00", f"{chosen[4]},1.00"]
    )

    assert (
        run(
            "evaluate",
            "--sample",
            sample,
            "--selection",
            tmp_path / "draw",
            "--confidence",
            "0.95",
            "--out",
            tmp_path / "out",
        )
        == 2
    )
    said = capsys.readouterr().err
    for fault in (
        "missing amount",
        "'n/a'",
        "not selected",
        "repeated identifier",
        "selected item without answer",
        chosen[0],
    ):
        assert fault in said
    assert not (tmp_path / "out").exists()


def test_not_found_counts_as_misstated_only_when_asked(drawn, tmp_path):
    _, chosen, audits = drawn
    full = answer(tmp_path, chosen, audits)
    assert (
        run(
            "evaluate",
            "--sample",
            full,
            "--selection",
            tmp_path / "draw",
            "--confidence",
            "95%",
            "--out",
            tmp_path / "full",
        )
        == 0
    )
    sample = write(
        tmp_path / "less.csv",
        ["item_id,audit_value", f"{chosen[0]},", *(f"{item},{audits[item]}" for item in chosen[2:])],
    )
    common = (
        "evaluate",
        "--sample",
        sample,
        "--selection",
        tmp_path / "draw",
        "--confidence",
        "95%",
        "--out",
        tmp_path / "less",
    )

    assert run(*common) == 2
    assert run(*common, "--not-found-as-misstated") == 0
    assert Decimal(result(tmp_path / "less")["upper_limit"]) > Decimal(
        result(tmp_path / "full")["upper_limit"]
    )
    assert any("2 items were not found" in w for w in result(tmp_path / "less")["warnings"])
    assert sum(row["is_found"] == "false" for row in rows(tmp_path / "less" / "evaluation.csv")) >= 2


def test_another_population_or_book_value_is_refused(drawn, tmp_path, capsys):
    population, chosen, audits = drawn
    changed = write(tmp_path / "changed.csv", population.read_text().replace("I007,", "I007x,").splitlines())
    common = ("--selection", tmp_path / "draw", "--confidence", "95%", "--out", tmp_path / "out")

    assert (
        run("evaluate", "--sample", answer(tmp_path, chosen, audits), "--population", changed, *common) == 2
    )
    assert "not the one that was sealed" in capsys.readouterr().err
    sample = write(
        tmp_path / "b.csv", ["item_id,book_value,audit_value", *(f"{item},1.00,1.00" for item in chosen)]
    )
    assert run("evaluate", "--sample", sample, *common) == 2
    assert "other book value" in capsys.readouterr().err


def test_a_method_must_suit_the_draw(drawn, tmp_path, capsys):
    _, chosen, audits = drawn

    assert run("evaluate", "--sample", answer(tmp_path, chosen, audits), "--selection", tmp_path / "draw", "--method", "ratio",
               "--confidence", "95%", "--out", tmp_path / "out") == 2  # fmt: skip
    assert "drawn by money" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "the confidence"),
        (("--confidence", "95"), "--confidence"),
        (("--confidence", "95%", "--risk", "5%"), "one of the two"),
        (("--confidence", "95%", "--tolerable", "1e5"), "--tolerable"),
        (("--confidence", "95%", "--interval", "x"), "--interval"),
        (("--confidence", "95%"), "value to project to"),
        (("--confidence", "95%", "--method", "difference"), "--population-items"),
    ],
)
def test_refused_in_words(textbook, tmp_path, capsys, more, said):
    assert run("evaluate", "--sample", textbook, "--currency", "USD", *more, "--out", tmp_path / "out") == 2
    assert said in capsys.readouterr().err


def test_a_sample_from_elsewhere_with_its_population(drawn, tmp_path):
    """No selection of ours: parts, totals and book values are the population's, hits a column."""
    population, _, audits = drawn
    names = [f"I{n:03d}" for n in range(0, 300, 5)]
    sample = write(
        tmp_path / "s.csv",
        ["item_id,audit_value,times", *(f"{n},{audits[n]},{1 + (n == 'I005')}" for n in names)],
    )

    assert (
        run(
            "evaluate",
            "--sample",
            sample,
            "--population",
            population,
            "--currency",
            "EUR",
            "--confidence",
            "95%",
            "--out",
            tmp_path / "out",
        )
        == 0
    )
    made = result(tmp_path / "out")
    assert made["hits"] == 61
    assert any("2 credit items" in w for w in made["warnings"])
    stranger = write(tmp_path / "t.csv", ["item_id,audit_value", "nobody,1.00"])
    assert (
        run(
            "evaluate",
            "--sample",
            stranger,
            "--population",
            population,
            "--currency",
            "EUR",
            "--confidence",
            "95%",
            "--out",
            tmp_path / "o2",
        )
        == 2
    )


class TestAttributes:
    """Touw and Hoogduin: three errors in 145 (p. 137, binomial), one in 102 of 1,200 (p. 125, hypergeometric)."""

    def sample(self, tmp_path, size, errors):
        return write(
            tmp_path / "s.csv",
            ["id,book,audit", *(f"i{n},10,{9 if n < errors else 10}" for n in range(size))],
        )

    @pytest.mark.parametrize(
        ("size", "errors", "law", "items", "confidence", "upper"),
        [
            (145, 3, "binomial", 5000, "95%", "0.0526026"),
            (102, 1, "hypergeometric", 1200, "90%", "0.0358333"),
        ],
    )
    def test_rates(self, tmp_path, size, errors, law, items, confidence, upper):
        sample = self.sample(tmp_path, size, errors)
        assert run("evaluate", "--sample", sample, "--population-items", items, "--method", "attribute", "--law", law, "--confidence",
                   confidence, "--tolerable-rate", "5%", "--currency", "USD", "--out", tmp_path / "out") == 0  # fmt: skip
        made = result(tmp_path / "out")
        assert made["upper_limit"].startswith(upper)
        assert (made["errors"], made["items_examined"]) == (errors, size)
        assert made["conclusion"] == (
            "reject" if Decimal(made["upper_limit"]) > Decimal("0.05") else "accept"
        )

    def test_of_a_draw_by_item_and_not_of_money(self, drawn, tmp_path, capsys):
        population, chosen, audits = drawn
        assert run("evaluate", "--sample", answer(tmp_path, chosen, audits), "--selection", tmp_path / "draw", "--method", "attribute",
                   "--confidence", "95%", "--out", tmp_path / "out") == 2  # fmt: skip
        assert "monetary units" in capsys.readouterr().err
        by_item = tmp_path / "items"
        assert run("select", "--population", population, "--currency", "EUR", "--units", "items", "--method", "random", "--size", 60,
                   "--credits", "all", "--seed", "s", "--out", by_item) == 0  # fmt: skip
        names = [row["item_id"] for row in rows(by_item / "selection.csv")]
        assert run("evaluate", "--sample", answer(tmp_path, names, audits), "--selection", by_item, "--method", "attribute",
                   "--confidence", "95%", "--out", tmp_path / "out") == 0  # fmt: skip
        made = result(tmp_path / "out")
        assert (made["items_examined"], made["examined_apart"], made["population_items"]) == (60, 2, 300)
        assert made["errors"] == sum(int(name[1:]) % 17 == 0 for name in names if name.startswith("I"))
        assert made["errors_apart"] == 1


def test_tolerable_as_a_rate(textbook, tmp_path):
    common = (
        "evaluate",
        "--sample",
        textbook,
        "--population-value",
        "300000",
        "--interval",
        "5000",
        "--confidence",
        "95%",
        "--currency",
        "USD",
    )
    assert run(*common, "--tolerable-rate", "5%", "--out", tmp_path / "out") == 0
    assert result(tmp_path / "out")["tolerable_misstatement"] == "15000.00"
    assert run(*common, "--tolerable-rate", "5%", "--tolerable", "1", "--out", tmp_path / "out") == 2


@pytest.mark.shared
@pytest.mark.parametrize("method", ["interval", "cell", "random"])
def test_a_real_population_with_known_misstatements(shared, tmp_path, method):
    """The R package MUS's 1,976 items, 297 of them misstated: the limit covers the truth, and so does it by item."""
    path = shared / "data/audit-populations/MUS_example_data.csv"
    population = rows(path)
    truth = sum(int(row["book.value"]) - int(row["audit.value"]) for row in population)
    audits = {row["row"]: row["audit.value"] for row in population}
    common = ("--population", path, "--currency", "USD", "--id-column", "row")
    assert (
        run(
            "select", *common, "--size", 100, "--method", method, "--seed", "2026", "--out", tmp_path / "draw"
        )
        == 0
    )
    chosen = [row["item_id"] for row in rows(tmp_path / "draw" / "selection.csv")]
    sample = write(
        tmp_path / "audited.csv", ["row,audit.value", *(f"{item},{audits[item]}" for item in chosen)]
    )

    assert run("evaluate", "--sample", sample, *common, "--selection", tmp_path / "draw", "--confidence", "95%", "--tolerable", "30000000",
               "--out", tmp_path / "out") == 0  # fmt: skip
    made = result(tmp_path / "out")
    assert Decimal(made["upper_limit"]) > truth == 127548355
    assert made["conclusion"] == "reject"
    assert made["hits"] == 100


def test_the_example_of_the_page_gives_what_it_says(repo, tmp_path, monkeypatch):
    """The whole example of docs/sampling.md, file by file and command by command."""
    page = (repo / "docs" / "sampling.md").read_text(encoding="utf-8")
    part = page[page.index("## A whole example") : page.index("\n## Conventions")]
    blocks = dict(re.findall(r"^```csv (\S+)\n(.*?)^```", part, re.DOTALL | re.MULTILINE))
    commands = re.findall(r"^    arlib sampling (.+)$", part, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    for name in ("ar.csv", "audited.csv"):
        (tmp_path / name).write_text(blocks[name], encoding="utf-8")

    assert [run(*shlex.split(command)) for command in commands] == [0, 0]
    for name in ("draw/selection.csv", "result/evaluation.csv"):
        assert (tmp_path / name).read_text(encoding="utf-8") == blocks[name]
    made = result(tmp_path / "result")
    for figure in ("upper_limit", "most_likely_misstatement"):
        assert f"{Decimal(made[figure]):,}" in part
    assert made["conclusion"] == "accept"


def test_the_page_names_every_column_option_and_generator(repo):
    from arlib.audit.sampling.frames_evaluate import ERRORS
    from arlib.audit.sampling.frames_select import SELECTION
    from arlib.cli.sampling_columns import ALIASES
    from arlib.cli.sampling_evaluate import METHODS, evaluate
    from arlib.cli.sampling_select import select

    page = (repo / "docs" / "sampling.md").read_text(encoding="utf-8")
    assert [name for table in (SELECTION, ERRORS) for name in table.names if f"`{name}`" not in page] == []
    plain = re.sub(r"[^a-z0-9` ]", "", page.lower())
    assert [alias for names in ALIASES.values() for alias in names if f"`{alias}`" not in plain] == []
    assert [method for method in METHODS if f"`{method}`" not in page] == []
    options = [
        option.opts[0]
        for command in (select, evaluate)
        for option in command.params
        if not getattr(option, "hidden", False)
    ]
    assert [name for name in options if name not in page] == []
    assert "93445, 383468, 84511, 378396, 171014" in page
