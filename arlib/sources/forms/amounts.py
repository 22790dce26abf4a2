"""Amounts as a file writes them, exact. Floor 2. No binary fraction comes near them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Context, Decimal
from functools import reduce

from arlib.errors import SourceError

_POINT = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d{1,30}(,\d{0,30})?|,\d{1,30})", re.ASCII)


def exact(text: str, *, where: str, line: int, comma: bool = False) -> Decimal:
    """The amount that stands there: digits with a decimal point (or comma), no grouping, an optional sign in front.

    Raises SourceError for anything else.
    """
    shape = _COMMA if comma else _POINT
    if not shape.fullmatch(text):
        raise SourceError(
            "not an amount",
            where=f"{where}, line {line}",
            found=text,
            wanted=f"digits with a decimal {'comma' if comma else 'point'}",
        )
    return Decimal(text.replace(",", "."))


_EXACT = Context(prec=80)  # the default of 28 digits would round the sum of very large amounts


def added(left: Decimal, right: Decimal) -> Decimal:
    """The exact sum of two amounts."""
    return _EXACT.add(left, right)


def total(texts: Iterable[str]) -> Decimal:
    """The exact sum of amount texts."""
    return reduce(added, map(Decimal, texts), Decimal(0))


def plain(value: Decimal) -> str:
    """The amount as text without an exponent and without the sign of a negative zero."""
    return f"{value:f}" if value else f"{abs(value):f}"
