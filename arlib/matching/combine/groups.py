"""Many to many: which keys together explain which targets, and whether only so. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arlib.matching.combine.packing import packed
from arlib.matching.combine.solver import WORK_LIMIT, Explanation, Status, listing

BLOCKS = 2000  # blocks listed at most; more of them means that the amounts say nothing


@dataclass(frozen=True, slots=True, order=True)
class Block:
    """Keys that together explain targets; `difference` is the keys' sum less the targets'."""

    keys: tuple[int, ...]  # positions as given, ascending, at least one
    targets: tuple[int, ...]
    difference: int


@dataclass(frozen=True, slots=True)
class Grouped:
    """The answer for two lists: at most two ways to pair them off, each a set of blocks that share nothing."""

    status: Status
    ways: tuple[tuple[Block, ...], ...]
    work: int

    def left(self, keys: int, targets: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Keys and targets that the first way leaves over, of so many of each; all where there is no way."""
        blocks = self.ways[0] if self.ways else ()
        used_keys = {key for block in blocks for key in block.keys}
        used_targets = {target for block in blocks for target in block.targets}
        return (
            tuple(key for key in range(keys) if key not in used_keys),
            tuple(target for target in range(targets) if target not in used_targets),
        )


def blocks(
    keys: Sequence[int],
    targets: Sequence[int],
    *,
    tolerance: int = 0,
    cap: int = BLOCKS,
    work_limit: int = WORK_LIMIT,
    at_most_keys: int | None = None,
    at_most_targets: int | None = None,
) -> tuple[tuple[Block, ...], bool, int]:
    """Sets of keys whose sum is that of a set of targets within the tolerance: up to `cap`, whether all, and the work.

    At least one key and one target each; amounts of zero take no part. All within the tolerance are listed alike. With one
    key or one target allowed the other side is searched for each; otherwise both sides at once, for a difference of zero.
    """
    found: list[Block] = []
    complete, work = True, 0
    if at_most_targets == 1 or at_most_keys == 1:
        turned = at_most_targets != 1
        parts, wholes, most = (targets, keys, at_most_targets) if turned else (keys, targets, at_most_keys)
        for position, whole in enumerate(wholes):
            if not whole:
                continue
            made = listing(
                parts,
                whole,
                tolerance=tolerance,
                cap=cap,
                work_limit=max(0, work_limit - work),
                at_most_items=most,
                exact_first=False,
            )
            work += made.work
            complete &= made.complete
            one = (position,)
            found += [
                _block(keys, targets, one, way) if turned else _block(keys, targets, way, one)
                for way in made.explanations
            ]
    else:
        both = [*keys, *(-target for target in targets)]
        made = listing(
            both,
            0,
            tolerance=tolerance,
            cap=cap,
            work_limit=work_limit,
            at_most_items=None,
            exact_first=False,
        )
        complete, work = made.complete, made.work
        for way in made.explanations:
            mine = tuple(place for place in way if place < len(keys))
            theirs = tuple(place - len(keys) for place in way if place >= len(keys))
            if 0 < len(mine) <= (at_most_keys or len(both)) and 0 < len(theirs) <= (
                at_most_targets or len(both)
            ):
                found.append(_block(keys, targets, mine, theirs))
    found.sort(key=lambda block: (len(block.keys) + len(block.targets), block))
    return tuple(found[:cap]), complete and len(found) <= cap, work


def groups(
    keys: Sequence[int],
    targets: Sequence[int],
    *,
    tolerance: int = 0,
    work_limit: int = WORK_LIMIT,
    at_most_keys: int | None = None,
    at_most_targets: int | None = None,
) -> Grouped:
    """How keys and targets pair off in blocks of equal sum, each key and each target in at most one; counted up to two.

    The best way covers the most keys and targets, then the most of them in blocks without any difference. UNIQUE: one way is
    best, with proof. Blocks are as fine as can be: one that falls apart into two blocks is not counted as a third.
    `at_most_targets` 1 asks which keys each target takes, `at_most_keys` 1 which targets each key takes, both 1 for pairs; None
    sets no limit. NONE: not a single block exists. Beyond `work_limit`, or beyond BLOCKS blocks: NOT_DECIDED.
    Raises ParameterError as `solve` does.
    """
    found, complete, work = blocks(
        keys,
        targets,
        tolerance=tolerance,
        work_limit=work_limit,
        at_most_keys=at_most_keys,
        at_most_targets=at_most_targets,
    )
    if not complete:
        return Grouped(Status.NOT_DECIDED, (), work)
    if not found:
        return Grouped(Status.NONE, (), work)
    rows = [_rows(block, len(keys)) for block in found]
    work += len(rows) ** 2 if at_most_keys != 1 and at_most_targets != 1 else 0
    if work > work_limit:
        return Grouped(Status.NOT_DECIDED, (), work)
    if at_most_keys != 1 and at_most_targets != 1:
        kept = _irreducible(rows)
        found, rows = tuple(found[place] for place in kept), [rows[place] for place in kept]
    best = packed(rows, [block.difference == 0 for block in found], work_limit=work_limit - work)
    work += best.work
    if not best.decided:
        return Grouped(Status.NOT_DECIDED, (), work)
    ways = tuple(tuple(sorted(found[place] for place in choice)) for choice in best.choices)
    return Grouped(Status.UNIQUE if len(ways) == 1 else Status.AMBIGUOUS, tuple(sorted(ways)), work)


def _irreducible(rows: Sequence[int]) -> list[int]:
    """Positions of blocks that are not two other blocks side by side."""
    every = set(rows)
    return [
        place
        for place, block in enumerate(rows)
        if not any(part != block and part & block == part and block ^ part in every for part in rows)
    ]


def _rows(block: Block, keys: int) -> int:
    return sum(1 << key for key in block.keys) | sum(1 << (keys + target) for target in block.targets)


def _block(keys: Sequence[int], targets: Sequence[int], mine: Explanation, theirs: Explanation) -> Block:
    return Block(mine, theirs, sum(keys[place] for place in mine) - sum(targets[place] for place in theirs))
