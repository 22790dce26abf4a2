"""Receipts that a remittance advice explains line by line. Floor 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arlib.matching.stated.explain import UNDAMAGED, Explained

if TYPE_CHECKING:
    from arlib.matching.references.index import Line, Named
    from arlib.matching.stated.board import Board


def take_advised(board: Board) -> None:
    """Place receipts whose advice names an open item of the payer on every line, undamaged, and sums to the receipt.

    The payer's own allocation goes before all other evidence. A line settles its net amount and the discount that it takes,
    never more than the item is open for; a deduction stays open. Where two advices want more of an item than is open, the
    earlier money comes first and the other is left to the text.
    """
    ground = board.ground
    for receipt in sorted(ground.exact.lines, key=lambda r: (ground.day[r], r)):
        lines = ground.exact.lines[receipt]
        if receipt not in board.named or sum(line.net for line in lines) != ground.amount[receipt]:
            continue
        wanted: dict[int, int] = {}
        named: dict[int, Named] = {}
        for line in lines:
            one = _named_by(board.named[receipt], line)
            if one is None:
                break
            wanted[one.item] = wanted.get(one.item, 0) + line.net + line.discount
            named[one.item] = one
        else:
            items = tuple(sorted(wanted))
            if all(_is_within(wanted[item], ground.left[item]) for item in items):
                is_whole = all(wanted[item] == ground.left[item] for item in items)
                found = Explained(items, "exact", tuple(named[item] for item in items))
                rule = "stated.advice" if is_whole else "stated.advice_part"
                board.place(receipt, found, rule, settles=tuple(wanted[item] for item in items))


def _named_by(named: list[Named], line: Line) -> Named | None:
    """The one item that a line names without damage."""
    fits = [one for one in named if line.start <= one.start and one.end <= line.end and one.cost < UNDAMAGED]
    best = min(fits, key=lambda one: (one.cost, one.start - one.end), default=None)
    if best is None:
        return None
    rivals = {
        one.item for one in fits if (one.cost, one.start - one.end) <= (best.cost, best.start - best.end)
    }
    return best if len(rivals) == 1 else None


def _is_within(wanted: int, left: int) -> bool:
    return 0 < wanted <= left or left <= wanted < 0
