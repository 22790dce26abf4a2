"""What every hint starts from: the customer's book, its position, and how a row of HINTS is made. Floor 1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from arlib.collect.contact.disputes import dispute_standings, route_of
from arlib.collect.contact.obstacles import obstacles
from arlib.collect.contact.outside import outside
from arlib.collect.follow_up.barred import Barred, barred
from arlib.collect.hints.frames import Confidence, HintKind
from arlib.collect.position import Position, position
from arlib.ledger.attributes import merged_codes
from arlib.ledger.by_customer import CustomerBook, own_rows
from arlib.ledger.facts import of_entity
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.rows import Row, text

MOST_WORDS = 600
LOOKED_AT = [
    "item_id", "document_no", "item_type", "customer_id", "customer_now", "currency", "amount", "tax_amount",
    "freight_amount", "discount_base", "discount_rate", "discount_date", "document_date", "effective_date",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """A customer's book (or a whole one) with its position at the as-of date."""

    book: Book
    scope: Scope
    policies: Policies
    whole: Book | None

    @cached_property
    def position(self) -> Position:
        """Open items at the as-of date."""
        return position(self.book, scope=self.scope, policies=self.policies)

    @cached_property
    def items(self) -> pd.DataFrame:
        """ITEMS of the entity, with `customer_now`: the customer's code at the as-of date."""
        rows = of_entity(self.book["items"], self.scope.entity).drop_duplicates("item_id")
        codes = merged_codes(rows["customer_id"], self.book, entity=self.scope.entity, on=self.scope.as_of)
        return rows.assign(customer_now=codes.fillna(""))

    @cached_property
    def apart(self) -> pd.DataFrame:
        """OUTSIDE: open debits outside the standard procedure."""
        return outside(self.book, position=self.position, policies=self.policies)

    @cached_property
    def bars(self) -> Barred:
        """What bars asking."""
        return barred(self.book, position=self.position, policies=self.policies, apart=self.apart)

    @cached_property
    def disputes(self) -> pd.DataFrame:
        """DISPUTE_STANDINGS."""
        return dispute_standings(self.book, position=self.position, policies=self.policies)

    @cached_property
    def obstacles(self) -> pd.DataFrame:
        """OBSTACLES: what would prevent payment."""
        return obstacles(
            self.book,
            position=self.position,
            policies=self.policies,
            apart=self.apart,
            standings=self.disputes,
        )

    def item(self, item_id: str) -> Row:
        """The columns of ITEMS that hints read, of one item; no columns where it is not in the book."""
        columns, at = self._columns, self._row_of.get(item_id)
        return {} if at is None else {name: values[at] for name, values in columns.items()}

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        return {name: self.items[name].tolist() for name in LOOKED_AT}

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {str(item): at for at, item in enumerate(self._columns["item_id"])}

    def is_own(self, customer: str) -> bool:
        """Whether a code is this book's customer, or was merged into it; every code where the book is of all customers."""
        return not isinstance(self.book, CustomerBook) or customer in self.book.codes

    def own(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows of this book's customer: what stands at the other end of an application is another's."""
        return own_rows(self.book, rows)

    def number(self, item_id: str) -> str:
        """The document number of an item, else its identifier."""
        return text(self.item(item_id).get("document_no")) or item_id

    def row(
        self, kind: HintKind, *, customer: object, sentence: str, documents: Iterable[str], currency: object, amount: int,
        next_step: str, confidence: Confidence, evidence: Iterable[object], item: object = "", receipt: object = "",
        codes: Iterable[str] = (), team: str = "",
    ) -> Row:  # fmt: skip
        """A row of HINTS; its team by the first of the codes that the policy routes."""
        ids = [one for one in dict.fromkeys(text(each) for each in evidence) if one]
        said = sentence[:1].upper() + sentence[1:].rstrip(".") + "."
        return {
            "entity": self.scope.entity, "customer_id": text(customer), "hint_id": f"{kind.value}:{':'.join(ids[:2])}",
            "kind": kind.value, "sentence": said[:MOST_WORDS],
            "documents": " ".join(one for one in dict.fromkeys(documents) if one), "currency": currency, "amount": abs(int(amount)),
            "next_step": next_step[:1].upper() + next_step[1:], "confidence": confidence.value,
            "team": team or route_of(self.policies.contact, *codes, kind.value), "item_id": text(item),
            "receipt_id": text(receipt), "evidence": " ".join(ids),
        }  # fmt: skip
