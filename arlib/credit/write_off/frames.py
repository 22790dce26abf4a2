"""Declared tables of write-offs. Floor 1. Amounts are positive where they are written off, recovered or repaid."""

from __future__ import annotations

from enum import StrEnum

from arlib.tables import choices
from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, F = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG


class ReliefStatus(StrEnum):
    """Where the relief of the tax in a debt written off stands."""

    TOO_EARLY = "too_early"
    CLAIMABLE = "claimable"
    CLAIMED = "claimed"
    LAPSED = "lapsed"
    REPAY = "repay_on_recovery"  # claimed, and some of the debt came back since
    REPAID = "repaid"
    NO_RULE = "no_rule"  # the policy has no row for the country


class LimitationState(StrEnum):
    """Whether a debt may still be enforced."""

    RUNNING = "running"
    WARNING = "warning"  # the last day is near
    BARRED = "time_barred"
    UNKNOWN = "unknown"  # no date to count from, or no row for the country


class RecoveryWay(StrEnum):
    """How money came back on a debt written off."""

    REINSTATED = "reinstated_and_paid"  # put back on the account, then paid
    DIRECT = "direct"  # booked as a recovery without putting the debt back
    REVERSED = "write_off_reversed"  # the write-off was taken back
    OPEN = "reinstated_open"  # put back on the account, not paid


class Flag(StrEnum):
    """A pattern that a person should look at, the gravest first."""

    SELF_APPROVED = "proposer_is_approver"
    SPLIT = "split_below_limit"
    NEAR_EQUAL = "near_equal_amounts"
    OVER_LIMIT = "over_limit"
    NO_APPROVER = "no_approver"
    DISPUTED = "disputed_item"
    HELD = "held_item"
    CREDIT = "credit_written_off"
    PLAN_OPEN = "plan_running"
    PROMISE_OPEN = "promise_open"
    NEW_SALES = "followed_by_new_sales"
    QUICK_RECOVERY = "quick_recovery"
    REPEATED = "repeated_for_customer"
    RELIEF_DATES = "relief_out_of_time"


DEBTS = Table("debts", "an open debit item with what is known of it", ("entity", "item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item", True, is_key=True),
    Column("customer_id", T, "customer code at the as-of date", is_key=True),
    Column("customer_name", T, "name; never trusted as a formula or markup"),
    Column("document_no", T, "document number", is_key=True),
    Column("item_type", T, "what it is", True, choices=choices.ItemType),
    Column("document_date", D, "date of the document", True),
    Column("due_date", D, "due date of the whole item, if any"),
    Column("original_due_date", D, "due date before any residual, rebill or rescheduling, if any"),
    Column("days_past_due", N, "days from the original due date to the as-of date; empty without a due date"),
    Column("age_days", N, "the same; from the document's date where there is no due date", True),
    Column("currency", T, "document currency", True),
    Column("amount", M, "gross amount of the item", True, currency="currency"),
    Column("outstanding", M, "what is open, above zero", True, currency="currency"),
    Column("tax_outstanding", M, "tax in what is open, in proportion; empty where the item's tax is not known", currency="currency"),
    Column("functional_outstanding", M, "carrying amount of what is open", currency="functional"),
    Column("control_account", T, "ledger account", is_key=True),
    Column("role", T, "what that account is for"),
    Column("segment", T, "segment for loss rates"),
    Column("assigned_to", T, "factor, agency or attorney that holds it"),
    Column("is_secured", F, "marked as secured", True),
    Column("is_insured", F, "marked as insured", True),
    Column("is_residual", F, "carries on the rest of another item, or was paid in part", True),
    Column("status", T, "how the customer may be dealt with, at the as-of date"),
    Column("rating", T, "rating at the as-of date"),
    Column("country", T, "country of the customer"),
    Column("is_intercompany", F, "a company of the group", True),
    Column("last_payment_on", D, "last payment on the item"),
    Column("customer_paid_on", D, "last payment of the customer on any item"),
    Column("contacts", N, "calls, letters, mails and escalations about the item or the account", True),
    Column("escalations", N, "of them escalations", True),
    Column("last_contact_on", D, "last of them"),
    Column("last_contact", T, "its kind and who made it"),
    Column("promises_broken", N, "promises not kept by their day, in part or at all", True),
    Column("open_credit", M, "credits and cash of the customer in this currency that are not applied, as a positive amount", True, currency="currency"),
    Column("open_credit_documents", T, "their documents"),
))  # fmt: skip

