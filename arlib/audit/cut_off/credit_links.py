"""Which invoices a credit is for: what it reverses, or what it was applied to. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.audit.population import Population
from arlib.ledger.facts import fact_dates, of_entity
from arlib.policy import Basis, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType

CREDITS = (ItemType.CREDIT_MEMO.value, ItemType.ADJUSTMENT.value)
BILLED = frozenset(
    {ItemType.INVOICE.value, ItemType.DEBIT_MEMO.value, ItemType.CHARGEBACK.value, ItemType.INTEREST_OR_FEE.value,
     ItemType.OPENING.value}
)  # fmt: skip
LINK = ["item_id", "target_item_id", "applied", "day", "target_day"]


def credits_of(book: Book, *, scope: Scope, population: Population) -> pd.DataFrame:
    """Credit memos and adjustments in the customer's favour, with their posting day as `day`."""
    items = of_entity(book["items"], scope.entity)
    mine = (
        population.chosen(items, amount="amount") & items["item_type"].isin(CREDITS) & items["amount"].lt(0)
    )
    kept = items[mine.fillna(False).to_numpy(dtype=bool)]
    return kept.assign(day=fact_dates(kept, Basis.POSTING)).reset_index(drop=True)


def links_of(given: pd.DataFrame, book: Book, *, scope: Scope) -> pd.DataFrame:
    """What each credit gave to each billed document, in the document's currency, with the posting days of both.

    A credit that names what it reverses, credits that, whole, whatever it was applied to. Else its applications count, net
    of their reversals, with their discount; one that was taken back whole counts nothing. Applications count whenever they
    were made: the link is a fact of the credit, not of a day. Needs ITEMS; uses APPLICATIONS. Columns: item_id,
    target_item_id, applied, day, target_day.
    """
    items = of_entity(book["items"], scope.entity).drop_duplicates("item_id").set_index("item_id")
    billed = items[items["item_type"].isin(BILLED).to_numpy(dtype=bool)]
    posted = billed["posting_date"].fillna(billed["effective_date"])
    stated = given[given["reverses"].isin(billed.index).to_numpy(dtype=bool)]
    named = pd.DataFrame(
        {"item_id": stated["item_id"], "target_item_id": stated["reverses"], "applied": -stated["amount"], "day": stated["day"]}
    )  # fmt: skip
    rest = given[~given["item_id"].isin(stated["item_id"])]
    applied = of_entity(book["applications"], scope.entity)
    applied = applied[
        applied["source_item_id"].isin(rest["item_id"]) & applied["target_item_id"].isin(billed.index)
    ]
    sums = applied.assign(applied=applied["target_amount"] + applied["discount"].fillna(0))
    sums = sums.groupby(["source_item_id", "target_item_id"], sort=True)["applied"].sum().reset_index()
    sums = sums[sums["applied"].gt(0).to_numpy(dtype=bool)].rename(columns={"source_item_id": "item_id"})
    sums = sums.merge(rest[["item_id", "day"]], on="item_id")
    made = pd.concat([part for part in (named, sums) if len(part)] or [named], ignore_index=True)
    made = made.assign(target_day=posted.reindex(made["target_item_id"]).to_numpy())
    return made[LINK].sort_values(["item_id", "target_item_id"], kind="stable", ignore_index=True)


def evidence_of(book: Book, *, scope: Scope) -> pd.DataFrame:
    """The earliest record that shows a complaint about an item: item_id, `on` and `record` in words.

    Disputes by the day they were opened, deductions by the day of the short payment, and requests for a change by the day
    of the request.
    """
    parts = []
    for table, key, day, words in (
        ("disputes", "dispute_id", "opened_on", "dispute"),
        ("deductions", "deduction_id", "taken_on", "deduction"),
        ("adjustment_requests", "request_id", "requested_on", "request"),
    ):
        rows = of_entity(book[table], scope.entity)
        rows = rows[rows["item_id"].fillna("").ne("") & rows[day].notna()]
        said = words + " " + rows[key] + " of " + rows[day].dt.strftime("%Y-%m-%d")
        parts.append(pd.DataFrame({"item_id": rows["item_id"], "on": rows[day], "record": said}))
    made = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    made = made.sort_values(["item_id", "on", "record"], kind="stable", ignore_index=True)
    return made.drop_duplicates("item_id").reset_index(drop=True)
