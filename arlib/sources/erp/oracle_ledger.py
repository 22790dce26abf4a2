"""Oracle's ledgers: the document behind an accounting line, and balances by account. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from arlib.errors import Problem, Severity
from arlib.money import is_currency, minor_places
from arlib.sources.convert import to_day
from arlib.sources.erp.oracle import (
    Others,
    Outcome,
    Tables,
    amount,
    derived,
    natural_accounts,
    raw,
    with_helpers,
)
from arlib.sources.profile import Profile

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 2**62


def oracle_documents(tables: Tables, others: Others, profile: Profile) -> Outcome:
    """Name the application behind an accounting line, in place.

    A distribution link leads to a row of AR_DISTRIBUTIONS_ALL; where that belongs to an application (source table RA)
    that is ours, or to an adjustment's exchange difference, the line's document is the application, as the sub-ledger
    names its discount, exchange difference and transfer. Lines whose links lead to several applications keep the receipt's number.
    """
    lines, applications = tables.get("gl_lines"), tables.get("applications")
    links = raw(
        others, "XLA_DISTRIBUTION_LINKS", "AE_HEADER_ID", "AE_LINE_NUM", "SOURCE_DISTRIBUTION_TYPE", "SOURCE_DISTRIBUTION_ID_NUM_1"
    )  # fmt: skip
    rows = raw(others, "AR_DISTRIBUTIONS_ALL", "LINE_ID", "SOURCE_TABLE", "SOURCE_ID", "SOURCE_TYPE")
    if lines is None or applications is None or links is None or rows is None:
        return {}, []
    with_helpers(tables)
    exchange = rows["SOURCE_TABLE"].eq("ADJ") & rows["SOURCE_TYPE"].isin(("EXCH_GAIN", "EXCH_LOSS"))
    rows = rows[rows["SOURCE_TABLE"].eq("RA") | exchange].drop_duplicates("LINE_ID")
    owner = (rows["SOURCE_TABLE"] + " " + rows["SOURCE_ID"]).set_axis(rows["LINE_ID"])
    links = links[links["SOURCE_DISTRIBUTION_TYPE"].eq("AR_DISTRIBUTIONS_ALL")]
    name = {
        f"{table} {own}": application
        for table, column in (("RA", "_application"), ("ADJ", "_adjustment"))
        for own, application in zip(applications[column], applications["application_id"], strict=True)
    }
    found = links["SOURCE_DISTRIBUTION_ID_NUM_1"].map(owner).map(name)
    entry = links["AE_HEADER_ID"] + "-" + links["AE_LINE_NUM"]
    each = found.fillna("").groupby(entry).agg(["min", "max"])
    one = each.loc[each["min"].eq(each["max"]) & each["max"].ne(""), "max"]
    document = lines["_entry"].map(one)
    lines["document_no"] = lines["document_no"].mask(document.notna(), document)
    return {}, []


def oracle_balances(tables: Tables, others: Others, profile: Profile) -> Outcome:
    """GL_BALANCES by account at the end of each period: opening plus movement of all code combinations together.

    Only the accounts that lines or declared accounts name, actual figures in the ledger's own currency. Without
    GL_PERIOD_STATUSES, GL_LEDGERS, GL_CODE_COMBINATIONS and HR_OPERATING_UNITS there are none, with a remark.
    """
    columns = ("LEDGER_ID", "CODE_COMBINATION_ID", "CURRENCY_CODE", "PERIOD_NAME", "ACTUAL_FLAG")
    sums_of = ("BEGIN_BALANCE_DR", "BEGIN_BALANCE_CR", "PERIOD_NET_DR", "PERIOD_NET_CR")
    rows = raw(others, "GL_BALANCES", *columns, *sums_of)
    periods = raw(others, "GL_PERIOD_STATUSES", "LEDGER_ID", "PERIOD_NAME", "END_DATE", "APPLICATION_ID")
    ledgers = raw(others, "GL_LEDGERS", "LEDGER_ID", "CURRENCY_CODE")
    units = raw(others, "HR_OPERATING_UNITS", "SET_OF_BOOKS_ID", "SHORT_CODE")
    accounts = natural_accounts(others, profile)
    if rows is None:
        return {}, []
    if periods is None or ledgers is None or units is None or not accounts:
        return {}, [_without()]
    entity = dict(zip(units["SET_OF_BOOKS_ID"][::-1], units["SHORT_CODE"][::-1], strict=True))
    own = dict(zip(ledgers["LEDGER_ID"], ledgers["CURRENCY_CODE"], strict=True))
    periods = periods[periods["APPLICATION_ID"].isin(("101", ""))]
    ends = {
        (ledger, period): day
        for ledger, period, day in zip(
            periods["LEDGER_ID"],
            periods["PERIOD_NAME"],
            to_day(periods["END_DATE"], profile).typed,
            strict=True,
        )
    }
    wanted = _accounts(tables, others, accounts)
    sums: dict[tuple[str, ...], Decimal] = {}
    days: dict[tuple[str, ...], Any] = {}
    for ledger, combination, currency, period, flag, *given in rows.itertuples(index=False, name=None):
        account, day = accounts.get(combination, ""), ends.get((ledger, period))
        if flag not in ("A", "") or currency != own.get(ledger) or day is None or ledger not in entity:
            continue
        if account and (not wanted or account in wanted):
            key: tuple[str, ...] = (entity[ledger], account, str(period), str(currency))
            opened_dr, opened_cr, net_dr, net_cr = (amount(one, where="GL_BALANCES") for one in given)
            sums[key] = sums.get(key, Decimal(0)) + opened_dr - opened_cr + net_dr - net_cr
            days[key] = day
    made: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for key, balance in sorted(sums.items()):
        minor = balance.scaleb(minor_places(key[3])) if is_currency(key[3]) else Decimal("0.5")
        if minor != minor.to_integral_value() or abs(minor) > LARGEST:
            problems.append(_unreadable(key, balance))
            continue
        names = {"entity": key[0], "ledger": "primary", "account": key[1], "currency": key[3]}
        made.append({**names, "as_of": days[key], "balance": int(minor)})
    return {"gl_balances": derived("gl_balances", made)}, problems


def _accounts(tables: Tables, others: Others, accounts: Mapping[str, str]) -> set[str]:
    """Accounts that the extract's lines and items stand on, and those that are customer control accounts."""
    flags = raw(others, "GL_CODE_COMBINATIONS", "CODE_COMBINATION_ID", "REFERENCE3")
    named: set[str] = set()
    if flags is not None:
        named |= set(flags.loc[flags["REFERENCE3"].eq("CUSTOMER"), "CODE_COMBINATION_ID"].map(accounts))
    for table, column in (("gl_lines", "account"), ("items", "control_account")):
        frame: pd.DataFrame | None = tables.get(table)
        if frame is not None and column in frame:
            named |= {*frame[column].dropna()} - {""}
    return named


def _unreadable(key: tuple[str, ...], balance: Decimal) -> Problem:
    return Problem(
        file="GL_BALANCES",
        table="gl_balances",
        row=0,
        column="balance",
        severity=Severity.REJECTED,
        code="not_an_amount",
        found=f"account {key[1]}, period {key[2]}: {balance:f} {key[3]}",
        wanted="an amount in minor units of the ledger's currency",
    )


def _without() -> Problem:
    return Problem(
        file="GL_BALANCES",
        table="gl_balances",
        row=0,
        severity=Severity.NOTED,
        code="balances_not_read",
        found="balances without periods, ledgers, operating units or accounts",
        wanted="GL_PERIOD_STATUSES, GL_LEDGERS, HR_OPERATING_UNITS and GL_CODE_COMBINATIONS beside GL_BALANCES",
    )
