"""Credit-and-rebill: the old invoice credited in full, a new one that keeps its due dates. Floor 1."""

from __future__ import annotations

from arlib.credit.adjustments.credit_memos import cautions
from arlib.credit.adjustments.frames import RebillLine
from arlib.credit.adjustments.ledger_view import Item, Row, View
from arlib.credit.adjustments.outcome import Fault, Outcome, blocked_request, evidence_of, lines_of, row_of
from arlib.credit.adjustments.requests import reason_faults, request_faults
from arlib.credit.adjustments.split import Parts, share_of
from arlib.errors import shown as quoted
from arlib.money import shown
from arlib.policy.adjustment import CreditNature
from arlib.tables.choices import ProposalKind

RULE = "credit and rebill"


def rebill(view: View, request: Row) -> Outcome:
    """The proposal of a rebill with its lines, or what forbids it.

    Credited is all that was billed and not credited before; the proposal's amount is that, so that authority is asked
    for the whole credit. The new invoice keeps due date and original due date: a rebill does not make a debt younger.
    What was paid moves to the new invoice up to its amount, the rest stays open; the money of one customer never moves
    to another. Σ REBILL_LINES = new invoice - credit.
    """
    faults = request_faults(view, request, needs_item=True, needs_amount=False)
    nature, unknown = reason_faults(view, request)
    faults += unknown + _corrected(view, request)
    if nature is CreditNature.CREDIT_LOSS:
        faults.append(
            Fault("credit_loss_reason", "That the customer cannot pay is no ground for a new invoice.")
        )
    item = view.items.get(request["item_id"] or "")
    if item is not None:
        faults += _whole(view, item, request)
    if faults or item is None:
        return Outcome(blocked=[blocked_request(view, request, faults, RULE)])

    left = max(item.billed.gross - item.credited.gross, 0)
    credit = share_of(left, item.billed.less(item.credited).kept())
    view.room.take(item, credit, CreditNature.BILLING_ERROR)
    new_customer = view.customer(request["corrected_customer_id"] or item.customer_id)
    new = _new_parts(request, item)
    moves_account = new_customer != item.customer_id
    notes = cautions(item, request)
    if moves_account and left > item.outstanding:
        notes.append("The old customer paid: its money stays on its account.")
    coding = view.policies.adjustment.coding_of(CreditNature.BILLING_ERROR)
    row = row_of(
        view,
        ProposalKind.REBILL,
        item=item,
        customer_id=item.customer_id,
        currency=item.currency,
        amount=left,
        tax=credit.tax,
        reason=request["reason"],
        rule=f"{RULE}: new invoice of {shown(new.gross, item.currency)} {item.currency} to {quoted(new_customer)}",
        evidence=evidence_of(request),
        source=f"request {request['request_id']} to {new_customer} {new.gross} {new.tax}",
        requested_by=request["requested_by"],
        caution=notes,
    )
    lines = _lines(row, item, credit=credit, new=new, new_customer=new_customer)
    return Outcome(proposals=[row], details={"lines": lines_of(row, credit, coding), "rebills": lines})


def _corrected(view: View, request: Row) -> list[Fault]:
    amount, tax, customer = (
        request["corrected_amount"], request["corrected_tax_amount"], request["corrected_customer_id"] or "",
    )  # fmt: skip
    faults = []
    if amount is None:
        faults.append(
            Fault("corrected_amount_missing", "The request does not say the amount of the new invoice.")
        )
    elif amount <= 0:
        faults.append(
            Fault("corrected_amount_not_positive", "A new invoice of nothing is a credit memo, not a rebill.")
        )
    if tax is not None and (tax < 0 or (amount is not None and tax > amount)):
        faults.append(
            Fault("corrected_tax_out_of_range", "The new tax is below zero or above the new amount.")
        )
    if customer and view.customers and view.customer(customer) not in view.customers:
        faults.append(
            Fault("unknown_customer", f"Customer {quoted(customer)} of the new invoice is not known.")
        )
    return faults


def _whole(view: View, item: Item, request: Row) -> list[Fault]:
    left = item.billed.gross - item.credited.gross
    if left <= 0:
        return [Fault("nothing_left", f"{quoted(item.document_no)} is credited in full.")]
    faults = []
    if item.item_id in view.room.taken:
        because = f"Another proposal of this run credits {quoted(item.document_no)}."
        faults.append(Fault("already_proposed", because))
    if request["amount"] is not None and request["amount"] != left:
        because = (
            f"A rebill credits all {shown(left, item.currency)} {item.currency} that are left, the request says "
            f"{shown(request['amount'], item.currency)}."
        )
        faults.append(Fault("not_in_full", because))
    return faults


def _new_parts(request: Row, item: Item) -> Parts:
    """Parts of the new invoice: tax as given, else all in the proportion of the old one."""
    amount, tax = request["corrected_amount"], request["corrected_tax_amount"]
    if tax is None:
        return share_of(amount, item.billed)
    base = share_of(amount - tax, Parts(item.billed.net, 0, item.billed.freight))
    return base.plus(Parts(tax=tax))


def _lines(row: Row, item: Item, *, credit: Parts, new: Parts, new_customer: str) -> list[Row]:
    paid = max(credit.gross - max(item.outstanding, 0), 0)
    moved = min(paid, new.gross) if new_customer == item.customer_id else 0
    old, minus = item.customer_id, Parts(-credit.net, -credit.tax, -credit.freight)
    made: list[tuple[RebillLine, str, int, Parts | None, str]] = [
        (RebillLine.CREDIT, old, -credit.gross, minus, f"{item.document_no} credited in full"),
        (RebillLine.INVOICE, new_customer, new.gross, new, f"new invoice, replaces {item.document_no}"),
    ]
    if paid:
        made.append((RebillLine.PAYMENT_OUT, old, paid, None, f"payments leave {item.document_no}"))
    if moved:
        made.append((RebillLine.PAYMENT_IN, old, -moved, None, "payments settle the new invoice"))
    if paid > moved:
        made.append(
            (RebillLine.ON_ACCOUNT, old, moved - paid, None, "left of the payments, open to the payer")
        )
    return [
        {
            "entity": row["entity"],
            "proposal_id": row["proposal_id"],
            "line_no": number,
            "line": line.value,
            "item_id": item.item_id,
            "customer_id": customer,
            "currency": item.currency,
            "amount": amount,
            "net_amount": parts.net if parts else None,
            "tax_amount": parts.tax if parts else None,
            "freight_amount": parts.freight if parts else None,
            "due_date": item.due_date if line is RebillLine.INVOICE else None,
            "original_due_date": item.original_due_date if line is RebillLine.INVOICE else None,
            "what": what,
        }
        for number, (line, customer, amount, parts, what) in enumerate(made, start=1)
    ]
