"""Declared tables of follow-up. Floor 1.

Amounts are minor units of the currency in the column that is named beside them. Names, texts and reasons that others wrote
are never trusted as formulas or markup.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.tables import choices
from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


class CashState(StrEnum):
    """What is to be done about open cash."""

    TO_CHASE = "to_chase"  # nobody said what it pays
    HELD = "held"  # of an insolvent, sanctioned or deceased payer: not ours to apply or ask about
    HAS_ADVICE = "has_advice"
    TOO_NEW = "too_new"
    PREPAYMENT = "prepayment"  # a contract liability: it waits for its invoice
    NOT_CASH = "not_cash"  # another credit that the aging shows as unapplied


class PlacementState(StrEnum):
    """Where a placement stands."""

    PLACED = "placed"
    RECALLED = "recalled"


class ClaimFinding(StrEnum):
    """What is to be said of a claim, the most urgent first."""

    MISSED = "missed"  # the last day to file is over
    NO_CLAIM = "no_claim"  # the customer is insolvent and no claim is on record
    FILE_SOON = "file_soon"
    TO_FILE = "to_file"
    FILED = "filed"
    ALLOWED = "allowed"
    PAID = "paid"
    DISALLOWED = "disallowed"
    ENDED = "ended"  # discharged or closed


def _who() -> tuple[Column, ...]:
    return (
        Column("entity", T, "entity code", True, is_key=True),
        Column("customer_id", T, "customer code at the as-of date; empty where none is known", is_key=True),
        Column("name", T, "name; never trusted as a formula or markup"),
        Column("collector", T, "who collects"),
    )


_CURRENCY = Column("currency", T, "currency of the amounts", True)


def _money(name: str, meaning: str) -> Column:
    return Column(name, M, meaning, currency="currency")


SKIPPED_INVOICES = Table("skipped_invoices", "an open invoice that later payments passed over", ("entity", "item_id"), (
    *_who(),
    Column("item_id", T, "item", True, is_key=True),
    Column("document_no", T, "its document number", is_key=True),
    _CURRENCY,
    _money("amount", "what is open"),
    Column("due_date", D, "due date", True),
    Column("days_past_due", N, "days past due", True),
    Column("receipts", N, "receipts that paid something due later and not this", True),
    Column("receipt_id", T, "first of them", True, is_key=True),
    Column("value_date", D, "day of that receipt", True),
    Column("is_disputed", F, "an open dispute stands on it", True),
    Column("ask", T, "what to ask", True),
))  # fmt: skip

SHORT_PAYMENTS = Table("short_payments_open", "an open item that was paid less than it came to", ("entity", "item_id", "instalment_no"), (
    *_who(),
    Column("item_id", T, "item", True, is_key=True),
    Column("instalment_no", N, "due part; empty where the item is due in one part"),
    Column("document_no", T, "its document number", is_key=True),
    Column("item_type", T, "what it is", True, choices=choices.ItemType),
    _CURRENCY,
    _money("billed", "amount of the item or part; of a residual what was left of the item before"),
    _money("paid", "cash that stands on it"),
    _money("credited", "settled otherwise: credits, discount, write-offs"),
    _money("left_open", "what is open"),
    Column("receipt_id", T, "last receipt that paid on it; empty for a residual", is_key=True),
    Column("paid_on", D, "day of that payment; of a residual the day it was made"),
    Column("days_open", N, "days since then"),
    Column("about", T, "why less was paid, as the records say; empty where nobody says"),
    Column("deduction_id", T, "deduction on record", is_key=True),
    Column("dispute_id", T, "open dispute on record", is_key=True),
    Column("what", T, "what is to be done", True),
))  # fmt: skip

OPEN_CASH = Table("open_cash", "cash that is not applied, and whether anyone said what it pays", ("entity", "item_id"), (
    *_who(),
    Column("item_id", T, "item of the receipt", True, is_key=True),
    Column("receipt_id", T, "receipt", is_key=True),
    Column("document_no", T, "its document number", is_key=True),
    Column("state", T, "what is to be done about it", True, choices=CashState),
    Column("status", T, "where it stands", choices=choices.ReceiptStatus),
    Column("payer_name", T, "payer as the bank gives it; never trusted as a formula or markup"),
    Column("received_on", D, "business day of the receipt", True),
    Column("days_open", N, "days since then", True),
    _CURRENCY,
    _money("amount", "what is open, above 0"),
    Column("has_text", F, "the payment carried a text or a reference", True),
    Column("contact", T, "person who pays there"),
    Column("phone", T, "telephone"),
    Column("email", T, "address for statements"),
    Column("ask", T, "whom to ask for what", True),
))  # fmt: skip

PLACEMENT_REGISTER = Table("placement_register", "a debt given to an agency or an attorney", ("entity", "placement_id"), (
    Column("placement_id", T, "placement", True, is_key=True),
    *_who(),
    Column("item_id", T, "item; empty for all that the customer owed that day", is_key=True),
    Column("kind", T, "agency or attorney", True, choices=choices.PlacementKind),
    Column("placed_with", T, "who collects it", True),
    Column("placed_on", D, "first day", True),
    Column("recalled_on", D, "day that it came back"),
    Column("state", T, "where it stands", True, choices=PlacementState),
    Column("days", N, "days there", True),
    _CURRENCY,
    _money("amount", "amount placed"),
    _money("collected", "cash on it while it was there"),
    _money("open_now", "what is open of it now"),
    Column("fee_rate", R, "contingency fee, share of what is collected", may_be_zero=True),
    _money("fee", "fee on what was collected, rounded half up; empty without a rate"),
    Column("approved_by", T, "who approved it"),
    Column("what", T, "what is to be done", True),
))  # fmt: skip

PLACEMENTS_PROPOSED = Table("placements_proposed", "an account to give to an agency or an attorney", ("entity", "customer_id"), (
    *_who(),
    Column("kind", T, "agency or attorney; empty where it is blocked", choices=choices.PlacementKind),
    _CURRENCY,
    _money("amount", "what would be placed, in the books' currency"),
    Column("items", N, "items in it", True),
    Column("oldest_due_date", D, "earliest of their due dates"),
    Column("max_days_past_due", N, "days past due of the oldest"),
    _money("excluded", "as late, and left out"),
    Column("excluded_because", T, "why, machine words separated by |"),
    Column("is_blocked", F, "nothing that may be placed reaches the policy's amount", True),
    Column("reason", T, "why, in words", True),
))  # fmt: skip

CLAIM_STANDINGS = Table("claim_standings", "a claim in a bankruptcy or an estate, or one that is wanting", ("entity", "customer_id", "claim_id"), (
    Column("claim_id", T, "claim; empty where none is on record", is_key=True),
    *_who(),
    Column("kind", T, "bankruptcy or estate", True, choices=choices.ClaimKind),
    Column("case_no", T, "number of the case"),
    Column("court", T, "court or administrator"),
    Column("opened_on", D, "petition, or death"),
    Column("file_by", D, "last day to file"),
    Column("days_left", N, "days from the as-of date to that day; below 0 it is over"),
    Column("filed_on", D, "day that we filed"),
    Column("state", T, "where it stood at the as-of date", choices=choices.ClaimState),
    Column("finding", T, "what is to be said of it", True, choices=ClaimFinding),
    _CURRENCY,
    _money("claimed", "amount claimed"),
    _money("balance_at_petition", "debits open at the end of the day before the petition, in this currency"),
    _money("difference", "claimed less that balance"),
    _money("post_petition", "open debits dated on the day of the petition or later: apart from the claim"),
    _money("received_since", "cash that came in on that day or later"),
    _money("held", "of it what is not applied"),
    _money("applied_since", "of it what was applied: to be looked at by counsel"),
    Column("letter_due", F, "its special letter is not on record", True),
    Column("what", T, "what is to be done", True),
))  # fmt: skip
