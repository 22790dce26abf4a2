"""Amounts of proposals in the currency of a limit, exact. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from arlib.errors import RateError
from arlib.money import Rates, iso_code, minor_places


@dataclass(frozen=True, kw_only=True)
class Amount:
    """What a proposal moves, whatever its sign: minor units of its currency, and of the functional one where known."""

    minor: int
    currency: str
    functional_minor: int | None = None


@dataclass(frozen=True, kw_only=True)
class Limit:
    """The most that somebody may decide; `currency` is never empty."""

    up_to: Decimal
    currency: str

    def __str__(self) -> str:
        """The limit for people: `1,000.00 USD`."""
        return units_text(Fraction(self.up_to), self.currency)


@dataclass(frozen=True, kw_only=True)
class Translator:
    """Amounts at the closing rates of one day. Exact: a limit is compared with a fraction, nothing is rounded."""

    functional: str
    rates: Rates
    on: date
    _known: dict[tuple[str, str], Fraction] = field(default_factory=dict, init=False, repr=False)

    def units(self, amount: Amount, currency: str) -> Fraction:
        """The amount in units of a currency, at its closing rate.

        Without a rate the functional amount serves where that currency is meant. Else raises RateError.
        """
        units = Fraction(abs(amount.minor), 10 ** minor_places(amount.currency))
        source, target = iso_code(amount.currency), iso_code(currency)
        if source == target:
            return units
        try:
            return units * self._rate(source, target)
        except RateError:
            if amount.functional_minor is None or target != iso_code(self.functional):
                raise
            return Fraction(abs(amount.functional_minor), 10 ** minor_places(self.functional))

    def limit(self, up_to: Decimal, currency: str) -> Limit:
        """A limit as the policy writes it; without a currency the functional one is meant."""
        return Limit(up_to=up_to, currency=currency or self.functional)

    def _rate(self, source: str, target: str) -> Fraction:
        key = (source, target)
        if key not in self._known:
            self._known[key] = self.rates.find(source, target, self.on).value
        return self._known[key]


def units_text(units: Fraction, currency: str) -> str:
    """An amount for people, cut to the places of its currency; `…` says that there is more."""
    places = minor_places(currency)
    scaled = units * 10**places
    minor = scaled.numerator // scaled.denominator
    whole, rest = divmod(minor, 10**places)
    text = f"{whole:,}" + (f".{rest:0{places}d}" if places else "")
    return f"{text}{'' if scaled.denominator == 1 else '…'} {iso_code(currency)}"
