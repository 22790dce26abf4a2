"""Exchange rates with a date, a kind and a source, and exact translation by them. Floor 0."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING

from arlib.errors import ParameterError, RateError
from arlib.money.currency import iso_code, minor_places
from arlib.money.exact import Rounding, divide

if TYPE_CHECKING:
    import pandas as pd

_MAX_EXPONENT = 30


@dataclass(frozen=True, kw_only=True)
class Rate:
    """One unit of `base` costs `value` of `quote`. `on` is its date; for a cross, the older leg's."""

    base: str
    quote: str
    value: Fraction
    on: date
    kind: str
    source: str
    is_inverse: bool = False
    pivot: str = ""  # currency that a cross rate goes through

    @property
    def rate(self) -> Decimal:
        """The rate as a decimal of at most 28 digits, for show; calculations use `value`, which is exact."""
        return Decimal(self.value.numerator) / Decimal(self.value.denominator)

    @property
    def how(self) -> str:
        """How the rate was come by, for a report: 'spot EUR/USD of 2026-10-30, ECB'."""
        way = f", through {self.pivot}" if self.pivot else ", inverse" if self.is_inverse else ""
        return f"{self.kind} {self.base}/{self.quote} of {self.on:%Y-%m-%d}, {self.source}{way}"


def exact_rate(rate: str | int | Decimal | Fraction | Rate) -> Fraction:
    """A rate as an exact positive fraction. What is none raises RateError, a float TypeError."""
    if isinstance(rate, Rate):
        return rate.value
    if isinstance(rate, float):
        raise TypeError("a rate must be exact: decimal text, Decimal or Fraction, not float")
    if isinstance(rate, Fraction):
        value = rate
    else:
        try:
            decimal = Decimal(rate)
        except (InvalidOperation, ValueError, TypeError):
            raise RateError(
                "not an exchange rate", found=rate, wanted="a plain decimal such as 1.0863"
            ) from None
        if not decimal.is_finite() or abs(decimal.adjusted()) > _MAX_EXPONENT:
            raise RateError("not an exchange rate", found=str(rate), wanted="a plain decimal such as 1.0863")
        value = Fraction(decimal)
    if value.numerator <= 0:  # a comparison of fractions costs more than reading one
        raise RateError("not an exchange rate", found=str(rate), wanted="a rate above 0")
    return value


def translate(
    minor: int,
    *,
    from_currency: str,
    to_currency: str,
    rate: str | int | Decimal | Fraction | Rate,
    rounding: Rounding = Rounding.HALF_UP,
) -> int:
    """Minor units of one currency as those of another, at so many `to_currency` per unit of `from_currency`.

    Exact up to the one rounding at the end. A Rate must be for this pair; between a currency and itself the
    rate must be 1.
    """
    factor = translation_factor(from_currency, to_currency, rate)
    return divide(minor * factor.numerator, factor.denominator, rounding)


