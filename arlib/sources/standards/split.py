"""What an audit data standard wants divided: a credit over the invoices that it settles, and what was open on a day.
Floor 2."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from arlib.tables import Book

if TYPE_CHECKING:
    import pandas as pd


def adjustment_parts(documents: pd.DataFrame, applications: pd.DataFrame) -> pd.DataFrame:
    """Each document once for each invoice it was set against (net of reversals) and once for the rest.

    Columns: entity, item_id, invoice ('' for the rest), amount, functional_amount; the parts of a document sum to it.
    A document of which nothing is left has no row for the rest; one of nothing at all has one row.
    """
    import pandas as pd

    named = applications.rename(columns={"source_item_id": "item_id", "target_item_id": "invoice"})
    named = named.merge(documents[["entity", "item_id"]], on=["entity", "item_id"])
    taken = named.groupby(["entity", "item_id", "invoice"], as_index=False)[
        ["source_amount", "source_functional_amount"]
    ].sum()
    taken = taken[taken["source_amount"].ne(0) | taken["source_functional_amount"].ne(0)]
    parts = pd.DataFrame({
        "entity": taken["entity"], "item_id": taken["item_id"], "invoice": taken["invoice"].astype("str"),
        "amount": -taken["source_amount"], "functional_amount": -taken["source_functional_amount"],
    })  # fmt: skip
    summed = parts.groupby(["entity", "item_id"])[["amount", "functional_amount"]].sum().reset_index()
    rest = documents[["entity", "item_id", "amount", "functional_amount"]].merge(
        summed, on=["entity", "item_id"], how="left", suffixes=("", "_taken")
    )
    is_untouched = rest["amount_taken"].isna()
    for name in ("amount", "functional_amount"):
        rest[name] = rest[name].astype("Int64") - rest[name + "_taken"].astype("Int64").fillna(0)
    rest = rest[rest["amount"].ne(0) | rest["functional_amount"].fillna(0).ne(0) | is_untouched]
    rest = rest.assign(invoice="")[list(parts.columns)]
    both = [frame for frame in (parts, rest) if len(frame)] or [parts]
    made = pd.concat(both, ignore_index=True)
    made[["amount", "functional_amount"]] = made[["amount", "functional_amount"]].astype("Int64")
    return made.sort_values(["entity", "item_id", "invoice"], kind="stable", ignore_index=True)


def open_at(book: Book, *, on: date, touched: pd.DataFrame | None = None) -> pd.DataFrame:
    """The items that were open at the end of a day in the ledger's dates, with `remaining` and
    `remaining_functional`.

    With `touched`, also the items of that day that later applications take up again although nothing was left of
    them, with 0.
    """
    import pandas as pd

    from arlib.ledger.openitems import open_items
    from arlib.policy import Scope

    found = []
    for row in book["entities"].itertuples(index=False):
        scope = Scope(
            entity=str(row.entity), entity_name=str(row.name), functional_currency=str(row.functional_currency),
            period=on.isoformat(), starts_on=on, ends_on=on, as_of=on,
        )  # fmt: skip
        mine = open_items(book, scope=scope)
        found.append(mine.groupby(["entity", "item_id"], as_index=False)[["outstanding", "functional_outstanding"]]
                     .sum(min_count=1))  # fmt: skip
    items = book["items"]
    days = items["posting_date"].fillna(items["effective_date"])
    items = items[days.le(str(on))]
    columns = ["entity", "item_id", "outstanding", "functional_outstanding"]
    left = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    made = items.merge(left, on=["entity", "item_id"], how="left")
    keep = made["outstanding"].notna()
    if touched is not None:
        again = {
            key
            for side in ("source_item_id", "target_item_id")
            for key in zip(touched["entity"], touched[side], strict=True)
        }
        keys = zip(made["entity"], made["item_id"], strict=True)
        keep |= pd.Series([key in again for key in keys], index=made.index, dtype=bool)
    made = made.assign(
        remaining=made["outstanding"].fillna(0).astype("Int64"),
        remaining_functional=made["functional_outstanding"]
        .where(made["outstanding"].notna(), 0)
        .astype("Int64"),
    )
    return made[keep].drop(columns=["outstanding", "functional_outstanding"]).reset_index(drop=True)
