"""What was decided before holds back what is proposed now: nothing is approved, written off or credited twice. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pandas as pd

from arlib.credit.proposals import BLOCKED, proposals_of
from arlib.ledger.facts import counted, of_entity
from arlib.money import iso_code, shown
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind, ProposalKind
from arlib.tables.rows import Row, frame_of, records

LOWERING = frozenset(
    kind.value
    for kind in (
        ProposalKind.WRITE_OFF, ProposalKind.SMALL_BALANCE, ProposalKind.CREDIT_MEMO, ProposalKind.REBILL,
        ProposalKind.DEDUCTION, ProposalKind.REWRITE, ProposalKind.TAX_CORRECTION, ProposalKind.SETTLEMENT,
    )
)  # fmt: skip
ABOVE_OPEN = frozenset(
    {ProposalKind.REBILL.value, ProposalKind.TAX_CORRECTION.value}
)  # may credit what was paid too
CASH = (ApplicationKind.PAYMENT.value, ApplicationKind.PREPAYMENT.value, ApplicationKind.RETURN.value)


def held_back(
    proposals: pd.DataFrame,
    blocked: pd.DataFrame,
    book: Book,
    *,
    scope: Scope,
    open_amounts: Mapping[str, int],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """PROPOSALS that are still to be decided, and BLOCKED with those that earlier decisions forbid.

    The same proposal, approved or rejected before, is blocked; one that was asked about stays, with a caution. A proposal
    that lowers an item's debt is blocked too where it does not fit into what is open on the item (`open_amounts`, minor
    units) less the other approvals on it that the ledger does not show yet. An approval shows as far as credits other
    than cash were set against the item on or after the day of the decision. Needs DECIDED_PROPOSALS, APPLICATIONS.
    """
    known = of_entity(book["decided_proposals"], scope.entity)
    if known.empty or proposals.empty:
        return proposals, blocked
    decided: dict[str, Row] = {str(row["proposal_id"]): row for row in records(known)}
    by_item: dict[str, list[Row]] = defaultdict(list)
    for row in decided.values():
        if row["decision"] == "approve" and row["kind"] in LOWERING and isinstance(row["item_id"], str):
            by_item[row["item_id"]].append(row)
    booked = _booked(book, set(by_item), scope=scope)
    kept, stopped = [], []
    for row in records(proposals):
        same = decided.get(str(row["proposal_id"]))
        others = [
            one for one in by_item.get(str(row["item_id"]), []) if one["proposal_id"] != row["proposal_id"]
        ]
        if same is not None and same["decision"] != "ask":
            word = "already_approved" if same["decision"] == "approve" else "already_rejected"
            stopped.append({**row, "blocked_by": word, "blocked_because": _sentence(same)})
        elif row["kind"] in LOWERING - ABOVE_OPEN and (
            why := _does_not_fit(row, others, booked, open_amounts)
        ):
            stopped.append({**row, "blocked_by": "approved_before", "blocked_because": why})
        else:
            asked = "" if same is None else f"{_sentence(same)} "
            said = row["caution"] if isinstance(row["caution"], str) else ""
            kept.append({**row, "caution": f"{asked}{said}".strip()})
    return proposals_of(kept), frame_of(BLOCKED, [*records(blocked), *stopped])


def _does_not_fit(
    row: Row,
    others: Sequence[Row],
    booked: Mapping[str, Sequence[tuple[pd.Timestamp, int]]],
    open_amounts: Mapping[str, int],
) -> str:
    """Why a proposal does not fit beside earlier approvals on its item, '' where it does."""
    if not others:
        return ""
    item = str(row["item_id"])
    first = min(one["decided_on"] for one in others)
    shows = sum(amount for day, amount in booked.get(item, ()) if day >= first)
    waiting = max(sum(int(one["amount"]) for one in others) - shows, 0)
    if not waiting or int(row["amount"]) <= open_amounts.get(item, 0) - waiting:
        return ""
    named = " ".join(_sentence(one, is_other=True) for one in others)
    left = f"{iso_code(str(row['currency']))} {shown(waiting, str(row['currency']))}"
    return f"{named} The ledger does not show {left} of it yet: book that first, or have it taken back."


def _booked(book: Book, items: set[str], *, scope: Scope) -> Mapping[str, Sequence[tuple[pd.Timestamp, int]]]:
    """By item: day and amount of what was set against it other than cash, by the as-of date."""
    rows = of_entity(book["applications"], scope.entity)
    rows = rows[counted(rows, scope=scope)]
    mine = rows[rows["target_item_id"].isin(items) & ~rows["kind"].isin(CASH)]
    made: dict[str, list[tuple[pd.Timestamp, int]]] = defaultdict(list)
    days = mine["posting_date"].fillna(mine["effective_date"])
    sums = mine["target_amount"] + mine["discount"].fillna(0)
    for item, day, amount in zip(mine["target_item_id"], days, sums, strict=True):
        made[str(item)].append((day, int(amount)))
    return made


def _sentence(row: Row, *, is_other: bool = False) -> str:
    """A decision in words, with the batch that it went out in."""
    did = {"approve": "approved", "reject": "rejected", "ask": "asked about"}[str(row["decision"])]
    who = f" by {row['decided_by']}" if isinstance(row["decided_by"], str) and row["decided_by"] else ""
    amount = f"{iso_code(str(row['currency']))} {shown(int(row['amount']), str(row['currency']))}"
    name = f"{row['proposal_id']} of {amount} on this item was {did}"
    said = f"{name if is_other else did.capitalize()}{who} on {row['decided_on']:%Y-%m-%d}"
    if row["decision"] != "approve":
        return f"{said}."
    batch = row["batch_id"]
    return f"{said}, {f'posted in batch {batch}' if isinstance(batch, str) and batch else 'not posted yet'}."
