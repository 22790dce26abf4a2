"""What was set against each item, net of reversals, and the words for it. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.credit.write_off.words import day, money
from arlib.ledger.facts import ints
from arlib.ledger.openitems import Linked
from arlib.tables.choices import CASH_TYPES
from arlib.tables.rows import records

CASH = tuple(kind.value for kind in CASH_TYPES)
MOST = 4  # documents named in one sentence


def pairs_of(facts: Linked) -> pd.DataFrame:
    """Each pair of items that applications join, net of reversals: one row as the source sees it, one as the target does.

    Columns: item and other (rows of `facts.items`), is_source, amount (what the pair took off the item's open amount, above 0
    for a debit that was settled and below 0 for a credit that was used; without discount), discount. Pairs that came to nothing
    stay, with 0.
    """
    rows = facts.applications
    source, target = ints(rows["source_amount"]), ints(rows["target_amount"])
    discount = ints(rows["discount"])
    both = pd.concat(
        [
            pd.DataFrame({"item": facts.target, "other": facts.source, "is_source": False, "amount": target, "discount": discount}),
            pd.DataFrame({"item": facts.source, "other": facts.target, "is_source": True, "amount": -source, "discount": 0}),
        ],
        ignore_index=True,
    )  # fmt: skip
    made: pd.DataFrame = both.groupby(["item", "other", "is_source"], as_index=False, sort=True)[
        ["amount", "discount"]
    ].sum()
    return made


def settled_words(facts: Linked, pairs: pd.DataFrame) -> dict[int, str]:
    """By item (row of `facts.items`): the documents that it was set against, with amounts, in words. Needs `pairs_of`."""
    items = facts.items
    mine = pairs[(pairs["amount"].ne(0) | pairs["discount"].ne(0)).to_numpy(dtype=bool)]
    other = items.iloc[mine["other"].to_numpy(dtype=np.int64)]
    mine = mine.assign(
        number=other["document_no"].fillna(other["item_id"]).to_numpy(), what=other["item_type"].to_numpy(),
        dated=other["effective_date"].to_numpy(), currency=items["currency"].to_numpy()[mine["item"].to_numpy(dtype=np.int64)],
    )  # fmt: skip
    mine = mine.sort_values(["item", "dated", "number"], kind="stable")
    said: dict[int, list[str]] = {}
    left: dict[int, int] = {}
    for row in records(mine):
        words = said.setdefault(int(row["item"]), [])
        if len(words) >= MOST:
            left[int(row["item"])] = left.get(int(row["item"]), 0) + 1
            continue
        cash = f", discount {money(row['discount'], row['currency'])}" if row["discount"] else ""
        kind = str(row["what"]).replace("_", " ")
        words.append(
            f"{kind} {row['number']} of {day(row['dated'])}: {money(abs(int(row['amount'])), row['currency'])}{cash}"
        )
    return {
        item: "; ".join(words) + (f"; and {left[item]} more" if item in left else "")
        for item, words in said.items()
    }
