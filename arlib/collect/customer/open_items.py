"""What a customer owes now, item by item, in the order in which one talks about it. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd

from arlib.collect.contact.disputes import Owed
from arlib.collect.contact.frames import PromiseState
from arlib.collect.customer.frames import OPEN_OF_CUSTOMER
from arlib.collect.customer.own import Account, account_of, for_people
from arlib.collect.position import Position
from arlib.collect.statements.lines import order_numbers
from arlib.controls import Identity
from arlib.credit.write_off.words import day, money
from arlib.ledger.aging import age_items
from arlib.ledger.facts import ints, of_entity
from arlib.ledger.replaced import carried_items
from arlib.money import total
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES
from arlib.tables.rows import Row, is_none, records, text

CASH = tuple(kind.value for kind in CASH_TYPES)
Notes = dict[str, list[str]]


def open_items_of(
    book: Book, *, scope: Scope, policies: Policies, customer_id: str = "", account: Account | None = None
) -> pd.DataFrame:
    """Every open item, or open due part, of the customer at the as-of date: OPEN_OF_CUSTOMER, the oldest due first.

    Rows, buckets and amounts are those of the aging by its policy; debits without a due date come after those with one, then
    credits, then cash not applied. `disputed` is what open disputes of the item, or of an item that it carries on, hold of it.
    `note` names disputes, open promises, where it stands in a portal, who holds it, and a due date that was moved. Needs ITEMS;
    uses DISPUTES, PROMISES, PORTAL_INVOICES. `account` is the customer's where it is at hand.
    """
    here = account_of(book, scope=scope, policies=policies, customer_id=customer_id, account=account)
    rows = age_items(here.position.items, as_of=scope.as_of, policy=policies.aging)
    rows = rows[rows["outstanding"].ne(0).to_numpy(dtype=bool)]
    is_credit = (rows["outstanding"] < 0).to_numpy(dtype=bool)
    is_cash = rows["item_type"].isin(CASH).to_numpy(dtype=bool)
    rows = rows.assign(place=np.select([is_credit & is_cash, is_credit], [2, 1], 0))
    rows = rows.sort_values(
        ["place", "aged_from", "document_date", "item_id", "instalment_no"], kind="stable", ignore_index=True
    )
    held, notes = _disputes(here)
    _promises(notes, here)
    _portals(notes, book, scope)
    rows["disputed"] = _shared(rows, held)
    rows["purchase_order"] = order_numbers(book, rows["item_id"], scope=scope)
    rows["note"] = [
        "; ".join([*_own_notes(row), *notes.get(str(row["item_id"]), ())])
        for row in records(
            rows[["item_id", "item_type", "amount", "instalment_no", "due_date", "original_due_date", "due_from", "assigned_to"]]
        )
    ]  # fmt: skip
    rows["rank"] = np.arange(1, len(rows) + 1)
    return for_people(OPEN_OF_CUSTOMER, rows)


def open_items_identities(rows: pd.DataFrame, *, position: Position) -> tuple[Identity, ...]:
    """By currency: the open items listed = those of the customer's aging. Needs OPEN_OF_CUSTOMER."""
    items = position.items
    return tuple(
        Identity(
            name="open items of the customer", left_label="listed",
            left=total(rows.loc[rows["currency"].eq(code), "outstanding"]), right_label="aging",
            right=total(items.loc[items["currency"].eq(code), "outstanding"]), currency=str(code),
            entity=position.scope.entity,
        )
        for code in sorted({*rows["currency"], *items["currency"]})
    )  # fmt: skip


def _shared(rows: pd.DataFrame, held: dict[str, int]) -> pd.Series:
    """What is in dispute of each row; the parts of an item take it up in their order."""
    open_ = np.maximum(ints(rows["outstanding"]), 0)
    wanted = np.array([held.get(str(item), 0) for item in rows["item_id"]], dtype=np.int64)
    order = pd.DataFrame({"item": rows["item_id"].to_numpy(), "open": open_})
    before = order.groupby("item", sort=False)["open"].cumsum().to_numpy() - open_
    return pd.Series(np.clip(wanted - before, 0, open_), index=rows.index, dtype="Int64")


def _disputes(here: Account) -> tuple[dict[str, int], Notes]:
    """What open disputes hold of each item, and a note for each of them on its item."""
    notes: Notes = defaultdict(list)
    standing = here.disputes[here.disputes["is_open"].to_numpy(dtype=bool)]
    owed = Owed(here.position.debits, here.book, entity=here.scope.entity)
    before: dict[Any, int] = dict(owed.items)
    for row in records(standing.sort_values(["opened_on", "dispute_id"], kind="stable")):
        owed.take(row)
        if text(row["item_id"]):
            owner = text(row["owner"])
            notes[str(row["item_id"])].append(
                f"dispute {row['dispute_id']} since {day(row['opened_on'])} ({text(row['reason']).replace('_', ' ')}, "
                f"{money(row['amount'], row['currency'])}, {owner or 'no owner'})"
            )
    held = {str(key[0]): amount - owed.items[key] for key, amount in before.items()}
    for item, chain in carried_items(here.book, entity=here.scope.entity).items():
        for old in chain:
            notes[item] += [note for note in notes.get(old, ()) if note not in notes[item]]
    return {item: amount for item, amount in held.items() if amount}, notes


def _promises(notes: Notes, here: Account) -> None:
    rows = here.promises
    for row in records(rows[rows["state"].eq(PromiseState.OPEN.value) & rows["item_id"].fillna("").ne("")]):
        notes[str(row["item_id"])].append(
            f"promised {money(row['amount'], row['currency'])} by {day(row['pay_by'])}"
        )


def _portals(notes: Notes, book: Book, scope: Scope) -> None:
    """Where each item stands in its portal: the last status of the as-of date."""
    rows = of_entity(book["portal_invoices"], scope.entity)
    rows = rows[rows["status_on"].le(pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)]
    last = rows.sort_values("status_on", kind="stable").drop_duplicates(["item_id", "portal"], keep="last")
    for row in records(last):
        pays = f", to be paid {day(row['pay_date'])}" if day(row["pay_date"]) else ""
        why = f": {text(row['reason'])}" if text(row["reason"]) else ""
        notes[str(row["item_id"])].append(
            f"{row['status']} in portal {row['portal']} on {day(row['status_on'])}{pays}{why}"
        )


def _own_notes(row: Row) -> list[str]:
    """What an item says of itself."""
    made = []
    if row["item_type"] in CASH and int(row["amount"]) > 0:
        made.append("returned payment")
    if not is_none(row["instalment_no"]):
        made.append(f"part {row['instalment_no']}")
    elif day(row["original_due_date"]) and day(row["original_due_date"]) != day(row["due_date"]):
        made.append(f"was due {day(row['original_due_date'])}")
    if text(row["assigned_to"]):
        made.append(f"held by {text(row['assigned_to'])}")
    return made
