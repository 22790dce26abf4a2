"""Every answer is that of trying all subsets, whichever road the search takes, and never a guess."""

from __future__ import annotations

import contextlib
import random
from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from arlib.errors import ParameterError
from arlib.matching.combine import Status, explanations, frontier, probes, search, small, solve

ROADS = ("as built", "few", "frontier", "bits", "probes")
AMOUNTS = st.lists(
    st.one_of(
        st.integers(-6, 6), st.integers(-400, 900), st.sampled_from([0, 100, 100, -100, 1000, 2500, 10**12])
    ),
    max_size=9,
)


@contextlib.contextmanager
def road(name):
    """Send small pools down the roads that large ones take."""
    with pytest.MonkeyPatch.context() as patch:
        if name != "as built":
            patch.setattr(search, "sums_in_all", lambda limits: 0)
            patch.setattr(search, "FEW", 99 if name == "few" else -1)
        if name == "bits":
            patch.setattr(frontier, "THIN", 0)
        if name == "probes":
            patch.setattr(search, "QUICK", -1)
            patch.setattr(probes, "SMALLEST", 2)
            patch.setattr(probes, "PROMISING", 1)
        yield


def all_explanations(amounts, low, high, most=None):
    """By trying every subset of the items that are not zero."""
    places = [place for place, amount in enumerate(amounts) if amount]
    sizes = range(1, min(len(places), len(places) if most is None else most) + 1)
    return [
        c for size in sizes for c in combinations(places, size) if low <= sum(amounts[p] for p in c) <= high
    ]


@st.composite
def questions(draw):
    amounts = draw(AMOUNTS)
    picked = sum(amount for amount in amounts if draw(st.booleans()))
    total = draw(
        st.one_of(st.just(picked), st.integers(-500, 2000), st.just(picked + draw(st.integers(-4, 4))))
    )
    return (
        amounts,
        total,
        draw(st.sampled_from([0, 0, 1, 3, 60])),
        draw(st.sampled_from([None, None, 0, 1, 2, 4])),
    )


@pytest.mark.parametrize("name", ROADS)
@settings(max_examples=250, deadline=None)
@example(([], 0, 0, None))
@example(([0, 0], 0, 0, None))
@example(([5, -5], 0, 0, None))
@example(([7, 7, 7, -7], 7, 0, None))
@given(questions())
def test_as_by_trying_every_subset(name, asked):
    amounts, total, tolerance, most = asked
    exact = all_explanations(amounts, total, total, most)
    right = exact or all_explanations(amounts, total - tolerance, total + tolerance, most)

    with road(name):
        found = solve(amounts, total, tolerance=tolerance, at_most_items=most)
        everything, complete = explanations(amounts, total, tolerance=tolerance, at_most_items=most, cap=3000)
        some, all_of_them = explanations(amounts, total, tolerance=tolerance, at_most_items=most, cap=2)
        alike, _ = explanations(
            amounts, total, tolerance=tolerance, at_most_items=most, cap=3000, exact_first=False
        )

    assert found.status == (Status.NONE, Status.UNIQUE, Status.AMBIGUOUS)[min(2, len(right))]
    assert len(found.explanations) == min(2, len(right))
    assert set(found.explanations) <= set(right)
    assert found.exact == (bool(exact) or not right)
    multisets = {tuple(sorted(amounts[place] for place in each)) for each in right}
    assert found.interchangeable == (len(right) > 1 and len(multisets) == 1)
    assert complete
    assert list(everything) == right
    assert list(alike) == all_explanations(amounts, total - tolerance, total + tolerance, most)
    assert all_of_them == (len(right) <= 2)
    assert set(some) <= set(right)
    assert len(some) == min(2, len(right))


@pytest.mark.parametrize("name", ROADS)
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 60).map(lambda units: units * 100), min_size=5, max_size=9),
    st.lists(st.integers(-700, 700).filter(lambda cents: cents % 100), max_size=3),
    st.randoms(use_true_random=False),
)
def test_whole_amounts_with_a_few_in_cents(name, whole, cents, rng):
    amounts = [*whole, *cents]
    rng.shuffle(amounts)
    total = sum(amount for amount in amounts if rng.random() < 0.5)

    with road(name):
        found, complete = explanations(amounts, total, cap=5000)

    assert complete
    assert list(found) == all_explanations(amounts, total, total)


