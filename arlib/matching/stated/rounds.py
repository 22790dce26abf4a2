"""Rounds in which receipts are placed, from the surest evidence to the weakest. Floor 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arlib.matching.references.index import windows
from arlib.matching.stated.advice import take_advised
from arlib.matching.stated.explain import KINDS, UNDAMAGED, Explained
from arlib.matching.stated.links import take_linked
from arlib.matching.stated.parts import together
from arlib.matching.stated.rules import rule_of
from arlib.matching.stated.search import UNNAMED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arlib.matching.references.index import Named
    from arlib.matching.stated.board import Board

RUN = 12  # characters of a run of digits above which it may be several numbers glued together


def take_rounds(board: Board) -> None:
    """Place by evidence in falling order; within a round nothing depends on the order of receipts."""
    ground = board.ground
    found = {r: one for r, one in board.explained().items() if not one.is_doubtful}
    sure = {r: one for r, one in found.items() if one.kind == "exact"}
    ground.learn_days((receipt, item) for receipt, one in sure.items() for item in one.items)
    ground.learn_fields(one.named for one in sure.values())
    ground.learn_small(
        1 - ground.amount[r] / sum(ground.left[i] for i in one.items)
        for r, one in found.items()
        if one.kind in ("exact", "short")
    )
    board.take_whole(
        {r: one for r, one in sure.items() if all(ground.is_usual(r, item) for item in one.items)}
    )
    parts = {r: one for r, one in board.explained().items() if one.kind == "part" and not one.is_doubtful}
    _take_together(board, {r: one for r, one in parts.items() if ground.is_usual(r, one.items[0])})
    for receipt in board.waiting:
        _look_closer(board, receipt)
    take_advised(board, is_damaged=True)
    take_strong(board)


def take_weak_rounds(board: Board) -> None:
    """Place parts that nothing confirms, and what is much less or more than its items."""
    while _weak_pass(board):
        take_strong(board)


def take_strong(board: Board) -> None:
    """Repeat the sure rounds on what still waits."""
    while _pass(board):
        pass


def _look_closer(board: Board, receipt: int) -> None:
    """Names that are damaged: first as the text is cut, then within runs of digits, last among items of any age."""
    board.damage(receipt, deep=False, wide=False)
    found = board.explain(receipt)
    if found is not None and (
        (found.kind in KINDS and not found.found) or (found.kind == "part" and not found.is_doubtful)
    ):
        return
    text = board.ground.exact.texts[receipt]
    if windows(text, (RUN,), blanks=True):
        board.damage(receipt, deep=True, wide=False)
    elif found is None:
        board.damage(receipt, deep=False, wide=True)


def _pass(board: Board) -> bool:
    """One round: the surest kind of explanation that there is. False when nothing sure is left to place."""
    found = board.explained()
    whole = {r: one for r, one in found.items() if one.kind in KINDS and one.ways == 1}
    parts = {r: one for r, one in found.items() if one.kind == "part"}
    return (
        board.take_whole({r: one for r, one in whole.items() if not one.is_doubtful})
        or _take_together(board, parts)
        or take_linked(board)
        or board.take_whole({r: one for r, one in whole.items() if not one.found})
        or _take_groups(board, parts, is_wide=False)
        or board.take_whole(whole)
        or _take_groups(board, parts, is_wide=True)
    )


def _weak_pass(board: Board) -> bool:
    found = board.explained()
    parts = {r: one for r, one in found.items() if one.kind == "part"}
    return _take_parts(board, parts) or board.take_whole(
        {r: one for r, one in found.items() if r not in parts}
    )


def _groups(found: dict[int, Explained]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for receipt, one in found.items():
        groups.setdefault(one.items[0], []).append(receipt)
    return groups


def _take_together(board: Board, parts: dict[int, Explained]) -> bool:
    """Items whose receipts together pay what is open."""
    ground, done = board.ground, False
    for item, receipts in sorted(_groups(parts).items()):
        total = sum(ground.amount[receipt] for receipt in receipts)
        if len(receipts) > 1 and abs(total - ground.left[item]) <= ground.small_of(
            ground.left[item], len(receipts)
        ):
            _place_parts(board, item, receipts, parts, is_together=True)
            done = True
    return done


def _place_parts(
    board: Board, item: int, receipts: Iterable[int], parts: dict[int, Explained], *, is_together: bool
) -> None:
    """By date of the money; the last takes no more than is left."""
    ground = board.ground
    for receipt in sorted(receipts, key=lambda r: (ground.day[r], r)):
        take = min(ground.amount[receipt], ground.left[item])
        if take > 0:
            one = parts[receipt]
            board.place(receipt, one, rule_of(one, is_together=is_together), settles=(take,))


def _rounding(_: int, parts: int) -> int:
    """What parts may differ from the whole where no text speaks for one of them: a minor unit each."""
    return parts


def _take_groups(board: Board, parts: dict[int, Explained], *, is_wide: bool) -> bool:
    """Items that receipts pay together of which some name nothing clearly; `is_wide` takes in any receipt of the payer."""
    ground = board.ground
    claims: dict[int, dict[int, Named | None]] = {}
    said: set[tuple[int, int]] = set()
    for receipt in board.waiting:
        mine = parts.get(receipt)
        if mine is not None and not mine.is_doubtful:
            claims.setdefault(mine.items[0], {})[receipt] = mine.named[0]
            continue
        for slot in board.slots(receipt):
            if slot.is_said:
                said.add((receipt, slot.options[0].item))
            for one in slot.options:
                claims.setdefault(one.item, {}).setdefault(receipt, one)
    if is_wide:
        for receipt in board.waiting:
            if receipt not in parts or parts[receipt].is_doubtful:
                for item in board.candidates.get(receipt, ()):
                    if item in claims:
                        claims[item].setdefault(receipt, None)
    found = []
    for item, mine_all in claims.items():
        if ground.is_open(item) and len(mine_all) > 1:
            costs = {r: UNNAMED if one is None else one.cost for r, one in mine_all.items()}
            best = together(
                ground.left[item], costs, ground.amount, _rounding if is_wide else ground.small_of
            )
            if best is not None:
                found.append((sum(costs[r] for r in best) / len(best), item, best))
    done = False
    for _, item, best in sorted(found):
        if any(receipt in board.placed for receipt in best):
            continue
        made: dict[int, Explained] = {}
        for receipt in best:
            named = claims[item][receipt]
            made[receipt] = Explained(
                (item,),
                "part",
                () if named is None else (named,),
                (item,) if named is None else (),
                is_doubtful=named is None or (named.cost >= UNDAMAGED and (receipt, item) not in said),
            )
        _place_parts(board, item, best, made, is_together=True)
        done = True
    return done


def _take_parts(board: Board, parts: dict[int, Explained]) -> bool:
    """Parts that nothing confirms: all that fit into the item, the best read first."""
    ground, done = board.ground, False
    for item, receipts in sorted(_groups(parts).items()):
        fitting: list[int] = []
        for receipt in sorted(receipts, key=lambda r: (parts[r].cost, ground.day[r], r)):
            total = sum(ground.amount[r] for r in (*fitting, receipt))
            if total <= ground.left[item] + ground.small_of(ground.left[item], len(fitting) + 1):
                fitting.append(receipt)
        if fitting:
            _place_parts(board, item, fitting, parts, is_together=False)
            done = True
    return done
