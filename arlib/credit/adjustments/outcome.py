"""The rows that each kind of adjustment hands over, and the making of one. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from arlib.credit.adjustments.frames import Part
from arlib.credit.adjustments.ledger_view import Item, Row, View
from arlib.credit.adjustments.split import Parts
from arlib.credit.proposals import proposal_id
from arlib.money import is_currency
from arlib.policy.adjustment import NatureCoding, Role
from arlib.tables.choices import ProposalKind


class Fault(NamedTuple):
    """What forbids a proposal: one machine word, and a sentence that cites the record."""

    word: str
    because: str


@dataclass(frozen=True)
class Outcome:
    """Rows of proposals, of what is blocked, and of the detail tables by their name in DETAILS."""

    proposals: list[Row] = field(default_factory=list)
    blocked: list[Row] = field(default_factory=list)
    details: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, other: Outcome) -> None:
        """Take in the rows of another."""
        self.proposals.extend(other.proposals)
        self.blocked.extend(other.blocked)
        for name, rows in other.details.items():
            self.details.setdefault(name, []).extend(rows)

    def detail(self, name: str, *rows: Row) -> None:
        """Add rows to a detail table."""
        self.details.setdefault(name, []).extend(rows)


def row_of(
    view: View,
    kind: ProposalKind,
    *,
    item: Item | None,
    customer_id: str,
    currency: str,
    amount: int,
    tax: int | None = None,
    functional: int | None = None,
    reason: str,
    rule: str,
    evidence: str,
    source: str,
    requested_by: str = "",
    caution: Sequence[str] = (),
    decide_by: date | None = None,
) -> Row:
    """A row of PROPOSALS without its hash. `source` is the request, deduction or return that it comes from.

    The id hangs on source, item, customer, currency, amount and reason, and on no date.
    """
    code = view.customer(customer_id)
    due = item.due_date if item else None
    known = view.customers.get(code) or view.customers.get(customer_id) or {}
    return {
        "proposal_id": proposal_id(
            kind, view.scope.entity, source, item.item_id if item else "", code, currency, amount, reason
        ),
        "entity": view.scope.entity,
        "kind": kind.value,
        "customer_id": code,
        "customer_name": known.get("name"),
        "item_id": item.item_id if item else None,
        "document_no": item.document_no if item else None,
        "currency": currency,
        "amount": amount,
        "tax_amount": tax,
        "functional_amount": view.functional(item, amount, currency) if functional is None else functional,
        "due_date": due,
        "days_past_due": (view.scope.as_of - due).days if due else None,
        "reason": reason,
        "rule": rule,
        "evidence": evidence,
        "caution": " ".join(caution),
        "decide_by": decide_by,
        "requested_by": requested_by,
    }


def blocked_row(row: Row, faults: Sequence[Fault]) -> Row:
    """The row of BLOCKED of a proposal that may not be made."""
    return row | {
        "blocked_by": "|".join(fault.word for fault in faults),
        "blocked_because": " ".join(fault.because for fault in faults),
    }


def blocked_request(view: View, request: Row, faults: Sequence[Fault], rule: str) -> Row:
    """The row of BLOCKED of a request that could not be read: what it says, nothing worked out.

    An amount in something that is no currency cannot be shown as money: it stands as 0 of the books' currency.
    """
    named = request["currency"] or ""
    is_money = is_currency(named)
    made = row_of(
        view,
        ProposalKind(request["kind"]),
        item=view.items.get(request["item_id"] or ""),
        customer_id=request["customer_id"] or "",
        currency=named if is_money else view.scope.functional_currency,
        amount=(request["amount"] or 0) if is_money else 0,
        tax=request["tax_amount"] if is_money else None,
        reason=request["reason"] or "",
        rule=rule,
        evidence=evidence_of(request),
        source=f"request {request['request_id']}",
        requested_by=request["requested_by"] or "",
    )
    return blocked_row(made, faults)


def evidence_of(request: Row) -> str:
    """What a request says in its support."""
    words = [f"Request {request['request_id']} of {request['requested_on']:%Y-%m-%d}."]
    if request["evidence"]:
        words.append(f"Document: {request['evidence']}.")
    if request["text"]:
        words.append(f"Says: {request['text']}")
    return " ".join(words)


def lines_of(row: Row, parts: Parts, coding: NatureCoding) -> list[Row]:
    """ADJUSTMENT_LINES of a proposal: what it debits, part by part; parts of zero have no line."""
    is_loss = coding.net_role is Role.CREDIT_LOSS
    roles = (
        (Part.NET, coding.net_role, parts.net),
        (Part.TAX, coding.net_role if is_loss else Role.TAX, parts.tax),
        (Part.FREIGHT, coding.net_role if is_loss else Role.FREIGHT, parts.freight),
    )
    named = [entry for entry in roles if entry[2]]
    return [
        {
            "entity": row["entity"],
            "proposal_id": row["proposal_id"],
            "line_no": number,
            "kind": row["kind"],
            "item_id": row["item_id"],
            "part": part.value,
            "nature": coding.nature.value,
            "role": role.value,
            "reverses_revenue": coding.reverses_revenue and part is not Part.TAX,
            "currency": row["currency"],
            "amount": amount,
        }
        for number, (part, role, amount) in enumerate(named, start=1)
    ]
