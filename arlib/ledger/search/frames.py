"""The table of what a search finds. Floor 1."""

from __future__ import annotations

from arlib.tables import choices
from arlib.tables.kinds import Column, Kind, Table

T, M, N = Kind.TEXT, Kind.MONEY, Kind.INTEGER

SEARCH_HITS = Table("search_hits", "a customer, or a document of it, that a search found", ("rank",), (
    Column("rank", N, "1 is the best", True),
    Column("entity", T, "entity code", True, is_key=True),
    Column("customer_id", T, "customer code; empty for cash that nobody is known for", is_key=True),
    Column("name", T, "name; never trusted as a formula or markup"),
    Column("status", T, "how it may be dealt with, as it is today", choices=choices.CustomerStatus),
    Column("found_in", T, "what of it the text was found in", True),
    Column("why", T, "the same as a sentence", True),
    Column("item_id", T, "document that was found, if it is one", is_key=True),
    Column("receipt_id", T, "receipt that was found, if it is one", is_key=True),
    Column("currency", T, "currency of the books", True),
    Column("balance", M, "open at the default as-of date, at booked rates; empty where a rate is not known", currency="currency"),
    Column("overdue", M, "of it past due, credits left out", currency="currency"),
    Column("open_items", N, "open items, or open parts of them", True),
))  # fmt: skip
