"""What a statement of account says, before anything is drawn: frozen, plain, safe to hand to another process. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from arlib.policy.statement import RemitTo, StatementKind


@dataclass(frozen=True, slots=True)
class OpenLine:
    """An open item, or an open due part of it. Amounts are minor units of the section's currency."""

    customer_id: str
    item_id: str
    document_no: str
    item_type: str  # of choices.ItemType; `returned` for a payment that came back
    document_date: date
    due_date: date | None
    reference: str  # the customer's order number
    instalment_no: int | None
    amount: int
    outstanding: int
    days_past_due: int | None
    disputed: int  # how much of it is in dispute
    is_cash: bool  # a receipt or prepayment not yet applied
    bucket: str


@dataclass(frozen=True, slots=True)
class Movement:
    """What changed the balance: a document, or an application where it does more than settle."""

    customer_id: str
    on: date
    kind: str  # of frames.MovementKind
    document_no: str
    reference: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A statement in one currency. Currencies are never added up.

    `opening` is the balance before the first day of the period and `movements` what changed it; of an open-item statement
    both are empty. `closing` is what is owed at the end of the as-of date, credits and cash that is not applied taken off.
    """

    currency: str
    lines: tuple[OpenLine, ...]
    opening: int | None
    movements: tuple[Movement, ...]
    closing: int
    aging: tuple[tuple[str, int], ...]  # every bucket of the policy, in its order
    past_due: int
    disputed: int
    credits: int  # credit notes and cash not applied, negative
    unapplied: int  # cash not applied, in `credits`
    reference: str = ""  # structured creditor reference; '' where there is none
    remit_to: RemitTo | None = None

    @property
    def has_slip(self) -> bool:
        """Whether there is something to pay."""
        return self.closing > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The statement of one customer, or of a parent with its customers."""

    entity: str
    entity_name: str
    issuer_lines: tuple[str, ...]
    number: str
    customer_id: str
    name: str
    address: str
    country: str
    contact: str
    email: str
    language: str
    kind: StatementKind
    as_of: date
    starts_on: date
    ends_on: date
    customers: tuple[tuple[str, str], ...]  # code and name of each account on it
    sections: tuple[Section, ...]
    has_slip: bool = True

    @property
    def is_group(self) -> bool:
        """Whether it covers more than the addressee's own account."""
        return any(code != self.customer_id for code, _ in self.customers)

    def totals(self) -> dict[str, int]:
        """The closing balance by currency."""
        return {section.currency: section.closing for section in self.sections}
