"""Two lists pair off in blocks as trying every set of blocks says, and as the published cases do."""

from __future__ import annotations

import random
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import ParameterError
from arlib.matching.combine import Status, blocks, groups
from arlib.matching.combine.packing import packed

KEYS = [1980, 2980, 3500, 4000, 1050]
TARGETS = [1950, 2900, 30, 80, 3300, 200, 3980, 1050, 20]


def amounts_of(blocks, keys, targets):
    return [([keys[k] for k in block.keys], [targets[t] for t in block.targets]) for block in blocks]


def test_a_published_many_to_many_case_has_one_solution():
    points, bank = [983, 637, 288, 500, 818], [-475, 2095, -725]
    found = groups(points, bank)

    assert found.status is Status.UNIQUE
    assert amounts_of(found.ways[0], points, bank) == [([983, 637], [-475, 2095])]
    assert found.left(5, 3) == ((2, 3, 4), (2,))
    assert blocks(points, bank)[:2] == (found.ways[0], True)


def test_all_of_two_lists_where_each_target_goes_to_one_key():
    found = groups(KEYS, TARGETS, at_most_keys=1)

    assert found.status is Status.UNIQUE
    assert amounts_of(found.ways[0], KEYS, TARGETS) == [
        ([1980], [1950, 30]),
        ([2980], [2900, 80]),
        ([3500], [3300, 200]),
        ([4000], [3980, 20]),
        ([1050], [1050]),
    ]
    assert found.left(5, 9) == ((), ())
    turned = groups(TARGETS, KEYS, at_most_targets=1)
    assert {(b.targets, b.keys) for b in turned.ways[0]} == {(b.keys, b.targets) for b in found.ways[0]}
    assert groups(KEYS, TARGETS).status is Status.AMBIGUOUS


def test_all_matched_in_several_ways_is_ambiguous():
    keys, targets = [100, 200, 500], [300, 200, 300]
    found = groups(keys, targets)

    assert found.status is Status.AMBIGUOUS
    assert len(found.ways) == 2
    for way in found.ways:
        assert sum(keys[k] for block in way for k in block.keys) == 800
        assert sorted(t for block in way for t in block.targets) == [0, 1, 2]


def test_within_a_tolerance_the_finest_blocks_count():
    found = groups([103, 198], [100, 200], tolerance=10)

    assert found.status is Status.UNIQUE
    assert [(b.keys, b.targets, b.difference) for b in found.ways[0]] == [((0,), (0,), 3), ((1,), (1,), -2)]
    assert groups([103, 198], [100, 200]).status is Status.NONE
    assert groups([103, 198], [100, 200], tolerance=2, at_most_keys=1).left(2, 2) == ((0,), (0,))
    assert groups([103, 198], [100, 200], tolerance=2).ways[0][0].difference == 1, (
        "the tolerance is the block's"
    )


def test_pairs_only_or_grouped():
    keys, targets = [100, 200, 300], [200, 100, 400]
    pairs = groups(keys, targets, at_most_keys=1, at_most_targets=1)

    assert pairs.status is Status.UNIQUE
    assert amounts_of(pairs.ways[0], keys, targets) == [([100], [100]), ([200], [200])]
    assert pairs.left(3, 3) == ((2,), (2,))
    assert ([100, 300], [400]) in amounts_of(groups(keys, targets).ways[0], keys, targets)


def test_exact_blocks_go_before_those_within_the_tolerance():
    found = groups([100, 101], [101, 100], tolerance=5, at_most_keys=1, at_most_targets=1)

    assert found.status is Status.UNIQUE
    assert [block.difference for block in found.ways[0]] == [0, 0]


def test_nothing_to_pair_off():
    assert groups([], []).status is Status.NONE
    assert groups([5], []).status is Status.NONE
    assert groups([0, 5], [0, 7]).status is Status.NONE
    assert groups([5, -5], [0, 3]).left(2, 2) == ((0, 1), (0, 1))


