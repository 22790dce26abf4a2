"""Which items a question is about: a filter that says what it leaves out. Floor 1."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import pandas as pd

from arlib.errors import ParameterError
from arlib.money import is_currency, minor_places
from arlib.tables.choices import ItemType

if TYPE_CHECKING:
    from collections.abc import Iterator

_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,6})?")
SIDES = ("all", "debits", "credits")


@dataclass(frozen=True, kw_only=True)
class Population:
    """Open items or documents that a question is about; empty fields leave nothing out.

    `at_least` is an amount without sign in each item's own currency, as decimal text; an item of just that amount is in.
    """

    item_types: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    control_accounts: tuple[str, ...] = ()
    side: str = "all"
    at_least: str = ""

    def __post_init__(self) -> None:
        """Types, currencies and side must be known, and the amount decimal text."""
        where = "population"
        if odd := [name for name in self.item_types if name not in list(ItemType)]:
            raise ParameterError("item_types", where=where, found=odd, wanted=f"of {', '.join(ItemType)}")
        if odd := [code for code in self.currencies if not is_currency(code)]:
            raise ParameterError("currencies", where=where, found=odd, wanted="ISO 4217 codes")
        if self.side not in SIDES:
            raise ParameterError("side", where=where, found=self.side, wanted=f"one of {', '.join(SIDES)}")
        if self.at_least:
            least_in(self.at_least, "USD")

    def chosen(self, items: pd.DataFrame, *, amount: str) -> pd.Series:
        """A flag for each row of `items` (columns item_type, currency, customer_id, control_account and the money
        column `amount`): whether it belongs to the population.
        """
        kept = pd.Series(True, index=items.index)
        for column, wanted in (
            ("item_type", self.item_types),
            ("currency", self.currencies),
            ("customer_id", self.customers),
            ("control_account", self.control_accounts),
        ):
            if wanted:
                kept &= items[column].isin(wanted)
        if self.side != "all":
            kept &= items[amount].gt(0) if self.side == "debits" else items[amount].lt(0)
        if self.at_least:
            least = {code: least_in(self.at_least, code) for code in items["currency"].dropna().unique()}
            kept &= items[amount].abs().ge(items["currency"].map(least))
        return kept.fillna(False).astype(bool)

    def words(self) -> str:
        """The population in a sentence's part: what belongs to it."""
        return "; ".join(self._parts()) or "all items"

    def _parts(self) -> Iterator[str]:
        for name, given in (
            ("types", self.item_types),
            ("currencies", self.currencies),
            ("customers", self.customers),
            ("control accounts", self.control_accounts),
        ):
            if given:
                yield f"{name} {', '.join(given)}"
        if self.side != "all":
            yield f"{self.side} only"
        if self.at_least:
            yield f"of {self.at_least} or more in their own currency"


def least_in(text: str, currency: str) -> int:
    """Decimal text in minor units of a currency, rounded up where the currency has fewer places."""
    if not _AMOUNT.fullmatch(text):
        raise ParameterError(
            "at_least", where="population", found=text, wanted='an amount without sign, such as "1000.00"'
        )
    return math.ceil(Fraction(text) * Fraction(10) ** minor_places(currency))
