"""What a choice of items comes to: the difference whole, its parts, and the lines of an application. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from arlib.matching.by_hand.frames import PARTS


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an application as a decision takes it; amounts in minor units, signs as in MATCHES."""

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


@dataclass(frozen=True)
class WhatIf:
    """The difference between a receipt and the items chosen for it, whole: `-difference = parts + rest - over`.

    `cash` is the receipt's money, `unapplied` what no chosen item takes of it, both in `receipt_currency`. All else is in the
    items' `currency`: `worth` is the cash at the rate, `chosen` what the chosen items are to be settled and claimed for,
    `difference` is worth less chosen (negative: paid less). `parts` (PARTS) explain a shortfall; `rest` of it is not explained
    and stays open as a part payment; `over` is the worth that no item takes, of which all but a rounding is `unapplied`.
    `faults` forbid to apply: each is a sentence. `sentences` say what was found and what to look at. `lines`, `open_amounts` and
    `receipt_open` are what a decision takes.
    """

    receipt_id: str
    currency: str = ""
    receipt_currency: str = ""
    cash: int = 0
    worth: int = 0
    chosen: int = 0
    difference: int = 0
    rest: int = 0
    over: int = 0
    unapplied: int = 0
    parts: pd.DataFrame = field(default_factory=PARTS.empty)
    lines: tuple[Line, ...] = ()
    open_amounts: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()

    @property
    def receipt_open(self) -> int:
        """What is open of the receipt before."""
        return self.cash

    @property
    def can_apply(self) -> bool:
        """Whether something is chosen and nothing is wrong with it."""
        return bool(self.lines) and not self.faults
