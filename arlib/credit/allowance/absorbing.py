"""Absorbing Markov chains on exact fractions. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

Row = Mapping[str, Fraction]
NONE = Fraction(0)


def absorbed(rows: Mapping[str, Row], *, absorbing: Sequence[str]) -> dict[str, dict[str, Fraction]]:
    """For each transient state, the chance to end in each absorbing one; exact.

    `rows` holds, by transient state, the chance to be in each state one step later; a row sums to one. Solves
    (I - Q) B = R by Gaussian elimination (Kemeny and Snell, Finite Markov Chains, 1960, theorem 3.3.7). A state from
    which no absorbing one can be reached has 0 everywhere, and so has what ends in it: nothing is known of its end.
    """
    alive = _reaching(rows, absorbing)
    place = {state: at for at, state in enumerate(alive)}
    grid = []
    for state in alive:
        left = [-rows[state].get(other, NONE) for other in alive]
        left[place[state]] += 1
        grid.append([*left, *(rows[state].get(end, NONE) for end in absorbing)])
    solved = _solve(grid)
    ends = {state: dict(zip(absorbing, solved[at], strict=True)) for state, at in place.items()}
    return {state: ends.get(state, dict.fromkeys(absorbing, NONE)) for state in rows}


def _reaching(rows: Mapping[str, Row], absorbing: Sequence[str]) -> list[str]:
    """The transient states from which an absorbing one can be reached, in their order."""
    found = set(absorbing)
    while more := {s for s in rows if s not in found and any(rows[s].get(end, NONE) for end in found)}:
        found |= more
    return [state for state in rows if state in found]


def _solve(grid: list[list[Fraction]]) -> list[list[Fraction]]:
    """Right-hand sides of the grid solved; the square on the left is not singular."""
    size = len(grid)
    for column in range(size):
        pivot = next(row for row in range(column, size) if grid[row][column])
        grid[column], grid[pivot] = grid[pivot], grid[column]
        lead = grid[column][column]
        grid[column] = [value / lead for value in grid[column]]
        for row in range(size):
            if row != column and (factor := grid[row][column]):
                grid[row] = [a - factor * b for a, b in zip(grid[row], grid[column], strict=True)]
    return [row[size:] for row in grid]
