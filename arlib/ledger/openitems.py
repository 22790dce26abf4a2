"""Open items as of any date: control-account view, customer view, and as known at a day. Floor 1.

    outstanding = amount - Σ (target_amount + discount) where the item is settled + Σ source_amount where it
    settles

over the facts on or before the as-of date. The carrying amount in the books' currency follows the same rule
with the functional amounts. What a report adds up is here and nowhere else, so that no two of them can
differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import pandas as pd

from arlib.errors import Problem, TableError
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import (
    LARGEST,
    Bools,
    Ints,
    Places,
    counted,
    fact_dates,
    in_functional,
    ints,
    is_among,
    of_entity,
    places,
    positions,
    require_answerable,
    require_no_overflow,
    require_same,
)
from arlib.ledger.frames import OPEN_ITEMS, DueFrom
from arlib.ledger.instalments import split_by_part
from arlib.money import Rounding, divide, numbered
from arlib.policy import Basis, Scope
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES

APPLIED = (
    "target_amount", "target_functional_amount", "target_currency", "source_amount", "source_functional_amount",
    "source_currency", "discount", "discount_functional_amount",
)  # fmt: skip
MAX_REPLACEMENTS = 100  # a chain of rebills longer than this is a loop


@dataclass(frozen=True)
class Linked:
    """The items and applications of one entity that count, and which item each application touches."""

    items: pd.DataFrame
    ids: pd.Index
    places: Places
    applications: pd.DataFrame  # only those that count
    is_counted: Bools  # of items
    target: Ints  # row of items, for each application
    source: Ints


def linked(book: Book, *, scope: Scope, columns: Sequence[str] = ()) -> Linked:
    """The facts of an entity at the as-of date, with each application's items found.

    Needs ITEMS and APPLICATIONS. `columns` names what is wanted of the applications, all where it is empty. Two items of
    one id, an application of an item that is not there, or in another currency than its item, raise TableError with every
    such row: money would be lost or would cross currencies.
    """
    items = of_entity(book["items"], scope.entity)
    applications = of_entity(book["applications"], scope.entity)
    ids = pd.Index(items["item_id"])
    known = places(ids)
    if not known.is_unique:
        _raise_duplicates(ids, entity=scope.entity)
    sides = {}
    for side in ("target", "source"):
        at = positions(
            known,
            applications[f"{side}_item_id"],
            table="applications",
            column=f"{side}_item_id",
            entity=scope.entity,
        )
        require_same(
            applications[f"{side}_currency"],
            items["currency"],
            at,
            table="applications",
            column=f"{side}_currency",
            entity=scope.entity,
        )
        sides[side] = at
    here = counted(applications, scope=scope)
    applications = applications[list(columns)] if columns else applications
    if not here.all():
        applications = applications[here]
        sides = {side: at[here] for side, at in sides.items()}
    return Linked(
        items, ids, known, applications, counted(items, scope=scope), sides["target"], sides["source"]
    )


def open_items(book: Book, *, scope: Scope) -> pd.DataFrame:
    """What every customer owes, and is owed, item by item at the as-of date: OPEN_ITEMS, sorted by its key.

    Needs ITEMS; uses APPLICATIONS, INSTALMENTS, REVALUATIONS and CUSTOMER_MERGES. A fact of the as-of date
    counts, one of the next day does not; the scope's basis says by which date. A revaluation carries no entry
    time: with `known_at`, it and its taking back are known from their own dates on. A row is kept while its open
    amount, its carrying amount or its revaluation is not zero. An application that counts before its item
    does shows on that item, so the sum is always that of the posted facts. Where an application does not say
    its functional amounts, the carrying amount follows the open amount at the item's booking rate; where the
    item does not either, it is empty.

    Raises ParameterError for a date that the source cannot answer, TableError for rows that contradict each
    other.
    """
    require_answerable(book, scope=scope)
    facts = linked(book, scope=scope, columns=APPLIED)
    items = facts.items
    outstanding = _outstanding(facts)
    functional = _functional(facts, outstanding, functional_currency=scope.functional_currency)
    revaluation = _revaluation(book, facts.places, scope=scope)
    keep = (outstanding != 0) | functional.fillna(0).ne(0).to_numpy(dtype=bool) | (revaluation != 0)

    rows = items[keep].reset_index(drop=True)
    rows["outstanding"] = pd.Series(outstanding[keep], dtype="Int64")
    rows["functional_outstanding"] = functional[keep].reset_index(drop=True)
    rows["revaluation"] = pd.Series(revaluation[keep], dtype="Int64")
    rows["instalment_no"] = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    rows["document_date"] = rows["document_date"].fillna(rows["effective_date"])
    rows["posting_date"] = fact_dates(rows, Basis.POSTING)
    rows["document_customer_id"] = rows["customer_id"]
    rows["customer_id"] = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    rows = _with_due_dates(rows, facts, keep, scope=scope)

    if book.has("instalments"):
        parts = of_entity(book["instalments"], scope.entity)
        split = facts.is_counted[keep]
        whole, divided = rows[~split], rows[split].reset_index(drop=True)
        rows = pd.concat([whole, split_by_part(divided, parts, entity=scope.entity)], ignore_index=True)
    made = OPEN_ITEMS.typed(rows)
    order = numbered([made["item_id"], made["instalment_no"]]).numbers
    if (np.diff(order) < 0).any():
        made = made.take(np.argsort(order, kind="stable"))
    return made.reset_index(drop=True)


def _raise_duplicates(ids: pd.Index, *, entity: str) -> NoReturn:
    """Raise TableError with every item that stands twice."""
    faults = (
        Problem(
            file="table items",
            table="items",
            row=at + 2,
            column="item_id",
            code="duplicate_key",
            found=str(ids[at]),
            wanted="one row for each item",
        )
        for at in np.flatnonzero(ids.duplicated()).tolist()
    )
    raise TableError("items: an item stands twice", faults, where=entity)


def _outstanding(facts: Linked) -> Ints:
    """Open amount of every item, in its own currency."""
    amount = np.where(facts.is_counted, ints(facts.items["amount"]), 0)
    settled = ints(facts.applications["target_amount"])
    discount = ints(facts.applications["discount"])
    taken = ints(facts.applications["source_amount"])
    require_no_overflow(amount, settled, discount, taken)
    made = amount.copy()
    np.subtract.at(made, facts.target, settled + discount)
    np.add.at(made, facts.source, taken)
    return made


def _functional(facts: Linked, outstanding: Ints, *, functional_currency: str) -> pd.Series:
    """Carrying amount of every item in the books' currency, missing where it cannot be known."""
    items, applications = facts.items, facts.applications
    booked = items["functional_amount"]
    own = items["currency"].eq(functional_currency)
    booked = booked.where(booked.notna() | ~own, items["amount"])

    settled = in_functional(
        applications, "target_functional_amount", "target_amount", "target_currency", functional_currency
    )
    discount = in_functional(
        applications, "discount_functional_amount", "discount", "target_currency", functional_currency
    )
    taken = in_functional(
        applications, "source_functional_amount", "source_amount", "source_currency", functional_currency
    )
    base = np.where(facts.is_counted, ints(booked), 0)
    require_no_overflow(base, ints(settled), ints(discount), ints(taken))
    made = base.copy()
    np.subtract.at(made, facts.target, ints(settled) + ints(discount))
    np.add.at(made, facts.source, ints(taken))

    by_rate = np.zeros(len(items), dtype=bool)
    by_rate[facts.target[(settled.isna() | discount.isna()).to_numpy(dtype=bool)]] = True
    by_rate[facts.source[taken.isna().to_numpy(dtype=bool)]] = True
    is_booked = booked.notna().to_numpy(dtype=bool)
    made[(by_rate | ~is_booked) & (outstanding == 0)] = 0
    amount, carrying = ints(items["amount"]), ints(booked)
    at = np.flatnonzero(by_rate & is_booked & (outstanding != 0) & (amount != 0))
    made[at] = _in_proportion(carrying[at], outstanding[at], amount[at])
    known = (outstanding == 0) | (is_booked & ~(by_rate & (amount == 0)))
    return pd.Series(made, dtype="Int64").where(known)


