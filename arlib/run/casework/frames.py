"""Declared table of what was decided at the desk. Floor 4."""

from __future__ import annotations

from enum import StrEnum

from arlib.run.casework.kinds import Act
from arlib.tables.kinds import Column, Kind, Table

T = Kind.TEXT


class Standing(StrEnum):
    """Whether a decision still holds."""

    STANDS = "stands"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"  # a later decision on the same thing says otherwise


DECISIONS = Table("decisions", "what a person recorded at the desk", ("decision_id",), (
    Column("decision_id", T, "decision; its number is that of the event in the store", True, is_key=True),
    Column("entity", T, "entity code", True),
    Column("at", Kind.INSTANT, "when, UTC", True),
    Column("on", Kind.DAY, "its day in the entity's time zone", True),
    Column("by", T, "who", True),
    Column("authentication", T, "how it is known who that is"),
    Column("kind", T, "what was done", True, choices=Act),
    Column("subject", T, "what it is about", True),
    Column("customer_id", T, "customer; empty where it was not named", is_key=True),
    Column("receipt_id", T, "receipt", is_key=True),
    Column("item_ids", T, "items, separated by |"),
    Column("currency", T, "currency of the amount"),
    Column("amount", Kind.MONEY, "amount promised, disputed or asked for; of an application the part of the receipt that it uses",
           currency="currency"),
    Column("sentence", T, "what was done, in words", True),
    Column("text", T, "why, in the person's words; never trusted as a formula or markup"),
    Column("standing", T, "whether it still holds", True, choices=Standing),
    Column("ended_by", T, "decision that withdrew or superseded it", is_key=True),
    Column("request_id", T, "mark of the caller by which a retry is known", is_key=True),
))  # fmt: skip