@settings(max_examples=100, deadline=None)
@given(questions(), st.randoms(use_true_random=False))
def test_order_of_the_items_changes_nothing(asked, rng):
    amounts, total, tolerance, most = asked
    order = list(range(len(amounts)))
    rng.shuffle(order)

    def seen(pool, back):
        found = solve(pool, total, tolerance=tolerance, at_most_items=most)
        listed, complete = explanations(pool, total, tolerance=tolerance, at_most_items=most, cap=3000)
        return (
            found.status,
            found.interchangeable,
            found.work,
            complete,
            {frozenset(map(back, e)) for e in listed},
        )

    assert seen(amounts, lambda place: place) == seen([amounts[p] for p in order], lambda place: order[place])


def test_a_published_pool_has_two_explanations():
    found = solve([1, -2, 3, 4, 5], 2)

    assert found.status is Status.AMBIGUOUS
    assert found.explanations == ((0, 1, 2), (1, 3))
    assert not found.interchangeable
    assert explanations([1, -2, 3, 4, 5], 2) == (((1, 3), (0, 1, 2)), True)


def test_an_exact_explanation_goes_before_those_within_the_tolerance():
    assert solve([1000, 999, 998], 1000, tolerance=2).explanations == ((0,),)
    assert solve([1000, 999, 998], 1000, tolerance=2).status is Status.UNIQUE
    near = solve([999, 998], 1000, tolerance=2)
    assert (near.status, near.exact) == (Status.AMBIGUOUS, False)
    assert solve([999, 997], 1000, tolerance=2).explanations == ((0,),)
    assert explanations([1000, 999, 998], 1000, tolerance=2, exact_first=False)[0] == ((0,), (1,), (2,))


def test_equal_amounts_are_two_items_and_said_to_be_equal():
    found = solve([300, 500, 300, 41], 800)

    assert (found.status, found.interchangeable) == (Status.AMBIGUOUS, True)
    assert found.explanations == ((0, 1), (1, 2))
    assert solve([300, 500, 300, 41], 1100).status is Status.UNIQUE
    assert not solve([300, 500, 300, 200], 800, work_limit=10**6).interchangeable


def test_nothing_explains_nothing():
    assert solve([], 0).status is Status.NONE
    assert solve([], 5, tolerance=10).status is Status.NONE
    assert solve([0, 0], 0).status is Status.NONE
    assert solve([3, 5], 0, tolerance=1).status is Status.NONE
    assert solve([3, 5], 0, tolerance=3).explanations == ((0,),)
    assert solve([0, 5, 0], 5).explanations == ((1,),)


def test_numpy_and_large_integers():
    assert solve(np.array([5, 7, -2], np.int64), np.int64(3)).explanations == ((0, 2),)
    huge = 10**17 + 3
    assert solve([huge, -7, 10**16, 55], huge + 10**16).explanations == ((0, 2),)
    with pytest.raises(ParameterError, match="too large"):
        solve([1 << 62, 5], 5)
    with pytest.raises(ParameterError, match="too large"):
        solve([1 << 60, 1 << 60], 5)
    with pytest.raises(ParameterError, match="too large"):
        explanations([5], 1 << 70)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amounts": [1.5, 2]},
        {"amounts": ["12", 2]},
        {"amounts": [None]},
        {"total": 2.0},
        {"tolerance": -1},
        {"work_limit": -1},
        {"at_most_items": -1},
        {"cap": 0},
    ],
)
def test_what_is_no_amount_is_refused(wrong):
    with pytest.raises(ParameterError):
        explanations(**{"amounts": [1, 2], "total": 2, **wrong})


def test_no_answer_is_a_guess_and_more_work_never_unsays_one():
    rng = random.Random(5)
    pools = [
        [rng.randint(10**5, 10**7) * rng.choice((1, 1, 1, -1)) for _ in range(n)] for n in (6, 13, 18, 21, 40)
    ]
    undecided = 0
    for amounts in pools:
        total = sum(amounts[::2])
        for most in (None, 3):
            seen = [solve(amounts, total, work_limit=limit, at_most_items=most) for limit in
                    (0, 1, 30, 1000, 10_000, 100_000, 1_000_000, 2_000_000)]  # fmt: skip
            known = [each.status for each in seen if each.status is not Status.NOT_DECIDED]
            first = next(
                (at for at, each in enumerate(seen) if each.status is not Status.NOT_DECIDED), len(seen)
            )
            undecided += first
            assert len(set(known)) <= 1
            assert len(known) == len(seen) - first
            assert all(each.explanations == () for each in seen[:first])
    assert undecided > 15, "the limits were too generous to show anything"


