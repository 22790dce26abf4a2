"""What was applied to tested items after the date, net of what was taken back since. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from arlib.ledger.facts import counted, fact_dates, found_at, ints, of_entity
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, ApplicationKind

NOT_CASH = (
    ApplicationKind.RETURN.value, ApplicationKind.REFUND.value, ApplicationKind.CREDIT_TO_CREDIT.value,
    ApplicationKind.CREDIT_MEMO.value, ApplicationKind.WRITE_OFF.value, ApplicationKind.ADJUSTMENT.value,
    ApplicationKind.DEBIT_TO_DEBIT.value, ApplicationKind.CONTRA.value,
)  # fmt: skip
MAX_REVERSALS = 20  # reversals of reversals; a longer chain is a loop, and stays as it is


@dataclass(frozen=True)
class After:
    """Applications after the date on tested items, one row for each that is no reversal of another after the date.

    `rows` has the columns of APPLICATIONS, and: date (ledger date in the scope's basis), net and net_discount (after
    reversals), source_type, source_document, source_customer, is_cash, is_reopening (takes back what was settled by
    the date), alone (the source was used for this item only).
    """

    rows: pd.DataFrame


def applied_after(book: Book, *, scope: Scope, items: pd.Series, until: date | None = None) -> After:
    """Applications on `items` (item ids) that do not count at the as-of date, up to and including `until`.

    The date itself belongs to the balance; the next day is after. Under `known_at` what was entered later is after, too.
    Needs ITEMS and APPLICATIONS.
    """
    every = of_entity(book["applications"], scope.entity)
    later = ~counted(every, scope=scope)
    dates = fact_dates(every, scope.basis)
    if until is not None:
        later &= (dates <= pd.Timestamp(until)).to_numpy(dtype=bool)
    after = every[later].assign(date=dates[later]).reset_index(drop=True)
    mine = after[after["target_item_id"].isin(items)].reset_index(drop=True)
    made = _net(mine)
    known = of_entity(book["items"], scope.entity)
    at = found_at(made["source_item_id"], known["item_id"])
    for name, column in (
        ("source_type", "item_type"), ("source_document", "document_no"), ("source_customer", "customer_id"),
    ):  # fmt: skip
        made[name] = known[column].iloc[at].where(at >= 0).array if len(known) else pd.Series(dtype="str")
    is_cash = made["source_type"].isin([kind.value for kind in CASH_TYPES])
    made["is_cash"] = is_cash & ~made["kind"].isin(NOT_CASH) & ~made["is_reopening"]
    made["alone"] = _alone(after, made)
    return After(made.sort_values(["date", "application_id"], kind="stable", ignore_index=True))


def _net(rows: pd.DataFrame) -> pd.DataFrame:
    """Reversals added to what they reverse, where that is after the date too; the others reopen."""
    root = rows["application_id"].copy()
    above = dict(zip(rows["application_id"], rows["reverses"].fillna(""), strict=True))
    reversing = rows["reverses"].fillna("").ne("").to_numpy(dtype=bool)
    if reversing.any():
        names = root.tolist()
        for row in np.flatnonzero(reversing).tolist():
            found = names[row]
            for _ in range(MAX_REVERSALS):
                if above.get(found, "") not in above:
                    break
                found = above[found]
            names[row] = found
        root = pd.Series(names, index=rows.index, dtype="str")
    sums = pd.DataFrame(
        {
            "root": root.to_numpy(), "net": ints(rows["target_amount"]), "net_discount": ints(rows["discount"]),
            "net_source": ints(rows["source_amount"]),
        }
    ).groupby("root")[["net", "net_discount", "net_source"]].sum()  # fmt: skip
    kept = rows[root.eq(rows["application_id"]).to_numpy(dtype=bool)].reset_index(drop=True)
    for name in ("net", "net_discount", "net_source"):
        kept[name] = pd.Series(sums[name].reindex(kept["application_id"]).to_numpy(), dtype="Int64")
    kept["is_reopening"] = kept["reverses"].fillna("").ne("")
    return kept


def _alone(after: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Whether all that each row's source settled after the date went to this one item."""
    used = after[after["target_amount"].ne(0)].groupby("source_item_id")["target_item_id"].nunique()
    return rows["source_item_id"].map(used).fillna(0).eq(1)


def against_open(rows: pd.DataFrame, outstanding: pd.Series) -> pd.Series:
    """Of each row's net amount, what counts against its item's amount open at the date: earliest rows first.

    `rows` in the order that counts, with target_item_id and net; `outstanding` by item id. Never below 0 nor, in sum,
    above what was open. What reversals took back counts nothing.
    """
    net = rows["net"].clip(lower=0).astype("int64")
    before = net.groupby(rows["target_item_id"]).cumsum() - net
    left = rows["target_item_id"].map(outstanding).fillna(0).astype("int64") - before
    return pd.Series(np.minimum(net, left.clip(lower=0)), index=rows.index, dtype="Int64")
