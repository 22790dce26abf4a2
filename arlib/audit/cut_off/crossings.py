"""Credit notes, entries made after a close, and documents that ledger and sub-ledger date on two sides. Floor 1."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.cut_off.bills import finding
from arlib.audit.cut_off.credit_notes import credits_after
from arlib.audit.cut_off.frames import Grade
from arlib.audit.cut_off.tested import Test
from arlib.audit.options.cut_off import CreditNotesAfterOptions, CutOffOptions
from arlib.calendar import end_of_day
from arlib.ledger.closed_periods import can_tell, closed_period_postings
from arlib.ledger.facts import of_entity
from arlib.ledger.frames_control import Cause
from arlib.ledger.tieout import tie_out
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType
from arlib.tables.rows import Row, records

_TWO_SIDES = (Cause.DATE_OUTSIDE_PERIOD.value, Cause.REVERSAL_OTHER_PERIOD.value)
CREDIT_NOTE = ItemType.CREDIT_MEMO.value


def credits_off(
    book: Book,
    credits_in: pd.DataFrame,
    *,
    scope: Scope,
    policies: Policies,
    ask: Ask,
    options: CutOffOptions,
) -> list[Row]:
    """Credit notes of the window: booked after the date for a cause or a sale before it, or the other way round.

    After the date: an exception where a record of on or before it shows the cause (see `credits_after`), else explained.
    Before the date: an exception where the goods came back, or the note is dated, after it.
    """
    cut = pd.Timestamp(scope.as_of)
    window = CreditNotesAfterOptions(days_after=options.days_after, earlier_months=0)
    later = credits_after(book, scope=scope, policies=policies, ask=replace(ask, options=window)).credits
    made: list[Row] = []
    own = credits_in.drop_duplicates("item_id").set_index("item_id", drop=False)
    for row in records(later):
        if row["item_id"] not in own.index:
            continue
        known = bool(row["was_known"])
        fall = int(row["accrual"])
        grade, score = (Grade.EXCEPTION, 55) if known else (Grade.EXPLAINED, 16)
        said = f"booked {row['posting_date']:%Y-%m-%d} for {row['invoices']} of {row['invoiced_on']:%Y-%m-%d}: {row['finding']}"
        shown = finding(own.loc[[row["item_id"]]].iloc[0], test="credit_notes", grade=grade, score=score,
                        evidence_on=row["invoiced_on"], sign=0, said=said)  # fmt: skip
        tax = row["tax_amount"]
        net = 0 if not fall else None if pd.isna(tax) else -(fall - min(int(tax), fall))
        made.append({**shown, "balance_effect": -fall, "sales_effect": net, "evidence_no": None})
    early = credits_in[credits_in["is_before"].to_numpy(dtype=bool)]
    for column, words in (("delivery_date", "goods came back"), ("document_date", "dated")):
        mine = early[early[column].gt(cut).to_numpy(dtype=bool)]
        for at in range(len(mine)):
            credit = mine.iloc[at]
            made.append(
                finding(credit, test="credit_notes", grade=Grade.EXCEPTION, score=52, evidence_on=credit[column], sign=-1,
                        said=f"booked {credit['day']:%Y-%m-%d}, {words} {credit[column]:%Y-%m-%d}: a credit of the next period")
            )  # fmt: skip
        early = early[~early["item_id"].isin(mine["item_id"])]
    return made


def entries_off(book: Book, items: pd.DataFrame, *, scope: Scope) -> list[Row]:
    """Documents entered into a period after it was closed, and those entered after the date and booked on or before it.

    The first are exceptions: the balance at the date stands right, the closed period's was changed. The second, entered
    before the period was closed, are the work of closing and explained. `items` are those of the population with `day`.
    """
    if not can_tell(book, scope=scope):
        return []
    late = closed_period_postings(book, scope=scope)
    late = late[late["side"].eq("sub_ledger") & late["posting_id"].str.startswith("item:")]
    closed = late.assign(item_id=late["posting_id"].str[5:]).drop_duplicates("item_id").set_index("item_id")
    made: list[Row] = []
    mine = items[items["item_id"].isin(closed.index)]
    for at in range(len(mine)):
        item = mine.iloc[at]
        record = closed.loc[[item["item_id"]]].iloc[0]
        reopened = ", after it was reopened" if record["is_reopened"] else ""
        made.append(
            finding(item, test="entered_after_close", grade=Grade.EXCEPTION, score=56, evidence_on=record["closed_at"].date(), sign=0,
                    said=f"booked {item['day']:%Y-%m-%d}, entered {item['entered_at']:%Y-%m-%d %H:%M} UTC by {item['user']}, after period "
                    f"{record['period']} was closed{reopened}: the balance of that period was changed")
        )  # fmt: skip
    end = pd.Timestamp(end_of_day(scope.as_of, scope.time_zone))
    after = items["entered_at"].ge(end) & items["day"].le(pd.Timestamp(scope.as_of))
    after &= ~items["item_id"].isin(closed.index)
    for at in np.flatnonzero(after.fillna(False).to_numpy(dtype=bool)).tolist():
        item = items.iloc[at]
        made.append(
            finding(item, test="entered_after_close", grade=Grade.EXPLAINED, score=18, evidence_on=None, sign=0,
                    said=f"booked {item['day']:%Y-%m-%d}, entered {item['entered_at']:%Y-%m-%d %H:%M} UTC, before the period was closed")
        )  # fmt: skip
    return made


def ledger_off(book: Book, *, scope: Scope, policies: Policies) -> list[Row]:
    """Documents that sub-ledger and general ledger book on two sides of the date, as the tie-out names them.

    The effect is that on the ledger's balance, in the books' currency. Needs GL_LINES.
    """
    if not book.has("gl_lines"):
        return []
    causes = tie_out(book, scope=scope, policy=policies.tie_out).causes
    return [
        {
            "entity": row["entity"], "test": "ledger_date", "grade": Grade.EXCEPTION.value, "score": 50,
            "document_no": row["document_no"], "item_id": None, "item_type": "ledger entry", "customer_id": row["customer_id"],
            "evidence_on": row["date"], "posting_date": row["date"], "evidence_no": row["journal_lines"], "currency": row["currency"],
            "amount": int(row["amount"]), "balance_effect": -int(row["amount"]), "sales_effect": 0, "worth": abs(int(row["amount"])),
            "finding": f"{row['sentence']}; the effect is that on the general ledger",
        }
        for row in records(causes[causes["cause"].isin(_TWO_SIDES).to_numpy(dtype=bool)])
    ]  # fmt: skip


def crossing_tests(book: Book, items: pd.DataFrame, credits_in: pd.DataFrame, *, scope: Scope) -> list[Test]:
    """The tests of this page on the window's documents."""
    told = can_tell(book, scope=scope)
    lines = len(of_entity(book["gl_lines"], scope.entity))
    return [
        Test(name="credit_notes", assertion="cut-off, valuation", tested=len(credits_in),
             words="Credit notes booked on one side of the date for returns, complaints or sales of the other."),
        Test(name="entered_after_close", assertion="cut-off", is_possible=told, tested=len(items) if told else 0,
             not_tested=0 if told else len(items), why_not="" if told else "the books keep no entry times or no times of closing",
             words="Documents booked on or before the date were entered before the period was closed."),
        Test(name="ledger_date", assertion="cut-off, accuracy", is_possible=lines > 0, tested=lines,
             not_tested=0 if lines else len(items), why_not="" if lines else "no ledger lines were given",
             words="Sub-ledger and general ledger book a document on the same side of the date."),
    ]  # fmt: skip
