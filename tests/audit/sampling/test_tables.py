"""The published tables, all cells, against the copies beside the checkout and against scipy."""

from __future__ import annotations

import csv
from fractions import Fraction

import pytest
from scipy import special, stats

from arlib.audit.sampling.attributes import rounded_factor
from arlib.audit.sampling.tables import Published, published

FIVE = Fraction(5, 100)


def cells(which, risk=FIVE):
    _, frame = published(which, risk=risk)
    return {tuple(Fraction(str(value)) for value in row) for row in frame.itertuples(index=False)}


def printed(shared, name):
    with (shared / "reference" / "tables" / name).open(encoding="utf-8", newline="") as file:
        return [tuple(Fraction(cell) for cell in row) for row in list(csv.reader(file))[1:]]


@pytest.mark.shared
def test_aicpa_a1_all_194_cells(shared):
    wanted = printed(shared, "aicpa_a1.csv")
    assert len(wanted) == 194
    assert set(wanted) == cells(Published.SIZES)


@pytest.mark.shared
def test_aicpa_c1_all_66_cells(shared):
    wanted = printed(shared, "c1_5pct.csv")
    assert len(wanted) == 66
    assert set(wanted) == cells(Published.MONETARY)


@pytest.mark.shared
def test_aicpa_a3_all_42_cells(shared):
    wanted = printed(shared, "a3_5pct.csv")
    assert len(wanted) == 42
    assert set(wanted) <= cells(Published.LIMITS)


@pytest.mark.shared
def test_poisson_factors_all_rows(shared):
    with (shared / "reference" / "tables" / "poisson_factors.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        risk, errors, places = Fraction(row["risk_pct"]) / 100, int(row["errors"]), int(row["places"])
        if row["rounding"] == "nearest":
            assert f"{stats.gamma.ppf(1 - float(risk), errors + 1):.{places}f}" == row["factor"]
            _, frame = published(Published.FACTORS, risk=risk)
            assert f"{float(frame['factor'][errors]):.{places}f}" == row["factor"]
        else:
            assert f"{float(rounded_factor(errors, risk)):.{places}f}" == row["factor"]


# two rows of A-1 and of C-1, and a line of A-3, so that the tables are held without the copies too
A1 = {
    5: (59, 93, 93, 93, 93, 124, 124, 153, 181, 208, 234, 286, 361, 458, 624, 877, 1348),
    10: (29, 46, 46, 46, 46, 46, 46, 46, 46, 61, 61, 61, 61, 61, 76, 76, 89, 116, 179, 298, 649),
}


@pytest.mark.parametrize("tolerable", list(A1))
def test_rows_of_a1(tolerable):
    _, frame = published(Published.SIZES, risk=FIVE)
    assert tuple(frame[frame["tolerable_pct"] == str(tolerable)]["sample_size"]) == A1[tolerable]


def test_a1_by_a_second_method():
    """scipy's distribution with exact products, size by size."""
    _, frame = published(Published.SIZES, risk=FIVE)
    for row in frame.itertuples(index=False):
        m, e, n = Fraction(row.tolerable_pct) / 100, Fraction(row.expected_pct) / 100, int(row.sample_size)
        x = -(-e.numerator * n // e.denominator) if e else 0
        before = -(-e.numerator * (n - 1) // e.denominator) if e else 0
        assert x == row.expected_deviations
        assert stats.binom.cdf(x, n, float(m)) <= 0.05 < stats.binom.cdf(before, n - 1, float(m))


def test_rows_of_c1_and_a3():
    _, frame = published(Published.MONETARY, risk=FIVE)
    half = frame[frame["expected_to_tolerable"] == "0.5"]["sample_size"]
    assert tuple(half) == (24, 39, 116, 145, 193, 231, 289, 385, 577, 1154, 2308)
    for row in frame.itertuples(index=False):
        m, r, n = float(row.tolerable_pct) / 100, float(row.expected_to_tolerable), int(row.sample_size)
        assert (
            special.gammaincc(1 + r * m * n, m * n)
            <= 0.05
            < special.gammaincc(1 + r * m * (n - 1), m * (n - 1))
        )
    _, frame = published(Published.LIMITS, risk=FIVE)
    line = frame[frame["sample_size"] == 60]["upper_limit_pct"]
    assert tuple(line)[:6] == ("4.9", "7.7", "10.2", "12.5", "14.7", "16.8")


def test_a3_is_rounded_up_and_not_to_the_nearest():
    _, frame = published(Published.LIMITS, risk=FIVE)
    six = frame[frame["sample_size"].isin([20, 25, 40, 60, 100, 200, 500]) & (frame["deviations"] <= 5)]
    nearest = [
        f"{100 * stats.beta.ppf(0.95, x + 1, n - x):.1f}"
        for n, x in zip(six["sample_size"], six["deviations"], strict=True)
    ]
    assert sum(a != b for a, b in zip(nearest, six["upper_limit_pct"], strict=True)) == 24


def test_factors_by_ratio():
    _, frame = published(Published.RATIOS, risk=FIVE)
    assert [f"{float(text):.4f}" for text in frame["factor"]] == [
        "2.9957",
        "3.6750",
        "4.6202",
        "5.9902",
        "8.0864",
        "11.5368",
    ]
    _, frame = published(Published.RATIOS, risk=Fraction(1, 10))
    assert [f"{float(text):.4f}" for text in frame["factor"]][2:] == ["3.4085", "4.3278", "5.7188", "7.9818"]


def test_tables_at_ten_percent_are_those_of_the_guide_where_it_is_right():
    _, frame = published(Published.SIZES, risk=Fraction(1, 10))
    cell = frame.set_index(["tolerable_pct", "expected_pct"])["sample_size"]
    assert cell["8", "7"] == 1300  # 1313 by floats
    assert (cell["7", "3.25"], cell["7", "3.5"]) == (113, 113)  # the guide prints 112, which passes the risk
