"""What is with an agency or an attorney at a date. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.collect.position import Position
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.tables import Book
from arlib.tables.rows import Row, records


def placements_of(book: Book, *, position: Position) -> pd.DataFrame:
    """PLACEMENTS that began by the as-of date, by the customers' codes of that day, with `is_there`.

    The first day is in; on the day that a placement is recalled it is ours again.
    """
    scope = position.scope
    now = pd.Timestamp(scope.as_of)
    rows = of_entity(book["placements"], scope.entity)
    mine = rows[rows["placed_on"].le(now).to_numpy(dtype=bool)].reset_index(drop=True)
    codes = merged_codes(mine["customer_id"], book, entity=scope.entity, on=scope.as_of)
    made = mine.assign(customer_id=codes, is_there=~mine["recalled_on"].le(now))
    return made.sort_values(["placed_on", "placement_id"], kind="stable", ignore_index=True)


def placed_now(book: Book, *, position: Position) -> dict[str, Row]:
    """The oldest placement that stands, by customer."""
    rows = placements_of(book, position=position)
    made: dict[str, Row] = {}
    for row in records(rows[rows["is_there"].to_numpy(dtype=bool)]):
        made.setdefault(str(row["customer_id"]), row)
    return made
