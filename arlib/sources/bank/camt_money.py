"""Amounts and days as camt writes them. Floor 2."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from arlib.errors import SourceError
from arlib.sources.bank.xmlstream import Node
from arlib.sources.forms.amounts import exact, plain

_SIMPLE = re.compile(r"(?:0|[1-9]\d{0,17})(?:\.\d{1,2})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?=$|[T+Z -])", re.ASCII)


class Money(NamedTuple):
    """A signed amount as text, and its currency."""

    amount: str
    currency: str


def amount_of(found: str, name: str, line: int) -> Decimal:
    """An amount without a sign. Raises SourceError for anything else: the sign of a camt amount is CdtDbtInd."""
    value = exact(found, where=name, line=line)
    if value < 0:
        raise SourceError(
            "a negative amount",
            where=f"{name}, line {line}",
            found=found,
            wanted="no sign; CdtDbtInd says which",
        )
    return value


def signed(found: str, mark: str, name: str, line: int) -> str:
    """The amount as plain text with a minus where the mark is DBIT; zeros beyond two decimals are cut."""
    if mark != "CRDT" and mark != "DBIT":
        raise SourceError(
            "an amount without credit or debit",
            where=f"{name}, line {line}",
            found=mark,
            wanted="CRDT or DBIT in CdtDbtInd",
        )
    if not _SIMPLE.fullmatch(found):
        found = shortened(amount_of(found, name, line))
    return "-" + found if mark == "DBIT" and found.strip("0.") else found


def shortened(value: Decimal) -> str:
    """Plain text without zeros beyond the second decimal."""
    written = plain(value)
    whole, point, part = written.partition(".")
    return f"{whole}{point}{part[:2]}{part[2:].rstrip('0')}" if point else whole


def money(node: Node, name: str, line: int) -> Money:
    """Amt with Ccy and CdtDbtInd below a node."""
    found: Any = node.get("Amt", "")
    if found.__class__ is not dict:
        raise SourceError(
            "no amount with a currency",
            where=f"{name}, line {line}",
            found=str(found)[:40],
            wanted='Amt with Ccy="..."',
        )
    currency = found.get("@Ccy", "")
    if not (len(currency) == 3 and currency.isalpha() and currency.isupper() and currency.isascii()):
        raise SourceError(
            "no currency", where=f"{name}, line {line}", found=currency, wanted="three capital letters in Ccy"
        )
    mark = node.get("CdtDbtInd", "")
    return Money(signed(found.get("", ""), mark if isinstance(mark, str) else "", name, line), currency)


@lru_cache(maxsize=4096)
def _day(found: str) -> str:
    """The day in front of a text, '' where there is none."""
    day = found[:10]
    if len(found) > 10 and not _DAY.match(found):
        return ""
    try:
        date.fromisoformat(day)
    except ValueError:
        return ""
    return day


def day_of(found: str, name: str, line: int) -> str:
    """The day of a date or time, as written there (no shift of time zones); '' for ''. Raises SourceError otherwise."""
    if not found:
        return ""
    day = _day(found) if len(found) < 64 else ""
    if not day:
        raise SourceError("not a date", where=f"{name}, line {line}", found=found, wanted="YYYY-MM-DD")
    return day
