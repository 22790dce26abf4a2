"""What the ledger itself says of its receipts: how much is applied, and who applied it to what. Floor 3."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from arlib.controls import Control
from arlib.ledger.facts import counted, of_entity
from arlib.ledger.openitems import linked
from arlib.matching.from_book import Cash, ledger_links
from arlib.money import iso_code, total, totals_by
from arlib.report.cash_facts import BOOKED
from arlib.report.tied import tied_as_one
from arlib.tables.choices import ReceiptStatus

if TYPE_CHECKING:
    from arlib.policy import Scope
    from arlib.tables import Book

FIRST_DAY = date(1900, 1, 1)


def ledger_controls(book: Book, offered: pd.DataFrame, *, scope: Scope) -> tuple[Control, ...]:
    """By currency: receipts in the ledger = offered to matching + already applied.

    `offered` is MATCH_RECEIPTS of the open receipts. Applied is what the applications say, net of what was taken back;
    what stands on account on purpose is not offered, and explains its part of the difference.
    """
    if not book.has("receipts"):
        return (Control(
            name="cash_offered", title="Receipts in the ledger = offered + already applied", entity=scope.entity,
            currency=scope.functional_currency, note="no receipts were given",
        ),)  # fmt: skip
    ledger = of_entity(book["receipts"], scope.entity)
    ledger = ledger[counted(ledger, scope=scope)]
    applied = _applied(book, scope=scope)
    own = (
        ledger.drop_duplicates("item_id").set_index("item_id") if len(ledger) else ledger.set_index("item_id")
    )
    applied = applied[applied["item_id"].isin(own.index.dropna())]
    purpose = ledger[
        ledger["status"].eq(ReceiptStatus.ON_ACCOUNT.value)
        & ~ledger["receipt_id"].isin(offered["receipt_id"])  # a person decided to place it
    ]
    used = applied.set_index("item_id")["applied"]
    kept = purpose.assign(kept=purpose["amount"] - purpose["item_id"].map(used).fillna(0).astype("Int64"))
    kept = kept[kept["kept"].ne(0)]
    made = []
    for code, part in ledger.groupby("currency", sort=True):
        mine, aside = offered[offered["currency"].eq(code)], kept[kept["currency"].eq(code)]
        made.append(Control(
            name="cash_offered", title=f"Receipts in {iso_code(str(code))}: in the ledger = to place now + already applied",
            entity=scope.entity, currency=str(code), left_label="receipts in the ledger", left=total(part["amount"]),
            right_label="to place now and already applied",
            right=total(mine["amount"]) + total(applied.loc[applied["currency"].eq(code), "applied"]),
            explained=total(aside["kept"]), count=len(aside),
            oldest=aside["effective_date"].min().date() if len(aside) else None,
            note="left on account on purpose, not offered" if len(aside) else "",
        ))  # fmt: skip
    return tied_as_one(made, functional=scope.functional_currency)


def booked(book: Book, *, scope: Scope, cash: Cash) -> pd.DataFrame:
    """BOOKED of the receipts that are placed again: what the ledger set them against, and who did."""
    links = ledger_links(book, scope=replace(scope, starts_on=FIRST_DAY) if cash is Cash.ALL else scope)
    receipts = (
        of_entity(book["receipts"], scope.entity)
        .drop_duplicates("receipt_id")
        .set_index("receipt_id")["item_id"]
    )
    rows = of_entity(book["applications"], scope.entity)
    users = rows[["source_item_id", "target_item_id", "user"]].drop_duplicates(
        ["source_item_id", "target_item_id"]
    )
    made = links.assign(source_item_id=links["receipt_id"].map(receipts)).merge(
        users,
        left_on=["source_item_id", "item_id"],
        right_on=["source_item_id", "target_item_id"],
        how="left",
    )
    return BOOKED.typed(made)


def _applied(book: Book, *, scope: Scope) -> pd.DataFrame:
    """What each item of cash has been applied for, in its currency: item_id, currency, applied (money in is +)."""
    facts = linked(book, scope=scope)
    rows = facts.applications
    gave = pd.DataFrame({"item_id": rows["source_item_id"], "currency": rows["source_currency"],
                         "applied": rows["source_amount"]})  # fmt: skip
    took = pd.DataFrame({"item_id": rows["target_item_id"], "currency": rows["target_currency"],
                         "applied": -(rows["target_amount"] + rows["discount"].fillna(0))})  # fmt: skip
    every = pd.concat([gave, took], ignore_index=True)
    return totals_by(every, ["item_id", "currency"], "applied")
