"""What a proposal's amount is made of: its legs, and the roles that each debits. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from arlib.credit.adjustments.frames import RebillLine
from arlib.credit.posting.frames import Action
from arlib.credit.posting.roles import Role
from arlib.credit.posting.rules import PostingRules, TaxOnWriteOff, WriteOffTo
from arlib.policy.adjustment import AdjustmentPolicy, CreditNature
from arlib.policy.adjustment import Role as CreditRole
from arlib.tables.choices import ProposalKind
from arlib.tables.rows import whole

if TYPE_CHECKING:
    import pandas as pd

Parts = list[tuple[Role, int]]
CREDITS = (ProposalKind.CREDIT_MEMO, ProposalKind.REBILL, ProposalKind.REWRITE, ProposalKind.TAX_CORRECTION)
CODED = (*CREDITS, ProposalKind.DEDUCTION, ProposalKind.SETTLEMENT)
COUNTER = {
    ProposalKind.REFUND: Role.REFUND_CLEARING,
    ProposalKind.UNCLAIMED: Role.UNCLAIMED_PROPERTY,
    ProposalKind.CONTRA: Role.PAYABLE,
    ProposalKind.SMALL_BALANCE: Role.TOLERANCE,
}


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One posting of a proposal: the roles against the customer, debits positive."""

    action: Action
    parts: Parts
    item_id: str = ""  # item that falls by it; '' for a new document, or the ledger alone
    customer_id: str = ""  # where it is another than the proposal's


@dataclass(kw_only=True)
class Coded:
    """What the lines of one proposal say: what is credited by item, what is billed again, what is moved."""

    credited: dict[str, Parts] = field(default_factory=lambda: defaultdict(list))
    billed: Parts = field(default_factory=list)
    billed_to: str = ""
    moved: list[tuple[str, str, int]] = field(default_factory=list)  # customer, item, effect on receivables

    @property
    def total(self) -> int:
        """All that is credited."""
        return sum(value for parts in self.credited.values() for _, value in parts)


def coded_of(lines: pd.DataFrame | None, rebills: pd.DataFrame | None) -> dict[tuple[str, str], Coded]:
    """ADJUSTMENT_LINES and REBILL_LINES by (entity, proposal)."""
    made: dict[tuple[str, str], Coded] = defaultdict(Coded)
    for row in _records(lines):
        role = Role.BAD_DEBT if row["role"] == CreditRole.CREDIT_LOSS else Role(row["role"])
        item = row["item_id"] if isinstance(row["item_id"], str) else ""
        made[row["entity"], row["proposal_id"]].credited[item].append((role, int(row["amount"])))
    for row in _records(rebills):
        held, value = made[row["entity"], row["proposal_id"]], int(row["amount"])
        if row["line"] == RebillLine.INVOICE:
            of = {Role.TAX: whole(row["tax_amount"]), Role.FREIGHT: whole(row["freight_amount"])}
            held.billed += some((Role.REVENUE, value - sum(of.values())), *of.items())
            held.billed_to = row["customer_id"]
        elif row["line"] != RebillLine.CREDIT:
            is_old = row["line"] == RebillLine.PAYMENT_OUT
            held.moved.append((row["customer_id"], row["item_id"] if is_old else "", value))
    return dict(made)


def legs_of(
    row: Mapping[str, Any],
    coded: Coded | None,
    *,
    rules: PostingRules,
    policy: AdjustmentPolicy,
    claimable: Collection[tuple[str, str]],
) -> list[Leg]:
    """The legs of a proposal; none for a payment arrangement, which books nothing."""
    kind, amount, tax = ProposalKind(row["kind"]), int(row["amount"]), whole(row["tax_amount"])
    item = row["item_id"]
    if kind is ProposalKind.PLAN:
        return []
    if kind is ProposalKind.ALLOWANCE:
        return [Leg(action=Action.JOURNAL, parts=[(Role.BAD_DEBT, amount), (Role.ALLOWANCE, -amount)])]
    if kind is ProposalKind.FEE:
        return [Leg(action=Action.INVOICE, parts=some((Role.FEE_INCOME, tax - amount), (Role.TAX, -tax)))]
    if kind in COUNTER:
        sign = -1 if kind in (ProposalKind.REFUND, ProposalKind.UNCLAIMED) else 1
        return [Leg(action=Action.ADJUSTMENT, item_id=item, parts=[(COUNTER[kind], sign * amount)])]
    if kind is ProposalKind.WRITE_OFF:
        is_tax = rules.tax_on_write_off is TaxOnWriteOff.ALWAYS or (
            rules.tax_on_write_off is TaxOnWriteOff.CLAIMABLE
            and (row["entity"], row["proposal_id"]) in claimable
        )
        own = tax if is_tax else 0
        return [Leg(action=Action.ADJUSTMENT, item_id=item,
                    parts=some((_loss(rules), amount - own), (Role.TAX, own)))]  # fmt: skip
    if coded is None or not coded.credited:
        net = _net_role(kind, row["reason"], policy)
        own = amount if kind is ProposalKind.TAX_CORRECTION else tax
        coded = Coded(credited={item: some((net, amount - own), (Role.TAX, own))})
    if kind not in CREDITS:
        return [
            Leg(action=Action.ADJUSTMENT, item_id=of or item, parts=parts)
            for of, all_parts in sorted(coded.credited.items())
            for parts in _apart(all_parts, rules)
        ]
    made = [
        Leg(action=Action.CREDIT_MEMO, item_id=of or item, parts=_joined(parts))
        for of, parts in sorted(coded.credited.items())
    ]
    if coded.billed:
        again = [(role, -value) for role, value in coded.billed]
        made.append(Leg(action=Action.INVOICE, customer_id=coded.billed_to, parts=again))
    made += [Leg(action=Action.TRANSFER, item_id=of, customer_id=who, parts=[(Role.RECEIVABLE, value)])
             for who, of, value in coded.moved]  # fmt: skip
    return made


def _net_role(kind: ProposalKind, reason: str, policy: AdjustmentPolicy) -> Role:
    nature = policy.nature_of(reason)
    if nature is None:
        return Role.REVENUE if kind is ProposalKind.REWRITE else Role.ADJUSTMENT
    return Role.BAD_DEBT if nature is CreditNature.CREDIT_LOSS else Role(policy.coding_of(nature).net_role)


def _apart(parts: Parts, rules: PostingRules) -> list[Parts]:
    """A loss and a concession are two postings; tax goes with the concession, where there is one."""
    losses: Parts = [(_loss(rules), value) for role, value in _joined(parts) if role is Role.BAD_DEBT]
    others: Parts = [(role, value) for role, value in _joined(parts) if role is not Role.BAD_DEBT]
    is_one = not losses or all(role is Role.TAX for role, _ in others)
    return [[*losses, *others]] if is_one else [others, losses]


def _joined(parts: Parts) -> Parts:
    """One part for each role, in the order in which they came."""
    made: dict[Role, int] = defaultdict(int)
    for role, value in parts:
        made[role] += value
    return some(*made.items())


def _loss(rules: PostingRules) -> Role:
    return Role.ALLOWANCE if rules.write_off_to is WriteOffTo.ALLOWANCE else Role.BAD_DEBT


def some(*parts: tuple[Role, int]) -> Parts:
    """The parts that are not nothing."""
    return [(role, value) for role, value in parts if value]


def _records(frame: pd.DataFrame | None) -> list[dict[Any, Any]]:
    if frame is None or not len(frame):
        return []
    return frame.sort_values(["entity", "proposal_id", "line_no"], kind="stable").to_dict("records")
