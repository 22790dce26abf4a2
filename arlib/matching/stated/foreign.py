"""Receipts that name items of another currency than they came in. Floor 1."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from arlib.matching.pool import NOBODY
from arlib.matching.references.damage import nearest
from arlib.matching.stated.explain import UNDAMAGED, Explained, slots_of
from arlib.money.exact import times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arlib.matching.references.index import Named
    from arlib.matching.stated.board import Board
    from arlib.matching.stated.explain import Slot
    from arlib.matching.stated.ground import Ground

SWAPS = 256  # readings of doubtful stretches that are tried
MANY = 2_000  # open items of a payer in other currencies, above which damaged numbers are not sought
NEARLY = 4  # the policy's share divided by this: how near the amount must be where the number is damaged


def take_foreign(board: Board) -> None:
    """Place what waits by numbers of items in one other currency, where the day's rate brings the receipt to their amount.

    The receipt may differ from the rate by the policy's share, exchange and charges of banks; where its number is damaged by
    a quarter of that.
    """
    if board.ground.facts is not None:
        found = {r: one for r in board.waiting if (one := _explained(board.ground, r)) is not None}
        board.take_whole(found, rule="stated.other_currency")


def take_foreign_parts(board: Board) -> None:
    """Place what still waits in part on the one item in another currency that the payer names without damage."""
    ground = board.ground
    if ground.facts is None:
        return
    for receipt in sorted(board.waiting, key=lambda r: (ground.day[r], r)):
        own = set(ground.owners[receipt])
        named = [
            one
            for one in ground.exact.foreign.get(receipt, ())
            if ground.account[one.item] in own
            and ground.is_open(one.item)
            and ground.is_usual(receipt, one.item)
        ]
        if len({one.item for one in named}) == 1:
            best = named[0]
            worth = ground.worth(receipt, ground.money[best.item])
            if 0 < worth < ground.left[best.item]:
                found = Explained((best.item,), "part", (best,))
                board.place(receipt, found, "stated.other_currency_part", settles=(worth,))


def _explained(ground: Ground, receipt: int) -> Explained | None:
    named = [
        one
        for one in (*ground.exact.foreign.get(receipt, ()), *_damaged(ground, receipt))
        if ground.is_open(one.item) and ground.is_usual(receipt, one.item)
    ]
    own = set(ground.owners[receipt])
    for money in sorted({ground.money[one.item] for one in named}):
        worth = ground.worth(receipt, money)
        mine = [one for one in named if ground.money[one.item] == money]
        for some in ([one for one in mine if ground.account[one.item] in own], mine):
            found = _fits(ground, slots_of(some), worth) if worth > 0 else None
            if found is not None:
                return found
    return None


def _fits(ground: Ground, slots: list[Slot], worth: int) -> Explained | None:
    """The items of the slots that are worth the receipt, the cheapest reading clearly before the next."""
    many = 1
    for slot in slots:
        many *= len(slot.options)
    if not slots or many > SWAPS:
        return None
    assert ground.facts is not None
    share = ground.facts.policy.exchange_rate_tolerance
    ways: list[tuple[float, tuple[Named, ...]]] = []
    for named in product(*(slot.options for slot in slots)):
        total = sum(ground.left[one.item] for one in named)
        is_damaged = any(one.cost >= UNDAMAGED for one in named)
        near = times(total, share / NEARLY if is_damaged else share)
        owners = {ground.account[one.item] for one in named} - {NOBODY}
        is_apart = len({one.item for one in named}) == len(named)
        if is_apart and len(owners) == 1 and total > 0 and abs(total - worth) <= near:
            ways.append((sum(one.cost for one in named), named))
    if not ways:
        return None
    ways.sort(key=lambda way: way[0])
    best = ways[0][1]
    is_clear = len(ways) == 1 or ways[0][0] + UNDAMAGED <= ways[1][0]
    items = tuple(sorted(one.item for one in best))
    return Explained(items, "exact", best, ways=1 if is_clear else 2)


def _damaged(ground: Ground, receipt: int) -> Sequence[Named]:
    """Numbers that the text may have damaged, of the payer's open items in other currencies."""
    rows = [item for item in ground.elsewhere_in_currency(receipt) if ground.is_usual(receipt, item)]
    return nearest(ground.exact.texts[receipt], ground.bearings(rows)) if 0 < len(rows) <= MANY else ()
