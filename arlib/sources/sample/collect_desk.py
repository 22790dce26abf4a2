"""What the collections desk of the sample company sees at the close. Floor 2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from arlib.sources.sample.collect_books import Books, Told
from arlib.sources.sample.plan import EntityPlan, Window

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

    def owed_on(self, day: date, customers: list[str]) -> dict[str, dict[str, int]]:
        """Customers' open debits at the end of a day by currency, by the business dates of items and of what settles them."""
        until = pd.Timestamp(day)
        items, apps = self.tables["items"], self.tables["applications"]
        items = items.loc[
            items["customer_id"].isin(customers),
            ["item_id", "customer_id", "effective_date", "currency", "amount"],
        ]
        items = items[items["effective_date"].le(until)]
        apps = apps[
            apps["target_item_id"].isin(items["item_id"]) | apps["source_item_id"].isin(items["item_id"])
        ]
        apps = apps[apps["effective_date"].le(until)]
        settled = (apps["target_amount"] + apps["discount"]).groupby(apps["target_item_id"]).sum()
        taken = apps.groupby("source_item_id")["source_amount"].sum()
        ids = items["item_id"]
        rest = (
            items["amount"]
            - settled.reindex(ids, fill_value=0).to_numpy()
            + taken.reindex(ids, fill_value=0).to_numpy()
        )
        open_ = items.assign(rest=rest)[rest.gt(0)]
        made: dict[str, dict[str, int]] = {customer: {} for customer in customers}
        sums = open_.groupby(["customer_id", "currency"])["rest"].sum()
        for customer, code, owed in sums.reset_index().itertuples(index=False):
            made[customer][code] = int(owed)
        return made
