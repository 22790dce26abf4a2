"""Chains and circles between customers: hand-made graphs, and a second method on drawn ones."""

from __future__ import annotations

from itertools import pairwise, permutations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.audit.patterns.chains import chained, strong_components


def edges(*links: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame({
        "item_id": [f"R{n}" for n in range(len(links))], "other": [f"I{n}" for n in range(len(links))],
        "payer": [link[0] for link in links], "covers": [link[1] for link in links],
        "date": pd.to_datetime([f"2026-01-{link[2]:02d}" for link in links]),
    })  # fmt: skip


def test_a_chain_is_followed_in_time_and_a_link_alone_is_none():
    found = chained(edges(("B", "A", 3), ("C", "B", 9), ("D", "C", 9), ("X", "Y", 4)))
    assert found.set_index("item_id")["chain_no"].to_dict() == {"R0": 1, "R1": 1, "R2": 1, "R3": 0}
    assert found.set_index("item_id")["links"].to_dict() == {"R0": 3, "R1": 3, "R2": 3, "R3": 1}
    assert not found["is_circle"].any()


def test_the_wrong_order_in_time_is_no_chain():
    found = chained(edges(("B", "A", 9), ("C", "B", 3)))
    assert found["chain_no"].tolist() == [0, 0]


def test_a_circle_comes_back_to_where_it_began():
    found = chained(edges(("B", "A", 1), ("C", "B", 2), ("A", "C", 3), ("D", "A", 4)))
    assert found["is_circle"].all()
    assert found["links"].max() == 4
    assert chained(edges(("B", "A", 1), ("A", "C", 2)))["is_circle"].sum() == 0


def test_no_links_give_an_empty_answer():
    assert chained(edges()).empty


def longest(links: list[tuple[str, str, int]]) -> int:
    """The longest way by trying every order of links: the second method."""
    best = min(1, len(links))
    for size in range(2, len(links) + 1):
        for way in permutations(range(len(links)), size):
            if all(
                links[b][1] == links[a][0] and (links[a][2], a) < (links[b][2], b) for a, b in pairwise(way)
            ):
                best = max(best, size)
    return best


names = st.sampled_from("ABCD")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(names, names, st.integers(1, 5)).filter(lambda link: link[0] != link[1]),
        min_size=1,
        max_size=5,
    )
)
def test_the_longest_way_is_that_of_brute_force(links):
    assert chained(edges(*links))["links"].max() == longest(links)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(names, names), max_size=10))
def test_two_nodes_are_of_one_component_where_each_reaches_the_other(pairs):
    graph: dict[str, list[str]] = {name: [] for name in "ABCD"}
    for one, two in pairs:
        graph[one].append(two)

    def reached(start: str) -> set[str]:
        seen, todo = {start}, [start]
        while todo:
            new = [after for after in graph[todo.pop()] if after not in seen]
            seen.update(new)
            todo.extend(new)
        return seen

    of = strong_components(graph)
    for one in graph:
        for two in graph:
            assert (of[one] == of[two]) == (two in reached(one) and one in reached(two))
