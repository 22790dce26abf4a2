"""Every fault of the payments of a batch, before a byte of a file is made. Floor 2."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from arlib.errors import Problem
from arlib.money import is_currency, iso_code, minor_places
from arlib.sources.payment.accounts import (
    bic_fault,
    compact,
    iban_fault,
    is_sepa,
    looks_like_iban,
    routing_fault,
    split_account,
)
from arlib.sources.payment.characters import written
from arlib.sources.payment.payments import PAYMENTS, Debtor, Target
from arlib.tables.rows import records

MOST_DIGITS = 18  # of an amount in ISO 20022
ACH_MOST = 10**10 - 1  # cents of one entry
ACH_ACCOUNT = 17
_PLAIN_ACCOUNT = re.compile(r"[0-9A-Za-z-]{1,34}", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9-]{1,35}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_COMPANY_ID = re.compile(r"[0-9A-Za-z]{10}", re.ASCII)
Fault = tuple[str, str, str, str]  # column, code, found, wanted


def banks_apart(payments: pd.DataFrame) -> pd.DataFrame:
    """PAYMENTS in which an account written with its bank (231380104/12345678) has the code in its own column.

    An account whose own bank code is another than the one given stays as it is, and is no account then.
    """
    made = PAYMENTS.typed(payments)
    codes, accounts = [], []
    for code, account in zip(made["bank_code"].fillna(""), made["payee_account"].fillna(""), strict=True):
        own, bare = split_account(account)
        fits = bool(own) and compact(code) in ("", compact(own))
        codes.append(own if fits else code)
        accounts.append(bare if fits else account)
    return PAYMENTS.typed(made.assign(bank_code=codes, payee_account=accounts))


def payment_problems(payments: pd.DataFrame, *, debtor: Debtor, target: Target | str) -> list[Problem]:
    """What keeps these payments from a file, every fault with its row (the first payment is row 2); empty where nothing.

    Needs PAYMENTS. Two payments of one proposal are faults both: a proposal is paid once.
    """
    rows = records(banks_apart(payments))
    numbers = [row["proposal_id"] for row in rows]
    kind = Target(target)
    made = [_problem(0, *fault) for fault in _debtor_faults(debtor, kind)]
    for at, row in enumerate(rows, start=2):
        found = list(_faults(row, debtor, kind))
        if numbers.count(row["proposal_id"]) > 1:
            found.append(
                ("proposal_id", "paid_twice", str(row["proposal_id"]), "one payment for each proposal")
            )
        made += [_problem(at, *fault) for fault in found]
    return made


def amount_text(amount: int, currency: str) -> str:
    """An amount in the places that ISO 4217 gives its currency; '' where it has more and cannot be written exactly."""
    own, iso = minor_places(currency), minor_places(iso_code(currency))
    whole, rest = divmod(amount, 10 ** (own - iso))
    if rest:
        return ""
    units, minor = divmod(whole, 10**iso)
    return f"{units}.{minor:0{iso}d}" if iso else str(units)


def _faults(row: Mapping[str, Any], debtor: Debtor, target: Target) -> Iterator[Fault]:
    text = {
        name: row[name] if isinstance(row[name], str) else "" for name in PAYMENTS.names if name != "amount"
    }
    if not _ID.fullmatch(text["proposal_id"]):
        yield "proposal_id", "not_an_id", text["proposal_id"], "letters, digits and -, at most 35"
    yield from _amount_faults(row, text["currency"], target)
    for name, wanted in (
        ("payee_name", "a name with a Latin letter or a digit"),
        ("reference", "a reference with a letter or a digit"),
    ):
        if not written(text[name], limit=70):
            yield name, "no_latin_text" if text[name] else "missing", text[name], wanted
    if not text["approver"].strip():
        yield "approver", "missing", "", "who approved the payment"
    account = compact(text["payee_account"])
    if account and account == compact(debtor.account):
        yield "payee_account", "own_account", text["payee_account"], "an account of the payee"
    if target is Target.ACH:
        yield from _ach_faults(text)
    else:
        yield from _transfer_faults(text, debtor)


def _amount_faults(row: Mapping[str, Any], currency: str, target: Target) -> Iterator[Fault]:
    if not is_currency(currency):
        yield "currency", "unknown_currency", currency, "an ISO 4217 code"
        return
    if pd.isna(row["amount"]) or int(row["amount"]) <= 0:
        yield (
            "amount",
            "not_above_zero",
            "" if pd.isna(row["amount"]) else str(row["amount"]),
            "an amount above zero",
        )
        return
    amount = int(row["amount"])
    said = amount_text(amount, currency)
    if not said:
        yield (
            "amount",
            "too_many_places",
            f"{amount} of {currency}",
            f"whole minor units of {iso_code(currency)}",
        )
    elif len(said.replace(".", "")) > MOST_DIGITS:
        yield "amount", "too_large", said, f"{MOST_DIGITS} digits"
    if target is Target.ACH:
        if currency != "USD":
            yield "currency", "other_currency", currency, "USD: an ACH file pays in US dollars"
        elif amount > ACH_MOST:
            yield "amount", "too_large", said, "99,999,999.99 at most in one entry"


def _ach_faults(text: Mapping[str, str]) -> Iterator[Fault]:
    account = compact(text["payee_account"])
    if not _PLAIN_ACCOUNT.fullmatch(account) or len(account) > ACH_ACCOUNT:
        yield (
            "payee_account",
            "not_an_account",
            text["payee_account"],
            f"1 to {ACH_ACCOUNT} letters, digits and -",
        )
    yield from _routing_faults("bank_code", text["bank_code"])
    if text["account_type"] not in ("", "checking", "savings"):
        yield "account_type", "unknown_account_type", text["account_type"], "checking or savings"


def _transfer_faults(text: Mapping[str, str], debtor: Debtor) -> Iterator[Fault]:
    account, code = text["payee_account"], text["bank_code"]
    yield from _account_faults("payee_account", account, "bank_code", code)
    if not code and looks_like_iban(account) and not is_sepa(text["currency"], account, debtor.account):
        yield (
            "bank_code",
            "missing",
            "",
            "a BIC: the payment is not in euro within the single euro payments area",
        )
    country = text["payee_country"]
    if country and not _COUNTRY.fullmatch(country):
        yield "payee_country", "not_a_country", country, "an ISO 3166 code of two letters"


def _account_faults(column: str, account: str, code_column: str, code: str) -> Iterator[Fault]:
    """What is wrong with an account and its bank code, the payee's or ours."""
    if looks_like_iban(account):
        if fault := iban_fault(account):
            yield column, "not_an_iban", account, f"a valid IBAN ({fault})"
    elif not _PLAIN_ACCOUNT.fullmatch(compact(account)):
        yield column, "not_an_account", account, "an IBAN, or up to 34 letters, digits and -"
    elif not code:
        yield code_column, "missing", "", "a BIC or routing number beside an account that is no IBAN"
    if code and compact(code).isdigit():
        yield from _routing_faults(code_column, code)
    elif code and (fault := bic_fault(code)):
        yield code_column, "not_a_bic", code, f"a BIC or a routing number ({fault})"


def _routing_faults(column: str, code: str) -> Iterator[Fault]:
    if not code:
        yield column, "missing", "", "a routing number"
    elif fault := routing_fault(code):
        yield column, "not_a_routing_number", code, f"a valid routing number ({fault})"


def _debtor_faults(debtor: Debtor, target: Target) -> Iterator[Fault]:
    if not written(debtor.name, limit=70):
        yield "debtor name", "missing", debtor.name, "a name with a Latin letter"
    if target is Target.ACH:
        yield from _routing_faults("debtor bank_code", debtor.bank_code)
        if not _COMPANY_ID.fullmatch(debtor.company_id):
            yield (
                "debtor company_id",
                "not_a_company_id",
                debtor.company_id,
                "the ten characters that the bank gave",
            )
        return
    yield from _account_faults("debtor account", debtor.account, "debtor bank_code", debtor.bank_code)


def _problem(row: int, column: str, code: str, found: str, wanted: str) -> Problem:
    return Problem(
        file="table payments", table="payments", row=row, column=column, code=code, found=found, wanted=wanted
    )
