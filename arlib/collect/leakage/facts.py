"""The ledger as leakage looks at it: items and applications of the last months, with customers and booking rates. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from arlib.calendar.periods import add_months
from arlib.collect.contact.records import known_day
from arlib.ledger.attributes import customer_attributes, merged_codes
from arlib.ledger.facts import fact_dates
from arlib.ledger.openitems import Linked, linked, open_items
from arlib.money import Rates, divide
from arlib.policy import Policies, Scope
from arlib.tables import Book

AMOUNTS = ("amount", "pending", "lost")


@dataclass(frozen=True, kw_only=True, eq=False)
class Facts:
    """What every kind of leak starts from. `items` are all of the entity, counted or not, with `customer_now`, `on` (the
    day that counts in the scope's view) and `books` (amount at the booking rate, missing where it is not known).
    """

    book: Book
    scope: Scope
    policies: Policies
    linked: Linked
    items: pd.DataFrame
    names: pd.Series  # by customer code at the as-of date
    terms: pd.Series
    rates: Rates
    begins: date
    months: tuple[str, ...]

    @cached_property
    def open_debits(self) -> pd.DataFrame:
        """OPEN_ITEMS that the customer owes at the as-of date."""
        rows = open_items(self.book, scope=self.scope)
        return rows[rows["outstanding"].gt(0).to_numpy(dtype=bool)]

    @cached_property
    def in_window(self) -> pd.Series:
        """Which items count and fall into the months."""
        return pd.Series(self.linked.is_counted, index=self.items.index) & self.items["on"].ge(
            pd.Timestamp(self.begins)
        )

    def records(self, name: str, day: str) -> pd.DataFrame:
        """The rows of a table of the entity whose day falls into the months, customers under their code now."""
        rows = self.book[name]
        here = rows["entity"].eq(self.scope.entity) & rows[day].between(
            pd.Timestamp(self.begins), pd.Timestamp(known_day(self.scope))
        )
        kept = rows[here.to_numpy(dtype=bool)].reset_index(drop=True)
        codes = merged_codes(kept["customer_id"], self.book, entity=self.scope.entity, on=self.scope.as_of)
        return kept.assign(customer_id=codes, on=kept[day])

    def booked(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with their amounts at the booking rate of their item; missing where neither item nor rate is known.

        An amount in the books' currency is itself; the whole of an item is what was booked for it.
        """
        own = rows["currency"].eq(self.scope.functional_currency).to_numpy(dtype=bool)
        at = self.linked.ids.get_indexer(pd.Index(rows["item_id"].fillna("").astype("str")))
        whole = self.items["amount"].fillna(0).to_numpy(dtype=np.int64)
        books = self.items["books"]
        same = (self.items["currency"].to_numpy()[at] == rows["currency"].to_numpy()) & (at >= 0)
        has_rate = same & books.notna().to_numpy(dtype=bool)[at] & (whole[at] != 0)
        carrying = books.fillna(0).to_numpy(dtype=np.int64)
        made = rows.copy()
        for name in AMOUNTS:
            values = rows[name].to_numpy(dtype=np.int64)
            booked: list[int | None] = [None] * len(rows)
            for place in np.flatnonzero(own | has_rate).tolist():
                value = int(values[place])
                booked[place] = value if own[place] else divide(
                    value * int(carrying[at[place]]), int(whole[at[place]])
                )  # fmt: skip
            made[f"books_{name}"] = pd.Series(booked, index=rows.index, dtype="Int64")
        return made


def facts_of(book: Book, *, scope: Scope, policies: Policies) -> Facts:
    """The ledger by the as-of date, and the calendar months that are looked at: `trend_months`, with that of the as-of date."""
    months = policies.performance.trend_months
    first = add_months(scope.as_of.replace(day=1), 1 - months)
    named = tuple(f"{add_months(first, step):%Y-%m}" for step in range(months))
    ledger = linked(book, scope=scope)
    items = ledger.items
    own = items["currency"].eq(scope.functional_currency)
    books = items["functional_amount"].where(items["functional_amount"].notna() | ~own, items["amount"])
    attributes = customer_attributes(
        book, on=scope.as_of, at=policies.aging.attributes_at, entity=scope.entity
    ).drop_duplicates("customer_id", keep="last").set_index("customer_id")  # fmt: skip
    return Facts(
        book=book, scope=scope, policies=policies, linked=ledger,
        items=items.assign(
            customer_now=merged_codes(items["customer_id"], book, entity=scope.entity, on=scope.as_of),
            on=fact_dates(items, scope.basis), books=books,
            document_date=items["document_date"].fillna(items["effective_date"]),
        ),
        names=attributes["name"], terms=attributes["terms"],
        rates=Rates.of(book["fx_rates"]), begins=first, months=named,
    )  # fmt: skip
