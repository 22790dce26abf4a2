"""What is placed and what waits. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arlib.matching.references.damage import nearest
from arlib.matching.stated.explain import UNDAMAGED, Explained, Slot, explain, slots_of
from arlib.matching.stated.rules import SETTLED_IN_FULL, rule_of

if TYPE_CHECKING:
    from arlib.matching.references.index import Named
    from arlib.matching.stated.ground import Ground

UNUSUAL = (
    3.0  # what it costs more to take a damaged number for one that this ledger's payers hardly ever write
)

MOST_LETTERS = 5_000_000  # letters of a text times items it is compared with


@dataclass(frozen=True, slots=True)
class Placed:
    """A receipt's explanation as it was placed. `settles` goes with the items of `found`."""

    receipt: int
    found: Explained
    settles: tuple[int, ...]
    opened: tuple[int, ...]  # what the items were open for when it was placed
    rule: str
    is_rivalled: bool = False  # another receipt read as well wanted the same items for the same amount


class Board:
    """Receipts not yet placed, what each text may name, and the placed ones."""

    def __init__(self, ground: Ground) -> None:
        """Start with undamaged names of the payer's own items."""
        self.ground = ground
        self.placed: dict[int, Placed] = {}
        self.named: dict[int, list[Named]] = {}
        self.candidates: dict[int, list[int]] = {}
        self._known: dict[int, Explained | None] = {}
        self._watchers: dict[int, list[int]] = {}
        for receipt, named in enumerate(ground.exact.named):
            if ground.amount[receipt] > 0:
                own = set(ground.owners[receipt])
                self.named[receipt] = [one for one in named if ground.account[one.item] in own]
                self._watch(receipt)

    @property
    def waiting(self) -> list[int]:
        """Receipts not placed, ascending."""
        return [receipt for receipt in self.named if receipt not in self.placed]

    def slots(self, receipt: int) -> list[Slot]:
        """What the receipt's text may name among the items still open.

        The undamaged number of an item that is paid already says just that, and is no damaged number of another.
        """
        ground, text = self.ground, self.ground.exact.texts[receipt]
        paid: list[Named] = []
        opened: list[Named] = []
        for one in self.named[receipt]:
            if ground.is_open(one.item):
                opened.append(one)
            elif (
                one.cost < UNDAMAGED
                and ground.is_usual(receipt, one.item)
                and text.is_whole(one.start, one.end)
            ):
                paid.append(one)
        return slots_of([one for one in opened if one.cost < UNDAMAGED or not _is_over(one, paid)])

    def explain(self, receipt: int) -> Explained | None:
        """The receipt's explanation by what is still open."""
        if receipt not in self._known:
            candidates = [item for item in self.candidates.get(receipt, ()) if self.ground.is_open(item)]
            self._known[receipt] = explain(self.ground, receipt, self.slots(receipt), candidates)
        return self._known[receipt]

    def explained(self) -> dict[int, Explained]:
        """Explanations of all that wait and have one."""
        return {r: found for r in self.waiting if (found := self.explain(r)) is not None}

    def place(
        self,
        receipt: int,
        found: Explained,
        rule: str,
        *,
        settles: tuple[int, ...] | None = None,
        is_rivalled: bool = False,
    ) -> None:
        """Take the items' open amounts, as a whole or in part."""
        left, amount = self.ground.left, self.ground.amount[receipt]
        opens = [left[item] for item in found.items]
        if settles is None:
            settles = tuple(opens) if found.kind in SETTLED_IN_FULL else _in_part(amount, opens)
            if found.kind == "last":
                settles = _all_but_one(amount, opens)
        for item, settled in zip(found.items, settles, strict=True):
            left[item] -= settled
            for other in self._watchers.get(item, ()):
                self._known.pop(other, None)
        self.placed[receipt] = Placed(receipt, found, settles, tuple(opens), rule, is_rivalled)

    def take_whole(self, found: dict[int, Explained], rule: str = "") -> bool:
        """Place explanations that want items whole; of several for one item the one read best, then the earliest money."""
        day, amount = self.ground.day, self.ground.amount
        wanted: dict[tuple[tuple[int, ...], int], list[float]] = {}
        for receipt, one in found.items():
            wanted.setdefault((one.items, amount[receipt]), []).append(one.cost)
        taken: set[int] = set()
        for receipt in sorted(found, key=lambda r: (len(found[r].found), found[r].cost, day[r], r)):
            one = found[receipt]
            if taken.isdisjoint(one.items):
                alike = wanted[one.items, amount[receipt]]
                rivalled = sum(cost < one.cost + UNDAMAGED for cost in alike) > 1
                self.place(receipt, one, rule or rule_of(one), is_rivalled=rivalled)
            taken.update(one.items)
        return bool(found)

    def damage(self, receipt: int, *, deep: bool, wide: bool) -> None:
        """Add names of the payer's open items that the text may have damaged; none for a text too long to compare."""
        ground = self.ground
        candidates = ground.candidates(receipt, wide=wide)
        self.candidates[receipt] = candidates
        own = set(candidates)
        exact = [
            one
            for one in self.named[receipt]
            if one.how != "damaged" and (wide or one.item in own or not ground.is_open(one.item))
        ]
        text = ground.exact.texts[receipt]
        if len(text.plain) * len(candidates) > MOST_LETTERS:
            return
        found = nearest(text, ground.bearings(candidates), deep=deep)
        known = {(one.item, one.start, one.end) for one in exact}
        rare = ground.rare_fields
        found = [replace(one, cost=one.cost + UNUSUAL) if one.field in rare else one for one in found]
        self.named[receipt] = exact + [one for one in found if (one.item, one.start, one.end) not in known]
        self._watch(receipt)

    def _watch(self, receipt: int) -> None:
        self._known.pop(receipt, None)
        for item in {one.item for one in self.named[receipt]}.union(self.candidates.get(receipt, ())):
            self._watchers.setdefault(item, []).append(receipt)


def _is_over(one: Named, others: list[Named]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in others)


def _all_but_one(amount: int, opens: list[int]) -> tuple[int, ...]:
    """All in full but the largest, which bears what is missing."""
    top = max(range(len(opens)), key=opens.__getitem__)
    missing = sum(opens) - amount
    return tuple(value - missing * (at == top) for at, value in enumerate(opens))


def _in_part(amount: int, opens: list[int]) -> tuple[int, ...]:
    """The amount spread in the order given, each item up to what it is open for."""
    out = []
    for value in opens:
        take = min(value, amount) if value > 0 else value
        out.append(take)
        amount -= take
    return tuple(out)
