"""What of the past due a call can bring in and what stands aside, as the call list has it, in the books' currency. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.collect.contact.disputes import dispute_standings
from arlib.collect.contact.outside import outside
from arlib.collect.contact.plans import plan_defaults
from arlib.collect.contact.promises import judged_promises
from arlib.collect.contact.records import carriers, in_books
from arlib.collect.position import Position
from arlib.collect.work_lists.parts import PARTS, split_past_due
from arlib.policy import Policies
from arlib.tables import Book


def split_in_books(
    book: Book, *, position: Position, policies: Policies, apart: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The past-due items with the PARTS of `split_past_due` and `collectable` at the closing rate.

    Each is missing where its currency has no rate. The split itself is that of the call list, so that one amount is
    called for everywhere. `apart` is OUTSIDE where it is at hand.
    """
    split = split_past_due(
        position,
        outside=outside(book, position=position, policies=policies) if apart is None else apart,
        disputes=dispute_standings(book, position=position, policies=policies),
        promises=judged_promises(book, position=position, policies=policies),
        plans=plan_defaults(book, position=position, policies=policies),
        replaced=carriers(book, entity=position.scope.entity),
    )
    names = [*PARTS, "collectable"]
    return split.assign(**{name: in_books(split[name], split["currency"], position) for name in names})


def sums_by_customer(split: pd.DataFrame) -> dict[str, dict[str, int]]:
    """The parts and `collectable` of each customer; needs what `split_in_books` returns. What has no rate is in none."""
    names = [*PARTS, "collectable"]
    sums = split[["customer_id", *names]].groupby("customer_id", sort=True).sum()
    return {
        str(code): dict(zip(names, map(int, row), strict=True))
        for code, row in zip(sums.index, sums[names].itertuples(index=False, name=None), strict=True)
    }
