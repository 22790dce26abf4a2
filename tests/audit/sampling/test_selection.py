"""Draws: published selections exactly, equal chances, the certainty stratum, strata and allocation."""

from __future__ import annotations

import hashlib
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.audit.sampling.allocation import Allocation, allocated
from arlib.audit.sampling.design import Design, HighValue, Units
from arlib.audit.sampling.draws import Stream
from arlib.audit.sampling.frames_select import How, Part
from arlib.audit.sampling.hits import cell_units, interval_units
from arlib.audit.sampling.population import population
from arlib.audit.sampling.selection import exact_text, select
from arlib.errors import ParameterError

LETTERS = "ABCDEFGHIJ"
BY_ITEM, NONE = Units.ITEMS, HighValue.NONE


def listed(values, strata=None, currency="JPY"):
    ids = list(LETTERS[: len(values)]) if len(values) <= 10 else [f"I{i:05d}" for i in range(len(values))]
    frame = pd.DataFrame({"item_id": ids, "book_value": pd.array(values, dtype="Int64")})
    return population(frame if strata is None else frame.assign(stratum=strata), currency=currency)


def drawn(values, seed="s", strata=None, sizes=None, **design):
    return select(listed(values, strata), design=Design(**design), seed=seed, sizes=sizes)


def ids(selection):
    return "".join(selection.items["item_id"])


class TestPublished:
    def test_items_by_interval_p31(self):
        """Touw and Hoogduin p. 31: two of five, start 1.2, interval 2.5: places 1.2 and 3.7 rounded up."""
        assert ids(drawn([700, 750, 1000, 900, 6000], units=BY_ITEM, size=2, start=Fraction("1.2"))) == "BD"

    def test_money_by_interval_p34(self):
        """p. 34: five of 45, start 2: units 2, 11, 20, 29, 38; the item worth nothing (E) is never hit."""
        made = drawn([7, 3, 4, 9, 0, 1, 8, 2, 6, 5], size=5, start=Fraction(2), high_value=NONE)

        assert ids(made) == "ACDGI"
        assert made.items["units"].tolist() == ["2", "11", "20", "29", "38"]

    def test_certainty_first_gives_the_same_items_here(self):
        made = drawn([7, 3, 4, 9, 0, 1, 8, 2, 6, 5], size=5, start=Fraction(2))

        assert made.items["how"].tolist() == ["certainty", *["interval"] * 4]
        assert sorted(ids(made)) == list("ACDGI")


