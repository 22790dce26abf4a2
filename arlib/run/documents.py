"""Documents of a sealed run, or of the books that a close file names: which, filled and named. Floor 4."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError, SourceError
from arlib.policy import Scope
from arlib.report.documents import Approved, Document
from arlib.report.documents.fill import (
    credit_note_of,
    due_diligence_of,
    one_of,
    receipt_of,
    release_of,
    revised_invoice_of,
)
from arlib.run.books import books_of_close
from arlib.run.post_approved import SealedBooks, scope_of, sealed_books
from arlib.tables.choices import ProposalKind
from arlib.tables.rows import records

if TYPE_CHECKING:
    from arlib.credit.adjustments.proposed import Adjustments
    from arlib.run.approvals import Approval
    from arlib.tables import Book

KINDS: Mapping[str, tuple[ProposalKind, ...]] = {
    "receipt": (),
    "due-diligence": (),
    "credit-note": (
        ProposalKind.CREDIT_MEMO,
        ProposalKind.REWRITE,
        ProposalKind.TAX_CORRECTION,
        ProposalKind.REBILL,
    ),
    "revised-invoice": (ProposalKind.REBILL,),
    "release": (ProposalKind.SETTLEMENT,),
}


@dataclass(frozen=True, kw_only=True)
class Named:
    """A document and the name of its file."""

    name: str
    document: Document


def receipt_from_close(path: Path, *, entity: str, receipt_id: str, dated: date | None = None) -> Named:
    """The receipt for a payment in the books that a close file names, read now."""
    books = books_of_close(path, entity=entity)
    made = receipt_of(books.book, entity=entity, receipt_id=receipt_id, dated=dated or books.scope.as_of)
    return _named("receipt", made, books.scope)


def receipt_from_run(folder: Path, *, receipt_id: str, dated: date | None = None) -> Named:
    """The receipt for a payment in the book of a sealed run."""
    books = sealed_books(folder)
    made = receipt_of(
        books.book(),
        entity=books.scope.entity,
        receipt_id=receipt_id,
        dated=dated or books.scope.as_of,
        run_id=books.run_id,
    )
    return _named("receipt", made, books.scope)


def letters(folder: Path, *, customer_id: str = "", dated: date | None = None) -> list[Named]:
    """The due-diligence letters that are to be sent in the run's books; of one owner where it is named."""
    from arlib.credit.refunds import unclaimed_of

    books = sealed_books(folder)
    book = books.book()
    found = unclaimed_of(book, scope=scope_of(books, "adjustments"), policies=books.policies)
    mine = [row for row in records(found.letters) if not customer_id or row["customer_id"] == customer_id]
    if customer_id and not mine:
        raise ParameterError("--customer", found=customer_id, wanted="an owner who is to have a letter now")
    return [
        _named(
            "due-diligence",
            due_diligence_of(
                book, row, found.property, dated=dated or books.scope.as_of, run_id=books.run_id
            ),
            books.scope,
        )
        for row in mine
    ]


def proposal_documents(
    folder: Path, kind: str, *, proposal_id: str = "", dated: date | None = None
) -> list[Named]:
    """Documents of a kind in KINDS: of the proposal named, as a draft while it waits; else of all that were approved.

    Dated by the approval, a draft by the run's as-of date, where `dated` does not say. Their parts come from the run's
    sealed book, which must lead to the sealed proposals.
    """
    from arlib.credit.adjustments.proposed import adjustments_of

    books = sealed_books(folder)
    rows = _proposals(books, kind)
    approvals = _approvals(books)
    if proposal_id:
        chosen = [one_of(rows, proposal_id)]
    else:
        chosen = [
            row for row in rows if approvals.get(row["proposal_id"], ("", None))[0] == row["facts_sha256"]
        ]
    if not chosen:
        return []
    book = books.book()
    found = adjustments_of(book, scope=scope_of(books, "adjustments"), policies=books.policies)
    again = dict(zip(found.proposals["proposal_id"], found.proposals["facts_sha256"], strict=True))
    made = []
    for row in chosen:
        if again.get(row["proposal_id"]) != row["facts_sha256"]:
            raise SourceError(
                f"{row['kind']} {row['proposal_id']}: the run's book no longer leads to the sealed proposal",
                fix="Use the version of arlib that closed the run.",
            )
        facts, approval = approvals.get(row["proposal_id"], ("", None))
        held = approval if facts == row["facts_sha256"] else None
        document = _filled(
            kind, book, row, found, _rests_on(row, books, held), dated=dated or _dated(books, held)
        )
        made.append(_named(kind, document, books.scope))
    return made


def _filled(
    kind: str, book: Book, row: Mapping[str, Any], found: Adjustments, rests_on: Approved, *, dated: date
) -> Document:
    from arlib.sources.upload.from_proposals import document_number

    entity, proposal_id = str(row["entity"]), str(row["proposal_id"])
    if kind == "release":
        settlements = found.settlements[found.settlements["proposal_id"].eq(proposal_id)]
        settlement = records(settlements)[0]
        return release_of(book, row, settlement, found.settlement_items, dated=dated, rests_on=rests_on)
    if kind == "revised-invoice":
        own = found.lines[found.lines["proposal_id"].eq(proposal_id)]
        number = document_number(entity, proposal_id, leg=own["item_id"].nunique() + 1)
        return revised_invoice_of(book, row, found.rebills, number=number, dated=dated, rests_on=rests_on)
    number = document_number(entity, proposal_id)
    return credit_note_of(book, row, found.lines, number=number, dated=dated, rests_on=rests_on)


def _proposals(books: SealedBooks, kind: str) -> list[dict[str, Any]]:
    from arlib.run.approvals import proposal_notebooks, sealed_proposals

    wanted = {each.value for each in KINDS[kind]}
    rows: list[dict[str, Any]] = []
    for notebook in proposal_notebooks(books.folder):
        frame = sealed_proposals(books.folder, notebook)
        rows += records(frame[frame["kind"].isin(wanted)])
    return rows


def _approvals(books: SealedBooks) -> dict[str, tuple[str, Approval]]:
    """By proposal: the hash of the facts that were approved, and the approval."""
    from arlib.run.approvals import approvals_of, receipts
    from arlib.run.store import open_store

    store = open_store(books.outputs, is_read_only=True)
    given = approvals_of(store, entity=books.scope.entity, known=receipts(books.outputs))
    return {one.proposal_id: (one.facts_sha256, one) for one in given if one.decision == "approve"}


def _rests_on(row: Mapping[str, Any], books: SealedBooks, held: Approval | None) -> Approved:
    if held is None:
        return Approved(proposal_id=str(row["proposal_id"]), run_id=books.run_id)
    return Approved(
        proposal_id=held.proposal_id,
        run_id=held.run_id,
        approver=held.approver,
        approved_on=held.decided_on,
        event=held.event_hash,
    )


def _dated(books: SealedBooks, held: Approval | None) -> date:
    return books.scope.as_of if held is None else held.decided_on


def _named(kind: str, document: Document, scope: Scope) -> Named:
    """The document by the entity's name in the close, and its file's: kind and number in characters that every file
    system takes.
    """
    if scope.entity_name:
        document = replace(document, issuer=replace(document.issuer, name=scope.entity_name))
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", document.number).strip("-") or "document"
    draft = "PROPOSAL_" if document.rests_on.is_draft else ""
    return Named(name=f"{draft}{kind}-{safe[:80]}.pdf", document=document)
