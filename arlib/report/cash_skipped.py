"""Invoices that customers passed over: paid round, so perhaps lost or disputed. Floor 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from arlib.matching.frames import MATCHES
from arlib.matching.leftovers import SKIPPED, skipped_in
from arlib.report.cash_facts import CashRun, document_numbers, heads, told
from arlib.report.model import ResultTable
from arlib.report.tables import result_table
from arlib.tables import Column, Kind, Table

if TYPE_CHECKING:
    from datetime import date

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


def passed_over(
    result: MatchResult, *, as_of: date, again: MatchResult | None = None, booked: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Items open and due that no receipt paid anything of while others due later were paid: SKIPPED.

    Of the receipts in `again`, what the ledger applied them to counts (`booked`, BOOKED), never what was found when they
    were placed again: an item that a person had applied cash to would seem passed over. Without these only the receipts of
    the run itself count. What the run proposes to pay is not passed over.
    """
    if again is None or booked is None:
        found = skipped_in(result.matches, items=result.pool_items, receipts=result.pool_receipts)
    else:
        items, receipts = again.pool_items, again.pool_receipts
        known = booked["item_id"].isin(items["item_id"]) & booked["receipt_id"].isin(receipts["receipt_id"])
        links = booked[known].merge(receipts[["receipt_id", "entity"]], on="receipt_id", how="left")
        found = skipped_in(
            MATCHES.typed(links.reindex(columns=MATCHES.names)), items=items, receipts=receipts
        )
        found = found[~found["item_id"].isin(booked["item_id"])]
    opened = result.pool_items.set_index("item_id")["open_amount"]
    is_open = found["item_id"].isin(opened.index) & ~found["item_id"].isin(result.matches["item_id"])
    found = found[is_open & found["due_date"].lt(pd.Timestamp(as_of))].reset_index(drop=True)
    return found.assign(open_amount=told(found["item_id"], opened, dtype="Int64"))


def skipped_table(run: CashRun, *, scope: Scope) -> ResultTable:
    """What customers passed over, the most often first."""
    made = SKIPPED.empty() if run.skipped is None else run.skipped
    made = made.assign(
        document_no=told(made["item_id"], document_numbers(run.result)),
        name=told(made["customer_id"], run.names),
        days_past_due=(pd.Timestamp(scope.as_of) - made["due_date"]).dt.days,
    )
    made = made.sort_values(["receipts", "due_date", "item_id"], ascending=[False, True, True], kind="stable")
    return result_table(
        PASSED_OVER, PASSED_OVER.typed(made), title="Invoices that customers passed over", functional=scope.functional_currency,
        is_ordered=True, headings=heads(PASSED_OVER, receipts="Passed over by receipts", receipt_id="First of them",
                                        open_amount="Open", is_disputed="Disputed"),
        note="It is due, one due later was paid, and this one was not: ask whether it arrived, or is disputed.",
    )  # fmt: skip
