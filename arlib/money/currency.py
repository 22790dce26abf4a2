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
    """Whether this is such a code, in capitals as ISO writes it."""
    return isinstance(code, str) and code in _places()


def minor_places(currency: str) -> int:
    """Decimal places of a currency's minor unit: USD 2, JPY 0, KWD 3, CLF 4.

    A code that is unknown, or that has no minor unit (XAU, XDR), raises ParameterError with the nearest known
    code.
    """
    try:
        return _places()[currency]
    except (KeyError, TypeError):
        near = nearest(str(currency).upper(), _places())
        raise ParameterError(
            "unknown currency",
            found=currency,
            wanted="an ISO 4217 code such as USD",
            fix=f"Did you mean {near!r}?" if near else "",
        ) from None


def places_of(codes: pd.Series) -> pd.Series:
    """The places of each currency code in a column, as Int64; missing where the code is missing or unknown.

    The vectorised twin of `minor_places` for columns read from files, where an unknown code is a fault of its
    row.
    """
    return codes.map(_places()).astype("Int64")
