"""Credits as an ACH file in the NACHA layout: 94 columns, blocks of ten records. Floor 2.

A batch for companies (CCD) and one for persons (PPD), of credits only (service class 220): our bank takes the sum from our
account. Each entry has an addendum with the document that is paid back, as an X12 RMR segment, and the proposal's id as
the payee's identification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from arlib.errors import ParameterError
from arlib.sources.payment.accounts import compact
from arlib.sources.payment.characters import written
from arlib.sources.payment.checks import amount_text
from arlib.sources.payment.payments import Debtor
from arlib.tables.rows import records

WIDTH, BLOCK = 94, 10
CREDITS_ONLY = "220"
CODES = {"checking": "22", "savings": "32"}
MOST = 10**12 - 1  # cents of a batch and of a file


@dataclass(frozen=True)
class _Sums:
    """Counts and totals of a control record."""

    records: int = 0  # entries and addenda
    routing: int = 0
    credits: int = 0

    def plus(self, other: _Sums) -> _Sums:
        return _Sums(self.records + other.records, self.routing + other.routing, self.credits + other.credits)

    @property
    def hash(self) -> str:
        """The entry hash: the last ten digits of the sum of the banks' first eight digits."""
        return f"{self.routing % 10**10:010d}"


def ach_bytes(payments: pd.DataFrame, *, debtor: Debtor, created_at: datetime, execute_on: date) -> bytes:
    """One ACH file that pays checked payments in US dollars.

    Needs PAYMENTS without problems. Trace numbers run through the file: our bank's first eight digits and seven more.
    Raises ParameterError where the sum does not fit a control record (9,999,999,999.99).
    """
    rows = records(payments)
    whole = sum(int(row["amount"]) for row in rows)
    if whole > MOST:
        raise ParameterError(
            "the sum of the payments does not fit an ACH file", found=amount_text(whole, "USD")
        )
    bank = compact(debtor.bank_code)
    name = _upper(debtor.name, 23)
    made = [
        f"101 {bank}{debtor.company_id:>10}{created_at:%y%m%d%H%M}A094101{_upper(debtor.bank_name, 23):<23}{name:<23}{'':8}"
    ]
    total, batches, trace = _Sums(), 0, 0
    for is_person in (False, True):
        batch = [row for row in rows if (row["is_person"] is True) is is_person]
        if not batch:
            continue
        batches += 1
        sums = _Sums()
        sec = "PPD" if is_person else "CCD"
        made.append(
            f"5{CREDITS_ONLY}{_upper(debtor.name, 16):<16}{'':20}{debtor.company_id:<10}{sec}{'REFUND':<10}"
            f"{created_at:%y%m%d}{execute_on:%y%m%d}{'':3}1{bank[:8]}{batches:07d}"
        )
        for row in batch:
            trace += 1
            made += _entry(row, bank[:8], trace)
            sums = sums.plus(_Sums(2, int(compact(str(row["bank_code"]))[:8]), int(row["amount"])))
        made.append(
            f"8{CREDITS_ONLY}{sums.records:06d}{sums.hash}{0:012d}{sums.credits:012d}{debtor.company_id:<10}"
            f"{'':25}{bank[:8]}{batches:07d}"
        )
        total = total.plus(sums)
    blocks = -(-(len(made) + 1) // BLOCK)
    made.append(
        f"9{batches:06d}{blocks:06d}{total.records:08d}{total.hash}{0:012d}{total.credits:012d}{'':39}"
    )
    made += ["9" * WIDTH] * (blocks * BLOCK - len(made))
    return ("\r\n".join(made) + "\r\n").encode("ascii")


def _entry(row: Mapping[str, Any], bank: str, trace: int) -> list[str]:
    """The entry of a payment and its addendum."""
    kind = row["account_type"] if isinstance(row["account_type"], str) and row["account_type"] else "checking"
    amount = int(row["amount"])
    number = f"{bank}{trace:07d}"
    entry = (
        f"6{CODES[kind]}{compact(str(row['bank_code']))}{compact(str(row['payee_account'])):<17}{amount:010d}"
        f"{str(row['proposal_id'])[:15]:<15}{_upper(str(row['payee_name']), 22):<22}  1{number}"
    )
    reference = written(str(row["reference"]), limit=30)
    segment = f"RMR*IV*{reference}**{amount_text(amount, 'USD')}\\"
    addendum = f"705{segment:<80}0001{trace:07d}"
    return [entry, addendum]


def _upper(text: str, limit: int) -> str:
    return written(text, limit=limit).upper()
