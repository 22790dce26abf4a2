"""One receipt explained by the items that its text names. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from arlib.matching.stated.search import CLEAR, UNNAMED, gain, search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arlib.matching.references.index import Named
    from arlib.matching.stated.ground import Ground

MARGIN = 0.75  # how much dearer the next reading of a stretch must be before the nearest counts as said
UNDAMAGED = 1.0  # a reading that costs less is the number itself, written another way
SHORT = 20  # one part in so many: what a discount, charge or deduction takes off a payment in full
SWAPS = 4_096  # readings of doubtful stretches that are tried
PART = 4.0  # what it costs that the last of several items is paid in part
KINDS = ("exact", "less", "short")  # how an amount pays its items in full, from sure to weak


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of the text and the items that it may name, nearest first."""

    options: tuple[Named, ...]
    support: tuple[Named, ...] = ()  # other stretches that name the first option too

    @property
    def is_said(self) -> bool:
        """Whether the nearest item is clearly nearer than the next."""
        return len(self.options) == 1 or self.options[0].cost + MARGIN <= self.options[1].cost


@dataclass(frozen=True, slots=True)
class Explained:
    """Items for a receipt, and what speaks for them.

    `kind` is exact, less (but for what the payer says or terms allow it to keep), short (a little less), part (of one item), last
    (all but one of several items in full), loose (much less), over (a little more) or beyond (much more).
    """

    items: tuple[int, ...]
    kind: str
    named: tuple[Named, ...]  # one for each item that the text names
    found: tuple[int, ...] = ()  # items that the text does not name: the rest of the amount found them
    ways: int = 1
    is_doubtful: bool = False  # the text alone would not have decided

    @property
    def cost(self) -> float:
        """Sum of what the readings cost; an item that is not named costs as much as a number quite unlike it."""
        return sum(one.cost for one in self.named) + UNNAMED * len(self.found)


def slots_of(named: Sequence[Named]) -> list[Slot]:
    """Stretches that do not overlap, each with its nearest item and that item's rivals; an item stands in one slot.

    A range names several items by one stretch and so has a slot for each.
    """
    first: list[list[Named]] = []
    taken: dict[int, int] = {}
    for one in sorted(named, key=lambda n: (n.cost, n.start - n.end, n.start, n.item)):
        if one.how == "range":
            if one.item not in taken:
                taken[one.item] = len(first)
                first.append([one])
            continue
        over = [
            n
            for n, slot in enumerate(first)
            if slot[0].how != "range" and slot[0].start < one.end and one.start < slot[0].end
        ]
        if one.item in taken:
            if not over:
                first[taken[one.item]].append(one)
            continue
        if not over:
            taken[one.item] = len(first)
            first.append([one])
        elif len(over) == 1 or one.cost < 1:
            first[over[0]].append(one)
    out = []
    for slot in first:
        head = slot[0]
        rivals: dict[int, Named] = {}
        support = []
        for one in slot[1:]:
            if one.item == head.item:
                support.append(one)
            elif one.item not in taken and one.item not in rivals:
                rivals[one.item] = one
        out.append(Slot((head, *rivals.values()), tuple(support)))
    return out


def explain(ground: Ground, receipt: int, slots: list[Slot], candidates: Sequence[int]) -> Explained | None:
    """The likeliest items of a receipt: what is said, then doubtful stretches and missing items solved by the amount.

    Nothing where the text names no item of the payer, or several equally and the amount does not tell.
    """
    if not slots:
        return None
    amount, left = ground.amount[receipt], ground.left
    said = [slot.options[0] for slot in slots if slot.is_said]
    doubtful = [slot for slot in slots if not slot.is_said]
    plain = [one for one in said if one.cost < UNDAMAGED]
    for named in (said, plain, [one for one in said if one.how != "range"]):
        kind = _fit(ground, receipt, named)
        if kind and (named is plain or not doubtful):
            return Explained(_items(named), kind, tuple(named))
    solved = _doubtful(ground, receipt, said, doubtful) if doubtful else None
    solved = solved or (_one_alone(ground, receipt, slots) if len(slots) > 1 else None)
    if solved:
        return solved
    near = [one for one in said if ground.is_near(one)]
    if near:
        best = min(near, key=lambda one: one.cost)
        is_clear = all(best.cost + MARGIN <= one.cost for one in said if one is not best)
        if amount < left[best.item] and is_clear:
            return Explained(
                (best.item,), "part", (best,), is_doubtful=bool(doubtful) and best.cost >= UNDAMAGED
            )
    if len(slots) > 1:
        solved = _summed(ground, receipt, slots, candidates, last=_as_last(near, slots, amount, left))
        if solved:
            return solved
    return _unbalanced(near, amount, left, is_doubtful=bool(doubtful))


def _items(named: Sequence[Named]) -> tuple[int, ...]:
    return tuple(sorted(one.item for one in named))


def _fit(ground: Ground, receipt: int, named: Sequence[Named]) -> str:
    """How the amount pays the items in full together: one of KINDS, or nothing."""
    return ground.pays(receipt, [one.item for one in named]) if named else ""