def translation_factor(
    from_currency: str, to_currency: str, rate: str | int | Decimal | Fraction | Rate
) -> Fraction:
    """What minor units of one currency are multiplied by to be those of the other: rate and both places."""
    places = Fraction(10 ** minor_places(to_currency), 10 ** minor_places(from_currency))
    source, target = iso_code(from_currency), iso_code(to_currency)
    if isinstance(rate, Rate) and (rate.base, rate.quote) != (source, target):
        raise RateError(
            f"rate of another pair for {from_currency}/{to_currency}", found=f"{rate.base}/{rate.quote}"
        )
    value = exact_rate(rate)
    if source == target and value != 1:
        raise RateError(f"rate of {from_currency} to itself", found=str(rate), wanted="1")
    return value * places


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Exchange rates to look up. Build with `Rates.of(fx_rates)`.

    The rate for a day is the latest on or before it that is at most `max_age_days` old: the pair itself or
    its inverse, whichever is newer; when there is neither, a cross through `pivot` if one is declared. What
    was done stands in the Rate.
    """

    pivot: str = ""
    max_age_days: int = 7
    table: dict[tuple[str, str, str], tuple[tuple[date, ...], tuple[Fraction, ...], tuple[str, ...]]] = field(
        default_factory=dict, repr=False
    )

    def __post_init__(self) -> None:
        """The age must not be negative, the pivot a currency."""
        if self.max_age_days < 0:
            raise ParameterError("max_age_days", found=self.max_age_days, wanted="0 or more")
        if self.pivot:
            minor_places(self.pivot)

    @classmethod
    def of(cls, fx_rates: pd.DataFrame, *, pivot: str = "", max_age_days: int = 7) -> Rates:
        """Rates from an FX_RATES table. Two different rates for one date, pair and kind raise RateError."""
        found: dict[tuple[str, str, str], dict[date, tuple[Fraction, str]]] = {}
        columns = [fx_rates[name].tolist() for name in ("date", "base", "quote", "kind", "rate", "source")]
        for day, base, quote, kind, text, source in zip(*columns, strict=True):
            series, on = found.setdefault((base, quote, kind), {}), day.date()
            value = exact_rate(text)
            if on in series and series[on][0] != value:
                raise RateError(
                    f"two {kind} rates {base}/{quote} for {on}", found=f"{series[on][0]} and {value}"
                )
            series[on] = (value, str(source))
        table = {}
        for key, series in found.items():
            days = tuple(sorted(series))
            table[key] = (days, tuple(series[d][0] for d in days), tuple(series[d][1] for d in days))
        return cls(pivot=pivot, max_age_days=max_age_days, table=table)

    def find(self, base: str, quote: str, on: date, kind: str = "closing") -> Rate:
        """The rate of a pair for a day; none in reach raises RateError naming pair, kind and date.

        Between a currency and itself the rate is 1. `kind` is never swapped for another. A currency with more
        places, such as JPY.2, has the rates of its ISO code.
        """
        for code in (base, quote):
            minor_places(code)
        base, quote = iso_code(base), iso_code(quote)
        if base == quote:
            return Rate(base=base, quote=quote, value=Fraction(1), on=on, kind=kind, source="same currency")
        found = self._pair(base, quote, on, kind)
        if found is None and self.pivot and self.pivot not in (base, quote):
            first, second = self._pair(base, self.pivot, on, kind), self._pair(self.pivot, quote, on, kind)
            if first and second:
                sources = (
                    first.source if first.source == second.source else f"{first.source} and {second.source}"
                )
                value, on_day = first.value * second.value, min(first.on, second.on)
                found = Rate(base=base, quote=quote, value=value, on=on_day, kind=kind, source=sources,
                             pivot=self.pivot)  # fmt: skip
        if found is None:
            raise RateError(
                f"no {kind} rate {base}/{quote} for {on} or the {self.max_age_days} days before",
                fix=f"Add a row {base},{quote} (or its inverse) to fx_rates.",
            )
        return found

    def _pair(self, base: str, quote: str, on: date, kind: str) -> Rate | None:
        direct, inverse = self._latest(base, quote, on, kind), self._latest(quote, base, on, kind)
        if inverse and (direct is None or inverse[0] > direct[0]):
            return Rate(base=base, quote=quote, value=1 / inverse[1], on=inverse[0], kind=kind,
                        source=inverse[2], is_inverse=True)  # fmt: skip
        if direct:
            return Rate(base=base, quote=quote, value=direct[1], on=direct[0], kind=kind, source=direct[2])
        return None

    def _latest(self, base: str, quote: str, on: date, kind: str) -> tuple[date, Fraction, str] | None:
        series = self.table.get((base, quote, str(kind)))
        if series is None:
            return None
        days, values, sources = series
        position = bisect_right(days, on) - 1
        if position < 0 or (on - days[position]).days > self.max_age_days:
            return None
        return days[position], values[position], sources[position]
