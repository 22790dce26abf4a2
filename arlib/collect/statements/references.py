"""Structured creditor references (ISO 11649): the check digits that let a payment find its account. Floor 1."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 21  # characters of the reference behind RF and its two check digits
_SEPARATORS = re.compile(r"[ ./_-]")
_PLAIN = re.compile(r"[A-Z0-9]{1,21}")


def creditor_reference(code: str) -> str:
    """A code as an RF reference of ISO 11649: `539007547034` gives `RF18539007547034`; '' where it cannot be one.

    Blanks and the marks . / _ - are left out and letters are capitals; a code that has other characters, or is longer
    than 21 then, has no reference: cut off, it could be another customer's. Check digits by ISO 7064 mod 97-10.
    """
    plain = _compact(code)
    if not _PLAIN.fullmatch(plain):
        return ""
    return f"RF{98 - int(_digits(plain + 'RF00')) % 97:02d}{plain}"


def is_creditor_reference(text: str) -> bool:
    """Whether a text is an RF reference whose check digits are right; blanks do not count."""
    plain = text.replace(" ", "").upper()
    if not re.fullmatch(r"RF[0-9]{2}[A-Z0-9]{1,21}", plain):
        return False
    return int(_digits(plain[4:] + plain[:4])) % 97 == 1


def references_of(codes: Iterable[str]) -> dict[str, str]:
    """The reference of each code that has one of its own: two codes that would share one, such as C-1 and C1, have none."""
    found: dict[str, list[str]] = {}
    for code in dict.fromkeys(codes):
        if reference := creditor_reference(code):
            found.setdefault(reference, []).append(code)
    return {owners[0]: reference for reference, owners in found.items() if len(owners) == 1}


def in_fours(reference: str) -> str:
    """A reference as it is printed: in groups of four."""
    return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))


def _compact(code: str) -> str:
    return _SEPARATORS.sub("", code).upper()


def _digits(text: str) -> str:
    """Letters as numbers from A = 10 to Z = 35."""
    return "".join(str(int(character, 36)) for character in text)
