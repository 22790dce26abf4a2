"""What a credit is judged by, and the rows of proposals and of what is blocked. Floor 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from arlib.credit.proposals import proposal_id
from arlib.credit.refunds.blocks import Block, Blocks
from arlib.credit.refunds.credits import OpenCredits
from arlib.credit.refunds.frames import text_of
from arlib.credit.refunds.payee import Payee, Payees
from arlib.credit.refunds.requests import Request
from arlib.money import divide, iso_code, minor_places, shown
from arlib.policy import RefundPolicy, Scope
from arlib.tables.choices import CASH_TYPES, ItemType, ProposalKind


@dataclass(frozen=True)
class Desk:
    """Everything that one credit is judged by."""

    found: OpenCredits
    owed: Mapping[tuple[str, str], int]
    blocks: Blocks
    payees: Payees
    decided: Mapping[str, list[Mapping[str, Any]]]  # by item
    policy: RefundPolicy
    scope: Scope


def proposal_row(
    credit: Mapping[str, Any], request: Request | None, payee: Payee, desk: Desk
) -> dict[str, Any]:
    """The PROPOSALS row of a refund, all but its caution; what a request asks for, else the whole credit."""
    currency, whole = str(credit["currency"]), int(credit["amount"])
    amount = request.amount if request and request.amount else whole
    carried = credit["functional_amount"]
    rule = (
        f"asked for by {request.requested_by} on {request.requested_on:%Y-%m-%d}"
        if request
        else f"credits open for {desk.policy.min_days_open} days or more, of customers who owe nothing, go back"
    )
    said = [
        f"{_words(credit)} {text_of(credit, 'document_no')} of {credit['document_date']:%Y-%m-%d}, "
        f"{money(whole, currency)} open",
        payee.evidence,
        f"request {request.request_id}" if request else "",
        f"evidence {request.evidence}" if request and request.evidence else "",
    ]
    return {
        "proposal_id": proposal_id(ProposalKind.REFUND, desk.scope.entity, credit["item_id"], currency, amount),
        "entity": desk.scope.entity, "kind": ProposalKind.REFUND.value, "customer_id": credit["customer_id"],
        "customer_name": credit["name"], "item_id": credit["item_id"], "document_no": credit["document_no"],
        "currency": currency, "amount": amount,
        "functional_amount": pd.NA if pd.isna(carried) else divide(int(carried) * amount, whole),
        "reason": request.reason if request else _reason(credit), "rule": rule,
        "evidence": "; ".join(part for part in said if part), "payee_account": payee.account or None,
        "payee_name": payee.name or None, "requested_by": request.requested_by if request else None,
    }  # fmt: skip


def caution(
    credit: Mapping[str, Any],
    request: Request | None,
    payee: Payee,
    soft: list[Block],
    owed: int,
    desk: Desk,
) -> str | None:
    """What an approver should weigh, in words; None where nothing speaks against the refund."""
    currency = str(credit["currency"])
    said = [sentence for _, sentence in soft]
    if owed and request is not None:
        said.append(f"{money(owed, currency)} of the customer is open in the same currency: apply first")
    if request is not None and is_small(credit, desk):
        said.append("below the policy's minimum")
    if request is not None and int(credit["days_open"]) < desk.policy.min_days_open:
        said.append(f"open for {int(credit['days_open'])} days only")
    if request is not None and str(credit["item_type"]) == ItemType.PREPAYMENT.value:
        said.append("a prepayment: check that nothing is owed against it")
    said.append(payee.caution)
    return "; ".join(part for part in said if part) or None


def request_blocked(
    request: Request, word: str, said: str, desk: Desk, credit: Mapping[str, Any] | None,
    *, kind: ProposalKind = ProposalKind.REFUND,
) -> dict[str, Any]:  # fmt: skip
    """A BLOCKED row of a request that is wrong in itself or comes a second time."""
    known = credit or {}
    amount = request.amount or int(known.get("amount", 0) or 0)
    currency = request.currency or desk.scope.functional_currency
    return {
        "proposal_id": proposal_id(kind, desk.scope.entity, request.item_id, currency, amount, request.request_id),
        "entity": desk.scope.entity, "kind": kind.value, "customer_id": request.customer_id or None,
        "customer_name": known.get("name"), "item_id": request.item_id or None, "document_no": known.get("document_no"),
        "currency": currency, "amount": amount, "reason": request.reason,
        "rule": f"asked for by {request.requested_by or 'nobody named'}", "evidence": f"request {request.request_id}",
        "payee_account": request.payer_account or None, "requested_by": request.requested_by or None,
    } | why([(word, said)])  # fmt: skip


def why(blocks: Iterable[Block]) -> dict[str, str]:
    """The two columns of BLOCKED that say what forbids it, each word once."""
    kept = dict(blocks)
    return {"blocked_by": "|".join(kept), "blocked_because": "; ".join(kept.values())}


def is_small(credit: Mapping[str, Any], desk: Desk) -> bool:
    """Whether a credit is below the policy's minimum of its currency."""
    currency = str(credit["currency"])
    least = desk.policy.minimum(iso_code(currency)) * Decimal(10) ** minor_places(currency)
    return int(credit["amount"]) < least


def _reason(credit: Mapping[str, Any]) -> str:
    is_cash = str(credit["item_type"]) in [kind.value for kind in CASH_TYPES]
    if is_cash and -int(credit["document_amount"]) == int(credit["amount"]):
        return "unapplied_cash"
    return "open_credit" if str(credit["item_type"]) == ItemType.CREDIT_MEMO.value else "overpayment"


def _words(credit: Mapping[str, Any]) -> str:
    return str(credit["item_type"]).replace("_", " ")


def money(minor: int, currency: str) -> str:
    """An amount for a sentence: `USD 1,234.50`."""
    return f"{iso_code(currency)} {shown(minor, currency)}"
