"""Choose blocks that share no row, so that the most rows are covered; count the best choices up to two. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Packing:
    """Best choices of blocks (positions, ascending), at most two. `decided` False: the work limit was reached."""

    choices: tuple[tuple[int, ...], ...]
    decided: bool
    work: int


def packed(blocks: Sequence[int], exact: Sequence[bool], *, work_limit: int) -> Packing:
    """Disjoint `blocks` (rows as bits) covering the most rows, then with the most rows in `exact` blocks.

    Rows that no chain of blocks connects are chosen for apart. Two best choices of one part are two of the whole.
    """
    best: list[list[tuple[int, ...]]] = []
    work = 0
    for part in _connected(blocks):
        search = _Search(
            [blocks[place] for place in part], [exact[place] for place in part], work_limit - work
        )
        search.run()
        work += search.work
        if search.work > search.limit:
            return Packing((), decided=False, work=work)
        best.append([tuple(part[place] for place in choice) for choice in search.best])
    first = tuple(sorted(place for choices in best for place in choices[0]))
    for at, choices in enumerate(best):
        if len(choices) > 1:
            other = [*(each[0] for each in best[:at]), choices[1], *(each[0] for each in best[at + 1 :])]
            return Packing((first, tuple(sorted(place for each in other for place in each))), True, work)
    return Packing((first,), decided=True, work=work)


def _connected(blocks: Sequence[int]) -> list[list[int]]:
    """Positions of blocks by connected part, in order of their first."""
    parts: list[tuple[int, list[int]]] = []
    for place, rows in enumerate(blocks):
        together, apart = [place], []
        for covered, members in parts:
            if covered & rows:
                rows |= covered
                together += members
            else:
                apart.append((covered, members))
        parts = [*apart, (rows, sorted(together))]
    return sorted(members for _, members in parts)


class _Search:
    """Depth first over rows: each row is covered by one of its blocks or left; a branch that cannot reach the best is cut."""

    def __init__(self, blocks: list[int], exact: list[bool], limit: int) -> None:
        self.blocks, self.exact, self.limit = blocks, exact, limit
        self.work = 0
        self.top = (-1, -1)
        self.best: list[tuple[int, ...]] = []
        self.holding: dict[int, list[int]] = {}
        for place, rows in enumerate(blocks):
            self.holding.setdefault(rows & -rows, []).append(place)
        every = 0
        for rows in blocks:
            every |= rows
        self.every = every

    def run(self) -> None:
        """Fill `best`; `work` above `limit` means that it was given up."""
        stack: list[tuple[int, int, int, tuple[int, ...]]] = [(self.every, 0, 0, ())]
        while stack and self.work <= self.limit:
            free, covered, exactly, chosen = stack.pop()
            self.work += 1
            hope = (covered + free.bit_count(), exactly + free.bit_count())
            if hope < self.top or (hope == self.top and len(self.best) > 1):
                continue
            if not free:
                self._keep(covered, exactly, chosen)
                continue
            row = free & -free
            stack.append((free ^ row, covered, exactly, chosen))
            for place in reversed(self.holding.get(row, [])):
                rows = self.blocks[place]
                if rows & free == rows:
                    size = rows.bit_count()
                    stack.append(
                        (free ^ rows, covered + size, exactly + size * self.exact[place], (*chosen, place))
                    )

    def _keep(self, covered: int, exactly: int, chosen: tuple[int, ...]) -> None:
        if (covered, exactly) > self.top:
            self.top, self.best = (covered, exactly), [chosen]
        elif (covered, exactly) == self.top and len(self.best) < 2:
            self.best.append(chosen)
