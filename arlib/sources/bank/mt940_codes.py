"""Codes of banks that say what a booking is: SWIFT types, German business codes (GVC), return reasons. Floor 2."""

from __future__ import annotations

# SWIFT transaction types of :61: (the three letters after N, S or F)
TYPE_FEES = frozenset({"CHG", "COM", "INT", "BRF"})
TYPE_RETURNS = frozenset({"RTI"})

# German GVC: 008x and 0xx are the codes before SEPA, 1xx those of SEPA, 8xx charges and interest
GVC_RETURNS = frozenset({"009", "010", "059", "108", "109", "110", "111", "159", "181", "184"})
GVC_FEES = frozenset({"805", "807", "808", "809", "810", "811", "812", "813", "814", "815", "816", "817"})

# DK text key extension in ?34 of a return. Codes on which public sources differ are left as they stand.
REASONS = {
    "901": "AC01", "902": "AC04", "903": "AC06", "904": "AG01", "906": "AM04", "908": "BE04", "909": "MD01",
    "910": "MD02", "912": "MD06", "913": "MD07", "915": "RC01",
}  # fmt: skip


def kind_of_type(code: str) -> str:
    """The kind that a SWIFT type tells for certain, or ''."""
    if code in TYPE_RETURNS:
        return "return"
    return "bank_fee" if code in TYPE_FEES else ""


def kind_of_business_code(code: str) -> str:
    """The kind that a GVC tells for certain, or ''."""
    if code in GVC_RETURNS:
        return "return"
    return "bank_fee" if code in GVC_FEES else ""


def reason_of(code: str) -> str:
    """The ISO reason of a DK number, or the number itself where it is not certain."""
    return REASONS.get(code, code)
