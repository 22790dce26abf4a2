"""Segments of the portfolio, each with loss rates of its own. Floor 1.

A segment is an attribute of the customer as it was at the as-of date (region, rating, collector, sales rep), of the item
(segment or product, currency), or the customer's size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.credit.allowance.frames import POOL
from arlib.credit.allowance.lives import Lives, lives_of
from arlib.credit.allowance.standing import month_ends
from arlib.errors import ParameterError
from arlib.ledger.attributes import customer_attributes, merged_codes
from arlib.ledger.facts import Ints, found_at, of_entity
from arlib.policy import AllowancePolicy, Scope
from arlib.tables import Book

NOT_GIVEN = "not given"
OF_CUSTOMER = ("region", "rating", "collector", "sales_rep")
OF_ITEM = {"segment": "segment", "product": "segment", "currency": "currency"}


@dataclass(frozen=True)
class Split:
    """The debts by segment: the labels, sorted, and the place of each debt's among them."""

    labels: tuple[str, ...]
    code: Ints


def segment_of(book: Book, rows: pd.DataFrame, *, scope: Scope, policy: AllowancePolicy) -> pd.Series:
    """The segment's label of each row, on the rows' own index; '' (the whole portfolio) where the policy has no segments.

    Needs `customer_id` and `item_id` in `rows`, and CUSTOMERS (with CUSTOMER_HISTORY and CUSTOMER_MERGES) or ITEMS.
    What a customer or an item does not say is 'not given'. Size: the customers that were billed in the history's months,
    in classes of equal number by amount billed (equal amounts stand in one class), 'size 1 of 4' the smallest; a
    customer without billing is in the smallest. Raises ParameterError for an attribute that is not known.
    """
    by = policy.segment_by
    if not by:
        return pd.Series(POOL, index=rows.index, dtype="str")
    if by in OF_ITEM:
        found = _of_item(book, rows, OF_ITEM[by], scope=scope)
    elif by == "size":
        return _size(book, rows, scope=scope, policy=policy)
    elif by in OF_CUSTOMER:
        found = _of_customer(book, rows, by, scope=scope)
        if by == "sales_rep":
            found = found.mask(found.isna() | found.eq(""), _of_item(book, rows, by, scope=scope))
    else:
        raise ParameterError("segment_by", found=by, wanted=", ".join((*OF_CUSTOMER, *OF_ITEM, "size")))
    return found.mask(found.isna() | found.eq(""), NOT_GIVEN).astype("str")


def split_of(book: Book, lives: Lives, *, scope: Scope, policy: AllowancePolicy) -> Split:
    """The debts by segment."""
    if not policy.segment_by:
        return Split((POOL,), np.zeros(len(lives), dtype=np.int64))
    rows = pd.DataFrame({"customer_id": lives.customers, "item_id": lives.ids, "currency": lives.currencies})
    codes, labels = pd.factorize(segment_of(book, rows, scope=scope, policy=policy), sort=True)
    return Split(tuple(str(label) for label in labels), np.asarray(codes, dtype=np.int64))


def _of_item(book: Book, rows: pd.DataFrame, column: str, *, scope: Scope) -> pd.Series:
    if column in rows.columns:
        return rows[column]
    items = of_entity(book["items"], scope.entity)
    return _at(items[column], found_at(rows["item_id"], items["item_id"]), rows.index)


def _of_customer(book: Book, rows: pd.DataFrame, column: str, *, scope: Scope) -> pd.Series:
    """The attribute at the as-of date; an account of the entity goes before one that serves all."""
    attributes = customer_attributes(book, on=scope.as_of, entity=scope.entity)
    own = attributes["entity"].eq(scope.entity).to_numpy(dtype=bool)
    ordered = pd.concat([attributes[own], attributes[~own]]).drop_duplicates("customer_id", ignore_index=True)
    return _at(
        ordered[column],
        found_at(_today(rows["customer_id"], book, scope=scope), ordered["customer_id"]),
        rows.index,
    )


def _size(book: Book, rows: pd.DataFrame, *, scope: Scope, policy: AllowancePolicy) -> pd.Series:
    lives = lives_of(book, scope=scope, is_net_of_tax=policy.is_net_of_tax)
    begin = np.datetime64(month_ends(scope.as_of, policy.history_months)[0], "D").astype(np.int64)
    recent = lives.posted > begin
    billed = pd.Series(lives.books[recent]).groupby(lives.customers[recent].to_numpy(dtype=object)).sum()
    ranked = np.sort(billed.to_numpy())
    classes = policy.size_classes
    below = np.searchsorted(ranked, billed.to_numpy(), side="left")
    place = pd.Series(below * classes // max(len(ranked), 1) + 1, index=billed.index)
    found = place.reindex(_today(rows["customer_id"], book, scope=scope)).fillna(1).astype(int).to_numpy()
    names = np.array([f"size {number} of {classes}" for number in range(1, classes + 1)], dtype=object)
    return pd.Series(names[found - 1], index=rows.index, dtype="str")


def _today(codes: pd.Series, book: Book, *, scope: Scope) -> pd.Series:
    return merged_codes(codes, book, entity=scope.entity, on=scope.as_of)


def _at(values: pd.Series, at: Ints, index: pd.Index) -> pd.Series:
    """The value at each place, missing where the place is -1."""
    return values.reset_index(drop=True).reindex(at).set_axis(index)
