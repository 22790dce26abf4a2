"""Evaluation: the textbook to the cent, sides, parts, conclusions, warnings, and sums that tie."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.audit.sampling.conclusions import Conclusion
from arlib.audit.sampling.design import Units
from arlib.audit.sampling.evaluate import Stratum, evaluate
from arlib.audit.sampling.frames_evaluate import AUDITED
from arlib.audit.sampling.frames_select import Part
from arlib.audit.sampling.misstatements import with_not_found
from arlib.audit.sampling.stringer import Distribution, Factors
from arlib.audit.sampling.terms import Bound, Combination, Count, Direction, Netting, Projection, Terms
from arlib.errors import ParameterError

INTERVAL = Fraction(500_000)


def audited(*rows, part="positive", stratum=""):
    """Rows of (id, book, audit) or (id, book, audit, hits) or with part and stratum, in whole dollars."""
    made = []
    for item, book, audit, *more in rows:
        hits, where, name = [*more, *(1, part, stratum)[len(more) :]]
        made.append(
            {"item_id": item, "stratum": name, "part": where, "currency": "USD", "book_value": round(book * 100),
             "audit_value": None if audit is None else round(audit * 100), "hits": hits, "is_found": True}
        )  # fmt: skip
    return with_not_found(AUDITED.from_rows(made))


def clean(count, book=100.0, **more):
    return [(f"ok{i:03d}", book, book, *more.values()) for i in range(count)]


def positive(items=1000, book=30_000_000, interval=None, stratum=""):
    return Stratum(stratum=stratum, part=Part.POSITIVE, items=items, book=book, interval=interval)


def terms(**more):
    return Terms(**{"confidence": Fraction(95, 100), "tolerable": 1_500_000, **more})


TEXTBOOK = [("a", 400, 320), ("b", 500, 0), ("c", 6000, 2500, 1, "high_value"), *clean(57)]
TEXTBOOK_STRATA = [
    positive(book=29_400_000, interval=INTERVAL),
    Stratum(stratum="", part=Part.HIGH_VALUE, items=1, book=600_000),
]


class TestTextbook:
    @pytest.mark.parametrize(("factors", "upper"), [(Factors.ROUNDED, 2_880_000), (Factors.EXACT, 2_877_125)])
    def test_upper_limit_on_misstatement(self, factors, upper):
        made = evaluate(audited(*TEXTBOOK), TEXTBOOK_STRATA, currency="USD", terms=terms(factors=factors))

        assert made.most_likely == 950_000
        assert made.upper == upper
        assert made.conclusion is Conclusion.REJECT
        assert "does not support" in made.words

    def test_each_error_has_its_row(self):
        made = evaluate(
            audited(*TEXTBOOK), TEXTBOOK_STRATA, currency="USD", terms=terms(factors=Factors.ROUNDED)
        )
        rows = made.errors.set_index("item_id")

        assert rows["projected"].to_dict() == {"a": 100_000, "b": 500_000, "c": 350_000}
        assert rows.loc[["b", "a"], "rank"].tolist() == [1, 2]
        assert rows.loc[["b", "a"], "factor"].tolist() == ["4.75", "6.3"]
        assert rows.loc[["b", "a"], "incremental"].tolist() == [375_000, 55_000]
        assert rows.loc["a", "taint"] == "0.2"
        assert rows["factor"].isna()["c"]
        basic = made.parts.set_index("part").loc["positive", "basic"]
        assert basic == 1_500_000
        assert basic + rows["projected"].sum() + rows["incremental"].sum() == made.upper

    def test_a_high_value_item_has_no_factor(self):
        """The same error below the interval costs more than twice as much."""
        high = evaluate(audited(*TEXTBOOK), TEXTBOOK_STRATA, currency="USD", terms=terms())
        low = [("c", 4999, 1499) if row[0] == "c" else row for row in TEXTBOOK]
        under = evaluate(
            audited(*low), [positive(book=29_400_000, interval=INTERVAL)], currency="USD", terms=terms()
        )

        assert under.upper > high.upper


class TestSides:
    ROWS = (("over", 100, 40), ("under", 100, 150), *clean(58))

    def test_most_likely_is_net_and_the_upper_limit_gross(self):
        made = evaluate(audited(*self.ROWS), [positive(book=600_000)], currency="USD", terms=terms())
        without = evaluate(
            audited(self.ROWS[0], ("z", 100, 100), *clean(58)),
            [positive(book=600_000)],
            currency="USD",
            terms=terms(),
        )

        assert (made.over_most_likely, made.under_most_likely, made.most_likely) == (6_000, 5_000, 1_000)
        assert made.upper == without.upper
        assert any("understatements" in w for w in made.warnings)

    def test_netted_by_name_as_leslie_teitlebaum_and_anderson(self):
        """jfa's test: 60 units, three over- and three understatements of 60 % and 50 %: 0.06899349."""
        rows = [(f"o{i}", 100, 40) for i in range(3)] + [(f"u{i}", 100, 150) for i in range(3)] + clean(54)
        made = evaluate(
            audited(*rows), [positive(book=10**12)], currency="USD",
            terms=terms(netting=Netting.LESS_MOST_LIKELY, distribution=Distribution.BINOMIAL),
        )  # fmt: skip

        assert round(made.upper_exact / 10**12, 8) == Decimal("0.06899349")

    def test_each_side_is_the_mirror_of_the_other(self):
        over = evaluate(audited(*self.ROWS), [positive(book=600_000)], currency="USD", terms=terms())
        turned = [(i, b, 2 * b - a) for i, b, a in self.ROWS]
        under = evaluate(audited(*turned), [positive(book=600_000)], currency="USD", terms=terms())

        assert (under.most_likely, under.upper, under.lower) == (-over.most_likely, -over.lower, -over.upper)


