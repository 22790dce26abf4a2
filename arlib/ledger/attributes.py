"""Customers as they were at a date: attributes from their history, and codes after mergers. Floor 1."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd

from arlib.errors import ParameterError, TableError
from arlib.ledger.frames import ATTRIBUTES
from arlib.money import parse_plain
from arlib.policy import AttributesAt
from arlib.tables import Book

DATED = ("parent_id", "collector", "sales_rep", "region", "terms", "status", "rating", "credit_limit")


def merged_codes(codes: pd.Series[str], book: Book, *, entity: str, on: date) -> pd.Series[str]:
    """The customer code that each code goes by on a day, after the mergers up to and including that day.

    Needs CUSTOMER_MERGES. The day of the merger already has the new code; the day before has the old one.
    Mergers apply in the order of their dates, so a chain A → B → C ends at C.
    """
    if not book.has("customer_merges"):
        return codes
    merges = book["customer_merges"]
    mine = merges[merges["entity"].eq(entity) & (merges["merged_on"] <= pd.Timestamp(on))]
    now: dict[str, str] = {}
    ordered = mine.sort_values(["merged_on", "old_customer_id", "new_customer_id"], kind="stable")
    for old, new in zip(ordered["old_customer_id"], ordered["new_customer_id"], strict=True):
        now = {code: new if code_now == old else code_now for code, code_now in now.items()} | {old: new}
    return codes.replace(now) if now else codes


def customer_attributes(
    book: Book,
    *,
    on: date,
    at: AttributesAt = AttributesAt.AS_OF,
    entity: str = "",
    only: Collection[str] = DATED,
) -> pd.DataFrame:
    """Each customer's attributes on a day: ATTRIBUTES, sorted by its key.

    Needs CUSTOMERS; uses CUSTOMER_HISTORY. AS_OF takes the history row that began last on or before the day;
    an attribute without any history is as it is today, and one whose history begins later is empty, since
    what it was before is not known. TODAY takes CUSTOMERS as it is. With `entity`, rows of other entities are
    left out; rows without an entity (accounts shared by all) stay. `only` names the attributes that are wanted
    as of the day; the others are as they are today. Raises TableError for a history of an
    attribute that is not dated.
    """
    customers = _of(book["customers"], entity)
    made = ATTRIBUTES.typed(customers)
    if at is AttributesAt.AS_OF and book.has("customer_history"):
        history = _of(book["customer_history"], entity)
        if unknown := sorted(set(history["attribute"].dropna()) - set(DATED)):
            raise TableError(
                f"customer_history: unknown attribute {unknown[0]!r}", fix=f"Known are: {', '.join(DATED)}."
            )
        for name in only:
            rows = history[history["attribute"].eq(name)]
            if len(rows):
                made[name] = _valid_on(made, rows, name, on=on)
    return made.sort_values(["entity", "customer_id"], kind="stable", ignore_index=True)


def with_attributes(rows: pd.DataFrame, attributes: pd.DataFrame) -> pd.DataFrame:
    """Open or aged items with the attributes of their customer.

    Adds name, parent_id, collector, sales_rep, region, terms, status and rating. Needs OPEN_ITEMS or
    AGED_ITEMS, and ATTRIBUTES; rows and their order stay. An account of the item's own entity goes before one
    that serves all. `sales_rep` becomes the customer's, or the document's where the customer has none;
    `sold_by` keeps the document's. `parent_id` of a customer without a parent is its own code, so that totals
    by parent are whole.
    """
    named = attributes.assign(entity=attributes["entity"].fillna(""))
    if named.duplicated(["entity", "customer_id"]).any():
        raise ParameterError("attributes", wanted="one row for each entity and customer")
    keys = pd.MultiIndex.from_frame(named[["entity", "customer_id"]])
    own = keys.get_indexer(pd.MultiIndex.from_frame(rows[["entity", "customer_id"]]))
    shared = keys.get_indexer(pd.MultiIndex.from_frame(rows[["entity", "customer_id"]].assign(entity="")))
    at = pd.Series(own).where(own >= 0, shared).to_numpy()
    made = rows.copy()
    for name in ("name", "parent_id", "collector", "sales_rep", "region", "terms", "status", "rating"):
        found = named[name].reindex(at).set_axis(rows.index)
        if name == "sales_rep":
            made["sold_by"] = rows["sales_rep"]
            found = found.fillna(rows["sales_rep"])
        made[name] = found.fillna(rows["customer_id"]) if name == "parent_id" else found
    return made


def _of(frame: pd.DataFrame, entity: str) -> pd.DataFrame:
    """The rows of an entity and those of none; all rows without an entity asked for."""
    if not entity:
        return frame.reset_index(drop=True)
    return frame[frame["entity"].isin([entity, ""]) | frame["entity"].isna()].reset_index(drop=True)


def _valid_on(customers: pd.DataFrame, history: pd.DataFrame, name: str, *, on: date) -> pd.Series:
    """One attribute of every customer on a day."""
    keyed = history.assign(entity=history["entity"].fillna("")).sort_values("valid_from", kind="stable")
    keys = [customers["entity"].fillna(""), customers["customer_id"]]
    wanted = pd.MultiIndex.from_arrays(keys)
    begun = keyed[keyed["valid_from"] <= pd.Timestamp(on)].drop_duplicates(
        ["entity", "customer_id"], keep="last"
    )
    value = begun.set_index(["entity", "customer_id"])["value"].reindex(wanted).set_axis(customers.index)
    is_dated = pd.Series(
        wanted.isin(pd.MultiIndex.from_frame(keyed[["entity", "customer_id"]])), index=customers.index
    )
    if name != "credit_limit":
        return customers[name].where(~is_dated, value)
    limits = [
        parse_plain(text, currency) if isinstance(text, str) and text and isinstance(currency, str) else None
        for text, currency in zip(value, customers["limit_currency"], strict=True)
    ]
    return customers[name].where(~is_dated, pd.Series(limits, index=customers.index, dtype="Int64"))
