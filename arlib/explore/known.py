"""What the books know of a customer when something is decided: the facts that a decision is held against. Floor 5.

A decision is made today, whatever day the desk looks at: what is open is judged by the latest facts of the book.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np

from arlib.ledger.by_customer import CustomerBook, CustomerIndex, own_rows
from arlib.ledger.open_now import OpenNow, open_now
from arlib.run.casework import AppliedLine, Known, StandingPromise, words_of
from arlib.tables.rows import is_none, records, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from arlib.matching.by_hand import WhatIf
    from arlib.policy import Policies, Scope
    from arlib.tables import Book

OPEN = ("", "open")
REASONS = (("disputes", "reason"), ("deductions", "reason"))
CAUSES = (*REASONS, ("disputes", "root_cause"))
TEAMS = (("disputes", "team"),)
PEOPLE = (
    ("customers", "collector"), ("customers", "sales_rep"), ("disputes", "owner"), ("promises", "owner"),
    ("activities", "done_by"),
)  # fmt: skip


def known_of(book: CustomerBook, whole: Book, *, scope: Scope, policies: Policies, today: date) -> Known:
    """What is open of a customer's items and account by the latest facts, its standing promises, and the words in use.

    `whole` is the entity's book, whose codes and names are offered.
    """
    from arlib.collect.hints import HintKind

    items = open_now(book, scope=scope, item_ids=own_rows(book, book["items"])["item_id"])
    balances: dict[str, int] = defaultdict(int)
    for item in items.values():
        balances[item.currency] += item.amount
    kinds = [kind.value for kind in HintKind]
    return Known(
        customer_id=book.customer_id, items=items, balances=dict(balances), promises=tuple(_promises(book, today)),
        **words_of(
            policies, reasons=_words(whole, REASONS), root_causes=[*kinds, *_words(whole, CAUSES)],
            teams=_words(whole, TEAMS), people=_words(whole, PEOPLE),
        ),
    )  # fmt: skip


def within_books(answer: WhatIf, open_: Mapping[str, OpenNow], *, receipt: OpenNow | None) -> WhatIf:
    """A what-if with faults for what the latest facts no longer hold open: of its items, and of its receipt."""
    faults = [
        open_[line.item_id].sentence
        for line in answer.lines
        if line.item_id in open_ and not open_[line.item_id].has_room(AppliedLine(**asdict(line)).settles)
    ]
    used = sum(line.receipt_amount for line in answer.lines)
    if receipt is not None and answer.lines and not receipt.has_room(-used):
        faults.insert(0, receipt.sentence)
    return replace(answer, faults=(*answer.faults, *faults)) if faults else answer


def open_of(index: CustomerIndex, scope: Scope, *, item_ids: Sequence[str]) -> dict[str, OpenNow]:
    """What the latest facts hold open of some items; only the books of their customers are read. Unknown ids are left out."""
    rows = np.flatnonzero(index.book["items"]["item_id"].isin(item_ids).to_numpy(dtype=bool))
    made: dict[str, OpenNow] = {}
    for owner in np.unique(index.item_owner[rows]):
        made |= open_now(index.book_of(index.code(int(owner))), scope=scope, item_ids=item_ids)
    return made


def item_of_receipt(index: CustomerIndex, receipt_id: str) -> str:
    """The item that stands for a receipt; '' where none does, or there is no such receipt."""
    rows = index.book["receipts"]
    found = rows.loc[rows["receipt_id"].eq(receipt_id), "item_id"].dropna()
    return str(found.iloc[0]) if len(found) else ""


def _promises(book: Book, today: date) -> Iterable[StandingPromise]:
    """Promises of a customer's book that are open and whose day is not over."""
    for row in records(book["promises"]):
        if is_none(row["closed_on"]) and text(row["state"]) in OPEN and row["pay_by"].date() >= today:
            yield StandingPromise(
                promise_id=str(row["promise_id"]), item_id=text(row["item_id"]), currency=str(row["currency"]),
                amount=int(row["amount"]), pay_by=row["pay_by"].date(),
            )  # fmt: skip


def _words(book: Book, columns: Iterable[tuple[str, str]]) -> list[str]:
    return [str(word) for table, column in columns for word in book[table][column].dropna().unique()]
