"""The sample company as Oracle Receivables would hold it: real tables and columns, all text. Floor 2.

What the books say in an Oracle column stands there; what Oracle has no column for stands in descriptive flexfields
(ATTRIBUTEn, INTERFACE_HEADER_ATTRIBUTEn), as a company would keep it, and the profile `harbor-oracle` says where. What
no receivables extract holds stays canonical: see CANONICAL_BESIDE.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from arlib.errors import SourceError
from arlib.sources.sample.as_oracle_cash import cash_tables
from arlib.sources.sample.as_oracle_documents import ACTIVITY, CLASS, TYPE_NAME, adjustments, transactions
from arlib.sources.sample.as_oracle_ledger import ledger_tables
from arlib.sources.sample.as_oracle_names import Named, contract_texts, filled, named, whole
from arlib.sources.sample.write import write_csv, write_tables
from arlib.tables import CANONICAL
from arlib.tables.casework import CASEWORK
from arlib.tables.collecting import COLLECTING

if TYPE_CHECKING:
    from sqlalchemy import Connection

CANONICAL_BESIDE = (
    "entities", "periods", "control_accounts", "customer_history", "customer_merges", "revaluations", "bank_statements", "bank_lines",
    "receipt_bank_lines", "remittances", "customer_statement_lines", "disputes", "promises", "written_off",
    "billing_transfers", "reconciling_items", *(table.name for table in (*CASEWORK, *COLLECTING)), "activities",
)  # fmt: skip
CUSTOMER_FIELDS = (
    "entity", "is_intercompany", "is_related_party", "payer_account", "payer_aliases", "parent_id", "collector",
    "sales_rep", "region", "terms", "credit_limit", "limit_currency", "rating", "status", "language", "state",
    "is_on_credit_hold", "credit_hold_since", "requires_order_no", "opened_on",
)  # fmt: skip
PARTY_FIELDS = ("contact", "phone", "portal")


def oracle_tables(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Oracle tables by name, text columns with Oracle's column names, from canonical tables of the sample company.

    The same tables give the same rows. Made for what the sample holds: every write-off, adjustment and transfer is
    applied once, every refund pays back one receipt, every returned receipt comes back whole.
    """
    books = named(
        {name: contract_texts(tables[name], name, tables["entities"]) for name in tables if name in CANONICAL}
    )
    made = {
        **_setup(books),
        **transactions(books),
        **adjustments(books),
        **cash_tables(books),
        **ledger_tables(books),
    }
    schedules = pd.concat([made.pop("_trx_schedules"), made.pop("_cash_schedules")], ignore_index=True)
    schedules["PAYMENT_SCHEDULE_ID"] = schedules["PAYMENT_SCHEDULE_ID"].astype("str")
    made["AR_PAYMENT_SCHEDULES_ALL"] = schedules
    return {name: whole(name, frame) for name, frame in sorted(made.items())}


