"""What is judged and what comes of it: decisions, who made them, refusals in words. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from arlib.credit.authority.people import People, same
from arlib.policy.authority import Person

TYPED = "unauthenticated"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One filled row of a returned workbook. Texts are as they were typed; `where` says where they stand.

    `decided_on` is None where no day was typed, or something that is none: then `day_text` says what.
    """

    where: str
    proposal_id: str
    word: str
    name: str
    decided_on: date | None
    day_text: str = ""
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Whom it proves, by name or login, and how; the default proves nobody."""

    person: str = ""
    method: str = TYPED

    def of(self, person: Person, people: People) -> str:
        """How that person is known: the proof's method where it is his, a typed name else."""
        return self.method if self.person and same(people.find(self.person), person) else TYPED


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """A decision that was recorded before. `amount` is in minor units."""

    proposal_id: str
    decision: str
    approver: str
    authentication: str
    decided_on: date
    kind: str
    reason: str
    entity: str
    customer_id: str
    currency: str
    amount: int
    run_id: str = ""
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A decision that may be recorded; names are those of the policy, `authority` the rule used, in words."""

    decision: Decision
    word: str
    decided_on: date
    approver: str
    proposer: str
    authority: str
    authentication: str


@dataclass(frozen=True, kw_only=True, order=True)
class Refusal:
    """Why a decision may not be recorded."""

    where: str
    proposal_id: str
    sentence: str

    def __str__(self) -> str:
        """The refusal as one line."""
        return f"{self.where}: {self.proposal_id}: {self.sentence}"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Everything that was found: rows to record, rows recorded before with the same word, refusals."""

    accepted: tuple[Accepted, ...] = ()
    known: tuple[Earlier, ...] = ()
    problems: tuple[Refusal, ...] = ()


class Approved(Protocol):
    """An approval as posting sees it; `amount` is decimal text."""

    @property
    def proposal_id(self) -> str:
        """Identifier."""

    @property
    def kind(self) -> str:
        """Kind of proposal."""

    @property
    def entity(self) -> str:
        """Entity code."""

    @property
    def reason(self) -> str:
        """Reason code."""

    @property
    def currency(self) -> str:
        """Currency."""

    @property
    def amount(self) -> str:
        """Amount as decimal text."""

    @property
    def proposer(self) -> str:
        """Who proposed."""

    @property
    def approver(self) -> str:
        """Who approved."""
