"""Classes of evidence of stated payments. Floor 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arlib.matching.stated.explain import Explained

RULES_MEANT = {
    "stated.advice": "the remittance advice names every item, undamaged, and its lines sum to the receipt",
    "stated.advice_damaged": "each line of the advice means one item by number and amount, some are damaged; they sum to the receipt",
    "stated.advice_damaged_part": "as stated.advice_damaged, but its lines pay some items in part",
    "stated.advice_over": "the remittance advice names every item; its lines sum to a little less than the receipt",
    "stated.exact": "numbers of the payer's items without damage, and the receipt is what they are open for",
    "stated.exact_short": "numbers without damage, and the receipt is a little less than they are open for",
    "stated.exact_less": "numbers without damage, and the receipt is what they are open for less what the payer says or its terms allow",
    "stated.exact_parts": "one item's number without damage; the receipts that name it pay it in full together",
    "stated.exact_part": "one item's number without damage, and the receipt is less than it is open for",
    "stated.damaged": "numbers that resemble one item of the payer clearly more than any other, and the receipt is what they are open for",
    "stated.damaged_short": "damaged numbers, each clearly nearest to one item, and the receipt is a little less than they are open for",
    "stated.damaged_less": "damaged numbers, each clearly nearest to one item, less just what the payer says or terms allow",
    "stated.damaged_parts": "a damaged number, clearly nearest to one item; the receipts that name it pay it in full together",
    "stated.damaged_part": "a damaged number, clearly nearest to one item, and the receipt is less than it is open for",
    "stated.solved": "numbers that may name several items of the payer; only one reading gives the receipt's amount",
    "stated.solved_short": "numbers that may name several items of the payer; only one reading gives nearly the receipt's amount",
    "stated.solved_less": "only one reading of the numbers gives the amount, less just what the payer says or terms allow",
    "stated.solved_parts": "a number that may name several items of the payer; with others the receipt pays just one of them in full",
    "stated.solved_part": "a number that may name several items of the payer, the likeliest of which is open for more",
    "stated.completed": "some items are named, the others are found by the rest of the amount",
    "stated.advice_part": "the remittance advice names every item, undamaged; its lines sum to the receipt but pay some items in part",
    "stated.other_payer_part": "an undamaged number and less than the item is open for, and nothing is known of the payer",
    "stated.damaged_other_payer": "a slightly damaged number and the exact amount, but the payer is not known to pay for this customer",
    "stated.other_payer": "undamaged numbers and exact amount, but the payer is not known to pay for this customer",
    "stated.other_currency": "numbers of items in another currency, and by the day's rate the receipt is about what they are open for",
    "stated.other_currency_part": "an undamaged number of an item in another currency, paid in part by the day's rate",
    "stated.linked": "several receipts name an item in common; together they pay all that they name in full",
    "stated.last": "several items are named; the receipt pays all in full but one, and only one is large enough for that",
    "stated.loose": "items are named, but the receipt is much less than they are open for",
    "stated.over": "items are named, and the receipt is a little more than they are open for",
    "stated.beyond": "items are named, and the receipt is much more than they are open for",
}  # fmt: skip
MEANT_SHORT = {
    "stated.advice": "every line of the advice agrees",
    "stated.advice_part": "the advice pays some items in part",
    "stated.advice_damaged": "every line agrees by number and amount",
    "stated.advice_damaged_part": "every line agrees, some items are paid in part",
    "stated.advice_over": "every line agrees, and money is left over",
    "stated.exact": "the amounts agree",
    "stated.exact_short": "a small difference",
    "stated.exact_less": "the amounts agree less what the payer says or its terms allow",
    "stated.exact_parts": "the receipts that name it pay it in full together",
    "stated.exact_part": "a payment in part",
    "stated.damaged": "the amounts agree and no other item of the payer is as near",
    "stated.damaged_short": "a small difference, and no other item of the payer is as near",
    "stated.damaged_less": "the amounts agree less what the payer says or its terms allow, and no other item of the payer is as near",
    "stated.damaged_parts": "its receipts pay it in full together, and no other item of the payer is as near",
    "stated.damaged_part": "a payment in part, and no other item of the payer is as near",
    "stated.solved": "of the readings only this one gives the amount",
    "stated.solved_short": "of the readings only this one gives nearly the amount",
    "stated.solved_less": "of the readings only this one gives the amount less what the payer says or its terms allow",
    "stated.solved_parts": "with the other receipts it pays just this item in full",
    "stated.solved_part": "a payment in part of the likeliest item",
    "stated.completed": "only these items sum to the amount",
    "stated.other_payer": "the amounts agree",
    "stated.other_payer_part": "a payment in part",
    "stated.damaged_other_payer": "the amounts agree",
    "stated.other_currency": "the amounts agree by the day's exchange rate",
    "stated.other_currency_part": "a payment in part by the day's exchange rate",
    "stated.linked": "the receipts that share an item pay all that they name in full together",
    "stated.last": "all in full but the one item that is large enough to be paid in part",
    "stated.loose": "much less than open",
    "stated.over": "a little more than open",
    "stated.beyond": "much more than open",
}
SETTLED_IN_FULL = ("exact", "less", "short", "over", "beyond")


def rule_of(found: Explained, *, is_together: bool = False) -> str:
    """The rule's name; `is_together` where all receipts of the item pay it in full."""
    if found.kind in ("over", "beyond", "loose", "last"):
        return f"stated.{found.kind}"
    if found.found:
        return "stated.completed"
    tail = {"exact": "", "less": "_less", "short": "_short", "part": "_parts" if is_together else "_part"}[
        found.kind
    ]
    if found.is_doubtful:
        return "stated.solved" + tail
    if any(one.cost >= 1 for one in found.named):
        return "stated.damaged" + tail
    return "stated.exact" + tail
