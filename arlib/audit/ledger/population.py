"""What a question is about, what it leaves out, and that both together are the ledger. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from arlib.audit.ledger.frames import POPULATION
from arlib.audit.population import Population
from arlib.controls import Control, Identity
from arlib.ledger.facts import Bools
from arlib.ledger.postings import subledger_postings
from arlib.money import iso_code, total
from arlib.policy import Scope
from arlib.tables import Book


@dataclass(frozen=True, kw_only=True)
class Split:
    """Rows asked about and rows left out, with their sums by currency."""

    mask: Bools  # one flag for each row given
    sums: pd.DataFrame  # POPULATION
    identities: tuple[Identity, ...]
    asked_items: (
        int  # documents that the rows asked about are lines of; instalments are lines of one document
    )


def split(
    rows: pd.DataFrame, population: Population, *, amount: str, entity: str, what: str = "open items"
) -> Split:
    """Which `rows` the population takes, counted and summed by currency; both parts make the whole.

    Rows need item_type, currency, customer_id, control_account and the money column `amount` in the row's currency.
    Without any row there is one identity, of no rows.
    """
    mask = population.chosen(rows, amount=amount).to_numpy(dtype=bool)
    sums = []
    for code in sorted(rows["currency"].dropna().unique()):
        here = rows["currency"].eq(code).to_numpy(dtype=bool)
        asked, other = rows.loc[here & mask, amount], rows.loc[here & ~mask, amount]
        sums.append({
            "currency": code, "asked_rows": len(asked), "asked": total(asked), "other_rows": len(other),
            "other": total(other), "all_rows": int(here.sum()), "all": total(rows.loc[here, amount]),
        })  # fmt: skip
    frame = POPULATION.from_rows(sums)
    identities = tuple(
        Identity(
            name=f"population in {iso_code(row['currency'])}", entity=entity, currency=row["currency"],
            left_label="asked about and left out", left=row["asked"] + row["other"],
            right_label=f"all {what}", right=row["all"],
        )
        for row in sums
    )  # fmt: skip
    rows_of = Identity(name="population, rows", entity=entity, left_label="asked about and left out",
                       left=int(mask.sum()) + int((~mask).sum()), right_label=f"all {what}", right=len(rows))  # fmt: skip
    items = int(rows.loc[mask, "item_id"].nunique()) if "item_id" in rows else int(mask.sum())
    return Split(mask=mask, sums=frame, identities=(*identities, rows_of), asked_items=items)


def ledger_controls(book: Book, open_items: pd.DataFrame, *, scope: Scope, name: str) -> tuple[Control, ...]:
    """Open items against the sub-ledger's postings, counted another way, one control a document currency.

    Needs OPEN_ITEMS of the posting basis; an empty ledger gives one control of 0 in the books' currency.
    """
    posted = subledger_postings(book, scope=scope)
    codes = sorted({*open_items["currency"].dropna(), *posted["currency"].dropna()}) or [
        scope.functional_currency
    ]
    return tuple(
        Control(
            name=name, title=f"Population in {iso_code(code)}: open items = sub-ledger postings", entity=scope.entity,
            currency=code, left_label="open items",
            left=total(open_items.loc[open_items["currency"].eq(code), "outstanding"]),
            right_label="postings", right=total(posted.loc[posted["currency"].eq(code), "amount"]),
        )
        for code in codes
    )  # fmt: skip


def customers_here(book: Book, entity: str) -> pd.DataFrame:
    """CUSTOMERS of the entity and of none, one row a customer; an account of its own goes before one that serves all."""
    rows = book["customers"]
    shared = rows["entity"].isna() | rows["entity"].eq("")
    mine = rows[(rows["entity"].eq(entity) | shared).to_numpy(dtype=bool)]
    ordered = mine.assign(is_shared=shared[mine.index]).sort_values(
        ["customer_id", "is_shared"], kind="stable"
    )
    return ordered.drop_duplicates("customer_id").drop(columns="is_shared").reset_index(drop=True)


def carrying(open_items: pd.DataFrame) -> pd.Series:
    """Carrying amount with unrealised exchange of each open item, in the books' currency; missing where it is not known."""
    return open_items["functional_outstanding"] + open_items["revaluation"]
