"""What a confirmation letter says, beside what every letter does. Floor 3. Texts are as the books have them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from arlib.money import iso_code
from arlib.report.documents.model import Money
from arlib.report.letters import Letter, LetterLine


@dataclass(frozen=True, kw_only=True)
class ConfirmationLine(LetterLine):
    """A document of the balance; `assigned_to` is the factor, agency or attorney that holds it, if any."""

    assigned_to: str = ""


@dataclass(frozen=True, kw_only=True)
class ConfirmationLetter(Letter):
    """A letter to one customer about its balance in one currency; `kind` is its form.

    `as_of` is the day of the balance, and `dated` is no other. The letter bears `sent_on`, or a line to write the day on:
    the auditor sends it, on a day that nobody knows when it is made. A blank form has no lines: the customer is to say the
    balance. `holders` are those whom a document of the balance is assigned to. `reply_to` are lines of the auditor's address.
    """

    as_of: date
    balance_currency: str
    sent_on: date | None = None
    lines: tuple[ConfirmationLine, ...] = ()
    holders: tuple[str, ...] = ()
    auditor: str = ""
    reply_to: tuple[str, ...] = ()
    reply_email: str = ""
    reply_by: date | None = None

    @property
    def code(self) -> str:
        """ISO code of the currency of the balance."""
        return iso_code(self.balance_currency)

    @property
    def assigned(self) -> tuple[tuple[str, Money], ...]:
        """What of its lines each holder holds, by holder; empty for a blank form."""
        sums: dict[str, int] = {}
        for line in self.lines:
            if line.assigned_to:
                sums[line.assigned_to] = sums.get(line.assigned_to, 0) + line.amount.amount
        return tuple(
            (name, Money(amount=amount, currency=self.currency)) for name, amount in sorted(sums.items())
        )

    @property
    def auditor_lines(self) -> tuple[str, ...]:
        """Where the reply goes: the audit firm, unless its address names it, then the address and the e-mail address."""
        firm = (self.auditor,) if self.auditor and self.auditor not in self.reply_to else ()
        return tuple(line for line in (*firm, *self.reply_to, self.reply_email) if line)
