"""Items that were paid less than they came to: what is open, why, and what is to be done. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.follow_up.barred import Barred, barred
from arlib.collect.follow_up.cases import Cases, open_deductions, open_disputes
from arlib.collect.follow_up.frames import SHORT_PAYMENTS
from arlib.collect.paid import paid_lines
from arlib.collect.position import Position
from arlib.credit.write_off.words import day, money
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.choices import DeductionState, ItemType
from arlib.tables.rows import Row, is_none, records, text, whole

RESIDUAL = (ItemType.CHARGEBACK.value, ItemType.DEBIT_MEMO.value)


def short_payments(
    book: Book, *, position: Position, policies: Policies, bars: Barred | None = None
) -> pd.DataFrame:
    """Open debits that cash paid in part, and open residuals and chargebacks of such: SHORT_PAYMENTS, sorted by its key.

    An item due in parts stands here with the part that was paid in part. A returned payment pays nothing, so its item does
    not. What the cash of the day would still settle is not worked out here: that is cash application. Nobody is asked for
    what is outside the procedure (bankrupt, with counsel, placed, sold, under a hold, by agreement ...) or on a payment
    arrangement that is kept: `what` says so before anything else. Uses APPLICATIONS, DEDUCTIONS, DISPUTES and what
    `barred` does, which is `bars` where it is at hand.
    """
    lines = paid_lines(book, position=position).frame
    debits = position.debits
    cash = lines.groupby("item_id")["amount"].sum()
    last = lines.sort_values(["paid_on", "receipt_id"], kind="stable").drop_duplicates("item_id", keep="last")
    last = last.set_index("item_id")
    part = debits["item_id"].isin(cash.index) & debits["outstanding"].lt(debits["amount"])
    residual = debits["item_type"].isin(RESIDUAL) & debits["replaces"].fillna("").ne("")
    mine = debits[part | residual].reset_index(drop=True)
    if mine.empty:
        return SHORT_PAYMENTS.empty()
    settled = (mine["amount"] - mine["outstanding"]).astype("int64").to_numpy()
    paid = np.minimum(cash.reindex(mine["item_id"]).fillna(0).to_numpy(dtype="int64"), settled)
    own = last["paid_on"].reindex(mine["item_id"]).reset_index(drop=True)
    paid_on = own.fillna(mine["effective_date"])
    mine = mine.assign(
        billed=mine["amount"], paid=pd.array(paid, dtype="Int64"), credited=pd.array(settled - paid, dtype="Int64"),
        left_open=mine["outstanding"], receipt_id=last["receipt_id"].reindex(mine["item_id"]).to_numpy(),
        paid_on=paid_on, days_open=(pd.Timestamp(position.scope.as_of) - paid_on).dt.days,
    )  # fmt: skip
    cases = (
        open_deductions(book, position=position), open_disputes(book, position=position),
        bars or barred(book, position=position, policies=policies),
    )  # fmt: skip
    made = SHORT_PAYMENTS.from_rows(_judged(row, *cases) for row in records(mine))
    return made.sort_values(list(SHORT_PAYMENTS.key), kind="stable", ignore_index=True)


def _judged(row: Row, deductions: Cases, disputes: Cases, bars: Barred) -> Row:
    """The row with what the records say of it."""
    item = str(row["item_id"])
    deduction = deductions.by_item.get(item)
    dispute = disputes.by_item.get(item)
    about = next((text(one["reason"]) for one in (deduction, dispute) if one and text(one["reason"])), "")
    return row | {
        "about": (about or text(row["reason"])).replace("_", " "),
        "deduction_id": None if deduction is None else deduction["deduction_id"],
        "dispute_id": None if dispute is None else dispute["dispute_id"],
        "what": bars.words(row) or _what(row, deduction, dispute, bars.manner(row)),
    }  # fmt: skip


def _what(row: Row, deduction: Row | None, dispute: Row | None, manner: str) -> str:
    rest = money(whole(row["left_open"]), row["currency"])
    if deduction is not None:
        if deduction["state"] == DeductionState.INVALID:
            return f"the deduction {deduction['deduction_id']} is not valid: ask for {rest}{manner}"
        if deduction["state"] == DeductionState.PENDING:
            return f"the deduction {deduction['deduction_id']} waits for a decision{_owner(deduction)}"
        return f"the deduction {deduction['deduction_id']} is {deduction['state']}: have the credit booked"
    if dispute is not None:
        return f"dispute {dispute['dispute_id']} is open since {day(dispute['opened_on'])}{_owner(dispute)}: settle it"
    if is_none(row["due_date"]) or whole(row["days_past_due"]) <= 0:
        return f"{rest} is not due yet: ask why less was paid{manner}"
    return f"nobody said why: ask for {rest} or for the reason in writing{manner}"


def _owner(record: Row) -> str:
    return f" ({text(record['owner'])})" if text(record.get("owner")) else ""
