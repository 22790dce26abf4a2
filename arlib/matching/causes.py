"""Why a payment is short, each cause only where it fits. Floor 1.

In this order: what the payer's advice states; a cash discount that fits the terms to the cent; a bank charge that the text
speaks of; exactly the tax or the freight; what the text claims; the tolerance; the payer's own exchange rate; a whole amount
held back by a bank from a wire or from abroad; else a claim, or a part payment. What the payer states goes first, then
contract, then policy.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from arlib.matching import payment_words as words
from arlib.matching.discounts import Offer, offer, taken
from arlib.matching.facts import DISPUTED, Facts, plain
from arlib.matching.proposal import Proposal
from arlib.matching.tolerance import limit_for
from arlib.money import minor_places
from arlib.money.exact import divide, times

# A shortfall above one part in so many of what its items are open for is a part payment, not a claim.
PART_PAYMENT_FROM = 4
EVEN = 500  # minor units that charges of banks are a multiple of
LITTLE = 20  # one part in so many of a payment that they are at most
CODES = (*words.DEDUCTION_KINDS, "discount", "contra", "undefined")  # what a Part.code may be, beside none
Taken = tuple[str, int, str, str]  # kind (a column of MATCHES, or partial), amount, reason, code


@dataclass(slots=True)
class Shortfall:
    """Differences found so far. `room` is what each item can still bear: never more than it falls by."""

    room: dict[int, int]
    left: int
    took: dict[int, list[Taken]] = field(default_factory=dict)  # by item
    held: list[str] = field(default_factory=list)

    def put(self, item: int, kind: str, amount: int, reason: str, code: str = "") -> None:
        """Charge a difference to one item, as far as it has room and there is a difference left."""
        amount = min(amount, self.room.get(item, 0), self.left)
        if amount > 0:
            self.took.setdefault(item, []).append((kind, amount, reason, code))
            self.room[item] -= amount
            self.left -= amount

    def spread(
        self, kind: str, amount: int, reason: str, code: str = "", *, first: int | None = None
    ) -> None:
        """Charge a difference that is no item's own: to `first`, then to the item with most room, then in pool order.

        A claim or a charge is one thing; cents of it on many items would be many things to clear.
        """
        amount = min(amount, self.left)
        for item in sorted(self.room, key=lambda row: (row != first, -self.room[row], row)):
            if amount <= 0:
                return
            here = min(amount, self.room[item])
            self.put(item, kind, here, reason, code)
            amount -= here


def explain(split: Shortfall, proposal: Proposal, facts: Facts, *, is_part: bool) -> None:
    """Charge what is left of a shortfall to its causes, in the order of the module's head."""
    receipt = proposal.receipt
    whole_gap, total = split.left, sum(split.room.values())
    if split.left and not split.took:
        from_advice(split, proposal, facts)
    if not split.left:
        return
    text = facts.said(receipt)
    currency = facts.pool.currencies[facts.item_money[proposal.items[0]]]
    limit = _tolerance(split, facts, currency)
    kind, discounted = words.deduction_kind(text), words.says_discount(text)
    _from_discounts(split, facts, receipt, limit, is_said=discounted)
    if split.left and kind == "bank_charge":
        is_small = split.left <= facts.policy.bank_charge_max * 10 ** minor_places(currency)
        if is_small:
            split.spread("fee", split.left, "bank_charge")
        elif not is_part:
            split.spread("deduction", split.left, "claim", "bank_charge")
    if split.left:
        _whole_of(split, facts, first="freight" if kind == "freight" else "tax")
    said = [amount for amount in words.amounts_said(text, currency) if 0 < amount <= split.left]
    if split.left and kind and kind != "bank_charge":
        reason = kind if kind in ("freight", "tax") else "claim"
        if said or not is_part:
            claimed = said[-1] if said else split.left
            split.spread("deduction", claimed, reason, kind, first=_bearer(split, facts, claimed))
    if split.left and split.left <= limit:
        split.spread("tolerance", split.left, "tolerance")
    if not split.left:
        return
    if words.says_own_rate(text, currency) and split.left <= times(
        total, facts.policy.exchange_rate_tolerance
    ):
        split.held.append("the payer's own exchange rate")
        split.spread("fx", split.left, "exchange")
    elif _is_withheld_by_bank(split, facts, proposal, currency):
        split.spread("fee", split.left, "bank_charge")
    elif words.says_contra(text):
        split.held.append("contra needs an agreement, an AP document and an approval")
        split.spread("partial", split.left, "partial", "contra")
    elif is_part or words.says_part_payment(text) or whole_gap * PART_PAYMENT_FROM > total:
        split.spread("partial", split.left, "partial")
    elif discounted:
        split.spread("deduction", split.left, "unearned_discount", "discount")
    else:
        if _is_as_even_as_charges(split, facts, receipt, currency):
            split.held.append("a claim, or a charge that a bank kept")
        first = _bearer(split, facts, split.left)
        split.spread("deduction", split.left, "claim", "undefined", first=first)


