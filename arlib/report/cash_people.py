"""What people decided about open receipts, and what of it no longer fits. Floor 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arlib.matching.person import BY_HAND, OVERTAKEN, PLACED, POSTED
from arlib.money import total
from arlib.report.cash_facts import CashRun, document_numbers, heads, sentences, told
from arlib.report.model import ResultTable
from arlib.report.tables import result_table
from arlib.report.words import counted, money_text, plain
from arlib.tables import Column, Kind, Table

STANDING_WORDS = {PLACED: "Applied", POSTED: "In the ledger already", OVERTAKEN: "No longer fits"}
MOST_NAMED = 3
DECISIONS = Table("cash_by_hand", BY_HAND.one_row_is, BY_HAND.key, (
    *BY_HAND.columns, Column("document_no", Kind.TEXT, "number that people quote"),
))  # fmt: skip

if TYPE_CHECKING:
    import pandas as pd


def people_tables(run: CashRun, *, functional: str) -> tuple[ResultTable, ...]:
    """What people decided, what no longer fits first; no table where nobody decided anything."""
    rows = run.result.by_hand
    if rows.empty:
        return ()
    order = {OVERTAKEN: 0, PLACED: 1, POSTED: 2}
    rows = rows.assign(
        document_no=told(rows["item_id"], document_numbers(run.result)), why=sentences(rows["why"]),
        _at=rows["standing"].map(order),
    ).sort_values(["_at", *BY_HAND.key], kind="stable", ignore_index=True)  # fmt: skip
    return (
        result_table(
            DECISIONS, rows, title="What people decided", functional=functional, is_ordered=True,
            columns=("standing", "why", "receipt_id", "item_id", "document_no", "currency", "applied_amount", "receipt_currency",
                     "receipt_amount", "decided_by", "decided_on", "decision_id"),
            words={"standing": STANDING_WORDS}, not_totalled=("receipt_amount",),
            headings=heads(DECISIONS, standing="What became of it", why="Why", decided_by="Decided by", decided_on="Decided on",
                           decision_id="Decision"),
            note="A decision is applied whole or not at all. What no longer fits waits for a person again.",
        ),
    )  # fmt: skip


def people_findings(run: CashRun) -> tuple[str, ...]:
    """How many receipts people decided, by whom, and how many of these decisions were overtaken."""
    rows = run.result.by_hand
    made = []
    placed, overtaken = (rows[rows["standing"].eq(word)] for word in (PLACED, OVERTAKEN))
    if len(overtaken):
        again = counted(len(set(overtaken["receipt_id"])), "receipt")
        made.append(
            f"Decide again on {again} ({_money(overtaken)}): what {_who(overtaken)} decided no longer fits."
        )
    if len(placed):
        receipts = len(set(placed["receipt_id"]))
        verb = "is" if receipts == 1 else "are"
        made.append(
            f"{counted(receipts, 'receipt')} ({_money(placed)}) {verb} applied as {_who(placed)} decided."
        )
    return tuple(made)


def people_counts(run: CashRun) -> dict[str, int]:
    """Receipts by what became of their decision; nothing where nobody decided anything."""
    rows = run.result.by_hand
    if rows.empty:
        return {}
    by = rows.groupby("standing")["receipt_id"].nunique()
    return {"decided_by_people": int(by.get(PLACED, 0)), "decisions_overtaken": int(by.get(OVERTAKEN, 0))}


def _who(rows: pd.DataFrame) -> str:
    names = sorted({plain(str(name), limit=60) for name in rows["decided_by"]})
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _money(rows: pd.DataFrame) -> str:
    return ", ".join(
        money_text(total(part["receipt_amount"]), str(code))
        for code, part in rows.groupby("receipt_currency", sort=True)
    )