class TestOtherBounds:
    ROWS = (("a", 100, 50), ("b", 100, 80), *clean(143))

    @pytest.mark.parametrize(
        ("method", "rate"), [(Bound.BINOMIAL, ".04278054"), (Bound.POISSON, ".04341927")]
    )
    def test_errors_counted_whole(self, method, rate):
        """Touw and Hoogduin p. 137: two errors in 145; Poisson: 6.29579 / 145."""
        made = evaluate(audited(*self.ROWS), [positive()], currency="USD", terms=terms(method=method))

        assert round(made.upper_exact / 30_000_000, 8) == Decimal(rate)

    @pytest.mark.parametrize("method", [Bound.BINOMIAL, Bound.POISSON])
    def test_taints_added_up_are_a_choice_by_name_and_lower(self, method):
        from scipy.stats import beta, gamma

        made = evaluate(
            audited(*self.ROWS), [positive()], currency="USD", terms=terms(method=method, count=Count.TAINTS)
        )
        expected = gamma.ppf(0.95, 1.7) / 145 if method is Bound.POISSON else beta.ppf(0.95, 1.7, 144.3)

        assert float(made.upper_exact) / 30_000_000 == pytest.approx(expected, rel=1e-10)
        assert made.conventions["count"] == "taints"

    def test_moment_is_of_the_net(self):
        rows = [("a", 100, 116), ("b", 100, 96), ("c", 100, 82), ("d", 100, 53), *clean(96)]
        made = evaluate(audited(*rows), [positive()], currency="USD", terms=terms(method=Bound.MOMENT))

        assert float(made.upper_exact) / 300_000 == pytest.approx(2.3934, abs=5e-5)

    def test_hits_count_as_often_as_an_item_was_hit(self):
        once = evaluate(
            audited(("a", 100, 50), ("b", 100, 50), *clean(58)), [positive()], currency="USD", terms=terms()
        )
        twice = evaluate(audited(("a", 100, 50, 2), *clean(58)), [positive()], currency="USD", terms=terms())

        assert twice.upper == once.upper
        assert len(twice.errors) == 2

    def test_projection_by_rate_and_by_interval(self):
        """A random start gave one hit less than value / interval: the rate scales up to the value, the interval does not."""
        rows = audited(("a", 100, 50), *clean(58))
        strata = [positive(book=30_000_000, interval=INTERVAL)]
        by_interval = evaluate(rows, strata, currency="USD", terms=terms())
        by_rate = evaluate(rows, strata, currency="USD", terms=terms(projection=Projection.RATE))

        assert by_interval.most_likely == 250_000
        assert by_rate.most_likely == round(30_000_000 / 59 / 2)


