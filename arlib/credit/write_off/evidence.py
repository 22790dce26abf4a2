"""What supports a write-off and what speaks against it, in words. Floor 1.

Sentences carry dates, amounts, codes and counts of the records; a customer's own words are not among them.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pandas as pd

from arlib.credit.write_off.blocks import INSOLVENT, PLACED, Casework, claim_state, claims_of, where
from arlib.credit.write_off.words import Record, day, money_of
from arlib.policy import Scope
from arlib.tables.choices import ClaimState, PlanState
from arlib.tables.rows import is_none, text

STILL_PAYING_DAYS = 90


def evidence(debt: Record, known: Casework, *, has_payments: bool, has_activities: bool) -> str:
    """Age, payments, contacts, status, promises, plan, claim, dispute and reserve of an item, as sentences."""
    now = pd.Timestamp(known.scope.as_of)
    parts = [_age(debt)]
    if has_payments:
        paid = (
            f"last payment on it {day(debt['last_payment_on'])}"
            if not is_none(debt["last_payment_on"])
            else "nothing was paid on it"
        )
        customer = (
            f"the customer last paid {day(debt['customer_paid_on'])}"
            if not is_none(debt["customer_paid_on"])
            else "the customer never paid"
        )
        parts.append(f"{_first(paid)}; {customer}.")
    if has_activities:
        touched = int(debt["contacts"])
        parts.append(
            f"{touched} contact{'s' * (touched != 1)}, last {day(debt['last_contact_on'])} ({debt['last_contact']})."
            if touched
            else "No contact is on record."
        )
    if text(debt["status"]) not in ("", "active"):
        parts.append(f"Customer status: {debt['status'].replace('_', ' ')}.")
    broken = int(debt["promises_broken"])
    if broken:
        parts.append(f"{broken} promise{'s' * (broken != 1)} broken.")
    for plan in known.of("plans", debt):
        if plan["state"] == PlanState.BROKEN and plan["agreed_on"] <= now:
            parts.append(f"Payment arrangement {plan['plan_id']}{where(plan, debt)} broken.")
    for claim in claims_of(debt, known):
        parts.append(f"Claim {claim['claim_id']}: {claim_state(claim, now).value.replace('_', ' ')}.")
    for dispute in known.of("disputes", debt):
        if dispute["closed_on"] <= now:
            parts.append(
                f"Dispute {dispute['dispute_id']}{where(dispute, debt)} closed {day(dispute['closed_on'])}."
            )
    for reserve in known.of("specific_reserves", debt):
        if reserve["valid_from"] <= now and not reserve["valid_to"] < now:
            held = (
                f"{(100 * Decimal(reserve['loss_rate'])).normalize():f} % of it"
                if isinstance(reserve["loss_rate"], str) and reserve["loss_rate"]
                else money_of(reserve)
            )
            parts.append(f"Specific reserve {reserve['reserve_id']}: {held}.")
    return " ".join(parts)


def caution(
    debt: Record, known: Casework, *, is_small: bool, sales_since: pd.Timestamp | None, has_activities: bool
) -> str:
    """What asks for care before a decision, as sentences; '' where nothing does."""
    scope: Scope = known.scope
    now = pd.Timestamp(scope.as_of)
    parts = []
    if is_none(debt["days_past_due"]):
        parts.append("It has no due date: its age counts from the document's date.")
    if not is_small:
        if not is_none(debt["customer_paid_on"]) and debt["customer_paid_on"] >= now - timedelta(
            days=STILL_PAYING_DAYS
        ):
            parts.append("The customer still pays other items: ask why not this one.")
        if sales_since is not None:
            parts.append(f"The customer still buys: last invoice {day(sales_since)}.")
        if has_activities and not int(debt["contacts"]):
            parts.append("Nobody has contacted the customer about it.")
    is_named = text(debt["status"]) in (*INSOLVENT, *PLACED)
    if is_named and "specific_reserves" in known.given and not known.of("specific_reserves", debt):
        parts.append("No specific reserve is held for the customer.")
    for claim in claims_of(debt, known):
        if claim_state(claim, now) is ClaimState.NOT_FILED and claim["file_by"] < now:
            parts.append(
                f"Claim {claim['claim_id']} was never filed; its last day was {day(claim['file_by'])}."
            )
    if text(debt["status"]) in PLACED:
        parts.append(
            f"It is placed ({debt['status']}): have it returned, or keep the placement on the debt written off."
        )
    if text(debt["status"]) in INSOLVENT and "claims" not in known.given:
        parts.append("No claims were given: see that one was filed.")
    for security in known.of("security", debt):
        if (
            security["kind"] != "set_off"
            and not security["valid_to"] >= now
            and not is_none(security["valid_to"])
        ):
            parts.append(f"Security {security['security_id']} ended {day(security['valid_to'])}.")
    return " ".join(parts)


def _age(debt: Record) -> str:
    if is_none(debt["days_past_due"]):
        return f"{int(debt['age_days'])} days old, dated {day(debt['document_date'])}, without a due date."
    due, original = debt["due_date"], debt["original_due_date"]
    rest = f", re-aged to {day(due)}" if not is_none(due) and due != original else ""
    return f"{int(debt['days_past_due'])} days past due, due {day(original)}{rest}."


def _first(said: str) -> str:
    return said[:1].upper() + said[1:]
