"""A special letter before it is judged, and what every kind of it needs. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from arlib.collect.dunning.exclusions import Finding
from arlib.collect.position import Position
from arlib.ledger.attributes import merged_codes
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.rows import Row, records


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A letter before it is judged: its row without the customer's fields, and its items."""

    row: Row
    items: pd.DataFrame | None = None  # `outstanding` is what the letter shows of each
    because: str = ""  # why it is not written


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """What every kind needs."""

    book: Book
    position: Position
    policies: Policies
    hard: pd.DataFrame
    findings: Mapping[str, list[Finding]]

    @property
    def today(self) -> pd.Timestamp:
        """The as-of date."""
        return pd.Timestamp(self.position.scope.as_of)

    @property
    def answer_by(self) -> date:
        """The day by which a letter asks for payment or an answer."""
        return self.position.scope.as_of + timedelta(days=self.policies.dunning.pay_days)

    def rows(self, table: str) -> list[Row]:
        """Records of the entity, customers by their code after merges."""
        scope = self.position.scope
        rows = self.book[table]
        rows = rows[rows["entity"].eq(scope.entity) | rows["entity"].isna() | rows["entity"].eq("")]
        if not len(rows):
            return []
        codes = merged_codes(rows["customer_id"], self.book, entity=scope.entity, on=scope.as_of)
        return records(rows.assign(customer_id=codes))
