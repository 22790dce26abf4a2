"""Currencies: which codes exist and how many decimal places their minor unit has. Floor 0.

Places come from ISO 4217 list one through the `iso4217` package; codes that ended but still stand in old
ledgers are declared here. Codes that have no minor unit (gold, special drawing rights, test codes) are no
money and are refused.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from arlib.errors import ParameterError, nearest

if TYPE_CHECKING:
    import pandas as pd

# Withdrawn codes of ISO 4217 list three whose balances still turn up in receivables, with their places.
WITHDRAWN = {
    "ANG": 2, "ATS": 2, "BGN": 2, "CUC": 2, "CYP": 2, "DEM": 2, "EEK": 2, "FIM": 2, "FRF": 2, "HRK": 2,
    "IEP": 2, "LTL": 2, "LVL": 2, "MRO": 2, "MTL": 2, "NLG": 2, "SIT": 2, "SKK": 2, "SLL": 2, "STD": 2,
    "VEF": 2, "ZWL": 2,
}  # fmt: skip


@lru_cache(maxsize=1)
def _places() -> dict[str, int]:
    import iso4217

    current = {c.code: int(c.exponent) for c in iso4217.Currency if c.exponent is not None}
    return WITHDRAWN | current


def currencies() -> tuple[str, ...]:
    """Every currency code that money may have, sorted."""
    return tuple(sorted(_places()))


def is_currency(code: object) -> bool:
    """Whether this is such a code, in capitals as ISO writes it, or one with more places such as JPY.2."""
    return isinstance(code, str) and _own_places(code) is not None


def iso_code(currency: str) -> str:
    """The ISO 4217 code of a currency that a source keeps with more places: JPY of JPY.2, JPY of JPY."""
    return currency.partition(".")[0]


def minor_places(currency: str) -> int:
    """Decimal places of a currency's minor unit: USD 2, JPY 0, KWD 3, CLF 4.

    Some ledgers keep a currency with more places than ISO gives it, which whole yen would lose. Its profile
    declares so, and the code says it: JPY.2 is the yen with two places. A code that is unknown, or that has
    no minor unit (XAU, XDR), raises ParameterError with the nearest known code.
    """
    places = _own_places(currency) if isinstance(currency, str) else None
    if places is None:
        near = nearest(str(currency).upper(), _places())
        raise ParameterError(
            "unknown currency",
            found=currency,
            wanted="an ISO 4217 code such as USD",
            fix=f"Did you mean {near!r}?" if near else "",
        )
    return places


def _own_places(code: str) -> int | None:
    """Places of a code, or None; more places than ISO's are one digit after a point, at most nine."""
    base, point, own = code.partition(".")
    places = _places().get(base)
    if not point or places is None:
        return places
    # never as many as ISO's or fewer: USD.2 would be a second name for the dollar
    return int(own) if len(own) == 1 and own in "123456789" and int(own) > places else None


def places_of(codes: pd.Series) -> pd.Series:
    """The places of each currency code in a column, as Int64; missing where the code is missing or unknown.

    The vectorised twin of `minor_places` for columns read from files, where an unknown code is a fault of its
    row.
    """
    known = {code: _own_places(code) for code in codes.dropna().unique()}
    return codes.map(known).astype("Int64")
