"""Settlements: a payment offered for the whole balance, and what is given up for it. Floor 1."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from arlib.credit.adjustments.frames import Treatment
from arlib.credit.adjustments.ledger_view import Item, Row, View
from arlib.credit.adjustments.outcome import Fault, Outcome, blocked_request, evidence_of, lines_of, row_of
from arlib.credit.adjustments.requests import is_measurable, reason_faults, request_faults
from arlib.credit.adjustments.split import Parts, split
from arlib.money import Rounding, allocate, divide, shown
from arlib.policy.adjustment import CreditNature, NatureCoding
from arlib.tables.choices import ProposalKind

RULE = "settlement of a balance"
YEAR_DAYS = 365

WHY = {
    Treatment.PRICE_CONCESSION: (
        "The reason is about what was delivered or charged: the concession reduces revenue, and a credit note "
        "takes its tax back."
    ),
    Treatment.CREDIT_LOSS: (
        "The reason is that the customer cannot pay: the concession is a credit loss against the allowance; its tax "
        "comes back only as bad-debt relief."
    ),
}


class Share(NamedTuple):
    """What a settlement gives up on one item."""

    item: Item
    balance: int
    parts: Parts


def present_value(
    payment: int, *, rate: Decimal | Fraction, days: int, rounding: Rounding = Rounding.HALF_UP
) -> int:
    """What a payment in so many days is worth today, in minor units: payment ÷ (1 + rate × days ÷ 365), rounded once.

    Simple interest, actual days over 365, so that the value is an exact fraction.
    """
    worth = Fraction(payment) / (1 + Fraction(rate) * Fraction(days, YEAR_DAYS))
    return divide(worth.numerator, worth.denominator, rounding)


def settlement(view: View, request: Row) -> Outcome:
    """The proposal of a settlement with its rows, or what forbids it.

    The request's amount is what is given up; the payment is the balance less that. Without an item the balance
    is all that the customer owes in the currency, and the concession is shared out by what is open. An offer
    whose pay-by date is before the as-of date has expired; on the day itself it stands. Authority is for the
    whole concession. The reason's nature decides between a price concession and a credit loss.
    """
    faults = request_faults(view, request, needs_item=False, needs_amount=True)
    nature, unknown = reason_faults(view, request)
    faults += unknown + _dates(request, view.scope.as_of)
    if nature is CreditNature.TAX:
        faults.append(Fault("tax_reason", "Tax wrongly charged is a correction, not a settlement."))
    concession, currency = request["amount"], request["currency"]
    items, shares = _items(view, request), None
    balances = [view.owed(item) for item in items]
    balance = sum(balances)
    if items and concession is not None and all(is_measurable(request, item) for item in items):
        if concession > balance:
            because = (
                f"{shown(concession, currency)} {currency} to give up is more than the {shown(balance, currency)} "
                "open, proposals of this run counted."
            )
            faults.append(Fault("over_balance", because))
        elif nature is not None:
            coding = view.policies.adjustment.coding_of(nature)
            shares = _shares(view, items, balances, concession, coding)
            if shares is None:
                because = "Earlier credits leave too little net, tax and freight on the items."
                faults.append(Fault("over_part", because))
    if faults or nature is None or shares is None:
        return Outcome(blocked=[blocked_request(view, request, faults, RULE)])
    for share in shares:
        view.room.take(share.item, share.parts, nature)
    return _proposed(view, request, shares, view.policies.adjustment.coding_of(nature), balance=balance)


def _items(view: View, request: Row) -> list[Item]:
    """The items that a request is about; none where it names what is not there."""
    if request["item_id"]:
        found = view.items.get(request["item_id"])
        return [] if found is None else [found]
    key = view.customer(request["customer_id"] or ""), request["currency"] or ""
    return [view.items[name] for name in view.open_by_customer.get(key, ())]


def _dates(request: Row, as_of: date) -> list[Fault]:
    if request["pay_by"] is None:
        return [Fault("pay_by_missing", "The offer does not say by when it is paid.")]
    if request["pay_by"] < as_of:
        return [Fault("offer_expired", f"The offer was to be paid by {request['pay_by']:%Y-%m-%d}.")]
    return []


def _shares(
    view: View, items: list[Item], balances: list[int], concession: int, coding: NatureCoding
) -> list[Share] | None:
    """The concession over the items by what is open, and over their parts as they were billed."""
    whole = replace(coding, takes_net=True, takes_tax=True, takes_freight=True)
    made = []
    for item, balance, given in zip(items, balances, allocate(concession, balances), strict=True):
        parts = split(given, billed=item.billed, room=view.room.of(item)[1], coding=whole)
        if parts is None:
            return None
        made.append(Share(item, balance, parts.parts))
    return made


def _proposed(
    view: View, request: Row, shares: list[Share], coding: NatureCoding, *, balance: int
) -> Outcome:
    scope, policy = view.scope, view.policies.adjustment
    is_loss = coding.nature is CreditNature.CREDIT_LOSS
    treatment = Treatment.CREDIT_LOSS if is_loss else Treatment.PRICE_CONCESSION
    concession, currency, only = request["amount"], request["currency"], len(shares) == 1
    given = Parts(*(sum(share.parts[at] for share in shares) for at in range(3)))
    payment, days = balance - concession, (request["pay_by"] - scope.as_of).days
    worth = present_value(payment, rate=policy.settlement_discount_rate, days=days, rounding=policy.rounding)
    functional = [view.functional(share.item, share.parts.gross, currency) for share in shares]
    item = shares[0].item if only and request["item_id"] else None
    notes = ["No release document is named: it is to be signed before this is booked."]
    row = row_of(
        view,
        ProposalKind.SETTLEMENT,
        item=item,
        customer_id=request["customer_id"],
        currency=currency,
        amount=concession,
        tax=given.tax,
        functional=None if None in functional else sum(value for value in functional if value is not None),
        reason=request["reason"],
        rule=f"{RULE}: {shown(payment, currency)} {currency} by {request['pay_by']:%Y-%m-%d}, {treatment.value}",
        evidence=evidence_of(request),
        source=f"request {request['request_id']}",
        requested_by=request["requested_by"],
        caution=[] if request["evidence"] else notes,
        decide_by=request["pay_by"],
    )
    made = Outcome(proposals=[row])
    made.detail("lines", *lines_of(row, given, coding))
    made.detail(
        "settlements",
        {
            **_key(row),
            "customer_id": row["customer_id"],
            "item_id": row["item_id"],
            "currency": currency,
            "balance": balance,
            "payment": payment,
            "pay_by": request["pay_by"],
            "days": days,
            "discount_rate": str(policy.settlement_discount_rate),
            "present_value": worth,
            "concession": concession,
            "economic_loss": balance - worth,
            "tax_in_concession": given.tax,
            "treatment": treatment.value,
            "why": WHY[treatment],
            "release_reference": request["evidence"],
        },
    )
    made.detail(
        "settlement_items",
        *(
            {
                **_key(row),
                "item_id": share.item.item_id,
                "currency": currency,
                "balance": share.balance,
                "concession": share.parts.gross,
                "net_amount": share.parts.net,
                "tax_amount": share.parts.tax,
            }
            for share in shares
        ),
    )
    return made


def _key(row: Row) -> Row:
    return {"entity": row["entity"], "proposal_id": row["proposal_id"]}