WRITE_OFF_FLOWS = Table("write_off_flows", "a write-off that the ledger posted, or its reversal", ("entity", "application_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("application_id", T, "application", True, is_key=True),
    Column("write_off_item_id", T, "the write-off document's item", True, is_key=True),
    Column("item_id", T, "item written off", True, is_key=True),
    Column("document_no", T, "its document number", is_key=True),
    Column("customer_id", T, "customer code at the as-of date", is_key=True),
    Column("date", D, "date by the basis of the scope", True),
    Column("currency", T, "document currency", True),
    Column("amount", M, "written off +, reversed -", True, currency="currency"),
    Column("functional_amount", M, "what the ledger posts for it", currency="functional"),
    Column("reason", T, "reason code"),
    Column("user", T, "who posted"),
    Column("is_reversal", F, "takes a write-off back", True),
    Column("is_of_credit", F, "a credit balance was written off", True),
    Column("in_period", F, "dated from the first day of the period to the as-of date", True),
))  # fmt: skip

REGISTER = Table("written_off_register", "a debt written off, and what became of it", ("entity", "item_id", "written_off_on"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item", True, is_key=True),
    Column("written_off_on", D, "date", True),
    Column("customer_id", T, "customer code at the as-of date", is_key=True),
    Column("customer_name", T, "name; never trusted as a formula or markup"),
    Column("document_no", T, "document number", is_key=True),
    Column("currency", T, "currency", True),
    Column("amount", M, "gross amount written off", True, currency="currency"),
    Column("tax_amount", M, "tax part; empty where it is not known", currency="currency"),
    Column("reinstated", M, "put back on the account since, or written off in error and taken back", True, currency="currency"),
    Column("recovered", M, "money that came back since", True, currency="currency"),
    Column("left", M, "still written off: amount less what was put back or came back directly", True, currency="currency"),
    Column("reason", T, "reason code"),
    Column("proposed_by", T, "proposer"),
    Column("approved_by", T, "approver"),
    Column("is_enforceable", F, "may still be collected: recorded so, and not time-barred; empty where neither is known"),
    Column("limitation_date", D, "last day to enforce it"),
    Column("limitation_state", T, "whether that day is near or past", True, choices=LimitationState),
    Column("relief_claimed_on", D, "day that relief of the tax part was claimed"),
    Column("relief_repaid_on", D, "day that it was paid back"),
    Column("source", T, "register, or ledger where the register has no row", True),
    Column("in_period", F, "written off in the period", True),
))  # fmt: skip

RECOVERIES = Table("recoveries", "money that came back, or a debt put back, after a write-off", ("entity", "recovery_id", "item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("recovery_id", T, "item or application that records it", True, is_key=True),
    Column("item_id", T, "item written off", is_key=True),
    Column("document_no", T, "its document number", is_key=True),
    Column("customer_id", T, "customer code at the as-of date", is_key=True),
    Column("date", D, "date by the basis of the scope", True),
    Column("written_off_on", D, "first write-off of the item on or before it; empty where none is known"),
    Column("days_since", N, "days between the two"),
    Column("currency", T, "currency", True),
    Column("reinstated", M, "put back on the account", True, currency="currency"),
    Column("recovered", M, "paid of it by the as-of date", True, currency="currency"),
    Column("functional_recovered", M, "carrying amount of what was paid", currency="functional"),
    Column("way", T, "how it came back", True, choices=RecoveryWay),
    Column("is_as_policy", F, "booked as the policy has it: the debt is put back first, or not", True),
    Column("in_period", F, "dated in the period", True),
))  # fmt: skip

RELIEF = Table("tax_relief", "the tax part of a debt written off and its relief", ("entity", "item_id", "written_off_on"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item", True, is_key=True),
    Column("written_off_on", D, "date; empty for a proposal"),
    Column("document_no", T, "document number", is_key=True),
    Column("customer_id", T, "customer", is_key=True),
    Column("currency", T, "currency", True),
    Column("amount", M, "gross amount written off", True, currency="currency"),
    Column("tax_amount", M, "tax part", True, currency="currency"),
    Column("jurisdiction", T, "country that gives the relief"),
    Column("earliest_claim", D, "first day on which it may be claimed"),
    Column("latest_claim", D, "last day on which it may be claimed; empty where there is no end"),
    Column("status", T, "where it stands", True, choices=ReliefStatus),
    Column("claim_amount", M, "tax that may be claimed now or later: that of what has not come back", True, currency="currency"),
    Column("claimed_on", D, "day of the claim"),
    Column("repay_amount", M, "tax to pay back: that of what came back since", True, currency="currency"),
    Column("repaid_on", D, "day that it was paid back"),
    Column("evidence", T, "what a claim needs"),
    Column("rule", T, "the rule"),
))  # fmt: skip

