"""Open invoices that a customer's later payments passed over: perhaps lost, perhaps disputed. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.calendar.instants import time_zone
from arlib.collect.follow_up.barred import Barred, barred
from arlib.collect.follow_up.cases import open_disputes
from arlib.collect.follow_up.frames import SKIPPED_INVOICES
from arlib.collect.paid import paid_lines
from arlib.collect.position import Position
from arlib.credit.write_off.words import day, many
from arlib.ledger.facts import is_among, of_entity
from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS, MATCHES
from arlib.matching.leftovers import skipped_in
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType
from arlib.tables.rows import Row, records

BILLED = (ItemType.INVOICE.value, ItemType.DEBIT_MEMO.value)


def skipped_invoices(
    book: Book, *, position: Position, policies: Policies, bars: Barred | None = None
) -> pd.DataFrame:
    """Past-due invoices that no cash paid anything of while cash paid what was due later: SKIPPED_INVOICES by key.

    The rule is that of cash application (`matching.leftovers.skipped_in`), held against what the ledger itself applied in
    the last `credit_review.score.months` months: the receipt came when the invoice was there, and paid something due
    after it; what is due the same day passes nothing over. An invoice that was posted, entered or delivered after its own
    date is there from the day after that: nobody could pay it before. Due parts, residuals and items of unknown customers are left
    out. Nobody is asked for what is outside the procedure or on a payment arrangement that is kept: `ask` says so first.
    Uses APPLICATIONS, DISPUTES and what `barred` does, which is `bars` where it is at hand.
    """
    scope = position.scope
    lines = paid_lines(book, position=position).frame
    late = position.past_due
    mine = late[
        late["customer_id"].notna() & late["item_type"].isin(BILLED) & late["replaces"].fillna("").eq("")
        & late["instalment_no"].isna() & ~late["item_id"].isin(lines["item_id"])
    ]  # fmt: skip
    since = pd.Timestamp(scope.as_of) - pd.DateOffset(months=policies.credit_review.score.months)
    used = lines[lines["paid_on"].gt(since) & lines["customer_id"].isin(mine["customer_id"])]
    used = used[used["due"].notna()]
    if mine.empty or used.empty:
        return SKIPPED_INVOICES.empty()
    found = skipped_in(
        _matches(used, scope.entity),
        items=_items(mine.assign(document_date=_there(book, mine, scope)), used, scope.entity),
        receipts=_receipts(used, scope.entity),
    )
    open_ = mine.set_index("item_id")
    found = found[found["item_id"].isin(open_.index)]
    disputed = open_disputes(book, position=position).by_item
    made = found.assign(
        amount=found["open_amount"], days_past_due=open_["days_past_due"].reindex(found["item_id"]).to_numpy(),
        document_no=open_["document_no"].reindex(found["item_id"]).to_numpy(),
        name=open_["name"].reindex(found["item_id"]).to_numpy(),
        collector=open_["collector"].reindex(found["item_id"]).to_numpy(),
        is_disputed=[item in disputed for item in found["item_id"]],
        effective_date=open_["effective_date"].reindex(found["item_id"]).to_numpy(),
    )  # fmt: skip
    known = bars or barred(book, position=position, policies=policies)
    made["ask"] = [_ask(row, known) for row in records(made)]
    return SKIPPED_INVOICES.typed(made).sort_values(
        list(SKIPPED_INVOICES.key), kind="stable", ignore_index=True
    )


def _there(book: Book, mine: pd.DataFrame, scope: Scope) -> np.ndarray:
    """From which day on cash can have passed each item over."""
    items = of_entity(book["items"], scope.entity)
    known = items[is_among(items["item_id"], mine["item_id"])].drop_duplicates("item_id").set_index("item_id")
    entered = (
        known["entered_at"].dt.tz_convert(time_zone(scope.time_zone)).dt.tz_localize(None).dt.normalize()
    )
    late = pd.DataFrame(
        {"entered": entered, "posted": known["posting_date"], "delivered": known["delivery_date"]}
    )
    there = late.max(axis=1).reindex(mine["item_id"]).reset_index(drop=True)
    dated = mine["document_date"].reset_index(drop=True)
    made: np.ndarray = dated.mask(there.gt(dated), there + pd.Timedelta(days=1)).to_numpy()
    return made


def _matches(used: pd.DataFrame, entity: str) -> pd.DataFrame:
    """What the ledger applied, as cash application would propose it; several lines of a receipt on an item are one."""
    sums = used.groupby(["receipt_id", "item_id"], as_index=False)["amount"].sum()
    return MATCHES.typed(sums.assign(entity=entity, applied_amount=sums["amount"]))


def _items(mine: pd.DataFrame, used: pd.DataFrame, entity: str) -> pd.DataFrame:
    """The open invoices, and the items that cash paid, as open as it found them."""
    paid = used.groupby("item_id", as_index=False).agg(
        customer_id=("customer_id", "first"), currency=("currency", "first"), open_amount=("amount", "sum"),
        due_date=("due", "max"),
    )  # fmt: skip
    columns = ["item_id", "customer_id", "currency", "due_date", "document_date"]
    opened = mine[columns].assign(open_amount=mine["outstanding"])
    return MATCH_ITEMS.typed(pd.concat([opened, paid], ignore_index=True).assign(entity=entity))


def _receipts(used: pd.DataFrame, entity: str) -> pd.DataFrame:
    by = used.groupby("receipt_id", as_index=False).agg(
        value_date=("paid_on", "min"), currency=("currency", "first"), amount=("amount", "sum")
    )
    return MATCH_RECEIPTS.typed(by.assign(entity=entity))


def _ask(row: Row, bars: Barred) -> str:
    passed = f"{many(int(row['receipts']), 'payment')} passed it over, the first on {day(row['value_date'])}"
    if words := bars.words(row):
        return f"{passed}: {words}"
    if row["is_disputed"]:
        return f"{passed}: it is in dispute, settle that first"
    return f"{passed}: ask whether the invoice arrived, and send a copy{bars.manner(row)}"
