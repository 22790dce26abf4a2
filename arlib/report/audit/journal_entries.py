"""The report on journal entries of the control accounts. Floor 3, on top of `audit`."""

from __future__ import annotations

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.cut_off.frames import ENTRIES, SIGN_COUNTS, SOURCES
from arlib.audit.cut_off.journals import Journals, journal_entries
from arlib.audit.options.cut_off import JournalEntriesOptions
from arlib.controls import STATUS_WORDS, Status
from arlib.policy import Policies, Scope
from arlib.report.audit.proofs import asked, population_table, population_words, sums_text, tests_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report, ResultTable
from arlib.report.tables import result_table, spoken
from arlib.report.tied import tied_as_one
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book
from arlib.tables.rows import Row, records

MOST_NAMED = 3  # entries that the findings name

MISSING = {
    "gl_lines": "no journal entry can be tested",
    "gl_balances": "it cannot be shown that all entries were given",
    "periods": "entries after a close cannot be told",
    "items": "no entry can be held against the sub-ledger",
}


def journal_entries_report(
    book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50
) -> Report:
    """Entries ranked by the signs that an auditor looks for, the signs themselves, who posts what, and completeness.

    Needs GL_LINES; see `arlib.audit.cut_off.journals.journal_entries`.
    """
    found = journal_entries(book, scope=scope, policies=policies, ask=ask)
    options = ask.options if isinstance(ask.options, JournalEntriesOptions) else JournalEntriesOptions()
    return Report(
        name="journal_entries",
        title=f"Journal entries on control accounts, {scope.entity}, {day_text(scope.as_of)}",
        question="Which entries on the control accounts did no sub-ledger document make, and which look unusual?",
        reader="auditor, controller",
        scope=scope,
        tables=_tables(found),
        controls=(*tied_as_one(found.controls, functional=scope.functional_currency), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found, scope), *intake_findings(book)),
        limits=(*found.limits, *missing_limits(book, MISSING)),
        counts={"entries": len(found.entries), "signs": int(found.signs["listed"].gt(0).sum())},
        parameters=asked(
            ask, scope, Days=f"{found.first:%Y-%m-%d} to {day_text(scope.as_of)}", Listed=f"from {options.min_score} points",
            Night=f"{options.night_from_hour}:00 to {options.night_to_hour}:00, {scope.time_zone}",
        ),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: Journals) -> tuple[ResultTable, ...]:
    return (
        tests_table(found.tests),
        result_table(
            ENTRIES, found.entries, name="entries", title="Entries to look at, ranked", functional="", is_ordered=True,
            columns=("rank", "journal_id", "account", "document_no", "posting_date", "user", "source", "currency", "amount", "finding",
                     "score", "line_id", "entered_at", "status", "customer_id", "text", "signs"),
            not_on_page=("score", "line_id", "entered_at", "status", "customer_id", "text", "signs"), needs_review=True,
            not_totalled=("score",),
            words=spoken(found.entries, "source", "status"), headings={"posting_date": "Posted"},
        ),
        result_table(SIGN_COUNTS, found.signs, title="Signs, and how often each was seen", functional="", is_ordered=True,
                     words=spoken(found.signs, "sign"), not_totalled=("points", "lines", "listed", "amount"),
                     headings={"words": "What is looked for"}),
        result_table(SOURCES, found.sources, title="Who posts what", functional="", words=spoken(found.sources, "source", "status")),
        population_table(found.population, noun="Lines"),
    )  # fmt: skip


def _findings(found: Journals, scope: Scope) -> tuple[str, ...]:
    made = []
    if found.entries.empty:
        made.append("No entry shows signs enough to be listed.")
    else:
        entries = found.entries
        made.append(
            f"{counted(len(entries), 'entry', 'entries')} to look at: "
            f"{_side(entries[entries['amount'].gt(0).to_numpy(dtype=bool)], 'debit')} and "
            f"{_side(entries[entries['amount'].lt(0).to_numpy(dtype=bool)], 'credit')}"
            + (
                f"; the first {MOST_NAMED} follow, all are in the table."
                if len(entries) > MOST_NAMED
                else "."
            )
        )
        made += [_entry(entry) for entry in records(entries.head(MOST_NAMED))]
    by = {status: [c.account for c in found.controls if c.status is status] for status in Status}
    for status, accounts in by.items():
        if accounts:
            made.append(
                f"Completeness, opening and all entries against the closing balance: {STATUS_WORDS[status]} for {', '.join(accounts)}."
            )
    made.append(
        f"All lines of control accounts posted from {found.first:%Y-%m-%d} to {day_text(scope.as_of)} were scored. "
        f"{population_words(found.population, noun='line')}"
    )
    return tuple(made)


def _side(rows: pd.DataFrame, noun: str) -> str:
    """Debits or credits, without sign: how many, and how much by currency."""
    sums = f" of {sums_text(rows.assign(amount=rows['amount'].abs()), 'amount')}" if len(rows) else ""
    return f"{counted(len(rows), noun)}{sums}" if len(rows) else f"no {noun}s"


def _entry(entry: Row) -> str:
    """One entry in words."""
    amount = money_text(int(entry["amount"]), str(entry["currency"]))
    return (
        f"{entry['journal_id']} ({entry['document_no']}), {amount} on {entry['account']}, {entry['posting_date']:%Y-%m-%d}, "
        f"{entry['user']}: {entry['finding']}."
    )
