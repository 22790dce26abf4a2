"""What a performance figure is: its convention, its exact value, or why it cannot be computed. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from arlib.errors import ParameterError
from arlib.money import divide

Number = int | Fraction | Decimal


class Unit(StrEnum):
    """What a value counts."""

    DAYS = "days"
    PERCENT = "percent"
    TIMES = "times a year"


PLACES = {Unit.DAYS: 1, Unit.PERCENT: 2, Unit.TIMES: 2}


@dataclass(frozen=True, kw_only=True)
class Convention:
    """One way to compute one figure. Two conventions of one figure are never compared."""

    kpi: str  # machine name, e.g. "dso"
    name: str  # e.g. "count_back_30"
    unit: Unit
    words: str  # the formula, in words
    source: str  # who defines it so
    higher_is_better: bool = False

    @property
    def key(self) -> str:
        """Figure and convention in one word: `dso/count_back_30`."""
        return f"{self.kpi}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A value by its convention, with what was divided by what. Without a value, `why` says what is in the way."""

    convention: Convention
    value: Fraction | None
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    why: str = ""

    def __post_init__(self) -> None:
        """Either there is a value or a reason."""
        if (self.value is None) != bool(self.why):
            raise ParameterError(
                self.convention.key, found=f"{self.value}, {self.why!r}", wanted="a value or a reason"
            )

    @property
    def text(self) -> str:
        """The value as decimal text, rounded half up once to the places of its unit; '' where there is none."""
        return "" if self.value is None else decimal_text(self.value, PLACES[self.convention.unit])


def decimal_text(value: Fraction, places: int) -> str:
    """An exact value as plain decimal text with so many places, a tie away from zero."""
    scaled = divide(value.numerator * 10**places, value.denominator)
    whole, rest = divmod(abs(scaled), 10**places)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}.{rest:0{places}d}" if places else f"{sign}{whole}"


def cannot(convention: Convention, why: str) -> Figure:
    """The figure that cannot be computed, and why."""
    return Figure(convention=convention, value=None, why=why)


def exact(value: Number) -> Fraction:
    """The value as a fraction. A float raises TypeError: it is not what was meant."""
    if isinstance(value, float):
        raise TypeError("a figure needs exact numbers: int, Decimal or Fraction, not float")
    return Fraction(value)


def quotient(
    convention: Convention,
    over: Number,
    under: Number,
    *,
    times: Number = 1,
    under_is: str,
    over_is: str = "",
) -> Figure:
    """over × times ÷ under, or a figure without a value where `under` is not positive.

    With `over_is`, a negative `over` has no meaning either and is named by it.
    """
    top, bottom = exact(over), exact(under)
    if bottom <= 0:
        return cannot(convention, f"{under_is} {'are zero' if not bottom else 'are negative'}")
    if over_is and top < 0:
        return cannot(convention, f"{over_is} are negative: more credits than debits")
    return Figure(convention=convention, value=top * exact(times) / bottom, numerator=top, denominator=bottom)


def require_same_convention(one: Convention, other: Convention) -> None:
    """Raise ParameterError where two figures are not of one figure and one convention."""
    if (one.kpi, one.name) != (other.kpi, other.name):
        raise ParameterError(
            "figures of two conventions are not compared", found=f"{one.key} and {other.key}",
            wanted="one figure by one convention",
        )  # fmt: skip


def change(now: Figure, before: Figure) -> Fraction | None:
    """now − before, None where one of them has no value. Two conventions raise ParameterError."""
    require_same_convention(now.convention, before.convention)
    return None if now.value is None or before.value is None else now.value - before.value
