"""What a case file is asked to show, as plain facts. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from arlib.tables import Column, Kind, Table

T = Kind.TEXT

CASE_DECISIONS = Table("decisions", "what a person recorded at the desk", ("decision_id",), (
    Column("decision_id", T, "decision", True, is_key=True),
    Column("at", Kind.INSTANT, "when, UTC", True),
    Column("by", T, "who", True),
    Column("kind", T, "what was done", True),
    Column("sentence", T, "what was done, in words", True),
    Column("text", T, "why, in the person's words; never trusted as a formula or markup"),
    Column("standing", T, "whether it still holds", True),
    Column("ended_by", T, "decision that withdrew or superseded it"),
    Column("currency", T, "currency of the amount"),
    Column("amount", Kind.MONEY, "amount that it names", currency="currency"),
    Column("receipt_id", T, "receipt", is_key=True),
    Column("item_ids", T, "items, separated by |"),
    Column("authentication", T, "how it is known who that is"),
))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class GivenPart:
    """A part of the difference that a person named; `amount` is decimal text in the currency of the item."""

    item_id: str
    kind: str
    amount: str
    code: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class CaseAsked:
    """One case: whom it is about, and what was looked at.

    `chosen` gives for each item chosen by hand the cash set against it as decimal text, '' for all that is open.
    `statement` is the customer's own as it came, None for none. `decisions` is CASE_DECISIONS. `source` says what the
    book was read from.
    """

    case_id: str
    customer_id: str
    title: str = "Case file"
    question: str = ""
    since: date | None = None
    receipt_id: str = ""
    items: tuple[str, ...] = ()
    chosen: Mapping[str, str] = field(default_factory=dict)
    given: tuple[GivenPart, ...] = ()
    rate: str = ""
    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    statement_name: str = ""
    statement: bytes | None = None
    statement_choices: Mapping[str, str] = field(default_factory=dict)
    prepared_by: str = ""
    source: str = ""
    decisions: pd.DataFrame = field(default_factory=CASE_DECISIONS.empty)