def test_the_work_limit_bounds_the_work():
    rng = random.Random(6)
    amounts = [rng.randint(10**8, 10**9) for _ in range(60)]
    found = solve(amounts, sum(amounts[:30]), work_limit=50_000)

    assert found.status is Status.NOT_DECIDED
    assert found.work < 4 * 50_000
    assert explanations(amounts, sum(amounts[:30]), work_limit=50_000) == ((), False)


def test_uniqueness_is_proved_where_thousands_of_items_allow_it():
    rng = random.Random(7)
    doubling = [1 << power for power in range(50)]
    chosen = sorted(rng.sample(range(50), 20))
    assert solve(doubling, sum(doubling[p] for p in chosen)).explanations == (tuple(chosen),)

    spread = rng.sample(range(10**6, 10**8), 1000)
    least, whole = min(spread), sum(spread)
    assert solve(spread, least).status is Status.UNIQUE
    assert solve(spread, whole).explanations == (tuple(range(1000)),)
    assert solve(spread, whole - least).status is Status.UNIQUE
    assert solve(spread, whole - 1).status is Status.NONE
    even = [2 * amount for amount in spread]
    assert solve(even, sum(even[:400]) + 1).status is Status.NONE


@pytest.mark.parametrize("size", [60, 200, 1000])
@pytest.mark.parametrize("middle", [10**5, 10**7])
def test_ambiguity_is_shown_in_large_pools(size, middle):
    rng = np.random.default_rng(size)
    amounts = np.maximum(1, rng.lognormal(np.log(middle), 0.8, size)).astype(np.int64)
    amounts[rng.random(size) < 0.05] *= -1
    total = int(amounts[rng.random(size) < 0.5].sum())
    found = solve(amounts, total)

    assert found.status is Status.AMBIGUOUS
    assert found.work <= 2_000_000
    assert len(set(found.explanations)) == 2
    for each in found.explanations:
        assert len(set(each)) == len(each)
        assert sum(int(amounts[place]) for place in each) == total


def test_few_items_out_of_many():
    rng = random.Random(8)
    amounts = rng.sample(range(10**6, 10**9), 150)
    total = amounts[3] + amounts[77] + amounts[140]

    assert solve(amounts, total, at_most_items=3).explanations == ((3, 77, 140),)
    assert solve(amounts, total, at_most_items=2).status is Status.NONE
    assert solve(amounts, total + 1, at_most_items=3).status is Status.NONE
    pairs = solve([*amounts, amounts[3]], total, at_most_items=3)
    assert (pairs.status, pairs.interchangeable) == (Status.AMBIGUOUS, True)


def test_many_items_where_their_number_does_not_bind():
    rng = random.Random(9)
    amounts = [rng.randint(10**6, 10**7) for _ in range(22)]
    total = sum(amounts[:12])

    assert solve(amounts, total).status is Status.UNIQUE
    assert solve(amounts, total, at_most_items=12).explanations == (tuple(range(12)),)
    assert solve(amounts, total, at_most_items=11).status is Status.NONE


@pytest.mark.parametrize("size", [17, 19, 21, 30])
@pytest.mark.parametrize("shift", [0, 1])
def test_as_a_constraint_solver_says(size, shift):
    model_of = pytest.importorskip("ortools.sat.python.cp_model")
    rng = np.random.default_rng(100 * size + shift)
    amounts = [int(a) for a in rng.lognormal(np.log(60_000), 1.0, size)]
    amounts[size // 2] *= -1
    total = sum(amounts[place] for place in range(size) if rng.random() < 0.4) + shift
    model = model_of.CpModel()
    takes = [model.new_bool_var(f"{place}") for place in range(size)]
    model.add(sum(amount * take for amount, take in zip(amounts, takes, strict=True)) == total)
    model.add(sum(takes) >= 1)
    seen = []

    class Two(model_of.CpSolverSolutionCallback):
        def on_solution_callback(self):
            seen.append(tuple(place for place, take in enumerate(takes) if self.value(take)))
            if len(seen) == 2:
                self.stop_search()

    solver = model_of.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.enumerate_all_solutions = True
    solver.parameters.max_time_in_seconds = 20
    outcome = solver.solve(model, Two())
    if len(seen) < 2 and outcome == model_of.UNKNOWN:
        pytest.skip("the constraint solver did not finish in 20 s")
    found = solve(amounts, total)

    assert found.status == (Status.NONE, Status.UNIQUE, Status.AMBIGUOUS)[len(seen)]
    if len(seen) == 1:
        assert found.explanations == (seen[0],)


def test_the_small_road_is_for_small_pools():
    assert small.sums_in_all([1] * 16) == 1 << 16
    assert small.sums_in_all([1] * 17) == 0
    assert small.sums_in_all([3, 1]) == 8
