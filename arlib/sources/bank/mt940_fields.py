"""The coded fields of MT940 and MT942: balances, entry lines, totals, days. Floor 2."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from arlib.errors import SourceError
from arlib.sources.forms.amounts import exact, plain

_BALANCE = re.compile(r"\s*([CD])(\d{6})([A-Z]{3})?\s*([\d.,]{1,30})\s*", re.ASCII)
_TOTAL = re.compile(r"\s*(\d{0,9})([A-Z]{3})\s*([\d.,]{1,30})\s*", re.ASCII)
_FLOOR = re.compile(r"\s*([A-Z]{3})\s?[CD]?\s?[\d.,]{1,30}\s*", re.ASCII)
_ENTRY = re.compile(
    r"\s*(\d{6})(\d{4}| {4})?\s?(R[CD]|E[CD]|[CD])([A-Z])?\s?([\d.,]{1,30})(.*)", re.ASCII | re.DOTALL
)
_STAMP = re.compile(r"\s*(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:([+-])(\d\d)(\d\d))?\s*", re.ASCII)
_TYPE = re.compile(r"[A-Z][A-Z0-9 ]{3}", re.ASCII)
NONE = frozenset({"NONREF", "NOREF", "NOTPROVIDED"})
ELSEWHERE = frozenset({"EREF", "PREF", "MARF"})  # the reference stands in :86: under this word
NEGATIVE = frozenset({"D", "RC", "ED"})


@dataclass(frozen=True)
class Balance:
    """A booked balance: signed plain text, currency ('' where left out), ISO day ('' for 000000)."""

    amount: str
    currency: str
    day: str


@dataclass(frozen=True)
class EntryLine:
    """The parts of a :61:."""

    value_date: str
    booking_date: str
    mark: str
    amount: str
    code: str
    customer_reference: str
    bank_reference: str
    name: str
    is_clamped: bool


def amount(text: str, name: str, line: int) -> Decimal:
    """An amount with a decimal comma; a point is taken where it cannot be a thousands' mark."""
    found = text.strip()
    if "." in found:
        whole, _, part = found.partition(".")
        if "," in part or "." in part or len(part) > 2 or "," in whole:
            raise SourceError(
                "not an amount",
                where=f"{name}, line {line}",
                found=found,
                wanted="digits with a decimal comma",
            )
        found = f"{whole},{part}"
    return exact(found, where=name, line=line, comma=True)


def balance(text: str, tag: str, name: str, line: int) -> Balance:
    """A balance as in :60F:. Raises SourceError where it cannot be read whole."""
    match = _BALANCE.fullmatch(text)
    if not match:
        raise SourceError(
            f"the balance :{tag}: cannot be read",
            where=f"{name}, line {line}",
            found=text,
            wanted="C or D, day YYMMDD, currency, amount with a comma",
            fix="The file may be cut or damaged; fetch it again.",
        )
    mark, day, currency, digits = match.groups()
    value = amount(digits, name, line)
    iso = "" if day == "000000" else calendar_day(day, name, line)[0]
    return Balance(plain(-value if mark == "D" else value), currency or "", iso)


def total(text: str, tag: str, name: str, line: int) -> tuple[str, str, str]:
    """Count, currency and sum of :90D: or :90C:."""
    match = _TOTAL.fullmatch(text)
    if not match:
        raise SourceError(
            f"the total :{tag}: cannot be read",
            where=f"{name}, line {line}",
            found=text,
            wanted="count, currency, amount",
        )
    count, currency, digits = match.groups()
    return count or "0", currency, plain(amount(digits, name, line))


def floor_currency(text: str, name: str, line: int) -> str:
    """The currency of :34F:."""
    match = _FLOOR.fullmatch(text)
    if not match:
        raise SourceError(
            "the floor limit :34F: cannot be read",
            where=f"{name}, line {line}",
            found=text,
            wanted="currency and amount",
        )
    return match.group(1)


def stamp(text: str) -> str:
    """The time of :13D: in ISO form, or '' where it is none."""
    match = _STAMP.fullmatch(text)
    if not match:
        return ""
    year, month, day, hour, minute, sign, off_hour, off_minute = match.groups()
    zone = f"{sign}{off_hour}:{off_minute}" if sign else ""
    return f"20{year}-{month}-{day}T{hour}:{minute}:00{zone}"


def entry_line(lines: list[str], name: str, line: int) -> tuple[EntryLine, list[str]]:
    """A :61: and its supplementary lines. Some banks break the line before the amount; then the two are joined."""
    first, rest = lines[0] if lines else "", lines[1:]
    match = _ENTRY.fullmatch(first)
    if match is None and rest:
        match, rest = _ENTRY.fullmatch(first.rstrip() + rest[0]), rest[1:]
    if match is None:
        raise SourceError(
            "an entry (:61:) cannot be read",
            where=f"{name}, line {line}",
            found=first,
            wanted="day YYMMDD, C, D, RC or RD, amount, type, reference",
            fix="The file may be cut or damaged; fetch it again.",
        )
    day, entry_day, mark, _, digits, tail = match.groups()
    value = amount(digits, name, line)
    value_date, is_clamped = calendar_day(day, name, line)
    booking = (entry_day or "").strip()
    code, reference = "", tail
    if match := _TYPE.match(tail):
        code, reference = match.group(), tail[4:]
        code = (code[1:] if code[0] in "NSF" else code).strip()
    customer, _, bank = reference.partition("//")
    partner = ""
    if not bank and len(customer) > 16 and customer[15] == " ":
        customer, partner = customer[:16], customer[16:].strip()
    customer, bank = customer.strip(), bank.strip()
    found = EntryLine(
        value_date=value_date,
        booking_date=_near(value_date, booking, name, line) if booking else value_date,
        mark=mark,
        amount=plain(-value if mark in NEGATIVE else value),
        code=code,
        customer_reference="" if customer.upper() in NONE | ELSEWHERE else customer,
        bank_reference="" if bank.upper() in NONE else bank,
        name=partner,
        is_clamped=is_clamped,
    )
    return found, rest


def calendar_day(text: str, name: str, line: int) -> tuple[str, bool]:
    """YYMMDD as an ISO day; whether it was one that the calendar lacks (30 February, of banks that count 30 days a month).

    Years 80 to 99 are of the last century.
    """
    year = int(text[:2]) + (1900 if text[:2] >= "80" else 2000)
    return _day(year, int(text[2:4]), int(text[4:6]), text, name, line)


def _day(year: int, month: int, day: int, text: str, name: str, line: int) -> tuple[str, bool]:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise SourceError("not a date", where=f"{name}, line {line}", found=text, wanted="YYMMDD")
    last = monthrange(year, month)[1]
    return f"{year:04d}-{month:02d}-{min(day, last):02d}", day > last


def _near(value_date: str, booking: str, name: str, line: int) -> str:
    """MMDD in the year that brings it nearest to the value date."""
    middle = date.fromisoformat(value_date)
    found = [
        _day(year, int(booking[:2]), int(booking[2:]), booking, name, line)[0]
        for year in (middle.year - 1, middle.year, middle.year + 1)
    ]
    return min(found, key=lambda day: abs((date.fromisoformat(day) - middle).days))
