"""What was owed on the day that a promise was given: a promise of nothing cannot be kept or broken. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import Ints, ints
from arlib.ledger.openitems import Linked, linked
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.rows import Row


def of_nothing(
    rows: Sequence[Row], book: Book, carried: Mapping[str, Sequence[str]], *, scope: Scope
) -> set[str]:
    """The identifiers of the promises on whose day `promised_on` nothing was open, that day's facts in, by effective date.

    Of an item, what was open of it and of what carried it on that day; an item that is dated later than its promise counts as
    open. Of an account (no item), every debit of the customer in that currency. Needs PROMISES as records with the
    customer's code at the as-of date, ITEMS and APPLICATIONS.
    """
    facts = linked(book, scope=scope)
    items = facts.items
    codes = merged_codes(items["customer_id"], book, entity=scope.entity, on=scope.as_of)
    at, on, amount = _events(facts)
    accounts = list(zip(codes, items["currency"], strict=True))
    named = {
        name for row in rows if row["item_id"] for name in (row["item_id"], *carried.get(row["item_id"], ()))
    }
    wanted = {(row["customer_id"], row["currency"]) for row in rows if not row["item_id"]}
    ids = items["item_id"].to_list()
    keep = np.array([name in named or account in wanted for name, account in zip(ids, accounts, strict=True)], dtype=bool)  # fmt: skip
    events: dict[str, list[tuple[date, int]]] = defaultdict(list)
    of_account: dict[tuple[str, str], set[str]] = defaultdict(set)
    chosen = np.flatnonzero(keep[at])
    for item, day, value in zip(at[chosen].tolist(), on[chosen].date, amount[chosen].tolist(), strict=True):
        events[ids[item]].append((day, value))
        of_account[accounts[item]].add(ids[item])
    made = set()
    for row in rows:
        day, item_id = row["promised_on"].date(), row["item_id"]
        if item_id:
            own = events.get(item_id, [])
            begins = min((when for when, _ in own), default=day)
            names = [item_id, *carried.get(item_id, ())]
            is_owed = bool(own) and begins > day
            is_owed |= sum(_open(events.get(name, ()), day) for name in names) > 0
            is_owed |= not own  # an item that the ledger has not: nothing can be said of it
        else:
            names = sorted(of_account.get((row["customer_id"], row["currency"]), ()))
            is_owed = any(_open(events[name], day) > 0 for name in names)
        if not is_owed:
            made.add(str(row["promise_id"]))
    return made


def _open(events: Sequence[tuple[date, int]], day: date) -> int:
    return sum(amount for when, amount in events if when <= day)


def _events(facts: Linked) -> tuple[Ints, pd.DatetimeIndex, Ints]:
    """What changed the open amount of an item: its row, the day, the amount."""
    items, rows = facts.items, facts.applications
    mine = np.flatnonzero(facts.is_counted)
    days = rows["effective_date"]
    parts = (
        (mine, items["effective_date"].iloc[mine], ints(items["amount"])[mine]),
        (facts.target, days, -ints(rows["target_amount"]) - ints(rows["discount"])),
        (facts.source, days, ints(rows["source_amount"])),
    )
    at = np.concatenate([part[0] for part in parts]).astype(np.int64)
    on = pd.DatetimeIndex(pd.concat([part[1] for part in parts], ignore_index=True))
    return at, on, np.concatenate([part[2] for part in parts]).astype(np.int64)
