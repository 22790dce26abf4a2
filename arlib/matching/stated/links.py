"""Receipts that share an item, each paying others besides: what each pays of it follows from the sums. Floor 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arlib.matching.stated.explain import Explained

if TYPE_CHECKING:
    from arlib.matching.references.index import Named
    from arlib.matching.stated.board import Board

MOST = 12  # receipts that hang together; more are not looked at


def take_linked(board: Board) -> bool:
    """Place receipts that together pay all that they name, though none does so alone, where only one split makes it right.

    Two receipts hang together where both name an item. The receipts and the items that they share must form a tree, each
    shared item named by two of them: then a receipt at an end pays its own items in full and the shared one with the rest, and
    so on inwards. The last receipt must come out to the minor unit.
    """
    said = {receipt: named for receipt in board.waiting if (named := _said(board, receipt))}
    claimed: dict[int, list[int]] = {}
    for receipt, named in said.items():
        for item in named:
            claimed.setdefault(item, []).append(receipt)
    done = False
    seen: set[int] = set()
    for start in sorted(said):
        if start in seen:
            continue
        group = _hanging_together(start, said, claimed)
        seen.update(group)
        if 2 <= len(group) <= MOST:
            settles = _split(board, {receipt: said[receipt] for receipt in group}, claimed)
            for receipt in sorted(settles, key=lambda r: (board.ground.day[r], r)):
                items = tuple(sorted(settles[receipt]))
                found = Explained(items, "linked", tuple(said[receipt][item] for item in items))
                taken = tuple(settles[receipt][item] for item in items)
                board.place(receipt, found, "stated.linked", settles=taken)
                done = True
    return done


def _said(board: Board, receipt: int) -> dict[int, Named]:
    """What the text names clearly, where it is worth more than the receipt; nothing where a stretch is doubtful."""
    slots = board.slots(receipt)
    named = {slot.options[0].item: slot.options[0] for slot in slots}
    if not all(slot.is_said and board.ground.is_near(slot.options[0]) for slot in slots):
        return {}
    return named if sum(board.ground.left[item] for item in named) > board.ground.amount[receipt] else {}


def _hanging_together(
    start: int, said: dict[int, dict[int, Named]], claimed: dict[int, list[int]]
) -> list[int]:
    group, found = [start], {start}
    for receipt in group:
        for item in said[receipt]:
            for other in claimed[item]:
                if other not in found:
                    found.add(other)
                    group.append(other)
    return group


def _split(
    board: Board, named: dict[int, dict[int, Named]], claimed: dict[int, list[int]]
) -> dict[int, dict[int, int]]:
    """What each receipt settles of each item; nothing where the sums do not come out or the shape is no tree."""
    ground = board.ground
    shared = {item for mine in named.values() for item in mine if len(claimed[item]) > 1}
    left = {item: ground.left[item] for mine in named.values() for item in mine}
    is_tree = len(shared) == len(named) - 1 and all(len(claimed[item]) == 2 for item in shared)
    if not is_tree or sum(left.values()) != sum(ground.amount[receipt] for receipt in named):
        return {}
    open_links = {receipt: {item for item in mine if item in shared} for receipt, mine in named.items()}
    out: dict[int, dict[int, int]] = {}
    while open_links:
        receipt = next((r for r in sorted(open_links) if len(open_links[r]) <= 1), None)
        if receipt is None:
            return {}
        settles = {item: left[item] for item in named[receipt]}
        for item in open_links.pop(receipt):
            settles[item] += ground.amount[receipt] - sum(settles.values())
            left[item] -= settles[item]
            if settles[item] <= 0 or left[item] <= 0:
                return {}
            for other in claimed[item]:
                if other != receipt:
                    open_links[other].discard(item)
        if sum(settles.values()) != ground.amount[receipt]:
            return {}
        out[receipt] = settles
    return out
