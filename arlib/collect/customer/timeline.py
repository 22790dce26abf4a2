"""Everything that happened on one customer's account, a row each, in the order of time. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.customer.frames import TIMELINE
from arlib.collect.customer.happened import applications, documents, fell_due
from arlib.collect.customer.on_record import recorded
from arlib.collect.customer.own import Account, account_of, for_people, is_own_item
from arlib.ledger.customer.whose import day_number
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.rows import Row

_GIVEN = [*(name for name in TIMELINE.names if name not in ("day", "step")), "order"]


def timeline(
    book: Book, *, scope: Scope, policies: Policies, customer_id: str = "", account: Account | None = None
) -> pd.DataFrame:
    """All that happened up to the as-of date, that day in: TIMELINE, the newest last.

    Documents and applications by the scope's basis, as known at; what fell due with something open, on its first day past
    due; and what people recorded: contacts, notes, disputes, promises and what became of them, notices, portals, plans, holds,
    claims, placements, exceptions, changes of limit, terms or status, mergers, requests and decisions. What the accounts merged
    into the customer did is there from before the merger too. On one day: due dates, documents, applications, records.
    Needs ITEMS and APPLICATIONS. `account` is the customer's where it is at hand.
    """
    here = account_of(book, scope=scope, policies=policies, customer_id=customer_id, account=account)
    code = here.customer_id
    facts = here.facts
    mine = is_own_item(facts.items, book, scope=scope, customer_id=code)
    items = facts.items[mine]
    numbers = dict(zip(items["item_id"], items["document_no"].fillna(items["item_id"]), strict=True))
    rows: list[Row] = [
        *fell_due(book, facts, scope=scope, customer_id=code),
        *documents(book, facts, scope=scope, customer_id=code),
        *applications(book, facts, scope=scope, customer_id=code),
        *recorded(here, items=numbers),
    ]
    if not rows:
        return TIMELINE.empty()
    days = [one if isinstance(one, int) else day_number(one.date()) for one in (row["day"] for row in rows)]
    made = pd.DataFrame({name: [row.get(name) for row in rows] for name in _GIVEN}, dtype="object")
    made["day"] = np.array(days, dtype=np.int64).astype("datetime64[D]").astype("datetime64[s]")
    made = made.sort_values(["day", "order", "source", "source_id", "kind"], kind="stable", ignore_index=True)
    made["step"] = np.arange(1, len(made) + 1)
    return for_people(TIMELINE, made)
