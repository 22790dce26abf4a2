"""Tables that cash application takes and gives. Floor 1. Money is signed as an item is: debits +, credits -."""

from __future__ import annotations

from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE

MATCH_ITEMS = Table("match_items", "an open item offered to matching", ("entity", "item_id"), (
    Column("entity", T, "entity code", True),
    Column("item_id", T, "item", True, is_key=True),
    Column("customer_id", T, "customer code; empty where unknown", is_key=True),
    Column("item_type", T, "as in items", True),
    Column("document_no", T, "number that people quote"),
    Column("purchase_order", T, "customer's order number"),
    Column("order_no", T, "our order or assignment number"),
    Column("delivery_no", T, "delivery or billing number"),
    Column("document_date", D, "date on the document"),
    Column("due_date", D, "contractual due date; empty means none"),
    Column("original_due_date", D, "due date before any residual or rescheduling"),
    Column("currency", T, "currency of the item", True),
    Column("open_amount", M, "open before this run; debits +, credits -", True, currency="currency"),
    Column("amount", M, "amount of the document", True, currency="currency"),
    Column("tax_amount", M, "tax in the amount", currency="currency"),
    Column("freight_amount", M, "freight in the amount", currency="currency"),
    Column("discount_base", M, "what a cash discount is counted on", currency="currency"),
    Column("discount_rate", R, "cash discount, 0.02 is 2 %"),
    Column("discount_date", D, "last day that earns the discount"),
    Column("terms", T, "payment terms of the customer, where the item has none of its own"),
    Column("is_disputed", F, "an open dispute stands on it"),
    Column("is_written_off", F, "written off; money for it is a recovery"),
    Column("segment", T, "business unit"),
    Column("assigned_to", T, "factor, agency or attorney that holds it"),
))  # fmt: skip

MATCH_RECEIPTS = Table("match_receipts", "a receipt to be placed", ("entity", "receipt_id"), (
    Column("entity", T, "entity code", True),
    Column("receipt_id", T, "receipt", True, is_key=True),
    Column("customer_id", T, "customer as booked; empty when unidentified", is_key=True),
    Column("value_date", D, "when the money came", True),
    Column("currency", T, "currency", True),
    Column("amount", M, "money to be placed: received +, returned -", True, currency="currency"),
    Column("payer_name", T, "payer as the bank gives it"),
    Column("payer_account", T, "account that it came from"),
    Column("remittance_text", T, "free text"),
    Column("reference", T, "structured reference"),
    Column("return_of", T, "receipt that this one returns"),
    Column("return_code", T, "reason code of the return"),
))  # fmt: skip

MATCH_ADVICES = Table("match_advices", "a line of a remittance advice for a receipt", ("entity", "receipt_id", "line_no"), (
    Column("entity", T, "entity code", True),
    Column("receipt_id", T, "receipt that it explains", True, is_key=True),
    Column("line_no", N, "line, 1, 2, 3 ...", True),
    Column("reference", T, "what the customer says that it pays"),
    Column("currency", T, "currency", True),
    Column("gross", M, "gross amount of the document", currency="currency"),
    Column("discount", M, "discount taken", currency="currency"),
    Column("deduction", M, "deduction taken", currency="currency"),
    Column("reason", T, "customer's reason"),
    Column("net", M, "net amount paid", currency="currency"),
))  # fmt: skip

