"""What a payer says that it keeps back. Floor 1."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arlib.matching import payment_words as words
from arlib.money import minor_places

if TYPE_CHECKING:
    from arlib.matching.facts import Facts

_LESS = re.compile(r"\b(?:less|minus|abz(?:gl|ueglich|üglich)?|moins)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.,])[0-9][0-9.,]{0,18}(?!\w)", re.ASCII)
MOST = 12  # amounts of one text that are looked at


def said_less(facts: Facts, receipt: int) -> tuple[int, ...]:
    """Amounts in minor units that the payment may say it is short by: each that its text writes, and what its advice takes off.

    Amounts of a text count only where it speaks of a deduction, a charge, a discount or of less. They are candidates: a
    number of a document among them does no harm, since the sum has to be right to the minor unit.
    """
    lines = facts.advice.get(receipt, ())
    stated = sum(line.discount + line.deduction for line in lines)
    found = [stated] if stated > 0 else []
    text = words.cut(facts.said(receipt))
    if words.deduction_kind(text) or words.says_discount(text) or _LESS.search(text):
        places = minor_places(facts.pool.currencies[facts.receipt_money[receipt]])
        amounts = [amount for word in _NUMBER.findall(text)[:MOST] if (amount := _minor(word, places))]
        found += amounts
        found += [sum(amounts)] if len(amounts) > 1 else []
    return tuple(found)


def _minor(word: str, places: int) -> int:
    """Minor units of a number as people write it; 0 where it is none."""
    word = word.rstrip(".,")
    at = max(word.rfind("."), word.rfind(","))
    after = len(word) - at - 1
    if at >= 0 and places and after in (1, places):
        whole, part = word[:at], word[at + 1 :].ljust(places, "0")
    else:
        whole, part = word, "0" * places
    digits = whole.replace(".", "").replace(",", "")
    return int(digits + part) if digits.isdigit() else 0
