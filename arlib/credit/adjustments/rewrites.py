"""Rewrite credits: a service that ends early, its unused days credited to the day. Floor 1."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from arlib.credit.adjustments.credit_memos import cautions
from arlib.credit.adjustments.ledger_view import Item, Row, View
from arlib.credit.adjustments.outcome import Fault, Outcome, blocked_request, evidence_of, lines_of, row_of
from arlib.credit.adjustments.requests import over_credit, reason_faults, request_faults
from arlib.credit.adjustments.split import Parts, Split, split
from arlib.errors import shown as quoted
from arlib.money import divide, shown
from arlib.policy.adjustment import CreditNature
from arlib.tables.choices import ProposalKind

RULE = "unused service"


class Unused(NamedTuple):
    """The unused days of a service, their parts still to credit, and what was credited of them before."""

    days: int
    unused: int
    parts: Parts
    before: int


def unused_days(
    service_from: date, service_to: date, ends_on: date, *, end_day_is_used: bool
) -> tuple[int, int]:
    """Days billed, and those of them that are unused when a service ends.

    Both ends of the service are service days: 1 to 31 January are 31. With `end_day_is_used` the day that it ends on is
    the last one used, else the first one unused. An end before the service leaves all of it unused, one after it none.
    """
    days = (service_to - service_from).days + 1
    unused = (service_to - ends_on).days + (0 if end_day_is_used else 1)
    return days, min(max(unused, 0), days)


def rewrite(view: View, request: Row) -> Outcome:
    """The proposal of a rewrite credit with its lines, or what forbids it.

    Credit = (billed - credited before for other reasons) × unused days ÷ days billed, for net and for tax apart, each
    rounded once, less what was credited before for service not rendered. Freight is not service. The amount of the
    request, where it has one, does not count; a difference is a caution. Never above what is left on the item.
    """
    policy = view.policies.adjustment
    faults = request_faults(view, request, needs_item=True, needs_amount=False)
    nature, unknown = reason_faults(view, request)
    faults += unknown
    if nature is not None and nature not in (CreditNature.SERVICE, CreditNature.BILLING_ERROR):
        faults.append(
            Fault("reason_not_service", f"The reason is one of {nature.value}, not of a service that ended.")
        )
    item = view.items.get(request["item_id"] or "")
    if item is not None and (item.service_from is None or item.service_to is None):
        faults.append(Fault("no_service_period", f"{quoted(item.document_no)} has no service period."))
    if request["effective_on"] is None:
        faults.append(Fault("no_end", "The request does not say when the service ends."))
    used = None if item is None or request["currency"] != item.currency else _unused(view, item, request)
    made: Split | None = None
    if item is not None and used is not None:
        amount, (left, room) = used.parts.gross, view.room.of(item)
        if amount == 0:
            because = (
                f"{used.unused} of {used.days} days of {quoted(item.document_no)} are unused, and nothing of them is "
                "left to credit."
            )
            faults.append(Fault("nothing_unused", because))
        over = over_credit(item, amount, left)
        faults += over
        if nature is not None and not over:
            tax, coding = min(used.parts.tax, max(room.tax, 0)), policy.coding_of(nature)
            made = split(amount, billed=item.billed, room=room, coding=coding, tax=tax)
            if made is None:
                because = f"Too little net and tax is left on {quoted(item.document_no)}."
                faults.append(Fault("over_part", because))
    if faults or item is None or nature is None or used is None or made is None:
        return Outcome(blocked=[blocked_request(view, request, faults, RULE)])
    view.room.take(item, made.parts, nature)
    amount = used.parts.gross
    notes = cautions(item, request, is_moved=made.is_moved)
    if request["amount"] is not None and request["amount"] != amount:
        notes.append(f"The request says {shown(request['amount'], item.currency)}.")
    row = row_of(
        view,
        ProposalKind.REWRITE,
        item=item,
        customer_id=item.customer_id,
        currency=item.currency,
        amount=amount,
        tax=made.parts.tax,
        reason=request["reason"],
        rule=f"{RULE}: {used.unused} of {used.days} days, ends on {request['effective_on']:%Y-%m-%d}",
        evidence=evidence_of(request),
        source=f"request {request['request_id']}",
        requested_by=request["requested_by"],
        caution=notes,
    )
    detail = {
        "entity": row["entity"],
        "proposal_id": row["proposal_id"],
        "item_id": item.item_id,
        "service_from": item.service_from,
        "service_to": item.service_to,
        "effective_on": request["effective_on"],
        "days": used.days,
        "unused_days": used.unused,
        "currency": item.currency,
        "net_amount": made.parts.net,
        "tax_amount": made.parts.tax,
        "credited_before": used.before,
        "amount": amount,
    }
    return Outcome(
        proposals=[row],
        details={"lines": lines_of(row, made.parts, policy.coding_of(nature)), "rewrites": [detail]},
    )


def _unused(view: View, item: Item, request: Row) -> Unused | None:
    """What of an invoice is unused and not credited yet; None where it or the request does not say the days."""
    if item.service_from is None or item.service_to is None or request["effective_on"] is None:
        return None
    policy = view.policies.adjustment
    days, unused = unused_days(
        item.service_from, item.service_to, request["effective_on"], end_day_is_used=policy.end_day_is_used
    )
    service, other = _credited(view, item)
    base = item.billed.less(other).kept()
    gone = Parts(
        divide(base.net * unused, days, policy.rounding), divide(base.tax * unused, days, policy.rounding)
    )
    return Unused(days, unused, gone.less(service).kept(), service.gross)


def _credited(view: View, item: Item) -> tuple[Parts, Parts]:
    """What was credited for service not rendered, and for anything else that made the invoice smaller: in the books, and
    by the proposals of this run before.
    """
    service, other = Parts(), Parts()
    for credit in item.credits:
        if view.policies.adjustment.nature_of(credit.reason) is CreditNature.SERVICE:
            service = service.plus(credit.parts)
        elif credit.is_credit_memo:
            other = other.plus(credit.parts)
    for nature, parts in view.room.taken.get(item.item_id, ()):
        if nature is CreditNature.SERVICE:
            service = service.plus(parts)
        elif nature is not CreditNature.CREDIT_LOSS:
            other = other.plus(parts)
    return service, other
