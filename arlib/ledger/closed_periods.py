"""What was entered into a period after its close. Floor 1: both sides of the ledger in, a list out."""

from __future__ import annotations

import pandas as pd

from arlib.ledger.facts import of_entity
from arlib.ledger.frames_control import LATE_POSTINGS
from arlib.ledger.general_ledger import ledger_lines
from arlib.ledger.postings import subledger_postings
from arlib.policy import Scope
from arlib.tables import Book


def closed_period_postings(
    book: Book, *, scope: Scope, ledger: str = "primary", postings: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Entries of both sides posted to a closed period after its close, and since the period before this was
    closed.

    An entry made at the very instant of closing was in time. What earlier closes already reported (entered
    before the previous period was closed) is not listed again. Entries made after a period was reopened are
    listed too, and marked. An entry without an entry time cannot be judged and is left out; see `can_tell`.
    `postings` are the scope's POSTINGS up to the as-of date, where they are in hand.
    Needs PERIODS, ITEMS, APPLICATIONS, GL_LINES; returns LATE_POSTINGS, by side, date and document.
    """
    closed = of_entity(book["periods"], scope.entity)
    closed = closed[closed["closed_at"].notna().to_numpy(dtype=bool)].sort_values("starts_on")
    if closed.empty:
        return LATE_POSTINGS.empty()
    ours = subledger_postings(book, scope=scope) if postings is None else postings
    lines = ledger_lines(book, scope=scope, ledger=ledger)
    lines = lines[lines["is_posted"] & (lines["date"] <= pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)]
    theirs = lines.rename(
        columns={
            "document": "document_no",
            "journal_lines": "posting_id",
            "source": "kind",
            "amount": "functional_amount",
            "document_amount": "amount",
        }
    )
    columns = [
        "posting_id",
        "account",
        "document_no",
        "customer_id",
        "date",
        "entered_at",
        "user",
        "kind",
        "currency",
        "amount",
        "functional_amount",
    ]
    found = [
        _late(
            rows[columns].assign(entity=scope.entity, side=side),
            closed,
            since=last_close(closed, scope=scope),
        )
        for side, rows in (("sub_ledger", ours), ("general_ledger", theirs))
    ]
    made = [frame for frame in found if len(frame)]
    if not made:
        return LATE_POSTINGS.empty()
    rows = pd.concat(made, ignore_index=True)
    return rows.sort_values(["side", "date", "document_no", "posting_id"], kind="stable", ignore_index=True)


def can_tell(book: Book, *, scope: Scope) -> bool:
    """Whether late entries can be found at all: a close has a time, and the sub-ledger keeps entry times."""
    periods, items = of_entity(book["periods"], scope.entity), of_entity(book["items"], scope.entity)
    return bool(periods["closed_at"].notna().any() and items["entered_at"].notna().any())


def last_close(closed: pd.DataFrame, *, scope: Scope) -> pd.Timestamp | None:
    """When the period before this one was closed; None when none was."""
    before = closed[(closed["ends_on"] < pd.Timestamp(scope.starts_on)).to_numpy(dtype=bool)]
    return None if before.empty else pd.Timestamp(before.iloc[-1]["closed_at"])


def _late(rows: pd.DataFrame, closed: pd.DataFrame, *, since: pd.Timestamp | None) -> pd.DataFrame:
    rows = rows[rows["entered_at"].notna().to_numpy(dtype=bool)].sort_values("date", kind="stable")
    periods = closed[["period", "starts_on", "ends_on", "closed_at", "reopened_at"]]
    within = pd.merge_asof(rows, periods, left_on="date", right_on="starts_on")
    late = (within["date"] <= within["ends_on"]) & (within["entered_at"] > within["closed_at"])
    if since is not None:
        late &= within["entered_at"] > since
    within = within.assign(
        is_reopened=within["reopened_at"].notna() & (within["entered_at"] >= within["reopened_at"])
    )
    return LATE_POSTINGS.typed(within[late.to_numpy(dtype=bool)]).reset_index(drop=True)
