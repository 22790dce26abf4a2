"""Classical estimators: by hand, against numpy, against a real sample, and as unbiased over all samples."""

from __future__ import annotations

import csv
from fractions import Fraction
from itertools import combinations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from arlib.audit.sampling.estimators import Estimator, Quantile, combined, estimate
from arlib.errors import ParameterError

BOOK = [100, 250, 80, 400, 120, 310]
AUDIT = [100, 200, 80, 390, 150, 310]
POPULATION = {"items": 50, "book_value": 11_000}


def with_numpy(estimator, book, audit, *, items, book_value):
    """Point and margin as the R package jfa writes them (two-sided 95 %, t, no correction)."""
    b, a = np.array(book, float), np.array(audit, float)
    n, q = len(b), a.mean() / b.mean()
    r = np.corrcoef(b, a)[0, 1]
    slope = np.polyfit(b, a, 1)[0]
    points = {
        Estimator.DIRECT: (book_value - items * a.mean(), a.std(ddof=1)),
        Estimator.DIFFERENCE: (items * (b - a).mean(), (b - a).std(ddof=1)),
        Estimator.QUOTIENT: (
            items * (1 - q) * b.mean(),
            sqrt(a.var(ddof=1) - 2 * q * r * b.std(ddof=1) * a.std(ddof=1) + q**2 * b.var(ddof=1)),
        ),
        Estimator.REGRESSION: (
            book_value - (items * a.mean() + slope * (book_value - items * b.mean())),
            a.std(ddof=1) * sqrt(1 - r**2),
        ),
    }
    points[Estimator.RATIO] = (book_value * (1 - q), points[Estimator.QUOTIENT][1])
    point, spread = points[estimator]
    return point, t.ppf(0.975, n - 1) * items * spread / sqrt(n)


@pytest.mark.parametrize("estimator", list(Estimator))
def test_formulas_of_jfa(estimator):
    made = estimate(estimator, BOOK, AUDIT, **POPULATION)
    point, margin = with_numpy(estimator, BOOK, AUDIT, **POPULATION)

    assert float(made.point) == pytest.approx(point, rel=1e-12)
    assert made.margin(0.975, Quantile.T) == pytest.approx(margin, rel=1e-9)
    assert made.margin(0.975, Quantile.Z) < made.margin(0.975, Quantile.T)


def test_difference_by_hand():
    made = estimate(Estimator.DIFFERENCE, BOOK, AUDIT, **POPULATION)

    assert made.point == Fraction(50 * 30, 6)  # differences 0, 50, 0, 10, -30, 0
    assert made.standard_error == pytest.approx(50 * sqrt((3500 - 150) / 5 / 6))


def test_quotient_is_the_difference_estimate_and_ratio_is_not():
    """jfa's 'quotient' scales by the sample's mean book value, which takes the ratio out again; Cochran's ratio does not."""
    quotient, difference, ratio = (
        estimate(e, BOOK, AUDIT, **POPULATION).point
        for e in (Estimator.QUOTIENT, Estimator.DIFFERENCE, Estimator.RATIO)
    )

    assert quotient == difference
    assert ratio == Fraction(11_000 * 30, 1260)


def test_finite_population_correction():
    plain = estimate(Estimator.DIFFERENCE, BOOK, AUDIT, **POPULATION)
    less = estimate(Estimator.DIFFERENCE, BOOK, AUDIT, **POPULATION, has_correction=True)

    assert less.standard_error == pytest.approx(plain.standard_error * sqrt(1 - 6 / 50))
    assert less.point == plain.point


@pytest.mark.parametrize("estimator", list(Estimator))
def test_a_full_count_is_exact(estimator):
    made = estimate(estimator, BOOK, AUDIT, items=6, book_value=sum(BOOK))

    assert (made.point, made.standard_error, made.margin(0.95, Quantile.T)) == (30, 0.0, 0.0)


@pytest.mark.parametrize("estimator", [Estimator.DIRECT, Estimator.DIFFERENCE])
def test_unbiased_over_all_samples(estimator):
    samples = list(combinations(range(6), 3))
    points = [
        estimate(estimator, [BOOK[i] for i in s], [AUDIT[i] for i in s], items=6, book_value=sum(BOOK)).point
        for s in samples
    ]

    assert sum(points, Fraction(0)) / len(points) == 30


@given(
    st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 10**9)), min_size=3, max_size=12),
    st.integers(20, 10**5),
)
def test_scale_and_sign(pairs, items):
    """Ten times the money is ten times the estimate; swapping book and audit turns the difference round."""
    book, audit = [b for b, _ in pairs], [a for _, a in pairs]
    once = estimate(Estimator.DIFFERENCE, book, audit, items=items, book_value=10**12)
    tenfold = estimate(
        Estimator.DIFFERENCE, [10 * b for b in book], [10 * a for a in audit], items=items, book_value=10**13
    )
    swapped = estimate(Estimator.DIFFERENCE, audit, book, items=items, book_value=10**12)

    assert tenfold.point == 10 * once.point
    assert tenfold.standard_error == pytest.approx(10 * once.standard_error, rel=1e-9)
    assert swapped.point == -once.point


def test_strata_add_up_with_satterthwaite():
    one = estimate(Estimator.DIFFERENCE, BOOK, AUDIT, **POPULATION)
    two = estimate(Estimator.DIFFERENCE, BOOK[:3], AUDIT[:3], items=20, book_value=3000)
    both = combined([one, two])
    variances = [one.standard_error**2, two.standard_error**2]

    assert both.point == one.point + two.point
    assert both.standard_error == pytest.approx(sqrt(sum(variances)))
    assert both.freedom == pytest.approx(
        sum(variances) ** 2 / (variances[0] ** 2 / 5 + variances[1] ** 2 / 2)
    )


@pytest.mark.parametrize(
    ("estimator", "book", "audit", "items"),
    [
        (Estimator.DIFFERENCE, [100], [90], 50),  # one item has no spread
        (Estimator.DIFFERENCE, [1, 2, 3], [1, 2, 3], 2),  # more than there are
        (Estimator.DIFFERENCE, [1, 2], [1], 50),
        (Estimator.RATIO, [100, -100], [0, 0], 50),
        (Estimator.REGRESSION, [100, 100], [90, 95], 50),
    ],
)
def test_no_estimate_can_be_made(estimator, book, audit, items):
    with pytest.raises(ParameterError):
        estimate(estimator, book, audit, items=items, book_value=5000)


@pytest.mark.shared
def test_accounts_receivable_sample_of_lohr(shared):
    """87 accounts worth 612,824, of which 20 were audited and 4 misstated (Higgins and Nandram 2009; Lohr 2021)."""
    with (shared / "data/audit-populations/jfa_accounts.csv").open(encoding="utf-8") as held:
        rows = [(int(r["bookValue"]), int(r["auditValue"])) for r in csv.DictReader(held)]
    book, audit = [b for b, _ in rows], [a for _, a in rows]

    assert (len(rows), sum(b != a for b, a in rows)) == (20, 4)
    for estimator in Estimator:
        made = estimate(estimator, book, audit, items=87, book_value=612_824)
        point, margin = with_numpy(estimator, book, audit, items=87, book_value=612_824)
        assert float(made.point) == pytest.approx(point, rel=1e-9)
        assert made.margin(0.975, Quantile.T) == pytest.approx(margin, rel=1e-7)
