"""What a part of the engine says about one receipt. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, field


def rule_said(rule: str) -> str:
    """A rule as a sentence names it: `stated.damaged_short` is “stated: damaged short”."""
    return f"“{rule.replace('.', ': ', 1).replace('_', ' ')}”"


@dataclass(frozen=True, slots=True)
class Hit:
    """A text in a payment that names an item."""

    item: int  # row in Pool.items
    token: str  # as written in the payment
    field: str  # field of the item, e.g. "order_no"
    how: str  # "exact" or what is damaged: leading_zeros, truncated, substituted, transposed, inserted, deleted, blank, ocr, prefix, range
    distance: int = 0  # edits between token and field


@dataclass(frozen=True, slots=True)
class Proposal:
    """Items that explain a receipt. Amounts are minor units in the item's currency, credits negative.

    `settles` is what each item falls by, cash and allowed differences together; `difference` is the receipt less the sum of
    `settles` (negative: the customer paid less). `explanations` counts the ways that were found: 1 is unique, 2 means two or
    more, 0 means not counted. `rule` names the class of evidence whose precision is measured.
    """

    receipt: int  # row in Pool.receipts
    items: tuple[int, ...]  # rows in Pool.items, ascending
    settles: tuple[int, ...]
    rule: str
    difference: int = 0
    explanations: int = 1
    strength: float = 0.0  # larger is better; comparable within a rule only
    hits: tuple[Hit, ...] = ()
    payer_how: str = ""
    sentence: str = ""
    held_because: str = ""  # a reason that forbids auto whatever the rule's precision
    others: tuple[Other, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Other:
    """A way that lost, and why."""

    items: tuple[int, ...]
    settles: tuple[int, ...]
    rule: str
    lost_because: str
