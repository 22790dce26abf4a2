"""The tables of subsequent receipts. Floor 1."""

from __future__ import annotations

from arlib.audit.evidence.grades import Grade, Weight
from arlib.tables import Column, Kind, Table
from arlib.tables.choices import ApplicationKind, ItemType

T, D, M, N, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.RATE

_ITEM = (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item identifier", True, is_key=True),
    Column("document_no", T, "document number that people quote", is_key=True),
    Column("customer_id", T, "customer code at the date; empty for unidentified cash", is_key=True),
    Column("customer_name", T, "name of the customer; never trusted as a formula or markup"),
)

OPEN_DOCUMENTS = Table("open_documents", "an open item at the date, all its due parts together", ("entity", "item_id"), (
    *_ITEM,
    Column("item_type", T, "what it is", True, choices=ItemType),
    Column("document_date", D, "date printed on the document", True),
    Column("posting_date", D, "ledger date", True),
    Column("due_date", D, "due date of its oldest open part, if any"),
    Column("bucket", T, "place of its oldest open part in the aging", True),
    Column("control_account", T, "ledger account", is_key=True),
    Column("currency", T, "ISO 4217 code of the document", True),
    Column("amount", M, "gross amount of the document", True, currency="currency"),
    Column("outstanding", M, "open at the date", True, currency="currency"),
    Column("functional_outstanding", M, "carrying amount of what is open", currency="functional"),
    Column("purchase_order", T, "customer's order number"),
    Column("order_no", T, "our order number"),
    Column("delivery_no", T, "delivery note"),
    Column("delivery_date", D, "when goods or service were delivered"),
    Column("copy_path", T, "files that belong to the document: its copy first"),
))  # fmt: skip

TRACED_ITEMS = Table("traced_items", "an open item at the date and what became of it after", ("entity", "item_id"), (
    *OPEN_DOCUMENTS.columns,
    Column("invoice_cash", M, "cash after the date shown for this invoice by bank and payer", True, currency="currency"),
    Column("customer_cash", M, "cash after the date that only the entity's own application ties to this invoice", True, currency="currency"),
    Column("no_evidence", M, "applied after the date as cash, but no evidence that it was owed", True, currency="currency"),
    Column("settled_otherwise", M, "credit notes, discounts, write-offs and the like after the date: not cash", True, currency="currency"),
    Column("still_open", M, "neither paid nor settled since", True, currency="currency"),
    Column("unsupported", M, "open at the date less cash shown for this invoice: alternative procedures are needed", True, currency="currency"),
    Column("grade", T, "best grade of its payments; empty without any", choices=Grade),
    Column("paid_on", D, "day that the bank booked the last payment counted"),
    Column("next_step", T, "what to look at for the unsupported part", True),
))  # fmt: skip

TRACES = Table("traces", "an application of cash after the date, traced to the bank", ("entity", "application_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("application_id", T, "application", True, is_key=True),
    *(column for column in _ITEM if column.name != "entity"),
    Column("applied_on", D, "ledger date of the application", True),
    Column("currency", T, "currency of the invoice", True),
    Column("applied", M, "settled on the invoice by it, less what was taken back since", True, currency="currency"),
    Column("counted", M, "of it, what counts against the amount open at the date", True, currency="currency"),
    Column("receipt_id", T, "receipt", is_key=True),
    Column("receipt_on", D, "ledger date of the receipt"),
    Column("receipt_currency", T, "currency of the receipt"),
    Column("receipt_amount", M, "the whole receipt", currency="receipt_currency"),
    Column("deposit_batch", T, "deposit", is_key=True),
    Column("bank_account", T, "our bank account", is_key=True),
    Column("bank_line_id", T, "bank line; several by comma", is_key=True),
    Column("bank_date", D, "day that the bank booked it, the last of several"),
    Column("value_date", D, "value date, the last of several"),
    Column("bank_amount", M, "the bank lines' amount", currency="receipt_currency"),
    Column("payer_name", T, "payer as the bank gives it, else as the receipt does; never trusted as a formula or markup"),
    Column("paid_by", T, "customer, group (parent or child by master data), other, or empty where the payer is not told"),
    Column("reference", T, "what the bank line or receipt says of the payment; never trusted as a formula or markup"),
    Column("advice_line", T, "line of the remittance advice that names the invoice"),
    Column("advice_amount", M, "net amount of that line", currency="receipt_currency"),
    Column("names", T, "documents that the payment names, as known to the books"),
    Column("applied_by", T, "who applied it"),
    Column("grade", T, "how good the evidence is", True, choices=Grade),
    Column("weight", T, "what that is worth", True, choices=Weight),
))  # fmt: skip

OTHERWISE = Table("settled_otherwise", "what settled a tested item after the date, and is not cash", ("entity", "application_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("application_id", T, "application", True, is_key=True),
    *(column for column in _ITEM if column.name != "entity"),
    Column("applied_on", D, "ledger date", True),
    Column("kind", T, "why", True, choices=ApplicationKind),
    Column("by_document", T, "document that settled it", is_key=True),
    Column("reason", T, "reason code"),
    Column("user", T, "who applied it"),
    Column("currency", T, "currency of the item", True),
    Column("amount", M, "settled, discount with it; negative where an earlier settlement was taken back", True, currency="currency"),
    Column("is_discount", Kind.FLAG, "a cash discount that came with a payment", True),
))  # fmt: skip

COVERAGE = Table("coverage", "what was traced in a bucket and currency", ("entity", "currency", "bucket"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("currency", T, "ISO 4217 code", True),
    Column("bucket", T, "place in the aging", True),
    Column("items", N, "items tested", True),
    Column("amount", M, "open at the date", True, currency="currency"),
    Column("traced_items", N, "items with cash shown for the invoice", True),
    Column("traced", M, "cash after the date shown for the invoice", True, currency="currency"),
    Column("share", R, "of the amount, percent with two places, rounded down", True, may_be_zero=True),
    Column("customer_cash", M, "cash of the customer, for the invoice by our word only", True, currency="currency"),
    Column("settled_otherwise", M, "not cash", True, currency="currency"),
    Column("unsupported", M, "left for alternative procedures", True, currency="currency"),
))  # fmt: skip

BY_GRADE = Table("by_grade", "payments of one grade in a currency", ("entity", "currency", "grade"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("currency", T, "ISO 4217 code", True),
    Column("grade", T, "how good the evidence is", True, choices=Grade),
    Column("weight", T, "what that is worth", True, choices=Weight),
    Column("payments", N, "applications", True),
    Column("items", N, "items", True),
    Column("amount", M, "counted against what was open", True, currency="currency"),
    Column("share", R, "of the amount tested, percent with two places, rounded down", True, may_be_zero=True),
))  # fmt: skip

LEFT_OUT = Table("left_out", "open items that were not tested", ("entity", "currency", "why"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("currency", T, "ISO 4217 code", True),
    Column("why", T, "tested, credit, outside the population, or not selected", True),
    Column("items", N, "items", True),
    Column("amount", M, "open at the date", True, currency="currency"),
))  # fmt: skip
