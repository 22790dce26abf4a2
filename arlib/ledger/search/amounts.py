"""Exact amounts, however they are written. Floor 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.errors import AmountError
from arlib.ledger.facts import Ints, ints
from arlib.money import is_currency, minor_places, number_style, parse_minor

STYLES = tuple(
    number_style(sample, f"({sample})", f"{sample}-", allow_short_fraction=True)
    for sample in ("1,234.56", "1.234,56", "1 234,56", "1 234.56", "1'234.56", "12,34,567.89")
)
SIGNS: Mapping[str, str] = {"€": "EUR", "£": "GBP", "¥": "JPY", "$": "", "+": ""}
LONGEST = 40


@dataclass(frozen=True)
class Meant:
    """An amount that a query may mean, without sign. `is_plain` where nothing but digits says that it is one."""

    currency: str
    minor: int
    is_plain: bool


def amounts_meant(query: str, currencies: Iterable[str]) -> tuple[Meant, ...]:
    """Every reading of a query as an amount in one of these currencies; none where it is not an amount.

    '1,234.56', '1.234,56', "1'234.56", '(1,234.56)' and '1234.56 EUR' are read; '1.234' is read both as a thousand and,
    where the currency has three places, as one and a bit. The sign does not count.
    """
    named, text = "", query
    for sign, code in SIGNS.items():
        if sign in text:
            named, text = named or code, text.replace(sign, " ")
    words = text.split()
    for word in (words[:1], words[-1:]):
        code = word[0].upper() if word else ""
        if len(words) > 1 and is_currency(code):
            named = code
            words.remove(word[0])
    text = " ".join(words)
    if not text or len(text) > LONGEST or not any(sign.isdigit() for sign in text):
        return ()
    is_plain = text.isdigit() and not named
    made = set()
    for currency in {named} if named else set(currencies):
        for style in STYLES:
            try:
                minor = parse_minor(text, style, places=minor_places(currency))
            except AmountError:
                continue
            made.add(Meant(currency, abs(minor), is_plain))
    return tuple(sorted((each for each in made if each.minor), key=lambda each: (each.currency, each.minor)))


@dataclass(frozen=True, eq=False)
class Amounts:
    """Amounts without sign, in order."""

    field: str
    table: str  # items, receipts or customers
    minor: Ints
    rows: Ints  # row of the source, by place
    owners: Ints
    currencies: pd.Series  # by row of the source

    @classmethod
    def of(cls, field: str, amounts: pd.Series, currencies: pd.Series, owners: Ints, *, table: str,
           rows: Ints | None = None) -> Amounts:  # fmt: skip
        """Index a money column. `rows` says which rows of the table these are, where they are not all of them."""
        values = np.abs(ints(amounts))
        order = np.argsort(values, kind="stable")
        at = order if rows is None else rows[order]
        return cls(
            field, table, values[order], at, owners[order], currencies.iloc[order].reset_index(drop=True)
        )

    def equal(self, meant: Meant) -> Ints:
        """Places of exactly this amount in this currency."""
        first, last = np.searchsorted(self.minor, [meant.minor, meant.minor + 1]).tolist()
        same = self.currencies.iloc[first:last].eq(meant.currency).to_numpy(dtype=bool)
        return np.asarray(first + np.flatnonzero(same), dtype=np.int64)
