"""Tax charged to an exempt customer: the tax part given back where the certificate held at the invoice. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence

from arlib.credit.adjustments.ledger_view import Item, Row, View
from arlib.credit.adjustments.outcome import (
    Fault,
    Outcome,
    blocked_request,
    blocked_row,
    evidence_of,
    lines_of,
    row_of,
)
from arlib.credit.adjustments.requests import hold_faults, over_credit, request_faults
from arlib.credit.adjustments.split import Parts
from arlib.errors import shown as quoted
from arlib.money import shown
from arlib.policy.adjustment import CreditNature
from arlib.tables.choices import ProposalKind

RULE = "tax of an exempt customer"
REASON = "tax_exempt"


def certificate_faults(view: View, item: Item, certificate: Row) -> list[Fault]:
    """Why a certificate does not free an invoice from tax; nothing where it does.

    It must be valid on the date of the invoice, both its ends included, be received by the as-of date, and be of the
    customer's country or subdivision, or of none.
    """
    number, day, faults = quoted(certificate["certificate_no"]), item.document_date, []
    if day < certificate["valid_from"]:
        because = f"Certificate {number} begins on {certificate['valid_from']:%Y-%m-%d}, after the invoice of {day:%Y-%m-%d}."
        faults.append(Fault("certificate_later", because))
    if certificate["valid_to"] and day > certificate["valid_to"]:
        because = f"Certificate {number} ended on {certificate['valid_to']:%Y-%m-%d}, before the invoice of {day:%Y-%m-%d}."
        faults.append(Fault("certificate_expired", because))
    if certificate["received_on"] is None or certificate["received_on"] > view.scope.as_of:
        faults.append(
            Fault("certificate_not_received", f"Certificate {number} was not received by the as-of date.")
        )
    where, place = certificate["jurisdiction"] or "", _place(view, item)
    if where and place and not (place == where or place.startswith(f"{where}-")):
        faults.append(
            Fault("other_jurisdiction", f"Certificate {number} is of {where}, the customer is in {place}.")
        )
    return faults


def tax_correction(
    view: View, item: Item, certificates: Sequence[Row], *, request: Row | None = None
) -> Outcome:
    """The proposal to give back the tax of an invoice, or what forbids it; nothing where no tax is left.

    The certificates are those of the invoice's customer; one that holds is enough. Only tax is given back, never more
    than was charged less what was credited before; a credit loss credits no tax. All of it is owed to the customer,
    whether the invoice is open, paid or partly paid: what is above the open rest becomes a credit of his.
    """
    if request:
        faults = request_faults(view, request, needs_item=True, needs_amount=False)
    else:
        faults = hold_faults(view, item.customer_id, item.item_id)
    valid = [row for row in certificates if not certificate_faults(view, item, row)]
    if not certificates:
        faults.append(Fault("no_certificate", f"Customer {quoted(item.customer_id)} has no certificate."))
    elif not valid:
        faults += [fault for row in certificates for fault in certificate_faults(view, item, row)]
    rest, room = view.room.of(item)
    left, amount = view.room.whole(item), max(room.tax, 0)
    if amount == 0 or (left <= 0 and request is None):
        if request is None:
            return Outcome()
        faults.append(Fault("no_tax", f"No tax is left on {quoted(item.document_no)}."))
    if request and request["amount"] is not None and request["amount"] != amount:
        faults.append(
            Fault("not_the_tax", "The amount asked for is not the tax that is left on the invoice.")
        )
    faults += over_credit(item, amount, left, is_whole=True)
    if faults and request:
        return Outcome(blocked=[blocked_request(view, request, faults, RULE)])
    certificate = valid[0] if valid else certificates[0]
    above = amount - (max(rest, 0) if item.outstanding > 0 else 0)
    row = _row(view, item, certificate, amount, request, above=above)
    if faults:
        return Outcome(blocked=[blocked_row(row, faults)])
    parts = Parts(tax=amount)
    view.room.take(item, parts, CreditNature.TAX)
    detail = {
        "entity": row["entity"],
        "proposal_id": row["proposal_id"],
        "customer_id": item.customer_id,
        "item_id": item.item_id,
        "document_date": item.document_date,
        "certificate_no": certificate["certificate_no"],
        "jurisdiction": certificate["jurisdiction"],
        "valid_from": certificate["valid_from"],
        "valid_to": certificate["valid_to"],
        "received_on": certificate["received_on"],
        "currency": item.currency,
        "tax_charged": item.billed.tax,
        "tax_credited": item.billed.tax - amount,
        "amount": amount,
    }
    coding = view.policies.adjustment.coding_of(CreditNature.TAX)
    return Outcome(
        proposals=[row], details={"lines": lines_of(row, parts, coding), "tax_corrections": [detail]}
    )


def _row(view: View, item: Item, certificate: Row, amount: int, request: Row | None, *, above: int) -> Row:
    """The proposal; `above` is what of it is more than is open on the invoice."""
    notes = []
    if above > 0:
        notes.append(
            f"{shown(above, item.currency)} {item.currency} of it is more than is open on the invoice: it becomes a credit "
            "of the customer, to be applied or refunded."
        )
    if item.losses.gross:
        notes.append("Part of the invoice was written off: tax relief claimed on it is to be repaid.")
    if certificate["received_on"] and certificate["received_on"] > item.document_date:
        notes.append(f"The certificate came on {certificate['received_on']:%Y-%m-%d}, after the invoice.")
    if certificate["jurisdiction"] and not _place(view, item):
        notes.append("The customer's country is not known.")
    ends = f"{certificate['valid_to']:%Y-%m-%d}" if certificate["valid_to"] else "no end"
    words = (
        f"Certificate {certificate['certificate_no']} from {certificate['valid_from']:%Y-%m-%d} to {ends}, "
        f"invoice of {item.document_date:%Y-%m-%d}."
    )
    return row_of(
        view,
        ProposalKind.TAX_CORRECTION,
        item=item,
        customer_id=item.customer_id,
        currency=item.currency,
        amount=amount,
        tax=amount,
        reason=(request["reason"] if request else "") or REASON,
        rule=RULE,
        evidence=f"{words} {evidence_of(request)}" if request else words,
        source=f"certificate {certificate['certificate_no']}",
        requested_by=request["requested_by"] if request else "",
        caution=notes,
    )


def _place(view: View, item: Item) -> str:
    known = view.customers.get(item.customer_id) or {}
    return str(known.get("state") or known.get("country") or "")
