"""Cash that promises are judged by: applied to debits, net of what came back, each with the day that it counts. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.ledger.attributes import merged_codes
from arlib.ledger.openitems import linked
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, ApplicationKind

CASH_KINDS = (
    ApplicationKind.PAYMENT, ApplicationKind.PREPAYMENT, ApplicationKind.CONTRA, ApplicationKind.CLEARING,
)  # fmt: skip
COLUMNS = ["customer_id", "item_id", "currency", "due_date", "received_on", "applied_on", "amount"]


def applied_cash(book: Book, *, scope: Scope, customers: set[str]) -> pd.DataFrame:
    """Cash applied to debits of these customers by the as-of date, one row a receipt, item and day of application.

    Columns: customer_id (code at the as-of date), item_id, currency and due date of the debit, received_on (effective
    date of the cash), applied_on (effective date of the application), amount (minor units of the debit's currency, above
    zero). A discount allowed with the cash counts as paid. A reversal takes its amount off the application that it
    reverses, whatever its own day: money that came back was not paid. One that names none takes it off the last one of
    the same receipt and item. Sorted by the day received, then applied. Needs ITEMS and APPLICATIONS.
    """
    facts = linked(book, scope=scope)
    items = facts.items
    codes = merged_codes(items["customer_id"], book, entity=scope.entity, on=scope.as_of)
    applied = facts.applications
    of_cash = items["item_type"].isin([kind.value for kind in CASH_TYPES]).to_numpy(dtype=bool)
    wanted = codes.isin(customers).to_numpy(dtype=bool)[facts.target] & ~of_cash[facts.target]
    kinds = applied["kind"]
    is_contra = kinds.eq(ApplicationKind.CONTRA.value).to_numpy(dtype=bool)
    is_cash = kinds.isin([kind.value for kind in CASH_KINDS]).to_numpy(dtype=bool)
    keep = wanted & is_cash & (of_cash[facts.source] | is_contra)
    target, source = facts.target[keep], facts.source[keep]
    rows = applied[keep].reset_index(drop=True)
    made = pd.DataFrame(
        {
            "customer_id": codes.to_numpy()[target],
            "item_id": items["item_id"].to_numpy()[target],
            "source": items["item_id"].to_numpy()[source],
            "currency": items["currency"].to_numpy()[target],
            "due_date": items["due_date"].to_numpy()[target],
            "received_on": items["effective_date"].to_numpy()[source],
            "applied_on": rows["effective_date"].to_numpy(),
            "amount": (rows["target_amount"].fillna(0) + rows["discount"].fillna(0)).to_numpy(dtype=np.int64),
            "original": rows["reverses"].fillna("").where(rows["reverses"].fillna("").ne(""), rows["application_id"]),
        }
    )  # fmt: skip
    days = rows.drop_duplicates("application_id").set_index("application_id")["effective_date"]
    made["applied_on"] = days.reindex(made["original"]).set_axis(made.index).fillna(made["applied_on"])
    order = ["received_on", "applied_on", "item_id", "source", "original"]
    whole = made.groupby("original", as_index=False, sort=False).agg(
        {name: "first" for name in made.columns if name not in ("original", "amount")} | {"amount": "sum"}
    )
    return _net(whole[whole["amount"].ne(0)].sort_values(order, kind="stable", ignore_index=True))[COLUMNS]


def _net(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows above zero, the last of a receipt and item cut by what came back of the two without naming which."""
    if not (rows["amount"] < 0).any():
        return rows
    pair = [rows["item_id"], rows["source"]]
    net = rows.groupby(["item_id", "source"])["amount"].transform("sum").clip(lower=0)
    reached = rows["amount"].clip(lower=0).groupby(pair).cumsum()
    before = reached - rows["amount"].clip(lower=0)
    kept = pd.Series(np.minimum(reached, net) - np.minimum(before, net), index=rows.index)
    return rows.assign(amount=kept)[kept.gt(0).to_numpy(dtype=bool)].reset_index(drop=True)
