"""The tables of large and unusual items. Floor 1."""

from __future__ import annotations

from enum import StrEnum

from arlib.tables import Column, Kind, Table
from arlib.tables.choices import ItemType

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


class Oddity(StrEnum):
    """What may be unusual about an item."""

    BEYOND_USUAL = "beyond_usual"
    NEW_CUSTOMER = "new_customer"
    BARRED_CUSTOMER = "barred_customer"
    ROUND = "round"
    NEAR_END = "near_end"
    LONG_TERMS = "long_terms"
    NO_ORDER = "no_order"
    RE_AGED = "re_aged"
    OTHER_CURRENCY = "other_currency"
    WRONG_SIDE = "wrong_side"
    MISDATED = "misdated"


UNUSUAL_ITEMS = Table("unusual_items", "an item that something is unusual about, the most first", ("entity", "item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("rank", N, "1 is the most unusual", True),
    Column("item_id", T, "item", True, is_key=True),
    Column("document_no", T, "document number that people quote", True, is_key=True),
    Column("customer_id", T, "customer; empty for unidentified cash", is_key=True),
    Column("customer_name", T, "name of the customer; never trusted as a formula or markup"),
    Column("item_type", T, "what it is", True, choices=ItemType),
    Column("document_date", D, "date printed on the document"),
    Column("posted_on", D, "ledger date"),
    Column("due_date", D, "due date, if any"),
    Column("currency", T, "currency", True),
    Column("amount", M, "what was looked at: open, or the document's amount", True, currency="currency"),
    Column("user", T, "who entered it"),
    Column("score", N, "points", True),
    Column("is_flagged", F, "whether the points reach the limit of the question", True),
    Column("oddities", T, "what is unusual, by name", True),
    Column("reasons", T, "what is unusual, in words", True),
))  # fmt: skip

LARGEST_ITEMS = Table("largest_items", "one of the largest items of its currency", ("entity", "currency", "place"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("currency", T, "currency", True),
    Column("place", N, "1 is the largest, without sign", True),
    Column("item_id", T, "item", True, is_key=True),
    Column("document_no", T, "document number that people quote", True, is_key=True),
    Column("customer_id", T, "customer", is_key=True),
    Column("customer_name", T, "name of the customer; never trusted as a formula or markup"),
    Column("item_type", T, "what it is", True, choices=ItemType),
    Column("posted_on", D, "ledger date"),
    Column("amount", M, "what was looked at", True, currency="currency"),
    Column("share", R, "of all amounts of the currency without sign, percent", True, may_be_zero=True),
))  # fmt: skip
