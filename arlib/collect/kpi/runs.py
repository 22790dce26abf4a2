"""What was open of each item from one month end to the next, without aging the ledger again for each. Floor 1.

An item's open amount changes only in a month with a fact on it. So the ledger is a list of runs: an item, its amount,
and the month ends at which it stood. Each month end is a sum over the runs that stand there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from arlib.collect.kpi.windows import Windows
from arlib.ledger.aging import CURRENT, NO_DUE_DATE, UNAPPLIED, age_items
from arlib.ledger.facts import (
    Bools,
    Ints,
    fact_dates,
    found_at,
    in_functional,
    ints,
    of_entity,
    require_answerable,
    require_no_overflow,
)
from arlib.ledger.openitems import Linked, linked, open_items, original_due_dates
from arlib.money import Rounding, divide
from arlib.policy import AgeFrom, Credits, Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, ItemType

SALES_TYPES = (ItemType.INVOICE.value, ItemType.DEBIT_MEMO.value)
CASH = tuple(kind.value for kind in CASH_TYPES)
OVER_DAYS = 90


@dataclass(frozen=True, kw_only=True, eq=False)
class Runs:
    """Runs of open amounts: `item` is a row of `items`; the run stands at month ends `start` to `end` − 1."""

    items: pd.DataFrame
    item: Ints
    start: Ints
    end: Ints
    open: Ints  # minor units of the item's currency
    books: Ints  # carrying amount in the books' currency, 0 where it is not known
    is_known: Bools  # whether `books` is known

    def standing(self, number: int) -> Ints:
        """The runs that stand at a month end, by their row."""
        return np.flatnonzero((self.start <= number) & (self.end > number))


@dataclass(frozen=True, kw_only=True, eq=False)
class Ages:
    """What the place of an item in the aging is made from."""

    due: pd.Series
    original: pd.Series
    rescheduled_on: pd.Series
    is_special: Bools  # due by parts, or a returned payment: the ledger's own aging says where they stand
    around: Book = field(repr=False)  # the special items, and what the ledger needs to place them


def balance_runs(book: Book, *, scope: Scope, windows: Windows) -> Runs:
    """The runs of every item of the entity over the month ends. Needs ITEMS, APPLICATIONS.

    The rules of `open_items`: facts on or before a month end, by the scope's basis, and as known at. A carrying amount
    that the applications do not state follows the open amount at the item's booking rate.
    """
    require_answerable(book, scope=scope)
    facts = linked(book, scope=scope)
    events = _events(facts, scope, windows)
    at, slot = events["item"].to_numpy(), events["slot"].to_numpy()
    open_ = _within(at, events["amount"].to_numpy())
    plain = _within(at, events["books"].to_numpy())
    lacks = _within(at, events["lacks"].to_numpy()) > 0
    books, known = _carrying(facts.items, at, open_, plain, lacks, scope)
    is_last = np.append(at[1:] != at[:-1], True) if len(at) else np.zeros(0, dtype=bool)
    end = np.where(is_last, len(windows.months), np.append(slot[1:], 0)) if len(at) else slot
    keep = (open_ != 0) | (books != 0) | ~known
    return Runs(
        items=facts.items, item=at[keep], start=slot[keep], end=end[keep], open=open_[keep], books=books[keep],
        is_known=known[keep],
    )  # fmt: skip


def _events(facts: Linked, scope: Scope, windows: Windows) -> pd.DataFrame:
    """Facts by item and month end from which on they count, sorted: item, slot, amount, books, lacks."""
    items, rows, books = facts.items, facts.applications, scope.functional_currency
    own = items["functional_amount"]
    own = own.where(own.notna() | items["currency"].ne(books), items["amount"])
    counts = facts.is_counted
    settled = in_functional(rows, "target_functional_amount", "target_amount", "target_currency", books)
    discount = in_functional(rows, "discount_functional_amount", "discount", "target_currency", books)
    taken = in_functional(rows, "source_functional_amount", "source_amount", "source_currency", books)
    when = windows.slot(fact_dates(rows, scope.basis))
    parts = (
        (np.flatnonzero(counts), windows.slot(fact_dates(items, scope.basis)[counts]), ints(items["amount"])[counts],
         ints(own)[counts], np.zeros(int(counts.sum()), dtype=np.int64)),
        (facts.target, when, -ints(rows["target_amount"]) - ints(rows["discount"]), -ints(settled) - ints(discount),
         (settled.isna() | discount.isna()).to_numpy(dtype=np.int64)),
        (facts.source, when, ints(rows["source_amount"]), ints(taken), taken.isna().to_numpy(dtype=np.int64)),
    )  # fmt: skip
    item, slot, amount, carried, lacks = (
        np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True)
    )
    require_no_overflow(amount, carried)
    made = pd.DataFrame({"item": item, "slot": slot, "amount": amount, "books": carried, "lacks": lacks})
    return made.groupby(["item", "slot"], as_index=False, sort=True).sum()


def _within(at: Ints, values: Ints) -> Ints:
    """Running total within each item; rows of an item stand together."""
    if not len(at):
        return values
    total = np.cumsum(values)
    starts = np.flatnonzero(np.append(True, at[1:] != at[:-1]))
    base = total[starts] - values[starts]
    made: Ints = total - np.repeat(base, np.diff(np.append(starts, len(at))))
    return made


def _carrying(
    items: pd.DataFrame, at: Ints, open_: Ints, plain: Ints, lacks: Bools, scope: Scope
) -> tuple[Ints, Bools]:
    """Carrying amount of each run and whether it is known, by the rules of `open_items`."""
    own = items["functional_amount"]
    own = own.where(own.notna() | items["currency"].ne(scope.functional_currency), items["amount"])
    booked, carrying, gross = own.notna().to_numpy(dtype=bool), ints(own), ints(items["amount"])
    made = np.where((lacks | ~booked[at]) & (open_ == 0), 0, plain)
    by_rate = lacks & booked[at] & (open_ != 0) & (gross[at] != 0)
    for row in np.flatnonzero(by_rate).tolist():
        item = at[row]
        made[row] = divide(int(carrying[item]) * int(open_[row]), int(gross[item]), Rounding.HALF_UP)
    known = (open_ == 0) | (booked[at] & ~(lacks & (gross[at] == 0)))
    return np.where(known, made, 0), known


def ages(book: Book, runs: Runs, *, scope: Scope) -> Ages:
    """Due dates of the items, and which of them the ledger's own aging has to place."""
    items = runs.items
    original = original_due_dates(items, pd.Index(items["item_id"]))
    special = (
        items["item_type"].isin(CASH) & items["due_date"].isna() & items["reverses"].fillna("").ne("")
    ).to_numpy(dtype=bool) | _cash_debits(runs)
    if book.has("instalments"):
        parts = of_entity(book["instalments"], scope.entity)
        special = special | items["item_id"].isin(parts["item_id"]).to_numpy(dtype=bool)
    return Ages(
        due=items["due_date"], original=original, rescheduled_on=items["rescheduled_on"], is_special=special,
        around=_neighbourhood(book, set(items["item_id"].to_numpy()[special]), scope),
    )  # fmt: skip


