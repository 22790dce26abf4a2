"""The search for sets of items, against brute force."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.matching.unstated.ways import CLEAR, NOTHING, ways_of

ITEM = st.tuples(st.integers(-300, 900).filter(bool), st.integers(0, 4), st.floats(0.02, 0.95))


def search(items, total, **given_):
    items = sorted(items, key=lambda item: item[1])
    amounts, dues, chance = (
        np.array([item[at] for item in items], kind)
        for at, kind in ((0, np.int64), (1, np.int64), (2, float))
    )
    options = {"whole_share": 0.5, "states": 50_000, "most": 5000} | given_
    return items, ways_of(
        total, rows=np.arange(len(items)), amounts=amounts, due_days=dues, chance=chance, **options
    )


def brute(items, total):
    sets = (
        pick for size in range(len(items) + 1) for pick in itertools.combinations(range(len(items)), size)
    )
    return {pick for pick in sets if sum(items[at][0] for at in pick) == total}


@given(st.lists(ITEM, min_size=1, max_size=9), st.data())
def test_a_small_pool_is_searched_whole(items, data):
    picked = data.draw(st.lists(st.sampled_from(range(len(items))), min_size=1, unique=True))
    total = sum(items[at][0] for at in picked)
    items, ways = search(items, total)
    assert ways.is_complete
    assert {way.rows for way in ways.found} == brute(items, total)
    assert [way.cost for way in ways.found] == sorted(way.cost for way in ways.found)


@given(st.lists(ITEM, min_size=15, max_size=18), st.data())
def test_a_large_pool_misses_nothing_that_is_nearly_as_likely(items, data):
    picked = data.draw(st.lists(st.sampled_from(range(len(items))), min_size=1, max_size=4, unique=True))
    total = sum(items[at][0] for at in picked)
    items, ways = search(items, total)
    every, all_of = search(items, total, states=10**6)[1], brute(items, total)
    assert {way.rows for way in ways.found} <= all_of
    if ways.is_complete and ways.found:
        costs = {way.rows: way.cost for way in every.found}
        near = {rows for rows, cost in costs.items() if cost < ways.found[0].cost + CLEAR}
        assert near <= {way.rows for way in ways.found}
    if ways.is_complete and not ways.found:
        assert not all_of


def test_a_search_cut_short_says_so():
    items = [(100 + at, at, 0.5) for at in range(24)]
    _, ways = search(items, 1300, states=50)
    assert not ways.is_complete


def test_a_pool_where_chance_alone_fits_is_not_searched():
    items = [(1000 + at % 7, at // 8, 0.5) for at in range(60)]
    _, ways = search(items, 30_000)
    assert ways.found == ()
    assert not ways.is_complete


def test_rows_outside_the_window_are_known_to_be_missing():
    items = [(7, at, 0.3) for at in range(20)] + [(500, 30, 0.29)]
    _, ways = search(items, 500, window=20)
    assert not ways.is_complete


def test_the_likelier_of_two_ways_comes_first_and_the_margin_is_their_odds():
    items = [(500, 1, 0.9), (500, 2, 0.2)]
    _, ways = search(items, 500)
    assert [way.rows for way in ways.found] == [(0,), (1,)]
    assert ways.margin == pytest.approx(math.log(0.9 * 0.8 / (0.1 * 0.2)))


def test_a_whole_due_date_is_likelier_than_as_many_items_of_several():
    items = [(100, 1, 0.4), (200, 1, 0.4), (300, 2, 0.4), (250, 2, 0.4), (50, 3, 0.4)]
    _, ways = search(items, 300, whole_share=0.8)
    whole = next(way.cost for way in ways.found if way.rows == (0, 1))
    mixed = next(way.cost for way in ways.found if way.rows == (3, 4))
    assert whole < mixed


def test_nothing_to_search():
    assert ways_of(5, rows=np.zeros(0, np.int64), amounts=np.zeros(0, np.int64), due_days=np.zeros(0, np.int64),
                   chance=np.zeros(0), whole_share=0.5, states=100) is NOTHING  # fmt: skip
    assert NOTHING.margin == -1.0
