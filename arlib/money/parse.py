"""Text to money: amounts in minor units, read by a declared style or refused. Floor 0.

One amount raises AmountError; a column gives a fault code per row, so that a file's faults are all reported
at once.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from arlib.errors import AmountError, ParameterError
from arlib.money.currency import minor_places
from arlib.money.style import COMMA, DOT, PLAIN, NumberStyle, number_style

if TYPE_CHECKING:
    import pandas as pd

MAX_MINOR = 2**63 - 1
MAX_LENGTH = (
    60  # longer than any amount that int64 holds, with grouping and float noise; stops hostile text early
)


class Fault(StrEnum):
    """Why a text is not an amount of the declared style."""

    NONE = ""
    MISSING = "missing_amount"
    NOT_AN_AMOUNT = "not_an_amount"
    OTHER_STYLE = "other_number_style"  # an amount of another style: 1.234,56 where 1,234.56 is declared
    SHORT_FRACTION = "short_fraction"  # 12.1 where two places are declared
    TOO_MANY_PLACES = "too_many_places"  # 12.345 where two places are declared
    AMBIGUOUS_GROUP = (
        "ambiguous_group"  # 1,234 where two places are declared: a thousand, or the other style's 1.234
    )
    FLOAT_NOISE = "float_noise_beyond_bound"
    TOO_LARGE = "amount_too_large"
    UNKNOWN_CURRENCY = "unknown_currency"  # the row's currency has no known places


class ParsedColumn(NamedTuple):
    """A column of amounts read. `noted` marks those with a remark: noise rounded away, or more places."""

    minor: pd.Series  # Int64, missing where there was no text or a fault
    fault: pd.Series  # str, a value of Fault, '' where fine
    noted: pd.Series  # bool


class _Read(NamedTuple):
    minor: int | None
    fault: Fault = Fault.NONE
    is_noted: bool = False


_MARKS = ("1,234.56", "1.234,56", "1 234,56", "1 234.56", "1'234.56")
_OTHERS = tuple(number_style(f"({sample})", f"{sample}-") for sample in _MARKS)


def _read(text: str, style: NumberStyle, places: int, shift: int, noise: Decimal | None) -> _Read:
    """One text; `places` are those of the text, `shift` how many of them the currency does not have."""
    if len(text) > MAX_LENGTH:
        return _Read(None, Fault.NOT_AN_AMOUNT)
    match = style.pattern.fullmatch(text)
    if match is None:
        return _Read(None, _diagnosis(text, style))
    sign, whole, fraction, end = match.group("sign", "whole", "fraction", "end")
    if (sign == "(") != (end == ")") or (sign and end and sign != "("):
        return _Read(None, Fault.NOT_AN_AMOUNT)
    is_noted = False
    given = len(fraction) if fraction else 0
    if style.group and not whole.isdigit():
        groups = whole.count(match.group("mark"))
        if not fraction and places and groups == 1 and style.group in ",." and not style.allow_short_fraction:
            return _Read(None, Fault.AMBIGUOUS_GROUP)
        whole = whole.replace(match.group("mark"), "")
    if given < places:
        if given and not style.allow_short_fraction:
            return _Read(None, Fault.SHORT_FRACTION)
        minor = int(whole + (fraction or "")) * 10 ** (places - given)
    elif given == places:
        minor = int(whole + (fraction or ""))
    elif noise is None:
        return _Read(None, Fault.TOO_MANY_PLACES)
    else:
        exact, unit = int(whole + fraction), 10 ** (given - places)
        minor = (exact + unit // 2) // unit
        distance = abs(exact - minor * unit)
        if distance > noise * 10**given:
            return _Read(None, Fault.FLOAT_NOISE)
        is_noted = distance > 0
    if shift:
        minor, rest = divmod(minor, 10**shift)
        if rest:
            return _Read(None, Fault.TOO_MANY_PLACES)
        is_noted = is_noted or given > 0
    return _Read(-minor if sign or end else minor, Fault.NONE, is_noted)


def _diagnosis(text: str, style: NumberStyle) -> Fault:
    if not text:
        return Fault.MISSING
    bare = text.strip()
    is_other = any(other.pattern.fullmatch(bare) for other in _OTHERS)
    return Fault.OTHER_STYLE if is_other else Fault.NOT_AN_AMOUNT


def parse_minor(
    text: str,
    style: NumberStyle,
    *,
    places: int,
    source_places: int | None = None,
    float_noise: Decimal | None = None,
) -> int:
    """The amount in minor units, read by a declared style; text that does not fit it raises AmountError.

    `places` are those of the currency. `source_places` says that the source writes more (or fewer) of them,
    as SAP does with two for the yen; what the currency cannot hold must then be zeros. `float_noise` is the
    largest distance, in major units, at which surplus digits are rounded away: 54273.280000000001 is 54273.28
    within Decimal('0.000001').
    """
    _check_noise(float_noise)
    shown_places = places if source_places is None else source_places
    scale, shift = max(0, places - shown_places), max(0, shown_places - places)
    read = _read(text, style, shown_places, shift, float_noise)
    if read.minor is None or abs(read.minor * 10**scale) > MAX_MINOR:
        fault = read.fault or Fault.TOO_LARGE
        raise AmountError(
            fault.replace("_", " "), found=text, wanted=f"an amount like {style.example(shown_places)}"
        )
    value: int = read.minor * 10**scale
    return value


def parse_minor_column(
    texts: pd.Series,
    style: NumberStyle,
    *,
    places: int | pd.Series,
    source_places: int | pd.Series | None = None,
    float_noise: Decimal | None = None,
) -> ParsedColumn:
    """A column of amounts in minor units, read by `parse_minor`, with fault codes instead of errors.

    Missing and empty texts give a missing amount without a fault: whether a value is required, the table
    decides. `places` may be a column (see `places_of`); a row whose places are missing has the fault
    unknown_currency. The caller's series are not changed; the result has the index of `texts`.
    """
    import pandas as pd

    _check_noise(float_noise)
    count = len(texts)
    target = _row_places(places, count)
    shown = target if source_places is None else _row_places(source_places, count)
    minor: list[int | None] = [None] * count
    fault = [""] * count
    noted = [False] * count
    for row, (text, wanted, given) in enumerate(zip(texts.tolist(), target, shown, strict=True)):
        if text is None or text != text or text == "" or text is pd.NA:
            continue
        if not isinstance(text, str):
            raise TypeError(f"{texts.name}: amounts are read from text, found {type(text).__name__}")
        if wanted is None or given is None:
            fault[row] = Fault.UNKNOWN_CURRENCY.value
            continue
        read = _read(text, style, given, given - wanted if given > wanted else 0, float_noise)
        if read.minor is None:
            fault[row] = read.fault.value
            continue
        value = read.minor if given >= wanted else read.minor * 10 ** (wanted - given)
        if -MAX_MINOR <= value <= MAX_MINOR:
            minor[row], noted[row] = value, read.is_noted
        else:
            fault[row] = Fault.TOO_LARGE.value
    index, name = texts.index, texts.name
    return ParsedColumn(
        pd.Series(pd.array(minor, dtype="Int64"), index=index, name=name),
        pd.Series(fault, index=index, name=name, dtype="str"),
        pd.Series(noted, index=index, name=name, dtype="bool"),
    )


def parse_plain(text: str, currency: str) -> int:
    """The minor units of one of our own plain decimals, '-1234.50', as `format_minor` writes them.

    Raises AmountError for anything else, ParameterError for an unknown currency.
    """
    return parse_minor(text, PLAIN, places=minor_places(currency))


def _row_places(places: int | pd.Series, count: int) -> list[int | None]:
    import pandas as pd

    if not isinstance(places, pd.Series):
        return [places] * count
    if len(places) != count:
        raise ParameterError(
            "places", found=f"{len(places)} rows", wanted=f"{count} rows, one for each amount"
        )
    return [None if value is pd.NA or value != value else int(value) for value in places.tolist()]


def _check_noise(noise: Decimal | None) -> None:
    if noise is not None and not (
        isinstance(noise, Decimal) and noise.is_finite() and 0 <= noise < Decimal("0.01")
    ):
        raise ParameterError("float_noise", found=noise, wanted="a Decimal of 0 or more and under 0.01")


__all__ = [
    "COMMA",
    "DOT",
    "PLAIN",
    "Fault",
    "ParsedColumn",
    "parse_minor",
    "parse_minor_column",
    "parse_plain",
]
