"""Credit review in the collections report: limits, terms beside the customer's own, references, portals. Floor 3."""

from __future__ import annotations

import pandas as pd

from arlib.collect.review.frames import (
    CREDIT_REVIEW,
    PORTALS,
    REFERENCES,
    TERMS_REGISTER,
    Level,
    PortalFinding,
    Recommendation,
    TermsFinding,
)
from arlib.money import iso_code, total
from arlib.policy import Scope
from arlib.report.bad_debt_percents import percents
from arlib.report.collections_facts import CollectionFacts
from arlib.report.collections_tables import sentences, shown
from arlib.report.collections_words import sums
from arlib.report.model import ResultTable
from arlib.report.tables import result_table
from arlib.report.words import counted, money_text
from arlib.tables import Kind

FIRST = {
    word.value: place for place, word in enumerate(
        (Recommendation.HOLD, Recommendation.RELEASE, Recommendation.SET_LIMIT, Recommendation.RAISE, Recommendation.LOWER,
         Recommendation.KEEP, Recommendation.NOT_REVIEWED)
    )
}  # fmt: skip
UNAPPROVED = (TermsFinding.NOT_APPROVED.value, TermsFinding.WITHOUT_EXCEPTION.value)


def review_tables(facts: CollectionFacts, *, scope: Scope) -> tuple[ResultTable, ...]:
    """Limits against exposure, the register of terms exceptions, references, invoices in portals."""
    code = scope.functional_currency
    return (
        _limits(facts.review, code),
        _terms(facts.terms, code),
        _references(facts.references, code),
        _portals(facts.portals, code),
    )


def review_findings(facts: CollectionFacts, *, scope: Scope) -> tuple[str, ...]:
    """Limits exceeded, terms that nobody approved, invoices that no portal will pay."""
    made = []
    above, code = over_limit(facts.review), scope.functional_currency
    for level, one in ((Level.CUSTOMER, "customer"), (Level.PARENT, "parent group")):
        mine = above[above["level"].eq(level.value)]
        if len(mine):
            first = mine.sort_values(["available", "customer_id"], kind="stable").iloc[0]
            made.append(
                f"{counted(len(mine), one)} above the credit limit by {money_text(-total(mine['available']), code)} in all, "
                f"the most {first['customer_id']} by {money_text(-int(first['available']), code)}."
            )
    loose = facts.terms[facts.terms["finding"].isin(UNAPPROVED)]
    if len(loose):
        items = loose[loose["item_id"].ne("") & loose["amount"].notna()]
        granted = int(loose["finding"].eq(TermsFinding.NOT_APPROVED.value).sum())
        parts = [f"{counted(granted, 'terms exception')} not approved"] if granted else []
        if len(items):
            parts.append(
                f"{counted(len(items), 'open invoice')} on terms without an approved exception, {sums(items, 'amount')}"
            )
        made.append(f"{'; '.join(parts)}: have the terms approved, or take them back.")
    for finding, what, todo in (
        (PortalFinding.REJECTED, "rejected by a portal", "correct and submit again"),
        (PortalFinding.NEVER_SUBMITTED, "never submitted to the portal of the customer", "submit"),
    ):
        rows = facts.portals[facts.portals["finding"].eq(finding.value)]
        if len(rows):
            made.append(f"{counted(len(rows), 'open invoice')} {what}, {sums(rows, 'amount')}: {todo}.")
    return tuple(made)


def over_limit(review: pd.DataFrame) -> pd.DataFrame:
    """The customers and groups of CREDIT_REVIEW whose exposure is above the limit; exactly at it is not above."""
    is_reviewed = review["recommendation"].ne(Recommendation.NOT_REVIEWED.value)
    return review[is_reviewed & review["available"].lt(0).fillna(False)]


