"""What an Oracle extract leaves out: stand-ins for documents closed before it begins, and remarks. Floor 2."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from arlib.errors import Problem, Severity
from arlib.money import minor_places
from arlib.sources.erp.oracle import APPLICATIONS, Others, Outcome, Tables, amount, derived, raw, with_helpers
from arlib.sources.profile import Profile

if TYPE_CHECKING:
    import pandas as pd

CLOSED = {
    "source": "SOURCE_GL_DATE_CLOSED",
    "target": "APPLIED_GL_DATE_CLOSED",
}  # columns of the profile's own query
LARGEST = 2**62
KIND_OF_LINE = {"LINE": "net_amount", "TAX": "tax_amount", "FREIGHT": "freight_amount"}
NOT_READ = {
    "-2": "short-term debt",
    "-4": "claims under investigation",
}


def oracle_left_out(tables: Tables, others: Others, profile: Profile) -> Outcome:
    """Items that stand for documents closed before the extract begins, so that what they settled still counts.

    Only where the extract says that the document was closed (the two dates that the profile's query adds): an
    application of a document that is simply missing stays a fault. The stand-in's amount is what the applications
    that are there settle on it, so nothing of it is ever open.
    """
    items, applications = tables.get("items"), tables.get("applications")
    if items is None or applications is None:
        return {}, []
    with_helpers(tables)
    dates = raw(others, APPLICATIONS, "RECEIVABLE_APPLICATION_ID", *CLOSED.values())
    if dates is None:
        return {}, []
    dates = dates.drop_duplicates("RECEIVABLE_APPLICATION_ID").set_index("RECEIVABLE_APPLICATION_ID")
    known = set(zip(items["entity"], items["item_id"], strict=True))
    by_id = items.drop_duplicates(["entity", "item_id"])
    beside_of = dict(
        zip(zip(by_id["entity"], by_id["item_id"], strict=True), by_id.to_dict("records"), strict=True)
    )
    rows: list[dict[str, Any]] = []
    for side, other, sign in (("target", "source", 1), ("source", "target", -1)):
        keys = list(zip(applications["entity"], applications[f"{side}_item_id"], strict=True))
        closed = applications["_application"].isin(dates.index[dates[CLOSED[side]].ne("")])
        lost = closed & ~closed.index.isin(
            [at for at, key in zip(closed.index, keys, strict=True) if key in known]
        )
        for (entity, item), part in applications[lost].groupby(["entity", f"{side}_item_id"], sort=True):
            first = part.sort_values(["posting_date", "application_id"], kind="stable").iloc[0]
            key = (entity, first[f"{other}_item_id"])
            beside = beside_of.get(key)
            rows.append(_stand_in(part, first, str(entity), str(item), side, sign, beside))
    if not rows:
        return {}, []
    note = Problem(
        file=str(applications["_file"].iloc[0]),
        table="applications",
        row=0,
        severity=Severity.NOTED,
        code="documents_left_out",
        found=f"{len(rows)} documents closed before the extract begins",
        wanted="what they settled is kept; they are in no list",
    )
    return {"items": derived("items", rows)}, [note]


def _stand_in(
    part: pd.DataFrame,
    first: pd.Series,
    entity: str,
    item: str,
    side: str,
    sign: int,
    beside: Mapping[Hashable, Any] | None,
) -> dict[str, Any]:
    """The item that stands for one document left out."""
    amount = part[f"{side}_amount"].sum()
    functional = part[f"{side}_functional_amount"].sum(min_count=len(part))
    if side == "target":
        amount += part["discount"].fillna(0).sum()
        functional += part["discount_functional_amount"].fillna(0).sum()
    return {
        "item_id": item,
        "entity": entity,
        "customer_id": None if beside is None else beside["customer_id"],
        "item_type": "opening",
        "document_no": item,
        "effective_date": first["effective_date"],
        "posting_date": first["posting_date"],
        "entered_at": first["entered_at"],
        "currency": first[f"{side}_currency"],
        "amount": sign * int(amount),
        "functional_amount": None
        if functional is None or functional != functional
        else sign * int(functional),
        "control_account": None if beside is None else beside["control_account"],
    }


def oracle_lines(tables: Tables, others: Others, profile: Profile) -> Outcome:
    """Net, tax and freight of transactions from their lines, in place; none where the lines are not given, or do not
    sum to minor units of the currency."""
    items = tables.get("items")
    rows = raw(others, "RA_CUSTOMER_TRX_LINES_ALL", "CUSTOMER_TRX_ID", "LINE_TYPE", "EXTENDED_AMOUNT")
    if items is None or rows is None:
        return {}, []
    with_helpers(tables)
    currency = dict(zip(items["_trx"], items["currency"], strict=True))
    sums: dict[str, dict[str, Decimal]] = {name: {} for name in KIND_OF_LINE.values()}
    for trx, kind, text in rows.itertuples(index=False, name=None):
        if kind in KIND_OF_LINE and trx and trx in currency:
            into = sums[KIND_OF_LINE[kind]]
            into[trx] = into.get(trx, Decimal(0)) + amount(text, where="RA_CUSTOMER_TRX_LINES_ALL")
    mine = items["_part"].eq("transactions")
    for name, by_trx in sums.items():
        exact = {trx: total.scaleb(minor_places(currency[trx])) for trx, total in by_trx.items()}
        minor = {
            trx: int(one)
            for trx, one in exact.items()
            if one == one.to_integral_value() and abs(one) < LARGEST
        }
        found = items["_trx"].where(mine).map(minor).astype("Int64")
        items[name] = items[name].where(items[name].notna(), found)
    return {}, []


def oracle_remarks(tables: Tables, others: Others, profile: Profile) -> Outcome:
    """Notes on what is there and not read: adjustments not approved, claims, short-term debt, shared ledgers."""
    problems: list[Problem] = []
    adjustments = raw(others, "AR_ADJUSTMENTS_ALL", "STATUS")
    if adjustments is not None and (waiting := int(adjustments["STATUS"].ne("A").sum())):
        found = f"{waiting} adjustments with another status than A"
        problems.append(
            _noted("AR_ADJUSTMENTS_ALL", "adjustments_not_approved", found, "A; others do not count")
        )
    rows = raw(others, APPLICATIONS, "APPLIED_PAYMENT_SCHEDULE_ID", "STATUS", "APPLIED_CUSTOMER_TRX_ID")
    if rows is not None:
        for schedule, words in NOT_READ.items():
            if count := int(rows["APPLIED_PAYMENT_SCHEDULE_ID"].eq(schedule).sum()):
                found = f"{count} rows of {words}"
                problems.append(
                    _noted(APPLICATIONS, "applications_not_read", found, "the cash stays with its receipt")
                )
        netted = rows["STATUS"].eq("ACTIVITY") & ~rows["APPLIED_PAYMENT_SCHEDULE_ID"].str.startswith("-")
        if count := int(netted.sum()):
            found = f"{count} rows of payment netting"
            problems.append(
                _noted(APPLICATIONS, "applications_not_read", found, "receipts stay open against each other")
            )
    units = raw(others, "HR_OPERATING_UNITS", "SET_OF_BOOKS_ID", "SHORT_CODE")
    if units is not None and ("XLA_AE_LINES" in others or "GL_JE_LINES" in others):
        shared = units.groupby("SET_OF_BOOKS_ID")["SHORT_CODE"].nunique()
        for ledger in shared[shared > 1].index:
            problems.append(
                _noted(
                    "HR_OPERATING_UNITS",
                    "operating_units_share_a_ledger",
                    f"ledger {ledger}: {', '.join(sorted(units.loc[units['SET_OF_BOOKS_ID'].eq(ledger), 'SHORT_CODE']))}",
                    "one ledger each, or a profile that maps the balancing segment to the entity",
                )
            )
    return {}, problems


def _noted(file: str, code: str, found: str, wanted: str) -> Problem:
    return Problem(
        file=file, table="items", row=0, severity=Severity.NOTED, code=code, found=found, wanted=wanted
    )