def _in_proportion(carrying: Ints, part: Ints, whole: Ints) -> Ints:
    """carrying x part / whole, rounded half away from zero; row by row where a product does not fit 64 bits."""
    fits = np.abs(carrying.astype(np.float64)) * np.abs(part) + np.abs(whole) < LARGEST / 2
    product = np.where(fits, carrying * part, 0)
    made: Ints = (
        (2 * np.abs(product) + np.abs(whole)) // (2 * np.abs(whole)) * np.sign(product) * np.sign(whole)
    )
    for row in np.flatnonzero(~fits).tolist():
        made[row] = divide(int(carrying[row]) * int(part[row]), int(whole[row]), Rounding.HALF_UP)
    return made


def _revaluation(book: Book, ids: Places, *, scope: Scope) -> Ints:
    """Revaluation of each item on or before the as-of date and not taken back by then."""
    made = np.zeros(ids.rows, dtype=np.int64)
    if not book.has("revaluations"):
        return made
    rows = of_entity(book["revaluations"], scope.entity)
    # a revaluation has no entry time: it is known from its own date on
    day = pd.Timestamp(min(scope.as_of, scope.known_at or scope.as_of))
    stands = (rows["date"] <= day) & ~(rows["reverses_on"] <= day)
    rows = rows[stands.to_numpy(dtype=bool)].reset_index(drop=True)
    if len(rows):
        at = positions(ids, rows["item_id"], table="revaluations", column="item_id", entity=scope.entity)
        amounts = ints(rows["amount"])
        require_no_overflow(amounts)
        np.add.at(made, at, amounts)
    return made


