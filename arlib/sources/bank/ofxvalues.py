"""Values as OFX writes them: currencies, amounts with a point or a comma, days with a zone. Floor 2."""

from __future__ import annotations

import re
from decimal import Decimal

from arlib.errors import InputError, SourceError
from arlib.money import minor_places
from arlib.sources.bank.fixedtext import iso_day
from arlib.sources.forms.amounts import exact, plain

DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{4})?[0-9.:]{0,12}(?:\[[^\]]{0,20}\])?", re.ASCII)
_GROUPED = re.compile(r"[+-]?[0-9]{1,3},[0-9]{3}", re.ASCII)
MAX_DIGITS = 18
Place = tuple[str, int]  # file and line


def fault(place: Place, message: str, found: str, wanted: str) -> SourceError:
    """What to raise of a value."""
    return SourceError(message, where=f"{place[0]}, line {place[1]}", found=found or None, wanted=wanted)


def currency_of(place: Place, code: str) -> str:
    """The currency in capitals, '' where none is given. Raises SourceError for one that does not exist."""
    code = code.upper()
    if code:
        try:
            minor_places(code)
        except InputError as problem:
            raise fault(place, "unknown currency", code, "an ISO 4217 code such as USD") from problem
    return code


def amount_of(place: Place, what: str, text: str, currency: str) -> str:
    """The amount at the places of its currency.

    Raises SourceError for what is no amount, has more places than the currency, or can be read in two ways: "1,234" is
    a thousand to one bank and one and a bit to another.
    """
    if _GROUPED.fullmatch(text) and (not currency or minor_places(currency) != 3):
        raise fault(
            place, f"{what} can be read in two ways", text, "a decimal mark, and no mark of thousands"
        )
    value = exact(text, where=place[0], line=place[1], comma="," in text)
    if value.adjusted() >= MAX_DIGITS:
        raise fault(place, f"{what} is larger than any account", text, f"at most {MAX_DIGITS} digits")
    if not currency:
        return plain(value)
    unit = Decimal(1).scaleb(-minor_places(currency))
    if value % unit:
        raise fault(place, f"{what} has more places than {currency}", text, f"a multiple of {unit}")
    return plain(value.quantize(unit))


def day_of(place: Place, what: str, text: str) -> str:
    """The day as the bank wrote it, in the bank's zone; '' where none is given. Raises SourceError for no such day."""
    if not text:
        return ""
    found = DAY.fullmatch(text)
    day = iso_day(*found.group(1, 2, 3)) if found else ""
    if not day:
        raise fault(place, f"{what} is no day", text, "YYYYMMDD")
    return day
