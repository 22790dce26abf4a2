"""Frozen items with what settled them, shared over their due parts: the ground that every line adds up. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.targets.frames import COLLECTED_ITEMS, SETTLED
from arlib.collect.targets.frozen import Frozen
from arlib.collect.targets.quarter import posted
from arlib.collect.targets.settled import settled
from arlib.errors import RateError
from arlib.ledger.openitems import open_items
from arlib.money import translate_at
from arlib.policy import Scope
from arlib.tables import Book


def collected_items(book: Book, *, start: Frozen, scope: Scope) -> pd.DataFrame:
    """Each frozen debit with what settled it and what is open of it at the as-of date: COLLECTED_ITEMS, sorted by its key.

    `still_open` is read from the sub-ledger at the as-of date, not worked out from the rest. An item that is due in parts has
    a row for each open part: what settled it fills the part that fell due first, as the aging does. Amounts in the books'
    currency are at the closing rate of the day that the portfolio was frozen on, empty where there is none.
    """
    frozen = start.debits
    now = open_items(book, scope=posted(scope))
    made = frozen.assign(frozen=frozen["outstanding"], still_open=_still_open(frozen, now))
    by_item = settled(book, scope=scope)
    share = by_item.reindex(made["item_id"]).fillna(0).reset_index(drop=True)
    for name in SETTLED:
        made[name] = share[name].astype("Int64")
    _shared_over_parts(made)
    made["books_frozen"] = made["books_amount"]
    made["books_collected"] = in_books(made["collected"], made["currency"], start)
    key = ["entity", "item_id", "instalment_no"]
    return COLLECTED_ITEMS.typed(made).sort_values(key, kind="stable", ignore_index=True)


def in_books(amounts: pd.Series, currencies: pd.Series, start: Frozen) -> pd.Series:
    """Amounts at the closing rate of the day of the freeze, Int64; missing where the currency has none."""
    found = start.position
    rated = set(currencies.unique()) - set(found.unrated)
    for code in sorted(rated):
        try:
            found.rates.find(code, found.currency, found.scope.as_of)
        except RateError:
            rated.remove(code)
    mine = currencies.isin(rated).to_numpy(dtype=bool)
    made = translate_at(
        amounts[mine], from_currency=currencies[mine], to_currency=found.currency, rates=found.rates,
        on=found.scope.as_of,
    )  # fmt: skip
    return made.reindex(amounts.index).astype("Int64")


def _still_open(frozen: pd.DataFrame, now: pd.DataFrame) -> pd.Series:
    """What is open of each frozen row now; a part that was settled at the start and is open again stands with the first."""
    keys = ["item_id", "instalment_no"]
    part = now.groupby(keys, dropna=False)["outstanding"].sum()
    wanted = pd.MultiIndex.from_frame(frozen[keys])
    own = pd.Series(part.reindex(wanted).to_numpy(), index=frozen.index, dtype="Int64").fillna(0)
    whole = now.groupby("item_id")["outstanding"].sum().reindex(frozen["item_id"]).fillna(0)
    rest = pd.Series(whole.to_numpy(), index=frozen.index, dtype="Int64") - own.groupby(
        frozen["item_id"]
    ).transform("sum")
    return own + rest.where(~frozen["item_id"].duplicated(), 0)


def _shared_over_parts(rows: pd.DataFrame) -> None:
    """Share the settlement of items in several parts over them, in place: each part by what it fell, cash first."""
    several = rows["item_id"].duplicated(keep=False).to_numpy(dtype=bool)
    touched = rows[list(SETTLED)].ne(0).any(axis=1).to_numpy(dtype=bool)
    columns = {name: rows[name].to_numpy(dtype=np.int64).copy() for name in SETTLED}
    fell = (rows["frozen"] - rows["still_open"]).to_numpy(dtype=np.int64)
    for place in rows[several & touched].groupby("item_id", sort=False).indices.values():
        at = np.flatnonzero(several & touched)[place].tolist()
        left = {name: int(columns[name][at[0]]) for name in SETTLED}
        for row in at[:-1]:
            need = int(fell[row])
            for name in SETTLED:
                taken = max(0, min(need, left[name]))
                columns[name][row], left[name], need = taken, left[name] - taken, need - taken
            columns[SETTLED[0]][row] += need
            left[SETTLED[0]] -= need
        for name in SETTLED:
            columns[name][at[-1]] = left[name]
    for name in SETTLED:
        rows[name] = pd.Series(columns[name], index=rows.index, dtype="Int64")
