"""The payment files of approved refunds. Floor 4."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError
from arlib.money import format_minor, shown
from arlib.run.post_approved import ApprovedRun
from arlib.run.post_batch import Made, csv_bytes, trace_csv
from arlib.sources.upload.write import MARKER
from arlib.tables.rows import text

if TYPE_CHECKING:
    import pandas as pd

    from arlib.sources.upload import Accounts
    from arlib.sources.upload.accounts import PayingAccount

CONTROL = ("file", "rows", "currency", "total", "bytes", "sha256")


def payment_files(
    run: ApprovedRun,
    proposals: pd.DataFrame,
    *,
    target: str,
    accounts: Accounts,
    execute_on: date,
    created_at: datetime,
    batch_id: str,
) -> Made:
    """The folder that pays these approved refunds: a file for each paying account and currency, control and trace.

    Needs `paying_accounts` in the accounts file; bank codes come from BANK_DETAILS of the run's book. Raises
    ParameterError where no account pays a currency, TableError with every fault of the payments.
    """
    from arlib.sources.payment import PAYMENTS, Debtor, payment_contents, transliterated
    from arlib.sources.upload.contract import contract_bytes

    payments = payments_of(run, proposals)
    entity = run.books.scope.entity
    by_account: dict[str, list[str]] = defaultdict(list)
    held: dict[str, PayingAccount] = {}
    for currency in sorted(set(payments["currency"])):
        account = accounts.paying_account(entity, currency)
        if account is None:
            raise ParameterError(
                f"no account of {entity} pays {currency}",
                where="accounts file",
                fix="Name it under paying_accounts:, with entity, name, account and bank_code.",
            )
        held[account.account] = account
        by_account[account.account].append(currency)
    contents: dict[str, bytes] = {}
    rows: list[dict[str, str]] = []
    for account_no, currencies in by_account.items():
        one = held[account_no]
        debtor = Debtor(**{name: getattr(one, name) for name in _DEBTOR})
        for currency in currencies:
            part = payments[payments["currency"].eq(currency)].reset_index(drop=True)
            made = payment_contents(
                part, debtor=debtor, created_at=created_at, target=target, execute_on=execute_on
            )
            contents |= made
            total = sum(int(value) for value in part["amount"])
            rows += [
                {"file": name, "rows": str(len(part)), "currency": currency, "total": format_minor(total, currency),
                 "bytes": str(len(data)), "sha256": hashlib.sha256(data).hexdigest()}
                for name, data in made.items()
            ]  # fmt: skip
    changed = transliterated(payments)
    contents["payments.csv"] = contract_bytes(payments, PAYMENTS)
    if len(changed):
        names = [str(name) for name in changed.columns]
        texts = [{name: str(row[name]) for name in names} for row in changed.to_dict("records")]
        contents["transliterated.csv"] = csv_bytes(names, texts)
    references = {str(row[1]): (str(row[0]), str(row[1])) for row in
                  payments[["entity", "proposal_id"]].itertuples(index=False, name=None)}  # fmt: skip
    contents["trace.csv"] = trace_csv(run, references)
    contents["control.csv"] = csv_bytes(CONTROL, sorted(rows, key=lambda row: row["file"]))
    contents[MARKER] = f"APPROVED {batch_id}\n".encode()
    said = [
        f"batch {batch_id}: {len(payments)} refunds, to be paid on {execute_on}, posted by {run.poster_name}"
    ]
    said += [
        f"  {row['file']}: {row['rows']}, {row['currency']} {shown(_sum(payments, row['currency']), row['currency'])}"
        for row in rows
    ]
    return Made(contents=contents, references=references, said=tuple(said))


_DEBTOR = ("name", "account", "bank_code", "country", "company_id", "bank_name")


def payments_of(run: ApprovedRun, proposals: pd.DataFrame) -> pd.DataFrame:
    """PAYMENTS of approved refunds; what the approved account does not say comes from the details valid at the as-of date."""
    from arlib.sources.payment import PAYMENTS
    from arlib.sources.payment.contents import payments_of as approved_payments

    made = approved_payments(
        proposals, approvers={one.proposal_id: one.approver for one in run.approvals.values()}
    )
    book = run.books.book()
    details = _details(book["bank_details"], run.books.scope.as_of)
    countries = _countries(book["customers"])
    columns = proposals[["proposal_id", "customer_id", "customer_name"]].itertuples(index=False, name=None)
    owners = {row[0]: (text(row[1]), text(row[2])) for row in columns}
    more: dict[str, list[str]] = {"bank_code": [], "payee_country": [], "payee_name": []}
    for row in made.to_dict("records"):
        customer, name = owners[row["proposal_id"]]
        known = details.get((customer, _bare(text(row["payee_account"]))), {})
        more["bank_code"].append(text(row["bank_code"]) or text(known.get("bank_code")))
        more["payee_country"].append(
            text(row["payee_country"]) or text(known.get("country")) or countries.get(customer, "")
        )
        more["payee_name"].append(text(row["payee_name"]) or text(known.get("holder")) or name)
    return PAYMENTS.typed(made.assign(**more))


def _details(frame: pd.DataFrame, on: date) -> dict[tuple[str, str], Mapping[Any, Any]]:
    """By customer and account, the latest details that are valid on the day."""
    import pandas as pd

    from arlib.sources.payment.accounts import split_account

    day = pd.Timestamp(on)
    valid = frame[frame["valid_from"].le(day) & (frame["valid_to"].isna() | frame["valid_to"].ge(day))]
    return {
        (text(row["customer_id"]), _bare(split_account(text(row["account"]))[1])): row
        for row in valid.sort_values("valid_from", kind="stable").to_dict("records")
    }


def _countries(customers: pd.DataFrame) -> dict[str, str]:
    columns = customers[["customer_id", "country"]]
    return {text(row[0]): text(row[1]) for row in columns.itertuples(index=False, name=None)}


def _sum(payments: pd.DataFrame, currency: str) -> int:
    return sum(int(value) for value in payments[payments["currency"].eq(currency)]["amount"])


def _bare(account: str) -> str:
    return "".join(account.split()).upper()
