"""What a confirmation letter says, beside what every letter does. Floor 3. Texts are as the books have them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from arlib.money import iso_code
from arlib.report.letters import Letter


@dataclass(frozen=True, kw_only=True)
class ConfirmationLetter(Letter):
    """A letter to one customer about its balance in one currency; `kind` is its form.

    A blank form has no lines: the customer is to say the balance. `reply_to` are lines of the auditor's address.
    """

    as_of: date
    balance_currency: str
    auditor: str = ""
    reply_to: tuple[str, ...] = ()
    reply_email: str = ""
    reply_by: date | None = None

    @property
    def code(self) -> str:
        """ISO code of the currency of the balance."""
        return iso_code(self.balance_currency)
