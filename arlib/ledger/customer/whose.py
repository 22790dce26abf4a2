"""Which items are one customer's, and from which day to which: mergers move accounts on their day. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from arlib.errors import ParameterError
from arlib.ledger.attributes import merged_codes
from arlib.ledger.by_customer import CustomerBook
from arlib.ledger.facts import Bools, of_entity
from arlib.policy import Scope
from arlib.tables import Book

NEVER = np.iinfo(np.int64).max  # beyond every day
ALWAYS = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Span:
    """Days on which a document code is the customer's: the first one is in, the last one is not."""

    code: str
    first: int  # days since 1970-01-01; ALWAYS where it was the customer's from the beginning
    end: int  # NEVER where it still is


def customer_of(book: Book, customer_id: str = "") -> str:
    """The customer asked for; without one, that of a customer's own book ('' is cash of nobody known).

    Neither raises ParameterError.
    """
    if customer_id:
        return customer_id
    if isinstance(book, CustomerBook):
        return book.customer_id
    raise ParameterError(
        "customer_id", found=customer_id, wanted="a customer code, or the book of one customer"
    )


def spans_of(book: Book, customer_id: str, *, scope: Scope) -> tuple[Span, ...]:
    """When each document code of the entity is the customer's, by the mergers up to the as-of date, in order.

    The day of a merger already has the new code. Needs ITEMS; uses CUSTOMER_MERGES.
    """
    merges = of_entity(book["customer_merges"], scope.entity)
    merges = merges[(merges["merged_on"] <= pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)]
    if merges.empty:
        return (Span(customer_id, ALWAYS, NEVER),)
    named = pd.concat([merges["old_customer_id"], merges["new_customer_id"], pd.Series([customer_id])])
    codes = pd.Series(sorted(set(named.dropna())), dtype="str")
    since = {customer_id: ALWAYS}
    made = []
    for day in sorted(merges["merged_on"].unique()):
        now = merged_codes(codes, book, entity=scope.entity, on=day.date())
        number = day_number(day.date())
        mine = set(codes[now.eq(customer_id).to_numpy(dtype=bool)])
        made += [Span(code, since.pop(code), number) for code in sorted(since.keys() - mine)]
        since |= dict.fromkeys(mine - since.keys(), number)
    made += [Span(code, first, NEVER) for code, first in since.items()]
    return tuple(sorted(made, key=lambda span: (span.first, span.end, span.code)))


def codes_of(book: Book, customer_id: str, *, scope: Scope) -> frozenset[str]:
    """The customer's code, and those that are merged into it by the as-of date."""
    spans = spans_of(book, customer_id, scope=scope)
    return frozenset({customer_id, *(span.code for span in spans if span.end == NEVER)})


def own_at(codes: pd.Series[str], book: Book, customer_id: str, *, scope: Scope) -> Bools:
    """Which document codes are the customer's at the as-of date."""
    now = merged_codes(codes.fillna(""), book, entity=scope.entity, on=scope.as_of)
    return np.asarray(now.eq(customer_id).to_numpy(dtype=bool))


def own_ever(codes: pd.Series[str], book: Book, customer_id: str, *, scope: Scope) -> Bools:
    """Which document codes are the customer's at the as-of date, or are its own code."""
    return own_at(codes, book, customer_id, scope=scope) | codes.fillna("").eq(customer_id).to_numpy(
        dtype=bool
    )


def day_number(day: date) -> int:
    """A day as a count of days since 1970-01-01."""
    return int(np.datetime64(day, "D").astype(np.int64))


def day_numbers(days: pd.Series[pd.Timestamp]) -> np.ndarray:
    """Days as counts of days since 1970-01-01."""
    return days.to_numpy(dtype="datetime64[D]").astype(np.int64)