def write_oracle(tables: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write the Oracle tables to `folder` and the canonical ones beside them to `folder`/canonical, as CSV.

    Returns the paths. A folder that cannot be written raises SourceError.
    """
    beside = folder / "canonical"
    paths: list[Path] = []
    try:
        for name, frame in oracle_tables(tables).items():
            paths.append(folder / f"{name}.csv")
            write_csv(paths[-1], frame.columns, frame.itertuples(index=False, name=None))
        write_tables({name: tables[name] for name in CANONICAL_BESIDE}, beside)
        paths += [beside / f"{name}.csv" for name in CANONICAL_BESIDE]
    except OSError as fault:
        raise SourceError(f"cannot be written ({fault.strerror})", where=str(folder)) from fault
    return paths


def fill_oracle(tables: Mapping[str, pd.DataFrame], connection: Connection) -> None:
    """Create the Oracle tables on a database connection, with types, and fill them; the caller commits."""
    from sqlalchemy import Column, Date, DateTime, MetaData, Numeric, String, Table

    kinds = {"number": Numeric, "day": Date, "time": DateTime}
    for name, frame in oracle_tables(tables).items():
        columns = {column: kind_of(column) for column in map(str, frame.columns)}
        typed = [Column(column.lower(), kinds.get(kind, String)()) for column, kind in columns.items()]
        table = Table(name.lower(), MetaData(), *typed)
        table.create(connection)
        values = pd.DataFrame(
            {
                column.lower(): [_value(text, kind) for text in frame[column]]
                for column, kind in columns.items()
            },
            dtype=object,
        )
        rows = [
            dict(zip(values.columns, row, strict=True)) for row in values.itertuples(index=False, name=None)
        ]
        if rows:
            connection.execute(table.insert(), rows)


def kind_of(column: str) -> str:
    """What an Oracle column of that name holds: number, day, time or text."""
    if column in ("CREATION_DATE", "LAST_UPDATE_DATE"):
        return "time"
    if column.endswith("_DATE") or column in ("GL_DATE_CLOSED", "SHIP_DATE_ACTUAL"):
        return "day"
    numbers = ("_ID", "_DR", "_CR", "_RATE", "_TAKEN", "_ORIGINAL", "_REMAINING", "_NUM", "_SEQUENCE_NUMBER")
    is_number = column.endswith(numbers) and column not in ("TRANSACTION_NUMBER", "APPLICATION_REF_NUM")
    plain = (
        "AMOUNT",
        "EXTENDED_AMOUNT",
        "LINE_NUMBER",
        "ACCTD_AMOUNT",
        "AMOUNT_APPLIED",
        "AMOUNT_APPLIED_FROM",
        "NUMBER_OF_DUE_DATES",
    )
    applied = column.startswith("ACCTD_AMOUNT_APPLIED") or column == "SOURCE_DISTRIBUTION_ID_NUM_1"
    is_day_count = column in plain or applied or column in ("BILL_TO_CUSTOMER_ID", "PAY_FROM_CUSTOMER")
    return "number" if is_number or is_day_count else "text"


def _value(text: str, kind: str) -> object:
    from datetime import date, datetime
    from decimal import Decimal

    if not text:
        return None
    if kind == "number":
        return Decimal(text)
    if kind == "day":
        return date.fromisoformat(text)
    return datetime.fromisoformat(text) if kind == "time" else text


def _setup(books: Named) -> dict[str, pd.DataFrame]:
    """Operating units, ledgers, customers, transaction types and activities."""
    entities = books["entities"]
    units = pd.DataFrame(
        {
            "ORGANIZATION_ID": entities["_org"],
            "NAME": entities["name"],
            "SHORT_CODE": entities["entity"],
            "SET_OF_BOOKS_ID": entities["_ledger"],
        }
    )
    ledgers = pd.DataFrame(
        {
            "LEDGER_ID": entities["_ledger"],
            "NAME": entities["name"],
            "CURRENCY_CODE": entities["functional_currency"],
        }
    )
    customers = books["customers"]
    accounts = pd.DataFrame(
        {
            "CUST_ACCOUNT_ID": customers["_id"],
            "PARTY_ID": customers["_id"],
            "ACCOUNT_NUMBER": customers["customer_id"],
            "STATUS": customers["status"].map({"closed": "I"}).fillna("A"),
            **filled(customers, CUSTOMER_FIELDS),
        }
    )
    parties = pd.DataFrame(
        {
            "PARTY_ID": customers["_id"],
            "PARTY_NAME": customers["name"],
            "ADDRESS1": customers["address"],
            "COUNTRY": customers["country"],
            "EMAIL_ADDRESS": customers["email"],
            "TAX_REFERENCE": customers["tax_id"],
            **filled(customers, PARTY_FIELDS),
        }
    )
    types, activities = [], []
    for org in entities["_org"]:
        for number, (kind, name) in enumerate(TYPE_NAME.items(), start=1):
            types.append(
                {
                    "CUST_TRX_TYPE_ID": f"{org}{number}",
                    "ORG_ID": org,
                    "NAME": name,
                    "TYPE": CLASS.get(kind, "INV"),
                }
            )
        for number, name in enumerate(ACTIVITY.values(), start=1):
            activities.append(
                {"RECEIVABLES_TRX_ID": f"{org}{number}", "ORG_ID": org, "NAME": name, "TYPE": "ADJUST"}
            )
    return {
        "HR_OPERATING_UNITS": units,
        "GL_LEDGERS": ledgers,
        "HZ_CUST_ACCOUNTS": accounts,
        "HZ_PARTIES": parties,
        "RA_CUST_TRX_TYPES_ALL": pd.DataFrame(types),
        "AR_RECEIVABLES_TRX_ALL": pd.DataFrame(activities),
    }