class TestPartsApart:
    STRATA = (
        positive(items=58, book=580_000), Stratum(stratum="", part=Part.ZERO, items=3, book=0),
        Stratum(stratum="", part=Part.CREDIT, items=10, book=-50_000),
    )  # fmt: skip

    def test_credits_and_zeros_are_evaluated_by_item(self):
        rows = [
            *clean(58),
            ("z", 0, -20, 1, "zero"),
            ("c1", -100, -150, 1, "credit"),
            ("c2", -50, -50, 1, "credit"),
        ]
        made = evaluate(audited(*rows), self.STRATA, currency="USD", terms=terms())
        parts = made.parts.set_index("part")

        assert parts.loc["zero", "over_projected"] == 6_000  # 20 dollars of one of three
        assert (
            parts.loc["credit", "over_projected"] == 25_000
        )  # the credit is 50 dollars larger, for two of ten
        assert made.most_likely == 31_000
        assert any("without an allowance" in w for w in made.warnings)

    def test_what_was_not_examined_is_said(self):
        made = evaluate(audited(*clean(58)), self.STRATA, currency="USD", terms=terms())

        assert made.parts.set_index("part")["how"].to_dict()["credit"] == "not examined"
        assert [w for w in made.warnings if "were not examined" in w] == [
            "3 zero items (0.00 USD) were not examined: nothing is said of them",
            "10 credit items (-500.00 USD) were not examined: nothing is said of them",
        ]

    def test_examined_in_full_is_what_was_found(self):
        rows = [*clean(58), *((f"c{i}", -50, -49, 1, "credit") for i in range(10))]
        made = evaluate(audited(*rows), self.STRATA, currency="USD", terms=terms())

        assert made.most_likely == -1_000
        assert made.parts.set_index("part").loc["credit", "how"] == "examined in full"


class TestNotFound:
    def test_an_item_not_found_is_misstated_in_full(self):
        made = evaluate(audited(("a", 100, None), *clean(59)), [positive()], currency="USD", terms=terms())
        same = evaluate(audited(("a", 100, 0), *clean(59)), [positive()], currency="USD", terms=terms())

        assert made.upper == same.upper
        assert made.errors["is_found"].tolist() == [False]
        assert any("not found" in w for w in made.warnings)
        assert not same.warnings


class TestConclusions:
    def test_within_is_accepted(self):
        made = evaluate(
            audited(*clean(60)),
            [positive(interval=INTERVAL)],
            currency="USD",
            terms=terms(tolerable=1_500_000),
        )

        assert (made.upper, made.conclusion) == (1_497_866, Conclusion.ACCEPT)

    def test_the_rounded_factor_is_just_tolerable(self):
        """Planned with 3.00: a clean sample's limit is the tolerable amount itself, and accepts."""
        made = evaluate(
            audited(*clean(60)),
            [positive(interval=INTERVAL)],
            currency="USD",
            terms=terms(factors=Factors.ROUNDED),
        )

        assert (made.upper, made.conclusion) == (1_500_000, Conclusion.ACCEPT)

    def test_a_most_likely_one_beyond_is_said(self):
        made = evaluate(audited(("a", 100, 0, 10), *clean(50)), [positive()], currency="USD", terms=terms())

        assert made.conclusion is Conclusion.REJECT
        assert "alone is beyond" in made.words

    def test_without_a_tolerable_amount_there_is_none(self):
        made = evaluate(audited(*clean(60)), [positive()], currency="USD", terms=terms(tolerable=None))

        assert made.conclusion is Conclusion.NOT_CONCLUSIVE

    def test_both_sides(self):
        rows = audited(("u", 100, 300), *clean(59))
        one = evaluate(rows, [positive(interval=INTERVAL)], currency="USD", terms=terms())
        both = evaluate(
            rows, [positive(interval=INTERVAL)], currency="USD", terms=terms(direction=Direction.BOTH)
        )

        assert (one.conclusion, both.conclusion) == (Conclusion.ACCEPT, Conclusion.REJECT)

    def test_two_sided_has_half_the_risk_at_each_end(self):
        rows = audited(*clean(60))
        two = evaluate(
            rows, [positive()], currency="USD", terms=terms(confidence=Fraction(90, 100), is_two_sided=True)
        )
        one = evaluate(rows, [positive()], currency="USD", terms=terms())

        assert two.upper == one.upper

    @pytest.mark.parametrize("method", [Bound.MOMENT, Bound.DIFFERENCE, Bound.RATIO, Bound.REGRESSION])
    def test_too_few_errors_cannot_accept(self, method):
        """19 errors warn and leave it open, 20 do not."""
        sizes = {}
        for count in (19, 20):
            rows = [(f"e{i:02d}", 100 + i, 99 + i) for i in range(count)] + clean(100, 150.0)
            made = evaluate(
                audited(*rows),
                [positive(items=1000, book=30_000_000)],
                currency="USD",
                terms=terms(method=method, tolerable=29_000_000),
            )
            sizes[count] = (made.conclusion, [w for w in made.warnings if "errors were found" in w])

        assert sizes[19][0] is Conclusion.NOT_CONCLUSIVE
        assert sizes[19][1]
        assert sizes[20] == (Conclusion.ACCEPT, [])

    def test_stringer_needs_no_minimum(self):
        made = evaluate(audited(*clean(60)), [positive(interval=INTERVAL)], currency="USD", terms=terms())

        assert made.warnings == ()

    def test_a_taint_above_one_warns(self):
        made = evaluate(audited(("a", 100, -50), *clean(59)), [positive()], currency="USD", terms=terms())

        assert any("above 100 %" in w for w in made.warnings)


