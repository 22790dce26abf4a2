"""The months of a trend, and from which month on the ledger can answer. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from arlib.calendar import add_months, month_end
from arlib.ledger.facts import Ints, fact_dates, of_entity
from arlib.policy import Basis, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType

FULL_FROM = 7  # a ledger whose first document is dated later does not have the whole of its first month


@dataclass(frozen=True, kw_only=True)
class Month:
    """A calendar month, both days included; the last one of a trend ends on the as-of date."""

    starts_on: date
    ends_on: date

    @property
    def name(self) -> str:
        """Such as 2026-10."""
        return f"{self.starts_on:%Y-%m}"

    @property
    def days(self) -> int:
        """How many days it has, or has had by the as-of date."""
        return (self.ends_on - self.starts_on).days + 1


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Months in order, the last one that of the as-of date, and what the source can tell of them.

    Flows are known in `months[first:]`. The balance before the first known month is known where the ledger brings
    balances forward. A snapshot knows no flow, and only the balance of its day.
    """

    months: tuple[Month, ...]
    first: int  # number of the first month whose flows are known; len(months) where none are
    has_opening: bool  # balances brought forward from before the first known month
    is_snapshot: bool
    begins: str  # name of the ledger's first month; '' without a document
    partial: str = (
        ""  # that month where its first document is dated late in it: its flows are not those of a month
    )

    @property
    def ends(self) -> list[date]:
        """The last day of each month."""
        return [month.ends_on for month in self.months]

    def knows_flow(self, number: int) -> bool:
        """Whether documents of the month are in the ledger."""
        return 0 <= number < len(self.months) and number >= self.first

    def knows_balance(self, number: int) -> bool:
        """Whether what was open at the end of the month is known; −1 is before the first month."""
        if not 0 <= number < len(self.months):
            return False
        if self.is_snapshot:
            return number == len(self.months) - 1
        return number >= self.first - (1 if self.has_opening else 0)

    def slot(self, dates: pd.Series) -> Ints:
        """The number of the first month that ends on or after each date: the first month-end at which a fact counts."""
        ends = np.array(self.ends, dtype="datetime64[D]")
        return np.searchsorted(ends, dates.to_numpy(dtype="datetime64[D]"), side="left").astype(np.int64)


def month_names(dates: pd.Series) -> pd.Series:
    """The month of each date, such as 2026-10; quicker over many rows than formatting each."""
    months = dates.to_numpy(dtype="datetime64[M]")
    known, at = np.unique(months, return_inverse=True)
    return pd.Series(
        pd.Categorical.from_codes(at, known.astype(str).tolist()).astype("str"), index=dates.index
    )


def windows(book: Book, *, scope: Scope, months: int) -> Windows:
    """The last `months` calendar months to the as-of date. Needs ITEMS.

    The ledger's first month is that of its first document by posting date that was not brought forward: what was billed
    before it is not known, but not zero.
    """
    first_day = scope.as_of.replace(day=1)
    starts = [add_months(first_day, 1 - months + number) for number in range(months)]
    made = tuple(Month(starts_on=day, ends_on=min(month_end(day), scope.as_of)) for day in starts)
    items = of_entity(book["items"], scope.entity)
    forward = items["item_type"].eq(ItemType.OPENING.value).to_numpy(dtype=bool)
    dates = fact_dates(items, Basis.POSTING)[~forward]
    is_snapshot = "snapshot" in book.features
    if is_snapshot or dates.empty:
        return Windows(
            months=made, first=len(made), has_opening=bool(forward.any()), is_snapshot=is_snapshot, begins=""
        )
    began = dates.min().date().replace(day=1)
    first = sum(1 for day in starts if day < began)
    before = pd.Timestamp(began - timedelta(days=1))
    has_opening = first == 0 or bool((fact_dates(items, Basis.POSTING)[forward] <= before).any())
    return Windows(
        months=made,
        first=first,
        has_opening=has_opening,
        is_snapshot=False,
        begins=f"{began:%Y-%m}",
        partial=f"{began:%Y-%m}" if dates.min().day > FULL_FROM else "",
    )
