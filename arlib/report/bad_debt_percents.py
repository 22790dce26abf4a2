"""Rates and shares in percent, as the bad-debt report shows them. Floor 3."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from arlib.money import Rounding, divide


def percent_of(rate: Fraction | str, places: int = 2) -> str:
    """A rate, exact or as decimal text, in percent with so many places: `3.14`."""
    exact = Fraction(rate)
    scaled = divide(exact.numerator * 100 * 10**places, exact.denominator, Rounding.HALF_UP)
    whole, rest = divmod(abs(scaled), 10**places)
    return f"{'-' if scaled < 0 else ''}{whole}.{rest:0{places}d}"


def share_percent(part: int, whole: int, places: int = 2) -> str | None:
    """One amount by another in percent; None where there is nothing to divide by."""
    return percent_of(Fraction(part, whole), places) if whole else None


def percents(rates: pd.Series) -> pd.Series[str]:
    """A column of rates as decimal text, in percent; missing stays missing."""
    return pd.Series(
        [None if pd.isna(rate) else percent_of(str(rate)) for rate in rates], index=rates.index, dtype="str"
    )


def share_percents(parts: pd.Series, wholes: pd.Series) -> pd.Series[str]:
    """One money column by another in percent; missing where there is nothing to divide by."""
    pairs = zip(parts, wholes, strict=True)
    return pd.Series(
        [share_percent(int(part), int(whole)) for part, whole in pairs], index=parts.index, dtype="str"
    )
