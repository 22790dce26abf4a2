"""The sample company's ledger as Oracle holds it: subledger accounting, journals, balances, rates. Floor 2."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from arlib.sources.express import negated
from arlib.sources.sample.as_oracle_applications import APPLIED_ROWS
from arlib.sources.sample.as_oracle_names import Named

OF_SUBLEDGER = {"billing": "Sales Invoices", "receipts": "Receipts", "adjustments": "Adjustment"}
ENTITY_OF = {"billing": "TRANSACTIONS", "receipts": "RECEIPTS", "adjustments": "ADJUSTMENTS"}
JE_SOURCE = {
    "manual": "Manual", "revaluation": "Revaluation", "reclass": "Reclassification", "lockbox": "Lockbox", "other": "Conversion",
}  # fmt: skip
CLASS = {"unapplied": "UNAPP", "unidentified": "UNID", "customer_deposit": "PREPAY"}


def ledger_tables(books: Named) -> dict[str, pd.DataFrame]:
    """XLA and GL tables, code combinations, periods and daily rates."""
    lines = books["gl_lines"].sort_values(["entity", "journal_id", "line_id"], ignore_index=True)
    accounts, entities = books["control_accounts"], books["entities"]
    ledger = dict(zip(entities["entity"], entities["_ledger"], strict=True))
    at = dict(
        zip(zip(accounts["entity"], accounts["account"], strict=True), accounts["_combination"], strict=True)
    )
    lines["_ledger"] = lines["entity"].map(ledger)
    lines["_combination"] = [at[key] for key in zip(lines["entity"], lines["account"], strict=True)]
    role = dict(zip(accounts["_combination"], accounts["role"], strict=True))
    lines["_class"] = lines["_combination"].map(role).map(CLASS).fillna("RECEIVABLE")
    lines["_number"] = (lines.index + 1).astype("str")
    combinations = pd.DataFrame(
        {
            "CODE_COMBINATION_ID": accounts["_combination"],
            "SEGMENT1": accounts["entity"],
            "SEGMENT2": "000",
            "SEGMENT3": accounts["account"],
            "ACCOUNT_TYPE": accounts["role"].eq("customer_deposit").map({True: "L", False: "A"}),
            "REFERENCE3": "CUSTOMER",
        }
    )
    is_sub = lines["source"].isin(OF_SUBLEDGER)
    return {
        **_subledger(lines[is_sub].reset_index(drop=True), books),
        **_journals(lines[~is_sub].reset_index(drop=True)),
        **_balances(books, ledger, at),
        "GL_CODE_COMBINATIONS": combinations,
        "GL_DAILY_RATES": _rates(books["fx_rates"]),
    }


def sides(lines: pd.DataFrame) -> dict[str, pd.Series]:
    """Entered and accounted amounts as debit and credit."""
    made = {}
    for name, column in (("ENTERED", "amount"), ("ACCOUNTED", "functional_amount")):
        minus = lines[column].str.startswith("-")
        made[f"{name}_DR"] = lines[column].where(~minus, "")
        made[f"{name}_CR"] = negated(lines[column]).where(minus, "")
    return made


def _subledger(lines: pd.DataFrame, books: Named) -> dict[str, pd.DataFrame]:
    """One accounting entry a line, its document by transaction entity, an application's by distribution link."""
    applications, items = books["applications"], books["items"]
    key = list(zip(lines["entity"], lines["document_no"], strict=True))
    own = dict(
        zip(
            zip(applications["entity"], applications["application_id"], strict=True),
            applications["_id"],
            strict=True,
        )
    )
    source = dict(
        zip(
            zip(applications["entity"], applications["application_id"], strict=True),
            applications["_source"],
            strict=True,
        )
    )
    number_of = dict(zip(items["_id"], items["document_no"], strict=True))
    application = pd.Series([own.get(one, "") for one in key], index=lines.index, dtype="str")
    document = [number_of[source[one]] if one in source else one[1] for one in key]
    customers = books["customers"]
    party = dict(
        zip(zip(customers["entity"], customers["customer_id"], strict=True), customers["_id"], strict=True)
    )
    headers = pd.DataFrame(
        {
            "AE_HEADER_ID": lines["_number"],
            "ENTITY_ID": lines["_number"],
            "LEDGER_ID": lines["_ledger"],
            "ACCOUNTING_DATE": lines["posting_date"],
            "JE_CATEGORY_NAME": lines["source"].map(OF_SUBLEDGER),
            "ACCOUNTING_ENTRY_STATUS_CODE": "F",
            "GL_TRANSFER_STATUS_CODE": lines["status"].map({"posted": "Y", "unposted": "N"}),
            "DESCRIPTION": lines["journal_id"],
            "CREATION_DATE": lines["entered_at"],
            "CREATED_BY": lines["user"],
            "ATTRIBUTE1": lines["batch_id"],
        }
    )
    entries = pd.DataFrame(
        {
            "AE_HEADER_ID": lines["_number"],
            "AE_LINE_NUM": "1",
            "ACCOUNTING_CLASS_CODE": lines["_class"],
            "CODE_COMBINATION_ID": lines["_combination"],
            "PARTY_ID": [
                party.get(one, "") for one in zip(lines["entity"], lines["customer_id"], strict=True)
            ],
            "CURRENCY_CODE": lines["currency"],
            **sides(lines),
            "DESCRIPTION": lines["text"],
            "ATTRIBUTE1": lines["line_id"],
        }
    )
    about = pd.DataFrame(
        {
            "ENTITY_ID": lines["_number"],
            "ENTITY_CODE": lines["source"].map(ENTITY_OF),
            "TRANSACTION_NUMBER": document,
        }
    )
    linked = application.ne("")
    links = pd.DataFrame(
        {
            "AE_HEADER_ID": lines["_number"],
            "AE_LINE_NUM": "1",
            "SOURCE_DISTRIBUTION_TYPE": "AR_DISTRIBUTIONS_ALL",
            "SOURCE_DISTRIBUTION_ID_NUM_1": [
                str(int(one) + APPLIED_ROWS) if one else "" for one in application
            ],
        }
    )[linked]
    return {
        "XLA_AE_HEADERS": headers,
        "XLA_AE_LINES": entries,
        "XLA_TRANSACTION_ENTITIES": about,
        "XLA_DISTRIBUTION_LINKS": links,
    }


