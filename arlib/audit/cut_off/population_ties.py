"""The population of a test against what the sub-ledger posted, counted another way, by currency. Floor 1."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from arlib.controls import Control
from arlib.ledger.facts import fact_dates, of_entity
from arlib.ledger.postings import all_postings
from arlib.money import iso_code, total
from arlib.policy import Basis, Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind

ALWAYS = (pd.Timestamp.min, pd.Timestamp.max)
Days = tuple[pd.Timestamp, pd.Timestamp]  # first and last day, both inside


def documents_posted(
    book: Book, *, scope: Scope, days: Days = ALWAYS, item_types: Collection[str] = ()
) -> pd.DataFrame:
    """`currency` and `amount` of every document that the sub-ledger posts in these days, of these types or of all.

    By posting date, else the effective one, whenever entered. Needs what `all_postings` needs.
    """
    rows = all_postings(book, scope=replace(scope, known_at=None))
    mine = rows["kind"].eq("item") & rows["date"].between(*days)
    mine &= rows["item_type"].isin(list(item_types)) if item_types else True
    return rows.loc[mine.to_numpy(dtype=bool), ["currency", "amount"]]


def write_offs_taken_back(book: Book, *, scope: Scope, days: Days) -> pd.DataFrame:
    """`currency` and `amount` (of the debt that stands again) of applications of these days that take a write-off back."""
    rows = of_entity(book["applications"], scope.entity)
    mine = rows["kind"].eq(ApplicationKind.WRITE_OFF.value) & rows["reverses"].fillna("").ne("")
    mine &= fact_dates(rows, Basis.POSTING).between(*days)
    kept = rows[mine.to_numpy(dtype=bool)]
    items = of_entity(book["items"], scope.entity).drop_duplicates("item_id")[["item_id", "currency"]]
    both = kept[["target_item_id", "target_amount"]].merge(
        items, left_on="target_item_id", right_on="item_id"
    )
    return both.rename(columns={"target_amount": "amount"})[["currency", "amount"]]


def population_controls(
    population: pd.DataFrame, posted: pd.DataFrame, *, what: str, scope: Scope
) -> tuple[Control, ...]:
    """POPULATION, tested and left out, against `posted`: one control a currency, one of nothing where both are empty."""
    codes = sorted({*population["currency"].dropna(), *posted["currency"].dropna()}) or [
        scope.functional_currency
    ]
    return tuple(
        Control(
            name="population", title=f"{what} in {iso_code(code)}: tested and left out = posted by the sub-ledger", entity=scope.entity,
            currency=code, left_label="tested and left out", left=total(population.loc[population["currency"].eq(code), "amount"]),
            right_label="posted by the sub-ledger", right=total(posted.loc[posted["currency"].eq(code), "amount"]),
        )
        for code in codes
    )  # fmt: skip
