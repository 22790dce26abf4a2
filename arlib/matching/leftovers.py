"""What a run leaves behind on items: residuals of short payments, contra proposals, and invoices that were passed over. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from arlib.matching.facts import Facts
from arlib.matching.pool import NO_DAY, Items, Pool, pool_of
from arlib.matching.residuals import Part
from arlib.policy.matching import Rest
from arlib.tables.kinds import Column, Kind, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

SETTLES = ("applied_amount", "discount", "fee", "fx", "tolerance")  # of MATCHES; a deduction stays open
CELLS = 4_000_000  # items times receipts that are compared at once, so that memory stays small
_T, _D, _M, _N = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER

RESIDUALS = Table("residuals", "the rest of an item that is closed and replaced", ("entity", "item_id", "receipt_id"), (
    Column("entity", _T, "entity code", True),
    Column("item_id", _T, "item that is closed", True, is_key=True),
    Column("receipt_id", _T, "receipt that paid less", True, is_key=True),
    Column("customer_id", _T, "customer", is_key=True),
    Column("currency", _T, "currency", True),
    Column("amount", _M, "amount of the residual", True, currency="currency"),
    Column("original_due_date", _D, "due date that it keeps: it does not get younger"),
    Column("reason", _T, "as in matches", True),
    Column("code", _T, "what the claim is about"),
))  # fmt: skip

SKIPPED = Table("skipped", "an open item that a customer's payments passed over", ("entity", "item_id"), (
    Column("entity", _T, "entity code", True),
    Column("item_id", _T, "item", True, is_key=True),
    Column("customer_id", _T, "customer", True, is_key=True),
    Column("currency", _T, "currency", True),
    Column("open_amount", _M, "open amount left", True, currency="currency"),
    Column("due_date", _D, "its due date", True),
    Column("receipt_id", _T, "first receipt that passed it over", True, is_key=True),
    Column("value_date", _D, "day of that receipt", True),
    Column("receipts", _N, "receipts that passed it over", True),
    Column("is_disputed", Kind.FLAG, "a dispute is known, which would explain it", True),
))  # fmt: skip

CONTRAS = Table("contras", "a netting against our payables, proposed", ("entity", "receipt_id", "item_id"), (
    Column("entity", _T, "entity code", True),
    Column("receipt_id", _T, "receipt of the net amount", True, is_key=True),
    Column("item_id", _T, "item", True, is_key=True),
    Column("customer_id", _T, "customer", is_key=True),
    Column("currency", _T, "currency", True),
    Column("amount", _M, "to be set against payables: Dr payables, Cr receivables", True, currency="currency"),
    Column("has_agreement", Kind.FLAG, "the policy lists an agreement with the customer", True),
    Column("needs", _T, "what must be there before it may be posted", True),
))  # fmt: skip


def residuals(facts: Facts, placed: Sequence[tuple[int, Part]]) -> pd.DataFrame:
    """Residuals for items that are paid less than they are open for, where the policy closes them: RESIDUALS by key.

    `placed` are (receipt, part). Empty where the policy leaves the rest as a partial payment. An item that several receipts
    pay in part is closed by the last of them, in the order given; only its rest becomes a residual.
    """
    if facts.policy.rest is not Rest.RESIDUAL:
        return RESIDUALS.empty()
    left: dict[int, int] = {}
    last: dict[int, tuple[int, Part]] = {}
    for receipt, part in placed:
        falls = part.applied + part.discount + part.fee + part.fx + part.tolerance
        left[part.item] = left.get(part.item, facts.open[part.item]) - falls
        last[part.item] = (receipt, part)
    items, receipts = facts.pool.items.frame, facts.pool.receipts.frame
    rows = [item for item in sorted(left) if left[item]]
    if not rows:
        return RESIDUALS.empty()
    own = items.iloc[rows]
    made: dict[str, Any] = {
        name: own[name].array for name in ("entity", "item_id", "customer_id", "currency")
    }
    made |= {
        "receipt_id": receipts["receipt_id"].take([last[item][0] for item in rows]).array,
        "amount": [left[item] for item in rows],
        "original_due_date": own["original_due_date"].fillna(own["due_date"]).array,
        "reason": [last[item][1].reason for item in rows],
        "code": [last[item][1].code for item in rows],
    }
    return RESIDUALS.frame(made).sort_values(list(RESIDUALS.key), kind="stable", ignore_index=True)


def contras(facts: Facts, placed: Sequence[tuple[int, Part]]) -> pd.DataFrame:
    """Nettings that payers speak of, as proposals: CONTRAS by key. Nothing is settled by them.

    `placed` are (receipt, part); those with code contra count, with what their item is then still open for.
    """
    items, receipts = facts.pool.items.frame, facts.pool.receipts.frame
    rows = [(receipt, part) for receipt, part in placed if part.code == "contra"]
    if not rows:
        return CONTRAS.empty()
    own = items.iloc[[part.item for _, part in rows]]
    agreed = own["customer_id"].isin(facts.policy.contra_agreements).tolist()
    documents = "the AP document and an approval"
    made: dict[str, Any] = {
        name: own[name].array for name in ("entity", "item_id", "customer_id", "currency")
    }
    made |= {
        "receipt_id": receipts["receipt_id"].take([receipt for receipt, _ in rows]).array,
        "amount": [facts.open[part.item] - part.applied for _, part in rows],
        "has_agreement": agreed,
        "needs": [documents if is_agreed else f"a netting agreement, {documents}" for is_agreed in agreed],
    }
    return CONTRAS.frame(made).sort_values(list(CONTRAS.key), kind="stable", ignore_index=True)


def skipped(pool: Pool, settles: Sequence[tuple[int, int, int]]) -> pd.DataFrame:
    """Items that a customer's payments passed over: SKIPPED by key.

    `settles` are (receipt, item, amount) by rows of the pool, the rows of a receipt together. A receipt passes over a debit
    item of the same account and currency that was dated by then and is due before the latest item that the receipt settles,
    where the run does not settle it in full. What is due on that same day is not passed over. A receipt counts for the account
    and currency of the first of its items that is a debit with a due date.
    """
    items, receipts = pool.items, pool.receipts
    receipt, item, amount = np.array(settles, np.int64).reshape(-1, 3).T
    left = items.open.copy()
    np.subtract.at(left, item, amount)
    # a number for each account and currency; those of nobody stay below 0
    group = items.account.astype(np.int64) * len(pool.currencies) + items.money
    is_dated = (items.due_day[item] != NO_DAY) & (items.open[item] > 0)
    receipt, item = receipt[is_dated], item[is_dated]
    starts = np.flatnonzero(np.r_[True, receipt[1:] != receipt[:-1]]) if len(receipt) else np.zeros(0, int)
    payer = group[item[starts]]
    latest = np.maximum.reduceat(items.due_day[item], starts) if len(starts) else np.zeros(0, np.int32)
    receipt, paid_on = receipt[starts], receipts.day[receipt[starts]]
    order = np.lexsort((latest, receipt, paid_on, payer))
    order = order[payer[order] >= 0]
    receipt, payer, paid_on, latest = (column[order] for column in (receipt, payer, paid_on, latest))
    waiting = np.flatnonzero((left > 0) & (items.due_day != NO_DAY))
    begin, end = (np.searchsorted(payer, group[waiting], side) for side in ("left", "right"))
    rows, first, counts = _passings(items, waiting, begin, end, paid_on, latest)
    if not len(rows):
        return SKIPPED.empty()
    own, of_receipt = items.frame.iloc[rows], receipts.frame.iloc[receipt[first]]
    made: dict[str, Any] = {
        name: own[name].array for name in ("entity", "item_id", "customer_id", "currency", "due_date")
    }
    made |= {
        "open_amount": left[rows],
        "receipt_id": of_receipt["receipt_id"].array,
        "value_date": of_receipt["value_date"].array,
        "receipts": counts,
        "is_disputed": own["is_disputed"].fillna(False).array,
    }
    return SKIPPED.frame(made).sort_values(list(SKIPPED.key), kind="stable", ignore_index=True)


def skipped_in(matches: pd.DataFrame, *, items: pd.DataFrame, receipts: pd.DataFrame) -> pd.DataFrame:
    """The same from MATCHES of a run, and the MATCH_ITEMS and MATCH_RECEIPTS that it placed."""
    pool = pool_of(items, receipts)
    at = {
        name: pd.MultiIndex.from_frame(frame[["entity", name]]).get_indexer(
            pd.MultiIndex.from_frame(matches[["entity", name]])
        )
        for name, frame in (("item_id", pool.items.frame), ("receipt_id", pool.receipts.frame))
    }
    settles = matches[list(SETTLES)].fillna(0).sum(axis=1).tolist()
    of_pair: dict[tuple[int, int], int] = {}
    for receipt, item, settle in zip(at["receipt_id"].tolist(), at["item_id"].tolist(), settles, strict=True):
        of_pair[receipt, item] = int(settle)
    return skipped(pool, [(*pair, of_pair[pair]) for pair in sorted(of_pair)])


def _passings(
    items: Items,
    rows: NDArray[np.int64],
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    paid_on: NDArray[np.int32],
    latest: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of the open items those passed over, the place of the first receipt that did so, and how many did.

    The receipts that may pass over an item are those from its `begin` to its `end`, in the order of their days.
    """
    rows, begin, end = (column[end > begin] for column in (rows, begin, end))
    pairs = np.cumsum(end - begin)
    found: list[tuple[NDArray[np.int64], ...]] = []
    start = 0
    while start < len(rows):
        done = int(pairs[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(pairs, done + CELLS, "right")))
        sizes = (end - begin)[start:stop]
        edges = np.r_[0, np.cumsum(sizes)[:-1]]
        item = np.repeat(rows[start:stop], sizes)
        place = np.arange(int(sizes.sum())) + np.repeat(begin[start:stop] - edges, sizes)
        passes = (latest[place] > items.due_day[item]) & (paid_on[place] >= items.document_day[item])
        counts = np.add.reduceat(passes.astype(np.int64), edges)
        first = np.minimum.reduceat(np.where(passes, place, len(latest)), edges)
        hit = counts > 0
        found.append((rows[start:stop][hit], first[hit], counts[hit]))
        start = stop
    if not found:
        return rows[:0], rows[:0], rows[:0]
    one, two, three = (np.concatenate(column) for column in zip(*found, strict=True))
    return one, two, three
