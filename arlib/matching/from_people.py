"""What people decided, out of a book: applications, turned-down proposals, and payers that they know. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from arlib.ledger.facts import of_entity
from arlib.matching.inputs import MatchInputs
from arlib.matching.person import DECIDED
from arlib.matching.placements import placements

if TYPE_CHECKING:
    from arlib.policy import Scope
    from arlib.tables import Book


def with_people(
    inputs: MatchInputs, books: Mapping[str, tuple[Book, Scope]], *, is_open: bool = True
) -> MatchInputs:
    """The inputs with what people decided up to now; nothing else is read again.

    `books` has each entity's book with its scope. Uses DECIDED_APPLICATIONS (only where `is_open`: receipts that are placed again
    are placed as if nothing had been decided), REJECTED_MATCHES and PAYER_ALIASES, up to the day as of which the books are known
    where the scope has one. What nobody decided is None.
    """

    def all_of(name: str) -> pd.DataFrame | None:
        found = [rows for book, scope in books.values() if len(rows := _known(book, name, scope))]
        return pd.concat(found, ignore_index=True) if found else None

    decided = [_decided(book, scope) for book, scope in books.values()] if is_open else []
    filled = [rows for rows in decided if len(rows)]
    return replace(
        inputs,
        decided=pd.concat(filled, ignore_index=True) if filled else None,
        rejected=all_of("rejected_matches"),
        aliases=all_of("payer_aliases"),
    )


def _known(book: Book, name: str, scope: Scope) -> pd.DataFrame:
    rows = of_entity(book[name], scope.entity)
    if scope.known_at is None:
        return rows
    return rows[(rows["decided_on"] <= pd.Timestamp(scope.known_at)).to_numpy(dtype=bool)].reset_index(
        drop=True
    )


def not_booked(book: Book, scope: Scope) -> pd.DataFrame:
    """DECIDED of one entity, without what the ledger has booked as it was decided. Tables and days as in `with_people`."""
    rows = _decided(book, scope)
    is_booked = rows["ledger_amount"].eq(rows["applied_amount"]).fillna(False).to_numpy(dtype=bool)
    return rows[~is_booked].reset_index(drop=True)


def _decided(book: Book, scope: Scope) -> pd.DataFrame:
    """DECIDED of one entity: each decided application beside what the ledger made of it since."""
    rows = _known(book, "decided_applications", scope)
    if not len(rows):
        return DECIDED.empty()
    ledger = of_entity(book["receipts"], scope.entity)
    links = placements(book, ledger[ledger["receipt_id"].isin(rows["receipt_id"])], scope=scope)
    links = links[["receipt_id", "item_id", "applied_amount"]].rename(
        columns={"applied_amount": "ledger_amount"}
    )
    return DECIDED.typed(rows.merge(links, on=["receipt_id", "item_id"], how="left", validate="one_to_one"))