def test_credits_on_both_sides():
    keys, targets = [1000, -150, 400], [850, 500, -100]
    found = groups(keys, targets)

    assert found.status is Status.UNIQUE
    assert amounts_of(found.ways[0], keys, targets) == [([1000, -150], [850]), ([400], [500, -100])]


def test_beyond_the_work_limit_nothing_is_said():
    rng = random.Random(3)
    keys = [rng.randint(10**6, 10**7) for _ in range(30)]
    targets = [sum(keys[:9]), sum(keys[9:20]), sum(keys[20:])]

    found = groups(keys, targets, work_limit=10_000)
    assert (found.status, found.ways) == (Status.NOT_DECIDED, ())
    assert groups([1] * 40, [20, 20]).status is Status.NOT_DECIDED, "more blocks than can be listed"
    assert groups([7] * 8, [7] * 8, at_most_keys=1, at_most_targets=1).status is Status.AMBIGUOUS


def test_what_is_no_amount_is_refused():
    with pytest.raises(ParameterError):
        groups([1.5], [1])
    with pytest.raises(ParameterError):
        groups([1], [1], tolerance=-1)


def every_way(keys, targets, tolerance, most_keys, most_targets):
    """Best score and the ways that have it, by trying every set of disjoint blocks that are not two others side by side."""

    def some(amounts, most):
        places = [place for place, amount in enumerate(amounts) if amount]
        return chain.from_iterable(combinations(places, n) for n in range(1, min(len(places), most) + 1))

    found = [
        (frozenset(k), frozenset(t))
        for k in some(keys, most_keys)
        for t in list(some(targets, most_targets))
        if abs(sum(keys[i] for i in k) - sum(targets[i] for i in t)) <= tolerance
    ]
    whole = set(found)
    fine = [b for b in found if not any(a != b and a[0] <= b[0] and a[1] <= b[1] and (b[0] - a[0], b[1] - a[1]) in whole
                                        for a in found)]  # fmt: skip
    ways = [()]
    for block in fine:
        ways += [(*way, block) for way in ways if all(not (block[0] & o[0] or block[1] & o[1]) for o in way)]

    def score(way):
        exact = [b for b in way if sum(keys[i] for i in b[0]) == sum(targets[i] for i in b[1])]
        return sum(len(k) + len(t) for k, t in way), sum(len(k) + len(t) for k, t in exact)

    best = max(map(score, ways))
    return [frozenset(way) for way in ways if score(way) == best] if best[0] else []


@settings(max_examples=250, deadline=None)
@given(
    st.lists(st.integers(-20, 60), max_size=4),
    st.lists(st.integers(-20, 60), max_size=4),
    st.sampled_from([0, 0, 3]),
    st.sampled_from([None, 1, 2]),
    st.sampled_from([None, 1, 2]),
)
def test_as_by_trying_every_set_of_blocks(keys, targets, tolerance, most_keys, most_targets):
    right = every_way(keys, targets, tolerance, most_keys or 9, most_targets or 9)
    found = groups(keys, targets, tolerance=tolerance, at_most_keys=most_keys, at_most_targets=most_targets)

    assert found.status == (Status.NONE, Status.UNIQUE, Status.AMBIGUOUS)[min(2, len(right))]
    ways = [frozenset((frozenset(b.keys), frozenset(b.targets)) for b in way) for way in found.ways]
    assert len(set(ways)) == min(2, len(right))
    assert set(ways) <= set(right)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 255), st.booleans()), max_size=8))
def test_packing_as_by_trying_every_choice(rows):
    held, exact = [r for r, _ in rows], [e for _, e in rows]
    choices = [()]
    for place, block in enumerate(held):
        choices += [(*c, place) for c in choices if all(not block & held[o] for o in c)]

    def score(choice):
        return (
            sum(held[p].bit_count() for p in choice),
            sum(held[p].bit_count() for p in choice if exact[p]),
        )

    best = [c for c in choices if score(c) == max(map(score, choices))]
    found = packed(held, exact, work_limit=10**6)

    assert found.decided
    assert len(set(found.choices)) == min(2, len(best))
    assert set(found.choices) <= set(best)
