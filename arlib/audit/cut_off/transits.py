"""How long money of an account is usually on its way from the books to the bank. Floor 1."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import numpy as np
import pandas as pd

from arlib.audit.options.cut_off import CutOffOptions
from arlib.calendar import BusinessDays
from arlib.errors import ParameterError
from arlib.ledger.facts import fact_dates, of_entity
from arlib.policy import Basis, Scope
from arlib.tables import Book

_FEWEST = 30  # receipts from which the usual transit of an account is told
_LEAST = 1  # a deposit of the evening is banked on the next business day


class Weekdays:
    """Business days of a country; without a known one, Monday to Friday."""

    def __init__(self, country: str) -> None:
        """Of the country's bank holidays, where they are known."""
        try:
            self.known: BusinessDays | None = BusinessDays(country=country) if country else None
        except ParameterError:
            self.known = None

    def between(self, first: pd.Timestamp, last: pd.Timestamp) -> int:
        """Business days after one day up to and with another."""
        if self.known is not None:
            return self.known.between(first.date(), last.date())
        return len(pd.bdate_range(first + timedelta(days=1), last))


def usual_transits(book: Book, *, scope: Scope, options: CutOffOptions, days: Weekdays) -> dict[str, int]:
    """Business days by bank account that `usual_lag_share` of its receipts do not pass between books and bank.

    Counted over receipts booked on or before the date and banked on the day or later, by the links that a system keeps; at
    least one day and at most `transit_days`. An account of fewer than 30 such receipts is left out: for it `transit_days`
    stands alone. Uses RECEIPTS, BANK_LINES, RECEIPT_BANK_LINES.
    """
    receipts = of_entity(book["receipts"], scope.entity)
    receipts = receipts.assign(day=fact_dates(receipts, Basis.POSTING)).drop_duplicates("receipt_id")
    lines = of_entity(book["bank_lines"], scope.entity)[["bank_account", "bank_line_id", "booking_date"]]
    links = of_entity(book["receipt_bank_lines"], scope.entity)[
        ["receipt_id", "bank_account", "bank_line_id"]
    ]
    both = links.merge(lines, on=["bank_account", "bank_line_id"]).merge(
        receipts[["receipt_id", "day"]], on="receipt_id"
    )
    both = both[
        (both["day"].le(pd.Timestamp(scope.as_of)) & both["booking_date"].ge(both["day"])).to_numpy(
            dtype=bool
        )
    ]
    spans = both[["day", "booking_date"]].drop_duplicates()
    spans = spans.assign(
        gap=[days.between(a, b) for a, b in zip(spans["day"], spans["booking_date"], strict=True)]
    )
    both = both.merge(spans, on=["day", "booking_date"])
    share, made = Fraction(options.usual_lag_share), {}
    for account, part in both.groupby("bank_account", sort=True):
        if len(part) >= _FEWEST:
            at = -(-(share.numerator * len(part)) // share.denominator)
            usual = int(np.sort(part["gap"].to_numpy())[max(at, 1) - 1])
            made[str(account)] = min(max(usual, _LEAST), options.transit_days)
    return made
