"""An amount split into net, tax and freight, exact to the cent and never above what is left of each. Floor 1."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from arlib.money import allocate
from arlib.policy.adjustment import NatureCoding


class Parts(NamedTuple):
    """Net, tax and freight of an amount, in minor units."""

    net: int = 0
    tax: int = 0
    freight: int = 0

    @property
    def gross(self) -> int:
        """Their sum."""
        return self.net + self.tax + self.freight

    def less(self, other: Parts) -> Parts:
        """These parts less others."""
        return Parts(self.net - other.net, self.tax - other.tax, self.freight - other.freight)

    def plus(self, other: Parts) -> Parts:
        """These parts and others."""
        return Parts(self.net + other.net, self.tax + other.tax, self.freight + other.freight)

    def kept(self) -> Parts:
        """These parts, none below zero."""
        return Parts(max(self.net, 0), max(self.tax, 0), max(self.freight, 0))


class Split(NamedTuple):
    """A split amount, and whether earlier credits moved some of it from one part to another."""

    parts: Parts
    is_moved: bool


def parts_of(amount: int, tax: int | None, freight: int | None) -> Parts:
    """Parts of a document: net is the rest. Where tax and freight do not fit into the amount, all is net."""
    tax, freight = tax or 0, freight or 0
    net = amount - tax - freight
    return Parts(amount) if min(net, tax, freight) < 0 else Parts(net, tax, freight)


def share_of(amount: int, whole: Parts) -> Parts:
    """A share of a document in the proportion of its parts; cents left over go to the largest remainders."""
    if whole.gross == 0:
        return Parts(amount)
    return Parts(*allocate(amount, whole))


def split(
    amount: int, *, billed: Parts, room: Parts, coding: NatureCoding, tax: int | None = None
) -> Split | None:
    """A credit of an invoice split as its nature says, or None where the parts it takes have not so much left.

    Net and freight go in the proportion billed; tax follows at the invoice's own rate on the parts taken (tax ÷ (net
    + freight)); a nature that takes tax alone takes nothing else. With `tax` the tax is as given. No part goes above
    its `room`: what does not fit goes to the other parts taken, first net, then freight, then tax.
    """
    room = room.kept()
    taken = (coding.takes_net or tax is not None, coding.takes_tax, coding.takes_freight)
    net = billed.net if coding.takes_net else 0
    freight = billed.freight if coding.takes_freight else 0
    if tax is not None:
        if not 0 <= tax <= min(amount, room.tax) or (tax and not coding.takes_tax):
            return None
        base = _shared(amount - tax, (net, 0, freight), room, (coding.takes_net, False, coding.takes_freight))
        return None if base is None else Split(base.parts.plus(Parts(tax=tax)), base.is_moved)
    base_billed = billed.net + billed.freight
    if not coding.takes_tax:
        own_tax = Fraction(0)
    elif not (coding.takes_net or coding.takes_freight):
        own_tax = Fraction(billed.tax)
    else:
        own_tax = Fraction(billed.tax * (net + freight), base_billed) if base_billed else Fraction(billed.tax)
    return _shared(amount, (net, own_tax, freight), room, taken)


def _shared(
    amount: int, weights: tuple[int | Fraction, ...], room: Parts, taken: tuple[bool, ...]
) -> Split | None:
    """The amount by weight, what is above the room of a part moved to the next part taken."""
    if amount == 0:
        return Split(Parts(), False)
    if sum(weights) <= 0:
        return None
    shares = allocate(amount, weights)
    over = 0
    for at, share in enumerate(shares):
        shares[at] = min(share, room[at])
        over += share - shares[at]
    is_moved = over > 0
    for at in (0, 2, 1):
        if taken[at]:
            more = min(over, room[at] - shares[at])
            shares[at] += more
            over -= more
    return None if over else Split(Parts(*shares), is_moved)