def from_advice(split: Shortfall, proposal: Proposal, facts: Facts) -> None:
    """Charge what the lines of the advice state, each to the item that it names; nothing where they state too much."""
    lines = facts.advice.get(proposal.receipt, ())
    stated = sum(line.discount + line.deduction for line in lines)
    if not stated:
        return
    named = {plain(hit.token): hit.item for hit in proposal.hits}
    own: dict[str, int] = {}
    for item in sorted(split.room, reverse=True):
        own |= dict.fromkeys(sorted(facts.names_of(item)), item)
    # a line that names nothing is about the whole payment; one that names another item is not about these
    biggest = max(split.room, key=lambda row: (split.room[row], -row))
    found = [(line, own.get(line.reference, named.get(line.reference))) for line in lines]
    # a damaged reference still has the gross amount of its document
    found = [(line, _only(split, line.gross) if item is None else item) for line, item in found]
    mine = [
        (line, biggest if item is None else item)
        for line, item in found
        if item in split.room or not line.reference
    ]
    if sum(line.discount + line.deduction for line, _ in mine) > split.left:
        split.held.append("the advice states more than is missing")
        return
    for line, at in mine:
        if line.discount > 0:
            made = _offer(split, facts, at, proposal.receipt)
            earned = min(line.discount, max(made.amounts) + 1) if made and made.is_earned else 0
            split.put(at, "discount", earned, "earned_discount")
            split.put(at, "deduction", line.discount - earned, "unearned_discount", "discount")
        if line.deduction > 0:
            kind = words.deduction_kind(line.reason) or "undefined"
            split.put(at, "deduction", line.deduction, kind if kind in ("tax", "freight") else "claim", kind)


def _only(split: Shortfall, gross: int | None) -> int | None:
    same = [item for item in split.room if split.room[item] == gross]
    return same[0] if len(same) == 1 else None


def _bearer(split: Shortfall, facts: Facts, claim: int) -> int | None:
    """The item that a claim is about: the only disputed one, else the only one of which it is a whole percentage."""
    disputed = [item for item in split.room if facts.marked.get(item) == DISPUTED]
    if len(disputed) == 1:
        return disputed[0]
    shares = {item: divide(claim * 100, room) for item, room in split.room.items() if room}
    even = [
        item for item, share in shares.items() if share and abs(claim * 100 - share * split.room[item]) < 100
    ]
    return even[0] if len(even) == 1 else None


def _from_discounts(split: Shortfall, facts: Facts, receipt: int, limit: int, *, is_said: bool) -> None:
    if any(kind == "discount" for found in split.took.values() for kind, *_ in found):
        return
    offers = offers_for(split, facts, receipt)
    if not offers or not split.left:
        return
    found = taken(offers, split.left, spare=limit)
    earned = [one for one in offers if one.is_earned]
    if not found and is_said and earned and split.left > sum(one.amounts[0] for one in earned):
        found = tuple((one, one.amounts[0]) for one in earned)
    for one, amount in found:
        if one.is_earned:
            split.put(one.item, "discount", amount, "earned_discount")
        else:
            split.put(one.item, "deduction", amount, "unearned_discount", "discount")


def offers_for(split: Shortfall, facts: Facts, receipt: int) -> list[Offer]:
    """The cash discounts of its items on the day of the receipt, in pool order."""
    if not facts.offers_discounts:
        return []
    made = [_offer(split, facts, item, receipt) for item in sorted(split.room)]
    return [one for one in made if one]


def _offer(
    split: Shortfall, facts: Facts, item: int, receipt: int, *, on_any_base: bool = False
) -> Offer | None:
    taken_here = sum(amount for _, amount, _, _ in split.took.get(item, []))
    of = facts.discountable(item)
    return offer(
        replace(of, base=None) if on_any_base else of,
        settles=split.room[item] + taken_here,
        paid_on=facts.paid_on[receipt],
        grace_days=facts.policy.discount_grace_days,
    )


def _whole_of(split: Shortfall, facts: Facts, *, first: str) -> None:
    """Exactly the tax, or the freight, of all items or of the only item that has so much."""
    of = {"tax": facts.tax, "freight": facts.freight}
    for kind in (first, "freight" if first == "tax" else "tax"):
        amounts = {item: of[kind](item) for item in split.room if of[kind](item) > 0}
        same = [item for item, amount in amounts.items() if amount == split.left]
        if amounts and sum(amounts.values()) == split.left:
            same = list(amounts)
        elif len(same) != 1:
            continue
        for item in same:
            split.put(item, "deduction", amounts[item], kind, kind)
        return


def _tolerance(split: Shortfall, facts: Facts, currency: str) -> int:
    """One limit a receipt, not one an item: the most restrictive of those of its items."""
    total = sum(split.room.values())
    named = {
        (facts.segment(item), facts.pool.accounts[account][1] if account >= 0 else "")
        for item in split.room
        for account in [int(facts.pool.items.account[item])]
    }
    return min(
        limit_for(item_open=total, currency=currency, business_unit=unit, customer=customer, user=facts.user,
                  limits=facts.policy.tolerances)
        for unit, customer in sorted(named)
    )  # fmt: skip


def _is_withheld_by_bank(split: Shortfall, facts: Facts, proposal: Proposal, currency: str) -> bool:
    unit = 10 ** minor_places(currency)
    if split.left % unit or split.left > facts.policy.bank_charge_max * unit:
        return False
    account = int(facts.pool.items.account[proposal.items[0]])
    return words.says_wire(facts.banked(proposal.receipt)) or facts.is_foreign(proposal.receipt, account)


def _is_as_even_as_charges(split: Shortfall, facts: Facts, receipt: int, currency: str) -> bool:
    """An amount such as banks take, and neither an even share of what was billed nor a discount on another base."""
    total = sum(split.room.values())
    if split.left > facts.policy.bank_charge_max * 10 ** minor_places(currency) or split.left % EVEN:
        return False
    if split.left * LITTLE > total or split.left * 100 % total == 0:
        return False
    made = (_offer(split, facts, item, receipt, on_any_base=True) for item in sorted(split.room))
    return not any(split.left in one.amounts for one in made if one is not None)
