"""Records of collecting as every judgement here needs them: of the entity, under today's codes, on today's items. Floor 1."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from arlib.collect.position import Position
from arlib.errors import RateError
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import found_at, of_entity
from arlib.ledger.replaced import carried_items
from arlib.money import translate_at
from arlib.policy import Scope
from arlib.tables import Book


def known_day(scope: Scope) -> date:
    """The last day whose events count: the as-of date, or the knowledge date where that is earlier."""
    return scope.as_of if scope.known_at is None else min(scope.as_of, scope.known_at)


def records_of(book: Book, name: str, *, scope: Scope) -> pd.DataFrame:
    """The rows of a table with `customer_id`, of the entity or of none, each customer under its code at the as-of date."""
    rows = book[name]
    mine = rows["entity"].eq(scope.entity) | rows["entity"].isna() | rows["entity"].eq("")
    kept = rows[mine.to_numpy(dtype=bool)].reset_index(drop=True)
    codes = merged_codes(kept["customer_id"], book, entity=scope.entity, on=scope.as_of)
    return kept.assign(customer_id=codes, entity=scope.entity)


def carriers(book: Book, *, entity: str) -> pd.DataFrame:
    """Which items carry on an item: columns `old`, `item_id` and `step`, 0 for the item itself is not listed.

    What is recorded of an item that was replaced is true of the residual, chargeback or rebill that carries it on.
    """
    rows = [
        (old, item, step)
        for item, chain in carried_items(book, entity=entity).items()
        for step, old in enumerate(chain, start=1)
    ]
    made = pd.DataFrame(rows, columns=["old", "item_id", "step"])
    return made.astype({"old": "str", "item_id": "str", "step": "int64"})


def spread_to_carriers(rows: pd.DataFrame, replaced: pd.DataFrame) -> pd.DataFrame:
    """The rows, and again each row of a replaced item under the items that carry it on; those without an item stay.

    Needs what `carriers` returns.
    """
    if replaced.empty or rows.empty:
        return rows
    named = rows.rename(columns={"item_id": "old"}).merge(replaced[["old", "item_id"]], on="old")
    return pd.concat([rows, named[rows.columns]], ignore_index=True) if len(named) else rows


def in_books(amounts: pd.Series, currencies: pd.Series, position: Position) -> pd.Series:
    """Amounts at the closing rate of the as-of date, Int64; missing where the currency has no rate."""
    made = pd.Series(pd.NA, index=amounts.index, dtype="Int64")
    for code in sorted(set(currencies.dropna())):
        here = currencies.eq(code).to_numpy(dtype=bool)
        if code in position.unrated:
            continue
        made[here] = _at_closing(amounts[here], code, position)
    return made


def _at_closing(amounts: pd.Series, code: str, position: Position) -> pd.Series:
    try:
        return translate_at(
            amounts, from_currency=code, to_currency=position.currency, rates=position.rates,
            on=position.scope.as_of,
        )  # fmt: skip
    except RateError:
        return pd.Series(pd.NA, index=amounts.index, dtype="Int64")


def with_customer(rows: pd.DataFrame, position: Position) -> pd.DataFrame:
    """The rows with name and collector of their customer as it was at the as-of date."""
    known = position.attributes.assign(_shared=position.attributes["entity"].fillna("").eq(""))
    known = (
        known.sort_values("_shared", kind="stable").drop_duplicates("customer_id").set_index("customer_id")
    )
    return rows.assign(
        **{
            name: known[name].reindex(rows["customer_id"]).set_axis(rows.index)
            for name in ("name", "collector")
        }
    )


def with_document(rows: pd.DataFrame, book: Book, *, entity: str) -> pd.DataFrame:
    """The rows with the document number of the item that they name; empty for an account."""
    items = of_entity(book["items"], entity)
    at = found_at(rows["item_id"].replace("", np.nan).astype("str"), items["item_id"])
    numbers = items["document_no"].to_numpy()
    found = [numbers[row] if row >= 0 else "" for row in at]
    return rows.assign(document_no=pd.Series(found, index=rows.index, dtype="str").fillna(""))


def items_in_one(debits: pd.DataFrame) -> pd.DataFrame:
    """Open debits with the due parts of an item added up: one row an item, its oldest part's age, its earliest date."""
    if not debits["instalment_no"].notna().any():
        return debits.reset_index(drop=True)
    parts = debits["instalment_no"].notna()
    whole, split = debits[~parts], debits[parts]
    first = split.sort_values(["item_id", "days_past_due"], ascending=[True, False], kind="stable")
    first = first.drop_duplicates("item_id").set_index("item_id")
    sums = split.groupby("item_id").agg(
        outstanding=("outstanding", "sum"), books_amount=("books_amount", lambda part: part.sum(skipna=False))
    )
    first["outstanding"] = sums["outstanding"].astype("Int64")
    first["books_amount"] = sums["books_amount"].astype("Int64")
    made = pd.concat([whole, first.reset_index()[debits.columns]], ignore_index=True)
    return made.sort_values("item_id", kind="stable", ignore_index=True)
