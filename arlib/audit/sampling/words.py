"""Texts of a sampling request read as exact figures, and figures shown as text. Floor 1.

A reader gives the figure or raises ValueError with what was wanted; nothing is guessed. 5 where a share is wanted is a
fault: it may be 5 % or a misplaced point.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from arlib.errors import AmountError
from arlib.money import minor_places, parse_plain

SHARE = re.compile(r"(?P<number>[0-9]{1,12}(?:\.[0-9]{1,18})?) ?(?P<percent>%)?")
RATIO = re.compile(r"(?P<part>[0-9]{1,18}(?:\.[0-9]{1,6})?)/(?P<all>[0-9]{1,18}(?:\.[0-9]{1,6})?)")
NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,18})?")
COUNT = re.compile(r"[0-9]{1,12}")
SHARE_WANTED = "a share under 1 such as 5%, 0.05 or 60/1200"
DIGITS = 12


def share(text: str, *, may_be_zero: bool = False, may_be_one: bool = False) -> Fraction:
    """A share of one: '5%', '0.05' or '60/1200'."""
    if found := SHARE.fullmatch(text):
        value = Fraction(found["number"]) / (100 if found["percent"] else 1)
    elif (ratio := RATIO.fullmatch(text)) and Fraction(ratio["all"]):
        value = Fraction(ratio["part"]) / Fraction(ratio["all"])
    else:
        raise ValueError(SHARE_WANTED)
    if value > 1 or (value == 1 and not may_be_one):
        raise ValueError(SHARE_WANTED)
    if value == 0 and not may_be_zero:
        raise ValueError(f"more than 0, {SHARE_WANTED}")
    return value


def number(text: str) -> Fraction:
    """A plain decimal, 0 or more: '2', '1.5'."""
    if not NUMBER.fullmatch(text):
        raise ValueError("a plain decimal such as 1.5")
    return Fraction(text)


def count(text: str, *, least: int = 0) -> int:
    """A whole number of at least so much: '1200', without marks between the digits."""
    if not COUNT.fullmatch(text) or int(text) < least:
        raise ValueError(f"a whole number of {least} or more, such as 1200")
    return int(text)


def amount(text: str, currency: str, *, least: int = 0) -> int:
    """An amount in minor units: '15000' or '15000.00' in dollars."""
    places = minor_places(currency)
    example = "15000" if not places else f"15000 or 15000.{'0' * places}"
    try:
        value = parse_plain(text, currency)
    except AmountError as fault:
        raise ValueError(f"an amount in {currency} such as {example}") from fault
    if value < least:
        raise ValueError(f"an amount {'above' if least else 'of'} 0{'' if least else ' or more'}")
    return value


def decimal_text(value: Fraction | Decimal | int, *, digits: int = DIGITS) -> str:
    """A figure as plain decimal text: exact where it has no more than 12 digits, else rounded to them (half to even)."""
    exact = Fraction(value)
    context = Context(prec=digits, rounding=ROUND_HALF_EVEN)
    rounded = context.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money_text(value: Fraction, currency: str) -> str:
    """Minor units that may have a part, as an exact rational of major units: '5000', '70161041/8900'."""
    major = value / 10 ** minor_places(currency)
    return str(major.numerator) if major.denominator == 1 else f"{major.numerator}/{major.denominator}"
