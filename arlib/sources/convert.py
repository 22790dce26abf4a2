"""Text to typed columns, with every fault named. Floor 2: one function a kind, each `(typed values, faults)`.

A fault is a code per row ('' where the value is fine); remarks are the same for values that were read with
a comment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TYPE_CHECKING

from arlib.errors import ParameterError
from arlib.sources.profile import Profile

if TYPE_CHECKING:
    import pandas as pd

    from arlib.money import NumberStyle

TRUE = frozenset(("true", "yes", "y", "1", "x"))
FALSE = frozenset(("false", "no", "n", "0"))
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
ISO = "%Y-%m-%d"
EXAMPLE = datetime(2026, 10, 31)  # noqa: DTZ001  (shows in messages how a date is written)


@dataclass(frozen=True)
class Converted:
    """Typed values with a fault code and a remark code per row, and what was wanted instead."""

    typed: pd.Series
    faults: pd.Series
    remarks: pd.Series
    wanted: str = ""


def _codes(index: pd.Index, code: str = "") -> pd.Series:
    import pandas as pd

    return pd.Series(code, index=index, dtype="str")


def to_text(texts: pd.Series) -> Converted:
    """Text as it is; '' is none."""
    none = _codes(texts.index)
    return Converted(texts.where(texts.ne(""), None), none, none)


def to_choice(texts: pd.Series, kind: type[Enum]) -> Converted:
    """One of a closed list."""
    from arlib.policy import choices

    known = {str(member.value) for member in kind} | {""}
    faults = _codes(texts.index).where(texts.isin(known), "not_a_choice")
    return Converted(texts.where(texts.ne(""), None), faults, _codes(texts.index), f"one of {choices(kind)}")


def to_day(texts: pd.Series, profile: Profile, *, native: pd.Series | None = None) -> Converted:
    """Dates by the declared formats, each exactly; a sentinel is none, with a remark. A typed cell is ISO
    text."""
    import pandas as pd

    values, codes, remarks = {}, {}, {}
    formats = (
        profile.date_formats
        if native is None
        else tuple(dict.fromkeys((*profile.date_formats, ISO, f"{ISO} %H:%M:%S")))
    )
    for text in texts.unique():
        values[text], codes[text], remarks[text] = _day(text, formats, profile.none_dates)
    typed = pd.Series(pd.to_datetime(texts.map(values)), index=texts.index).astype("datetime64[s]")
    return Converted(
        typed,
        texts.map(codes).astype("str"),
        texts.map(remarks).astype("str"),
        f"a date as {' or '.join(dict.fromkeys(EXAMPLE.strftime(pattern) for pattern in formats))}",
    )


def _day(text: str, formats: tuple[str, ...], none: tuple[str, ...]) -> tuple[date | None, str, str]:
    bare = text.strip()
    if not bare:
        return None, "", ""
    if bare in none:
        return None, "", "date_means_none"
    for pattern in formats:
        try:
            day = datetime.strptime(bare, pattern).date()  # noqa: DTZ007  (a business date has no zone)
        except ValueError:
            continue
        return (day, "", "") if EARLIEST <= day <= LATEST else (None, "date_out_of_range", "")
    return None, "not_a_date", ""


def to_instant(texts: pd.Series, profile: Profile) -> Converted:
    """Times in UTC. ISO 8601 with a zone; without one only where the profile declares the time zone."""
    import pandas as pd

    faults = _codes(texts.index)
    filled = texts.str.strip().ne("")
    empty = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us, UTC]")
    if not filled.any():
        return Converted(empty, faults, faults)
    given = texts[filled].str.strip()
    sentinel = given.map(lambda text: any(text.startswith(none) for none in profile.none_dates))
    remarks = faults.where(~faults.index.isin(given.index[sentinel]), "date_means_none")
    given = given[~sentinel]
    if profile.instant_formats:
        parsed = pd.Series(pd.NaT, index=given.index).astype("datetime64[us]")
        for pattern in profile.instant_formats:
            tried = pd.to_datetime(given, format=pattern, errors="coerce").astype("datetime64[us]")
            parsed = parsed.fillna(tried)
        zoned = parsed.dt.tz_localize(
            profile.time_zone or "UTC", ambiguous="NaT", nonexistent="shift_forward"
        )
        parsed = zoned.dt.tz_convert("UTC")
    else:
        has_zone = given.str.contains(r"(?:Z|[+-]\d\d:?\d\d)$", regex=True)
        parsed = pd.to_datetime(given.where(has_zone, ""), format="ISO8601", utc=True, errors="coerce")
        if profile.time_zone:
            bare = pd.to_datetime(given.where(~has_zone, ""), format="ISO8601", errors="coerce")
            parsed = parsed.fillna(
                bare.dt.tz_localize(
                    profile.time_zone, ambiguous="NaT", nonexistent="shift_forward"
                ).dt.tz_convert("UTC")
            )
    bad = given.index[parsed.isna()]
    faults = faults.where(~faults.index.isin(bad), "not_a_time")
    empty.loc[given.index] = parsed.astype("datetime64[us, UTC]")
    return Converted(empty, faults, remarks, "a time with its zone, as 2026-10-31T17:04:00Z")


def to_integer(texts: pd.Series) -> Converted:
    """Whole numbers."""
    import pandas as pd

    bare = texts.str.strip().str.replace(r"\.0+$", "", regex=True)
    fits = bare.str.fullmatch(r"[+-]?\d{1,18}")
    values = pd.to_numeric(bare.where(fits, None), errors="coerce").astype("Int64")
    faults = _codes(texts.index).where(fits | bare.eq(""), "not_a_whole_number")
    return Converted(values, faults, _codes(texts.index), "a whole number")


def to_flag(texts: pd.Series) -> Converted:
    """True or false: true/false, yes/no, y/n, 1/0; X is SAP's true."""
    bare = texts.str.strip().str.lower()
    table = {text: text in TRUE if text in TRUE | FALSE else None for text in bare.unique()}
    faults = _codes(texts.index).where(bare.isin(TRUE | FALSE | {""}), "not_true_or_false")
    return Converted(bare.map(table).astype("boolean"), faults, _codes(texts.index), "true or false")


