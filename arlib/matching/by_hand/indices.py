"""Indices over an entity's matching inputs: what belongs to an account, a customer, a receipt or a payer. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from arlib.ledger.facts import found_at
from arlib.matching.columns import texts
from arlib.matching.facts import plain
from arlib.matching.names import account_key
from arlib.matching.pool import NOBODY, Pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from arlib.matching.inputs import MatchInputs
    from arlib.matching.payers import Payers

Rows = Mapping[str, "NDArray[np.intp]"]  # rows of a frame by a code


@dataclass(frozen=True, kw_only=True, eq=False)
class Indices:
    """Made once with the inputs; what people decide later changes none of them. Rows of items and receipts are the pool's."""

    items: pd.Index[str]  # ids of the open items by row
    receipts: Mapping[str, int]  # row by receipt
    advices: Rows  # by receipt
    customers: Rows  # of the customer master, by code
    links: Rows  # of the confirmed links, by customer of the item
    confirmed_receipts: pd.Index[str]  # ids by row
    confirmed_items: pd.Index[str]  # ids by row
    payers: Sequence[Sequence[str]]  # account and name of each receipt's payer, as they are compared
    by_payer: Mapping[str, Sequence[int]]  # receipts by one of these
    by_account: Mapping[int, Sequence[int]]  # receipts that may be of an account or name an item of it
    in_order: NDArray[np.int64]  # items sorted by account
    starts: NDArray[np.int64]  # where each account begins there

    def items_of(self, account: int) -> NDArray[np.int64]:
        """Rows of the open items of an account, ascending; none for one behind the pool's."""
        is_there = 0 <= account < len(self.starts) - 1
        return (
            self.in_order[self.starts[account] : self.starts[account + 1]] if is_there else self.in_order[:0]
        )


def accounts_of(row: int, *, pool: Pool, payers: Payers, named: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Accounts that a receipt may belong to, likeliest first: payer candidates, then customers of the items it names."""
    found = [one.account for one in payers.candidates[row]]
    found += [int(pool.items.account[item]) for item in named[row]]
    return tuple(dict.fromkeys(number for number in found if number != NOBODY))


def indices_of(inputs: MatchInputs, *, pool: Pool, payers: Payers, named: Sequence[Sequence[int]]) -> Indices:
    """The indices: one pass over each frame."""
    keys = _payer_keys(pool)
    by_payer: dict[str, list[int]] = {}
    by_account: dict[int, list[int]] = {}
    for row, mine in enumerate(keys):
        for key in mine:
            by_payer.setdefault(key, []).append(row)
        for number in accounts_of(row, pool=pool, payers=payers, named=named):
            by_account.setdefault(number, []).append(row)
    account = pool.items.account
    order = np.argsort(account, kind="stable").astype(np.int64)
    starts = np.searchsorted(account[order], np.arange(len(pool.accounts) + 1), side="left")
    none = inputs.items.iloc[:0]["item_id"]
    receipts, items = inputs.confirmed_receipts, inputs.confirmed_items
    return Indices(
        items=pd.Index(pool.items.frame["item_id"]),
        receipts={code: row for row, code in enumerate(texts(pool.receipts.frame, "receipt_id"))},
        advices=inputs.advices.groupby("receipt_id", sort=False).indices,  # type: ignore[arg-type]
        customers=inputs.customers.groupby("customer_id", sort=False).indices,  # type: ignore[arg-type]
        links=_links(inputs),
        confirmed_receipts=pd.Index(none if receipts is None else receipts["receipt_id"]),
        confirmed_items=pd.Index(none if items is None else items["item_id"]),
        payers=keys,
        by_payer=by_payer,
        by_account=by_account,
        in_order=order,
        starts=starts.astype(np.int64),
    )


def _links(inputs: MatchInputs) -> Rows:
    links, items = inputs.confirmed, inputs.confirmed_items
    if links is None or items is None:
        return {}
    at = found_at(links["item_id"], items["item_id"])
    codes = np.where(at < 0, "", items["customer_id"].fillna("").to_numpy(dtype=object)[at])
    return links.groupby(codes, sort=False).indices  # type: ignore[return-value]


def _payer_keys(pool: Pool) -> list[list[str]]:
    frame, key_of = pool.receipts.frame, cache(account_key)
    columns = (texts(frame, name) for name in ("payer_account", "payer_name"))
    return [
        [key for key in (key_of(account), plain(name)) if key] for account, name in zip(*columns, strict=True)
    ]
