"""What each customer owes at the as-of date: the one view that lists, letters and figures start from. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from arlib.errors import RateError
from arlib.ledger.aging import age_items
from arlib.ledger.attributes import customer_attributes, with_attributes
from arlib.ledger.openitems import open_items
from arlib.money import Rates, translate_at
from arlib.policy import AgingPolicy, Credits, Policies, Scope
from arlib.tables import Book

NOT_DUE = ("current", "no_due_date")
CREDITS = ("credit", "unapplied")


@dataclass(frozen=True, kw_only=True, eq=False)
class Position:
    """Open items of an entity with age, bucket and the customer as it was, and each amount in the books' currency.

    `items` is AGED_ITEMS with name, parent_id, collector, sales_rep, sold_by, region, terms, status, rating, and
    `books_amount`: what is open at the closing rate of the as-of date, Int64 minor units of `currency`, missing where
    `unrated` names the item's currency. `customers` is CUSTOMERS of the entity as it is today, one row a customer.
    """

    scope: Scope
    items: pd.DataFrame
    customers: pd.DataFrame
    attributes: pd.DataFrame
    rates: Rates = field(repr=False)
    unrated: tuple[str, ...] = ()

    @property
    def currency(self) -> str:
        """The books' currency."""
        return self.scope.functional_currency

    @property
    def debits(self) -> pd.DataFrame:
        """Items that the customer owes, due or not."""
        return self.items[~self.items["bucket"].isin(CREDITS)]

    @property
    def past_due(self) -> pd.DataFrame:
        """Items that are at least one day past due."""
        return self.items[~self.items["bucket"].isin((*CREDITS, *NOT_DUE))]

    @property
    def credits(self) -> pd.DataFrame:
        """Open credits and cash that is not applied; amounts are negative."""
        return self.items[self.items["bucket"].isin(CREDITS)]


def position(book: Book, *, scope: Scope, policies: Policies) -> Position:
    """Every open item at the as-of date, aged by the aging policy, in the books' currency beside its own.

    Needs ITEMS; uses what `open_items` uses, CUSTOMERS, CUSTOMER_HISTORY, FX_RATES. Sums of `outstanding` are those of the
    aging. Credits are always apart, whatever the aging policy nets. A currency without a closing rate leaves
    `books_amount` empty and is named in `unrated`.
    """
    aged = age_items(open_items(book, scope=scope), as_of=scope.as_of, policy=_apart(policies))
    attributes = customer_attributes(
        book, on=scope.as_of, at=policies.aging.attributes_at, entity=scope.entity
    )
    items = with_attributes(aged, attributes)
    rates = Rates.of(book["fx_rates"])
    amounts, unrated = _in_books(items, rates, scope)
    return Position(
        scope=scope,
        items=items.assign(books_amount=amounts),
        customers=_customers(book, scope.entity),
        attributes=attributes,
        rates=rates,
        unrated=unrated,
    )


def _apart(policies: Policies) -> AgingPolicy:
    return replace(policies.aging, credits=Credits.SHOWN)


def _customers(book: Book, entity: str) -> pd.DataFrame:
    """CUSTOMERS of the entity and of none; an account of its own goes before one that serves all."""
    rows = book["customers"]
    shared = rows["entity"].isna() | rows["entity"].eq("")
    mine = rows[rows["entity"].eq(entity) | shared]
    return (
        mine.assign(_shared=shared[mine.index])
        .sort_values(["customer_id", "_shared"], kind="stable")
        .drop_duplicates("customer_id")
        .drop(columns="_shared")
        .reset_index(drop=True)
    )


def _in_books(items: pd.DataFrame, rates: Rates, scope: Scope) -> tuple[pd.Series, tuple[str, ...]]:
    """Open amounts at the closing rate, and the currencies without one."""
    unrated = []
    for code in sorted(items["currency"].unique()):
        try:
            rates.find(code, scope.functional_currency, scope.as_of)
        except RateError:
            unrated.append(str(code))
    rated = ~items["currency"].isin(unrated)
    known = items[rated]
    amounts = translate_at(
        known["outstanding"], from_currency=known["currency"], to_currency=scope.functional_currency,
        rates=rates, on=scope.as_of,
    )  # fmt: skip
    return amounts.reindex(items.index).astype("Int64"), tuple(unrated)