def to_rate(texts: pd.Series, *, may_be_zero: bool = False) -> Converted:
    """Decimal text above 0, kept as text; '' is none. `may_be_zero` takes 0 too, as for a discount rate."""
    table = {text: not text or _is_rate(text, may_be_zero=may_be_zero) for text in texts.unique()}
    faults = _codes(texts.index).where(texts.map(table).astype(bool), "not_a_rate")
    wanted = "a decimal such as 1.0863" + ("" if may_be_zero else ", above 0")
    return Converted(texts.where(texts.ne(""), None), faults, _codes(texts.index), wanted)


def _is_rate(text: str, *, may_be_zero: bool) -> bool:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    is_number = number.is_finite() and text.strip() == text and "_" not in text
    return is_number and (number > 0 or (may_be_zero and number.is_zero()))


def to_currency(texts: pd.Series) -> Converted:
    """ISO 4217 codes; a code with places of its own, such as JPY.2, is one that the profile declared."""
    from arlib.money import is_currency

    known = {text for text in texts.unique() if text == "" or is_currency(text)}
    faults = _codes(texts.index).where(texts.isin(known), "unknown_currency")
    return Converted(
        texts.where(texts.ne(""), None), faults, _codes(texts.index), "an ISO 4217 code such as USD"
    )


def style_of(profile: Profile) -> NumberStyle:
    """The profile's number style."""
    from arlib.money import number_style

    return number_style(
        *profile.number_style, allow_short_fraction=profile.allow_short_fraction, allow_padding=True
    )


def to_money(
    texts: pd.Series,
    currencies: pd.Series,
    profile: Profile,
    *,
    native: pd.Series | None = None,
    is_minor: bool = False,
) -> Converted:
    """Integer minor units of the currency beside the amount.

    A row without a readable currency cannot be money; its fault is the currency's, named
    `amount_without_currency` where it is empty.
    """
    import pandas as pd

    none = _codes(texts.index)
    if not texts.ne("").any():
        return Converted(pd.Series(pd.NA, index=texts.index, dtype="Int64"), none, none)
    if is_minor:
        return to_integer(texts)
    places = places_by_currency(currencies)
    usable = texts.where(places.notna(), "")
    noise = Decimal(profile.float_noise) if profile.float_noise else None
    values, faults, noted = _parsed(usable, style_of(profile), places.fillna(2).astype("Int64"), noise)
    if native is not None and native.any():
        from arlib.money import number_style

        plain = number_style("1234.56", allow_short_fraction=True)
        own = _parsed(usable, plain, places.fillna(2).astype("Int64"), noise or Decimal("0.000001"))
        values, faults, noted = (
            a.where(~native, b) for a, b in zip((values, faults, noted), own, strict=True)
        )
    lost = places.isna() & texts.ne("") & currencies.fillna("").eq("")
    faults = faults.where(~lost, "amount_without_currency")
    remarks = none.where(~noted, "float_noise_rounded")
    sample = profile.number_style[0]
    return Converted(values, faults, remarks, f"an amount as {sample} with the places of its currency")


def _parsed(
    texts: pd.Series, style: NumberStyle, places: pd.Series, noise: Decimal | None
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Amounts with '' as none."""
    from arlib.money import parse_minor_column

    return parse_minor_column(texts.where(texts.ne(""), None), style, places=places, float_noise=noise)


def places_by_currency(currencies: pd.Series) -> pd.Series:
    """Minor-unit places per row, missing where the currency is. JPY.2 is the yen with two places."""
    from arlib.money import minor_places

    table: dict[str, int] = {}
    for code in set(currencies.dropna().unique()) - {""}:
        try:
            table[code] = minor_places(code)
        except ParameterError:
            continue
    return currencies.map(table).astype("Int64")
