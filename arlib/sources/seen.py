"""What earlier files and statements of a load gave, and which booked entry a notice tells of. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

FINAL, INTERIM = "statement", "interim"
OWN_BANK = (INTERIM, "notification")
NEAR_DAYS = 3  # a notice and the statement may book a deposit up to a weekend apart


class Entry(NamedTuple):
    """What decides whether an entry counts."""

    statement: str
    line: str
    entity: str
    bank_account: str
    currency: str
    amount: str
    day: str
    digest: str
    status: str
    bank_reference: str
    statement_kind: str
    statement_use: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """A statement that was taken: what it says, apart from how its form words it."""

    where: str
    form: str
    number: str
    facts: tuple[object, ...]  # kind, currency, balances, last day, amounts
    sha: str


@dataclass
class Seen:
    """What earlier files and statements of this load gave."""

    statements: dict[str, list[Told]] = field(default_factory=dict)  # by account
    ids: dict[tuple[str, str, str], str] = field(default_factory=dict)  # account, currency, statement: file
    entries: dict[tuple[str, str], list[Final]] = field(default_factory=dict)  # account, currency
    lines: dict[tuple[str, str], int] = field(default_factory=dict)  # account, digest: how many so far
    covered: dict[tuple[str, str], list[tuple[str, str]]] = field(
        default_factory=dict
    )  # account, currency: days

    def same(self, told: Told, text: Mapping[str, str]) -> Told | None:
        """The earlier statement that this one is again: the same balances, last day and amounts, whatever the form.

        In one form two such statements of different numbers are two: a day may well come back to where it began. Without
        balances it must be the very same entries under the same number.
        """
        for before in self.statements.get(text["bank_account"], ()):
            if before.facts != told.facts or (before.form == told.form and before.number != told.number):
                continue
            if (text["opening"] and text["closing"]) or (before.sha == told.sha and text["entries"] != "0"):
                return before
        return None


@dataclass
class Final:
    """A booked entry of a final statement that a notice may belong to."""

    line_id: str
    amount: str
    day: str
    reference: str
    has_details: bool


def booked(held: list[Final], notice: Entry) -> Final | None:
    """The one booked entry that a notice tells of: by the bank's reference, else the only one of its amount near its
    day that no other notice has filled. A notice of the account's own bank with another reference is of another entry;
    a lockbox or clearing house counts by references of its own.
    """
    value, reference = Decimal(notice.amount), notice.bank_reference
    near = [
        one
        for one in held
        if not one.has_details
        and Decimal(one.amount) == value
        and _days_apart(one.day, notice.day) <= NEAR_DAYS
    ]
    same = [one for one in near if reference and one.reference == reference]
    if not same and notice.statement_kind in OWN_BANK:
        near = [one for one in near if not (reference and one.reference)]
    chosen = same or near
    return chosen[0] if len(chosen) == 1 else None


def _days_apart(left: str, right: str) -> int:
    try:
        return abs((date.fromisoformat(left) - date.fromisoformat(right)).days)
    except ValueError:
        return NEAR_DAYS + 1
