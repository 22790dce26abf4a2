"""Money to text: plain decimals for files that are a contract, grouped ones for people. Floor 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arlib.money.currency import minor_places

if TYPE_CHECKING:
    import pandas as pd


def format_minor(minor: int, currency: str) -> str:
    """Plain decimal text with all places of the currency: -1234.50 dollars, -1234 yen. See `parse_plain`."""
    return _plain(int(minor), minor_places(currency))


def shown(minor: int, currency: str) -> str:
    """The amount as a message shows it: 1,234.50, negative ones with a leading minus. No currency code."""
    places = minor_places(currency)
    whole, fraction = divmod(abs(int(minor)), 10**places)
    return f"{'-' if minor < 0 else ''}{whole:,}" + (f".{fraction:0{places}d}" if places else "")


def format_minor_column(minor: pd.Series, currency: pd.Series | str) -> pd.Series:
    """A column of minor units as plain decimal text, missing where the amount is.

    `currency` is one code or a column aligned with `minor` by position. An unknown or missing code beside an
    amount raises ParameterError: an amount without places has no decimal text. Floats raise TypeError.
    """
    import pandas as pd

    if pd.api.types.is_float_dtype(minor.dtype) and minor.notna().any():
        raise TypeError(f"{minor.name}: money must be integer minor units, found floats")
    codes = [currency] * len(minor) if isinstance(currency, str) else currency.tolist()
    rows = list(zip(minor.tolist(), minor.notna().tolist(), codes, strict=True))
    places = {code: minor_places(code) for code in dict.fromkeys(code for _, has, code in rows if has)}
    texts = [_plain(int(value), places[code]) if has else None for value, has, code in rows]
    return pd.Series(texts, index=minor.index, name=minor.name, dtype="str")


def _plain(minor: int, places: int) -> str:
    if not places:
        return str(minor)
    digits = f"{abs(minor):0{places + 1}d}"
    return f"{'-' if minor < 0 else ''}{digits[:-places]}.{digits[-places:]}"
