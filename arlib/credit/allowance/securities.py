"""The securities that stand at a date, and their limits in the books' currency. Floor 1."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import pandas as pd

from arlib.errors import Problem, TableError
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.money import Rates, translate
from arlib.policy import Scope
from arlib.tables import Book


def standing(rows: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Rows of the entity valid on the as-of date; `valid_from` and `valid_to` are both days in it."""
    mine = of_entity(rows, scope.entity)
    day = pd.Timestamp(scope.as_of)
    stands = (mine["valid_from"] <= day) & (mine["valid_to"].isna() | (mine["valid_to"] >= day))
    return mine[stands.to_numpy(dtype=bool)].reset_index(drop=True)


def securities(book: Book, *, scope: Scope) -> pd.DataFrame:
    """SECURITY rows that stand at the as-of date, by the customer's code of that day, sorted by identifier.

    A share outside 0 to 1, or a negative amount or deductible, raises TableError with all such rows.
    """
    rows = standing(book["security"], scope=scope)
    faults = [
        *share_faults(rows, "cover_rate", table="security"),
        *sign_faults(rows, "amount", table="security"),
        *sign_faults(rows, "deductible", table="security"),
    ]
    if faults:
        raise TableError("security: amounts or shares that cannot be", faults, where=scope.entity)
    codes = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    return rows.assign(customer_id=codes).sort_values("security_id", kind="stable", ignore_index=True)


def functional_limits(
    rows: pd.DataFrame, book: Book, *, scope: Scope, column: str = "amount"
) -> list[int | None]:
    """A money column of each row in the books' currency at the closing rate, None where it is empty.

    A currency without a closing rate for the as-of date raises RateError.
    """
    own, given = scope.functional_currency, rows[column].notna()
    foreign = sorted(set(rows.loc[given, "currency"]) - {own})
    rates = Rates.of(book["fx_rates"]) if foreign else Rates()
    found = {code: rates.find(code, own, scope.as_of, "closing") for code in foreign}
    return [
        None if pd.isna(amount)
        else int(amount) if code == own
        else translate(int(amount), from_currency=code, to_currency=own, rate=found[code])
        for amount, code in zip(rows[column], rows["currency"], strict=True)
    ]  # fmt: skip


def share_faults(rows: pd.DataFrame, column: str, *, table: str) -> list[Problem]:
    """A fault for every share that is not a number from 0 to 1; empty ones are none."""
    given = rows[column].fillna("")
    bad = [text for text in given.unique() if text and not _is_share(text)]
    return [
        _fault(rows, row, column, "a share from 0 to 1, such as 0.9", table)
        for row in rows.index[given.isin(bad).to_numpy(dtype=bool)]
    ]


def sign_faults(rows: pd.DataFrame, column: str, *, table: str) -> list[Problem]:
    """A fault for every amount below zero."""
    return [
        _fault(rows, row, column, "0 or more", table)
        for row in rows.index[rows[column].fillna(0).lt(0).to_numpy(dtype=bool)]
    ]


def _fault(rows: pd.DataFrame, row: int, column: str, wanted: str, table: str) -> Problem:
    return Problem(
        file=f"table {table}", table=table, row=0, column=column, code="out_of_range",
        found=": ".join(str(rows[name].iloc[row]) for name in (rows.columns[0], column)), wanted=wanted,
    )  # fmt: skip


def _is_share(text: str) -> bool:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return False
    return value.is_finite() and 0 <= value <= 1
