"""Evidence as a person reads it. Floor 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arlib.matching.pool import REFERENCE_FIELDS
from arlib.matching.proposal import Hit, Proposal
from arlib.matching.references.damage import what_happened
from arlib.matching.stated.rules import MEANT_SHORT
from arlib.money import is_currency, iso_code, shown

if TYPE_CHECKING:
    from arlib.matching.references.index import Named
    from arlib.matching.stated.board import Placed
    from arlib.matching.stated.ground import Ground

FIELD_WORDS = {
    "document_no": "document number",
    "purchase_order": "purchase order",
    "order_no": "order number",
    "delivery_no": "delivery number",
}
LISTED = 3  # items that a sentence spells out
TOKEN_LIMIT = 60  # characters of a text that are shown
PAYER_SURE = 0.5  # chance below which a payer does not carry a damaged number


def proposal_of(ground: Ground, placed: Placed) -> Proposal:
    """The explanation with its hits, its sentence, and what forbids to apply it unseen."""
    found, receipt = placed.found, placed.receipt
    hits = tuple(_hit(ground, receipt, one) for one in found.named)
    worth = ground.worth(receipt, ground.money[found.items[0]])
    how, strength = ground.payer_of(receipt, found.items[0])
    return Proposal(
        receipt=receipt,
        items=found.items,
        settles=placed.settles,
        rule=placed.rule,
        difference=worth - sum(placed.settles),
        explanations=found.ways,
        strength=-found.cost,
        hits=hits,
        payer_how=how,
        sentence=_sentence(ground, placed, hits, how),
        held_because=_held(placed, strength),
    )


def _held(placed: Placed, strength: float) -> str:
    found = placed.found
    if found.ways > 1:
        return "two sets of items explain the receipt about equally well"
    if placed.is_rivalled:
        return "another receipt names the same item and amount: one of the two may be paid twice"
    if found.kind in ("last", "loose") and len(found.items) > 1:
        return "it is not said which of the items is paid in part"
    if strength < PAYER_SURE and any(one.cost >= 1 for one in found.named):
        return "the number is damaged and the payer is not known for sure"
    return ""


def _hit(ground: Ground, receipt: int, one: Named) -> Hit:
    text = ground.exact.texts[receipt]
    token = " ".join(text.shown(one.start, one.end).split())[:TOKEN_LIMIT]
    field = REFERENCE_FIELDS[one.field]
    if one.how != "damaged":
        return Hit(one.item, token, field, one.how)
    written = text.plain[one.start : one.end]
    how, distance = what_happened(
        written,
        ground.nearest_form(one.item, one.field, written),
        has_blank=text.has_blank(one.start, one.end),
    )
    return Hit(one.item, token, field, how, distance)


def _sentence(ground: Ground, placed: Placed, hits: tuple[Hit, ...], payer_how: str) -> str:
    receipt, found = placed.receipt, placed.found
    currency = ground.pool.currencies[ground.currency[receipt]]
    billed = ground.pool.currencies[ground.money[found.items[0]]]
    said = [_said(ground, hit) for hit in hits[:LISTED]]
    if len(hits) > LISTED:
        said.append(f"{len(hits) - LISTED} more")
    parts = (
        ["The payment says " + ", ".join(said)] if said else ["The payment says no number that can be read"]
    )
    opened = sum(placed.opened)
    parts.append(
        f"it is {_money(ground.amount[receipt], currency)}, "
        f"{'the item is' if len(found.items) == 1 else f'the {len(found.items)} items are'} open for {_money(opened, billed)}"
    )
    if found.found:
        parts.append(f"{len(found.found)} of the items found by the rest of the amount")
    parts.append(MEANT_SHORT[placed.rule])
    parts.append(f"payer by {payer_how}" if payer_how else "payer not known to pay for this customer")
    return "; ".join(parts) + "."


def _said(ground: Ground, hit: Hit) -> str:
    number = ground.written(hit.item, hit.field)
    words = FIELD_WORDS[hit.field]
    if hit.how == "exact":
        return f"{words} {number}"
    return f"'{hit.token}' for {words} {number} ({hit.how.replace('_', ' ').replace('+', ' and ')})"


def _money(minor: int, currency: str) -> str:
    return (
        f"{iso_code(currency)} {shown(minor, currency)}" if is_currency(currency) else f"{minor} minor units"
    )