def _cash_debits(runs: Runs) -> Bools:
    """Cash items that ever stand as a debit."""
    made = np.zeros(len(runs.items), dtype=bool)
    made[runs.item[(runs.open > 0) | (runs.books > 0)]] = True
    return made & runs.items["item_type"].isin(CASH).to_numpy(dtype=bool)


def standing_at(
    runs: Runs, how: Ages, *, number: int, scope: Scope, policies: Policies, windows: Windows
) -> pd.DataFrame:
    """What stood open at the end of a month, item by item (parts of an item together).

    Columns: item (row of the items), currency, open, books, is_known, current, past_due, over_90, unapplied (minor units of
    the document) and the same in the books' currency with `books_` before. A day after day 90 past the original due date is
    over 90; due on the day itself is current. Credits are neither.
    """
    rows = runs.standing(number)
    day = np.datetime64(windows.ends[number], "D")
    at = runs.item[rows]
    items = runs.items
    due = how.due.to_numpy()[at].astype("datetime64[D]")
    original = how.original.to_numpy()[at].astype("datetime64[D]")
    later = (how.rescheduled_on.to_numpy()[at].astype("datetime64[D]") > day) & ~np.isnat(original)
    due = np.where(later, original, due)
    original = np.where(np.isnat(original), due, original)
    open_, books = runs.open[rows], runs.books[rows]
    is_debit = np.where(open_ != 0, open_, books) > 0
    is_cash = (items["item_type"].isin(CASH) | items["cash_status"].fillna("").ne("")).to_numpy(dtype=bool)[
        at
    ]
    is_current, is_old = is_debit & (due >= day), is_debit & ((day - original).astype(np.int64) > OVER_DAYS)
    is_old &= ~np.isnat(original)
    is_late = is_debit & (due < day)  # no date is neither current nor late
    is_unapplied = ~is_debit & is_cash
    made = pd.DataFrame({"item": at, "open": open_, "books": books, "is_known": runs.is_known[rows]})
    for name, mask in (
        ("current", is_current),
        ("past_due", is_late),
        ("over_90", is_old),
        ("unapplied", is_unapplied),
    ):
        made[name], made[f"books_{name}"] = np.where(mask, open_, 0), np.where(mask, books, 0)
    if how.is_special[at].any():
        made = _placed(made, runs, how, scope=replace(scope, as_of=windows.ends[number]), policies=policies)
    return made.assign(currency=items["currency"].to_numpy()[made["item"].to_numpy()])


