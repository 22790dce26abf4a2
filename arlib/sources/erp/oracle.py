"""Oracle Receivables' own logic that no mapping can say: accounts, reversed pairs, documents left out. Floor 2.

Each function is a step of the profile `oracle-fusion` and of those that extend it; it changes typed rows in place and
returns further tables and problems.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from arlib.errors import Problem, SourceError
from arlib.sources.express import FLOAT_ID
from arlib.sources.profile import Profile
from arlib.tables import CANONICAL

if TYPE_CHECKING:
    import pandas as pd

    from arlib.sources.raw import Records

Tables = dict[str, "pd.DataFrame"]
Others = Mapping[str, "Records"]
Outcome = tuple[Tables, list[Problem]]

APPLICATIONS, COMBINATIONS, SCHEDULES = (
    "AR_RECEIVABLE_APPLICATIONS_ALL",
    "GL_CODE_COMBINATIONS",
    "AR_PAYMENT_SCHEDULES_ALL",
)
PLAIN = re.compile(r"[+-]?[0-9]{0,15}(?:[.][0-9]{0,9})?")
PREPAID = "-7"  # the payment schedule of all prepayments
SET_PARTS = ("receipt applications", "credit memo applications", "activities")


def raw(others: Others, name: str, *columns: str) -> pd.DataFrame | None:
    """Those columns of a file as text, numbers as they were before any float; None where the file is not given.

    A column that the file lacks is empty.
    """
    import pandas as pd

    if name not in others:
        return None
    frame = others[name].frame
    blank = pd.Series("", index=frame.index, dtype="str")
    return pd.DataFrame(
        {
            column: (
                frame[column].str.strip().str.replace(FLOAT_ID, r"\1", regex=True)
                if column in frame
                else blank
            )
            for column in columns
        }
    )


def natural_accounts(others: Others, profile: Profile) -> dict[str, str]:
    """Ledger account by code combination: the segment that the profile's parts read as the account."""
    segment = next(
        (
            (expression.column or "").partition(".")[2]
            for part in profile.tables
            for name, expression in part.columns.items()
            if name in ("account", "control_account")
            and (expression.column or "").startswith(f"{COMBINATIONS}.")
        ),
        "",
    )
    rows = raw(others, COMBINATIONS, "CODE_COMBINATION_ID", segment)
    return {} if rows is None else dict(zip(rows["CODE_COMBINATION_ID"], rows[segment], strict=True))


def number(text: str) -> Decimal:
    """An amount for comparing; 0 for what is none (the mapping rejects such a row with its number)."""
    return Decimal(text) if text and PLAIN.fullmatch(text) and any(map(str.isdigit, text)) else Decimal(0)


def amount(text: str, *, where: str) -> Decimal:
    """An amount that no mapping reads, 0 where none is given. One that is no plain decimal raises SourceError."""
    if not text:
        return Decimal(0)
    if not PLAIN.fullmatch(text) or not any(map(str.isdigit, text)):
        raise SourceError(
            "an amount cannot be read",
            where=where,
            found=text[:40],
            wanted="a plain decimal such as -1234.56",
        )
    return Decimal(text)


def _in_order(ids: pd.Series) -> pd.Series:
    """Sort key of identifiers that count up."""
    return ids.str.zfill(24)


HELPERS = {
    "items": ("_trx", "_receipt", "_of_trx", "_of_receipt", "_chargeback"),
    "receipts": ("_receipt",),
    "applications": ("_application", "_adjustment"),
    "gl_lines": ("_entry",),
}


def with_helpers(tables: Tables) -> None:
    """Give every table the profile's helper columns, '' where a part has none, in place."""
    for name, columns in HELPERS.items():
        if name in tables:
            for column in columns:
                frame = tables[name]
                frame[column] = frame[column].fillna("") if column in frame else ""


def of_part(frame: pd.DataFrame, *parts: str) -> pd.Series:
    """True on the rows of those parts."""
    return frame["_part"].isin(parts)


