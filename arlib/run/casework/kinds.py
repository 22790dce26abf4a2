"""Words of the events that the desk records, and the duty that each act is. Floor 4."""

from __future__ import annotations

from enum import StrEnum

from arlib.credit.authority.matrix import DUTY_OF
from arlib.matching.memory import ALIAS, CONFIRM, REJECT
from arlib.tables.choices import ProposalKind

APPROVAL = "approval."
OF_POLICY = "approval.policy"


class Act(StrEnum):
    """What a person did; the word of DECISIONS.kind."""

    NOTE = "note"
    PROMISE = "promise"
    DISPUTE = "dispute"
    SETTLE = "settle_dispute"
    APPLY = "apply"
    REJECT = "reject"
    ALIAS = "alias"
    PROPOSE = "propose"
    WITHDRAW = "withdraw"


KIND_OF = {
    Act.NOTE: "note.recorded",
    Act.PROMISE: "decision.promise",
    Act.DISPUTE: "decision.dispute",
    Act.SETTLE: "decision.settle_dispute",
    Act.APPLY: CONFIRM,
    Act.REJECT: REJECT,
    Act.ALIAS: ALIAS,
    Act.PROPOSE: "decision.propose",
    Act.WITHDRAW: "decision.withdraw",
}
ACT_OF = {kind: act for act, kind in KIND_OF.items()}

CASH_APPLICATION, COLLECTING = "cash_application", "collecting"
_DUTY = {
    Act.PROMISE: COLLECTING,
    Act.DISPUTE: COLLECTING,
    Act.SETTLE: COLLECTING,
    Act.APPLY: CASH_APPLICATION,
    Act.REJECT: CASH_APPLICATION,
    Act.ALIAS: CASH_APPLICATION,
}

# what a person may ask for at the desk; the others come from the books or a policy and are never a request
PROPOSED = tuple(
    kind.value
    for kind in (
        ProposalKind.WRITE_OFF, ProposalKind.SMALL_BALANCE, ProposalKind.CREDIT_MEMO, ProposalKind.REBILL,
        ProposalKind.REWRITE, ProposalKind.TAX_CORRECTION, ProposalKind.SETTLEMENT, ProposalKind.PLAN, ProposalKind.REFUND,
    )
)  # fmt: skip
WRITE_OFFS = (ProposalKind.WRITE_OFF.value, ProposalKind.SMALL_BALANCE.value)
NOTES = ("note", "call", "email", "letter", "escalation")


def duty_of(act: Act, proposal_kind: str = "") -> str:
    """The duty that an act is, '' for one that is free to all. Of a proposal it is that of its kind."""
    if act is Act.PROPOSE:
        return DUTY_OF.get(ProposalKind(proposal_kind), "") if proposal_kind in list(ProposalKind) else ""
    return _DUTY.get(act, "")
