"""What a letter says: frozen, money in minor units beside its currency. Floor 3. Texts are as the books have them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from arlib.report.documents.model import Money, Party

KINDS = (
    "pre_due", "reminder", "second", "final", "nsf", "estate", "bankruptcy", "remittance_request", "broken_promise",
    "exemption_request",
)  # fmt: skip
ASK_PAYMENT = ("nsf", "broken_promise")  # special letters whose reader is to pay


@dataclass(frozen=True, kw_only=True)
class LetterLine:
    """A document in a letter; credits are negative. `days` past due, None before the due date or without one."""

    document_no: str
    document_date: date | None = None
    due_date: date | None = None
    days: int | None = None
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One letter. Templates see these fields as `letter.…`; what does not apply is None or empty.

    `amount` is what a special letter is about, `to_pay` what a letter of dunning asks for: `asked` and `credits`
    (negative), `interest`, `compensation`, `fee`. Of a returned payment `discount` is what had been allowed with it and
    lapsed, `fee` what was charged for the return. `happened_on` is the day of a return, petition, death, receipt, promise
    or the last day of a certificate; `case_no` its number; `detail` a return code or a place.
    """

    number: str
    kind: str
    dated: date
    language: str
    locale: str
    sender: Party
    to: Party
    about: Party  # the customer, where another is written to; else the same as `to`
    contact: str = ""
    collector: str = ""
    level: int | None = None
    channel: str = "email"
    lines: tuple[LetterLine, ...] = ()
    asked: Money | None = None
    credits: Money | None = None
    interest: Money | None = None
    compensation: Money | None = None
    fee: Money | None = None
    discount: Money | None = None
    to_pay: Money | None = None
    left_out: Money | None = None
    amount: Money | None = None
    pay_by: date | None = None
    answer_by: date | None = None
    happened_on: date | None = None
    case_no: str = ""
    detail: str = ""
    remit_to: tuple[str, ...] = ()
    is_preview: bool = False

    @property
    def currency(self) -> str:
        """The currency of its lines, '' without any."""
        return self.lines[0].amount.currency if self.lines else ""

    @property
    def lines_total(self) -> Money | None:
        """What its lines add up to, None without any."""
        if not self.lines:
            return None
        return Money(amount=sum(line.amount.amount for line in self.lines), currency=self.currency)

    @property
    def asks_payment(self) -> bool:
        """Whether the reader is to pay, so that our bank details belong on it."""
        return self.to_pay is not None or self.kind in ASK_PAYMENT
