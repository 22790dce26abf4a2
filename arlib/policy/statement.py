"""Policy of statements of account. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from arlib.errors import ParameterError

LANGUAGES = ("en", "de", "fr", "es", "zh")  # those that statements have words in


class StatementKind(StrEnum):
    """What a statement lists."""

    OPEN_ITEM = "open_item"  # every open item, whatever its date
    BALANCE_FORWARD = "balance_forward"  # opening balance, movements of the period, closing balance


@dataclass(frozen=True, kw_only=True)
class RemitTo:
    """Where to pay a currency: our own bank account, as it is printed on the remittance slip."""

    currency: str = ""  # ISO 4217 code; empty: every currency that no other row names
    holder: str = ""  # name on the account; empty: the entity's
    bank: str = ""
    account: str  # IBAN, or account number
    bank_code: str = ""  # BIC, or routing number

    def __post_init__(self) -> None:
        """A row without an account says nothing."""
        if not self.account.strip():
            raise ParameterError(
                "remit_to: account", found=self.account, wanted="an IBAN or an account number"
            )


@dataclass(frozen=True, kw_only=True)
class StatementPolicy:
    """Which statements are made, for whom and how. Whom the law or a case bars gets none, whatever this says."""

    kind: StatementKind = StatementKind.OPEN_ITEM
    by_parent: bool = False  # one statement for a parent and its customers
    sends_zero: bool = False  # also where nothing is open
    sends_intercompany: bool = False  # also to companies of the group
    shows_write_offs: bool = (
        False  # as write-offs; otherwise as adjustments, for the debt may still be claimed
    )
    default_language: str = "en"  # where the customer's has no words
    issuer_lines: tuple[str, ...] = ()  # address and contact under our name
    remit_to: tuple[RemitTo, ...] = ()  # bank details on the remittance slip, by currency
    has_slip: bool = True  # a remittance slip behind the balance
    has_reference: bool = True  # a structured creditor reference (ISO 11649) on the slip
    max_copy_pages: int = 20  # of one copy of an invoice
    max_copy_megabytes: int = 10  # of one file

    def __post_init__(self) -> None:
        """A language must have words, a currency one account, limits be positive."""
        if self.default_language not in LANGUAGES:
            raise ParameterError(
                "default_language", found=self.default_language, wanted=f"one of {', '.join(LANGUAGES)}"
            )
        named = [row.currency for row in self.remit_to]
        if twice := sorted({code for code in named if named.count(code) > 1}):
            raise ParameterError("remit_to", found=twice, wanted="one account a currency")
        for name in ("max_copy_pages", "max_copy_megabytes"):
            if getattr(self, name) < 1:
                raise ParameterError(name, found=getattr(self, name), wanted="1 or more")

    def remit_for(self, currency: str) -> RemitTo | None:
        """The account that a currency (its ISO code) is paid to; that for any currency where none is named."""
        by_code = {row.currency: row for row in self.remit_to}
        return by_code.get(currency, by_code.get(""))
