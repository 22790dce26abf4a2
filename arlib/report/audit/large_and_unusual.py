"""The report of large and unusual items: the largest of each currency, and those unlike the customer's others. Floor 3."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.options.patterns import LargeAndUnusualOptions
from arlib.audit.patterns.frames_unusual import LARGEST_ITEMS, UNUSUAL_ITEMS
from arlib.audit.patterns.unusual import Unusual, large_and_unusual
from arlib.ledger.openitems import open_items
from arlib.policy import Basis, Policies, Scope
from arlib.report.audit.tested import (
    asked,
    book_controls,
    not_possible,
    only,
    parts_table,
    population_sentence,
    subtests_table,
)
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report, ResultTable
from arlib.report.tables import result_table
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book

WHAT = {"open": "open items", "period": "documents of the period", "year": "documents of twelve months"}
SHOWN = (
    "rank", "score", "document_no", "customer_id", "customer_name", "item_type", "posted_on", "due_date", "currency", "amount",
    "reasons", "oddities", "document_date", "user", "item_id",
)  # fmt: skip
HEADINGS = {"posted_on": "Posted", "due_date": "Due", "reasons": "What is unusual", "oddities": "Tests", "place": "Place",
            "share": "Percent of the currency"}  # fmt: skip
MISSING = {
    "customers": "nobody can tell new, closed or insolvent customers",
    "applications": "every item counts as open in full",
    "customer_history": "a customer's status is today's",
}


def large_and_unusual_report(
    book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50
) -> Report:
    """The largest items, and those that are unlike the customer's others, each with its reasons in words.

    Needs ITEMS; uses APPLICATIONS, CUSTOMERS, CUSTOMER_HISTORY. `ask.options` are LargeAndUnusualOptions.
    """
    options = ask.options if isinstance(ask.options, LargeAndUnusualOptions) else LargeAndUnusualOptions()
    found = large_and_unusual(book, scope=scope, options=options, population=ask.population)
    what = WHAT[options.of]
    return Report(
        name="large_and_unusual",
        title=f"Large and unusual items, {scope.entity}, {day_text(scope.as_of)}",
        question="Which items are large, or unlike the customer's others, and why?",
        reader="external and internal auditors, credit manager",
        scope=scope,
        tables=_tables(found, functional=scope.functional_currency, limit=options.flag_from, what=what),
        controls=(*book_controls(book, scope=scope, name="population"), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found, what), *_lines_said(book, scope, options), *intake_findings(book)),
        limits=(
            *not_possible(found.subtests), *missing_limits(book, MISSING),
            f"\"Usual\" is the median of the customer's invoices in the books; with fewer than {options.usual_from} others nothing is "
            "said of a customer.",
        ),
        counts={"tested": found.tested, "unusual": len(found.items), "flagged": len(found.flagged)},
        parameters=asked(ask, {
            "Looked at": what, "Beyond usual": f"{options.times_usual} times the median or more", "Round": options.round_to or "not tested",
            "New customer": f"{options.new_days} days or less", "Long terms": f"{options.long_days} days beyond the usual or more",
            "Last days": f"{options.near_end_days}", "Flagged": f"from {options.flag_from} points on",
        }),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: Unusual, *, functional: str, limit: int, what: str) -> tuple[ResultTable, ...]:
    flagged = found.items["is_flagged"].to_numpy(dtype=bool)

    def listed(rows: pd.DataFrame, name: str, title: str, note: str, *, review: bool = False) -> ResultTable:
        return result_table(
            UNUSUAL_ITEMS, rows, name=name, title=title, functional=functional, columns=SHOWN,
            headings=only(HEADINGS, SHOWN), is_ordered=True,
            needs_review=review, not_totalled=("rank", "score"), note=note,
            not_on_page=("customer_name", "oddities", "document_date", "user", "item_id"),
        )  # fmt: skip

    return (
        subtests_table(found.subtests, functional=functional),
        listed(found.items[flagged], "unusual_items", "Unusual items, the most unusual first",
               f"From {limit} points on. An unusual item is a question; most have a good answer.", review=True),
        result_table(LARGEST_ITEMS, found.largest, title="The largest of each currency", functional=functional,
                     headings=only(HEADINGS, LARGEST_ITEMS.names),
                     columns=("currency", "place", "document_no", "customer_id", "customer_name", "item_type", "posted_on", "amount",
                              "share", "item_id"),
                     not_totalled=("place",), is_ordered=True, not_on_page=("item_id",),
                     note="By size without sign, so that large credits are seen."),
        listed(found.items[~flagged], "weaker_items", "Items with one weak sign", "Below the limit: round, no order, near the end."),
        parts_table(found.parts, functional=functional, what=what),
    )  # fmt: skip


def _lines_said(book: Book, scope: Scope, options: LargeAndUnusualOptions) -> Iterator[str]:
    """Where instalments split open items: how many lines an aging or listing counts for how many items."""
    if options.of == "open" and scope.basis is Basis.POSTING:
        rows = open_items(book, scope=scope)
        items = int(rows["item_id"].nunique())
        if items < len(rows):
            yield (
                f"An item is counted once: a listing shows the {items:,} open items of the books in {len(rows):,} lines, an "
                "instalment a line."
            )


def _findings(found: Unusual, what: str) -> Iterator[str]:
    flagged = found.flagged
    if flagged.empty:
        yield "No item is flagged as unusual."
    else:
        sums = ", ".join(
            money_text(int(rows["amount"].sum()), str(code))
            for code, rows in flagged.groupby("currency", sort=True)
        )
        yield f"{counted(len(flagged), 'item is', 'items are')} flagged as unusual ({sums}); each is listed with its reasons."
    for row in flagged.head(5).to_dict("records"):
        whose = f" of {row['customer_id']}" if isinstance(row["customer_id"], str) else ""
        yield f"{row['document_no']}{whose} ({money_text(int(row['amount']), row['currency'])}): {row['reasons']}."
    top = found.largest[found.largest["place"].eq(1)].to_dict("records")
    if top:
        each = "; ".join(
            f"{row['document_no']} {money_text(int(row['amount']), row['currency'])} ({row['share']} %)"
            for row in top
        )
        yield f"The largest of each currency, with its share of all: {each}."
    yield population_sentence(found.parts, what)
