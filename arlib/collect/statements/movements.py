"""What changed a balance in the period: documents, and applications that do more than settle. Floor 1.

    opening + Σ movements = closing, for any set of items

A document moves the balance by its amount on its own day. An application inside one account and currency moves nothing but
the discount; between two accounts or currencies it moves both, each on the day of the application.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd

from arlib.collect.statements.frames import STATEMENT_MOVEMENTS, MovementKind
from arlib.collect.statements.lines import kinds
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import fact_dates, found_at, ints
from arlib.ledger.openitems import Linked, linked, open_items
from arlib.money import totals_by
from arlib.policy import Scope, StatementPolicy
from arlib.tables import Book

BY = ["customer_id", "currency"]


def opening_balances(book: Book, *, scope: Scope, barred: frozenset[str]) -> pd.DataFrame:
    """What was open the day before the period, by customer (codes of the as-of date) and currency: customer_id, currency, amount.

    Without the items in `barred` and cash of nobody known. A snapshot cannot answer: ParameterError.
    """
    before = replace(scope, as_of=scope.starts_on - timedelta(days=1))
    rows = open_items(book, scope=before)
    rows = rows[~rows["item_id"].isin(barred) & rows["customer_id"].fillna("").ne("")]
    codes = merged_codes(rows["document_customer_id"], book, entity=scope.entity, on=scope.as_of)
    return totals_by(rows.assign(customer_id=codes, amount=rows["outstanding"]), BY, "amount")


def movements(book: Book, *, scope: Scope, policy: StatementPolicy, barred: frozenset[str]) -> pd.DataFrame:
    """Everything after the opening day and on or before the as-of date: STATEMENT_MOVEMENTS without addressee.

    Needs ITEMS and APPLICATIONS. Items in `barred` count as another account: what is set against them shows.
    """
    facts = linked(book, scope=scope)
    codes = merged_codes(facts.items["customer_id"], book, entity=scope.entity, on=scope.as_of).fillna("")
    own = ~facts.items["item_id"].isin(barred).to_numpy(dtype=bool) & codes.ne("").to_numpy(dtype=bool)
    items = facts.items.assign(customer_id=codes)
    both = pd.concat(
        [_documents(items, facts, own, scope, policy), _applied(items, facts, own, scope)], ignore_index=True
    )
    both["entity"] = scope.entity
    return both[both["amount"].ne(0)].reset_index(drop=True)


def _documents(
    items: pd.DataFrame, facts: Linked, own: np.ndarray, scope: Scope, policy: StatementPolicy
) -> pd.DataFrame:
    days = fact_dates(items, scope.basis)
    here = facts.is_counted & own & days.ge(pd.Timestamp(scope.starts_on)).to_numpy(dtype=bool)
    rows = items[here]
    made: pd.DataFrame = rows.assign(
        on=days[here], fact_id=rows["item_id"], kind=kinds(rows, policy), reference=rows["purchase_order"]
    )[list(_COLUMNS)]
    return made


def _applied(items: pd.DataFrame, facts: Linked, own: np.ndarray, scope: Scope) -> pd.DataFrame:
    """One row for each application and account that it moves."""
    days = fact_dates(facts.applications, scope.basis)
    late = days.ge(pd.Timestamp(scope.starts_on)).to_numpy(dtype=bool)
    applied = facts.applications[late].reset_index(drop=True)
    sides = []
    for side, amounts in (
        ("source", ints(applied["source_amount"])),
        ("target", -(ints(applied["target_amount"]) + ints(applied["discount"]))),
    ):
        at = getattr(facts, side)[late]
        mine = own[at]
        sides.append(
            pd.DataFrame(
                {
                    "row": np.arange(len(applied))[mine],
                    "customer_id": items["customer_id"].to_numpy()[at][mine],
                    "currency": items["currency"].to_numpy()[at][mine],
                    "amount": amounts[mine],
                }
            )
        )
    both = pd.concat(sides, ignore_index=True)
    if both.empty:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in _COLUMNS})
    made = both.groupby(["row", *BY], as_index=False, sort=True).agg(
        amount=("amount", "sum"), sides=("amount", "size")
    )
    made = made[made["amount"].ne(0)].reset_index(drop=True)
    source = applied.iloc[made["row"].to_numpy()].reset_index(drop=True)
    document = items["document_no"].to_numpy()[found_at(source["target_item_id"], facts.ids)]
    whole = np.where(made["sides"].eq(2), MovementKind.DISCOUNT.value, MovementKind.OTHER_ACCOUNT.value)
    return made.assign(
        on=days[late].reset_index(drop=True).to_numpy()[made["row"].to_numpy()],
        fact_id=source["application_id"],
        kind=whole,
        document_no=document,
        reference=None,
        amount=made["amount"].astype("Int64"),
    )[list(_COLUMNS)]


_COLUMNS = tuple(name for name in STATEMENT_MOVEMENTS.names if name not in ("entity", "addressee"))
