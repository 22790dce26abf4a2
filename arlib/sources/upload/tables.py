"""What a posting is, whatever the ERP: receipts, applications, adjustments, credit memos, invoices, journals. Floor 2.

Amounts of receipts, credit memos and invoices are positive. An application's or adjustment's amount is what the item moves towards
zero by: negative on an item that is a credit. Journal lines are debits +, credits -. Currencies are plain ISO 4217 codes.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.credit.posting.roles import Role
from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, F = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG


class SourceKind(StrEnum):
    """What is set against an item."""

    RECEIPT = "receipt"
    CREDIT = "credit"


class AdjustmentType(StrEnum):
    """Why an item moves without cash."""

    WRITE_OFF = "write_off"
    ADJUSTMENT = "adjustment"
    BANK_CHARGE = "bank_charge"
    EXCHANGE = "exchange"
    TOLERANCE = "tolerance"
    REFUND = "refund"  # a credit paid back
    UNCLAIMED = "unclaimed"  # a credit owed to a holder state
    CONTRA = "contra"  # set off against what we owe


class Purpose(StrEnum):
    """What a journal is for."""

    POST = "post"  # to be loaded into the general ledger: nothing else posts it
    EXPECTED = "expected"  # what the sub-ledger makes of the other postings; never loaded beside them


class JournalKind(StrEnum):
    """What a journal stands for."""

    RECEIPT = "receipt"
    APPLICATION = "application"
    ADJUSTMENT = "adjustment"
    CREDIT_MEMO = "credit_memo"
    INVOICE = "invoice"
    GENERAL = "general"


def _id(name: str, meaning: str, *, is_required: bool = True) -> Column:
    return Column(name, T, meaning, is_required, is_key=True)


_ENTITY = _id("entity", "entity code")
_REFERENCE = _id("reference", "stable reference: one posting has one, and the same posting always the same")
_GL_DATE = Column("gl_date", D, "accounting date in the ledger", True)
_TEXT = Column("text", T, "free text; made inert and cut to the field when it is written")

POSTING_RECEIPTS = Table("posting_receipts", "a receipt to create", ("entity", "reference"), (
    _ENTITY, _REFERENCE,
    _id("receipt_id", "receipt in the source"),
    _id("customer_id", "customer; empty while the payer is unknown", is_required=False),
    Column("receipt_date", D, "when the money came", True),
    _GL_DATE,
    Column("currency", T, "currency", True),
    Column("amount", M, "money received", True, currency="currency"),
    _TEXT,
))  # fmt: skip

POSTING_APPLICATIONS = Table("posting_applications", "a receipt or credit set against an item", ("entity", "reference"), (
    _ENTITY, _REFERENCE,
    Column("source_kind", T, "receipt or credit", True, choices=SourceKind),
    _id("source_id", "receipt, or item that is the credit"),
    _id("source_document_no", "number of the credit", is_required=False),
    _id("source_customer_id", "customer that the receipt or credit stands on", is_required=False),
    _id("item_id", "item"),
    _id("document_no", "number of the item's document", is_required=False),
    _id("customer_id", "customer of the item", is_required=False),
    _GL_DATE,
    Column("currency", T, "currency of the item", True),
    Column("amount", M, "set against the item, without discount; negative where a credit is taken up", True, currency="currency"),
    Column("discount", M, "cash discount, settles the item on top of it", currency="currency"),
    Column("receipt_currency", T, "currency of the receipt or credit", True),
    Column("receipt_amount", M, "the part of the receipt or credit that this uses", True, currency="receipt_currency"),
    Column("open_before", M, "open on the item before the batch; empty where unknown", currency="currency"),
    Column("source_open", M, "of a receipt in the ledger or a credit: not applied before the batch", currency="receipt_currency"),
    _TEXT,
))  # fmt: skip

POSTING_ADJUSTMENTS = Table("posting_adjustments", "an item moved without cash", ("entity", "reference"), (
    _ENTITY, _REFERENCE,
    Column("adjustment_type", T, "why", True, choices=AdjustmentType),
    Column("role", T, "part that the account against it plays; empty: by the type", choices=Role),
    Column("item_role", T, "receivable, or unapplied where the item is cash; empty: receivable", choices=Role),
    Column("reason", T, "reason code", True),
    _id("source_id", "document that it comes from: the write-off, or the receipt that paid less", is_required=False),
    _id("item_id", "item"),
    _id("document_no", "number of the item's document", is_required=False),
    _id("customer_id", "customer of the item", is_required=False),
    _GL_DATE,
    Column("currency", T, "currency of the item", True),
    Column("amount", M, "what the item falls by, tax included; negative where it rises", True, currency="currency"),
    Column("tax_amount", M, "tax in the amount", currency="currency"),
    Column("open_before", M, "open on the item before the batch; empty where unknown", currency="currency"),
    Column("functional_currency", T, "currency of the books"),
    Column("functional_amount", M, "the amount at the item's carrying rate", currency="functional_currency"),
    _TEXT,
))  # fmt: skip

POSTING_CREDIT_MEMOS = Table("posting_credit_memos", "a line of a credit memo", ("entity", "reference", "line_no"), (
    _ENTITY, _REFERENCE,
    Column("line_no", N, "line, 1, 2, 3 ...", True),
    _id("source_id", "credit memo in the source"),
    _id("memo_no", "number that the source gave it", is_required=False),
    _id("item_id", "item that is credited; empty where it stays on account", is_required=False),
    _id("document_no", "number of that item's document", is_required=False),
    _id("customer_id", "customer"),
    Column("memo_date", D, "date on the credit memo", True),
    _GL_DATE,
    Column("currency", T, "currency", True),
    Column("role", T, "part that the account of the net amount plays; empty: revenue", choices=Role),
    Column("net_amount", M, "credited without tax", True, currency="currency"),
    Column("tax_amount", M, "tax credited", currency="currency"),
    Column("tax_code", T, "tax code of the line"),
    Column("open_before", M, "open on the item before the batch; empty where unknown", currency="currency"),
    Column("functional_currency", T, "currency of the books"),
    Column("functional_amount", M, "net and tax at the carrying rate", currency="functional_currency"),
    Column("reason", T, "reason code", True),
    _TEXT,
))  # fmt: skip

POSTING_INVOICES = Table("posting_invoices", "a line of an invoice or debit memo to create", ("entity", "reference", "line_no"), (
    _ENTITY, _REFERENCE,
    Column("line_no", N, "line, 1, 2, 3 ...", True),
    _id("source_id", "proposal that it comes from"),
    _id("item_id", "item that it bills again; empty where none", is_required=False),
    _id("document_no", "number of that item's document", is_required=False),
    _id("customer_id", "customer"),
    Column("is_debit_memo", F, "a debit memo, such as a fee"),
    Column("invoice_date", D, "date on the invoice", True),
    Column("due_date", D, "due date: a rebilled invoice keeps the first one's"),
    _GL_DATE,
    Column("currency", T, "currency", True),
    Column("role", T, "part that the account of the net amount plays; empty: revenue", choices=Role),
    Column("net_amount", M, "billed without tax", True, currency="currency"),
    Column("tax_amount", M, "tax billed", currency="currency"),
    Column("functional_currency", T, "currency of the books"),
    Column("functional_amount", M, "net and tax in the books' currency", currency="functional_currency"),
    Column("reason", T, "reason code", True),
    _TEXT,
))  # fmt: skip

POSTING_JOURNALS = Table("posting_journals", "a line of a journal", ("entity", "reference", "line_no"), (
    _ENTITY, _REFERENCE,
    Column("line_no", N, "line, 1, 2, 3 ...", True),
    Column("purpose", T, "post or expected", True, choices=Purpose),
    Column("journal_kind", T, "what it stands for", True, choices=JournalKind),
    Column("role", T, "part that the account plays: bank, receivable, bad_debt ..."),
    _id("account", "ledger account"),
    _id("customer_id", "customer of a line on a receivables account", is_required=False),
    _id("item_id", "item that the line moves", is_required=False),
    _id("document_no", "number of that item's document", is_required=False),
    Column("clears_item", F, "the line takes the item to zero"),
    Column("document_date", D, "date of the document behind it", True),
    _GL_DATE,
    Column("currency", T, "currency", True),
    Column("amount", M, "debit +, credit -", True, currency="currency"),
    Column("functional_currency", T, "currency of the books"),
    Column("functional_amount", M, "in the books' currency", currency="functional_currency"),
    _TEXT,
))  # fmt: skip

REGISTER = Table("register", "a posting that was written for loading", ("entity", "reference"), (
    _ENTITY, _REFERENCE,
    Column("kind", T, "receipt, application, adjustment, credit_memo or journal", True),
    _id("source_id", "source document"),
    _id("target_id", "item that it moves", is_required=False),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount", True, currency="currency"),
    Column("gl_date", D, "accounting date that it was written with", True),
    _id("batch_id", "batch that it was written in"),
))  # fmt: skip

TABLES = {
    "receipts": POSTING_RECEIPTS,
    "applications": POSTING_APPLICATIONS,
    "adjustments": POSTING_ADJUSTMENTS,
    "credit_memos": POSTING_CREDIT_MEMOS,
    "invoices": POSTING_INVOICES,
    "journals": POSTING_JOURNALS,
}  # the frames of a Batch, by attribute
