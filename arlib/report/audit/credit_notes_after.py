"""The report on credit notes after the date for sales before it. Floor 3, on top of `audit`."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.cut_off.credit_notes import CreditsAfter, credits_after
from arlib.audit.cut_off.frames import CREDIT_PATTERNS, CREDIT_WINDOWS, CREDITS_AFTER
from arlib.audit.options.cut_off import CreditNotesAfterOptions
from arlib.policy import Policies, Scope
from arlib.report.audit.proofs import asked, population_table, population_words, sums_text, tests_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report, ResultTable
from arlib.report.tables import result_table, spoken
from arlib.report.tied import tied_as_one
from arlib.report.words import counted, day_text
from arlib.tables import Book

MISSING = {
    "applications": "a credit is traced only by what it says that it reverses",
    "disputes": "a dispute that was open at the date cannot be seen",
    "deductions": "a short payment of before the date cannot be seen",
    "adjustment_requests": "a request of before the date cannot be seen",
}
FEWEST = 3  # earlier windows from which a rate may be called unusual


def credit_notes_after_report(
    book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50
) -> Report:
    """Credits after the date, what was known at it, the accrual proposed, patterns, and the same window of earlier months.

    Needs ITEMS; see `arlib.audit.cut_off.credit_notes.credits_after`.
    """
    found = credits_after(book, scope=scope, policies=policies, ask=ask)
    options = ask.options if isinstance(ask.options, CreditNotesAfterOptions) else CreditNotesAfterOptions()
    return Report(
        name="credit_notes_after",
        title=f"Credit notes after the date, {scope.entity}, {day_text(scope.as_of)}",
        question="Which credits booked after the date belong to sales before it, and what would the balance have been?",
        reader="auditor, controller",
        scope=scope,
        tables=_tables(found),
        controls=(*tied_as_one(found.controls, functional=scope.functional_currency), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found, scope), *intake_findings(book)),
        limits=(*found.limits, *missing_limits(book, MISSING),
                "Write-offs after the date are losses and no credits: see approvals and the look-back of the allowance."),
        counts={"credits": len(found.credits), "known_at_the_date": int(found.credits["was_known"].sum())},
        parameters=asked(ask, scope, Window=f"{found.days} days after the date ({options.days_after} asked for)"),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: CreditsAfter) -> tuple[ResultTable, ...]:
    return (
        tests_table(found.tests),
        result_table(
            CREDITS_AFTER, found.credits, name="credits_after", title="Credits for sales before the date", functional="",
            columns=("rank", "document_no", "posting_date", "way", "customer_id", "invoices", "currency", "amount", "accrual", "finding",
                     "was_known", "tax_amount", "rebilled", "invoiced_on", "item_type", "reason", "sales_rep", "user", "item_id"),
            is_ordered=True, needs_review=True, words=spoken(found.credits, "way", "item_type"),
            headings={"posting_date": "Booked", "accrual": "Accrual proposed", "was_known": "Known at the date"},
            not_on_page=("was_known", "tax_amount", "rebilled", "invoiced_on", "item_type", "reason", "sales_rep", "user", "item_id"),
        ),
        result_table(CREDIT_WINDOWS, found.windows, title="The same window after earlier month ends", functional="", is_ordered=True,
                     headings={"rate": "Share of billed", "is_asked": "Asked for"}, not_totalled=("credits", "amount", "billed")),
        result_table(CREDIT_PATTERNS, found.patterns, title="Where the credits gather", functional="", is_ordered=True,
                     words=spoken(found.patterns, "by"), not_totalled=("credits", "amount")),
        population_table(found.population, noun="Credits"),
    )  # fmt: skip


def _findings(found: CreditsAfter, scope: Scope) -> tuple[str, ...]:
    rows = found.credits
    made = []
    known = rows[rows["was_known"].to_numpy(dtype=bool)]
    rest = rows[~rows["was_known"].to_numpy(dtype=bool)]
    if len(known):
        made.append(
            f"{counted(len(known), 'credit')} of {sums_text(known, 'amount')} for invoices of before the date had a cause that "
            f"was known at it: accrue {sums_text(known, 'accrual')} ({_named(known)})."
        )
    if len(rest):
        made.append(
            f"{counted(len(rest), 'credit')} of {sums_text(rest, 'amount')} for invoices of before the date: nothing on record "
            f"shows that the cause was known; decide whether it was ({_named(rest)})."
        )
    if rows.empty:
        made.append("No credit booked after the date is for an invoice of on or before it.")
    made += _unusual(found.windows)
    made.append(
        f"Credits booked in the {counted(found.days, 'day')} after {day_text(scope.as_of)} were traced to their invoices. "
        f"{population_words(found.population, noun='credit')}"
    )
    return tuple(made)


def _unusual(windows: pd.DataFrame) -> tuple[str, ...]:
    """By currency, the rate beside the highest of the earlier windows."""
    made = []
    for code, part in windows.groupby("currency", sort=True):
        here = part[part["is_asked"].to_numpy(dtype=bool)]["rate"].dropna()
        earlier = part[~part["is_asked"].to_numpy(dtype=bool)]["rate"].dropna()
        if here.empty or len(earlier) < FEWEST:
            continue
        rate, most = Fraction(str(here.iloc[0])), max(Fraction(str(text)) for text in earlier)
        if rate > most:
            made.append(
                f"{code}: credits after the date are {_percent(rate)} % of what was billed in the month; the highest of "
                f"{len(earlier)} earlier windows is {_percent(most)} %. That is unusual: ask why."
            )
    return tuple(made)


def _percent(rate: Fraction) -> str:
    hundredths = int(rate * 10_000 + Fraction(1, 2))
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _named(rows: pd.DataFrame) -> str:
    names = ", ".join(rows["document_no"].astype(str).head(8))
    return names + (f" and {len(rows) - 8} more" if len(rows) > 8 else "")
