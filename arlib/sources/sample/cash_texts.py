"""How customers and banks write what a payment is for: numbers, lists, ranges, damage, payers. Floor 2."""

from __future__ import annotations

import re

import numpy as np

WORDS = (
    "",
    "",
    "",
    "INV ",
    "inv. ",
    "Invoice ",
    "invoices ",
    "RG ",
    "payment ",
    "/RFB/",
    "your doc ",
    "re: ",
)
LISTS = (", ", " ", " / ", " + ", " & ", ";", " and ", "|")
LOOKS_ALIKE = {"0": "O", "1": "I", "5": "S", "8": "B", "6": "G", "2": "Z"}
LEGAL_FORMS = re.compile(r"[\s,]+(inc|llc|ltd|plc|llp|corp|co|gk|kk|gmbh|ag|sarl)\.?$", re.IGNORECASE)
BANK_NAME, BANK_TEXT = 35, 140  # characters that a bank carries


def chance(rng: np.random.Generator, share: float) -> bool:
    """True in `share` of the calls."""
    return bool(rng.random() < share)


def pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    """One of them, each as likely."""
    return choices[int(rng.integers(len(choices)))]


def damaged(token: str, rng: np.random.Generator) -> str:
    """The token with one fault: a character lost, added, changed, swapped, misread, a blank, or an end cut off."""
    if len(token) < 4:
        return token
    at = int(rng.integers(1, len(token) - 1))
    digit = str(rng.integers(0, 10))
    alike = [place for place, letter in enumerate(token) if letter in LOOKS_ALIKE]
    kind = int(rng.integers(0, 8))
    if kind == 0:
        return token[:at] + token[at + 1 :]
    if kind == 1:
        return token[:at] + digit + token[at:]
    if kind == 2:
        return token[:at] + digit + token[at + 1 :]
    if kind == 3:
        return token[:at] + token[at + 1] + token[at] + token[at + 2 :]
    if kind == 4:
        return token[:at] + " " + token[at:]
    if kind == 5 and alike:
        place = alike[int(rng.integers(len(alike)))]
        return token[:place] + LOOKS_ALIKE[token[place]] + token[place + 1 :]
    return token[:-1] if kind == 6 else token[1:]


def shortened(number: str, rng: np.random.Generator) -> str:
    """A document number as people write it: whole, without separators, or its digits without leading zeros."""
    draw = rng.random()
    digits = re.sub(r"\D+", "", number[4:] if number[:2].isdigit() else number).lstrip("0")
    if draw < 0.55 or not digits:
        return number
    return re.sub(r"[^0-9A-Za-z]+", "", number) if draw < 0.7 else digits


def listed(numbers: list[str], rng: np.random.Generator) -> str:
    """Several numbers as one text, after a word or none."""
    return pick(rng, WORDS) + pick(rng, LISTS).join(numbers)


def ranged(numbers: list[str]) -> str:
    """First to last of numbers that follow each other; the caller knows that the customer has none but these between."""
    return f"INV {numbers[0]} - {numbers[-1]}"


def spelled(name: str, aliases: str, rng: np.random.Generator, faults: float) -> str:
    """A payer as a bank gives it; with `faults` an alias, a cut, a slip of the pen, or no legal form."""
    if not chance(rng, faults):
        return name.upper()[:BANK_NAME]
    known = [alias for alias in aliases.split("|") if alias]
    kind = int(rng.integers(0, 4))
    if kind == 0 and known:
        return pick(rng, tuple(known)).upper()[:BANK_NAME]
    if kind == 1:
        return name.upper()[: min(BANK_NAME, max(6, len(name) * 2 // 3))]
    if kind == 2 and len(name) > 6:
        at = int(rng.integers(2, len(name) - 2))
        return (name[:at] + name[at + 1] + name[at] + name[at + 2 :]).upper()[:BANK_NAME]
    return LEGAL_FORMS.sub("", name).upper()[:BANK_NAME]
