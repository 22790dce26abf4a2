"""What the adjustments report is made from: adjustments, refunds and unclaimed property of one entity. Floor 3."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from arlib.controls import Control, Identity
from arlib.credit.adjustments.frames import RollLine
from arlib.credit.adjustments.proposed import Adjustments, adjustments_of
from arlib.credit.decided import held_back
from arlib.credit.proposals import BLOCKED, PROPOSALS
from arlib.credit.refunds import Refunds, Unclaimed, Way, booked_refunds, refunds_of, unclaimed_of
from arlib.ledger.openitems import open_items
from arlib.money import iso_code, total
from arlib.policy import Policies, Scope
from arlib.report.tied import tied_as_one
from arlib.tables import Book
from arlib.tables.choices import DeductionState, ProposalKind

WAYS = {
    Way.REFUND: "Refund proposed", Way.HELD: "Refund held", Way.APPLY: "Apply", Way.WAIT: "Wait", Way.KEEP: "On account",
    Way.IDENTIFY: "Identify the payer", Way.UNCLAIMED: "Small, clock runs",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AdjustmentFacts:
    """Everything that the tables, charts and sentences speak of."""

    adjustments: Adjustments
    refunds: Refunds
    unclaimed: Unclaimed
    booked: pd.DataFrame  # BOOKED_REFUNDS
    proposals: pd.DataFrame  # PROPOSALS of all three
    blocked: pd.DataFrame  # BLOCKED of all three
    controls: tuple[Control, ...]
    identities: tuple[Identity, ...]


def gather(book: Book, *, scope: Scope, policies: Policies) -> AdjustmentFacts:
    """Adjustments, refunds and unclaimed property of the entity at the as-of date; raises what they raise."""
    adjustments = adjustments_of(book, scope=scope, policies=policies)
    refunds = refunds_of(book, scope=scope, policies=policies)
    paid_back = set(refunds.proposals["item_id"].dropna())
    unclaimed = unclaimed_of(book, scope=scope, policies=policies, refunding=paid_back)
    booked = booked_refunds(book, scope=scope)
    parts = (adjustments.proposals, refunds.proposals, unclaimed.proposals)
    proposals, blocked = held_back(
        PROPOSALS.typed(_joined(parts, PROPOSALS.empty())),
        BLOCKED.typed(_joined((adjustments.blocked, refunds.blocked), BLOCKED.empty())),
        book,
        scope=scope,
        open_amounts=_open_amounts(book, scope) if len(book["decided_proposals"]) else {},
    )
    numbers = Identity(
        name="proposals", left_label="proposals", left=len(proposals), right_label="different ids",
        right=int(proposals["proposal_id"].nunique()), entity=scope.entity,
    )  # fmt: skip
    return AdjustmentFacts(
        adjustments=adjustments,
        refunds=refunds,
        unclaimed=unclaimed,
        booked=booked,
        proposals=proposals,
        blocked=blocked,
        controls=(
            *_deductions_control(book, adjustments, scope),
            *_refunds_control(book, booked, scope),
        ),
        identities=(*adjustments.identities, *refunds.identities, *unclaimed.identities, numbers),
    )


def _open_amounts(book: Book, scope: Scope) -> dict[str, int]:
    owed = open_items(book, scope=scope).groupby("item_id")["outstanding"].sum()
    return {str(item): int(rest) for item, rest in owed.items()}


def _joined(parts: tuple[pd.DataFrame, ...], empty: pd.DataFrame) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    if not filled:
        return empty
    made = pd.concat(filled, ignore_index=True)
    return made.sort_values(["entity", "proposal_id"], kind="stable", ignore_index=True)


def _deductions_control(book: Book, adjustments: Adjustments, scope: Scope) -> tuple[Control, ...]:
    """The pending deductions roll from opening to closing, and closing is the list, in each currency."""
    title = "Pending deductions: opening and movements = list at the end"
    if not book.has("deductions"):
        return (Control(name="deductions", title=title, entity=scope.entity, currency=scope.functional_currency,
                        note="no deductions were given"),)  # fmt: skip
    roll, cases = adjustments.deduction_roll, adjustments.deductions
    moved = roll[roll["line"].ne(RollLine.CLOSING.value)]
    listed = cases[cases["state"].eq(DeductionState.PENDING.value)]
    made = [
        Control(
            name="deductions", title=title, entity=scope.entity, currency=code, left_label="opening and movements",
            left=total(moved.loc[moved["currency"].eq(code), "amount"]), right_label="pending deductions listed",
            right=total(listed.loc[listed["currency"].eq(code), "amount"]),
        )
        for code in sorted({*roll["currency"], *listed["currency"]})
    ]  # fmt: skip
    return tied_as_one(made, functional=scope.functional_currency)


def _refunds_control(book: Book, booked: pd.DataFrame, scope: Scope) -> tuple[Control, ...]:
    """Refunds booked in the period = approved ones, in each currency; an approval not booked yet is no difference."""
    title = "Refunds booked = refunds approved"
    if not book.has("decided_proposals"):
        return (Control(name="refunds", title=title, entity=scope.entity, currency=scope.functional_currency,
                        note="no earlier approvals are known"),)  # fmt: skip
    rows = booked[booked["item_id"].ne("")]
    made = [
        Control(
            name="refunds", title=f"{title}, {iso_code(code)}", entity=scope.entity, currency=code,
            left_label="booked in the period", left=total(mine["booked"]), right_label="of them approved",
            right=total(mine["approved"]), unexplained_count=int(mine["difference"].ne(0).sum()),
        )
        for code in sorted({*rows["currency"]}) or [scope.functional_currency]
        for mine in [rows[rows["currency"].eq(code)]]
    ]  # fmt: skip
    return tied_as_one(made, functional=scope.functional_currency)


def kinds_of(proposals: pd.DataFrame) -> list[ProposalKind]:
    """The kinds that stand among the proposals, in the order that they are declared."""
    found = set(proposals["kind"])
    return [kind for kind in ProposalKind if kind.value in found]
