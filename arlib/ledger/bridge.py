"""The difference between the customer view and the control-account view, document by document. Floor 1.

An invoice dated 19 January and posted in February is open at 31 January to the customer and not in the
ledger's balance. Such facts, and only they, make the two views differ, so their amounts add up to the
difference exactly.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from arlib.controls import Identity
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import (
    Ints,
    counted,
    fact_dates,
    of_entity,
    positions,
    require_answerable,
    sums_by_currency,
)
from arlib.ledger.frames import BASIS_BRIDGE
from arlib.ledger.openitems import open_items
from arlib.policy import Basis, Scope
from arlib.tables import Book

CAUSE = "date_outside_period"


def basis_bridge(book: Book, *, scope: Scope) -> pd.DataFrame:
    """Every fact that counts at the as-of date in one view only: BASIS_BRIDGE, sorted by its key.

    `amount` is the customer view less the control-account view. An application gives a row for each of its
    two items. The scope's basis does not matter; its knowledge date does. Needs ITEMS and APPLICATIONS.
    """
    require_answerable(book, scope=scope)
    items = of_entity(book["items"], scope.entity)
    applications = of_entity(book["applications"], scope.entity)
    parts = [_item_rows(items, _side(items, scope))]
    step = _side(applications, scope)
    moved = applications[step != 0].reset_index(drop=True)
    step = step[step != 0]
    ids = pd.Index(items["item_id"])
    for side in ("target", "source"):
        at = positions(
            ids, moved[f"{side}_item_id"], table="applications", column=f"{side}_item_id", entity=scope.entity
        )
        parts.append(_application_rows(moved, items.iloc[at].reset_index(drop=True), step, side))
    made = pd.concat(parts, ignore_index=True).assign(entity=scope.entity, cause=CAUSE)
    made["customer_id"] = merged_codes(made["customer_id"], book, entity=scope.entity, on=scope.as_of)
    made = BASIS_BRIDGE.typed(made[made["amount"] != 0])
    return made.sort_values(list(BASIS_BRIDGE.key), kind="stable", ignore_index=True)


def bridge_identities(
    book: Book, bridge: pd.DataFrame, *, scope: Scope, open_: pd.DataFrame | None = None
) -> tuple[Identity, ...]:
    """By currency: control-account view + bridge = customer view. Needs the book and its BASIS_BRIDGE.

    `open_` is the OPEN_ITEMS of the scope itself, where they are in hand: that view is not made again.
    """
    views = {
        basis: open_items(book, scope=replace(scope, basis=basis))
        if open_ is None or basis is not scope.basis
        else open_
        for basis in Basis
    }
    posted, effective = (
        sums_by_currency(views[basis], "outstanding") for basis in (Basis.POSTING, Basis.EFFECTIVE)
    )
    bridged = sums_by_currency(bridge, "amount")
    return tuple(
        Identity(
            name="basis_bridge",
            left_label="control-account view and bridge",
            left=posted.get(name, 0) + bridged.get(name, 0),
            right_label="customer view",
            right=effective.get(name, 0),
            currency=name,
            entity=scope.entity,
        )
        for name in sorted({*posted, *effective, *bridged})
    )


def _side(frame: pd.DataFrame, scope: Scope) -> Ints:
    """+1 where a fact counts for the customer only, -1 where for the ledger only, else 0."""
    effective = counted(frame, scope=scope, basis=Basis.EFFECTIVE)
    posting = counted(frame, scope=scope, basis=Basis.POSTING)
    return np.where(effective & ~posting, 1, np.where(posting & ~effective, -1, 0)).astype(np.int64)


def _item_rows(items: pd.DataFrame, step: Ints) -> pd.DataFrame:
    """The items themselves that count in one view only."""
    mine, sign = items[step != 0], step[step != 0]
    dates = fact_dates(mine, Basis.POSTING)
    made: pd.DataFrame = mine.assign(fact="item", fact_id=mine["item_id"], amount=mine["amount"] * sign)
    return made.assign(posting_date=dates)


def _application_rows(moved: pd.DataFrame, items: pd.DataFrame, step: Ints, side: str) -> pd.DataFrame:
    """What applications that count in one view only do to one of their items."""
    amount = (
        moved["source_amount"]
        if side == "source"
        else -(moved["target_amount"] + moved["discount"].fillna(0))
    )
    return pd.DataFrame(
        {
            "fact": "application",
            "fact_id": moved["application_id"],
            "item_id": items["item_id"],
            "customer_id": items["customer_id"],
            "document_no": items["document_no"],
            "currency": items["currency"],
            "amount": amount * step,
            "effective_date": moved["effective_date"],
            "posting_date": fact_dates(moved, Basis.POSTING),
        }
    )
