"""Receipts that name items of customers whom their payer is not known to pay for. Floor 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arlib.matching.pool import NOBODY
from arlib.matching.references.damage import nearest
from arlib.matching.stated.explain import Explained, slots_of

if TYPE_CHECKING:
    from arlib.matching.references.index import Named
    from arlib.matching.stated.board import Board
    from arlib.matching.stated.ground import Ground

NEAR = 2.0  # cost up to which a damaged number and the exact amount speak for an unknown payer's item
MANY = 40  # items of one amount above which the amount says nothing


def take_elsewhere(board: Board) -> None:
    """Place what waits by undamaged numbers of one customer; where nothing is known of the payer, by a nearly right number and
    the exact amount.
    """
    ground = board.ground
    found = {
        r: one
        for r in board.waiting
        if (one := _named_elsewhere(ground, r, ground.exact.named[r])) is not None
    }
    board.take_whole({r: one for r, one in found.items() if one.kind != "part"}, rule="stated.other_payer")
    board.take_whole(
        {r: one for r, one in found.items() if one.kind == "part"}, rule="stated.other_payer_part"
    )
    by_amount: dict[tuple[int, int], list[int]] = {}
    wanted = {(ground.currency[r], ground.amount[r]) for r in board.waiting}
    for item, value in enumerate(ground.left):
        place = (ground.money[item], value)
        if place in wanted and ground.is_open(item):
            by_amount.setdefault(place, []).append(item)
    alike = {}
    for receipt in board.waiting:
        if ground.owners[receipt]:
            continue
        items = by_amount.get((ground.currency[receipt], ground.amount[receipt]), [])
        usual = [item for item in items if ground.is_usual(receipt, item)]
        if 0 < len(usual) <= MANY:
            slots = slots_of(nearest(ground.exact.texts[receipt], ground.bearings(usual)))
            near = [slot.options[0] for slot in slots if slot.is_said and slot.options[0].cost <= NEAR]
            if len(near) == 1:
                alike[receipt] = Explained((near[0].item,), "exact", (near[0],), is_doubtful=True)
    board.take_whole(alike, rule="stated.damaged_other_payer")


def _named_elsewhere(ground: Ground, receipt: int, named: tuple[Named, ...]) -> Explained | None:
    """All that the text names without damage, where it is one customer's, of usual days, and the amount agrees.

    A number so common that it may be there by accident counts only with just the right amount.
    """
    usual = [one for one in named if ground.is_open(one.item) and ground.is_usual(receipt, one.item)]
    found = _one_customers(ground, receipt, [one for one in usual if not one.is_weak])
    if found is None and any(one.is_weak for one in usual):
        found = _one_customers(ground, receipt, usual)
        return found if found is not None and found.kind in ("exact", "less") else None
    return found


def _one_customers(ground: Ground, receipt: int, named: list[Named]) -> Explained | None:
    slots = slots_of(named)
    owners = {ground.account[slot.options[0].item] for slot in slots}
    if len(owners) != 1 or NOBODY in owners or not all(slot.is_said for slot in slots):
        return None
    said = tuple(slot.options[0] for slot in slots)
    total, amount = sum(ground.left[one.item] for one in said), ground.amount[receipt]
    items = tuple(sorted(one.item for one in said))
    if kind := ground.pays(receipt, items):
        return Explained(items, kind, said)
    is_part = len(said) == 1 and amount < total and not ground.owners[receipt]
    return Explained(items, "part", said) if is_part else None
