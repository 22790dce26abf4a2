"""The tables of the collections report that a collector and a sales executive work from. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from arlib.collect.contact.frames import COVERAGE
from arlib.collect.dunning.frames import BANK_STANDINGS
from arlib.collect.work_lists.frames import (
    CALL_LIST,
    CHANCES,
    ESCALATIONS,
    LARGE,
    LEFT_OUT,
    LOADS,
    PORTFOLIOS,
    Change,
    hit_list_table,
)
from arlib.money import iso_code
from arlib.policy import Policies, Scope
from arlib.report.bad_debt_percents import percents
from arlib.report.collections_facts import CollectionFacts
from arlib.report.model import ResultTable
from arlib.report.tables import in_words, result_table, spoken

HEADINGS = {
    "name": "Name",
    "sales_rep": "Sales executive",
    "max_days_past_due": "Days late",
    "days_past_due": "Days late",
    "past_due": "Past due",
    "chance": "Share expected, %",
    "expected": "Expected",
    "books_amount": "Amount in books",
    "is_whole": "Whole account",
    "cause": "Why",
    "detail": "On record",
    "largest_document": "Largest document",
    "largest_amount": "Its amount",
    "last_contact_on": "Last contact",
    "promise_on": "Next promise",
    "to": "Goes to",
    "is_due": "To be escalated",
    "limit_amount": "Above",
    "last_escalated_on": "Escalated on",
    "open_now": "Still owed",
    "is_late": "Late",
    "what": "In words",
    "routed_to": "Clears it",
    "days_over": "Days over",
    "touch_by": "Contact by",
    "allowed_days": "Every ... days",
    "is_default": "In default",
    "pay_by": "Promised for",
    "share": "Accounts in time, %",
    "target": "Target, %",
    "amount_share": "Amount in time, %",
    "books_touched": "Of it in time",
    "missing": "To touch for the target",
    "meets": "Target met",
    "usual_days_late": "Usually late",
    "next_on": "Next agreed",
    "turn": "When",
}  # fmt: skip


def shown(names: tuple[str, ...], more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The headings of this report over the columns of a table."""
    return {name: HEADINGS[name] for name in names if name in HEADINGS} | dict(more or {})


def sentences(said: pd.Series) -> pd.Series:
    """Texts with a capital first letter and a full stop; missing stays missing."""
    ended = said.where(said.str.endswith("."), said + ".")
    return ended.str[:1].str.upper() + ended.str[1:]


def work_tables(facts: CollectionFacts, *, scope: Scope, policies: Policies) -> tuple[ResultTable, ...]:
    """Coverage, call list, left out, hit list, large balances, escalations."""
    code = scope.functional_currency
    return (
        _coverage(facts, code),
        _calls(facts, code, policies),
        _left_out(facts, code),
        _hits(facts, code, policies),
        _large(facts, code, policies),
        _escalations(facts, code),
    )


def _coverage(facts: CollectionFacts, code: str) -> ResultTable:
    columns = ("collector", "band", "accounts", "touched", "share", "target", "missing", "books_amount", "books_touched",
               "amount_share", "meets", "target_from", "what")  # fmt: skip
    frame = facts.coverage.assign(
        is_all=facts.coverage["collector"].fillna("").eq(""), share=percents(facts.coverage["share"]),
        amount_share=percents(facts.coverage["amount_share"]), target=percents(facts.coverage["target"]),
    )  # fmt: skip
    ordered = frame.sort_values(["is_all", "collector"], ascending=[False, True], kind="stable")
    return result_table(
        COVERAGE, ordered, name="contact_coverage", title="Contact: accounts touched in time, by days past due", functional=code,
        columns=columns, headings=shown(columns, {"collector": "Collector", "books_amount": "Open"}), is_ordered=True,
        not_totalled=("books_amount", "books_touched"), not_on_page=("target_from", "what"),
        note="The first lines are all collectors together. Accounts outside the procedure are not counted.",
    )  # fmt: skip


def _calls(facts: CollectionFacts, code: str, policies: Policies) -> ResultTable:
    columns = ("collector", "rank", "turn", "customer_id", "name", "phone", "contact", "collectable", "expected", "chance",
               "max_days_past_due", "reason", "past_due", "oldest_due_date", "usual_days_late", "last_contact_on", "next_on")  # fmt: skip
    days = policies.work_list.call_horizon_days
    note = (
        f"Ranked by what a call is expected to bring within {days} days: amount x the share that the past shows x the "
        f"policy's uplifts. Each collector calls {policies.work_list.calls_per_collector} today; the rest is "
        "next, and so is what is agreed for a later day."
    )
    calls = facts.lists.calls.assign(chance=percents(facts.lists.calls["chance"]))
    warning = f" {facts.lists.warnings[0]}" if facts.lists.warnings else ""
    return result_table(
        CALL_LIST, calls, title=f"Call list of {facts.position.scope.as_of:%Y-%m-%d}, {iso_code(code)}", functional=code,
        columns=columns, headings=shown(columns, {"rank": "No."}), is_ordered=True, note=note + warning,
        not_on_page=("turn", "contact", "chance", "past_due", "oldest_due_date", "usual_days_late", "last_contact_on", "next_on",
                     "currency"),
    )  # fmt: skip


