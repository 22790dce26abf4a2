"""The duplicates report: documents and receipts that may be there twice, and customers that may be one. Floor 3."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.options.patterns import DuplicatesOptions
from arlib.audit.patterns.duplicates import Duplicates, duplicates
from arlib.audit.patterns.frames_duplicates import DUPLICATE_PAIRS, SAME_CUSTOMERS, Twice
from arlib.policy import Policies, Scope
from arlib.report.audit.tested import (
    asked,
    book_controls,
    not_possible,
    parts_table,
    population_sentence,
    subtests_table,
)
from arlib.report.intake import intake_checks, intake_controls, intake_findings
from arlib.report.model import Report, ResultTable
from arlib.report.tables import in_words, result_table
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book

SHOWN = (
    "rank", "score", "what", "customer_id", "customer_name", "document_no", "other_document_no", "posted_on", "other_posted_on",
    "currency", "amount", "users", "reasons", "explained_by", "item_id", "other_item_id",
)  # fmt: skip
HEADINGS = {
    "what": "Kind", "document_no": "First", "other_document_no": "Second", "posted_on": "Posted", "other_posted_on": "Posted, second",
    "users": "Entered by", "reasons": "What speaks for a duplicate", "explained_by": "What speaks against it",
}  # fmt: skip
NEXT = {
    Twice.INVOICE: "compare delivery notes and orders, and credit the second one if the customer got the goods once",
    Twice.RECEIPT: "ask for both bank advices; one entry without a bank line is to be reversed",
    Twice.CREDIT_MEMO: "ask for both requests and approvals",
    Twice.REFUND: "ask for both payment orders and the customer's confirmation",
}


def duplicates_report(
    book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50
) -> Report:
    """Pairs that may be duplicates, ranked, with what speaks for and against; customers that may stand twice.

    Needs ITEMS; uses APPLICATIONS, RECEIPTS, RECEIPT_BANK_LINES, BANK_LINES, CUSTOMERS. `ask.options` are DuplicatesOptions.
    """
    options = ask.options if isinstance(ask.options, DuplicatesOptions) else DuplicatesOptions()
    found = duplicates(book, scope=scope, options=options, population=ask.population)
    return Report(
        name="duplicates",
        title=f"Duplicates, {scope.entity}, {day_text(scope.as_of)}",
        question="Are invoices, receipts, credit memos, refunds or customers in the books twice?",
        reader="external and internal auditors, controller",
        scope=scope,
        tables=_tables(found, functional=scope.functional_currency, limit=options.flag_from),
        controls=(*book_controls(book, scope=scope, name="population"), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found), *intake_findings(book)),
        limits=(
            *not_possible(found.subtests),
            "Only documents of the same customer, currency and amount are compared: a duplicate with another amount, or on another "
            "customer's account, is not found here.",
            *([] if book.has("customers") else ["Customers: test not possible: the books hold no customers."]),
        ),
        counts={"tested": found.tested, "pairs": len(found.pairs), "flagged": len(found.flagged), "customers": len(found.customers)},
        parameters=asked(ask, {
            "First day": options.since or "all that the books hold", "Compared": f"documents {options.within_days} days apart or less",
            "Smallest amount": options.least or "none", "Flagged": f"from {options.flag_from} points on",
        }),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: Duplicates, *, functional: str, limit: int) -> tuple[ResultTable, ...]:
    flagged = found.pairs["is_flagged"].to_numpy(dtype=bool)

    def listed(rows: pd.DataFrame, name: str, title: str, note: str, *, review: bool = False) -> ResultTable:
        return result_table(
            DUPLICATE_PAIRS, rows, name=name, title=title, functional=functional, columns=SHOWN, headings=HEADINGS, is_ordered=True,
            needs_review=review, not_totalled=("rank", "score"), note=note,
            not_on_page=("customer_name", "item_id", "other_item_id", "users", "other_posted_on"),
        )  # fmt: skip

    return (
        subtests_table(found.subtests, functional=functional),
        listed(found.pairs[flagged], "duplicate_pairs", "Pairs flagged, the likeliest first", f"From {limit} points on.", review=True),
        listed(found.pairs[~flagged], "alike_pairs", "Pairs that look alike and are explained",
               "Same customer, currency and amount; recurring charges, instalments and corrections stand here."),
        result_table(SAME_CUSTOMERS, found.customers, title="Customer accounts that may be one customer", functional=functional,
                     columns=("rank", "score", "customer_id", "name", "other_customer_id", "other_name", "shared", "explained_by",
                              "is_flagged"),
                     headings={"other_customer_id": "Other customer", "other_name": "Other name", "shared": "Both have",
                               "explained_by": "What speaks against it", "is_flagged": "Flagged"},
                     is_ordered=True, needs_review=True, not_totalled=("rank", "score")),
        parts_table(found.parts, functional=functional, what="invoices, receipts, credit memos and refunds"),
    )  # fmt: skip


def _findings(found: Duplicates) -> Iterator[str]:
    flagged = found.flagged
    if flagged.empty:
        yield "No pair of documents is flagged as a duplicate."
    for what, rows in flagged.groupby("what", sort=True):
        word = in_words(str(what)).lower()
        yield f"{counted(len(rows), f'pair of {word}s is', f'pairs of {word}s are')} flagged: {NEXT[Twice(str(what))]}."
    for row in flagged.head(3).to_dict("records"):
        yield (
            f"{row['document_no']} and {row['other_document_no']} of {row['customer_id']} "
            f"({money_text(int(row['amount']), row['currency'])} each, {row['score']} points): {row['reasons']}."
        )
    twice = found.customers[found.customers["is_flagged"].to_numpy(dtype=bool)]
    for row in twice.head(2).to_dict("records"):
        yield f"Customers {row['customer_id']} and {row['other_customer_id']} may be one: both have the same {row['shared']}."
    yield population_sentence(found.parts, "documents")
