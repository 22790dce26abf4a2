"""The payment files of a batch: all of them, or none and every fault. Floor 2."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime

import pandas as pd

from arlib.errors import ParameterError, TableError
from arlib.money import iso_code
from arlib.sources.payment.ach import ach_bytes
from arlib.sources.payment.checks import banks_apart, payment_problems
from arlib.sources.payment.pain001 import pain001_bytes
from arlib.sources.payment.payments import PAYMENTS, Debtor, Target
from arlib.tables.choices import ProposalKind


def payment_contents(
    payments: pd.DataFrame,
    *,
    debtor: Debtor,
    created_at: datetime,
    target: Target | str,
    execute_on: date | None = None,
) -> dict[str, bytes]:
    """File names and contents that pay these payments from one account, a file for each currency.

    Needs PAYMENTS; an account may carry its bank code before a slash. `created_at` is written into the files and must say
    its time zone; `execute_on` is the day that the bank is asked to pay, the day of creation where it is left out. The
    same payments, account and times give the same bytes and the same message id, whatever the order of the rows. Raises
    TableError with every fault, and then there is no file; ParameterError for a time without a zone or a day before the
    creation.
    """
    kind = Target(target)
    if created_at.tzinfo is None:
        raise ParameterError("created_at", found=created_at.isoformat(), wanted="a time with its zone")
    day = execute_on or created_at.date()
    if day < created_at.date():
        raise ParameterError("execute_on", found=day.isoformat(), wanted=f"{created_at.date()} or later")
    if problems := payment_problems(payments, debtor=debtor, target=kind):
        raise TableError("payments cannot be written", problems)
    rows = banks_apart(payments).sort_values("proposal_id", kind="stable", ignore_index=True)
    made: dict[str, bytes] = {}
    for currency, part in rows.groupby(rows["currency"].map(iso_code), sort=True):
        mine = part.reset_index(drop=True)
        number = message_id(mine, debtor=debtor, created_at=created_at, execute_on=day)
        if kind is Target.ACH:
            made[f"ach-{number}.ach"] = ach_bytes(mine, debtor=debtor, created_at=created_at, execute_on=day)
        else:
            made[f"pain001-{currency}-{number}.xml"] = pain001_bytes(
                mine, debtor=debtor, created_at=created_at, execute_on=day, message_id=number
            )
    return made


def payments_of(proposals: pd.DataFrame, *, approvers: Mapping[str, str]) -> pd.DataFrame:
    """The payments of approved refunds: PAYMENTS, sorted. `approvers` says who approved each proposal.

    Needs PROPOSALS; rows of other kinds are left out, a refund that nobody approved raises ParameterError. The account of
    a proposal may carry its bank code before a slash, so that the approved facts hold both.
    """
    refunds = proposals[proposals["kind"].eq(ProposalKind.REFUND.value)]
    if unapproved := sorted(set(refunds["proposal_id"]) - {key for key, name in approvers.items() if name}):
        raise ParameterError("refunds that nobody approved", found=", ".join(unapproved[:5]))
    made = banks_apart(
        refunds.assign(
            reference=refunds["document_no"].fillna(refunds["item_id"]),
            approver=refunds["proposal_id"].map(dict(approvers)),
        )
    )
    return made.sort_values("proposal_id", kind="stable", ignore_index=True)


def message_id(payments: pd.DataFrame, *, debtor: Debtor, created_at: datetime, execute_on: date) -> str:
    """An id that hangs on what is paid from where and when, so that two different files never share one."""
    rows = PAYMENTS.typed(payments).astype(object).where(payments.notna(), None).to_dict("records")
    text = json.dumps(
        [rows, debtor.account, debtor.bank_code, created_at.isoformat(), execute_on.isoformat()],
        ensure_ascii=False, sort_keys=True, default=str,
    )  # fmt: skip
    return f"ARLIB{base64.b32encode(hashlib.sha256(text.encode()).digest()).decode('ascii')[:20]}"
