"""What a document says: frozen, money in minor units beside its currency. Floor 3. Texts are as the books have them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Party:
    """Who writes, or who is written to. `address` is lines."""

    name: str
    code: str = ""
    address: tuple[str, ...] = ()
    country: str = ""
    tax_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Money:
    """An amount in minor units of its currency."""

    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class Approved:
    """What a document rests on. Without an approver it is a proposal and says so on every page."""

    proposal_id: str = ""
    run_id: str = ""
    approver: str = ""
    approved_on: date | None = None
    event: str = ""  # hash of the event that records the approval

    @property
    def is_draft(self) -> bool:
        """Whether it waits for its approval; a document without a proposal waits for none."""
        return bool(self.proposal_id) and not self.approver


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A line of a document: a word, what it is about, its amount."""

    words: str
    money: Money
    reference: str = ""
    on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    """What every document has."""

    number: str
    dated: date
    issuer: Party
    to: Party
    rests_on: Approved = field(default_factory=Approved)

    template: str = field(default="", init=False)
    title: str = field(default="", init=False)


@dataclass(frozen=True, kw_only=True)
class Receipt(Document):
    """A receipt for money that came in, and what it settled."""

    received: Money
    received_on: date
    payment_reference: str = ""
    settled: tuple[Amount, ...] = ()
    rest: Money | None = None  # not set against any document; None where nothing is left

    template: str = field(default="receipt", init=False)
    title: str = field(default="Payment receipt", init=False)


@dataclass(frozen=True, kw_only=True)
class CreditNote(Document):
    """A credit on a document: its parts, net and tax apart."""

    invoice_no: str
    invoice_date: date | None = None
    reason: str = ""
    lines: tuple[Amount, ...] = ()  # net and freight
    net: Money
    tax: Money
    total: Money

    template: str = field(default="credit_note", init=False)
    title: str = field(default="Credit note", init=False)


@dataclass(frozen=True, kw_only=True)
class RevisedInvoice(Document):
    """An invoice that takes the place of another, which is credited in full."""

    invoice_no: str
    invoice_date: date | None = None
    reason: str = ""
    due_date: date | None = None
    lines: tuple[Amount, ...] = ()
    net: Money
    tax: Money
    total: Money
    moved: Money | None = None  # paid on the old invoice, set against this one
    to_pay: Money

    template: str = field(default="revised_invoice", init=False)
    title: str = field(default="Revised invoice", init=False)


@dataclass(frozen=True, kw_only=True)
class DueDiligence(Document):
    """A letter to the owner of credits that will else go to a holder state."""

    total: Money
    credits: tuple[Amount, ...] = ()
    place: str
    report_due: date
    answer_by: date | None = None

    template: str = field(default="due_diligence", init=False)
    title: str = field(default="Unclaimed credit: please answer", init=False)


@dataclass(frozen=True, kw_only=True)
class Release(Document):
    """A settlement: what is paid, what is given up, and that the debtor is released by the payment."""

    balance: Money
    payment: Money
    concession: Money
    tax: Money
    pay_by: date
    items: tuple[Amount, ...] = ()

    template: str = field(default="release", init=False)
    title: str = field(default="Settlement and release", init=False)
