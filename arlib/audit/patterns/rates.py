"""Exact rates as decimal text. Floor 1."""

from __future__ import annotations

from fractions import Fraction


def decimal_text(value: Fraction, places: int = 1) -> str:
    """A rate of 0 or more as decimal text, rounded half up."""
    scaled = (value * 10**places + Fraction(1, 2)).__floor__()
    whole, part = divmod(scaled, 10**places)
    return f"{whole}.{part:0{places}d}"
