"""Amounts and days as the reader of a letter writes them, by Babel. Floor 3."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from arlib.money import iso_code, minor_places
from arlib.report.documents.model import Money

NO_BREAK = "\u00a0"


def locale_of(language: str, country: str) -> str:
    """The locale of a language in a country, de_CH; that of the language alone where Babel knows no such pair.

    English outside the lands that write it otherwise is British, so that no day is read as a month.
    """
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(f"{language}_{country}")) if country else _alone(language)
    except (UnknownLocaleError, ValueError):
        return _alone(language)


def _alone(language: str) -> str:
    return "en_GB" if language == "en" else language


def amount_text(value: Money | None, locale: str) -> str:
    """The figure alone, with all places of its currency: 1.234,50 in German, 12,346 for yen."""
    from babel.numbers import format_decimal

    if value is None:
        return ""
    places = minor_places(value.currency)
    number = Decimal(value.amount).scaleb(-places)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return str(format_decimal(number, format=pattern, locale=locale)).replace("-", "\u2212")


def money_text(value: Money | None, locale: str) -> str:
    """The figure with its currency code, before it or after it as the locale has it; never broken over two lines."""
    if value is None:
        return ""
    figure, code = amount_text(value, locale), iso_code(value.currency)
    is_before = locale.split("_")[0] in ("en", "zh", "ja")
    return f"{code}{NO_BREAK}{figure}" if is_before else f"{figure}{NO_BREAK}{code}"


def day_text(value: date | None, locale: str) -> str:
    """A day in words: 31 October 2026, 31. Oktober 2026, 2026年10月31日."""
    from babel.dates import format_date

    return "" if value is None else str(format_date(value, format="long", locale=locale))


def date_text(value: date | None, locale: str) -> str:
    """A day for a column: 31 Oct 2026, 31.10.2026, 2026年10月31日."""
    from babel.dates import format_date

    return "" if value is None else str(format_date(value, format="medium", locale=locale))


def country_text(code: str, locale: str) -> str:
    """A country by its name in the language of the letter; the code itself where Babel has no name for it."""
    from babel import Locale

    return str(Locale.parse(locale).territories.get(code, code))
