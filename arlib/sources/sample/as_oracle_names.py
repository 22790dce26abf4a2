"""Oracle's numbers for the sample's rows: organisations, documents, customers, accounts. Floor 2."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pandas as pd

from arlib.sources.export import contract_rows
from arlib.tables import CANONICAL

Named = dict[str, pd.DataFrame]  # canonical tables as text, with helper columns that begin with _

NEVER = "4712-12-31"  # Oracle's last day: a schedule that is still open closes then

FLEXFIELDS = tuple(f"ATTRIBUTE{place}" for place in range(1, 16))
STAY_EMPTY = {  # columns that the profile's queries name and this company does not fill
    "AR_ADJUSTMENTS_ALL": FLEXFIELDS,
    "AR_CASH_RECEIPTS_ALL": ("REMIT_BANK_ACCT_USE_ID", *FLEXFIELDS),
    "AR_CASH_RECEIPT_HISTORY_ALL": FLEXFIELDS,
    "AR_PAYMENT_SCHEDULES_ALL": FLEXFIELDS,
    "AR_RECEIVABLE_APPLICATIONS_ALL": (
        "UNEARNED_DISCOUNT_TAKEN", "ACCTD_UNEARNED_DISCOUNT_TAKEN", "DISPLAY", "REVERSAL_GL_DATE", *FLEXFIELDS,
    ),
    "GL_JE_HEADERS": ("EXTERNAL_REFERENCE",),
    "HZ_CUST_ACCOUNTS": ("ACCOUNT_NAME", "CUSTOMER_TYPE", *(f"ATTRIBUTE{place}" for place in range(1, 21))),
    "RA_CUSTOMER_TRX_ALL": (*FLEXFIELDS, *(f"INTERFACE_HEADER_ATTRIBUTE{place}" for place in range(1, 16))),
}  # fmt: skip


def contract_texts(frame: pd.DataFrame, name: str, entities: pd.DataFrame) -> pd.DataFrame:
    """A canonical table as contract text: plain decimals, ISO dates, UTC times, '' for none."""
    books = dict(zip(entities["entity"], entities["functional_currency"], strict=True))
    return contract_rows(frame, table=CANONICAL[name], functional=books)


def oracle_time(times: pd.Series) -> pd.Series:
    """Contract times as Oracle writes them: UTC without saying so."""
    return times.str.replace("T", " ", regex=False).str.removesuffix("Z")


def whole(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The Oracle table with the columns that stay empty, all text."""
    missing = [column for column in STAY_EMPTY.get(name, ()) if column not in frame]
    return frame.assign(**dict.fromkeys(missing, "")).fillna("").astype("str")


def filled(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, pd.Series]:
    """Flexfields ATTRIBUTE1, 2, 3 ... from those columns, in that order."""
    return {f"ATTRIBUTE{place}": frame[name] for place, name in enumerate(names, start=1)}


def named(books: Named) -> Named:
    """The tables with Oracle's numbers beside their rows.

    `_org` and `_ledger` of an entity, `_id` of an item, customer or application (of its entity's own range, so that
    one number is never two things of a kind), `_customer`, `_combination`, `_source`, `_target`; `_closed` of an item.
    """
    entities = books["entities"].sort_values("entity", ignore_index=True)
    place = {entity: number for number, entity in enumerate(entities["entity"], start=1)}
    entities["_org"] = [str(100 + place[one]) for one in entities["entity"]]
    entities["_ledger"] = [str(200 + place[one]) for one in entities["entity"]]
    made = {**books, "entities": entities}
    for name, key in (("items", "item_id"), ("customers", "customer_id"), ("applications", "application_id")):
        frame = books[name].sort_values(["entity", key], ignore_index=True)
        number = frame.groupby("entity").cumcount() + 1
        base = frame["entity"].map(place)
        frame["_id"] = (base * 10_000_000 + number).astype("str")
        frame["_org"] = (base + 100).astype("str")
        made[name] = frame
    accounts = books["control_accounts"].sort_values(["entity", "account"], ignore_index=True)
    accounts["_combination"] = (
        accounts["entity"].map(place) * 1000 + accounts.groupby("entity").cumcount() + 1
    ).astype("str")
    made["control_accounts"] = accounts
    for frame in made.values():
        if "entered_at" in frame:
            frame["entered_at"] = oracle_time(frame["entered_at"])
    items, applications = made["items"], made["applications"]
    items["_customer"] = _looked(items, "customer_id", made["customers"], "customer_id", "_id")
    items["_combination"] = _looked(items, "control_account", accounts, "account", "_combination")
    for side in ("source", "target"):
        applications[f"_{side}"] = _looked(applications, f"{side}_item_id", items, "item_id", "_id")
    items["_closed"] = _closed(items, applications)
    return made


def _looked(frame: pd.DataFrame, column: str, there: pd.DataFrame, key: str, value: str) -> pd.Series:
    """The value beside (entity, column), '' where there is none."""
    table = dict(zip(zip(there["entity"], there[key], strict=True), there[value], strict=True))
    keys = zip(frame["entity"], frame[column], strict=True)
    return pd.Series([table.get(one, "") for one in keys], index=frame.index, dtype="str")


def _closed(items: pd.DataFrame, applications: pd.DataFrame) -> list[str]:
    """GL date on which each item was settled whole, by all applications there are; Oracle's last day while open."""
    keys = list(zip(items["entity"], items["item_id"], strict=True))
    left = dict(zip(keys, map(Decimal, items["amount"]), strict=True))
    last = dict(zip(keys, items["posting_date"], strict=True))
    columns = [
        "entity",
        "source_item_id",
        "target_item_id",
        "source_amount",
        "target_amount",
        "discount",
        "posting_date",
    ]
    for entity, source, target, taken, settled, discount, day in applications[columns].itertuples(
        index=False, name=None
    ):
        left[(entity, source)] += Decimal(taken)
        left[(entity, target)] -= Decimal(settled) + Decimal(discount or "0")
        for item in (source, target):
            last[(entity, item)] = max(last[(entity, item)], day)
    return [NEVER if left[key] else last[key] for key in keys]
