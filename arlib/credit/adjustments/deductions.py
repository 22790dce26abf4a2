"""Deductions: valid ones to an adjusting entry, refused ones back to the customer, pending ones on a clock. Floor 1."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pandas as pd

from arlib.controls import Identity
from arlib.credit.adjustments.frames import DEDUCTION_ROLL, DeductionWay, RollLine
from arlib.credit.adjustments.ledger_view import Item, Row, View
from arlib.credit.adjustments.outcome import Fault, Outcome, blocked_row, lines_of, row_of
from arlib.credit.adjustments.requests import hold_faults, is_measurable, over_credit, reason_faults
from arlib.credit.adjustments.split import Split, split
from arlib.errors import shown as quoted
from arlib.money import is_currency
from arlib.policy import Scope
from arlib.policy.adjustment import CreditNature
from arlib.tables.choices import DeductionState, ItemType, ProposalKind

RULE = "deduction found valid or authorised"
GRANTED = (DeductionState.VALID, DeductionState.AUTHORISED)


def state_at(row: Row, as_of: date) -> DeductionState:
    """The state of a deduction at a day: pending until the day of its decision, which itself counts as decided.

    A decision without a day counts from the day of the short payment.
    """
    state = DeductionState(row["state"])
    if state is not DeductionState.PENDING and (row["decided_on"] or row["taken_on"]) > as_of:
        return DeductionState.PENDING
    return state


def deduction(view: View, row: Row) -> Outcome:
    """A deduction's case and, where it is granted and something forbids nothing, its proposal.

    A granted one must name who decided and when, a reason code of the policy, an item of the same customer and currency,
    and not be above what is open there. Clocks: a pending one is to be decided `deduction_days` after it was taken, that
    day included, and is escalated after `deduction_escalation_days` more; a refused one is to be billed back or
    collected `charge_back_days` after the decision.
    """
    state = state_at(row, view.scope.as_of)
    nature, unknown = reason_faults(view, row)
    item = view.items.get(row["item_id"] or "")
    if state not in GRANTED:
        return Outcome(
            details={"deductions": [_case(view, row, item, state, nature, _way(view, row, item, state))]}
        )
    made = Outcome()
    faults = unknown + _faults(view, row, item, nature)
    shares: Split | None = None
    if item is not None and item.outstanding > 0 and is_measurable(row, item):
        left, room = view.room.of(item)
        over = over_credit(item, row["amount"], left)
        faults += over
        if nature and not over:
            coding = view.policies.adjustment.coding_of(nature)
            shares = split(row["amount"], billed=item.billed, room=room, coding=coding, tax=row["tax_amount"])
            if shares is None:
                faults.append(
                    Fault("over_part", f"Too little of {quoted(item.document_no)} is left to debit.")
                )
    proposal = _proposal(view, row, item, nature, shares)
    if faults or item is None or nature is None or shares is None:
        made.blocked.append(blocked_row(proposal, faults))
        made.detail("deductions", _case(view, row, item, state, nature, DeductionWay.BLOCKED))
        return made
    view.room.take(item, shares.parts, nature)
    made.proposals.append(proposal)
    made.detail("lines", *lines_of(proposal, shares.parts, view.policies.adjustment.coding_of(nature)))
    case = _case(view, row, item, state, nature, DeductionWay.ADJUST)
    made.detail("deductions", case | {"proposal_id": proposal["proposal_id"]})
    return made


def _faults(view: View, row: Row, item: Item | None, nature: CreditNature | None) -> list[Fault]:
    faults = []
    if item is None:
        name = quoted(row["item_id"] or "")
        faults.append(Fault("unknown_item", f"Item {name} is not in the books by the as-of date."))
    else:
        if item.customer_id != view.customer(row["customer_id"]):
            faults.append(
                Fault("other_customer", f"Item {quoted(item.item_id)} belongs to {quoted(item.customer_id)}.")
            )
        if item.currency != row["currency"]:
            faults.append(Fault("wrong_currency", f"Item {quoted(item.item_id)} is in {item.currency}."))
        if item.outstanding <= 0:
            faults.append(Fault("nothing_open", f"Nothing is open on {quoted(item.document_no)}."))
    if row["amount"] <= 0:
        faults.append(Fault("amount_not_positive", "The amount is not above zero."))
    if not (row["decided_by"] or "").strip() or row["decided_on"] is None:
        faults.append(Fault("undecided", "The decision names nobody or no day."))
    if nature is CreditNature.CREDIT_LOSS:
        faults.append(
            Fault("credit_loss_reason", "That the customer cannot pay is no ground for a deduction.")
        )
    return faults + hold_faults(view, view.customer(row["customer_id"]), row["item_id"] or "")


def _proposal(
    view: View, row: Row, item: Item | None, nature: CreditNature | None, shares: Split | None
) -> Row:
    is_money = is_currency(row["currency"])
    decided = f"{row['decided_on']:%Y-%m-%d}" if row["decided_on"] else "no day"
    words = [
        f"Deduction {row['deduction_id']} of {row['taken_on']:%Y-%m-%d}, {row['state']}, decided on {decided}."
    ]
    if row["reference"]:
        words.append(f"Document: {row['reference']}.")
    return row_of(
        view,
        ProposalKind.DEDUCTION,
        item=item,
        customer_id=row["customer_id"] or "",
        currency=row["currency"] if is_money else view.scope.functional_currency,
        amount=row["amount"] if is_money else 0,
        tax=shares.parts.tax if shares else row["tax_amount"],
        reason=row["reason"],
        rule=f"{RULE}: {nature.value}" if nature else RULE,
        evidence=" ".join(words),
        source=f"deduction {row['deduction_id']}",
        requested_by=row["decided_by"] or "",
        caution=[] if row["reference"] else ["No claim or agreement is named."],
    )


def _way(view: View, row: Row, item: Item | None, state: DeductionState) -> DeductionWay:
    if state is DeductionState.SETTLED:
        return DeductionWay.NONE
    if state is DeductionState.INVALID:
        if item is None or item.outstanding <= 0:
            return DeductionWay.NONE
        return DeductionWay.COLLECT if item.item_type == ItemType.CHARGEBACK else DeductionWay.CHARGE_BACK
    over = (view.scope.as_of - _act_by(view, row, state)).days
    if over <= 0:
        return DeductionWay.DECIDE
    late = over > view.policies.adjustment.deduction_escalation_days
    return DeductionWay.ESCALATE if late else DeductionWay.OVERDUE


def _act_by(view: View, row: Row, state: DeductionState) -> date:
    policy = view.policies.adjustment
    taken: date = row["taken_on"]
    decided: date = row["decided_on"] or taken
    if state is DeductionState.PENDING:
        return taken + timedelta(days=policy.deduction_days)
    return decided + timedelta(days=policy.charge_back_days)


def _case(
    view: View,
    row: Row,
    item: Item | None,
    state: DeductionState,
    nature: CreditNature | None,
    way: DeductionWay,
) -> Row:
    act_by = None if way is DeductionWay.NONE else _act_by(view, row, state)
    over = (view.scope.as_of - act_by).days if act_by else None
    is_late_refused = way in (DeductionWay.CHARGE_BACK, DeductionWay.COLLECT) and (over or 0) > 0
    escalated = way is DeductionWay.ESCALATE or is_late_refused
    return {
        "entity": view.scope.entity,
        "deduction_id": row["deduction_id"],
        "customer_id": view.customer(row["customer_id"]),
        "item_id": row["item_id"],
        "currency": row["currency"],
        "amount": row["amount"],
        "outstanding": item.outstanding if item else None,
        "reason": row["reason"],
        "nature": nature.value if nature else None,
        "state": state.value,
        "taken_on": row["taken_on"],
        "decided_on": None if state is DeductionState.PENDING else row["decided_on"],
        "way": way.value,
        "act_by": act_by,
        "days_over": over,
        "owner": row["owner"],
        "escalate_to": view.policies.adjustment.deduction_escalate_to if escalated else "",
        "reference": row["reference"],
    }


def deduction_roll(rows: Iterable[Row], *, scope: Scope) -> tuple[pd.DataFrame, tuple[Identity, ...]]:
    """The roll of pending deductions over the period to the as-of date: DEDUCTION_ROLL, and that it foots.

    Opening is what was pending at the end of the day before the period; taken are those of the period; what was decided
    in it leaves by its way; closing is what is pending at the as-of date, counted apart.
    """
    day_before = scope.starts_on - timedelta(days=1)
    sums: dict[tuple[str, RollLine], list[int]] = {}
    currencies = set()
    for row in rows:
        if row["taken_on"] > scope.as_of:
            continue
        currency, amount = row["currency"], row["amount"]
        currencies.add(currency)
        now = state_at(row, scope.as_of)
        was_pending = row["taken_on"] <= day_before and state_at(row, day_before) is DeductionState.PENDING
        lines = [(RollLine.OPENING, amount)] if was_pending else []
        if row["taken_on"] > day_before:
            lines.append((RollLine.TAKEN, amount))
        if now is DeductionState.PENDING:
            lines.append((RollLine.CLOSING, amount))
        elif lines:
            lines.append((RollLine(now.value), -amount))
        for line, value in lines:
            total = sums.setdefault((currency, line), [0, 0])
            total[0] += 1
            total[1] += value
    made = [
        {
            "entity": scope.entity,
            "currency": currency,
            "line": line.value,
            "deductions": sums.get((currency, line), [0, 0])[0],
            "amount": sums.get((currency, line), [0, 0])[1],
        }
        for currency in sorted(currencies)
        for line in RollLine
    ]
    identities = tuple(
        Identity(
            name="pending_deductions",
            left_label="opening + taken - decided",
            left=sum(
                row["amount"] for row in made if row["currency"] == currency and row["line"] != "closing"
            ),
            right_label="pending",
            right=sum(
                row["amount"] for row in made if row["currency"] == currency and row["line"] == "closing"
            ),
            currency=currency,
            entity=scope.entity,
        )
        for currency in sorted(currencies)
    )
    return DEDUCTION_ROLL.from_rows(made), identities
