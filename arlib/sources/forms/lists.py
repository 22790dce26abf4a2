"""The record lists that a form may give: what a bank, a payer or a clearing house says, as text. Floor 2.

Amounts are plain decimals ("-1234.56"), days ISO, accounts without blanks; '' is what the file does not say. `statement`,
`payment`, `line` and `detail` are running numbers within their file and join the lists.

    statements    one a statement: its balances, what it states of itself, and whether it adds up
    entries       one a booking, money in +, money out -; the level of the tie-out
    details       the transactions of a booking; where they add up to it they stand for it in cash application
    payments      one a payment that an advice or a lockbox speaks of
    remittances   one a document that a payer says it pays; of a payment, or of an entry or detail
    changes       one a change of bank details that a clearing house tells
    remarks       one a thing worth saying that does not stop the reading
"""

from __future__ import annotations

LISTS: dict[str, tuple[str, ...]] = {
    "statements": (
        "statement", "account", "account_name", "bank", "currency", "number", "message_id", "kind", "from_date",
        "to_date", "opening", "opening_date", "closing", "closing_date", "entries", "net", "stated_entries",
        "stated_net", "stated_credits", "stated_debits", "state", "difference", "created_at",
    ),
    "entries": (
        "statement", "account", "line", "currency", "booking_date", "value_date", "amount", "kind", "status", "code",
        "code_text", "payer_name", "payer_account", "remittance_text", "reference", "end_to_end_id",
        "bank_reference", "customer_reference", "batch_count", "is_reversal", "return_of", "return_code",
        "original_amount", "original_currency", "charges",
    ),
    "details": (
        "statement", "account", "line", "detail", "currency", "booking_date", "value_date", "amount", "kind",
        "payer_name", "payer_account", "remittance_text", "reference", "end_to_end_id", "bank_reference", "return_of",
        "return_code", "original_amount", "original_currency", "charges",
    ),
    "payments": (
        "payment", "statement", "account", "date", "currency", "amount", "method", "trace", "payer_name", "payer_id",
        "payer_account", "payee_name", "payee_account", "reference", "remittance_text", "return_of", "return_code",
        "entries", "net", "state", "difference", "customer_id",
    ),
    "remittances": (
        "payment", "statement", "line", "detail", "remittance_line", "reference", "reference_kind", "document_date",
        "currency", "gross", "discount", "deduction", "reason", "reason_text", "net", "entity_no",
        "customer_reference",
    ),
    "changes": (
        "change", "statement", "account", "code", "code_text", "customer_id", "customer_name", "trace", "bank",
        "corrected", "date",
    ),
    "remarks": ("code", "column", "found", "wanted"),
}  # fmt: skip

KINDS = ("statement", "interim", "notification", "lockbox", "ach")  # of a statement; only the first is final