def _left_out(facts: CollectionFacts, code: str) -> ResultTable:
    columns = (
        "customer_id",
        "name",
        "cause",
        "currency",
        "amount",
        "books_amount",
        "is_whole",
        "detail",
        "collector",
    )
    frame = facts.lists.left_out
    return result_table(
        LEFT_OUT, frame, title="Past due that nobody is called for, and why", functional=code, columns=columns,
        headings=shown(columns), is_ordered=True, words=spoken(frame, "cause"), not_on_page=("books_amount", "collector"),
        note="Call list and this list add up to what is past due, in each currency.",
    )  # fmt: skip


def _hits(facts: CollectionFacts, code: str, policies: Policies) -> ResultTable:
    table = hit_list_table(policies.aging)
    buckets = policies.aging.past_due_buckets
    columns = ("sales_rep", "customer_id", "name", *buckets, "total", "max_days_past_due", "disputed", "promised", "promise_on",
               "last_contact_on", "largest_document", "largest_amount", "collector", "oldest_due_date", "unrated")  # fmt: skip
    return result_table(
        table, facts.lists.hits, title=f"Hit list: past due by sales executive, {iso_code(code)}", functional=code, columns=columns,
        headings=shown(columns, {bucket: in_words(bucket) for bucket in buckets}),
        is_ordered=True, not_totalled=("largest_amount",),
        not_on_page=("currency", "promised", "promise_on", "last_contact_on", "largest_document", "largest_amount", "collector",
                     "oldest_due_date", "unrated"),
        note="All past due is in it, disputed or not. The workbook has largest documents, promises and last contacts.",
    )  # fmt: skip


def _large(facts: CollectionFacts, code: str, policies: Policies) -> ResultTable:
    columns = ("customer_id", "name", "currency", "items", "max_days_past_due", "amount", "reporting_currency", "reporting_amount",
               "customer_total", "collector", "sales_rep", "oldest_due_date", "rate")  # fmt: skip
    policy = policies.large_balance
    return result_table(
        LARGE, facts.lists.large, title="Large balances, for management and sales", functional=code, columns=columns,
        headings=shown(columns), is_ordered=True, not_totalled=("customer_total",),
        not_on_page=("oldest_due_date", "rate", "customer_total"),
        note=f"Above {policy.amount:,} in items at least {policy.min_days_past_due} days past due.",
    )  # fmt: skip


def _escalations(facts: CollectionFacts, code: str) -> ResultTable:
    columns = ("to", "customer_id", "name", "amount", "max_days_past_due", "is_due", "last_escalated_on", "reason", "collector",
               "sales_rep", "days_past_due", "limit_amount", "past_due")  # fmt: skip
    return result_table(
        ESCALATIONS, facts.lists.escalations, title=f"Escalations, the highest step first, {iso_code(code)}", functional=code,
        columns=columns, headings=shown(columns, {"days_past_due": "Step, days"}), is_ordered=True, not_totalled=("limit_amount",),
        not_on_page=("currency", "days_past_due", "limit_amount", "past_due", "last_escalated_on"),
    )  # fmt: skip


def detail_tables(facts: CollectionFacts, *, scope: Scope) -> tuple[ResultTable, ...]:
    """Rates behind the ranks, bank accounts, and portfolios as they would be shared out today."""
    code = scope.functional_currency
    accounts = facts.portfolios.accounts
    rates = facts.lists.rates.assign(
        seen_rate=percents(facts.lists.rates["seen_rate"]), rate=percents(facts.lists.rates["rate"])
    )
    moved = accounts[accounts["change"].ne(Change.STAYS.value)]
    loads = (
        "collector",
        "accounts_before",
        "items_before",
        "amount_before",
        "accounts",
        "items",
        "amount",
        "regions",
        "came",
        "left",
    )
    return (
        result_table(
            LOADS, facts.portfolios.loads, title=f"Portfolios, now and as assigned anew, {iso_code(code)}", functional=code,
            columns=loads, not_on_page=("currency",), is_detail=True,
            headings={"accounts_before": "Accounts", "items_before": "Open items", "amount_before": "Open", "accounts": "Accounts anew",
                      "items": "Open items anew", "amount": "Open anew"},
        ),
        result_table(PORTFOLIOS, moved, name="portfolio_changes", title="Accounts that would change their collector", functional=code,
                     headings=shown(tuple(PORTFOLIOS.names)), is_detail=True),
        result_table(CHANCES, rates, title="Share of past-due items that came in, by habit and bucket", functional=code,
                     words=spoken(rates, "habit"), is_detail=True,
                     headings={"items": "Items in the past", "seen_rate": "Share seen, %", "rate": "Share used, %"}),
        result_table(BANK_STANDINGS, facts.lists.cases.bank, title="Bank accounts and how far they are known", functional=code,
                     headings={"up_to": "Known up to", "told_by": "Known from", "is_up_to_date": "Up to date", "because": "In words"},
                     is_detail=True),
    )  # fmt: skip