class TestGenerator:
    def test_vector(self):
        """What docs/sampling.md prints; worked out here once more by hand."""
        stream = Stream(seed="2026", population_sha256="0" * 64, name="positive")
        by_hand = [
            int(hashlib.sha256(f"2026|{'0' * 64}|positive|{n}".encode()).hexdigest(), 16) % 1_000_000 + 1
            for n in range(5)
        ]

        assert (
            [stream.number(1_000_000) for _ in range(5)]
            == by_hand
            == [93_445, 383_468, 84_511, 378_396, 171_014]
        )
        assert [d.counter for d in stream.drawn] == [0, 1, 2, 3, 4]

    def test_a_hash_above_the_last_multiple_is_passed_over(self):
        """With a range of two thirds of all hashes a third of them must be passed over."""
        stream = Stream(seed="x", population_sha256="0" * 64, name="n")
        for _ in range(60):
            stream.number((1 << 257) // 3)

        assert 75 <= stream.counter <= 120
        assert max(d.value for d in stream.drawn) <= (1 << 257) // 3

    def test_numbers_are_even(self):
        stream = Stream(seed="even", population_sha256="0" * 64, name="n")
        counts = Counter(stream.number(6) for _ in range(6000))

        assert set(counts) == set(range(1, 7))
        assert sum((c - 1000) ** 2 / 1000 for c in counts.values()) < 20.5  # chi-square, 5 degrees, 0.1 %

    @pytest.mark.parametrize(("size", "upto"), [(0, 5), (3, 100), (70, 100), (100, 100)])
    def test_distinct(self, size, upto):
        made = Stream(seed="x", population_sha256="0" * 64, name="n").distinct(size, upto)

        assert len(made) == len(set(made)) == size
        assert all(1 <= number <= upto for number in made)

    @pytest.mark.parametrize("seed", ["", "  ", "a\nb", "x" * 201])
    def test_no_seed_no_draw(self, seed):
        with pytest.raises(ParameterError, match="seed"):
            drawn([1, 2, 3], seed=seed, size=1)

    def test_same_seed_same_sample_other_seed_other_sample(self):
        values = list(range(1, 400))
        made = [drawn(values, seed=s, size=20, method=How.RANDOM) for s in ("a", "a", "b")]

        pd.testing.assert_frame_equal(made[0].items, made[1].items)
        assert set(made[0].items["item_id"]) != set(made[2].items["item_id"])


class TestChances:
    @given(
        st.lists(st.integers(0, 30), min_size=1, max_size=12).filter(any),
        st.integers(1, 9),
        st.integers(1, 4),
    )
    def test_every_monetary_unit_has_the_same_chance(self, values, above, below):
        """Over all starts of an interval each unit is hit equally often: as often as its item is worth."""
        total, interval = sum(values), Fraction(above, below)
        hits = Counter()
        stream = Stream(seed="s", population_sha256="0" * 64, name="n")
        for step in range(1, interval.numerator + 1):
            units, _ = interval_units(
                total, interval, start=Fraction(step, interval.denominator), stream=stream
            )
            hits.update(units)
        assert set(hits.values()) == {interval.denominator}
        assert set(hits) == set(range(1, total + 1))

    def test_intervals_are_kept(self):
        made = drawn(list(range(1, 200)), interval=Fraction(333), high_value=NONE)
        units = [int(u) for text in made.items["units"] for u in text.split(";")]

        assert {b - a for a, b in pairwise(units)} == {333}
        assert 0 < units[0] <= 333

    def test_cells_have_one_unit_each(self):
        made = drawn([50] * 100, size=20, method=How.CELL)
        units = sorted(int(u) for text in made.items["units"] for u in text.split(";"))

        assert [(u - 1) // 250 for u in units] == list(range(20))
        assert len({(u - 1) % 250 for u in units}) > 5

    def test_a_last_cell_that_is_cut_is_hit_as_often_as_it_is_long(self):
        """45 units in cells of 20: two hits, and a third in a quarter of the draws; never beyond the last unit."""
        streams = [Stream(seed=f"s{n}", population_sha256="0" * 64, name="n") for n in range(400)]
        made = [cell_units(45, Fraction(20), stream=stream) for stream in streams]
        counts = Counter(map(len, made))

        assert max(map(max, made)) <= 45
        assert set(counts) == {2, 3}
        assert 70 <= counts[3] <= 130

    def test_random_by_item_is_without_replacement(self):
        made = drawn([5] * 30, units=BY_ITEM, size=30, method=How.RANDOM)

        assert sorted(made.items["item_id"]) == [f"I{i:05d}" for i in range(30)]
        assert set(made.items["hits"]) == {1}

    def test_an_item_above_the_interval_is_hit_as_often_as_it_is_worth(self):
        made = drawn([10, 100, 10], interval=Fraction(20), start=Fraction(5), high_value=NONE)
        big = made.items[made.items["item_id"].eq("B")].iloc[0]

        assert big["hits"] == 5
        assert big["units"] == "25;45;65;85;105"


class TestCertainty:
    def test_given_interval_stays(self):
        made = drawn([100, 4999, 5000, 9000, 200] * 3, interval=Fraction(5000))
        strata = made.strata.set_index("part")

        assert strata.loc["high_value", ["items", "book_value"]].tolist() == [6, 42000]
        assert strata.loc["positive", "interval"] == "5000"

    def test_size_is_shared_until_no_item_reaches_the_interval(self):
        """1000 of 1500 is taken first; then 300 reaches 500/4... and the rest is drawn with what is left."""
        made = drawn([1000, 300, 50, 50, 50, 50], size=5)
        strata = made.strata.set_index("part")
        interval = Fraction(strata.loc["positive", "interval"])

        assert strata.loc["high_value", "items"] == 2
        assert interval == Fraction(200, 3)
        assert all(v < interval for v in [50])
        assert strata["hits"].sum() == 5

    def test_an_amount_comes_on_top(self):
        made = drawn([100] * 50 + [1000, 2000], units=BY_ITEM, size=10, method=How.RANDOM, high_value=1000)

        assert made.items["how"].value_counts().to_dict() == {"random": 10, "certainty": 2}

    def test_size_at_or_above_all_takes_all(self):
        made = drawn([5, 6, 7], size=10)

        assert made.items["how"].tolist() == ["certainty"] * 3


class TestZeroAndCredit:
    def test_they_are_strata_of_their_own_and_never_dropped(self):
        made = drawn([100, 0, -50, 200, 0, -70], size=2, credit_size=1, zero_size=5)
        strata = made.strata.set_index("part")

        assert strata["items"].sum() == 6
        assert strata["book_value"].sum() == 180
        assert strata.loc["credit", "hits"] == 1
        assert strata.loc["zero", ["hits", "how"]].tolist() == [2, "certainty"]
        assert all(identity.holds for identity in made.identities)

    def test_unselected_ones_are_listed(self):
        made = drawn([100, 0, -50], size=1)

        assert made.strata.set_index("part").loc[["zero", "credit"], "hits"].tolist() == [0, 0]
        assert set(made.items["part"]) == {Part.HIGH_VALUE.value}

    def test_a_population_of_credits_alone(self):
        made = drawn([-1, -2], size=1, credit_size=2)

        assert len(made.items) == 2


class TestStrata:
    VALUES, NAMES = [100] * 30 + [1000] * 10, ["s"] * 30 + ["l"] * 10

    def test_one_interval_serves_all_strata(self):
        made = drawn(self.VALUES, strata=self.NAMES, interval=Fraction(1300))
        strata = made.strata.set_index("stratum")

        assert strata.loc["l", "hits"] in (7, 8)
        assert strata.loc["s", "hits"] in (2, 3)
        assert len(made.draws) == 2  # each stratum has a start of its own

    def test_sizes_by_stratum(self):
        made = drawn(
            self.VALUES, strata=self.NAMES, units=BY_ITEM, method=How.RANDOM, size=1, sizes={"s": 7, "l": 4}
        )

        assert made.items["stratum"].value_counts().to_dict() == {"s": 7, "l": 4}

    @pytest.mark.parametrize("sizes", [None, {"s": 1}, {"s": 1, "l": 1, "x": 1}])
    def test_sizes_must_fit(self, sizes):
        with pytest.raises(ParameterError, match="strata"):
            drawn(self.VALUES, strata=self.NAMES, size=5, sizes=sizes)

    def test_allocations(self):
        items, values = {"l": 10, "s": 30}, {"l": 10_000, "s": 3_000}

        assert allocated(8, by=Allocation.EQUAL, items=items, values=values) == {"l": 4, "s": 4}
        assert allocated(8, by=Allocation.ITEMS, items=items, values=values) == {"l": 2, "s": 6}
        assert allocated(13, by=Allocation.VALUE, items=items, values=values) == {"l": 10, "s": 3}
        neyman = allocated(
            10,
            by=Allocation.NEYMAN,
            items=items,
            values=values,
            deviations={"l": Fraction(9), "s": Fraction(1)},
        )
        assert neyman == {"l": 8, "s": 2}  # 90 to 30: 7.5 and 2.5, the tie to the first

    @given(
        st.dictionaries(
            st.sampled_from("abcdef"), st.tuples(st.integers(1, 50), st.integers(0, 10**9)), min_size=1
        ),
        st.data(),
    )
    def test_allocations_add_up_within_what_there_is(self, strata, data):
        items, values = {k: n for k, (n, _) in strata.items()}, {k: v for k, (_, v) in strata.items()}
        size = data.draw(st.integers(len(items), sum(items.values())))
        by = data.draw(st.sampled_from([Allocation.EQUAL, Allocation.ITEMS, Allocation.VALUE]))
        made = allocated(size, by=by, items=items, values=values)

        assert sum(made.values()) == size
        assert all(1 <= made[name] <= items[name] for name in items)

    def test_neyman_needs_deviations_and_sizes_must_be_possible(self):
        with pytest.raises(ParameterError, match="Neyman"):
            allocated(5, by=Allocation.NEYMAN, items={"a": 10}, values={"a": 1}, deviations={})
        with pytest.raises(ParameterError, match="size"):
            allocated(11, by=Allocation.ITEMS, items={"a": 10}, values={"a": 1})


@pytest.mark.parametrize(
    "design",
    [
        {}, {"size": 1, "interval": Fraction(5)}, {"size": 0}, {"interval": Fraction(0)}, {"units": BY_ITEM, "interval": Fraction(1, 2)},
        {"method": How.RANDOM, "interval": Fraction(5)}, {"method": How.CELL, "size": 2, "start": Fraction(1)},
        {"method": How.CERTAINTY, "size": 2}, {"size": 2, "high_value": 0}, {"size": 2, "credit_size": -1},
    ],
)  # fmt: skip
def test_designs_that_contradict_themselves(design):
    with pytest.raises(ParameterError):
        Design(**design)


def test_start_and_size_beyond_what_there_is():
    with pytest.raises(ParameterError, match="start"):
        drawn([10, 10], interval=Fraction(5), start=Fraction(6), high_value=NONE)
    with pytest.raises(ParameterError, match="size"):
        drawn([10, 10], units=BY_ITEM, size=3, method=How.RANDOM)
    with pytest.raises(ParameterError, match="book value"):
        drawn([9 * 10**18, 9 * 10**18], size=1)
    with pytest.raises(ParameterError, match="interval"):
        drawn([10**9, 10**9], interval=Fraction(1), high_value=NONE)


@pytest.mark.parametrize(
    ("value", "text"),
    [("5/2", "2.5"), ("1/3", "1/3"), ("7883", "7883"), ("-1/8", "-0.125"), ("1/20", "0.05")],
)
def test_exact_numbers_as_text(value, text):
    assert exact_text(Fraction(value)) == text
