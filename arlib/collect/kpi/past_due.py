"""From what was past due at the start of the month to what is at its end. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.kpi.frames import PAST_DUE_BRIDGE
from arlib.collect.kpi.months import Monthly
from arlib.collect.kpi.runs import CASH, ages, standing_at
from arlib.ledger.facts import Ints, counted, fact_dates, found_at, in_functional, ints, of_entity
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind, ItemType

PAID, CREDITED, WRITTEN_OFF, OTHER = "paid", "credited", "written_off", "other"
LINES = ("opening", "became_past_due", PAID, CREDITED, WRITTEN_OFF, OTHER, "closing")


def past_due_bridge(book: Book, found: Monthly, *, scope: Scope, policies: Policies) -> pd.DataFrame:
    """PAST_DUE_BRIDGE of the last month, in the books' currency at booking rates; empty where the start is not known.

    `became_past_due` is what is past due of documents that were not at the start: they fell due, or a payment came back.
    Of documents past due at the start, what cash (net of returns), credit memos and write-offs settled; `other` is the rest
    of the difference: offsets, exchange, and what is open but no longer past due because it got a new due date. Opening and
    steps sum to closing, document by document. Needs ITEMS, APPLICATIONS.
    """
    windows, runs = found.windows, found.runs
    last = len(windows.months) - 1
    if not (windows.knows_balance(last) and windows.knows_balance(last - 1)):
        return PAST_DUE_BRIDGE.empty()
    how = ages(book, runs, scope=scope)
    sides = []
    for number in (last - 1, last):
        now = standing_at(book, runs, how, number=number, scope=scope, policies=policies, windows=windows)
        if not now["is_known"].all():
            return PAST_DUE_BRIDGE.empty()
        of_item = np.zeros(len(runs.items), dtype=np.int64)
        np.add.at(of_item, now["item"].to_numpy(), now["books_past_due"].to_numpy())
        sides.append(of_item)
    before, after = sides
    was_late = before != 0
    steps = {
        name: np.where(was_late, values, 0)
        for name, values in _settled(book, runs.items, scope, found).items()
    }
    steps["became_past_due"] = np.where(was_late, 0, after)
    steps[OTHER] = np.where(was_late, after - before, 0) - sum(
        steps[name] for name in (PAID, CREDITED, WRITTEN_OFF)
    )
    steps |= {"opening": before, "closing": after}
    return PAST_DUE_BRIDGE.from_rows(
        {
            "line_no": number, "line": name, "items": int((steps[name] != 0).sum()), "currency": scope.functional_currency,
            "amount": int(steps[name].sum()), "is_total": name in ("opening", "closing"),
        }
        for number, name in enumerate(LINES, start=1)
    )  # fmt: skip


def _settled(book: Book, items: pd.DataFrame, scope: Scope, found: Monthly) -> dict[str, Ints]:
    """What the month's applications took off each document, negative, by what it was settled with."""
    rows = of_entity(book["applications"], scope.entity)
    month = found.windows.months[-1]
    dates = fact_dates(rows, scope.basis)
    mine = counted(rows, scope=scope) & (dates >= pd.Timestamp(month.starts_on)).to_numpy(dtype=bool)
    rows = rows[mine].reset_index(drop=True)
    books = scope.functional_currency
    main = in_functional(rows, "target_functional_amount", "target_amount", "target_currency", books)
    part = in_functional(rows, "discount_functional_amount", "discount", "target_currency", books)
    target = found_at(rows["target_item_id"], items["item_id"])
    source = (
        items["item_type"].to_numpy()[found_at(rows["source_item_id"], items["item_id"])]
        if len(rows)
        else np.array([])
    )
    kind = rows["kind"]
    masks = {
        WRITTEN_OFF: kind.eq(ApplicationKind.WRITE_OFF.value).to_numpy(dtype=bool) | (source == ItemType.WRITE_OFF.value),
        CREDITED: source == ItemType.CREDIT_MEMO.value,
        PAID: np.isin(source, CASH),
    }  # fmt: skip
    made = {}
    taken = np.zeros(len(rows), dtype=bool)
    for name, mask in masks.items():
        chosen = np.asarray(mask, dtype=bool) & ~taken
        taken |= chosen
        values = np.zeros(len(items), dtype=np.int64)
        amount = -ints(main) - (ints(part) if name == PAID else 0)
        np.add.at(values, target[chosen], amount[chosen])
        made[name] = values
    return made
