"""Shares as decimal text. Floor 1."""

from __future__ import annotations


def percent(part: int, whole: int) -> str:
    """A share in percent with two places, rounded towards zero, so that 100.00 means all; "0.00" of nothing."""
    if not int(whole):
        return "0.00"
    hundredths = abs(int(part)) * 10_000 // abs(int(whole))
    sign = "-" if int(part) * int(whole) < 0 and hundredths else ""
    return f"{sign}{hundredths // 100}.{hundredths % 100:02d}"
