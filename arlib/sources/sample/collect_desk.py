"""What the collections desk of the sample company sees at the close. Floor 2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from arlib.sources.sample.collect_books import Books, Told
from arlib.sources.sample.plan import EntityPlan, Window
from arlib.tables.rows import records

Row = dict[str, Any]
Frames = dict[str, pd.DataFrame]

PORTAL, MANAGER = "Supply Gate", "credit.manager"


@dataclass(frozen=True, kw_only=True)
class CollectDesk:
    """What the collections desk sees at the close: all tables, open items with `rest`, the scripted accounts."""

    plan: EntityPlan
    window: Window
    tables: Frames
    open_items: pd.DataFrame
    books: Books

    @property
    def close(self) -> date:
        """The as-of date."""
        return self.window.as_of

    def ago(self, days: int) -> date:
        """A day before the close; a negative number gives one after it."""
        return self.books.ago(days)

    def told(self, part: str) -> Told:
        """A scripted account."""
        return self.books.told[part]

    def drawn(self) -> pd.DataFrame:
        """Customers of the drawn company, the group's own left out."""
        rows = self.tables["customers"]
        scripted = {told.customer for told in self.books.told.values()}
        return rows[~rows["customer_id"].isin(scripted) & ~rows["is_intercompany"]].reset_index(drop=True)

    @cached_property
    def debits(self) -> pd.DataFrame:
        """Open debits of customers that may be written to, oldest first."""
        names = [
            "customer_id",
            "item_id",
            "document_date",
            "due_date",
            "currency",
            "item_type",
            "control_account",
            "rest",
        ]
        rows = self.open_items[names]
        active = self.tables["customers"].set_index("customer_id")["status"].eq("active")
        mine = rows[rows["rest"].gt(0) & rows["item_type"].eq("invoice") & rows["control_account"].ne("1250")]
        mine = mine[mine["customer_id"].map(active).fillna(False).astype(bool)]
        return mine.sort_values(["due_date", "item_id"], ignore_index=True)

    def owed_on(self, day: date) -> dict[tuple[str, str], int]:
        """Open debits at the end of a day by customer and currency, by the business dates of items and of what settles them."""
        until = pd.Timestamp(day)
        items, apps = (
            self.tables[name][self.tables[name]["effective_date"].le(until)]
            for name in ("items", "applications")
        )
        settled = (apps["target_amount"] + apps["discount"]).groupby(apps["target_item_id"]).sum()
        taken = apps.groupby("source_item_id")["source_amount"].sum()
        rest = (
            items["amount"] - items["item_id"].map(settled).fillna(0) + items["item_id"].map(taken).fillna(0)
        )
        open_ = items.assign(rest=rest)[rest.gt(0)]
        sums = open_.groupby(["customer_id", "currency"])["rest"].sum().reset_index()
        return {(row["customer_id"], row["currency"]): int(row["rest"]) for row in records(sums)}
