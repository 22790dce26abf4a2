"""Invoices that customers passed over: paid round, so perhaps lost or disputed. Floor 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from arlib.matching.frames import MATCHES
from arlib.matching.leftovers import SKIPPED, skipped
from arlib.matching.pool import pool_of
from arlib.matching.proposal import Proposal
from arlib.report.cash_controls import SETTLES
from arlib.report.cash_facts import CashRun, document_numbers, heads, told
from arlib.report.model import ResultTable
from arlib.report.tables import result_table
from arlib.tables import Column, Kind, Table

if TYPE_CHECKING:
    from arlib.matching.result import MatchResult
    from arlib.policy import Scope

PASSED_OVER = Table("cash_skipped", SKIPPED.one_row_is, ("item_id",), (
    SKIPPED["item_id"],
    Column("document_no", Kind.TEXT, "number that people quote"),
    SKIPPED["customer_id"],
    Column("name", Kind.TEXT, "name of the customer"),
    *(SKIPPED[name] for name in ("currency", "open_amount", "due_date")),
    Column("days_past_due", Kind.INTEGER, "days to the as-of date; negative while not due"),
    *(SKIPPED[name] for name in ("receipts", "receipt_id", "value_date", "is_disputed")),
))  # fmt: skip


def passed_over(result: MatchResult) -> pd.DataFrame:
    """SKIPPED of a run, from what it set against which items."""
    pool = pool_of(result.pool_items, result.pool_receipts)
    item_rows = {name: row for row, name in enumerate(pool.items.frame["item_id"])}
    receipt_rows = {name: row for row, name in enumerate(pool.receipts.frame["receipt_id"])}
    matches = MATCHES.typed(result.matches)
    settles = matches[list(SETTLES)].fillna(0).sum(axis=1)
    found: dict[int, dict[int, int]] = {}
    for receipt, item, settle in zip(matches["receipt_id"], matches["item_id"], settles, strict=True):
        found.setdefault(receipt_rows[receipt], {})[item_rows[item]] = int(settle)
    proposals = [
        Proposal(receipt=receipt, items=tuple(sorted(mine)), settles=tuple(mine[item] for item in sorted(mine)), rule="")
        for receipt, mine in sorted(found.items())
    ]  # fmt: skip
    return skipped(pool, proposals)


def skipped_table(run: CashRun, *, scope: Scope) -> ResultTable:
    """What customers passed over, the most often first."""
    made = SKIPPED.empty() if run.skipped is None else run.skipped
    result = run.runs[-1][1]
    made = made.assign(
        document_no=told(made["item_id"], document_numbers(result)),
        name=told(made["customer_id"], run.names),
        days_past_due=(pd.Timestamp(scope.as_of) - made["due_date"]).dt.days,
    )
    made = made.sort_values(["receipts", "due_date", "item_id"], ascending=[False, True, True], kind="stable")
    return result_table(
        PASSED_OVER, PASSED_OVER.typed(made), title="Invoices that customers passed over", functional=scope.functional_currency,
        is_ordered=True, headings=heads(PASSED_OVER, receipts="Passed over by receipts", receipt_id="First of them",
                                        open_amount="Open", is_disputed="Disputed"),
        note="A later invoice was paid and this one was not: ask whether it arrived, or is disputed.",
    )  # fmt: skip
