"""Pairs of one clearing group: which credit settles which debit, in document and books' currency. Floor 2.

Exact integers throughout; the last part of a line takes whatever carrying amount is left of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any


class Open:
    """What is still to be cleared of one line, in both currencies."""

    def __init__(self, row: Mapping[Hashable, Any], taken: int = 0, carried: int = 0) -> None:
        """A line less what stated applications have taken of it."""
        self.item, self.customer, self.currency = row["item_id"], row["customer_id"], str(row["currency"])
        amount, functional = int(row["amount"]), row["functional_amount"]
        self.sign = (amount > 0) - (amount < 0)
        self.rest = max(abs(amount) - taken, 0)
        self.functional = abs(functional) - carried if isinstance(functional, int) else None
        discount = row.get("_discount")
        self.discount = abs(int(discount)) if isinstance(discount, int) else 0

    def take(self, amount: int) -> int | None:
        """Take an amount off and give its share of the carrying amount; the last share is whatever is left."""
        share = None
        if self.functional is not None:
            share = (2 * self.functional * amount + self.rest) // (2 * self.rest)  # half up; all for the last
            self.functional -= share
        self.rest -= amount
        return share

    def applied_to(self, debit: Open) -> dict[str, Any]:
        """This credit set against a debit of the same currency, as far as both reach."""
        amount = min(debit.rest, self.rest)
        return application(self, debit, amount, amount)


def application(credit: Open, debit: Open, given: int, settled: int) -> dict[str, Any]:
    """One application: so much taken from the credit, so much settled on the debit, each in its currency."""
    target, source = debit.take(settled), credit.take(given)
    return {
        "source_item_id": credit.item,
        "target_item_id": debit.item,
        "source_currency": credit.currency,
        "source_amount": given,
        "target_currency": debit.currency,
        "target_amount": settled,
        "source_functional_amount": source,
        "target_functional_amount": target,
        "realised_fx": None if source is None or target is None else source - target,
    }


def pairs_of(group: Sequence[Open]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Applications within one clearing group, and what stays open by currency.

    Lines come oldest due first. Within a currency the same customer goes first, so that a head office paying for
    branches does not cross where it need not; then across currencies by carrying amounts.
    """
    debits = [one for one in group if one.sign > 0]
    owed = [one for one in group if one.sign < 0]
    made: list[dict[str, Any]] = []
    for currency in sorted({one.currency for one in group}):
        mine = [one for one in debits if one.currency == currency]
        theirs = [one for one in owed if one.currency == currency]
        for same in (True, False):
            for debit in mine:
                for credit in theirs:
                    if debit.rest and credit.rest and (not same or debit.customer == credit.customer):
                        made.append(credit.applied_to(debit))
    _take_discounts(debits, made)
    made += _across(debits, owed)
    left: dict[str, int] = {}
    for one in group:
        if one.rest:
            left[one.currency] = left.get(one.currency, 0) + one.sign * one.rest
    return made, {currency: amount for currency, amount in sorted(left.items()) if amount}


def _take_discounts(debits: Sequence[Open], made: Sequence[dict[str, Any]]) -> None:
    """What a group leaves of a debit is its cash discount, as far as the line says that one was taken."""
    last = {row["target_item_id"]: row for row in made}
    for debit in debits:
        row, amount = last.get(debit.item), min(debit.rest, debit.discount)
        if row is not None and amount:
            row["discount"] = amount
            row["discount_functional_amount"] = debit.take(amount)


def _across(debits: Sequence[Open], owed: Sequence[Open]) -> list[dict[str, Any]]:
    """Pairs of two currencies by carrying amounts; where only one side is left, its last part is exchange."""
    made: list[dict[str, Any]] = []
    for debit in debits:
        for credit in owed:
            if not (debit.rest and credit.rest and debit.functional and credit.functional):
                continue
            if debit.currency == credit.currency:
                continue
            is_last = _only(debit, debits) or _only(credit, owed)
            both = min(debit.functional, credit.functional)
            settled = debit.rest if both == debit.functional else debit.rest * both // debit.functional
            given = credit.rest if both == credit.functional else credit.rest * both // credit.functional
            if is_last and _only(debit, debits) and _only(credit, owed):
                settled, given = debit.rest, credit.rest
            if settled and given:
                made.append(application(credit, debit, given, settled))
    return made


def _only(one: Open, lines: Sequence[Open]) -> bool:
    """Whether it is the last line of its side with a rest."""
    return all(other is one or not other.rest for other in lines)
