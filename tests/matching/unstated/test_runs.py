"""Everything due over a stretch of days."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arlib.matching.unstated.runs import FEWEST, run_of

BIG = st.integers(10_000_00, 900_000_00)


def run(items, total):
    return run_of(
        total,
        rows=np.arange(len(items)),
        amounts=np.array([amount for amount, _ in items], np.int64),
        days=np.array([day for _, day in items], np.int64),
    )


@given(st.lists(st.tuples(BIG, st.integers(0, 9)), min_size=FEWEST, max_size=25), st.data())
def test_a_run_is_every_item_of_consecutive_days(items, data):
    days = sorted({day for _, day in items})
    first = data.draw(st.sampled_from(range(len(days))))
    last = data.draw(st.sampled_from(range(first, len(days))))
    inside = [at for at, (_, day) in enumerate(items) if days[first] <= day <= days[last]]
    found = run(items, sum(items[at][0] for at in inside))
    assert found in (tuple(inside), ()) or sum(items[at][0] for at in found) == sum(
        items[at][0] for at in inside
    )
    if len(inside) < FEWEST:
        assert found != tuple(inside)


def test_two_stretches_that_fit_say_nothing():
    assert run([(500_00, 1), (300_00, 1), (200_00, 2), (500_00, 3), (300_00, 3), (200_00, 4)], 1_000_00) == ()


def test_the_only_stretch():
    items = [(123_456, 1), (654_321, 1), (111_111, 2), (222_222, 3), (999_999, 4)]
    assert run(items, 654_321 + 123_456 + 111_111) == (0, 1, 2)


def test_so_many_stretches_that_one_fits_by_chance_say_nothing():
    items = [(at % 5 + 1, at) for at in range(80)]
    assert run(items, 9) == ()


def test_none():
    assert run([], 5) == ()
    assert run([(1, 1)], 1) == ()