def _doubtful(ground: Ground, receipt: int, said: list[Named], doubtful: list[Slot]) -> Explained | None:
    """The nearest reading of the doubtful stretches that makes the sum right, with the number of ways."""
    choices = [slot.options for slot in doubtful]
    if _count(choices) > SWAPS:
        choices = [tuple(one for one in slot if one.cost < slot[0].cost + UNDAMAGED) for slot in choices]
        if _count(choices) > SWAPS:
            return None
    ways: dict[str, list[tuple[Named, ...]]] = {kind: [] for kind in KINDS}
    for chosen in product(*choices):
        named = (*said, *chosen)
        if len({one.item for one in named}) == len(named) and (kind := _fit(ground, receipt, named)):
            ways[kind].append(named)
    for kind, fits in ways.items():
        if fits:
            best = min(fits, key=_cost)
            rivals = sum(_cost(named) < _cost(best) + CLEAR for named in fits)
            return Explained(_items(best), kind, best, ways=min(rivals, 2), is_doubtful=True)
    return None


def _count(choices: Sequence[Sequence[Named]]) -> int:
    many = 1
    for options in choices:
        many *= len(options)
    return many


def _cost(named: Sequence[Named]) -> float:
    return sum(one.cost for one in named)


def _one_alone(ground: Ground, receipt: int, slots: list[Slot]) -> Explained | None:
    """One item that any stretch may name, open for the amount: then the other stretches name nothing."""
    ways: dict[str, dict[int, Named]] = {kind: {} for kind in KINDS}
    for slot in slots:
        for one in slot.options:
            kind = _fit(ground, receipt, (one,))
            if kind and (one.item not in ways[kind] or one.cost < ways[kind][one.item].cost):
                ways[kind][one.item] = one
    plain = {slot.options[0].item for slot in slots if slot.is_said and slot.options[0].cost < UNDAMAGED}
    for kind, fits in ways.items():
        if fits:
            best = min(fits.values(), key=lambda one: one.cost)
            if kind == "exact" or plain <= {best.item}:
                return Explained((best.item,), kind, (best,), ways=min(len(fits), 2), is_doubtful=True)
    return None


def _as_last(near: list[Named], slots: list[Slot], amount: int, left: list[int]) -> float | None:
    """What it costs that the receipt pays all that it names but one item in full; None where that cannot be."""
    missing = sum(left[one.item] for one in near) - amount
    if len(near) < len(slots) or not 0 < missing < max(left[one.item] for one in near):
        return None
    return PART + sum(gain(one.cost) for one in near)


def _summed(
    ground: Ground, receipt: int, slots: list[Slot], candidates: Sequence[int], *, last: float | None
) -> Explained | None:
    """The set of items that the amount pays and the text resembles most; some stretches may be noise or beyond reading.

    What is written without damage names that item or nothing. `last` is what it costs to take all for named and one paid in
    part: a sum that is dearer, or of which there are several, is none.
    """
    named: dict[int, Named] = {}
    for slot in slots:
        is_plain = slot.is_said and slot.options[0].cost < UNDAMAGED
        for one in slot.options[:1] if is_plain else slot.options:
            if one.item not in named or one.cost < named[one.item].cost:
                named[one.item] = one
    stretches: list[list[Named]] = []
    for one in sorted(named.values(), key=lambda n: (n.cost, n.start - n.end, n.start, n.item)):
        rival = next(
            (mine for mine in stretches if one.how != "range" and _is_same_stretch(mine[0], one)), None
        )
        if rival is None:
            stretches.append([one])
        else:
            rival.append(one)
    amount = ground.amount[receipt]
    found = search(
        ground.left,
        amount,
        ground.small_of(amount, 1),
        [[(one.item, one.cost) for one in mine] for mine in stretches],
        candidates,
        most=len(slots) + 1,
    )
    if found is None or (last is not None and (last < found.cost or found.ways > 1)):
        return None
    return Explained(
        found.items,
        "exact" if found.is_exact else "short",
        tuple(named[item] for item in found.items if item in named),
        tuple(item for item in found.items if item not in named),
        found.ways,
        is_doubtful=True,
    )


def _is_same_stretch(one: Named, other: Named) -> bool:
    """Whether two readings take half of the shorter one for themselves; numbers without a gap between have blurred ends."""
    common = min(one.end, other.end) - max(one.start, other.start)
    return one.how != "range" and 2 * common > min(one.end - one.start, other.end - other.start)


def _unbalanced(said: list[Named], amount: int, left: list[int], *, is_doubtful: bool) -> Explained | None:
    if not said:
        return None
    total = sum(left[one.item] for one in said)
    if amount > total:
        kind = "over" if not is_doubtful and (amount - total) * SHORT <= amount else "beyond"
        return Explained(_items(said), kind, tuple(said), is_doubtful=True)
    if len(said) == 1:
        return Explained(_items(said), "part", tuple(said), is_doubtful=is_doubtful)
    if (total - amount) * SHORT <= total:
        return Explained(_items(said), "short", tuple(said), is_doubtful=True)
    may_be_last = [one.item for one in said if left[one.item] > total - amount]
    kind = "last" if len(may_be_last) == 1 and not is_doubtful else "loose"
    return Explained(_items(said), kind, tuple(said), is_doubtful=True)
