"""The book of a case: as the desk saw it, with what was decided since, and of other customers nothing. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError
from arlib.run.audit.running import inputs_of
from arlib.run.cases.asking import decided
from arlib.run.history import carried_forward, standing, with_carried

if TYPE_CHECKING:
    from arlib.run.cases.model import CaseFile
    from arlib.run.plan import ClosePlan
    from arlib.run.storeindex import StoreIndex
    from arlib.tables import Book

SEALED = "sealed"
MOST_NAMED = 10  # ids that one message names


@dataclass(frozen=True, kw_only=True, eq=False)
class CaseBook:
    """The narrow book of a case, what it was read from, and the decisions that concern it."""

    book: Book
    inputs: tuple[Mapping[str, object], ...]
    decisions: Mapping[str, Any]
    recorded: list[dict[str, Any]]  # the same as the report lists them
    of: str


def book_of(case: CaseFile, plan: ClosePlan, index: StoreIndex) -> CaseBook:
    """The book that the case names, of its customer alone.

    Raises ParameterError for a customer or run that is not there and for what `require_own` refuses, SourceError for a
    run that is not as it was sealed, and what reading extracts raises.
    """
    from arlib.report.case_file.narrow import narrowed

    whole, of = _sealed(case, plan) if case.run else _read(case, plan)
    book = narrowed(index.with_decided(whole, case.entity), case.customer_id)
    require_own(case, book)
    recorded = decided(index.store, case, book, plan) if index.store is not None else []
    kept = concerning(case, index.decisions(case.entity), {str(row["decision_id"]) for row in recorded})
    return CaseBook(book=book, inputs=inputs_of(book), decisions=kept, recorded=recorded, of=of)


def require_own(case: CaseFile, book: Book) -> None:
    """Refuse a case whose receipt or items have nothing to do with its customer.

    `book` is the customer's: a receipt or item of another account is in it where an application joins the two. Raises
    ParameterError that names all of them.
    """
    named = [
        ("receipts", "receipt_id", [case.receipt_id] if case.receipt_id else []),
        ("items", "item_id", case.items),
    ]
    strange = [
        f"{column.removesuffix('_id')} {code}"
        for table, column, asked in named
        for code in dict.fromkeys(asked)
        if not book[table][column].eq(code).any()
    ]
    if strange:
        raise ParameterError(
            f"not of customer {case.customer_id}",
            where=f"case {case.id}",
            found=", ".join(strange[:MOST_NAMED])
            + (f" and {len(strange) - MOST_NAMED:,} more" if len(strange) > MOST_NAMED else ""),
            wanted=f"receipts and items of {case.entity} {case.customer_id}, or what paid them",
            fix="Leave it out, or write the case of the customer that it belongs to.",
        )


def concerning(case: CaseFile, decisions: Mapping[str, Any], recorded: set[str]) -> dict[str, Any]:
    """Of a snapshot of the store, the decisions on the customer of the case; the head stays the store's own."""
    from arlib.run.casework.decision import PREFIX

    events = [
        event
        for event in decisions["events"]
        if f"{PREFIX}{event['seq']}" in recorded or event["body"].get("customer_id") == case.customer_id
    ]
    return {**decisions, "events": events}


def _read(case: CaseFile, plan: ClosePlan) -> tuple[Book, str]:
    from arlib.sources import load_book

    whole = load_book(
        plan.sources, root=plan.root, entities=tuple(plan.functional), functional=plan.functional
    )
    carried = carried_forward(plan.outputs, entity=case.entity, previous=plan.previous_period())
    return with_carried(whole.for_entity(case.entity), carried), f"extracts named by {plan.close_file}"


def _sealed(case: CaseFile, plan: ClosePlan) -> tuple[Book, str]:
    from arlib.run.post_approved import sealed_books

    home = plan.outputs / plan.period / case.entity
    stands = standing(plan.outputs, entity=case.entity, period=plan.period) if case.run == SEALED else None
    folder = stands.folder if stands else home / case.run
    if not folder.is_dir() or folder.parent != home:
        raise ParameterError(
            "run",
            where=f"case {case.id}",
            found=case.run,
            wanted=f"a sealed run of {case.entity} {plan.period}",
            fix=f"Close {plan.period} first, or leave `run` out to read the extracts now.",
        )
    books = sealed_books(folder)
    return books.book(), f"sealed run {books.run_id}"
