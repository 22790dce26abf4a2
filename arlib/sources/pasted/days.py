"""Dates as people write them, and the order of day and month where numbers alone do not say it. Floor 2."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_MONTHS = (
    ("jan", "january", "januar", "jänner", "janvier", "janv", "enero", "ene"),
    ("feb", "february", "februar", "février", "fevrier", "févr", "fév", "febrero"),
    ("mar", "march", "märz", "maerz", "mrz", "mär", "mars", "marzo"),
    ("apr", "april", "avril", "avr", "abril", "abr"),
    ("may", "mai", "mayo"),
    ("jun", "june", "juni", "juin", "junio"),
    ("jul", "july", "juli", "juillet", "juil", "julio"),
    ("aug", "august", "août", "aout", "agosto", "ago"),
    ("sep", "sept", "september", "septembre", "septiembre", "set"),
    ("oct", "october", "oktober", "okt", "octobre", "octubre"),
    ("nov", "november", "novembre", "noviembre"),
    ("dec", "december", "dezember", "dez", "décembre", "decembre", "déc", "diciembre", "dic"),
)
_NUMBER = {name: place for place, names in enumerate(_MONTHS, start=1) for name in names}
_NAME = "|".join(sorted((re.escape(name) for name in _NUMBER), key=len, reverse=True))
_TIME = r"(?:[T ]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]+)?Z?)?"
_ISO = re.compile(rf"([0-9]{{4}})([-/.])([0-9]{{1,2}})\2([0-9]{{1,2}}){_TIME}")
_PAIR = re.compile(rf"([0-9]{{1,2}})([-/.])([0-9]{{1,2}})\2([0-9]{{4}}|[0-9]{{2}}){_TIME}")
_DAY_NAME = re.compile(
    rf"([0-9]{{1,2}})(?:st|nd|rd|th|\.)?[-/. ]{{0,2}}(?:de )?({_NAME})\.?,?[-/. ]{{0,2}}(?:de )?([0-9]{{4}}|[0-9]{{2}})"
)
_NAME_DAY = re.compile(rf"({_NAME})\.?[-/. ]{{1,2}}([0-9]{{1,2}})(?:st|nd|rd|th)?,? {{0,2}}([0-9]{{4}})")
_SPACED = re.compile(r"([0-9]{1,2}) ([0-9]{1,2}) ([0-9]{4})")
_ASIA = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")
_DATE = (
    r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2})"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th|\.)?[-/. ]{{0,2}}(?:de )?(?:{_NAME})\.?,?[-/. ]{{0,2}}(?:de )?(?:[0-9]{{4}}|[0-9]{{2}}(?![0-9]))"
    rf"|(?:{_NAME})\.?[-/. ]{{1,2}}[0-9]{{1,2}}(?:st|nd|rd|th)?,? {{0,2}}[0-9]{{4}}|[0-9]{{4}}年[0-9]{{1,2}}月[0-9]{{1,2}}日"
)
ANYWHERE = re.compile(rf"(?<![0-9A-Za-z.,/-])(?:{_DATE})(?![0-9A-Za-z/]|[.,-][0-9])", re.IGNORECASE)
DAY_FIRST, MONTH_FIRST = "day_first", "month_first"


@dataclass(frozen=True)
class Day:
    """A date that is certain (both orders give the same), or one that depends on the order of day and month."""

    by_day: date | None
    by_month: date | None
    is_dotted: bool = False

    def on(self, order: str) -> date | None:
        """The date under an order; None where it is no date then."""
        return self.by_month if order == MONTH_FIRST else self.by_day

    @property
    def is_open(self) -> bool:
        """Whether both orders give a date, and not the same one."""
        return self.by_day is not None and self.by_month is not None and self.by_day != self.by_month


def _date(year: str, month: int | str, day: int | str) -> date | None:
    number = int(year)
    try:
        return date(number + 2000 if len(year) == 2 else number, int(month), int(day))
    except ValueError:
        return None


def _certain(found: date | None) -> Day | None:
    return None if found is None else Day(found, found)


@lru_cache(maxsize=65_536)
def day_in(cell: str) -> Day | None:
    """The cell as a date; None where it is none. 31.10.2026 is day first; 03/04/2026 is open."""
    text = cell.strip().casefold()
    if not 6 <= len(text) <= 40:
        return None
    if found := _ISO.fullmatch(text.upper()):
        return _certain(_date(found[1], found[3], found[4]))
    if found := _ASIA.fullmatch(text):
        return _certain(_date(found[1], found[2], found[3]))
    if found := _PAIR.fullmatch(text.upper()):
        first, second = _date(found[4], found[3], found[1]), _date(found[4], found[1], found[3])
        if found[2] == ".":
            return None if first is None else Day(first, first, is_dotted=True)
        return None if first is None and second is None else Day(first, second)
    if found := _DAY_NAME.fullmatch(text):
        return _certain(_date(found[3], _NUMBER[found[2]], found[1]))
    if found := _NAME_DAY.fullmatch(text):
        return _certain(_date(found[3], _NUMBER[found[1]], found[2]))
    if found := _SPACED.fullmatch(text):
        return _certain(_date(found[3], found[2], found[1]))
    return None


def compact_day(cell: str) -> Day | None:
    """20261031 as a date; only where a column is known to hold dates, since it may be a number as well."""
    text = cell.strip()
    if len(text) == 8 and text.isascii() and text.isdigit():
        return _certain(_date(text[:4], text[4:6], text[6:]))
    return day_in(cell)
