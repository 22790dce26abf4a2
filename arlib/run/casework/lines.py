"""A part of a receipt that a person sets against an item. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from operator import index
from typing import Any

PARTS = ("discount", "fee", "fx", "tolerance")  # settle the item on top of the cash
AMOUNTS = ("applied_amount", "receipt_amount", "discount", "deduction", "fee", "fx", "tolerance")


@dataclass(frozen=True, kw_only=True)
class AppliedLine:
    """Amounts are whole minor units: `receipt_amount` in the receipt's currency, all others in the item's.

    The item falls by `settles`. A deduction is a claim of the customer and stays open. `reason` and `claim_code` are
    words of MATCHES.
    """

    item_id: str
    currency: str
    applied_amount: int
    receipt_currency: str
    receipt_amount: int
    discount: int = 0
    deduction: int = 0
    fee: int = 0
    fx: int = 0
    tolerance: int = 0
    reason: str = "full"
    claim_code: str = ""

    @property
    def settles(self) -> int:
        """What the item falls by; negative where a credit is taken up."""
        return self.applied_amount + self.discount + self.fee + self.fx + self.tolerance

    def as_json(self) -> dict[str, Any]:
        """The line as an event keeps it, with plain integers."""
        return {name: index(value) if name in AMOUNTS else value for name, value in asdict(self).items()}


_NAMES = {each.name for each in fields(AppliedLine)}


def line_of(item: Mapping[str, Any]) -> AppliedLine:
    """A line from an event's body; one that says only item, currency and amount used that much of its receipt.

    Raises TypeError, ValueError or KeyError where it is none.
    """
    told = {name: value for name, value in item.items() if name in _NAMES}
    amounts = {name: told.get(name, 0) for name in AMOUNTS}
    amounts["receipt_amount"] = told.get("receipt_amount", told["applied_amount"])
    if any(isinstance(value, bool) or not isinstance(value, int) for value in amounts.values()):
        raise TypeError("amounts are whole minor units")
    words = {
        "item_id": told["item_id"],
        "currency": told["currency"],
        "receipt_currency": told.get("receipt_currency", told["currency"]),
        "reason": told.get("reason", ""),
        "claim_code": told.get("claim_code", ""),
    }
    if not all(isinstance(value, str) for value in words.values()):
        raise TypeError("words are text")
    if not words["item_id"] or not words["currency"]:
        raise ValueError("an item and its currency are named")
    return AppliedLine(**words, **amounts)
