"""The tables of the collections report about contact: promises, arrangements, disputes, obstacles, follow-ups. Floor 3."""

from __future__ import annotations

import pandas as pd

from arlib.collect.contact.frames import (
    ACCOUNT_TOUCHES,
    DISPUTE_STANDINGS,
    JUDGED_PROMISES,
    OBSTACLES,
    PLAN_DEFAULTS,
)
from arlib.policy import Scope
from arlib.report.collections_facts import FOLLOW_UPS, CollectionFacts
from arlib.report.collections_tables import sentences, shown
from arlib.report.model import ResultTable
from arlib.report.tables import in_words, result_table, spoken


def contact_tables(facts: CollectionFacts, *, scope: Scope) -> tuple[ResultTable, ...]:
    """Promises, arrangements, disputes, contacts due, obstacles, follow-ups."""
    code, cases = scope.functional_currency, facts.lists.cases
    return (
        _promises(cases.promises, code),
        _arrangements(cases.plans, code),
        _disputes(cases.disputes, code),
        _contacts(facts.touches, code),
        _obstacles(facts.obstacles, code),
        _follow(facts.follow_ups, code),
    )


PROMISE_ORDER = {"broken": 0, "partly": 1, "open": 2}


def live_promises(promises: pd.DataFrame) -> pd.DataFrame:
    """Promises that are open, or were not kept and are still owed; broken ones first."""
    is_owed = promises["open_now"].fillna(0).gt(0)
    mine = promises[promises["state"].eq("open") | (promises["state"].isin(("broken", "partly")) & is_owed)]
    order = mine.assign(order=mine["state"].map(PROMISE_ORDER))
    return order.sort_values(["order", "pay_by", "promise_id"], kind="stable").drop(columns="order")


def _promises(promises: pd.DataFrame, code: str) -> ResultTable:
    columns = ("state", "customer_id", "name", "pay_by", "currency", "amount", "paid", "open_now", "differs", "what", "promise_id",
               "document_no", "promised_on", "grace_ends_on", "owner", "stated_state", "unapplied", "collector")  # fmt: skip
    frame = live_promises(promises)
    return result_table(
        JUDGED_PROMISES, frame, name="promises", title="Promises to pay that are open or were not kept", functional=code,
        columns=columns, headings=shown(columns, {"differs": "Record differs", "promise_id": "Promise"}), is_ordered=True,
        words=spoken(frame, "stated_state"), not_totalled=("unapplied",),
        not_on_page=("promise_id", "document_no", "promised_on", "grace_ends_on", "owner", "stated_state", "unapplied", "collector",
                     "paid"),
        note="Judged from the ledger: cash in time, days of grace included. Kept promises are not listed.",
    )  # fmt: skip


def _arrangements(plans: pd.DataFrame, code: str) -> ResultTable:
    columns = ("plan_id", "customer_id", "name", "currency", "amount", "paid", "behind", "missed", "is_default", "what",
               "collector", "document_no", "agreed_on", "due", "oldest_missed", "next_due_on", "next_amount")  # fmt: skip
    running = plans[plans["is_running"].fillna(False).astype(bool)]
    running = running.assign(what=sentences(running["what"]))
    ordered = running.sort_values(
        ["is_default", "missed", "plan_id"], ascending=[False, False, True], kind="stable"
    )
    return result_table(
        PLAN_DEFAULTS, ordered, name="arrangements", title="Payment arrangements that run, defaults first", functional=code,
        columns=columns, headings=shown(columns, {"plan_id": "Arrangement"}), is_ordered=True, not_totalled=("next_amount",),
        not_on_page=("collector", "document_no", "agreed_on", "due", "oldest_missed", "next_due_on", "next_amount"),
    )  # fmt: skip


def _disputes(disputes: pd.DataFrame, code: str) -> ResultTable:
    columns = ("dispute_id", "customer_id", "name", "document_no", "reason", "currency", "open_now", "age_days", "is_late",
               "owner", "routed_to", "amount", "books_amount", "opened_on", "collector", "what")  # fmt: skip
    mine = disputes[disputes["is_open"].fillna(False).astype(bool)]
    ordered = mine.sort_values(["age_days", "dispute_id"], ascending=[False, True], kind="stable")
    return result_table(
        DISPUTE_STANDINGS, ordered, name="disputes_open", title="Disputes that are open, the oldest first", functional=code,
        columns=columns, headings=shown(columns, {"dispute_id": "Dispute"}), is_ordered=True, words=spoken(ordered, "reason", "routed_to"),
        not_on_page=("amount", "books_amount", "opened_on", "collector", "what"),
    )  # fmt: skip


def _contacts(touches: pd.DataFrame, code: str) -> ResultTable:
    columns = ("collector", "customer_id", "name", "oldest_bucket", "books_amount", "last_contact_on", "touch_by", "days_over",
               "last_kind", "last_outcome", "last_right_contact_on", "next_on", "allowed_days", "books_past_due", "what")  # fmt: skip
    late = touches[touches["is_in_time"].eq(False).fillna(False)]
    ordered = late.sort_values(["days_over", "customer_id"], ascending=[False, True], kind="stable")
    return result_table(
        ACCOUNT_TOUCHES, ordered, name="contacts_due", title="Accounts whose next contact is overdue", functional=code,
        columns=columns, headings=shown(columns, {"books_amount": "Open", "oldest_bucket": "Oldest bucket"}), is_ordered=True,
        words={"oldest_bucket": {str(name): in_words(str(name)) for name in touches["oldest_bucket"].dropna().unique()}},
        not_on_page=("last_kind", "last_outcome", "last_right_contact_on", "next_on", "allowed_days", "books_past_due", "what"),
    )  # fmt: skip


def _obstacles(obstacles: pd.DataFrame, code: str) -> ResultTable:
    columns = ("routed_to", "kind", "customer_id", "name", "document_no", "currency", "amount", "days", "what", "detail", "since",
               "books_amount", "days_past_due", "collector", "item_id", "source_id")  # fmt: skip
    ordered = obstacles.sort_values(
        ["routed_to", "kind", "days", "customer_id", "item_id"], ascending=[True, True, False, True, True], kind="stable"
    )  # fmt: skip
    return result_table(
        OBSTACLES, ordered, title="What would prevent payment, by the team that clears it", functional=code, columns=columns,
        headings=shown(columns, {"kind": "Obstacle", "days": "Days", "source_id": "Record"}),
        is_ordered=True, words=spoken(ordered, "routed_to"),
        not_totalled=("amount", "books_amount"),
        not_on_page=("detail", "since", "books_amount", "days_past_due", "collector", "item_id", "source_id"),
        note="One document may have several obstacles: amounts are not added up.",
    )  # fmt: skip


def _follow(follow_ups: pd.DataFrame, code: str) -> ResultTable:
    columns = (
        "kind",
        "customer_id",
        "name",
        "document_no",
        "currency",
        "amount",
        "since",
        "days",
        "what",
        "item_id",
    )
    return result_table(
        FOLLOW_UPS, follow_ups.assign(what=sentences(follow_ups["what"])),
        title="Follow-ups: invoices passed over, short payments, receipts without advice", functional=code,
        columns=columns, headings=shown(columns, {"since": "Paid on", "days": "Days since"}), is_ordered=True,
        words=spoken(follow_ups, "kind"), not_on_page=("item_id", "instalment_no", "days"), not_totalled=("amount",),
    )  # fmt: skip