LIMITATIONS = Table("limitation", "a debt and the last day to enforce it", ("entity", "item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item", True, is_key=True),
    Column("document_no", T, "document number", is_key=True),
    Column("customer_id", T, "customer", is_key=True),
    Column("currency", T, "currency", True),
    Column("amount", M, "open amount, or what is left of a debt written off", True, currency="currency"),
    Column("is_written_off", F, "whether it was written off", True),
    Column("due_date", D, "original due date"),
    Column("restarted_on", D, "last acknowledgement or part payment that restarted the time; empty where none did"),
    Column("restarted_by", T, "which it was"),
    Column("limitation_date", D, "last day to enforce it"),
    Column("days_left", N, "days to it from the as-of date; negative once it is past"),
    Column("state", T, "whether it is near or past", True, choices=LimitationState),
    Column("rule", T, "the rule, or the register"),
    Column("next_step", T, "what is to be done"),
))  # fmt: skip

FLAGS = Table("flags", "a pattern in write-offs that a person should look at", ("flag", "reference"), (
    Column("rank", N, "1 is the gravest", True),
    Column("flag", T, "which pattern", True, choices=Flag),
    Column("reference", T, "stable name of the line", True, is_key=True),
    Column("customer_id", T, "customer", is_key=True),
    Column("customer_name", T, "name; never trusted as a formula or markup"),
    Column("items", N, "write-offs in it", True),
    Column("documents", T, "their documents", True),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount in question", True, currency="currency"),
    Column("first_on", D, "date of the first write-off in it", True),
    Column("in_period", F, "whether any of it is of the period", True),
    Column("people", T, "who proposed, posted or approved"),
    Column("finding", T, "what was found, in words", True),
))  # fmt: skip

BY_REASON = Table("write_offs_by_reason", "write-offs of the period by reason", ("currency", "reason"), (
    Column("currency", T, "document currency", True),
    Column("reason", T, "reason code; '' where none is given"),
    Column("items", N, "write-offs, reversals not counted", True),
    Column("amount", M, "written off less reversed", True, currency="currency"),
    Column("largest", M, "largest single write-off", True, currency="currency"),
    Column("over_limit_items", N, "of them above what the policy allows", True),
    Column("over_limit_amount", M, "their amount", True, currency="currency"),
))  # fmt: skip

BY_MONTH = Table("write_offs_by_month", "write-offs and recoveries of a month", ("month", "currency"), (
    Column("month", T, "calendar month, e.g. 2026-10", True),
    Column("currency", T, "document currency", True),
    Column("written_off", M, "written off less reversed", True, currency="currency"),
    Column("recovered", M, "recovered", True, currency="currency"),
    Column("net", M, "written off less recovered", True, currency="currency"),
    Column("functional_net", M, "the same at carrying amounts; empty where one is not known", currency="functional"),
    Column("items", N, "write-offs, reversals not counted", True),
))  # fmt: skip

DIFFERENCES = Table("register_differences", "a document that stands in the register and the ledger differently", ("entity", "item_id", "currency"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item", True, is_key=True),
    Column("document_no", T, "document number", is_key=True),
    Column("customer_id", T, "customer", is_key=True),
    Column("currency", T, "currency", True),
    Column("registered", M, "in the register", True, currency="currency"),
    Column("posted", M, "in the ledger, reversals taken off", True, currency="currency"),
    Column("difference", M, "register less ledger", True, currency="currency"),
    Column("cause", T, "why: other_date, reversed, not_in_register, not_in_ledger or amount_differs", True),
    Column("is_explained", F, "whether that cause accounts for it", True),
    Column("since", D, "earliest date of it", True),
))  # fmt: skip

__all__ = [
    "BY_MONTH", "BY_REASON", "DEBTS", "DIFFERENCES", "FLAGS", "LIMITATIONS", "RECOVERIES", "REGISTER",
    "RELIEF", "WRITE_OFF_FLOWS", "Flag", "LimitationState", "RecoveryWay", "ReliefStatus",
]  # fmt: skip
