"""Payment arrangements that a person asks for: a level schedule with interest by day count. Floor 1."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import NamedTuple

from arlib.calendar.periods import add_months
from arlib.credit.adjustments.ledger_view import Item, Row, View
from arlib.credit.adjustments.outcome import Fault, Outcome, blocked_request, evidence_of, row_of
from arlib.credit.adjustments.requests import is_measurable, request_faults
from arlib.errors import shown as quoted
from arlib.money import Rounding, divide, shown
from arlib.tables.choices import ProposalKind

RULE = "payment arrangement"
YEAR_DAYS = 365


class Instalment(NamedTuple):
    """One payment of a schedule, in minor units."""

    due_date: date
    days: int
    payment: int
    interest: int
    principal: int
    balance_after: int


def level_schedule(
    amount: int,
    *,
    rate: Fraction,
    start: date,
    first: date,
    instalments: int,
    rounding: Rounding = Rounding.HALF_UP,
) -> tuple[Instalment, ...]:
    """Monthly payments of one size that pay off an amount with interest; the last takes the rest.

    Interest of a period = balance × rate × days ÷ 365, from the day after the payment before (or after `start`) to the
    due date itself, rounded once. The payment P solves, with growth g = 1 + rate × days ÷ 365 of each period,
    amount × Π g = P × Σ (product of the later g); it is rounded down, and the last payment differs by the few
    minor units that roundings leave. Due dates keep the day of `first`, or the last of a shorter month.
    Principals sum to the amount, exactly.
    """
    dates = [add_months(first, number) for number in range(instalments)]
    days = [(due - before).days for before, due in zip([start, *dates], dates, strict=False)]
    later, weights = Fraction(1), Fraction(0)
    for count in reversed(days):
        weights += later
        later *= 1 + rate * Fraction(count, YEAR_DAYS)
    exact = amount * later / weights
    level = divide(exact.numerator, exact.denominator, Rounding.DOWN)
    made, balance = [], amount
    for number, (due, count) in enumerate(zip(dates, days, strict=True), start=1):
        owed = balance * rate * Fraction(count, YEAR_DAYS)
        interest = divide(owed.numerator, owed.denominator, rounding)
        payment = balance + interest if number == instalments else level
        balance -= payment - interest
        made.append(Instalment(due, count, payment, interest, payment - interest, balance))
    return tuple(made)


def plan(view: View, request: Row, *, running: tuple[Row, ...]) -> Outcome:
    """The proposal of a payment arrangement with its PLAN_SCHEDULES, or what forbids it.

    The amount is that of the request, else all that is open on the item or the account; the debt does not fall by it,
    and the aging does not change: the items keep their due dates. Interest runs from the day of the request. `running`
    are the arrangements in force: an item has one at a time.
    """
    faults = request_faults(view, request, needs_item=False, needs_amount=False)
    rate, wrong = _terms(view, request)
    faults += wrong
    faults += [Fault("plan_running", sentence) for sentence in running_on(view, request, running)]
    item = view.items.get(request["item_id"] or "")
    currency, balance = request["currency"], _balance(view, request, item)
    amount = request["amount"] or balance
    rows: tuple[Instalment, ...] = ()
    if amount > balance > 0 and (item is None or is_measurable(request, item)):
        because = f"{shown(amount, currency)} {currency} is more than the {shown(balance, currency)} open."
        faults.append(Fault("over_balance", because))
    elif balance <= 0 and item is not None and item.amount > 0:
        faults.append(Fault("over_balance", f"Nothing is open on {quoted(item.document_no)}."))
    elif not wrong and amount > 0:
        rows = level_schedule(
            amount,
            rate=rate,
            start=request["requested_on"],
            first=request["effective_on"],
            instalments=request["instalments"],
            rounding=view.policies.adjustment.rounding,
        )
        if any(row.payment <= 0 or row.principal < 0 for row in rows):
            faults.append(Fault("too_small", "The amount is too small for so many instalments."))
    if faults:
        return Outcome(blocked=[blocked_request(view, request, faults, RULE)])
    interest = sum(row.interest for row in rows)
    made = row_of(
        view,
        ProposalKind.PLAN,
        item=item,
        customer_id=request["customer_id"],
        currency=currency,
        amount=amount,
        functional=None if item else _functional(view, request, amount),
        reason=request["reason"],
        rule=f"{RULE}: {len(rows)} payments from {request['effective_on']:%Y-%m-%d}, interest {shown(interest, currency)} "
        f"{currency} at {request['rate'] or 0} a year; the aging stays",
        evidence=evidence_of(request),
        source=f"request {request['request_id']} {request['instalments']} {request['effective_on']} {request['rate']}",
        requested_by=request["requested_by"],
        caution=[] if request["evidence"] else ["No signed agreement is named."],
    )
    schedule = [
        {
            "entity": made["entity"],
            "proposal_id": made["proposal_id"],
            "instalment_no": number,
            "currency": currency,
            "rate": str(request["rate"] or "0"),
            **row._asdict(),
        }
        for number, row in enumerate(rows, start=1)
    ]
    return Outcome(proposals=[made], details={"schedules": schedule})


def _terms(view: View, request: Row) -> tuple[Fraction, list[Fault]]:
    """The rate, and what is wrong with rate, count and first day."""
    policy, faults = view.policies.adjustment, []
    count, first = request["instalments"], request["effective_on"]
    if count is None or not 1 <= count <= policy.plan_max_instalments:
        faults.append(
            Fault("instalments", f"Instalments: found {count}, wanted 1 to {policy.plan_max_instalments}.")
        )
    try:
        rate = Decimal(request["rate"] or "0")
    except InvalidOperation:
        rate = Decimal("NaN")
    if not rate.is_finite() or not 0 <= rate <= policy.plan_max_rate:
        found = quoted(request["rate"] or "")
        faults.append(Fault("rate", f"Rate a year: found {found}, wanted 0 to {policy.plan_max_rate}."))
    if first is None:
        faults.append(
            Fault("no_first_instalment", "The request does not say when the first instalment is due.")
        )
    elif first <= request["requested_on"] or first < view.scope.as_of:
        faults.append(
            Fault("first_instalment_past", f"The first instalment, {first:%Y-%m-%d}, is not ahead.")
        )
    return (Fraction(rate) if rate.is_finite() else Fraction(0)), faults


def running_on(view: View, request: Row, running: tuple[Row, ...]) -> list[str]:
    """A sentence for each arrangement in force on the item of a request, what it carries on, or its account."""
    customer, name = view.customer(request["customer_id"] or ""), request["item_id"] or ""
    return [
        f"Arrangement {row['plan_id']} of {row['agreed_on']:%Y-%m-%d} runs already."
        for row in running
        if view.customer(row["customer_id"]) == customer
        and (not row["item_id"] or not name or view.is_about(row["item_id"], name))
    ]


def _balance(view: View, request: Row, item: Item | None) -> int:
    """What is open on the item or the account of a request, proposals before counted; 0 where it names what is not there."""
    if request["item_id"]:
        return view.owed(item) if item else 0
    key = view.customer(request["customer_id"] or ""), request["currency"] or ""
    names = view.open_by_customer.get(key, ())
    return sum(view.owed(view.items[name]) for name in names)


def _functional(view: View, request: Row, amount: int) -> int | None:
    """An account's amount in the books' currency: its open items at their booking rates, in proportion."""
    names = view.open_by_customer[view.customer(request["customer_id"]), request["currency"]]
    items = [view.items[name] for name in names]
    values = [view.functional(item, item.outstanding, item.currency) for item in items]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    return divide(sum(known) * amount, sum(item.outstanding for item in items), Rounding.HALF_UP)
