"""What every request of a person must satisfy, before its own rule is asked. Floor 1.

A bad request is data: all that is wrong with it stands in one BLOCKED row, and the others go on.
"""

from __future__ import annotations

from arlib.credit.adjustments.ledger_view import Item, Row, View
from arlib.credit.adjustments.outcome import Fault
from arlib.errors import nearest
from arlib.errors import shown as quoted
from arlib.money import is_currency, shown
from arlib.policy.adjustment import CreditNature


def request_faults(view: View, request: Row, *, needs_item: bool, needs_amount: bool) -> list[Fault]:
    """Everything that is wrong with a request in itself and against its item."""
    faults = [*_person(request), *_amounts(request, needs_amount=needs_amount)]
    currency, name = request["currency"] or "", request["item_id"] or ""
    if not is_currency(currency):
        faults.append(Fault("unknown_currency", f"{quoted(currency)} is no currency."))
    if name:
        item = view.items.get(name)
        if item is None:
            faults.append(
                Fault("unknown_item", f"Item {quoted(name)} is not in the books by the as-of date.")
            )
        else:
            faults += _against_item(view, request, item)
    elif needs_item:
        faults.append(Fault("item_missing", "The request names no item."))
    elif not view.open_by_customer.get((view.customer(request["customer_id"] or ""), currency)):
        faults.append(
            Fault(
                "nothing_open",
                f"Customer {quoted(request['customer_id'] or '')} has no open debit in {currency}.",
            )
        )
    return faults + hold_faults(view, view.customer(request["customer_id"] or ""), name)


def reason_faults(view: View, request: Row) -> tuple[CreditNature | None, list[Fault]]:
    """The nature of a request's reason code, and what is wrong with the code."""
    code, policy = request["reason"] or "", view.policies.adjustment
    nature = policy.nature_of(code)
    if nature is not None:
        return nature, []
    near = nearest(code, [reason.code for reason in policy.reasons])
    fix = f" Did they mean {quoted(near)}?" if near else ""
    return None, [Fault("unknown_reason", f"The policy has no reason code {quoted(code)}.{fix}")]


def hold_faults(view: View, customer_id: str, item_id: str) -> list[Fault]:
    """The holds on a customer, an item or what it carries on, each cited; without an item, on any of the customer's."""
    return [
        Fault(
            "hold",
            f"Hold {hold['hold_id']} ({hold['kind']}) stands since {hold['placed_on']:%Y-%m-%d}"
            f"{', owner ' + hold['owner'] if hold['owner'] else ''}.",
        )
        for hold in view.holds
        if view.customer(hold["customer_id"]) == customer_id
        and (not hold["item_id"] or not item_id or view.is_about(hold["item_id"], item_id))
    ]


def is_measurable(request: Row, item: Item | None) -> bool:
    """Whether a request can be held against what is left of its item: a debit, in one currency, an amount above zero."""
    if item is None or item.amount <= 0 or request["currency"] != item.currency:
        return False
    return request["amount"] is None or request["amount"] > 0


def over_credit(item: Item, amount: int, left: int, *, is_whole: bool = False) -> list[Fault]:
    """The fault of a credit above what may still be credited; with `is_whole` what was paid may be too."""
    if amount <= left:
        return []
    base = "open" if item.outstanding > 0 and not is_whole else "billed and not credited before"
    return [
        Fault(
            "over_credit",
            f"{shown(amount, item.currency)} {item.currency} is more than the {shown(max(left, 0), item.currency)} "
            f"{base} on {quoted(item.document_no)}, proposals of this run counted.",
        )
    ]


def _person(request: Row) -> list[Fault]:
    faults = []
    if not (request["requested_by"] or "").strip():
        faults.append(Fault("nobody_asked", "The request names nobody who asks."))
    if not (request["reason"] or "").strip():
        faults.append(Fault("reason_missing", "The request has no reason code."))
    return faults


def _amounts(request: Row, *, needs_amount: bool) -> list[Fault]:
    faults, amount, tax = [], request["amount"], request["tax_amount"]
    if amount is None and needs_amount:
        faults.append(Fault("amount_missing", "The request has no amount."))
    if amount is not None and amount <= 0:
        faults.append(Fault("amount_not_positive", "The amount is not above zero."))
    if tax is not None and (tax < 0 or (amount is not None and tax > amount)):
        faults.append(Fault("tax_out_of_range", "The tax is below zero or above the amount."))
    return faults


def _against_item(view: View, request: Row, item: Item) -> list[Fault]:
    faults = []
    code = request["customer_id"] or ""
    if view.customer(code) != item.customer_id and code != item.document_customer_id:
        faults.append(
            Fault(
                "other_customer",
                f"Item {quoted(item.item_id)} belongs to {quoted(item.customer_id)}, not to {quoted(code)}.",
            )
        )
    if request["currency"] != item.currency:
        faults.append(
            Fault(
                "wrong_currency",
                f"Item {quoted(item.item_id)} is in {item.currency}, the request in {quoted(request['currency'] or '')}.",
            )
        )
    if item.amount <= 0:
        faults.append(Fault("not_a_debit", f"Item {quoted(item.item_id)} is no debit to the customer."))
    return faults
