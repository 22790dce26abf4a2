"""Stratified and two-stage designs: each stratum by itself, unbiased over all samples, and spreads against simulation."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product
from math import sqrt

import pytest

from arlib.audit.sampling.clusters import two_stage_estimate, two_stage_selection
from arlib.audit.sampling.estimators import Estimator, combined, estimate
from arlib.audit.sampling.evaluate import Stratum, evaluate
from arlib.audit.sampling.frames_evaluate import AUDITED
from arlib.audit.sampling.frames_select import Part
from arlib.audit.sampling.terms import Bound, Terms
from arlib.errors import ParameterError

SMALL = [(100, 90), (120, 120), (80, 80), (90, 60), (110, 110)]
LARGE = [(1000, 900), (1500, 1500), (1200, 1000), (900, 900)]
CLUSTERS = {"north": [0, 10, 20], "south": [5, 5], "west": [0, 0, 40, 0], "east": [7, 0]}


def frame(small, large):
    rows = [("s", i, b, a) for i, (b, a) in enumerate(small)] + [
        ("l", i, b, a) for i, (b, a) in enumerate(large)
    ]
    return AUDITED.from_rows(
        {"item_id": f"{s}{i}", "stratum": s, "part": "positive", "currency": "USD", "book_value": b, "audit_value": a,
         "hits": 1, "is_found": True} for s, i, b, a in rows
    )  # fmt: skip


STRATA = [
    Stratum(stratum="s", part=Part.POSITIVE, items=200, book=20_000), Stratum(stratum="l", part=Part.POSITIVE, items=40, book=46_000),
]  # fmt: skip
TERMS = Terms(method=Bound.DIFFERENCE, confidence=Fraction(95, 100))


def test_each_stratum_is_projected_by_itself_then_added():
    made = evaluate(frame(SMALL, LARGE), STRATA, currency="USD", terms=TERMS)
    by_hand = 200 * Fraction(40, 5) + 40 * Fraction(300, 4)

    assert made.most_likely == by_hand == 4600
    assert made.parts.set_index("stratum")["over_projected"].to_dict() == {"s": 1600, "l": 3000}
    parts = [
        estimate(Estimator.DIFFERENCE, [b for b, _ in rows], [a for _, a in rows], items=n, book_value=v)
        for rows, n, v in ((SMALL, 200, 20_000), (LARGE, 40, 46_000))
    ]
    assert float(made.upper_exact) == pytest.approx(
        4600 + combined(parts).margin(0.95, TERMS.quantile), rel=1e-9
    )
    unstratified = estimate(
        Estimator.DIFFERENCE,
        [b for b, _ in SMALL + LARGE],
        [a for _, a in SMALL + LARGE],
        items=240,
        book_value=66_000,
    )
    assert unstratified.point != 4600


def test_a_stratum_examined_in_full_has_no_spread():
    full = [STRATA[0], Stratum(stratum="l", part=Part.POSITIVE, items=4, book=4600)]
    made = evaluate(frame(SMALL, LARGE), full, currency="USD", terms=TERMS)
    alone = evaluate(frame(SMALL, []), [STRATA[0]], currency="USD", terms=TERMS)

    assert made.precision == alone.precision
    assert made.most_likely == alone.most_likely + 300


def test_stratified_means_are_unbiased_over_all_samples():
    """Every sample of two of three in each stratum: the mean of the estimates is the truth."""
    small, large = SMALL[:3], LARGE[:3]
    strata = [
        Stratum(stratum="s", part=Part.POSITIVE, items=3, book=300), Stratum(stratum="l", part=Part.POSITIVE, items=3, book=3700),
    ]  # fmt: skip
    points = [
        evaluate(frame(s, big), strata, currency="USD", terms=TERMS).most_likely_exact
        for s, big in product(combinations(small, 2), combinations(large, 2))
    ]

    assert sum(points) / len(points) == pytest.approx(10 + 300, rel=1e-12)


class TestTwoStage:
    ITEMS = {name: len(found) for name, found in CLUSTERS.items()}  # noqa: RUF012

    def samples(self):
        """Every sample of two clusters, then two items of each: how likely it is, and its estimate."""
        for names in combinations(CLUSTERS, 2):
            choices = [list(combinations(CLUSTERS[name], 2)) for name in names]
            for found in product(*choices):
                likely = Fraction(1, 6) * Fraction(1, len(choices[0]) * len(choices[1]))
                yield (
                    likely,
                    two_stage_estimate(dict(zip(names, found, strict=True)), items=self.ITEMS, clusters=4),
                )

    def test_unbiased_in_total_and_in_variance(self):
        """Over all samples: the mean estimate is the total, the mean variance the variance of the estimates (Cochran 11.7)."""
        made = list(self.samples())
        mean = sum(likely * one.point for likely, one in made)
        variance = sum(likely * (one.point - mean) ** 2 for likely, one in made)

        assert mean == sum(map(sum, CLUSTERS.values())) == 87
        assert float(sum(float(likely) * one.standard_error**2 for likely, one in made)) == pytest.approx(
            float(variance)
        )

    def test_by_hand(self):
        made = two_stage_estimate({"north": [0, 20], "west": [0, 0, 40, 0]}, items=self.ITEMS, clusters=4)
        totals = (30, 40)
        between = sum((x - 35) ** 2 for x in totals)  # over one degree of freedom
        within = 3 * (3 - 2) / 2 * 200  # only north has a second stage: s2 = 200

        assert made.point == 4 * 35
        assert made.standard_error == pytest.approx(sqrt(4 * (4 - 2) / 2 * between + 4 / 2 * within))
        assert made.freedom == 1

    def test_all_clusters_in_full_is_the_total(self):
        made = two_stage_estimate(CLUSTERS, items=self.ITEMS, clusters=4)

        assert (made.point, made.standard_error) == (87, 0.0)

    def test_selection_is_repeatable_and_within_its_clusters(self):
        clusters = {f"c{i}": [f"c{i}-{j}" for j in range(3 + i)] for i in range(8)}
        made = [
            two_stage_selection(clusters, drawn=3, per_cluster=5, seed=seed, population_sha256="0" * 64)
            for seed in ("a", "a", "b")
        ]

        assert made[0] == made[1] != made[2]
        assert made[0].draws[0].stream == "clusters"
        for name, items in made[0].items.items():
            assert len(items) == len(set(items)) == min(5, len(clusters[name]))
            assert set(items) <= set(clusters[name])

    def test_evaluated_as_a_sample(self):
        """Rows, parts and total of a draw of two clusters of four; a cluster's projected error is twice what it stands for."""
        rows = [
            ("north", 0, 100, 100),
            ("north", 1, 100, 80),
            *(("west", i, 50, 50 - d) for i, d in enumerate(CLUSTERS["west"])),
        ]
        audited = AUDITED.from_rows(
            {"item_id": f"{s}{i}", "stratum": s, "part": "positive", "currency": "USD", "book_value": b, "audit_value": a,
             "hits": 1, "is_found": True} for s, i, b, a in rows
        )  # fmt: skip
        strata = [
            Stratum(stratum=name, part=Part.POSITIVE, items=self.ITEMS[name], book=None)
            for name in ("north", "west")
        ]
        made = evaluate(audited, strata, currency="USD", terms=TERMS, clusters=4)
        by_hand = two_stage_estimate(
            {"north": [0, 20], "west": CLUSTERS["west"]}, items=self.ITEMS, clusters=4
        )

        assert made.most_likely == by_hand.point == 140 == made.over_most_likely
        assert float(made.upper_exact) == pytest.approx(140 + by_hand.margin(0.95, TERMS.quantile), rel=1e-9)
        assert made.errors["projected"].tolist() == [60, 80]
        with pytest.raises(ParameterError, match="clusters"):
            evaluate(
                audited,
                strata,
                currency="USD",
                terms=Terms(method=Bound.RATIO, confidence=Fraction(9, 10)),
                clusters=4,
            )

    @pytest.mark.parametrize(
        ("found", "clusters"), [({"north": [1, 2]}, 4), ({"north": [1], "south": [1, 1]}, 4), ({"x": [1, 2], "south": [1, 1]}, 4),
                                ({"north": [1, 2], "south": [1, 1]}, 1)],
    )  # fmt: skip
    def test_what_has_no_spread_is_refused(self, found, clusters):
        with pytest.raises(ParameterError):
            two_stage_estimate(found, items=self.ITEMS, clusters=clusters)
