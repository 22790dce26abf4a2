"""Which customers must lie in one partition: those that a merge, an application or a replaced item ties together. Floor 2."""

from __future__ import annotations

from collections.abc import Iterable


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For each customer that is tied to another: the name of its group, the smallest code in it.

    A chain of pairs is one group. Customers without a pair are groups by themselves and are not in the answer.
    """
    above: dict[str, str] = {}

    def top(code: str) -> str:
        root = code
        while (up := above.setdefault(root, root)) != root:
            root = up
        while above[code] != root:
            above[code], code = root, above[code]
        return root

    for left, right in pairs:
        first, second = sorted((top(left), top(right)))
        above[second] = first
    return {code: top(code) for code in above}
