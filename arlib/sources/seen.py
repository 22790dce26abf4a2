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
    payer_name: str
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
    given: dict[tuple[str, str], dict[object, Given]] = field(default_factory=dict)  # and by which statement
    covered: dict[tuple[str, str], list[tuple[str, str]]] = field(
        default_factory=dict
    )  # account, currency: days

    def covers(self, account: str, currency: str, day: str) -> bool:
        """Whether a final statement of the account has that day."""
        return any(first <= day <= last for first, last in self.covered.get((account, currency), ()))

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
    payer: str
    is_filled: bool  # its parts are known, or a notice told of it


@dataclass(frozen=True)
class Given:
    """What one statement gave of one entry: the line of each occurrence, in order."""

    kind: str
    opening: str
    closing: str
    lines: list[str]


def copied(given: Mapping[object, Given], own: object, entry: Entry, *, opening: str, closing: str) -> str:
    """The line that another statement gave of this entry already, '' where it is a new one.

    Equal in account, days, amount, references, texts and payer, in another statement, it is the same booking: two
    downloads overlap. But two statements of which one opens where the other closed do not overlap, and without a bank's
    reference may well hold two bookings that look alike.
    """
    mine = given.get(own)
    nth = len(mine.lines) if mine else 0
    for statement, other in given.items():
        if statement == own or len(other.lines) <= nth:
            continue
        told = other.opening and other.closing and opening and closing
        follows = told and (
            Decimal(other.closing) == Decimal(opening) or Decimal(other.opening) == Decimal(closing)
        )
        are_final = other.kind == FINAL and entry.statement_kind == FINAL
        if entry.bank_reference or not are_final or not follows:
            return other.lines[nth]
    return ""


def booked(held: list[Final], notice: Entry) -> tuple[Final | None, int]:
    """The one booked entry that a notice tells of, and how many it could be of.

    It has the notice's amount within three days, and no other notice has told of it. The bank's reference decides, then
    the payer's name. A notice of the account's own bank with another reference, or of another payer, is of another entry;
    a lockbox or clearing house counts by references of its own.
    """
    value, reference = Decimal(notice.amount), notice.bank_reference
    near = [
        one
        for one in held
        if not one.is_filled
        and Decimal(one.amount) == value
        and _days_apart(one.day, notice.day) <= NEAR_DAYS
    ]
    if reference and (same := [one for one in near if one.reference == reference]):
        return (same[0] if len(same) == 1 else None), len(same)
    if notice.statement_kind in OWN_BANK:
        near = [one for one in near if not (reference and one.reference)]
    words = _words(notice.payer_name)
    near = [one for one in near if not words or not _words(one.payer) or words & _words(one.payer)]
    named = [one for one in near if words & _words(one.payer)]
    chosen = named if len(named) == 1 else near
    return (chosen[0] if len(chosen) == 1 else None), len(near)


def _words(name: str) -> set[str]:
    return {
        word for word in "".join(c if c.isalnum() else " " for c in name.upper()).split() if len(word) > 2
    }


def _days_apart(left: str, right: str) -> int:
    try:
        return abs((date.fromisoformat(left) - date.fromisoformat(right)).days)
    except ValueError:
        return NEAR_DAYS + 1
