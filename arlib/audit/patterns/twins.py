"""How much two documents of one customer and amount look like one: points, and the words for them. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arlib.audit.patterns.frames_duplicates import Twice
from arlib.matching.references.tokens import plain_number

SAME_AMOUNT = 20
SAME_DAY, FEW_DAYS, NEAR = 20, 10, 7
ORDER, DELIVERY, OWN_ORDER, REFERENCE, REVERSED_ITEM = 40, 40, 20, 30, 30
ALIKE_NUMBER = 20
NO_BANK, OWN_BANK, ONE_BANK = 40, -20, 30
OTHER_ORDER, OTHER_DELIVERY, REGULAR, TAKEN_BACK, PART_OF_PLAN = -20, -20, -40, -60, -40

Row = Mapping[str, Any]


def twin_points(
    one: Row, two: Row, *, is_regular: bool, taken_back: set[str], has_bank: bool
) -> tuple[int, list[str], list[str]]:
    """Points, what speaks for a duplicate, and what against it. `one` was posted first.

    `is_regular`: the pair is a step of a charge that comes at even intervals. `taken_back`: items that were reversed or
    credited in full.
    """
    reasons: list[str] = []
    excuses: list[str] = []
    points = SAME_AMOUNT
    days = (two["posted_on"] - one["posted_on"]).days
    reasons.append("Same customer and amount, " + ("one day" if days == 0 else f"{days} days apart"))
    points += SAME_DAY if days == 0 else FEW_DAYS if days <= NEAR else 0
    for name, word, same, other in (
        ("purchase_order", "the customer's order", ORDER, OTHER_ORDER), ("order_no", "our order", OWN_ORDER, 0),
        ("delivery_no", "delivery note", DELIVERY, OTHER_DELIVERY),
    ):  # fmt: skip
        first, second = _said(one[name]), _said(two[name])
        if first and first == second:
            points += same
            reasons.append(f"both name {word} {first}")
        elif first and second:
            points += other
            excuses.append(
                f"Each has its own number of {word}" if not excuses else f"its own number of {word}"
            )
    if number_alike(str(one["document_no"]), str(two["document_no"])):
        points += ALIKE_NUMBER
        reasons.append(f"the numbers are alike: {one['document_no']}, {two['document_no']}")
    if _said(one.get("reverses")) and one["reverses"] == two["reverses"]:
        points += REVERSED_ITEM
        reasons.append("both credit the same document")
    if one["what"] == Twice.RECEIPT:
        points += _cash(one, two, reasons, excuses, has_bank=has_bank)
    if is_regular:
        points += REGULAR
        excuses.append("it comes at even intervals: recurring billing or a standing payment")
    if one["item_id"] in taken_back or two["item_id"] in taken_back:
        points += TAKEN_BACK
        excuses.append("one of them was reversed or credited in full: corrected already")
    if _said(one.get("replaces")) or _said(two.get("replaces")):
        points += PART_OF_PLAN
        excuses.append("one carries on another document: a rebill, residual or chargeback")
    return points, reasons, excuses


def _cash(one: Row, two: Row, reasons: list[str], excuses: list[str], *, has_bank: bool) -> int:
    """Points of two receipts: their references, and whether the bank has each."""
    points = 0
    for name, word in (("reference", "reference"), ("remittance_text", "text")):
        first, second = _said(one.get(name)), _said(two.get(name))
        if first and first == second and any(sign.isdigit() for sign in first):
            points += REFERENCE
            reasons.append(f"both carry the {word} {first[:60]}")
        elif first and second:
            excuses.append(f"each has its own {word}")
    if not has_bank:
        return points
    lines = (_said(one.get("bank_line_id")), _said(two.get("bank_line_id")))
    if bool(lines[0]) != bool(lines[1]):
        reasons.append("the bank has only one of them: entered twice")
        return points + NO_BANK
    if lines[0] and lines[0] == lines[1]:
        excuses.append("both are part of one bank line: a deposit of several receipts")
        return points
    if lines[0]:
        excuses.append("the bank has both: if it is a duplicate, the customer paid twice")
        return points + OWN_BANK
    return points


def number_alike(one: str, two: str) -> bool:
    """Whether two document numbers are one number written twice: equal but for signs and leading zeros, a letter at the end,
    or two neighbouring signs swapped. Numbers that follow each other in a series are not alike.
    """
    first, second = plain_number(one), plain_number(two)
    if not first or not second:
        return False
    if first.lstrip("0") == second.lstrip("0"):
        return True
    shorter, longer = sorted((first, second), key=len)
    if len(longer) == len(shorter) + 1:
        return longer.startswith(shorter) and longer[-1].isalpha()
    if len(first) != len(second):
        return False
    odd = [at for at, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
    swapped = (
        len(odd) == 2
        and odd[1] == odd[0] + 1
        and first[odd[0]] == second[odd[1]]
        and first[odd[1]] == second[odd[0]]
    )
    return swapped and abs(int(_digits(first)) - int(_digits(second))) > 9


def _digits(number: str) -> str:
    return "".join(sign for sign in number if sign.isascii() and sign.isdigit()) or "0"


def _said(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
