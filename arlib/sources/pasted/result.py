"""What was read of a pasted statement, what was not, and what is asked. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import pandas as pd

from arlib.controls import Control, Identity
from arlib.tables.kinds import Column, Kind, Table

T, D, M, N = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER


class LeftOut(StrEnum):
    """Why a line is no money."""

    BLANK = "blank"
    HEADING = "heading"
    TOTAL = "total"
    FORWARD = "forward"  # a balance carried over, said again on each page
    PAGE = "page"
    RULE = "rule"
    TEXT = "text"  # words, labels, the rest of a description
    CONTINUED = "continued"  # a further line of a quoted cell


PASTED_ROWS = Table("pasted_rows", "a line of the pasted statement that holds money", ("line",), (
    Column("line", N, "line of the paste, counted from 1", True),
    Column("line_no", N, "line of the statement", True),
    Column("date", D, "date on the line; empty where it is not decided or has none"),
    Column("reference", T, "their reference; never trusted as a formula or markup"),
    Column("text", T, "text on the line; never trusted as a formula or markup"),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount in their sign; empty while it is not decided", currency="currency"),
    Column("amount_text", T, "amount as it stands there"),
))  # fmt: skip
PASTED_PROBLEMS = Table("pasted_problems", "a line of the paste that could not be read", ("line",), (
    Column("line", N, "line of the paste, counted from 1", True),
    Column("text", T, "the line, at most 200 characters; never trusted as a formula or markup"),
    Column("why", T, "why, in words", True),
))  # fmt: skip
PASTED_LEFT_OUT = Table("pasted_left_out", "a line of the paste that is no money", ("line",), (
    Column("line", N, "line of the paste, counted from 1", True),
    Column("text", T, "the line, at most 200 characters; never trusted as a formula or markup"),
    Column("what", T, "what it is", True, choices=LeftOut),
))  # fmt: skip


@dataclass(frozen=True)
class Option:
    """An answer that may be given, and what it says."""

    value: str
    label: str


@dataclass(frozen=True)
class Choice:
    """Something that the text leaves open. `is_free`: another ISO day than those offered may be given."""

    name: str
    question: str
    options: tuple[Option, ...]
    is_free: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Pasted:
    """A customer's statement as it was pasted.

    `lines` is CUSTOMER_STATEMENT_LINES in the customer's sign (what it owes us is negative), empty while a choice is open;
    `rows` shows what was read meanwhile. `decided` says by name what was decided, `how` by whom or why, in words.
    """

    entity: str
    customer_id: str
    currency: str
    name: str
    lines: pd.DataFrame
    rows: pd.DataFrame  # PASTED_ROWS
    problems: pd.DataFrame  # PASTED_PROBLEMS
    left_out: pd.DataFrame  # PASTED_LEFT_OUT
    choices: tuple[Choice, ...]
    decided: Mapping[str, str]
    how: Mapping[str, str]
    statement_date: date | None
    closing: int | None  # printed, in their sign
    total: Mapping[str, int] = field(default_factory=dict)
    sentence: str
    control: Control
    identity: Identity

    @property
    def is_ready(self) -> bool:
        """Whether nothing is left to be asked."""
        return not self.choices