def _with_due_dates(rows: pd.DataFrame, facts: Linked, keep: Bools, *, scope: Scope) -> pd.DataFrame:
    """Due date as it stood at the as-of date, original due date through any chain of replaced items, and its
    origin.
    """
    original = original_due_dates(facts.items, facts.places)[keep].reset_index(drop=True)
    later = (rows["rescheduled_on"] > pd.Timestamp(scope.as_of)).to_numpy(dtype=bool) & original.notna()
    due = rows["due_date"].mask(later, original)
    source = pd.Series(DueFrom.ITEM.value, index=rows.index, dtype="str").mask(due.isna(), DueFrom.NONE.value)

    is_cash = is_among(rows["item_type"], pd.Index([kind.value for kind in CASH_TYPES], dtype="str"))
    back = (rows["outstanding"] > 0) & due.isna() & is_cash
    if back.any():
        restored = _restored_due_dates(facts)[keep]
        mine = pd.Series(restored, index=rows.index).where(back)
        source = source.mask(back, DueFrom.OWN_DATE.value).mask(mine.notna(), DueFrom.RESTORED.value)
        due = due.mask(back, mine.fillna(rows["document_date"]))
    original = original.fillna(due)
    return rows.assign(
        due_date=due,
        item_due_date=due,
        original_due_date=original,
        due_from=source,
        is_reaged=(due.notna() & original.ne(due)),
    )


def original_due_dates(items: pd.DataFrame, ids: pd.Index | Places) -> pd.Series:
    """Due date of each item before any residual, chargeback, rebill or rescheduling.

    Missing where there is none. The item's own `original_due_date`; else that of the item it `replaces`,
    through any chain; else its due date. A chain that comes back to itself raises TableError.
    """
    original = items["original_due_date"].copy()
    at = _reference(ids, items["replaces"])
    todo = np.flatnonzero(original.isna().to_numpy(dtype=bool) & (at >= 0))
    values = original.fillna(items["due_date"]).to_numpy().copy()
    given = original.notna().to_numpy(dtype=bool)
    step = at[todo]
    for _ in range(MAX_REPLACEMENTS):
        onward = ~given[step] & (at[step] >= 0)
        if not onward.any():
            found = values[step]
            values[todo] = np.where(np.isnat(found), values[todo], found)
            return pd.Series(values, index=items.index)
        step = np.where(onward, at[step], step)
    raise TableError(
        f"items: replaced items form a loop, such as {items['item_id'].iloc[int(todo[onward][0])]!r}"
    )


def _restored_due_dates(facts: Linked) -> np.ndarray:
    """For each item that reverses a receipt: the earliest due date that the receipt's standing applications
    had settled.
    """
    items, applications = facts.items, facts.applications
    made = np.full(len(items), np.datetime64("NaT"), dtype="datetime64[s]")
    pairs = pd.DataFrame(
        {"source": facts.source, "target": facts.target, "amount": ints(applications["source_amount"])}
    )
    standing = pairs.groupby(["source", "target"], as_index=False)["amount"].sum().query("amount > 0")
    due = standing.assign(due=items["due_date"].to_numpy()[standing["target"]]).groupby("source")["due"].min()
    at = _reference(facts.places, items["reverses"])
    is_return = at >= 0
    made[is_return] = due.reindex(at[is_return]).to_numpy(dtype="datetime64[s]")
    return made


def _reference(ids: pd.Index | Places, wanted: pd.Series) -> Ints:
    """Row of the item that each row names, -1 where it names none or one that is not there."""
    made = np.full(len(wanted), -1, dtype=np.int64)
    named = np.flatnonzero(wanted.notna().to_numpy(dtype=bool))
    if len(named):
        known = ids if isinstance(ids, Places) else places(ids)
        made[named] = known.found(wanted.iloc[named])
    return made
