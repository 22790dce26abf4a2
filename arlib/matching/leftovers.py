"""What a run leaves behind on items: residuals of short payments, contra proposals, and invoices that were passed over. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from arlib.matching.facts import Facts
from arlib.matching.pool import NO_DAY, NOBODY, Items, Pool, pool_of
from arlib.matching.proposal import Proposal
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


def skipped(pool: Pool, proposals: Sequence[Proposal]) -> pd.DataFrame:
    """Items that a customer's payments passed over: SKIPPED by key.

    A receipt passes over a debit item of the same account and currency that was dated by then and is due before the latest
    item that the receipt settles, where no proposal settles it in full. What is due on that same day is not passed over.
    """
    items = pool.items
    left = items.open.copy()
    runs: dict[
        tuple[int, int], list[tuple[int, int, int]]
    ] = {}  # account and money: day, receipt, latest due paid
    due, of_item, money = items.due_day.tolist(), items.account.tolist(), items.money.tolist()
    paid_on = pool.receipts.day.tolist()
    for proposal in proposals:
        for item, settle in zip(proposal.items, proposal.settles, strict=True):
            left[item] -= settle
        dated = [item for item in proposal.items if due[item] != NO_DAY and items.open[item] > 0]
        if dated and of_item[dated[0]] != NOBODY:
            run = (paid_on[proposal.receipt], proposal.receipt, max(due[item] for item in dated))
            runs.setdefault((of_item[dated[0]], money[dated[0]]), []).append(run)
    waiting: dict[tuple[int, int], list[int]] = {}
    for item in np.flatnonzero((left > 0) & (items.due_day != NO_DAY)).tolist():
        if (of_item[item], money[item]) in runs:
            waiting.setdefault((of_item[item], money[item]), []).append(item)
    found = [
        one for key, rows in waiting.items() for one in _passings(np.array(rows), sorted(runs[key]), items)
    ]
    if not found:
        return SKIPPED.empty()
    rows, first, counts = (list(column) for column in zip(*sorted(found), strict=True))
    own, receipts = items.frame.iloc[rows], pool.receipts.frame.iloc[first]
    made: dict[str, Any] = {
        name: own[name].array for name in ("entity", "item_id", "customer_id", "currency", "due_date")
    }
    made |= {
        "open_amount": left[rows],
        "receipt_id": receipts["receipt_id"].array,
        "value_date": receipts["value_date"].array,
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
    of_receipt: dict[int, dict[int, int]] = {}
    for receipt, item, settle in zip(at["receipt_id"].tolist(), at["item_id"].tolist(), settles, strict=True):
        of_receipt.setdefault(receipt, {})[item] = int(settle)
    return skipped(pool, [
        Proposal(receipt, tuple(sorted(mine)), tuple(mine[item] for item in sorted(mine)), "")
        for receipt, mine in sorted(of_receipt.items())
    ])  # fmt: skip


def _passings(
    rows: NDArray[np.int64], runs: list[tuple[int, int, int]], items: Items
) -> Iterator[tuple[int, int, int]]:
    """Of one account's open items those passed over, with the first receipt that did so and how many did."""
    paid_on, receipt, latest = np.array(runs, dtype=np.int64).T
    few = max(1, CELLS // len(runs))
    for start in range(0, len(rows), few):
        some = rows[start : start + few]
        passes = (latest > items.due_day[some][:, None]) & (paid_on >= items.document_day[some][:, None])
        counts = passes.sum(axis=1)
        hit = counts > 0
        first = receipt[passes.argmax(axis=1)]
        yield from zip(some[hit].tolist(), first[hit].tolist(), counts[hit].tolist(), strict=True)
