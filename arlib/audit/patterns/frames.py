"""The tables of the lapping tests. Floor 1."""

from __future__ import annotations

from enum import StrEnum

from arlib.tables import Column, Kind, Table

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


class Standing(StrEnum):
    """What became of a receipt's money, compared with what its payer names."""

    AS_NAMED = "as_named"
    OTHER_ITEM = "other_item"  # another item of the same customer or group
    OTHER_CUSTOMER = "other_customer"  # an item of a stranger, though the payer names its own
    STRANGER_SILENT = "stranger_silent"  # an item of a stranger, and nothing says what the payer meant
    WRONG_NUMBER = (
        "wrong_number"  # the payer names a stranger's document; the money stayed on its own account
    )
    NOT_NAMED = "not_named"  # the payer names nothing that the books know
    NOT_APPLIED = "not_applied"


class Subtest(StrEnum):
    """What is looked at in a lapping test."""

    AGAINST_ADVICE = "against_advice"
    CHAINS = "chains"
    LATE_POSTING = "late_posting"
    REVERSALS = "reversals"
    DEPOSITS = "deposits"
    OLDEST_ITEM = "oldest_item"
    CREDITS = "credits"
    USERS = "users"


_RECEIPT = (
    Column("entity", T, "entity code", True, is_key=True),
    Column("receipt_id", T, "receipt", True, is_key=True),
)

LAPPING_FLAGS = Table("lapping_flags", "a receipt, or a credit, that something speaks against, the gravest first", ("entity", "receipt_id"), (
    *_RECEIPT,
    Column("rank", N, "1 is the gravest", True),
    Column("item_id", T, "item that stands for the receipt", True, is_key=True),
    Column("customer_id", T, "customer whose money it is; empty where it is not known", is_key=True),
    Column("customer_name", T, "name of the customer; never trusted as a formula or markup"),
    Column("standing", T, "where the money went, compared with what the payer names", True, choices=Standing),
    Column("currency", T, "currency of the receipt", True),
    Column("amount", M, "the receipt or credit", True, currency="currency"),
    Column("diverted", M, "of it, applied against what the payer names or to a stranger", True, currency="currency"),
    Column("banked_on", D, "value date at the bank, the first of several"),
    Column("posted_on", D, "ledger date of the receipt"),
    Column("days_to_post", N, "weekdays from the bank's value date to the ledger"),
    Column("user", T, "who applied it, else who entered it"),
    Column("chain_id", T, "chain of receipts that it is a link of", is_key=True),
    Column("links", N, "links of that chain"),
    Column("score", N, "points", True),
    Column("is_flagged", F, "whether the points reach the limit of the question", True),
    Column("reasons", T, "what speaks against it, in words"),
    Column("explained_by", T, "what speaks for it, in words"),
))  # fmt: skip

LAPPING_EVIDENCE = Table("lapping_evidence", "an item that a receipt names beside one that it pays", ("entity", "receipt_id", "line_no"), (
    *_RECEIPT,
    Column("line_no", N, "1, 2, 3 ...", True),
    Column("named_document", T, "document that the payer names", is_key=True),
    Column("named_customer", T, "whose document that is", is_key=True),
    Column("named_in", T, "advice or text"),
    Column("currency", T, "currency of the receipt", True),
    Column("named_amount", M, "net amount that the advice gives it", currency="currency"),
    Column("applied_document", T, "document that the money was applied to", is_key=True),
    Column("applied_customer", T, "whose document that is", is_key=True),
    Column("applied_amount", M, "applied of the receipt", currency="currency"),
    Column("applied_on", D, "ledger date of the application"),
    Column("applied_by", T, "who applied"),
    Column("bank_line_id", T, "bank line", is_key=True),
    Column("banked_on", D, "value date at the bank"),
    Column("bank_payer", T, "payer as the bank gives it; never trusted as a formula or markup"),
    Column("bank_text", T, "what the bank line says; never trusted as a formula or markup"),
))  # fmt: skip

LAPPING_CHAINS = Table("lapping_chains", "a link of a chain: one customer's money covers another's item", ("entity", "chain_id", "link_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("chain_id", T, "chain", True, is_key=True),
    Column("link_no", N, "1, 2, 3 ... by date", True),
    Column("links", N, "links on the longest way through the chain", True),
    Column("is_circle", F, "whether the money comes back to where it began", True),
    Column("receipt_id", T, "receipt", True, is_key=True),
    Column("payer", T, "customer whose money it is", is_key=True),
    Column("covers", T, "customer whose item it pays", is_key=True),
    Column("applied_document", T, "item that it pays", is_key=True),
    Column("applied_on", D, "ledger date of the application"),
    Column("currency", T, "currency of the receipt", True),
    Column("amount", M, "applied of the receipt", True, currency="currency"),
    Column("user", T, "who applied"),
))  # fmt: skip

LAPPING_USERS = Table("lapping_users", "a user who applied receipts", ("entity", "user"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("user", T, "who applied, else who entered", True),
    Column("receipts", N, "receipts tested", True),
    Column("named", N, "of these, with an advice or text that names documents", True),
    Column("other_item", N, "applied to another item of the customer", True),
    Column("other_customer", N, "applied to a stranger, against the payer's word or without it", True),
    Column("late", N, "posted late", True),
    Column("reversed", N, "with an application that was taken back", True),
    Column("flagged", N, "flagged", True),
    Column("per_1000", R, "flagged for each 1,000 receipts", True, may_be_zero=True),
    Column("days_to_post", R, "usual weekdays from bank to ledger, the median", may_be_zero=True),
))  # fmt: skip

LAPPING_DEPOSITS = Table("lapping_deposits", "a deposit that was posted otherwise than it was made up", ("entity", "deposit_batch", "currency"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("deposit_batch", T, "deposit", True, is_key=True),
    Column("currency", T, "currency", True),
    Column("receipts", N, "receipts in it", True),
    Column("amount", M, "receipts of the deposit", True, currency="currency"),
    Column("banked", M, "of these, what bank lines hold by the date", True, currency="currency"),
    Column("not_banked", M, "posted and not banked by the date", True, currency="currency"),
    Column("moved", M, "applied to customers who are not on the slip nor of its groups", True, currency="currency"),
    Column("finding", T, "what differs, in words", True),
))  # fmt: skip

SUBTESTS = Table("subtests", "one test: whether it could be run, on how many, and what it found", ("entity", "test"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("test", T, "test", True),
    Column("asks", T, "what it looks for", True),
    Column("assertion", T, "what of the balance it speaks to", True),
    Column("is_possible", F, "whether the books hold what it needs", True),
    Column("tested", N, "rows looked at", True),
    Column("found", N, "rows that it found", True),
    Column("why", T, "why it is not possible, or what it could not look at"),
))  # fmt: skip

TESTED = Table("tested", "what was tested and what was left out, by currency", ("entity", "currency", "part"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("currency", T, "ISO 4217 code", True),
    Column("part", T, "tested, or why not", True),
    Column("items", N, "documents", True),
    Column("amount", M, "their sum", True, currency="currency"),
))  # fmt: skip