def oracle_receipts(tables: Tables, others: Others, profile: Profile) -> Outcome:
    """Receipts: account, on account, prepayment, in place.

    A receipt stands on the account of its first row UNAPP or UNID. With nothing unapplied and something standing on
    account it is `on_account`; put whole into prepayment it is a prepayment on the account of that row.
    """
    items, receipts = tables.get("items"), tables.get("receipts")
    columns = ("RECEIVABLE_APPLICATION_ID", "CASH_RECEIPT_ID", "STATUS", "CODE_COMBINATION_ID")
    rows = raw(others, APPLICATIONS, *columns, "APPLIED_PAYMENT_SCHEDULE_ID", "AMOUNT_APPLIED")
    if items is None or rows is None:
        return {}, []
    with_helpers(tables)
    rows = rows.sort_values("RECEIVABLE_APPLICATION_ID", key=_in_order, kind="stable")
    accounts = natural_accounts(others, profile)
    own = rows[rows["STATUS"].isin(("UNAPP", "UNID"))].drop_duplicates("CASH_RECEIPT_ID")
    account = dict(zip(own["CASH_RECEIPT_ID"], own["CODE_COMBINATION_ID"].map(accounts), strict=True))
    standing: dict[str, Decimal] = {}
    prepaid: dict[str, tuple[Decimal, str]] = {}
    kept = rows["STATUS"].isin(("ACC", "OTHER ACC"))
    for receipt, schedule, put, combination in rows.loc[
        kept, ["CASH_RECEIPT_ID", "APPLIED_PAYMENT_SCHEDULE_ID", "AMOUNT_APPLIED", "CODE_COMBINATION_ID"]
    ].itertuples(index=False, name=None):
        standing[receipt] = standing.get(receipt, Decimal(0)) + number(put)
        if schedule == PREPAID and receipt not in prepaid:
            prepaid[receipt] = number(put), accounts.get(combination, "")
    cash = raw(others, "AR_CASH_RECEIPTS_ALL", "CASH_RECEIPT_ID", "AMOUNT")
    amounts = (
        {} if cash is None else dict(zip(cash["CASH_RECEIPT_ID"], cash["AMOUNT"].map(number), strict=True))
    )
    whole = {receipt: at for receipt, (put, at) in prepaid.items() if put == amounts.get(receipt)}

    mine = of_part(items, "receipts", "receipt reversals")
    found = items["_receipt"].where(mine).map({**account, **{k: v for k, v in whole.items() if v}})
    items["control_account"] = items["control_account"].mask(mine & found.notna(), found)
    items["item_type"] = items["item_type"].mask(mine & items["_receipt"].isin(whole), "prepayment")
    left = {receipt for receipt, rest in standing.items() if rest > 0}
    for frame, name in ((items, "cash_status"), (receipts, "status")):
        if frame is not None:
            there = frame["_part"].eq("receipts") & frame["_receipt"].isin(left) & frame[name].eq("applied")
            frame[name] = frame[name].mask(there, "on_account")
    return {}, []


def oracle_follow(tables: Tables, others: Others, profile: Profile) -> Outcome:
    """What documents take from the document that they belong to, in place.

    Adjustments and activities stand on the account of their transaction or receipt. A chargeback and its adjustment
    `replace` the transaction that was adjusted. A transaction with several schedules is due with the last of them.
    Applications are named by what their source is.
    """
    items, applications = tables.get("items"), tables.get("applications")
    if items is None:
        return {}, []
    with_helpers(tables)
    by_trx = _first(items, "transactions", "_trx")
    by_receipt = _first(items, "receipts", "_receipt")
    for key, lookup, names in (
        ("_of_trx", by_trx, ("control_account", "customer_id")),
        ("_of_receipt", by_receipt, ("control_account", "customer_id")),
    ):
        for name in names:
            found = items[key].where(of_part(items, "adjustments", "activities")).map(lookup[name])
            items[name] = items[name].where(items[name].notna() & items[name].ne(""), found)
    pairs = items[items["_part"].eq("adjustments") & items["_chargeback"].ne("")]
    adjusted = pairs["_of_trx"].map(by_trx["item_id"])
    of_chargeback = dict(zip(pairs["_chargeback"], adjusted, strict=True))
    for found in (items["_trx"].map(of_chargeback), adjusted.reindex(items.index)):
        items["replaces"] = items["replaces"].where(items["replaces"].notna() | found.isna(), found)
    _last_due_date(items, tables.get("instalments"))
    if applications is not None and len(applications):
        _name_applications(items, applications)
    return {}, []


