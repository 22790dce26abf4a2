"""The tables of a case, in the order in which the page tells them. Floor 3."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from arlib.collect.customer.frames import (
    HISTORY_OF_CUSTOMER,
    OPEN_OF_CUSTOMER,
    RECEIPTS_OF_CUSTOMER,
    TIMELINE,
)
from arlib.collect.hints import HINTS, ROOT_CAUSES
from arlib.ledger.customer.frames import CUSTOMER_ROLL_FORWARD, ROLL_DOCUMENTS, RUNNING_BALANCE
from arlib.ledger.frames_control import CUSTOMER_RECON, RollLine
from arlib.report.case_file.answer import ANSWER, ENDS
from arlib.report.case_file.asked import CASE_DECISIONS
from arlib.report.case_file.charts import BALANCE_BY_MONTH
from arlib.report.case_file.facts import CaseFacts
from arlib.report.case_file.share import LEDGER_SHARE
from arlib.report.model import ResultTable
from arlib.report.tables import in_words, result_table, spoken
from arlib.sources.pasted import PASTED_CAUSES, PASTED_PROBLEMS, PASTED_RECON
from arlib.tables import CANONICAL, Column, Kind, Table

T = Kind.TEXT

HEADER = Table("header", "a fact of the customer", ("no",), (
    Column("no", Kind.INTEGER, "place", True),
    Column("label", T, "what it is", True),
    Column("value", T, "the fact"),
    Column("convention", T, "how it is counted"),
))  # fmt: skip

AGING_LINES = Table("customer_aging", "a bucket of the customer's aging", ("currency", "place"), (
    Column("currency", T, "document currency", True),
    Column("place", Kind.INTEGER, "place", True),
    Column("bucket", T, "bucket", True),
    Column("amount", Kind.MONEY, "open in it", True, currency="currency"),
))  # fmt: skip

ROLLED = Table("rolled", CUSTOMER_ROLL_FORWARD.one_row_is, CUSTOMER_ROLL_FORWARD.key, (
    *CUSTOMER_ROLL_FORWARD.columns, Column("is_end", Kind.FLAG, "opening or closing", True),
))  # fmt: skip


def tables_of(
    facts: CaseFacts, *, answer: pd.DataFrame, months: pd.DataFrame, hand: Sequence[ResultTable]
) -> tuple[ResultTable, ...]:
    """Every table of the case; one that has no rows says so."""
    code = facts.scope.functional_currency
    return (
        result_table(ANSWER, answer, title="In words", functional=code, is_ordered=True, not_on_page=("no",)),
        _header(facts, code),
        _aging(facts, code),
        result_table(BALANCE_BY_MONTH, months, title="Balance at month ends", functional=code, is_ordered=True,
                     not_totalled=("balance", "moved"), headings={"moved": "Moved since"}),
        _open_items(facts, code),
        _rolled(facts, code),
        _roll_documents(facts, code),
        _history(facts, code),
        _receipts(facts, code),
        *hand,
        *_their(facts, code),
        *_hints(facts, code),
        *_people(facts, code),
        _decisions(facts, code),
        _timeline(facts, code),
        result_table(LEDGER_SHARE, facts.share.rows, title="Documents that the two ledgers do not book alike", functional=code,
                     headings={"why": "Why", "subledger": "Sub-ledger", "general_ledger": "General ledger"}),
        result_table(RUNNING_BALANCE, facts.running, title="Running balance", functional=code, is_ordered=True, is_detail=True,
                     not_totalled=("balance",), not_on_page=("item_id", "fact_id", "entered_at", "step", "other_no", "by")),
    )  # fmt: skip


def _header(facts: CaseFacts, code: str) -> ResultTable:
    rows = [
        {"no": at, "label": line.label, "value": line.value, "convention": line.convention}
        for at, line in enumerate(facts.header.lines(), 1)
    ]
    frame = HEADER.typed(pd.DataFrame(rows)) if rows else HEADER.empty()
    return result_table(HEADER, frame, title="The customer", functional=code, is_ordered=True, not_on_page=("no",),
                        headings={"label": "Fact", "value": "It is", "convention": "How it is counted"})  # fmt: skip


def _aging(facts: CaseFacts, code: str) -> ResultTable:
    rows = [
        {"currency": line.currency, "place": at, "bucket": name, "amount": amount}
        for line in facts.header.aging
        for at, (name, amount) in enumerate(line.buckets, 1)
    ]
    frame = AGING_LINES.from_rows(rows) if rows else AGING_LINES.empty()
    words = {name: in_words(name) for name in facts.policies.aging.buckets}
    return result_table(AGING_LINES, frame, title="Aging", functional=code, is_ordered=True, not_on_page=("place",),
                        words={"bucket": words})  # fmt: skip


def _open_items(facts: CaseFacts, code: str) -> ResultTable:
    return result_table(
        OPEN_OF_CUSTOMER, facts.open_items, name="items_open", title="Open items, oldest due first", functional=code,
        is_ordered=True, not_totalled=("amount",), words={"bucket": {b: in_words(b) for b in facts.policies.aging.buckets}},
        headings={"amount": "Document amount", "disputed": "In dispute", "note": "Note", "rank": "No."},
        not_on_page=("rank", "item_id", "instalment_no", "purchase_order", "bucket", "document_date"),
    )  # fmt: skip


def _history(facts: CaseFacts, code: str) -> ResultTable:
    return result_table(
        HISTORY_OF_CUSTOMER, facts.history, name="items_settled", title="Settled documents, last settled first", functional=code,
        is_ordered=True, not_totalled=("amount", "paid", "discount", "other"), headings={"how": "How", "rank": "No."},
        not_on_page=("rank", "item_id", "other", "document_date", "discount"),
    )  # fmt: skip


def _receipts(facts: CaseFacts, code: str) -> ResultTable:
    return result_table(
        RECEIPTS_OF_CUSTOMER, facts.receipts, name="case_receipts", title="Receipts, newest first", functional=code,
        is_ordered=True, not_totalled=("amount",), headings={"open_amount": "Not applied", "paid": "What it paid", "rank": "No."},
        not_on_page=("rank", "item_id", "receipt_id", "payer_account", "reference", "note"),
    )  # fmt: skip


def _rolled(facts: CaseFacts, code: str) -> ResultTable:
    lines = facts.rolled.lines
    frame = lines.assign(is_end=lines["line"].isin(ENDS))
    return result_table(
        ROLLED, frame, title=f"Where the balance came from, since {facts.since:%Y-%m-%d}", functional=code, is_ordered=True,
        strong_rows="is_end", foots=True, columns=("words", "currency", "amount", "count", "line", "line_no", "is_end"),
        headings={"words": "What moved it", "count": "Documents"}, not_on_page=("line", "line_no"), not_totalled=("amount", "count"),
    )  # fmt: skip


def _roll_documents(facts: CaseFacts, code: str) -> ResultTable:
    frame = facts.rolled.documents
    moved = frame[~frame["line"].isin(ENDS)]
    ends = frame[frame["line"].isin(ENDS)]
    return result_table(
        ROLL_DOCUMENTS, pd.concat([moved, ends], ignore_index=True), name="rolled_documents", title="Documents behind each line",
        functional=code, is_ordered=True, words={"line": _lines()},
        columns=("line", "day", "document_no", "other_no", "text", "currency", "amount", "line_no", "item_id", "fact_id"),
        headings={"other_no": "Set off against", "text": "What happened"}, not_totalled=("amount",),
        not_on_page=("line_no", "item_id", "fact_id"), note="Movements first, then what was open at the beginning and the end.",
    )  # fmt: skip


def _lines() -> dict[str, str]:
    return {line.value: in_words(line.value) for line in RollLine}


def _their(facts: CaseFacts, code: str) -> tuple[ResultTable, ...]:
    """Their statement: the causes that add up to the gap, every line, and what could not be read."""
    their = facts.their
    pasted, found = (their.pasted, their.found) if their else (None, None)
    causes = found.causes if found else PASTED_CAUSES.empty()
    lines = found.rows if found else PASTED_RECON.empty()
    problems = pasted.problems if pasted else PASTED_PROBLEMS.empty()
    none = "" if their else "No statement of the customer was given."
    return (
        result_table(PASTED_CAUSES, causes, name="statement_causes", title="Their statement: why it differs", functional=code,
                     is_ordered=True, words=spoken(causes, "cause"), note=none),
        result_table(PASTED_RECON, lines, name="statement_lines", title="Their statement, line by line", functional=code,
                     is_ordered=True, words=spoken(lines, "place", "cause", "kind", "item_type"), note=none,
                     columns=("place", "document_no", "reference", "statement_line_date", "currency", "ledger_amount", "statement_amount",
                              "difference", "sentence", "cause", "kind", "item_type", "document_date", "due_date", "line_no", "row_no"),
                     headings={"place": "Where it stands", "reference": "Their reference", "statement_line_date": "Their date",
                               "ledger_amount": "Our ledger", "statement_amount": "Their statement", "sentence": "Why"},
                     not_on_page=("kind", "item_type", "document_date", "due_date", "line_no", "row_no", "customer_id",
                                  "statement_date", "cause")),
        result_table(PASTED_PROBLEMS, problems, name="statement_problems", functional=code, is_ordered=True,
                     title="Lines of their statement that could not be read"),
        _on_file(facts, code),
    )  # fmt: skip


def _on_file(facts: CaseFacts, code: str) -> ResultTable:
    """Their last statement that our books hold, where none came with the case."""
    rows = facts.on_file.rows if facts.on_file else CUSTOMER_RECON.empty()
    none = "" if facts.on_file else "Our books hold none, or one came with the case."
    return result_table(
        CUSTOMER_RECON, rows, name="statement_on_file", title="Their last statement on file, line by line", functional=code,
        is_ordered=True, words=spoken(rows, "kind", "item_type"), note=none,
        columns=("kind", "document_no", "reference", "statement_line_date", "currency", "ledger_amount", "statement_amount", "difference",
                 "reason", "document_date", "due_date", "item_type", "age_days", "line_no", "row_no"),
        headings={"kind": "How it stands", "reference": "Their reference", "statement_line_date": "Their date", "reason": "Why",
                  "ledger_amount": "Our ledger", "statement_amount": "Their statement"},
        not_on_page=("customer_id", "statement_date", "document_date", "due_date", "item_type", "age_days", "line_no", "row_no"),
    )  # fmt: skip


def _hints(facts: CaseFacts, code: str) -> tuple[ResultTable, ...]:
    rows = facts.hints.rows
    return (
        result_table(HINTS, rows, title="Hints", functional=code, is_ordered=True, words=spoken(rows, "kind", "confidence", "team"),
                     headings={"sentence": "What was seen", "next_step": "What to do", "amount": "At stake", "rank": "No."},
                     not_totalled=("amount",), not_on_page=("rank", "hint_id", "customer_id", "item_id", "receipt_id", "evidence", "team")),
        result_table(ROOT_CAUSES, facts.roots, title="Likely root causes", functional=code, is_ordered=True, key=("item_id", "rank"),
                     words=spoken(facts.roots, "cause", "team", "confidence"), headings={"sentence": "What speaks for it", "rank": "No."},
                     not_on_page=("evidence",)),
    )  # fmt: skip


def _people(facts: CaseFacts, code: str) -> tuple[ResultTable, ...]:
    """Disputes and promises of the customer up to the as-of date, open ones first."""
    last = pd.Timestamp(facts.scope.as_of)

    numbers = facts.book["items"].drop_duplicates("item_id").set_index("item_id")["document_no"]

    def upto(name: str, since: str) -> pd.DataFrame:
        rows = facts.book[name]
        order = ["closed_on", since, f"{name[:-1]}_id"]
        rows = rows[rows[since].le(last)].sort_values(
            order, na_position="first", kind="stable", ignore_index=True
        )
        return rows.assign(document_no=rows["item_id"].map(numbers).astype("str"))

    disputes, promises = upto("disputes", "opened_on"), upto("promises", "promised_on")
    return (
        result_table(_numbered("disputes"), disputes, name="case_disputes", title="Disputes", functional=code, is_ordered=True,
                     columns=("dispute_id", "document_no", "currency", "amount", "opened_on", "closed_on", "owner", "state", "reason",
                              "root_cause", "team", "item_id"),
                     words=spoken(disputes, "state", "reason", "root_cause", "team"), not_totalled=("amount",),
                     headings={"dispute_id": "Dispute"}, not_on_page=("team", "item_id")),
        result_table(_numbered("promises"), promises, name="case_promises", title="Promises to pay", functional=code, is_ordered=True,
                     columns=("promise_id", "document_no", "currency", "amount", "promised_on", "pay_by", "closed_on", "owner", "state",
                              "item_id"),
                     words=spoken(promises, "state"), not_totalled=("amount",),
                     headings={"promise_id": "Promise", "state": "State as recorded"},
                     not_on_page=("item_id",)),
    )  # fmt: skip


def _numbered(name: str) -> Table:
    """A canonical table with the number that people quote beside its item."""
    table = CANONICAL[name]
    return Table(name, table.one_row_is, table.key, (
        *table.columns, Column("document_no", T, "number that people quote; empty for the account"),
    ))  # fmt: skip


def _decisions(facts: CaseFacts, code: str) -> ResultTable:
    rows = facts.asked.decisions
    return result_table(
        CASE_DECISIONS, rows, title="Decisions recorded at the desk", functional=code, is_ordered=True,
        words=spoken(rows, "kind", "standing", "authentication"), not_totalled=("amount",),
        headings={"decision_id": "Decision", "at": "When", "by": "Who", "sentence": "What was decided", "text": "Why",
                  "standing": "Stands", "ended_by": "Ended by"},
        not_on_page=("currency", "amount", "receipt_id", "item_ids", "authentication"),
    )  # fmt: skip


def _timeline(facts: CaseFacts, code: str) -> ResultTable:
    rows = facts.timeline.iloc[::-1].reset_index(drop=True)
    return result_table(
        TIMELINE, rows, name="timeline", title="What happened, newest first", functional=code, is_ordered=True,
        words=spoken(rows, "kind"), not_totalled=("amount",), headings={"text": "What happened", "by": "By", "other_no": "Set off against"},
        columns=("day", "kind", "reference", "other_no", "currency", "amount", "text", "by", "at", "item_id", "source",
                 "source_id", "step"),
        not_on_page=("at", "item_id", "source", "source_id", "step"),
    )  # fmt: skip
