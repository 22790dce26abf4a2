"""Declared tables of what adjustments return beside PROPOSALS and BLOCKED. Floor 1.

Each row names the proposal that it belongs to, so that journals, documents and the report find their lines.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.policy.adjustment import CreditNature, Role
from arlib.tables import choices
from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


class Part(StrEnum):
    """Part of an invoice."""

    NET = "net"
    TAX = "tax"
    FREIGHT = "freight"


class RebillLine(StrEnum):
    """A line of credit-and-rebill."""

    CREDIT = "credit"  # the old invoice, in full
    INVOICE = "invoice"  # the new one
    PAYMENT_OUT = "payment_out"  # what was paid or credited on the old invoice leaves it ...
    PAYMENT_IN = "payment_in"  # ... and goes to the new one; never more than it bills
    ON_ACCOUNT = "on_account"  # what is left of it stays an open credit


class DeductionWay(StrEnum):
    """What is to be done with a deduction."""

    ADJUST = "adjust"  # valid or authorised: an adjusting entry is proposed
    BLOCKED = "blocked"  # valid or authorised, but something forbids the entry
    CHARGE_BACK = "charge_back"  # refused: bill it back to the customer
    COLLECT = "collect"  # refused and billed back: collect it
    DECIDE = "decide"  # pending, its clock runs
    OVERDUE = "overdue"  # pending, past its clock
    ESCALATE = "escalate"  # pending, past its clock and the days of grace
    NONE = "none"  # settled


class RollLine(StrEnum):
    """A line of the roll of pending deductions."""

    OPENING = "opening"
    TAKEN = "taken"
    VALID = "valid"
    AUTHORISED = "authorised"
    INVALID = "invalid"
    SETTLED = "settled"
    CLOSING = "closing"


class Treatment(StrEnum):
    """What a concession in a settlement is."""

    PRICE_CONCESSION = "price_concession"  # less revenue
    CREDIT_LOSS = "credit_loss"  # a loss on the debt, against the allowance


class FeeState(StrEnum):
    """What became of the fee of a returned payment."""

    PROPOSED = "proposed"
    CHARGED = "charged"
    WAIVED = "waived"
    BLOCKED = "blocked"
    NO_POLICY = "no_policy"  # no fee is set for this country and currency
    TOO_OLD = "too_old"


class ClawbackWay(StrEnum):
    """How commission is taken back."""

    CLAW_BACK = "claw_back"  # it was paid: claim it from the partner
    REDUCE_ACCRUAL = "reduce_accrual"  # it is still owed: owe less


def _proposal(is_required: bool = True) -> tuple[Column, Column]:
    return (
        Column("entity", T, "entity code", True, is_key=True),
        Column("proposal_id", T, "proposal", is_required, is_key=True),
    )


ADJUSTMENT_LINES = Table(
    "adjustment_lines", "what a proposal debits: a part of the invoice and its role",
    ("entity", "proposal_id", "line_no"), (
    *_proposal(),
    Column("line_no", N, "1, 2, 3 ...", True),
    Column("kind", T, "kind of the proposal", True, choices=choices.ProposalKind),
    Column("item_id", T, "item", is_key=True),
    Column("part", T, "part of the invoice", True, choices=Part),
    Column("nature", T, "nature of the reason", True, choices=CreditNature),
    Column("role", T, "what is debited", True, choices=Role),
    Column("reverses_revenue", F, "reduces revenue, and is no loss or expense", True),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount debited; the lines of a proposal add up to it", True, currency="currency"),
))  # fmt: skip

REBILL_LINES = Table(
    "rebill_lines", "a line of credit-and-rebill, with its effect on receivables",
    ("entity", "proposal_id", "line_no"), (
    *_proposal(),
    Column("line_no", N, "1, 2, 3 ...", True),
    Column("line", T, "what it is", True, choices=RebillLine),
    Column("item_id", T, "the old invoice", True, is_key=True),
    Column("customer_id", T, "customer whose account moves", True, is_key=True),
    Column("currency", T, "currency", True),
    Column("amount", M, "effect on receivables: debit +, credit -", True, currency="currency"),
    Column("net_amount", M, "net in it", currency="currency"),
    Column("tax_amount", M, "tax in it", currency="currency"),
    Column("freight_amount", M, "freight in it", currency="currency"),
    Column("due_date", D, "due date of the line: the new invoice keeps the old one's"),
    Column("original_due_date", D, "original due date, which risk aging uses"),
    Column("what", T, "what happens, in words", True),
))  # fmt: skip

DEDUCTION_CASES = Table("deduction_cases", "a deduction, what is to be done and by when", ("entity", "deduction_id"), (
    *_proposal(False),
    Column("deduction_id", T, "deduction", True, is_key=True),
    Column("customer_id", T, "customer", True, is_key=True),
    Column("item_id", T, "item that is open for it", True, is_key=True),
    Column("currency", T, "currency", True),
    Column("amount", M, "deducted", True, currency="currency"),
    Column("outstanding", M, "open on its item", currency="currency"),
    Column("reason", T, "reason code", True),
    Column("nature", T, "nature of the reason", choices=CreditNature),
    Column("state", T, "where it stands", True, choices=choices.DeductionState),
    Column("taken_on", D, "day of the short payment", True),
    Column("decided_on", D, "day of the decision"),
    Column("way", T, "what is to be done", True, choices=DeductionWay),
    Column("act_by", D, "day by which it is to be done; that day is in time"),
    Column("days_over", N, "days past that day; 0 or less is in time"),
    Column("owner", T, "who is to do it"),
    Column("escalate_to", T, "who is told; empty while nobody is"),
    Column("reference", T, "claim, debit note or agreement number"),
))  # fmt: skip

DEDUCTION_ROLL = Table("deduction_roll", "a line of the roll of pending deductions", ("entity", "currency", "line"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("currency", T, "currency", True),
    Column("line", T, "what it is", True, choices=RollLine),
    Column("deductions", N, "deductions in it", True),
    Column("amount", M, "amount; what leaves the pending balance is negative", True, currency="currency"),
))  # fmt: skip

SETTLEMENTS = Table("settlements", "an offer to settle, against the balance", ("entity", "proposal_id"), (
    *_proposal(),
    Column("customer_id", T, "customer", True, is_key=True),
    Column("item_id", T, "item; empty where it is for the account", is_key=True),
    Column("currency", T, "currency", True),
    Column("balance", M, "owed at the as-of date", True, currency="currency"),
    Column("payment", M, "payment offered", True, currency="currency"),
    Column("pay_by", D, "day by which it is to be paid; that day is in time", True),
    Column("days", N, "days from the as-of date to the payment", True),
    Column("discount_rate", R, "rate a year that the payment is valued at", True, may_be_zero=True),
    Column("present_value", M, "payment ÷ (1 + rate × days ÷ 365)", True, currency="currency"),
    Column("concession", M, "balance less payment: what authority is needed for", True, currency="currency"),
    Column("economic_loss", M, "balance less present value", True, currency="currency"),
    Column("tax_in_concession", M, "tax in the concession", True, currency="currency"),
    Column("treatment", T, "price concession or credit loss", True, choices=Treatment),
    Column("why", T, "why it is treated so, and the way of the tax", True),
    Column("release_reference", T, "document that releases the debtor; empty while there is none"),
))  # fmt: skip

SETTLEMENT_ITEMS = Table("settlement_items", "what a settlement takes from an item", ("entity", "proposal_id", "item_id"), (
    *_proposal(),
    Column("item_id", T, "item", True, is_key=True),
    Column("currency", T, "currency", True),
    Column("balance", M, "open on it", True, currency="currency"),
    Column("concession", M, "given up on it", True, currency="currency"),
    Column("net_amount", M, "net in that", True, currency="currency"),
    Column("tax_amount", M, "tax in that", True, currency="currency"),
))  # fmt: skip

PLAN_SCHEDULES = Table("plan_schedules", "an instalment of a proposed payment arrangement", ("entity", "proposal_id", "instalment_no"), (
    *_proposal(),
    Column("instalment_no", N, "1, 2, 3 ...", True),
    Column("due_date", D, "due date", True),
    Column("days", N, "days since the one before, or since the request", True),
    Column("currency", T, "currency", True),
    Column("rate", R, "interest a year", True, may_be_zero=True),
    Column("payment", M, "to be paid", True, currency="currency"),
    Column("interest", M, "interest in it: balance × rate × days ÷ 365", True, currency="currency"),
    Column("principal", M, "payment less interest", True, currency="currency"),
    Column("balance_after", M, "principal left after it", True, currency="currency"),
))  # fmt: skip

PLAN_STANDINGS = Table("plan_standings", "a payment arrangement that exists, schedule against payments", ("entity", "plan_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("plan_id", T, "plan", True, is_key=True),
    Column("customer_id", T, "customer", True, is_key=True),
    Column("item_id", T, "item; empty where it is for the account", is_key=True),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount that is paid off", True, currency="currency"),
    Column("state", T, "state as the books have it", True, choices=choices.PlanState),
    Column("agreed_on", D, "day of the agreement", True),
    Column("instalments", N, "instalments", True),
    Column("due", M, "instalments due by the as-of date", True, currency="currency"),
    Column("paid", M, "paid since the agreement on its items", True, currency="currency"),
    Column("behind", M, "due less paid, not below zero", True, currency="currency"),
    Column("missed", N, "instalments not paid when their grace ended", True),
    Column("oldest_missed", D, "due date of the first of them"),
    Column("is_default", F, "missed as many as the policy takes for a default", True),
    Column("what", T, "what to do, in words", True),
))  # fmt: skip

REWRITES = Table("rewrites", "a service that ended early, and the credit for its unused days", ("entity", "proposal_id"), (
    *_proposal(),
    Column("item_id", T, "invoice", True, is_key=True),
    Column("service_from", D, "first day billed", True),
    Column("service_to", D, "last day billed; both ends are service days", True),
    Column("effective_on", D, "day that the service ends on", True),
    Column("days", N, "days billed", True),
    Column("unused_days", N, "of them unused", True),
    Column("currency", T, "currency", True),
    Column("net_amount", M, "unused net", True, currency="currency"),
    Column("tax_amount", M, "unused tax", True, currency="currency"),
    Column("credited_before", M, "unused service credited before, gross, already taken off", True, currency="currency"),
    Column("amount", M, "credit: net and tax", True, currency="currency"),
))  # fmt: skip

TAX_CORRECTIONS = Table("tax_corrections", "tax charged to an exempt customer", ("entity", "proposal_id"), (
    *_proposal(),
    Column("customer_id", T, "customer", True, is_key=True),
    Column("item_id", T, "invoice", True, is_key=True),
    Column("document_date", D, "date of the invoice: the certificate must be valid on it", True),
    Column("certificate_no", T, "certificate", True, is_key=True),
    Column("jurisdiction", T, "whose certificate"),
    Column("valid_from", D, "first day of the certificate", True),
    Column("valid_to", D, "last day"),
    Column("received_on", D, "day that we received it"),
    Column("currency", T, "currency", True),
    Column("tax_charged", M, "tax on the invoice", True, currency="currency"),
    Column("tax_credited", M, "of it credited before", True, currency="currency"),
    Column("amount", M, "tax to be credited", True, currency="currency"),
))  # fmt: skip

RETURN_FEES = Table("return_fees", "a payment returned for want of funds, and its fee", ("entity", "item_id"), (
    *_proposal(False),
    Column("item_id", T, "item of the return", True, is_key=True),
    Column("customer_id", T, "customer", True, is_key=True),
    Column("returned_on", D, "day of the return", True),
    Column("return_code", T, "the bank's code"),
    Column("country", T, "country of the customer"),
    Column("currency", T, "currency of the returned payment", True),
    Column("returned", M, "amount returned", True, currency="currency"),
    Column("fee", M, "fee by policy; empty where none is set", currency="currency"),
    Column("fee_item_id", T, "fee already charged", is_key=True),
    Column("state", T, "what became of the fee", True, choices=FeeState),
    Column("why", T, "why, in words", True),
))  # fmt: skip

CLAWBACKS = Table("clawbacks", "commission taken back for a proposal", ("entity", "proposal_id", "commission_id"), (
    *_proposal(),
    Column("commission_id", T, "commission", True, is_key=True),
    Column("kind", T, "kind of the proposal", True, choices=choices.ProposalKind),
    Column("item_id", T, "item", True, is_key=True),
    Column("sales_partner", T, "partner", True, is_key=True),
    Column("currency", T, "currency of the commission", True),
    Column("rate", R, "commission rate", True, may_be_zero=True),
    Column("reduction_currency", T, "currency of the proposal", True),
    Column("net_reduction", M, "order value that falls away, without tax and freight", True, currency="reduction_currency"),
    Column("earned", M, "commission earned", True, currency="currency"),
    Column("clawed_back", M, "taken back before, by the books and by proposals above", True, currency="currency"),
    Column("amount", M, "commission to take back", True, currency="currency"),
    Column("is_limited", F, "the rate gives more than is left of the commission", True),
    Column("way", T, "claw back what was paid, or owe less", True, choices=ClawbackWay),
))  # fmt: skip

DETAILS: dict[str, Table] = {
    "lines": ADJUSTMENT_LINES,
    "rebills": REBILL_LINES,
    "deductions": DEDUCTION_CASES,
    "settlements": SETTLEMENTS,
    "settlement_items": SETTLEMENT_ITEMS,
    "schedules": PLAN_SCHEDULES,
    "rewrites": REWRITES,
    "tax_corrections": TAX_CORRECTIONS,
    "fees": RETURN_FEES,
}
