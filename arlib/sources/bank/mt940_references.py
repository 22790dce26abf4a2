"""Payment references that carry their own check digits: ISO 11649 (RF), Swiss QR, Belgian structured. Floor 2."""

from __future__ import annotations

import re

from arlib.matching.references.tokens import is_creditor_reference

_RF = re.compile(r"(?<![A-Z0-9])RF\d\d(?: ?[A-Z0-9]){1,21}(?![A-Z0-9])", re.ASCII)
_QR = re.compile(r"(?<!\d)\d{27}(?!\d)|(?<!\d)\d\d(?: \d{5}){5}(?!\d)", re.ASCII)
_BE = re.compile(r"(\+\+\+|\*\*\*)(\d{3})/(\d{4})/(\d{5})\1", re.ASCII)
_CARRY = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)


def is_qr_reference(digits: str) -> bool:
    """Whether 27 digits end in their check digit (modulo 10 recursive) and are not all nought."""
    if len(digits) != 27 or not digits.isdecimal() or not digits.isascii() or not digits.strip("0"):
        return False
    carry = 0
    for digit in digits[:-1]:
        carry = _CARRY[(carry + int(digit)) % 10]
    return (10 - carry) % 10 == int(digits[-1])


def reference_in(text: str) -> str:
    """The one reference in a text whose check digits are right, without blanks; '' for none, or for several."""
    found: set[str] = set()
    if "RF" in text:
        found |= {one for match in _RF.finditer(text) if (one := _longest(match.group()))}
    if len(text) >= 18 and sum(map(str.isdigit, text)) >= 12:
        joined = ("".join(match.group().split()) for match in _QR.finditer(text))
        found |= {one for one in joined if is_qr_reference(one)}
        for match in _BE.finditer(text):
            digits = match.group(2) + match.group(3) + match.group(4)
            if int(digits[10:]) == (int(digits[:10]) % 97 or 97):
                found.add(digits)
    return found.pop() if len(found) == 1 else ""


def _longest(text: str) -> str:
    """The longest run of words from the first that is a creditor reference: a blank may be inside it or behind it."""
    words = text.split(" ")
    for end in range(len(words), 0, -1):
        if is_creditor_reference(key := "".join(words[:end])):
            return key
    return ""
