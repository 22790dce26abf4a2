"""Declared tables of one customer at the desk: open items, history, receipts, timeline. Floor 1.

Columns stand in reading order; identifiers for the program come last, `rank` is the order that people want. Names, memos
and reasons are never trusted as formulas or markup.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.tables import choices
from arlib.tables.kinds import Column, Kind, Table

T, D, AT, M, N = Kind.TEXT, Kind.DAY, Kind.INSTANT, Kind.MONEY, Kind.INTEGER


class ReceiptStanding(StrEnum):
    """Where a receipt stands at the as-of date, as its open part says."""

    APPLIED = "applied"
    APPLIED_IN_PART = "applied_in_part"
    UNAPPLIED = "unapplied"
    ON_ACCOUNT = "on_account"
    UNIDENTIFIED = "unidentified"
    RETURNED = "returned"
    RETURN = "return"  # itself the return of another
    NOT_POSTED = "not_posted"  # no item in the sub-ledger stands for it
    OF_OTHERS = "of_others"  # another account's: what is open of it is not told here


class TimelineKind(StrEnum):
    """What happened."""

    DOCUMENT = "document"  # invoice, debit memo, chargeback, fee, transfer, opening
    CREDIT = "credit"  # credit memo, adjustment
    RECEIPT = "receipt"
    RETURN = "return"  # of a payment
    REFUND = "refund"
    WRITE_OFF = "write_off"  # and recovery
    APPLICATION = "application"
    FELL_DUE = "fell_due"  # the first day past due of something that was open then
    RESCHEDULED = "rescheduled"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_SETTLED = "dispute_settled"
    PROMISE_GIVEN = "promise_given"
    PROMISE_JUDGED = "promise_judged"  # kept, partly, broken, or of nothing owed
    CONTACT = "contact"  # call, e-mail, letter, escalation
    NOTE = "note"
    NOTICE = "notice"  # dunning
    PORTAL = "portal"
    PLAN = "plan"
    DEDUCTION = "deduction"
    HOLD = "hold"
    CLAIM = "claim"
    PLACEMENT = "placement"
    EXCEPTION = "exception"
    MASTER_DATA = "master_data"  # limit, terms, status, collector ...
    MERGER = "merger"
    REQUEST = "request"  # a credit, write-off ... asked for
    DECISION = "decision"  # of a person, at the desk or by approval
    THEIR_STATEMENT = "their_statement"


def _rank(meaning: str) -> Column:
    return Column("rank", N, meaning, True)


def _item(*, is_required: bool = True) -> Column:
    return Column("item_id", T, "item", is_required, is_key=True)


OPEN_OF_CUSTOMER = Table("open_items_of_customer", "an open item, or open due part, of a customer", ("rank",), (
    Column("document_no", T, "number that people quote", is_key=True),
    Column("item_type", T, "what it is", True, choices=choices.ItemType),
    Column("document_date", D, "date printed on the document", True),
    Column("due_date", D, "due date as it stood at the as-of date"),
    Column("days_past_due", N, "days to the as-of date; negative while not due"),
    Column("bucket", T, "place in the aging", True),
    Column("currency", T, "document currency", True),
    Column("amount", M, "gross amount of the item or part", True, currency="currency"),
    Column("outstanding", M, "what is open", True, currency="currency"),
    Column("disputed", M, "of it, in open disputes", True, currency="currency"),
    Column("purchase_order", T, "customer's order number"),
    Column("note", T, "what is to be known of it, in words"),
    _item(),
    Column("instalment_no", N, "due part; empty where the item is due in one part"),
    _rank("1 is the oldest due; credits and cash last"),
))  # fmt: skip

HISTORY_OF_CUSTOMER = Table("history_of_customer", "a document of a customer that is settled", ("rank",), (
    Column("document_no", T, "number that people quote", is_key=True),
    Column("item_type", T, "what it is", True, choices=choices.ItemType),
    Column("document_date", D, "date printed on the document", True),
    Column("due_date", D, "due date before any rescheduling"),
    Column("settled_on", D, "day of the last application that changed it, by the basis asked for", True),
    Column("days_late", N, "days from the original due date to the last cash on it; negative is early, empty without cash"),
    Column("currency", T, "document currency", True),
    Column("amount", M, "gross amount", True, currency="currency"),
    Column("paid", M, "settled by cash, net of reversals", True, currency="currency"),
    Column("discount", M, "cash discount allowed", True, currency="currency"),
    Column("other", M, "settled otherwise: credits, write-offs, what carries it on", True, currency="currency"),
    Column("how", T, "what settled it, in words", True),
    _item(),
    _rank("1 was settled last"),
))  # fmt: skip

RECEIPTS_OF_CUSTOMER = Table("receipts_of_customer", "cash from a customer, or on its items", ("rank",), (
    Column("document_no", T, "number in the ledger, else of the receipt", is_key=True),
    Column("received_on", D, "business day", True),
    Column("status", T, "where it stands at the as-of date", True, choices=ReceiptStanding),
    Column("currency", T, "currency", True),
    Column("amount", M, "money received +, returned -", True, currency="currency"),
    Column("open_amount", M, "of it, not applied; empty where this customer's book cannot tell", currency="currency"),
    Column("payer_name", T, "payer as the bank gives it; never trusted"),
    Column("payer_account", T, "payer's account"),
    Column("reference", T, "structured reference"),
    Column("remittance_text", T, "free text; never trusted"),
    Column("paid", T, "what it paid, in words"),
    Column("note", T, "what is to be known of it, in words"),
    Column("receipt_id", T, "receipt; empty where only an item of the ledger stands for it", is_key=True),
    _item(is_required=False),
    _rank("1 is the newest"),
))  # fmt: skip

TIMELINE = Table("customer_timeline", "something that happened on a customer's account", ("step",), (
    Column("day", D, "day, where the entity sits", True),
    Column("at", AT, "instant, UTC; empty where only the day is known"),
    Column("kind", T, "what happened", True, choices=TimelineKind),
    Column("reference", T, "document, or identifier of the record", is_key=True),
    Column("other_no", T, "document on the other side, if any", is_key=True),
    Column("currency", T, "currency of the amount; empty without one"),
    Column("amount", M, "amount of it, signed as the ledger has it for documents", currency="currency"),
    Column("text", T, "what happened, in words; parts that people wrote are never trusted", True),
    Column("by", T, "who did it"),
    Column("item_id", T, "item that it is about; empty for the account", is_key=True),
    Column("source", T, "table that says so", True),
    Column("source_id", T, "its identifier there", True, is_key=True),
    Column("step", N, "1, 2, 3 ... in the order of the days; the newest is last", True),
))  # fmt: skip
