"""Translation of whole columns, exact row by row. Floor 0. The twin of `rates.translate` for frames."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from arlib.errors import AmountError, ParameterError, RateError
from arlib.money.exact import Rounding, divide
from arlib.money.rates import Rate, Rates, translation_factor

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_FAST = 2**61  # products below this leave room for the doubling and the correction in int64
_LIMIT = 2**63


def translate_column(
    minor: pd.Series,
    *,
    from_currency: pd.Series | str,
    to_currency: pd.Series | str,
    rate: pd.Series | str | int | Decimal | Fraction | Rate,
    rounding: Rounding = Rounding.HALF_UP,
) -> pd.Series:
    """A money column in another currency, as `translate` does it; currencies and rate are one, or by row.

    Columns are aligned by position. A missing amount stays missing; an amount whose rate is missing raises
    RateError, one whose currency is missing or unknown ParameterError, a result beyond int64 AmountError.
    """

    def factor(source: Any, target: Any, given: Any) -> Fraction:
        if given != given or given is None:
            raise RateError(
                f"no rate {source}/{target} beside an amount",
                fix="Give the rate on every row with an amount.",
            )
        return translation_factor(source, target, given)

    return _translated(minor, (from_currency, to_currency, rate), factor, rounding)


def translate_at(
    minor: pd.Series,
    *,
    from_currency: pd.Series | str,
    to_currency: pd.Series | str,
    rates: Rates,
    on: pd.Series | date,
    kind: str = "closing",
    rounding: Rounding = Rounding.HALF_UP,
) -> pd.Series:
    """A money column in another currency at the looked-up rate of each row's day; see `Rates.find`.

    Columns are aligned by position. A missing amount stays missing; a missing rate raises RateError naming
    pair and date.
    """

    import pandas as pd

    def factor(source: Any, target: Any, day: Any) -> Fraction:
        if day != day or day is None:
            raise ParameterError(
                "a date is missing beside an amount to translate", found=f"{source}/{target}"
            )
        found = rates.find(source, target, pd.Timestamp(day).date(), kind)
        return translation_factor(source, target, found)

    return _translated(minor, (from_currency, to_currency, on), factor, rounding)


def _translated(
    minor: pd.Series, keys: tuple[Any, ...], factor: Callable[..., Fraction], rounding: Rounding
) -> pd.Series:
    """Group the rows by equal keys, find each group's factor once, multiply exactly."""
    import numpy as np
    import pandas as pd

    if pd.api.types.is_float_dtype(minor.dtype) and minor.notna().any():
        raise TypeError(f"{minor.name}: money must be integer minor units, found floats")
    has = minor.notna().to_numpy()
    values = minor.fillna(0).to_numpy(dtype="int64")
    result = np.zeros(len(minor), dtype="int64")
    where = has.nonzero()[0]
    by_row = {i: key.to_numpy()[where] for i, key in enumerate(keys) if isinstance(key, pd.Series)}
    parts = list(keys)
    if len(where) and not by_row:
        result[where] = _scaled(values[where], factor(*parts), rounding)
    elif len(where):
        codes = pd.DataFrame(by_row).groupby(list(by_row), dropna=False, sort=False).ngroup().to_numpy()
        _, first, group = np.unique(codes, return_index=True, return_inverse=True)
        order = np.argsort(group, kind="stable")
        for number, rows in enumerate(np.split(order, np.cumsum(np.bincount(group))[:-1])):
            for position, column in by_row.items():
                parts[position] = column[first[number]]
            result[where[rows]] = _scaled(values[where[rows]], factor(*parts), rounding)
    return pd.Series(pd.array(result, dtype="Int64"), index=minor.index, name=minor.name).mask(~has)


def _scaled(values: np.ndarray, factor: Fraction, rounding: Rounding) -> np.ndarray:
    """The values times an exact fraction, in int64 where the products fit, else in Python integers."""
    import numpy as np

    largest = max(abs(int(values.max())), abs(int(values.min()))) if len(values) else 0
    if largest * factor.numerator < _FAST and factor.denominator < _FAST:
        return _divided(values * factor.numerator, factor.denominator, rounding)
    exact = [divide(int(value) * factor.numerator, factor.denominator, rounding) for value in values]
    if any(not -_LIMIT <= value < _LIMIT for value in exact):
        raise AmountError("a translated amount does not fit 64 bits", found=str(max(exact, key=abs)))
    return np.array(exact, dtype="int64")


def _divided(numerators: np.ndarray, denominator: int, rounding: Rounding) -> np.ndarray:
    """`exact.divide` for an array of int64."""
    import numpy as np

    if rounding is Rounding.FLOOR:
        return numerators // denominator
    if rounding is Rounding.CEILING:
        return -(-numerators // denominator)
    whole, rest = np.divmod(np.abs(numerators), denominator)
    if rounding is Rounding.UP:
        up = rest > 0
    elif rounding is Rounding.DOWN:
        up = np.zeros(len(rest), dtype=bool)
    else:
        other = denominator - rest
        tie = (
            np.ones(len(rest), dtype=bool) if rounding is Rounding.HALF_UP
            else whole % 2 == 1 if rounding is Rounding.HALF_EVEN
            else np.zeros(len(rest), dtype=bool)
        )  # fmt: skip
        up = (rest > other) | ((rest == other) & tie)
    rounded: np.ndarray = np.sign(numerators) * (whole + up)
    return rounded
