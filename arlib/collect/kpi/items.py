"""The documents behind the figures of the last month. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.contact.promises import judged_ones
from arlib.collect.kpi.disputed import dispute_table
from arlib.collect.kpi.frames import KPI_ITEMS
from arlib.collect.kpi.receipts import cash_table
from arlib.collect.kpi.runs import SALES_TYPES, Runs, ages, standing_at
from arlib.collect.kpi.windows import Windows
from arlib.credit.write_off.flows import write_off_flows
from arlib.credit.write_off.recoveries import recoveries
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import counted, fact_dates, in_functional
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType

PARTS = ("receivables", "sales", "receipts", "bad debt", "disputes", "promises")
PART_OF = {
    "dso": ("receivables", "sales"), "best_possible_dso": ("receivables", "sales"),
    "average_days_delinquent": ("receivables", "sales"), "cei": ("receivables", "sales"),
    "percent_current": ("receivables",), "percent_over_90": ("receivables",), "turnover": ("receivables", "sales"),
    "cash_application_rate": ("receipts",), "unapplied_rate": ("receipts",), "recovery_rate": ("receipts",),
    "bad_debt_to_sales": ("bad debt", "sales"), "dispute_rate": ("disputes", "sales"), "dispute_cycle": ("disputes",),
    "promises_kept": ("promises",), "contact_coverage": (), "right_contact_coverage": (),
}  # fmt: skip


def kpi_items(
    book: Book,
    runs: Runs,
    *,
    scope: Scope,
    policies: Policies,
    windows: Windows,
    promises: pd.DataFrame | None,
) -> pd.DataFrame:
    """KPI_ITEMS of the last month, by part and reference; PART_OF says which parts stand behind a figure.

    Receivables are every open item at the as-of date; the other parts are the documents of the month. `amount` of receipts
    is what came in, and `place` whether it is applied. Disputes stand with those opened and those closed in the month.
    """
    parts = [
        _receivables(book, runs, scope, policies, windows),
        _sales(runs, scope, windows),
        _receipts(book, runs, scope, windows),
        _losses(book, scope, policies, windows),
        _disputes(book, runs, scope, windows),
    ]
    if promises is not None:
        parts.append(_promises(promises, windows))
    made = pd.concat(
        [KPI_ITEMS.typed(part) for part in parts if len(part)] or [KPI_ITEMS.empty()], ignore_index=True
    )
    made["customer_id"] = merged_codes(made["customer_id"], book, entity=scope.entity, on=scope.as_of)
    order = made["part"].map({name: place for place, name in enumerate(PARTS)})
    ranked = made.assign(order=order).sort_values(["order", "reference"], kind="stable", ignore_index=True)
    return KPI_ITEMS.typed(ranked)


def _of_items(items: pd.DataFrame, at: np.ndarray, part: str, scope: Scope) -> pd.DataFrame:
    """What a line says of its item."""
    rows = items.iloc[at]
    return pd.DataFrame({
        "part": part, "reference": rows["item_id"].to_numpy(), "document_no": rows["document_no"].to_numpy(),
        "customer_id": rows["customer_id"].to_numpy(), "item_type": rows["item_type"].to_numpy(),
        "date": fact_dates(rows, scope.basis).to_numpy(), "due_date": rows["due_date"].to_numpy(),
        "currency": rows["currency"].to_numpy(),
    })  # fmt: skip


def _receivables(book: Book, runs: Runs, scope: Scope, policies: Policies, windows: Windows) -> pd.DataFrame:
    last = len(windows.months) - 1
    how = ages(book, runs, scope=scope)
    now = standing_at(runs, how, number=last, scope=scope, policies=policies, windows=windows)
    made = _of_items(runs.items, now["item"].to_numpy(), "receivables", scope)
    open_, books = now["open"].to_numpy(), now["books"].to_numpy()
    size = np.where(open_ != 0, open_, books)
    place = np.select(
        [size < 0, now["current"].to_numpy() == open_, now["over_90"].to_numpy() == open_,
         (now["current"].to_numpy() != 0) | (now["over_90"].to_numpy() != 0), pd.isna(how.due.to_numpy()[now["item"].to_numpy()])],
        ["credit", "current", "over 90", "in parts", "no due date"], default="past due",
    )  # fmt: skip
    late = (pd.Timestamp(scope.as_of) - made["due_date"]).dt.days.astype("Int64")
    return made.assign(
        place=place, days=late, amount=pd.array(open_, dtype="Int64"),
        books_amount=pd.Series(books, dtype="Int64").where(now["is_known"].reset_index(drop=True)),
    )  # fmt: skip


def _sales(runs: Runs, scope: Scope, windows: Windows) -> pd.DataFrame:
    items = runs.items
    types = (*SALES_TYPES, ItemType.CREDIT_MEMO.value)
    mine = items["item_type"].isin(types).to_numpy(dtype=bool) & counted(items, scope=scope)
    mine &= _in_month(fact_dates(items, scope.basis), windows)
    at = np.flatnonzero(mine)
    rows = items.iloc[at]
    own = in_functional(rows, "functional_amount", "amount", "currency", scope.functional_currency)
    place = rows["item_type"].eq(ItemType.CREDIT_MEMO.value).map({True: "credit memo", False: "billed"})
    return _of_items(items, at, "sales", scope).assign(
        amount=rows["amount"].array, books_amount=own.array, place=place.to_numpy()
    )  # fmt: skip


def _receipts(book: Book, runs: Runs, scope: Scope, windows: Windows) -> pd.DataFrame:
    cash = cash_table(book, runs, scope=scope, windows=windows)
    mine = cash[cash["month"].eq(windows.months[-1].name).to_numpy(dtype=bool)].reset_index(drop=True)
    place = np.select(
        [mine["amount"] > 0, mine["returned"] != 0, mine["open"] == 0, mine["open"] == mine["amount"]],
        ["returned payment", "returned or refunded", "applied", "open"], default="applied in part",
    )  # fmt: skip
    made = _of_items(runs.items, mine["item"].to_numpy(), "receipts", scope)
    return made.assign(
        place=place, amount=mine["amount"].astype("Int64"),
        books_amount=mine["books_amount"].astype("Int64").where(mine["is_known"]),
    )  # fmt: skip


def _losses(book: Book, scope: Scope, policies: Policies, windows: Windows) -> pd.DataFrame:
    flows = write_off_flows(book, scope=scope)
    back = recoveries(book, flows, scope=scope, policy=policies.write_off)
    off = flows[~flows["is_of_credit"].to_numpy(dtype=bool) & _in_month(flows["date"], windows)]
    won = back[_in_month(back["date"], windows) & back["recovered"].ne(0).to_numpy(dtype=bool)]
    parts = [
        off.assign(reference=off["application_id"], books_amount=off["functional_amount"], place="written off"),
        won.assign(reference="recovery " + won["recovery_id"].fillna("") + " " + won["item_id"].fillna(""), amount=-won["recovered"],
                   books_amount=-won["functional_recovered"], place="recovered"),
    ]  # fmt: skip
    return pd.concat([KPI_ITEMS.typed(part.assign(part="bad debt")) for part in parts], ignore_index=True)


def _disputes(book: Book, runs: Runs, scope: Scope, windows: Windows) -> pd.DataFrame:
    rows = dispute_table(book, runs.items, scope=scope)
    opened, closed = _in_month(rows["opened_on"], windows), _in_month(rows["closed_on"], windows)
    place = np.where(opened & closed, "opened and closed", np.where(opened, "opened", "closed"))
    kept = opened | closed
    numbers = runs.items.drop_duplicates("item_id").set_index("item_id")["document_no"]
    made: pd.DataFrame = rows.assign(
        part="disputes", reference=rows["dispute_id"], document_no=rows["item_id"].map(numbers), date=rows["opened_on"],
        place=place,
    )[kept]  # fmt: skip
    return made


def _promises(judged: pd.DataFrame, windows: Windows) -> pd.DataFrame:
    chosen = _in_month(judged["grace_ends_on"], windows) & judged_ones(judged).to_numpy(dtype=bool)
    mine: pd.DataFrame = judged[chosen]
    return mine.assign(
        part="promises", reference=mine["promise_id"], date=mine["promised_on"], due_date=mine["pay_by"], place=mine["state"]
    )  # fmt: skip


def _in_month(dates: pd.Series, windows: Windows) -> np.ndarray:
    month = windows.months[-1]
    inside: np.ndarray = dates.between(pd.Timestamp(month.starts_on), pd.Timestamp(month.ends_on)).to_numpy(
        dtype=bool
    )
    return inside
