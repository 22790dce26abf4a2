"""What settled frozen items in the quarter, and by what: cash, discounts, credits, write-offs, the rest. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.targets.frames import SETTLED
from arlib.collect.targets.quarter import at_start, posted
from arlib.ledger.facts import Bools, Ints, counted, ints
from arlib.ledger.openitems import Linked, linked
from arlib.money import Rounding, allocate, divide
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, ApplicationKind, ItemType

CASH = tuple(kind.value for kind in CASH_TYPES)
NO_COLLECTION = (ApplicationKind.RETURN.value, ApplicationKind.REFUND.value)


def settled(book: Book, *, scope: Scope) -> pd.DataFrame:
    """By item, what settled it from the first day of the quarter to the as-of date, both in, by posting date.

    Columns collected, returned, discounts, credits, write_offs, other: minor units of the item's currency, positive where
    less is open; index item_id, items without any left out. Cash is what receipts and prepayments settled; a reversal of an
    application takes it back, whenever that application was made. A returned payment whose application still stands is
    collected no longer: it counts as `returned`, shared over what the payment had settled in the quarter. Needs ITEMS and
    APPLICATIONS.
    """
    facts = linked(book, scope=posted(scope))
    rows = facts.applications
    inside = ~counted(rows, scope=at_start(scope))
    kind = facts.items["item_type"].to_numpy(dtype=object)
    by = kind[facts.source]
    is_cash = np.isin(by, CASH) & ~rows["kind"].isin(NO_COLLECTION).to_numpy(dtype=bool)
    amount = ints(rows["target_amount"])
    made = {name: np.zeros(len(facts.items), dtype=np.int64) for name in SETTLED}

    def add(name: str, mine: Bools, at: Ints, values: Ints) -> None:
        np.add.at(made[name], at[mine & inside], values[mine & inside])

    is_credit, is_loss = by == ItemType.CREDIT_MEMO.value, by == ItemType.WRITE_OFF.value
    everything = np.ones(len(rows), dtype=bool)
    add("collected", is_cash, facts.target, amount)
    add("credits", is_credit, facts.target, amount)
    add("write_offs", is_loss, facts.target, amount)
    add("other", ~(is_cash | is_credit | is_loss), facts.target, amount)
    add("discounts", everything, facts.target, ints(rows["discount"]))
    # a debit that is set against another one is open for more
    add("other", everything, facts.source, -ints(rows["source_amount"]))
    # an item that was settled before it was posted, and came into the books since
    fresh = facts.is_counted & ~counted(facts.items, scope=at_start(scope))
    made["other"] -= np.where(fresh, ints(facts.items["amount"]), 0)
    back = _came_back(facts, is_cash, inside, fresh)
    made["returned"] += back
    made["collected"] -= back
    frame = pd.DataFrame(made, index=pd.Index(facts.items["item_id"], name="item_id"))
    return frame[frame.ne(0).any(axis=1)].astype("Int64")


def _came_back(facts: Linked, is_cash: Bools, inside: Bools, fresh: Bools) -> Ints:
    """Per item: cash of the quarter that came back, though its application was not taken back."""
    items = facts.items
    made = np.zeros(len(items), dtype=np.int64)
    kind = items["item_type"].isin(CASH).to_numpy(dtype=bool)
    amount = ints(items["amount"])
    returns = np.flatnonzero(kind & (amount > 0) & fresh & items["reverses"].notna().to_numpy(dtype=bool))
    receipt = facts.ids.get_indexer(pd.Index(items["reverses"].iloc[returns]))
    source, target = ints(facts.applications["source_amount"]), ints(facts.applications["target_amount"])
    of_receipt: dict[int, list[int]] = {}
    wanted = set(receipt.tolist())
    for row in np.flatnonzero(np.isin(facts.source, receipt)).tolist():
        if int(facts.source[row]) in wanted:
            of_receipt.setdefault(int(facts.source[row]), []).append(row)
    for row, paid in zip(returns.tolist(), receipt.tolist(), strict=True):
        mine = of_receipt.get(paid, [])
        taken_back = sum(int(target[at]) for at in mine if facts.target[at] == row)
        standing: dict[int, list[int]] = {}  # by item: of all, of the quarter, the latter in its currency
        for at in mine:
            if is_cash[at]:
                sums = standing.setdefault(int(facts.target[at]), [0, 0, 0])
                sums[0] += int(source[at])
                if inside[at]:
                    sums[1] += int(source[at])
                    sums[2] += int(target[at])
        held = {item: sums for item, sums in standing.items() if sums[0] > 0}
        whole = sum(sums[0] for sums in held.values())
        left = min(int(amount[row]) - taken_back, whole)
        if left <= 0:
            continue
        shares = allocate(left, [sums[0] for sums in held.values()])
        for (item, sums), share in zip(held.items(), shares, strict=True):
            part = min(share, max(sums[1], 0))
            if part:
                made[item] += divide(part * sums[2], sums[1], Rounding.HALF_UP)
    return made