def _journals(lines: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Journals that did not come from receivables: one header a journal, currency, day, person and state."""
    keys = ["entity", "journal_id", "currency", "posting_date", "entered_at", "user", "source", "status"]
    lines["_header"] = (lines.groupby(keys, sort=False).ngroup() + 1).astype("str")
    first = lines.drop_duplicates("_header")
    headers = pd.DataFrame(
        {
            "JE_HEADER_ID": first["_header"],
            "LEDGER_ID": first["_ledger"],
            "NAME": first["journal_id"],
            "JE_SOURCE": first["source"].map(JE_SOURCE),
            "JE_CATEGORY": "Other",
            "ACTUAL_FLAG": "A",
            "STATUS": first["status"].map({"posted": "P", "unposted": "U"}),
            "CURRENCY_CODE": first["currency"],
            "DEFAULT_EFFECTIVE_DATE": first["posting_date"],
            "CREATION_DATE": first["entered_at"],
            "CREATED_BY": first["user"],
        }
    )
    entries = pd.DataFrame(
        {
            "JE_HEADER_ID": lines["_header"],
            "JE_LINE_NUM": (lines.groupby("_header").cumcount() + 1).astype("str"),
            "CODE_COMBINATION_ID": lines["_combination"],
            "EFFECTIVE_DATE": lines["posting_date"],
            **sides(lines),
            "DESCRIPTION": lines["text"],
            "REFERENCE_1": lines["document_no"],
            "REFERENCE_2": lines["customer_id"],
            "REFERENCE_3": lines["batch_id"],
            "ATTRIBUTE1": lines["line_id"],
        }
    )
    return {"GL_JE_HEADERS": headers, "GL_JE_LINES": entries}


def _balances(
    books: Named, ledger: dict[str, str], at: dict[tuple[str, str], str]
) -> dict[str, pd.DataFrame]:
    """Balances as opening and movement of each period, and the periods."""
    rows = books["gl_balances"].sort_values(["entity", "account", "as_of"], ignore_index=True)
    before: dict[tuple[str, str], Decimal] = {}
    made = []
    for entity, account, day, currency, balance in rows[
        ["entity", "account", "as_of", "currency", "balance"]
    ].itertuples(index=False, name=None):
        opened = before.get((entity, account), Decimal(0))
        net = Decimal(balance) - opened
        before[(entity, account)] = Decimal(balance)
        made.append({
            "LEDGER_ID": ledger[entity], "CODE_COMBINATION_ID": at[(entity, account)], "CURRENCY_CODE": currency,
            "PERIOD_NAME": day[:7], "ACTUAL_FLAG": "A", **_dr_cr("BEGIN_BALANCE", opened), **_dr_cr("PERIOD_NET", net),
        })  # fmt: skip
    ends = rows.drop_duplicates(["entity", "as_of"])
    periods = pd.DataFrame(
        {
            "APPLICATION_ID": "101",
            "LEDGER_ID": ends["entity"].map(ledger),
            "PERIOD_NAME": ends["as_of"].str.slice(0, 7),
            "START_DATE": ends["as_of"].str.slice(0, 8) + "01",
            "END_DATE": ends["as_of"],
            "CLOSING_STATUS": "O",
        }
    )
    return {"GL_BALANCES": pd.DataFrame(made), "GL_PERIOD_STATUSES": periods}


def _dr_cr(name: str, amount: Decimal) -> dict[str, str]:
    zero = Decimal(0)
    return {f"{name}_DR": format(max(amount, zero), "f"), f"{name}_CR": format(max(-amount, zero), "f")}


def _rates(rates: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "FROM_CURRENCY": rates["base"],
            "TO_CURRENCY": rates["quote"],
            "CONVERSION_DATE": rates["date"],
            "CONVERSION_TYPE": rates["kind"].map(
                {"spot": "Spot", "closing": "Period End", "average": "Period Average"}
            ),
            "CONVERSION_RATE": rates["rate"],
            "RATE_SOURCE_CODE": rates["source"],
        }
    )
