"""The tables of confirmations: whom to ask, the control sheet, exceptions and alternative procedures. Floor 1."""

from __future__ import annotations

from enum import StrEnum

from arlib.audit.evidence.frames import TRACED_ITEMS
from arlib.tables import Column, Kind, Table

T, D, M, N, R, F = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.RATE, Kind.FLAG


class State(StrEnum):
    """Where a confirmation stands."""

    TO_SEND = "to_send"
    SENT = "sent"
    AGREED = "agreed"  # replied, without a difference
    EXCEPTION = "exception"  # replied, with a difference
    NON_REPLY = "non_reply"
    REFUSED = "refused"  # the customer, or management, refuses
    UNDELIVERABLE = "undeliverable"
    NO_EVIDENCE = "no_evidence"  # a reply that the entity recorded


STATE_WORDS = {
    State.TO_SEND: "to send",
    State.SENT: "sent",
    State.AGREED: "replied, agreed",
    State.EXCEPTION: "replied, exception",
    State.NON_REPLY: "non-reply",
    State.REFUSED: "refused",
    State.UNDELIVERABLE: "undeliverable",
    State.NO_EVIDENCE: "recorded by the entity: no audit evidence",
}
UNANSWERED = (State.NON_REPLY, State.REFUSED, State.UNDELIVERABLE, State.NO_EVIDENCE)


class Cause(StrEnum):
    """Why a reply differs, as later bookings show."""

    CASH_IN_TRANSIT = "cash_in_transit"
    CREDIT_NOT_BOOKED = "credit_not_booked"
    GOODS_IN_TRANSIT = "goods_in_transit"
    INVOICE_BOOKED_AFTER = "invoice_booked_after"
    DISPUTED = "disputed"
    UNAPPLIED = "unapplied"
    UNKNOWN = "unknown"


CAUSE_WORDS = {
    Cause.CASH_IN_TRANSIT: "cash in transit: timing, if the bank line is after the date",
    Cause.CREDIT_NOT_BOOKED: "a credit note booked after the date: probably a misstatement at the date",
    Cause.GOODS_IN_TRANSIT: "goods in transit: timing, if they were ours to bill by the date",
    Cause.INVOICE_BOOKED_AFTER: "our invoice of before the date, booked after it: cut-off",
    Cause.DISPUTED: "disputed by the customer: valuation",
    Cause.UNAPPLIED: "a credit or cash of the customer that is open in the books: presentation",
    Cause.UNKNOWN: "not explained by the books",
}

BALANCES = Table("balances", "a customer's open balance in a currency", ("entity", "request_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("request_no", T, "number of the letter", True, is_key=True),
    Column("customer_id", T, "customer; empty for cash of unknown payers", is_key=True),
    Column("customer_name", T, "name; never trusted as a formula or markup"),
    Column("currency", T, "currency", True),
    Column("items", N, "open items", True),
    Column("debits", M, "open debits", True, currency="currency"),
    Column("credits", M, "open credits and unapplied cash", True, currency="currency"),
    Column("amount", M, "balance: both together", True, currency="currency"),
    Column("is_selected", F, "whether a letter goes out", True),
    Column("why", T, "why it was or was not selected", True),
))  # fmt: skip

CONTROL_SHEET = Table("control_sheet", "a confirmation letter", ("entity", "request_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("request_no", T, "number of the letter", True, is_key=True),
    Column("customer_id", T, "customer", True, is_key=True),
    Column("customer_name", T, "name; never trusted as a formula or markup"),
    Column("address", T, "postal address; never trusted as a formula or markup"),
    Column("email", T, "e-mail address"),
    Column("address_from", T, "where the addresses come from", True),
    Column("address_changed", T, "what is known of changes in the last 90 days", True),
    Column("form", T, "positive, negative or blank", True),
    Column("currency", T, "currency", True),
    Column("items", N, "items in the letter", True),
    Column("amount", M, "balance by the ledger", True, currency="currency"),
    Column("sent_on", D, "day that the auditor sent it"),
    Column("sent_by", T, "who sent it"),
    Column("replied_on", D, "day of the reply"),
    Column("replied_amount", M, "balance by the customer", currency="currency"),
    Column("difference", M, "ledger less customer", currency="currency"),
    Column("status", T, "where it stands", True, choices=State),
    Column("channel", T, "how the reply came"),
    Column("recorded_by", T, "who recorded it"),
    Column("recorder", T, "auditor or entity"),
    Column("reason", T, "the customer's reason, as recorded; never trusted as a formula or markup"),
    Column("note", T, "remark; never trusted as a formula or markup"),
))  # fmt: skip

EXCEPTIONS = Table("confirmation_exceptions", "a reply that differs from the ledger", ("entity", "request_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("request_no", T, "number of the letter", True, is_key=True),
    Column("customer_id", T, "customer", True, is_key=True),
    Column("customer_name", T, "name; never trusted as a formula or markup"),
    Column("currency", T, "currency", True),
    Column("amount", M, "balance by the ledger", True, currency="currency"),
    Column("replied_amount", M, "balance by the customer", True, currency="currency"),
    Column("difference", M, "ledger less customer", True, currency="currency"),
    Column("reason", T, "the customer's reason, as recorded; never trusted as a formula or markup"),
    Column("cause", T, "what the books show", True, choices=Cause),
    Column("explained", M, "of the difference, what documents of that cause add up to", True, currency="currency"),
    Column("documents", T, "the documents that explain it"),
    Column("evidence", T, "what they are, with dates"),
))  # fmt: skip

ALTERNATIVES = Table("alternative_procedures", "a letter without a usable reply and what supports it", ("entity", "request_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("request_no", T, "number of the letter", True, is_key=True),
    Column("customer_id", T, "customer", True, is_key=True),
    Column("customer_name", T, "name; never trusted as a formula or markup"),
    Column("status", T, "why there is no usable reply", True, choices=State),
    Column("currency", T, "currency", True),
    Column("debits", M, "open debits in the letter", True, currency="currency"),
    Column("paid", M, "cash after the date shown for the invoice by bank and payer", True, currency="currency"),
    Column("delivery", M, "of the rest: items whose delivery note or day the books name, to be inspected", True, currency="currency"),
    Column("unsupported", M, "neither: what remains", True, currency="currency"),
    Column("open_documents", T, "documents of what remains"),
))  # fmt: skip

ALTERNATIVE_ITEMS = Table("alternative_items", "an item of a letter without a usable reply", ("entity", "request_no", "item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("request_no", T, "number of the letter", True, is_key=True),
    *(column for column in TRACED_ITEMS.columns if column.name != "entity"),
))  # fmt: skip

BY_STATE = Table("by_status", "letters of one status in a currency", ("entity", "currency", "status"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("currency", T, "currency", True),
    Column("status", T, "where they stand; not selected, or not confirmable", True),
    Column("letters", N, "letters or balances", True),
    Column("debits", M, "open debits", True, currency="currency"),
    Column("amount", M, "balance", True, currency="currency"),
    Column("share", R, "of all debits, percent with two places, rounded down", True, may_be_zero=True),
))  # fmt: skip
