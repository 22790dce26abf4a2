"""Credit memos that a person asks for: coded by the nature of the reason, never above what is left. Floor 1."""

from __future__ import annotations

from arlib.credit.adjustments.ledger_view import Item, Row, View
from arlib.credit.adjustments.outcome import Fault, Outcome, blocked_request, evidence_of, lines_of, row_of
from arlib.credit.adjustments.requests import is_measurable, over_credit, reason_faults, request_faults
from arlib.credit.adjustments.split import Parts, Split, split
from arlib.errors import shown as quoted
from arlib.money import shown
from arlib.policy.adjustment import CreditNature, NatureCoding
from arlib.tables.choices import ProposalKind

RULE = "credit memo by reason code"


def credit_memo(view: View, request: Row) -> Outcome:
    """The proposal of a credit memo with its ADJUSTMENT_LINES, or what forbids it.

    Never above the open rest of the item; of one paid in full, never above what was billed less all that was credited,
    written off, moved or discounted before. Takes what it proposes off the room of the item. A reason whose nature is
    a credit loss is refused: that is a write-off or a settlement.
    """
    faults = request_faults(view, request, needs_item=True, needs_amount=True)
    nature, unknown = reason_faults(view, request)
    faults += unknown
    if nature is CreditNature.CREDIT_LOSS:
        faults.append(
            Fault("credit_loss_reason", "That the customer cannot pay is no ground for a credit memo.")
        )
    item = view.items.get(request["item_id"] or "")
    made: Split | None = None
    coding = None if nature is None else view.policies.adjustment.coding_of(nature)
    if item is not None and request["amount"] is not None and is_measurable(request, item):
        left, room = view.room.of(item)
        over = over_credit(item, request["amount"], left)
        faults += over
        if coding and not over and nature is not CreditNature.CREDIT_LOSS:
            made = split(
                request["amount"], billed=item.billed, room=room, coding=coding, tax=request["tax_amount"]
            )
            faults += [] if made else [_over_part(item, coding, room)]
    if faults or item is None or coding is None or nature is None or made is None:
        return Outcome(blocked=[blocked_request(view, request, faults, RULE)])
    view.room.take(item, made.parts, nature)
    row = row_of(
        view,
        ProposalKind.CREDIT_MEMO,
        item=item,
        customer_id=item.customer_id,
        currency=item.currency,
        amount=made.parts.gross,
        tax=made.parts.tax,
        reason=request["reason"],
        rule=f"{RULE}: {nature.value.replace('_', ' ')}, debits {coding.net_role.value.replace('_', ' ')}",
        evidence=evidence_of(request),
        source=f"request {request['request_id']}",
        requested_by=request["requested_by"],
        caution=cautions(item, request, is_moved=made.is_moved),
    )
    return Outcome(proposals=[row], details={"lines": lines_of(row, made.parts, coding)})


def _over_part(item: Item, coding: NatureCoding, room: Parts) -> Fault:
    because = (
        f"A credit for {coding.nature.value} takes {_taken(coding.takes_net, coding.takes_tax, coding.takes_freight)}; "
        f"of {quoted(item.document_no)} are left net {shown(room.net, item.currency)}, tax "
        f"{shown(room.tax, item.currency)}, freight {shown(room.freight, item.currency)} {item.currency}."
    )
    return Fault("over_part", because)


def cautions(item: Item, request: Row, *, is_moved: bool = False) -> list[str]:
    """What asks for care before a credit of an item is approved."""
    made = []
    if not request["evidence"]:
        made.append("No document supports it.")
    same = [credit for credit in item.credits if credit.is_credit_memo and credit.reason == request["reason"]]
    if same:
        cited = ", ".join(
            f"{credit.item_id} of {credit.on:%Y-%m-%d} ({shown(credit.parts.gross, item.currency)})"
            for credit in same
        )
        made.append(f"Credited before for the same reason: {cited}.")
    if item.outstanding <= 0:
        made.append("The invoice is paid: the credit will be open until it is applied or refunded.")
    if is_moved:
        made.append("Earlier credits left too little of a part: the split is not in proportion.")
    return made


def _taken(net: bool, tax: bool, freight: bool) -> str:
    named = [name for name, is_taken in (("net", net), ("tax", tax), ("freight", freight)) if is_taken]
    return " and ".join(named)
