"""What people decided, in the tables of the book: on proposals, so that nothing is proposed or paid twice, and at the desk.
Floor 4.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.money import parse_plain
from arlib.run.approvals import approvals_of
from arlib.run.casework import with_casework
from arlib.run.post_ledger import POSTED
from arlib.run.store import FILE_NAME, Store, open_store
from arlib.run.store.database import address_from_environment
from arlib.tables import CANONICAL
from arlib.tables.rows import frame_of

if TYPE_CHECKING:
    import pandas as pd

    from arlib.tables import Book

TABLE = "decided_proposals"


def decided_proposals(store: Store, *, entity: str) -> pd.DataFrame:
    """DECIDED_PROPOSALS: the last decision on each proposal of the entity, and the batch that it was posted in.

    Raises StoreError where the chain of the store is broken.
    """
    import pandas as pd

    batches = {
        (event.body["entity"], one["proposal_id"]): event
        for event in store.events(kinds=(POSTED,), subject_prefix="ledger/")
        for one in event.body["proposals"]
    }
    rows: dict[str, dict[str, Any]] = {}
    for each in approvals_of(store, entity=entity):
        batch = batches.get((entity, each.proposal_id))
        rows[each.proposal_id] = {
            "entity": entity,
            "proposal_id": each.proposal_id,
            "kind": each.kind,
            "customer_id": each.customer_id or None,
            "item_id": each.item_id or None,
            "document_no": each.document_no or None,
            "currency": each.currency,
            "amount": parse_plain(each.amount, each.currency),
            "decision": each.decision,
            "proposed_by": each.proposer,
            "decided_by": each.approver,
            "decided_on": pd.Timestamp(each.decided_on),
            "run_id": each.run_id,
            "batch_id": batch.body["batch_id"] if batch else None,
            "posted_on": pd.Timestamp(str(batch.at)[:10]) if batch else None,
        }
    return frame_of(CANONICAL[TABLE], rows.values())


def with_decided(book: Book, store: Store | None, *, entity: str) -> Book:
    """The book with what the store holds of the entity: decisions on proposals, and what was decided at the desk.

    As it is where there is no store. Raises StoreError where the chain of the store is broken.
    """
    if store is None:
        return book
    known = replace(book, tables={**book.tables, TABLE: decided_proposals(store, entity=entity)})
    return with_casework(known, store, entity=entity)


def store_of(outputs: Path) -> Store | None:
    """The store of an output folder for reading, None where there is none yet."""
    if not address_from_environment() and not (outputs / FILE_NAME).is_file():
        return None
    return open_store(outputs, is_read_only=True)
