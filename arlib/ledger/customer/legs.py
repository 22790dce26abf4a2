"""Every change of the open amount of one customer's items, dated: what all views of a balance are summed from. Floor 1.

A document changes its own open amount. An application changes that of its source and of its target, and the discount that
of the target again. A merger of accounts moves what is open of their items from one account to the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from arlib.ledger.customer.whose import ALWAYS, NEVER, Span, day_numbers, spans_of
from arlib.ledger.facts import Bools, Ints, fact_dates, ints, require_answerable, require_no_overflow
from arlib.ledger.openitems import Linked, linked
from arlib.policy import Scope
from arlib.tables import Book

Codes = npt.NDArray[np.object_]


class Leg(IntEnum):
    """What changed an open amount."""

    MERGER = 0
    DOCUMENT = 1
    DISCOUNT = 2
    TARGET = 3
    SOURCE = 4


@dataclass(frozen=True)
class Legs:
    """Changes of the open amounts of a customer's items while they were its own, not sorted.

    `rows` has the columns item (row of `facts.items`), day (days since 1970-01-01), leg, applied (row of
    `facts.applications`, -1 without one), amount (int64, of the item's currency), and code (of a merger, the code that came
    or went).
    """

    facts: Linked
    rows: pd.DataFrame

    @property
    def currency(self) -> pd.Series[str]:
        """Currency of each row."""
        return self.facts.items["currency"].iloc[self.rows["item"]].reset_index(drop=True)


def legs_of(book: Book, *, scope: Scope, customer_id: str) -> Legs:
    """What changed the customer's open amounts by the as-of date, as known at. Needs ITEMS, APPLICATIONS; uses CUSTOMER_MERGES.

    Raises what `linked` raises, AmountError where sums could pass 64 bits, and ParameterError for a date that the source
    cannot answer.
    """
    require_answerable(book, scope=scope)
    facts = linked(book, scope=scope)
    rows = _every(facts, scope)
    require_no_overflow(rows["amount"].to_numpy(dtype=np.int64))
    spans = spans_of(book, customer_id, scope=scope)
    codes = facts.items["customer_id"].fillna("").to_numpy(dtype=object)
    inside = np.zeros(len(rows), dtype=bool)
    moved = []
    owner, day = codes[rows["item"].to_numpy()], rows["day"].to_numpy()
    for span in spans:
        of_code = owner == span.code
        inside |= of_code & (day >= span.first) & (day < span.end)
        moved += [
            _moved(rows[of_code & (day < on)], span, on, sign)
            for on, sign in ((span.first, 1), (span.end, -1)) if on not in (ALWAYS, NEVER)
        ]  # fmt: skip
    made = pd.concat([rows[inside].assign(code=""), *moved], ignore_index=True)
    return Legs(facts, made)


def _every(facts: Linked, scope: Scope) -> pd.DataFrame:
    """The changes of all items in the book."""
    items, applied = facts.items, facts.applications
    here = np.flatnonzero(facts.is_counted)
    days = day_numbers(fact_dates(items, scope.basis).iloc[here])
    on = day_numbers(fact_dates(applied, scope.basis))
    number = np.arange(len(applied))
    parts = [_part(here, days, Leg.DOCUMENT, np.full(len(here), -1), ints(items["amount"])[here])]
    parts += [
        _part(facts.source, on, Leg.SOURCE, number, ints(applied["source_amount"])),
        _part(facts.target, on, Leg.TARGET, number, -ints(applied["target_amount"])),
        _part(facts.target, on, Leg.DISCOUNT, number, -ints(applied["discount"])),
    ]
    both = pd.concat(parts, ignore_index=True)
    is_kept: Bools = (both["amount"] != 0).to_numpy(dtype=bool) | (both["leg"] == Leg.DOCUMENT).to_numpy(
        dtype=bool
    )
    return both[is_kept].reset_index(drop=True)


def _part(item: Ints, day: Ints, leg: Leg, applied: Ints, amount: Ints) -> pd.DataFrame:
    return pd.DataFrame(
        {"item": item, "day": day, "leg": np.int64(leg), "applied": applied, "amount": amount}
    )


def _moved(before: pd.DataFrame, span: Span, on: int, sign: int) -> pd.DataFrame:
    """What was open of each item of a code when it came to the account, or left it."""
    open_ = before.groupby("item", as_index=False)["amount"].sum()
    open_ = open_[open_["amount"].ne(0)]
    return pd.DataFrame({
        "item": open_["item"].to_numpy(dtype=np.int64), "day": np.int64(on), "leg": np.int64(Leg.MERGER),
        "applied": np.int64(-1), "amount": sign * open_["amount"].to_numpy(dtype=np.int64), "code": span.code,
    })  # fmt: skip
