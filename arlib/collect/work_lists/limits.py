"""Amounts of the policy in the books' currency. Floor 1."""

from __future__ import annotations

from decimal import Decimal

from arlib.collect.position import Position
from arlib.money import Rounding, minor_places, times, translate


def in_books_currency(amount: Decimal, position: Position, currency: str) -> int:
    """A decimal amount of the policy as minor units of the books' currency, at the closing rate of the as-of date.

    `currency` is that of the policy, '' the books'. A fraction of a minor unit is rounded up: less does not reach the
    limit. A currency without a closing rate raises RateError.
    """
    source = currency or position.currency
    minor = times(10 ** minor_places(source), amount, Rounding.CEILING)
    if source == position.currency:
        return minor
    rate = position.rates.find(source, position.currency, position.scope.as_of)
    return translate(minor, from_currency=source, to_currency=position.currency, rate=rate)
