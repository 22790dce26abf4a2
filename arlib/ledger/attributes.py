"""Customers as they were at a date: attributes from their history, and codes after mergers. Floor 1."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

from arlib.errors import ParameterError, TableError
from arlib.ledger.facts import Bools, Ints
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
    if mine.empty:
        return codes
    now: dict[str, str] = {}
    ordered = mine.sort_values(["merged_on", "old_customer_id", "new_customer_id"], kind="stable")
    for old, new in zip(ordered["old_customer_id"], ordered["new_customer_id"], strict=True):
        now = {code: new if code_now == old else code_now for code, code_now in now.items()} | {old: new}
    moved = codes.isin(list(now))
    return _changed(codes, moved.to_numpy(dtype=bool), now) if moved.any() else codes


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
        history = _of(book["customer_history"], entity).sort_values("valid_from", kind="stable")
        if unknown := sorted(set(history["attribute"].dropna().unique()) - set(DATED)):
            raise TableError(
                f"customer_history: unknown attribute {unknown[0]!r}", fix=f"Known are: {', '.join(DATED)}."
            )
        theirs, mine, size = _numbers(customers, history)
        begun = (history["valid_from"] <= pd.Timestamp(on)).to_numpy(dtype=bool)
        for name in DATED:
            rows = history["attribute"].eq(name).to_numpy(dtype=bool)
            if name in only and rows.any():
                is_dated = np.zeros(size, dtype=bool)
                is_dated[mine[rows]] = True
                last = np.full(size, -1, dtype=np.int64)
                last[mine[rows & begun]] = np.flatnonzero(rows & begun)  # of several the last stays
                value = history["value"].array.take(last[theirs], allow_fill=True)
                made[name] = _told(made, pd.Series(value, index=made.index), name).where(
                    is_dated[theirs], made[name]
                )
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


def _numbers(customers: pd.DataFrame, history: pd.DataFrame) -> tuple[Ints, Ints, int]:
    """A number for each account (entity and code) of either frame, the same in both, and how many there are."""
    entity, _ = pd.factorize(pd.concat([customers["entity"], history["entity"]]).fillna(""))
    code, codes = pd.factorize(
        pd.concat([customers["customer_id"], history["customer_id"]]), use_na_sentinel=False
    )
    number, numbers = pd.factorize(entity * np.int64(len(codes)) + code)
    return number[: len(customers)], number[len(customers) :], len(numbers)


def _told(customers: pd.DataFrame, value: pd.Series, name: str) -> pd.Series:
    """Values of the history in the attribute's own type."""
    if name != "credit_limit":
        return value
    limits = [
        parse_plain(text, currency) if isinstance(text, str) and text and isinstance(currency, str) else None
        for text, currency in zip(value, customers["limit_currency"], strict=True)
    ]
    return pd.Series(limits, index=customers.index, dtype="Int64")


def _changed(codes: pd.Series[str], moved: Bools, now: dict[str, str]) -> pd.Series[str]:
    made = codes.copy()
    made.iloc[np.flatnonzero(moved)] = codes[moved].map(now)
    return made