def _placed(made: pd.DataFrame, runs: Runs, how: Ages, *, scope: Scope, policies: Policies) -> pd.DataFrame:
    """The same with the special items where the ledger's own aging puts them, part by part."""
    wanted = set(runs.items["item_id"].to_numpy()[how.is_special])
    found = open_items(how.around, scope=scope)
    found = found[found["item_id"].isin(wanted).to_numpy(dtype=bool)].reset_index(drop=True)
    places = {}
    for name, age_from in (("due", AgeFrom.DUE_DATE), ("original", AgeFrom.ORIGINAL_DUE_DATE)):
        policy = replace(policies.aging, credits=Credits.SHOWN, age_from=age_from)
        places[name] = age_items(found, as_of=scope.as_of, policy=policy)
    bucket = places["due"]["bucket"]
    owed = ~bucket.isin(("credit", UNAPPLIED))
    masks = {
        "current": bucket.eq(CURRENT),
        "past_due": owed & ~bucket.isin((CURRENT, NO_DUE_DATE)),
        "over_90": owed & (places["original"]["days_past_due"] > OVER_DAYS).fillna(False),
        "unapplied": bucket.eq(UNAPPLIED),
    }
    parts = pd.DataFrame({"item": found_at(found["item_id"], runs.items["item_id"])})
    for name, mask in masks.items():
        chosen = mask.to_numpy(dtype=bool)
        parts[name] = np.where(chosen, ints(found["outstanding"]), 0)
        parts[f"books_{name}"] = np.where(chosen, ints(found["functional_outstanding"]), 0)
    sums = parts.groupby("item").sum()
    is_here = made["item"].isin(sums.index).to_numpy(dtype=bool)
    for name in sums.columns:
        values = made[name].to_numpy().copy()
        values[is_here] = sums[name].reindex(made["item"][is_here]).to_numpy()
        made[name] = values
    return made


def _neighbourhood(book: Book, wanted: set[str], scope: Scope) -> Book:
    """The book with these items only, and what the ledger needs to place them: their applications and origins."""
    items = of_entity(book["items"], scope.entity)
    rows = of_entity(book["applications"], scope.entity)
    by_id = items.drop_duplicates("item_id").set_index("item_id")
    named = set(by_id["reverses"].reindex(list(wanted)).dropna()) - {""}
    mine = rows["source_item_id"].isin(wanted | named) | rows["target_item_id"].isin(wanted)
    kept = rows[mine.to_numpy(dtype=bool)].reset_index(drop=True)
    ids = wanted | named | {*kept["source_item_id"], *kept["target_item_id"]}
    onward = set(by_id["replaces"].reindex(list(wanted)).dropna()) - {""} - ids
    while onward:
        ids |= onward
        onward = set(by_id["replaces"].reindex(list(onward)).dropna()) - {""} - ids
    tables = {
        "items": items[items["item_id"].isin(ids).to_numpy(dtype=bool)].reset_index(drop=True),
        "applications": kept,
    }
    if book.has("instalments"):
        tables["instalments"] = book["instalments"]
    return replace(book, tables=tables)
