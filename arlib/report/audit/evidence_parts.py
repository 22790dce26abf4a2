"""What the reports on outside evidence share: ties to the ledger, sums in words, files that were sent. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.evidence.documents import WHY
from arlib.audit.evidence.frames import LEFT_OUT
from arlib.audit.ledger.population import ledger_controls
from arlib.controls import Control
from arlib.ledger.tieout import tie_out
from arlib.money import total
from arlib.policy import Basis, Policies, Scope
from arlib.report.model import ResultTable
from arlib.report.tables import result_table
from arlib.report.tied import tied_as_one
from arlib.report.words import day_text, money_text
from arlib.tables import Book, Table

HEADINGS = {
    "document_date": "Document date",
    "due_date": "Due",
    "delivery_no": "Delivery note",
    "delivery_date": "Delivered",
    "purchase_order": "Customer's order",
    "order_no": "Our order",
    "copy_path": "Copies",
    "outstanding": "Open at the date",
    "functional_outstanding": "Open, functional",
}


def ties(
    book: Book, documents: pd.DataFrame, *, scope: Scope, policies: Policies, name: str
) -> tuple[Control, ...]:
    """Open documents against the sub-ledger's postings by currency, and the sub-ledger against the ledger by account."""
    posting = replace(scope, basis=Basis.POSTING)
    own = ledger_controls(book, documents, scope=posting, name=name) if scope.basis is Basis.POSTING else ()
    tied = tie_out(book, scope=posting, policy=policies.tie_out)
    return (*tied_as_one(own, functional=scope.functional_currency), *tied.controls)


def left_out_table(frame: pd.DataFrame, *, scope: Scope, name: str = "left_out") -> ResultTable:
    """What was tested and what was left out, by currency."""
    return table(
        LEFT_OUT, frame, name=name, title="Tested and left out, by currency", functional=scope.functional_currency,
        columns=("currency", "why", "items", "amount"), words={"why": WHY},
        headings={"amount": "Open at the date", "why": "Part of the population"}, not_totalled=(),
        note="Both together are all that is open at the date.",
    )  # fmt: skip


def table(
    declared: Table, frame: pd.DataFrame, *, columns: tuple[str, ...] = (), headings: Mapping[str, str] | None = None,
    words: Mapping[str, Mapping[str, str]] | None = None, **more: Any,
) -> ResultTable:  # fmt: skip
    """A result with the headings and words of these reports for the columns that it shows."""
    names = columns or tuple(name for name in declared.names if name != "entity")
    own = {name: said for name, said in (HEADINGS | dict(headings or {})).items() if name in names}
    spoken = {name: said for name, said in (words or {}).items() if name in names}
    return result_table(declared, frame, columns=columns, headings=own, words=spoken, **more)


def sums(rows: pd.DataFrame, column: str) -> str:
    """Totals in words: `EUR 12.00, USD 3.50`; `nothing` without a row."""
    made = {str(code): total(part[column]) for code, part in rows.groupby("currency", sort=True)}
    return ", ".join(money_text(amount, code) for code, amount in made.items()) or "nothing"


def asked(ask: Ask, *, scope: Scope, extra: Mapping[str, str]) -> dict[str, str]:
    """Who asked for what, in words, for the head of a report."""
    return {
        "Request": ask.request_id or "none",
        "Asked by": ask.asked_by or "not said",
        "Date of the question": day_text(scope.as_of),
        "Population": ask.population.words(),
        **extra,
    }


def listed(names: tuple[str, ...], *, most: int = 12) -> str:
    """Names in a sentence; of many the first, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def named_documents(rows: pd.DataFrame, *, most: int = 12) -> str:
    """Document numbers of rows in a sentence, the first of many."""
    numbers = rows["document_no"].fillna(rows["item_id"]).astype(str)
    return listed(tuple(dict.fromkeys(numbers)), most=most)
