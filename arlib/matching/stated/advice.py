"""Receipts that a remittance advice explains line by line. Floor 1."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from arlib.matching.stated.explain import MARGIN, UNDAMAGED, Explained

if TYPE_CHECKING:
    from arlib.matching.references.index import Line, Named
    from arlib.matching.stated.board import Board
    from arlib.matching.stated.ground import Ground

EXTRA = 20  # one part in so many: what a receipt may be more than its advice explains


def take_advised(board: Board, *, is_damaged: bool = False) -> bool:
    """Place receipts whose advice names an open item of the payer on every line and sums to the receipt, or a little less.

    The payer's own allocation goes before all other evidence. A line settles its net amount and the discount that it takes,
    never more than the item is open for; a deduction stays open. Where two advices want more of an item than is open, the
    earlier money comes first and the other is left to the text. Without `is_damaged` every line must name its item
    undamaged; with it a line may also mean the nearest item, of those about as near the one that is open for its gross amount.
    """
    ground, done = board.ground, False
    for receipt in sorted(ground.exact.lines, key=lambda r: (ground.day[r], r)):
        lines = ground.exact.lines[receipt]
        if receipt not in board.named or receipt in board.placed:
            continue
        extra = ground.amount[receipt] - sum(line.net for line in lines)
        if extra < 0 or extra * EXTRA > ground.amount[receipt]:
            continue
        named = _meant(board, receipt, lines) if is_damaged else _named(board, receipt, lines)
        if named is None:
            continue
        wanted: dict[int, int] = {}
        for one, line in zip(named, lines, strict=True):
            wanted[one.item] = wanted.get(one.item, 0) + line.net + line.discount
        items = tuple(sorted(wanted))
        if all(_is_within(wanted[item], ground.left[item]) for item in items):
            by_item = {one.item: one for one in named}
            found = Explained(items, "over" if extra else "exact", tuple(by_item[item] for item in items))
            is_whole = all(wanted[item] == ground.left[item] for item in items)
            rule = "stated.advice" + ("_damaged" if is_damaged else "") + ("" if is_whole else "_part")
            rule = "stated.advice_over" if extra else rule
            board.place(receipt, found, rule, settles=tuple(wanted[item] for item in items))
            done = True
    return done


def _named(board: Board, receipt: int, lines: tuple[Line, ...]) -> list[Named] | None:
    """The items that the lines name without damage, if all do."""
    out = []
    for of_line in _of_lines(board.named[receipt], lines):
        fits = [one for one in of_line if one.cost < UNDAMAGED]
        best = min(fits, key=_how_near, default=None)
        if best is None or len({one.item for one in fits if _how_near(one) <= _how_near(best)}) > 1:
            return None
        out.append(best)
    return out


def _meant(board: Board, receipt: int, lines: tuple[Line, ...]) -> list[Named] | None:
    """The items that the lines mean, each another one, where number and amount together leave no doubt."""
    out: list[Named] = []
    for line, of_line in zip(lines, _of_lines(board.named[receipt], lines), strict=True):
        fits: dict[int, Named] = {}
        for one in sorted(of_line, key=_how_near):
            if board.ground.is_open(one.item):
                fits.setdefault(one.item, one)
        best = _clear(board.ground, line, list(fits.values()))
        if best is None or best.item in {one.item for one in out}:
            return None
        out.append(best)
    return out


def _clear(ground: Ground, line: Line, fits: list[Named]) -> Named | None:
    """Of an item's readings, nearest first: the one that is open for the gross amount, else a near one clearly nearest."""
    if not fits or fits[0].cost < UNDAMAGED:
        return fits[0] if fits else None
    paid = [one for one in fits if ground.left[one.item] == line.gross]
    if paid:
        is_clear = len(paid) == 1 or paid[0].cost + MARGIN <= paid[1].cost
        return paid[0] if is_clear else None
    is_clear = len(fits) == 1 or fits[0].cost + MARGIN <= fits[1].cost
    return (
        fits[0] if is_clear and ground.is_near(fits[0]) and line.gross < ground.left[fits[0].item] else None
    )


def _of_lines(named: list[Named], lines: tuple[Line, ...]) -> list[list[Named]]:
    """For each line what is named within it, in the order of `named`."""
    order = sorted(range(len(named)), key=lambda at: named[at].start)
    starts = [named[at].start for at in order]
    within = (
        sorted(order[bisect_left(starts, line.start) : bisect_right(starts, line.end)]) for line in lines
    )
    return [
        [named[at] for at in found if named[at].end <= line.end]
        for line, found in zip(lines, within, strict=True)
    ]


def _how_near(one: Named) -> tuple[float, int]:
    return one.cost, one.start - one.end


def _is_within(wanted: int, left: int) -> bool:
    return 0 < wanted <= left or left <= wanted < 0
