"""The tables of the duplicate tests. Floor 1."""

from __future__ import annotations

from enum import StrEnum

from arlib.tables import Column, Kind, Table

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


class Twice(StrEnum):
    """What may be there twice."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    CREDIT_MEMO = "credit_memo"
    REFUND = "refund"


DUPLICATE_PAIRS = Table("duplicate_pairs", "two documents that may be one, the likeliest first", ("entity", "item_id", "other_item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("rank", N, "1 is the likeliest", True),
    Column("what", T, "what may be there twice", True, choices=Twice),
    Column("item_id", T, "item posted first", True, is_key=True),
    Column("other_item_id", T, "item posted after it", True, is_key=True),
    Column("customer_id", T, "customer; empty for unidentified cash", is_key=True),
    Column("customer_name", T, "name of the customer; never trusted as a formula or markup"),
    Column("document_no", T, "document posted first", True, is_key=True),
    Column("other_document_no", T, "document posted after it", True, is_key=True),
    Column("posted_on", D, "ledger date of the first"),
    Column("other_posted_on", D, "ledger date of the other"),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount of each, without sign", True, currency="currency"),
    Column("users", T, "who entered them"),
    Column("score", N, "points", True),
    Column("is_flagged", F, "whether the points reach the limit of the question", True),
    Column("reasons", T, "what speaks for a duplicate, in words"),
    Column("explained_by", T, "what speaks against it, in words"),
))  # fmt: skip

SAME_CUSTOMERS = Table("same_customers", "two customer accounts that may be one customer", ("entity", "customer_id", "other_customer_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("rank", N, "1 is the likeliest", True),
    Column("customer_id", T, "customer", True, is_key=True),
    Column("other_customer_id", T, "the other customer", True, is_key=True),
    Column("name", T, "name; never trusted as a formula or markup"),
    Column("other_name", T, "name of the other; never trusted as a formula or markup"),
    Column("shared", T, "what both have: tax number, bank account, name", True),
    Column("score", N, "points", True),
    Column("is_flagged", F, "whether the points reach the limit of the question", True),
    Column("explained_by", T, "what speaks against it, in words"),
))  # fmt: skip