def _limits(review: pd.DataFrame, code: str) -> ResultTable:
    """What is above its limit first, then what is to be decided; the larger exposure first."""
    columns = ("level", "customer_id", "name", "recommendation", "limit_in_books", "exposure", "utilisation", "insured", "score",
               "proposed_limit", "reason", "limit_currency", "credit_limit", "limit_from", "accounts", "status", "available",
               "open_debits", "netted_credits", "open_orders", "past_due", "oldest_due_date", "max_days_past_due", "unapplied",
               "secured", "score_text", "bureau", "bureau_score", "bureau_on", "is_on_hold", "hold_since", "note", "collector",
               "sales_rep")  # fmt: skip
    ordered = review.assign(
        order=review["recommendation"].map(FIRST), within=~review.index.isin(over_limit(review).index),
    ).sort_values(
        ["within", "order", "exposure", "level", "customer_id"], ascending=[True, True, False, True, True], kind="stable"
    )  # fmt: skip
    apart = ordered["limit_currency"].dropna().ne(code).any()
    return result_table(
        CREDIT_REVIEW, ordered.assign(utilisation=percents(ordered["utilisation"])),
        title=f"Credit review: limits against exposure, {iso_code(code)}", functional=code, columns=columns,
        headings=shown(columns, {
            "limit_in_books": "Limit", "utilisation": "Used, %", "recommendation": "Recommended", "proposed_limit": "Proposed limit",
            "limit_currency": "Limit in", "credit_limit": "Limit as given", "bureau_score": "Bureau's score, of 100",
        }),
        is_ordered=True, needs_review=True,
        # a parent's line holds its accounts' again: nothing of this table adds up
        not_totalled=[column.name for column in CREDIT_REVIEW.columns if column.kind is Kind.MONEY],
        not_on_page=("currency", *columns[11 + apart:]),
        note="Limit, exposure and insured part at closing rates"
        + ("; a proposed limit is in the currency of the limit." if apart else ".")
        + " The score is that of payment behaviour, of 100. Nothing is changed by this page.",
    )  # fmt: skip


def _terms(rows: pd.DataFrame, code: str) -> ResultTable:
    columns = ("finding", "exception_id", "customer_id", "name", "document_no", "terms", "customer_terms", "currency", "amount",
               "what", "item_id", "extra_days", "due_date", "due_by_terms", "granted_on", "expires_on", "requested_by",
               "approved_by", "reason")  # fmt: skip
    order = rows["finding"].map({word.value: place for place, word in enumerate(TermsFinding)})
    ordered = rows.assign(order=order, what=sentences(rows["what"])).sort_values(
        ["order", "customer_id", "exception_id", "item_id"], kind="stable"
    )
    return result_table(
        TERMS_REGISTER, ordered, title="Terms beside the customer's own", functional=code, columns=columns,
        headings=shown(columns, {"exception_id": "Exception", "customer_terms": "Own terms", "amount": "Open"}), is_ordered=True,
        not_on_page=columns[10:],
    )  # fmt: skip


def _references(rows: pd.DataFrame, code: str) -> ResultTable:
    columns = ("customer_id", "name", "provider", "kind", "reported_on", "score_of_100", "rating", "days_beyond_terms", "currency",
               "recommended_limit", "what", "rank", "score", "age_days", "is_stale", "is_latest", "text")  # fmt: skip
    ordered = rows.assign(what=sentences(rows["what"])).sort_values(["customer_id", "rank"], kind="stable")
    return result_table(
        REFERENCES, ordered, title="References: bureaus, trade and banks, each customer's newest first", functional=code,
        columns=columns, headings=shown(columns, {
            "kind": "From", "score_of_100": "Score, of 100", "days_beyond_terms": "Days beyond terms",
            "recommended_limit": "Their limit", "text": "Remark", "score": "Their score",
        }),
        is_ordered=True, not_totalled=("recommended_limit",), not_on_page=columns[11:],
    )  # fmt: skip


def _portals(rows: pd.DataFrame, code: str) -> ResultTable:
    columns = ("finding", "customer_id", "name", "document_no", "portal", "pay_date", "currency", "amount", "reason", "what",
               "item_id", "status", "submitted_on", "status_on", "days", "due_date", "days_past_due", "collector")  # fmt: skip
    order = rows["finding"].map({word.value: place for place, word in enumerate(PortalFinding)})
    ordered = rows.assign(order=order, what=sentences(rows["what"])).sort_values(
        ["order", "currency", "amount", "item_id"], ascending=[True, True, False, True], kind="stable"
    )
    return result_table(
        PORTALS, ordered, title="Open invoices in customers' portals", functional=code, columns=columns,
        headings=shown(columns, {"finding": "Stands", "reason": "The portal says", "amount": "Open", "pay_date": "To be paid on"}),
        is_ordered=True, not_on_page=columns[10:],
    )  # fmt: skip
