"""What is open of some items by all that the books hold, whatever day is looked at. Floor 1.

A decision that is recorded today must not spend what the books know to be gone: an invoice that was open at the end of the
period may have been paid since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from arlib.ledger.facts import fact_dates, of_entity
from arlib.money import iso_code, shown
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType
from arlib.tables.rows import records, text

NAMED = 3  # documents that a sentence names
PARTS = (
    "applied_amount",
    "discount",
    "fee",
    "fx",
    "tolerance",
)  # of a decided application, that settle the item


@dataclass(frozen=True, kw_only=True)
class OpenNow:
    """One item by the latest facts: minor units of its currency, debits +, credits and receipts -.

    `amount` is open of it in the books, `decided` what decisions at the desk take of it that the books do not show yet.
    `settled` says by what and when it was settled, in words; '' where no later fact touched it and something is open.
    """

    item_id: str
    name: str
    currency: str
    amount: int
    decided: int = 0
    settled: str = ""

    @property
    def left(self) -> int:
        """What may still be decided on."""
        return self.amount - self.decided

    @property
    def sentence(self) -> str:
        """What is open of it, and why not more."""
        if self.settled and not self.amount:
            said = self.settled
        else:
            said = f"{_money(self.amount, self.currency)} is open of {self.name}"
            said = f"{self.settled}; {said}" if self.settled else said
        if self.decided:
            said += f", and {_money(self.decided, self.currency)} is decided at the desk that the books do not show yet"
        return said

    def has_room(self, settles: int) -> bool:
        """Whether the books still hold so much of it, in its own direction (a credit is taken up by a negative amount)."""
        return 0 <= settles <= self.amount if self.amount >= 0 else self.amount <= settles <= 0


def open_now(book: Book, *, scope: Scope, item_ids: Collection[str]) -> Mapping[str, OpenNow]:
    """By item: what is open of it by every fact of the book, with the facts after the as-of date of `scope` in words.

    Amount less what was settled on it (with discounts) plus what it settled, as in `open_items`, without a date. Of an item
    of which nothing is open the last fact is named where none is later. Ids that the book does not hold are left out.
    Needs ITEMS and APPLICATIONS; uses RECEIPTS and DECIDED_APPLICATIONS.
    """
    wanted = pd.Index(sorted(set(item_ids)))
    items = of_entity(book["items"], scope.entity)
    items = items[items["item_id"].isin(wanted)]
    moves = _moves(book, scope=scope, wanted=wanted)
    others = {other for each in moves.values() for _, other, _, _ in each}
    everybody = of_entity(book["items"], scope.entity)
    far = everybody[everybody["item_id"].isin(others)]
    named = {str(row["item_id"]): row for row in records(far[["item_id", "document_no", "item_type"]])}
    decided = _decided(book, scope=scope, wanted=wanted, moves=moves)
    made = {}
    for row in records(items[["item_id", "document_no", "currency", "amount"]]):
        item_id, currency = str(row["item_id"]), str(row["currency"])
        name, own = text(row["document_no"]) or item_id, moves.get(item_id, [])
        amount = int(row["amount"]) + sum(change for _, _, change, _ in own)
        told = [move for move in own if move[0] > scope.as_of]
        if not told and not amount and own:
            last = max(day for day, *_ in own)
            told = [move for move in own if move[0] == last]
        made[item_id] = OpenNow(
            item_id=item_id, name=name, currency=currency, amount=amount, decided=decided.get(item_id, 0),
            settled=_settled(name, currency, amount, told, named),
        )  # fmt: skip
    return made


Move = tuple[
    date, str, int, bool
]  # day, the other document, what the open amount changes by, whether it was settled


def _moves(book: Book, *, scope: Scope, wanted: pd.Index) -> dict[str, list[Move]]:
    """By item: what other documents did to it, or it to them."""
    rows = of_entity(book["applications"], scope.entity)
    days = fact_dates(rows, scope.basis)
    made: dict[str, list[Move]] = defaultdict(list)
    for side, other in (("target", "source"), ("source", "target")):
        here = rows[f"{side}_item_id"].isin(wanted).to_numpy(dtype=bool)
        own = rows[here].assign(day=days[here])
        for row in records(own):
            taken = int(row[f"{side}_amount"])
            if side == "target":
                discount = row["discount"]
                taken += 0 if pd.isna(discount) else int(discount)
            change = -taken if side == "target" else taken
            made[str(row[f"{side}_item_id"])].append(
                (row["day"].date(), str(row[f"{other}_item_id"]), change, side == "target")
            )
    return made


def _decided(
    book: Book, *, scope: Scope, wanted: pd.Index, moves: Mapping[str, list[Move]]
) -> dict[str, int]:
    """What decisions at the desk take of an item, without those of which the books hold the receipt against the item."""
    rows = of_entity(book["decided_applications"], scope.entity)
    rows = rows[rows["item_id"].isin(wanted)]
    if rows.empty:
        return {}
    receipts = of_entity(book["receipts"], scope.entity)
    receipts = receipts[receipts["receipt_id"].isin(rows["receipt_id"])]
    documents = {str(row["receipt_id"]): text(row["item_id"]) for row in records(receipts)}
    made: dict[str, int] = defaultdict(int)
    for row in records(rows):
        item, document = str(row["item_id"]), documents.get(str(row["receipt_id"]), "")
        if document not in {other for _, other, _, _ in moves.get(item, [])}:
            made[item] += sum(int(row[part]) for part in PARTS if not pd.isna(row[part]))
    return made


def _settled(
    name: str,
    currency: str,
    amount: int,
    told: list[Move],
    named: Mapping[str, Mapping[str, object]],
) -> str:
    """What these facts did to the item: by what, when."""
    sums: dict[tuple[date, str], int] = defaultdict(int)
    for day, other, change, _ in told:
        sums[day, other] += change
    moved = {key: change for key, change in sorted(sums.items()) if change}
    if not moved:
        return ""
    is_debit = any(is_target for _, _, _, is_target in told)
    kinds = {named[other]["item_type"] for _, other in moved if other in named}
    verb = ("paid" if kinds == {ItemType.RECEIPT.value} else "settled") if is_debit else "used"
    documents = [
        f"{text(named[other]['document_no']) or other if other in named else other} on {day:%Y-%m-%d}"
        for day, other in list(moved)[:NAMED]
    ]
    if len(moved) > NAMED:
        documents.append(f"{len(moved) - NAMED} more")
    how = "in full" if amount == 0 else f"by {_money(abs(sum(moved.values())), currency)}"
    return f"{name} was {verb} {how} {'by' if is_debit else 'for'} {', '.join(documents)}"


def _money(amount: int, currency: str) -> str:
    return f"{iso_code(currency)} {shown(amount, currency)}"
