"""What was re-aged: items that got a new due date in the period, how much of them, and on whose authority.
Floor 1.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import Ints, counted, fact_dates, ints, of_entity, require_answerable
from arlib.ledger.frames import REAGED, REAGED_TOTALS
from arlib.ledger.openitems import original_due_dates
from arlib.money import totals_by
from arlib.policy import Scope
from arlib.tables import Book


def reaged(book: Book, *, scope: Scope) -> pd.DataFrame:
    """Items that got a due date other than their original one in the scope's period: REAGED, by its key.

    An item rescheduled on a day (`rescheduled_on`) counts in the period of that day, with what was open of it
    at the end of the day; a residual, chargeback or rebill, which is new, counts in the period of its own
    date with its amount. Both ends of the period count; facts after the as-of date do not. The original due
    date of an item that does not state one is that of the item it replaces. Needs ITEMS; uses APPLICATIONS
    and CUSTOMER_MERGES.
    """
    require_answerable(book, scope=scope)
    items = of_entity(book["items"], scope.entity)
    original = original_due_dates(items, pd.Index(items["item_id"]))
    own_date = fact_dates(items, scope.basis)
    reaged_on = items["rescheduled_on"].fillna(own_date)
    inside = (reaged_on >= pd.Timestamp(scope.starts_on)) & (
        reaged_on <= pd.Timestamp(min(scope.ends_on, scope.as_of))
    )
    differs = items["due_date"].notna() & original.notna() & items["due_date"].ne(original)
    chosen = (inside & differs).to_numpy(dtype=bool) & counted(items, scope=scope)

    rows = (
        items[chosen]
        .assign(reaged_on=reaged_on[chosen], original_due_date=original[chosen])
        .reset_index(drop=True)
    )
    rows["amount"] = _open_then(rows, of_entity(book["applications"], scope.entity), scope=scope)
    rows["days_moved"] = (rows["due_date"] - rows["original_due_date"]).dt.days.astype("Int64")
    rows["customer_id"] = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    made = REAGED.typed(rows[rows["amount"] != 0])
    return made.sort_values("item_id", kind="stable", ignore_index=True)


def reaged_totals(rows: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """The control total: amount re-aged in the period by currency and authoriser, '' where nobody is named.

    Needs REAGED, returns REAGED_TOTALS; the totals add up to the rows.
    """
    named = rows.assign(authorised_by=rows["authorised_by"].fillna(""), items=1)
    return REAGED_TOTALS.typed(totals_by(named, ["entity", "currency", "authorised_by"], ["items", "amount"]))


def _open_then(rows: pd.DataFrame, applications: pd.DataFrame, *, scope: Scope) -> pd.Series:
    """Open amount of rescheduled items at the end of that day; all of those that were new on it."""
    made = ints(rows["amount"]).copy()
    facts = applications[counted(applications, scope=scope)]
    when = fact_dates(facts, scope.basis).to_numpy(dtype="datetime64[s]")
    moves = {
        "target_item_id": -(ints(facts["target_amount"]) + ints(facts["discount"])),
        "source_item_id": ints(facts["source_amount"]),
    }
    rescheduled = rows["rescheduled_on"].notna().to_numpy(dtype=bool)
    until = rows["reaged_on"].to_numpy(dtype="datetime64[s]")
    for column, amount in moves.items():
        _add_until(made, rows["item_id"], facts[column], amount, when, until, rescheduled)
    return pd.Series(made, dtype="Int64")


def _add_until(
    made: Ints,
    ids: pd.Series,
    wanted: pd.Series,
    amount: Ints,
    when: np.ndarray,
    until: np.ndarray,
    is_taken: np.ndarray,
) -> None:
    """Add to `made`, in place, each amount whose item is taken and whose date is not after the item's own
    day.
    """
    at = pd.Index(ids).get_indexer(pd.Index(wanted))
    hit = np.flatnonzero(at >= 0)
    hit = hit[is_taken[at[hit]] & (when[hit] <= until[at[hit]])]
    np.add.at(made, at[hit], amount[hit])
