"""What a payment is, and whose account it is paid from. Floor 2."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from arlib.tables import Column, Kind, Table

T, M, F = Kind.TEXT, Kind.MONEY, Kind.FLAG


class Target(StrEnum):
    """Which file a bank takes."""

    PAIN001 = "pain001"  # ISO 20022 pain.001.001.09
    ACH = "ach"  # NACHA, credits in US dollars


PAYMENTS = Table("payments", "an approved payment to a customer", ("proposal_id",), (
    Column("proposal_id", T, "proposal that was approved; the payment carries it as its end-to-end id", True, is_key=True),
    Column("entity", T, "entity code", is_key=True),
    Column("payee_name", T, "name on the account; written in the characters that banks take", True),
    Column("payee_account", T, "IBAN, or account number", True, is_key=True),
    Column("bank_code", T, "BIC, or US routing number; may be empty beside an IBAN in the single euro payments area"),
    Column("payee_country", T, "ISO 3166 code of the payee"),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount, above zero", True, currency="currency"),
    Column("reference", T, "what the payee reads: the document that is paid back", True),
    Column("approver", T, "who approved it", True),
    Column("account_type", T, "of an ACH credit: checking or savings; empty means checking"),
    Column("is_person", F, "of an ACH credit: a person's account (PPD) and not a company's (CCD)"),
))  # fmt: skip

TRANSLITERATED = Table("transliterated", "a text that the bank's characters cannot write as it is", ("proposal_id", "column"), (
    Column("proposal_id", T, "payment", True, is_key=True),
    Column("column", T, "which text", True),
    Column("given", T, "as the books have it; never trusted as a formula or markup", True),
    Column("written", T, "as the file has it", True),
))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Debtor:
    """The account that payments leave from. `account` and `bank_code` as in PAYMENTS."""

    name: str
    account: str
    bank_code: str = ""
    country: str = ""
    company_id: str = ""  # ACH: the ten characters that our bank knows us by
    bank_name: str = ""  # ACH: our bank's name
