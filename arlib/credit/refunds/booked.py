"""Refunds in the ledger against refunds that were approved. Floor 1."""

from __future__ import annotations

from typing import Any

import pandas as pd

from arlib.credit.refunds.frames import BOOKED_REFUNDS
from arlib.ledger.facts import counted, fact_dates, of_entity
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind, ItemType, ProposalKind
from arlib.tables.rows import frame_of


def booked_refunds(book: Book, *, scope: Scope) -> pd.DataFrame:
    """Refunds booked in the period beside their approvals, and approvals not booked yet: BOOKED_REFUNDS.

    Needs ITEMS; uses APPLICATIONS and DECIDED_PROPOSALS, which hold the approvals known. An approval belongs to a refund that is
    set against the approved credit with the approved amount, each once, the earlier decision first. Both ends of the
    period are in.
    """
    items = of_entity(book["items"], scope.entity)
    days = fact_dates(items, scope.basis)
    here = counted(items, scope=scope) & days.ge(pd.Timestamp(scope.starts_on)).to_numpy(dtype=bool)
    booked = items[here & items["item_type"].eq(ItemType.REFUND.value).to_numpy(dtype=bool)]
    booked = booked.sort_values("item_id", kind="stable")
    credit_of = _credits_of(
        book, set(items.loc[items["item_type"].eq(ItemType.REFUND.value), "item_id"]), scope
    )
    known = of_entity(book["decided_proposals"], scope.entity)
    approved = known[known["kind"].eq(ProposalKind.REFUND.value) & known["decision"].eq("approve")]
    waiting = approved.sort_values(["decided_on", "proposal_id"], kind="stable").to_dict("records")
    earlier = items[
        counted(items, scope=scope)
        & ~here
        & items["item_type"].eq(ItemType.REFUND.value).to_numpy(dtype=bool)
    ]
    for row in earlier.sort_values("item_id", kind="stable").to_dict("records"):
        _take(waiting, credit_of.get(row["item_id"], set()), row)  # booked before the period
    rows: list[dict[str, Any]] = []
    for row in booked.to_dict("records"):
        found = _take(waiting, credit_of.get(row["item_id"], set()), row)
        rows.append({
            "entity": scope.entity, "item_id": row["item_id"], "proposal_id": found["proposal_id"] if found else "",
            "customer_id": row["customer_id"], "document_no": row["document_no"],
            "posting_date": row["posting_date"] if pd.notna(row["posting_date"]) else row["effective_date"],
            "currency": row["currency"], "booked": int(row["amount"]), "approved": int(found["amount"]) if found else 0,
        })  # fmt: skip
    rows += [
        {
            "entity": scope.entity, "item_id": "", "proposal_id": row["proposal_id"], "customer_id": row["customer_id"],
            "currency": row["currency"], "booked": 0, "approved": int(row["amount"]),
        }
        for row in waiting
    ]  # fmt: skip
    return frame_of(BOOKED_REFUNDS, [row | {"difference": row["booked"] - row["approved"]} for row in rows])


def _credits_of(book: Book, refunds: set[str], scope: Scope) -> dict[str, set[str]]:
    """The credits that each refund is set against, whichever side of the application it is on."""
    applications = of_entity(book["applications"], scope.entity)
    mine = applications[applications["kind"].eq(ApplicationKind.REFUND.value)]
    made: dict[str, set[str]] = {}
    for source, target in zip(mine["source_item_id"], mine["target_item_id"], strict=True):
        for one, other in ((source, target), (target, source)):
            if one in refunds:
                made.setdefault(str(one), set()).add(str(other))
    return made


def _take(
    waiting: list[dict[Any, Any]], paid_back: set[str], refund: dict[Any, Any]
) -> dict[Any, Any] | None:
    """The first approval of one of these credits over the refund's amount, taken out of those that wait."""
    for at, row in enumerate(waiting):
        if (
            row["item_id"] in paid_back
            and row["currency"] == refund["currency"]
            and int(row["amount"]) == int(refund["amount"])
        ):
            return waiting.pop(at)
    return None
