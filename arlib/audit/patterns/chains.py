"""Chains and circles of money between customers: who covers whom, in time. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd


def chained(edges: pd.DataFrame) -> pd.DataFrame:
    """`edges` (payer, covers, date) with chain_no, links (the longest way in its chain) and is_circle.

    A link continues another where its payer's money covers the customer whose money covered before: C pays B's item after
    B's money paid A's. The same day counts as after. `chain_no` is 0 for a link that stands alone.
    """
    ordered = edges.sort_values(["date", "item_id", "other"], kind="stable", ignore_index=True)
    payers, covers = ordered["payer"].tolist(), ordered["covers"].tolist()
    group = list(range(len(ordered)))
    length = [1] * len(ordered)
    by_payer: dict[str, list[int]] = {}
    for at, (payer, covered) in enumerate(zip(payers, covers, strict=True)):
        for before in by_payer.get(covered, ()):
            length[at] = max(length[at], length[before] + 1)
            _join(group, before, at)
        by_payer.setdefault(payer, []).append(at)
    rooted = [_root(group, at) for at in range(len(ordered))]
    size: dict[int, int] = {}
    for root, links in zip(rooted, length, strict=True):
        size[root] = max(size.get(root, 0), links)
    inside = _in_circles(payers, covers)
    circles = {root for root, is_in in zip(rooted, inside, strict=True) if is_in}
    numbers: dict[int, int] = {}
    for root in rooted:
        if size[root] > 1:
            numbers.setdefault(root, len(numbers) + 1)
    return ordered.assign(
        chain_no=pd.Series([numbers.get(root, 0) for root in rooted], dtype="int64"),
        links=pd.Series([size[root] for root in rooted], dtype="int64"),
        is_circle=pd.Series([root in circles and size[root] > 1 for root in rooted], dtype=bool),
    )


def _root(group: list[int], at: int) -> int:
    while group[at] != at:
        group[at] = group[group[at]]
        at = group[at]
    return at


def _join(group: list[int], one: int, two: int) -> None:
    first, second = sorted((_root(group, one), _root(group, two)))
    group[second] = first


def _in_circles(payers: Sequence[str], covers: Sequence[str]) -> list[bool]:
    """Whether each link lies on a way that comes back to where it began."""
    graph: dict[str, list[str]] = {}
    for payer, covered in zip(payers, covers, strict=True):
        graph.setdefault(payer, []).append(covered)
        graph.setdefault(covered, [])
    of = strong_components(graph)
    return [of[payer] == of[covered] for payer, covered in zip(payers, covers, strict=True)]


def strong_components(graph: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The strongly connected component of each node (Tarjan 1972), without recursion."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    of: dict[str, int] = {}
    stack: list[str] = []
    made = 0
    for start in graph:
        if start in order:
            continue
        work = [(start, iter(graph[start]))]
        order[start] = low[start] = len(order)
        stack.append(start)
        while work:
            node, following = work[-1]
            for after in following:
                if after not in order:
                    order[after] = low[after] = len(order)
                    stack.append(after)
                    work.append((after, iter(graph[after])))
                    break
                if after not in of:
                    low[node] = min(low[node], order[after])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    while True:
                        member = stack.pop()
                        of[member] = made
                        if member == node:
                            break
                    made += 1
    return of
