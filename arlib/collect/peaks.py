"""Highest balance of each customer in a span of days. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.paid import in_books
from arlib.collect.position import Position
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import Ints, fact_dates, ints, require_no_overflow
from arlib.ledger.openitems import linked
from arlib.tables import Book


def highest_balances(book: Book, *, position: Position, since: pd.Timestamp) -> pd.DataFrame:
    """By customer: highest_balance and highest_balance_on, the first day that ended with it, after `since`.

    A balance is what all items of the customer come to at the end of a day in the books' currency at booking rates,
    credits and unapplied cash taken off; facts without an amount in the books' currency count at the closing rate, and
    not at all where there is none. The balance carried into the span counts as that of its first day. Needs ITEMS and
    APPLICATIONS; facts after the as-of date are out, and customers without any fact have no row.
    """
    scope = position.scope
    facts = linked(book, scope=scope)
    items, rows = facts.items, facts.applications
    owner, names = pd.factorize(
        merged_codes(items["customer_id"], book, entity=scope.entity, on=scope.as_of), sort=True
    )
    mine, _ = in_books(items["functional_amount"], items["amount"], items["currency"], position=position)
    sides = {}
    for name, currency in (
        ("target", "target_amount"),
        ("source", "source_amount"),
        ("discount", "discount"),
    ):
        given = "discount_functional_amount" if name == "discount" else f"{name}_functional_amount"
        code = "source_currency" if name == "source" else "target_currency"
        sides[name], _ = in_books(
            rows[given].reset_index(drop=True), rows[currency].reset_index(drop=True),
            rows[code].reset_index(drop=True), position=position,
        )  # fmt: skip
    at = facts.is_counted
    moved = [ints(mine)[at], -ints(sides["target"]) - ints(sides["discount"]), ints(sides["source"])]
    who = [owner[at], owner[facts.target], owner[facts.source]]
    days = fact_dates(items, scope.basis).to_numpy(dtype="datetime64[D]").astype(np.int64)
    on = fact_dates(rows, scope.basis).to_numpy(dtype="datetime64[D]").astype(np.int64)
    require_no_overflow(*moved)
    first = since.to_numpy().astype("datetime64[D]").astype(np.int64) + 1
    found = _peaks(np.concatenate(who), np.concatenate([days[at], on, on]), np.concatenate(moved), int(first))
    customers, peaks, dated = found
    return pd.DataFrame(
        {
            "highest_balance": pd.array(peaks, dtype="Int64"),
            "highest_balance_on": dated.astype("datetime64[D]").astype("datetime64[s]"),
        },
        index=pd.Index(np.asarray(names, dtype=object)[customers], name="customer_id"),
    )


def _peaks(who: Ints, day: Ints, moved: Ints, first: int) -> tuple[Ints, Ints, Ints]:
    """Owners, the highest running total of each from day `first` on, and the first day of it."""
    known = who >= 0
    who, day, moved = who[known], np.maximum(day[known], first - 1), moved[known]
    if not len(who):
        return who, moved, day
    # what came before the span is one opening balance, which its first day carries in
    order = np.lexsort((day, who))
    who, day, moved = who[order], day[order], moved[order]
    is_last = np.append((who[1:] != who[:-1]) | (day[1:] != day[:-1]), True)
    begins = np.append(0, np.flatnonzero(who[1:] != who[:-1]) + 1)
    running = np.cumsum(moved)
    base = np.where(begins > 0, running[begins - 1], 0)
    balance = running - np.repeat(base, np.diff(np.append(begins, len(who))))
    ends = pd.DataFrame({"who": who[is_last], "day": day[is_last], "balance": balance[is_last]})
    opened = ends["day"].lt(first)
    # a balance that was carried in stood at the end of the first day only where nothing moved on it
    moved_first = set(ends.loc[ends["day"].eq(first), "who"])
    ends = ends[~(opened & ends["who"].isin(moved_first))]
    ends["day"] = ends["day"].clip(lower=first)
    top = ends.sort_values(["who", "balance", "day"], ascending=[True, False, True], kind="stable")
    top = top.drop_duplicates("who")
    return top["who"].to_numpy(), top["balance"].to_numpy(), top["day"].to_numpy()
