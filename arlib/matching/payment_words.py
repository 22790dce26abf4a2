"""What payers write beside their references: why they pay less, what kind of money it is. Floor 1.

Words only raise or name a suspicion; amounts decide. Texts are hostile: each pattern is a list of plain words, read once.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from arlib.money import minor_places

_LONGEST = 4000  # characters of a text that are read; remittance fields of banks are shorter

# In order: where two kinds are named, the more specific one stands first ("pricing dispute" is about the price).
_DEDUCTION_WORDS = (
    ("freight", r"freight|carriage|shipping cost\w*|delivery charge\w*|fracht\w*"),
    ("tax", r"tax|taxes|vat|gst|mwst|wht|tds|withholding|withheld"),
    ("bank_charge", r"(?:wire|bank|transfer|swift|sepa)[ -]?(?:fee|charge|chg)\w*|charges|fees?|chgs?|bankspesen|spesen"),
    ("damaged", r"damage\w*|broken|breakage|defect\w*"),
    ("returned", r"returned goods|goods returned|return of goods|rma"),
    ("pricing", r"pric(?:e|es|ing)"),
    ("short_shipment", r"short[ -]?ship\w*|shortage\w*|short deliver\w*|undelivered|not delivered|missing"),
    ("promotion", r"promo\w*|rebate\w*|allowance\w*|bonus|trade deal|marketing"),
    ("disputed", r"disputed?"),
)  # fmt: skip
_DISCOUNT = r"discount|disc|skonto|escompte|early[ -]?pay\w*|prompt[ -]?pay\w*|cash disc\w*"
_PART = r"instal?lments?|part(?:ial)?[ -]?pay\w*|teilzahlung|abschlag\w*|on account|acompte"
_CONTRA = r"net settlement|netting|netted|contra|set[ -]?off|offset against|intercompany net"
_WIRE = r"(?:fed)?wire|swift|chaps|telegraphic|mt ?103"

_KINDS = re.compile(
    "|".join(f"(?P<{name}>\\b(?:{words})\\b)" for name, words in _DEDUCTION_WORDS), re.IGNORECASE | re.ASCII
)
_ORDER = {name: rank for rank, (name, _) in enumerate(_DEDUCTION_WORDS)}
_IS_DISCOUNT = re.compile(rf"\b(?:{_DISCOUNT})\b", re.IGNORECASE | re.ASCII)
_IS_PART = re.compile(rf"\b(?:{_PART})\b", re.IGNORECASE | re.ASCII)
_IS_CONTRA = re.compile(rf"\b(?:{_CONTRA})\b", re.IGNORECASE | re.ASCII)
# no word's end: banks write WIRE20240712004
_IS_WIRE = re.compile(rf"\b(?:{_WIRE})", re.IGNORECASE | re.ASCII)
_OWN_RATE = re.compile(
    r"\b([A-Z]{3}) ?([0-9][0-9,]{0,15}(?:\.[0-9]{1,3})?) ?(?:@|at) ?([0-9]{1,6}\.[0-9]{1,8})\b", re.ASCII
)
_MONEY = re.compile(r"(?:([$€£])|\b([A-Z]{3})) ?([0-9][0-9,]{0,15}(?:\.[0-9]{1,3})?)\b", re.ASCII)


def cut(text: str) -> str:
    """The part of a text that is read."""
    return text[:_LONGEST]


def deduction_kind(text: str) -> str:
    """Why a payer says that it pays less, '' where it does not: the most specific kind of `DEDUCTION_KINDS` named."""
    found = {match.lastgroup or "" for match in _KINDS.finditer(cut(text))}
    return min(found, key=_ORDER.__getitem__) if found else ""


def says_discount(text: str) -> bool:
    """Whether it speaks of a cash discount."""
    return _IS_DISCOUNT.search(cut(text)) is not None


def says_part_payment(text: str) -> bool:
    """Whether it calls itself an instalment or a payment in part."""
    return _IS_PART.search(cut(text)) is not None


def says_contra(text: str) -> bool:
    """Whether it says that our payables were set against it."""
    return _IS_CONTRA.search(cut(text)) is not None


def says_wire(text: str) -> bool:
    """Whether it came by wire, by its words or the bank's reference."""
    return _IS_WIRE.search(cut(text)) is not None


def says_own_rate(text: str, currency: str) -> bool:
    """Whether it says that another currency was converted, as in EUR 27500 @ 1.0764."""
    return any(match[1] != currency for match in _OWN_RATE.finditer(cut(text)))


def amounts_said(text: str, currency: str) -> tuple[int, ...]:
    """Amounts with a currency sign or this currency's code, minor units, in order; commas group thousands."""
    places = minor_places(currency)
    found = []
    for sign, code, digits in _MONEY.findall(cut(text)):
        if not sign and code != currency:
            continue
        try:
            minor = Decimal(digits.replace(",", "")) * 10**places
        except InvalidOperation:
            continue
        if minor == int(minor):
            found.append(int(minor))
    return tuple(found)


DEDUCTION_KINDS = tuple(_ORDER)
