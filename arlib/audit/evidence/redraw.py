"""A selection that came back, drawn again from the books with its seed. Floor 1."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from arlib.audit.evidence.csv_text import MOST_FAULTS, fault
from arlib.audit.evidence.sample import interval_of
from arlib.audit.sampling.design import Design, HighValue, Units
from arlib.audit.sampling.frames_select import How, Part
from arlib.audit.sampling.population import Population
from arlib.audit.sampling.selection import select
from arlib.errors import ParameterError, Problem, TableError
from arlib.tables.rows import records


def require_as_drawn(made: Population, rows: pd.DataFrame, *, seed: str) -> None:
    """TableError where `rows` (item_id, part, how, hits, interval, row in the file) are not what the seed draws.

    Units, interval and the numbers of items by item, of credits and of zeros are those that the rows state: the seed and the
    population decide which items these are. Each item that was not drawn, each drawn one that is missing, and each other
    part, way or number of hits is told.
    """
    again = select(made, design=_design(rows), seed=seed).items
    drawn = {str(row["item_id"]): row for row in records(again)}
    odd: list[Problem] = []
    for row in records(rows):
        item, at = str(row["item_id"]), int(row["row"])
        wanted = drawn.pop(item, None)
        if wanted is None:
            odd.append(fault("selection", at, "item_id", item, "an item that the seed draws"))
            continue
        for name in ("part", "how", "hits"):
            if str(row[name]) != str(wanted[name]):
                odd.append(fault("selection", at, name, f"{item}: {row[name]}", f"{wanted[name]}, as drawn"))
    odd += [fault("selection", 0, "item_id", "no row", f"{item}, which the seed draws") for item in drawn]
    if odd:
        raise TableError(
            f"the {made.currency} selection is not what its seed draws", odd[:MOST_FAULTS], where="evaluation"
        )


def _design(rows: pd.DataFrame) -> Design:
    """The design that the rows state."""
    parts = rows["part"].value_counts()
    count = {part: int(parts.get(part.value, 0)) for part in Part}
    main = rows[rows["part"].eq(Part.POSITIVE.value)]
    by_item = len(main) > 0 and main["how"].eq(How.RANDOM.value).all()
    intervals = sorted(set(main["interval"])) if not by_item else []
    interval: Fraction | None = None
    if intervals:
        interval = interval_of(str(intervals[0]), str(rows["currency"].iloc[0]))
    if len(intervals) > 1 or (intervals and not interval):
        raise ParameterError(
            "interval", where="evaluation", found=", ".join(intervals), wanted="one in a selection"
        )
    return Design(
        units=Units.ITEMS if by_item else Units.MONEY, method=How.RANDOM if by_item else How.INTERVAL, interval=interval,
        size=None if interval is not None else max(count[Part.POSITIVE] if by_item else count[Part.HIGH_VALUE], 1),
        high_value=HighValue.NONE if by_item else HighValue.INTERVAL,
        credit_size=count[Part.CREDIT], zero_size=count[Part.ZERO],
    )  # fmt: skip