def _first(items: pd.DataFrame, part: str, key: str) -> pd.DataFrame:
    mine = items[items["_part"].eq(part) & items[key].ne("")]
    return mine.drop_duplicates(key).set_index(key)


def _last_due_date(items: pd.DataFrame, parts: pd.DataFrame | None) -> None:
    if parts is None or not len(parts):
        return
    last = parts.groupby(["entity", "item_id"])["due_date"].max()
    found = last.reindex(list(zip(items["entity"], items["item_id"], strict=True))).set_axis(items.index)
    items["due_date"] = items["due_date"].mask(found.notna(), found)


def _name_applications(items: pd.DataFrame, applications: pd.DataFrame) -> None:
    """The kind of an application by its source: prepayment, write-off, chargeback."""
    kind = items.drop_duplicates(["entity", "item_id"]).set_index(["entity", "item_id"])["item_type"]
    of_source = kind.reindex(
        list(zip(applications["entity"], applications["source_item_id"], strict=True))
    ).set_axis(applications.index)
    cash = applications["_part"].eq("receipt applications") & of_source.eq("prepayment")
    adjusted = applications["_part"].eq("adjustments")
    made = applications["kind"].mask(cash, "prepayment")
    made = made.mask(adjusted & of_source.eq("write_off"), "write_off")
    applications["kind"] = made.mask(adjusted & of_source.eq("transfer"), "debit_to_debit")


def oracle_reversals(tables: Tables, others: Others, profile: Profile) -> Outcome:
    """Name what a reversing row reverses, in place: Oracle inserts a row of the opposite amount and no pointer.

    A negative row reverses the earliest earlier row of the same source, target and opposite amounts that no other row
    reverses; an undone activity's item reverses the activity's item.
    """
    items, applications = tables.get("items"), tables.get("applications")
    if applications is None:
        return {}, []
    with_helpers(tables)
    mine = applications[of_part(applications, *SET_PARTS)]
    mine = mine.sort_values("_application", key=_in_order, kind="stable")
    waiting: dict[tuple[Any, ...], list[Any]] = {}
    reverses: dict[Any, str] = {}
    undone: dict[tuple[str, str], str] = {}
    columns = [
        "entity",
        "application_id",
        "source_item_id",
        "target_item_id",
        "_part",
        "source_amount",
        "target_amount",
    ]
    for at, values in zip(mine.index, mine[columns].itertuples(index=False, name=None), strict=True):
        entity, own, source, target, part, taken, settled = values
        place = (entity, source, "" if part == "activities" else target, part)
        if taken >= 0:
            waiting.setdefault((*place, taken, settled), []).append((own, target))
        elif waiting.get((*place, -taken, -settled)):
            reverses[at], first = waiting[(*place, -taken, -settled)].pop(0)
            if part == "activities":
                undone[(entity, target)] = first
    import pandas as pd

    found = pd.Series(reverses, dtype="str").reindex(applications.index)
    applications["reverses"] = applications["reverses"].mask(found.notna(), found)
    if items is not None and undone:
        keys = zip(items["entity"], items["item_id"], strict=True)
        named = pd.Series([undone.get(key) for key in keys], index=items.index, dtype="str")
        items["reverses"] = items["reverses"].mask(named.notna(), named)
    return {}, []


def provenance(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows that came from no file."""
    return frame.assign(_file="", _row=0, _part="derived").astype({"_file": "str", "_part": "str"})


def derived(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Worked-out rows of a canonical table."""
    table = CANONICAL[name]
    return provenance(table.frame(rows) if rows else table.empty())
