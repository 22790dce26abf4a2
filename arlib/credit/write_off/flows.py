"""Write-offs that the ledger posted, and write-offs and recoveries by month. Floor 1: a book in, frames out."""

from __future__ import annotations

import pandas as pd

from arlib.credit.write_off.frames import BY_MONTH, WRITE_OFF_FLOWS
from arlib.credit.write_off.words import looked_up
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import counted, fact_dates, in_functional, of_entity
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind, ItemType


def reversed_ids(applications: pd.DataFrame) -> frozenset[str]:
    """Applications that were reversed, and those that reverse them."""
    back = applications[applications["reverses"].fillna("").ne("")]
    return frozenset({*back["reverses"], *back["application_id"]})


def write_off_flows(book: Book, *, scope: Scope) -> pd.DataFrame:
    """Every write-off that stands in the ledger by the as-of date, and every reversal: WRITE_OFF_FLOWS, sorted by its key.

    A write-off is an application of kind write_off, or one whose source is a write-off document, whatever the source
    system calls it; discount on it is part of it. Where the *target* is the write-off document, a credit balance was
    written off: `is_of_credit`, with the amount taken from the credit. The amount in the books' currency is what the
    ledger posts for it, at the write-off's rate; what that differs from the debt's own is realised exchange. Days of the
    period: `starts_on` and the as-of date are inside. Needs ITEMS and APPLICATIONS.
    """
    rows = of_entity(book["applications"], scope.entity)
    items = of_entity(book["items"], scope.entity).drop_duplicates("item_id").set_index("item_id")
    types = items["item_type"]
    from_document = looked_up(rows["source_item_id"], types).eq(ItemType.WRITE_OFF.value)
    of_credit = looked_up(rows["target_item_id"], types).eq(ItemType.WRITE_OFF.value) & ~from_document
    mine = from_document | of_credit | rows["kind"].eq(ApplicationKind.WRITE_OFF.value)
    kept = mine.fillna(False).to_numpy(dtype=bool) & counted(rows, scope=scope)
    rows, of_credit = rows[kept].reset_index(drop=True), of_credit[kept].reset_index(drop=True)
    if rows.empty:
        return WRITE_OFF_FLOWS.empty()
    amount = (rows["target_amount"] + rows["discount"].fillna(0)).mask(of_credit, rows["source_amount"])
    posted = rows["source_functional_amount"]
    carried = posted.where(posted.notna() | of_credit, carrying(rows, scope))
    item = rows["target_item_id"].mask(of_credit, rows["source_item_id"])
    date = fact_dates(rows, scope.basis)
    document = rows["source_item_id"].mask(of_credit, rows["target_item_id"])
    made = rows.assign(
        write_off_item_id=document,
        item_id=item,
        document_no=looked_up(item, items["document_no"]),
        customer_id=merged_codes(
            looked_up(item, items["customer_id"]), book, entity=scope.entity, on=scope.as_of
        ),
        date=date,
        currency=rows["target_currency"].mask(of_credit, rows["source_currency"]),
        amount=amount,
        functional_amount=carried,
        reason=_filled(rows["reason"], looked_up(document, items["reason"])),
        user=_filled(rows["user"], looked_up(document, items["user"])),
        is_reversal=amount.lt(0),
        is_of_credit=of_credit,
        in_period=date.between(pd.Timestamp(scope.starts_on), pd.Timestamp(scope.as_of)),
    )
    return WRITE_OFF_FLOWS.typed(made).sort_values(
        ["entity", "application_id"], kind="stable", ignore_index=True
    )


def by_month(flows: pd.DataFrame, came_back: pd.DataFrame) -> pd.DataFrame:
    """Write-offs less reversals, and recoveries, of each month with any: BY_MONTH, sorted by its key.

    Needs WRITE_OFF_FLOWS and RECOVERIES. A credit written off is not a loss and is left out.
    """
    off = flows[~flows["is_of_credit"].to_numpy(dtype=bool)]
    off = off.assign(month=off["date"].dt.strftime("%Y-%m"), one=(~off["is_reversal"]).astype("Int64"))
    back = came_back[came_back["recovered"].ne(0)]
    back = back.assign(month=back["date"].dt.strftime("%Y-%m"))
    by = ["month", "currency"]
    lost = off.groupby(by).agg(written_off=("amount", "sum"), items=("one", "sum"))
    lost["lost"] = off.groupby(by)["functional_amount"].agg(lambda c: c.sum(min_count=len(c)))
    won = back.groupby(by).agg(recovered=("recovered", "sum"))
    won["won"] = back.groupby(by)["functional_recovered"].agg(lambda c: c.sum(min_count=len(c)))
    made = lost.join(won, how="outer").reset_index()
    if made.empty:
        return BY_MONTH.empty()
    has_loss, has_gain = made["written_off"].notna(), made["recovered"].notna()
    for name in ("written_off", "recovered", "items"):
        made[name] = made[name].fillna(0).astype("Int64")
    made["net"] = made["written_off"] - made["recovered"]
    functional = made["lost"].astype("Int64").where(has_loss, 0) - made["won"].astype("Int64").where(
        has_gain, 0
    )
    return BY_MONTH.typed(made.assign(functional_net=functional)).sort_values(by, ignore_index=True)


def carrying(applications: pd.DataFrame, scope: Scope) -> pd.Series:
    """Carrying amount settled on the target with the discount; the amount itself in the books' currency."""
    books = scope.functional_currency
    main = in_functional(applications, "target_functional_amount", "target_amount", "target_currency", books)
    part = in_functional(applications, "discount_functional_amount", "discount", "target_currency", books)
    return main + part


def _filled(first: pd.Series, second: pd.Series) -> pd.Series:
    return first.where(first.fillna("").ne(""), second)