class TestRefused:
    def test_a_method_for_another_kind_of_draw(self):
        rows = audited(*clean(60))
        with pytest.raises(ParameterError, match="drawn by item"):
            evaluate(rows, [positive()], currency="USD", terms=terms(), units=Units.ITEMS)
        with pytest.raises(ParameterError, match="drawn by money"):
            evaluate(rows, [positive()], currency="USD", terms=terms(method=Bound.RATIO), units=Units.MONEY)

    def test_items_of_no_stratum_or_too_many(self):
        with pytest.raises(ParameterError, match="does not have"):
            evaluate(audited(("a", 1, 1, 1, "positive", "x")), [positive()], currency="USD", terms=terms())
        with pytest.raises(ParameterError, match="at most"):
            evaluate(audited(*clean(5)), [positive(items=4)], currency="USD", terms=terms())

    def test_nothing_to_project_to(self):
        with pytest.raises(ParameterError, match="value to project to"):
            evaluate(audited(*clean(5)), [positive(book=None)], currency="USD", terms=terms())
        with pytest.raises(ParameterError, match="no item examined"):
            evaluate(audited(*clean(5)), [positive(), positive(stratum="b")], currency="USD", terms=terms())

    def test_a_high_value_item_left_out(self):
        strata = [positive(), Stratum(stratum="", part=Part.HIGH_VALUE, items=2, book=10**8)]
        with pytest.raises(ParameterError, match="high-value"):
            evaluate(
                audited(*clean(5), ("h", 6000, 6000, 1, "high_value")), strata, currency="USD", terms=terms()
            )

    @pytest.mark.parametrize(
        "wrong", [{"confidence": Fraction(1)}, {"confidence": Fraction(0)}, {"tolerable": 0}, {"minimum_errors": -1},
                  {"factors": Factors.ROUNDED, "distribution": Distribution.BINOMIAL}],
    )  # fmt: skip
    def test_terms_that_cannot_be(self, wrong):
        with pytest.raises(ParameterError):
            terms(**wrong)


@given(
    st.lists(
        st.tuples(st.integers(1, 5000), st.integers(0, 6000), st.integers(1, 3)), min_size=3, max_size=25
    ),
    st.sampled_from([Bound.STRINGER, Bound.POISSON, Bound.BINOMIAL, Bound.MOMENT]),
)
def test_limits_enclose_what_is_most_likely_and_sums_tie(rows, method):
    frame = audited(*((f"i{n}", book, audit, hits) for n, (book, audit, hits) in enumerate(rows)))
    made = evaluate(
        frame, [positive(items=500, book=10**9)], currency="USD", terms=terms(method=method, tolerable=10**8)
    )

    assert made.most_likely == pytest.approx(made.over_most_likely - made.under_most_likely, abs=1)
    assert all(identity.holds for identity in made.identities)
    assert made.errors["projected"].sum() == pytest.approx(
        made.over_most_likely + made.under_most_likely, abs=len(made.errors) + 2
    )
    if method is not Bound.MOMENT:
        taints = [Fraction(b - a, b) for b, a, _ in rows]
        if all(abs(t) <= 1 for t in taints):
            assert made.lower <= made.most_likely <= made.upper


def test_strata_pooled_where_the_interval_is_one_else_added():
    rows = audited(
        *((f"a{i}", 100, 100, 1, "positive", "a") for i in range(30)),
        *((f"b{i}", 100, 100, 1, "positive", "b") for i in range(30)),
    )
    same = [positive(book=15_000_000, interval=INTERVAL, stratum=s) for s in "ab"]
    pooled = evaluate(rows, same, currency="USD", terms=terms())
    added = evaluate(rows, same, currency="USD", terms=terms(combination=Combination.ADDED))
    other = evaluate(rows, [same[0], positive(book=9_000_000, stratum="b")], currency="USD", terms=terms())

    assert pooled.upper == 1_497_866
    assert added.upper == 2_995_732
    assert any("added up" in w for w in added.warnings)
    assert other.upper > pooled.upper
    with pytest.raises(ParameterError, match="same interval"):
        evaluate(
            rows,
            [same[0], positive(book=9_000_000, stratum="b")],
            currency="USD",
            terms=terms(combination=Combination.POOLED),
        )
