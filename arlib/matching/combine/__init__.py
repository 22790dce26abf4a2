"""Combinations: which items explain a total, and whether only these do. Floor 1.

`solve` counts explanations up to two, `explanations` lists them up to a cap, `groups` pairs off two lists in blocks of equal
sum and `blocks` lists these.
"""

from arlib.matching.combine.groups import Block, Grouped, blocks, groups
from arlib.matching.combine.solver import WORK_LIMIT, Explanation, Solved, Status, explanations, solve

__all__ = [
    "WORK_LIMIT",
    "Block",
    "Explanation",
    "Grouped",
    "Solved",
    "Status",
    "blocks",
    "explanations",
    "groups",
    "solve",
]