MATCHES = Table("matches", "a part of a receipt set against an item: the best proposal of the receipt", (
    "entity", "receipt_id", "item_id"), (
    Column("entity", T, "entity code", True),
    Column("receipt_id", T, "receipt", True, is_key=True),
    Column("item_id", T, "item", True, is_key=True),
    Column("customer_id", T, "customer of the item", is_key=True),
    Column("currency", T, "currency of the item", True),
    Column("applied_amount", M, "cash set against the item; negative where a credit is taken up", True, currency="currency"),
    Column("receipt_currency", T, "currency of the receipt", True),
    Column("receipt_amount", M, "the part of the receipt that this uses", True, currency="receipt_currency"),
    Column("discount", M, "cash discount, settles the item on top of the cash", currency="currency"),
    Column("deduction", M, "claim of the customer that stays open: not settled by this match", currency="currency"),
    Column("fee", M, "bank charge, settles the item on top of the cash", currency="currency"),
    Column("fx", M, "exchange difference, settles the item on top of the cash", currency="currency"),
    Column("tolerance", M, "small difference written off, settles the item on top of the cash", currency="currency"),
    Column("open_before", M, "open amount before this run", True, currency="currency"),
    Column("open_after", M, "open amount after it and all other matches of the run", True, currency="currency"),
    Column("reason", T, "what the difference is: full, partial, earned_discount, unearned_discount, tax, freight, bank_charge, "
           "exchange, tolerance, claim, recovery", True),
    Column("claim_code", T, "what a claim or a part payment is about, as the payer says; undefined where nobody says"),
    Column("decision", T, "auto, suggest, or person: decided by one", True),
    Column("rule", T, "rule that made it; the rules table has its measured precision", True),
    Column("evidence", T, "one sentence a person can check", True),
    Column("held_because", T, "why it is not auto; empty where it is"),
    Column("reference", T, "the text in the payment that names the item"),
    Column("reference_field", T, "field of the item that it hit"),
    Column("reference_how", T, "exact, or what is damaged"),
    Column("payer_how", T, "how the payer was resolved"),
    Column("amount_difference", M, "receipt less what its items were open for", currency="receipt_currency"),
    Column("days_late", N, "value date less due date"),
    Column("explanations", N, "ways to explain the receipt that were found: 1, 2 means two or more, 0 not counted"),
))  # fmt: skip

ALTERNATIVES = Table("alternatives", "a runner-up: another way to place a receipt, and why it lost", (
    "entity", "receipt_id", "rank", "item_id"), (
    Column("entity", T, "entity code", True),
    Column("receipt_id", T, "receipt", True, is_key=True),
    Column("rank", N, "2 is the runner-up of the proposal, or 1, 2, 3 where there is no proposal", True),
    Column("item_id", T, "item", True, is_key=True),
    Column("customer_id", T, "customer of the item", is_key=True),
    Column("currency", T, "currency of the item", True),
    Column("applied_amount", M, "cash that it would take", True, currency="currency"),
    Column("rule", T, "rule that would make it", True),
    Column("lost_because", T, "why it is not the proposal", True),
))  # fmt: skip

UNMATCHED = Table("unmatched", "money of a receipt that no item takes", ("entity", "receipt_id"), (
    Column("entity", T, "entity code", True),
    Column("receipt_id", T, "receipt", True, is_key=True),
    Column("customer_id", T, "customer, where the payer is known", is_key=True),
    Column("value_date", D, "when the money came", True),
    Column("currency", T, "currency", True),
    Column("amount", M, "money of the receipt", True, currency="currency"),
    Column("unapplied_amount", M, "the part that nothing takes", True, currency="currency"),
    Column("status", T, "unidentified, unapplied, on_account, prepayment, returned, held or duplicate", True),
    Column("reason", T, "machine word for why", True),
    Column("evidence", T, "one sentence a person can check", True),
))  # fmt: skip

RULES = Table("rules", "a rule of this run and how often it was right where the truth was known", ("rule", "data_set"), (
    Column("rule", T, "rule", True),
    Column("right", N, "receipts wholly right", True),
    Column("tried", N, "receipts tried", True),
    Column("data_set", T, "where that was measured; 'history' is the ledger's own confirmed applications", True),
    Column("is_transferred", F, "measured on another ledger than this one", True),
    Column("bound", R, "one-sided lower bound of its precision"),
    Column("is_auto", F, "whether this run applies it by itself", True),
    Column("receipts", N, "receipts it decided in this run", True),
))  # fmt: skip
