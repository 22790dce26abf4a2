"""Targets that were set for a figure. Floor 1."""

from __future__ import annotations

from decimal import Decimal

from arlib.ledger.facts import of_entity
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import TargetMeasure
from arlib.tables.rows import Row, is_none, records

KPI_OF = {
    TargetMeasure.DSO: "dso", TargetMeasure.CEI: "cei", TargetMeasure.CURRENT: "percent_current",
    TargetMeasure.OVER_90: "percent_over_90", TargetMeasure.PROMISES_KEPT: "promises_kept",
}  # fmt: skip


def kpi_targets(book: Book, *, scope: Scope) -> dict[str, str]:
    """The target of each figure for the whole entity, as decimal text in the figure's unit: days, or percent.

    The target of the period goes before that of its quarter. Days are the target's `count`, shares its `rate` × 100; targets
    of one collector, region or bucket are left out. A target names no convention: it is held against the headline's. Uses
    TARGETS.
    """
    rows = of_entity(book["targets"], scope.entity)
    whole = (rows["collector"].fillna("") + rows["region"].fillna("") + rows["bucket"].fillna("")).eq("")
    quarter = f"{scope.as_of.year}-Q{(scope.as_of.month + 2) // 3}"
    made: dict[str, str] = {}
    for period in (quarter, f"{scope.as_of:%Y-%m}", scope.period):
        for row in records(rows[whole & rows["period"].eq(period)]):
            name = next((kpi for measure, kpi in KPI_OF.items() if measure.value == row["measure"]), "")
            if name and (text := _text(row)):
                made[name] = text
    return made


def _text(row: Row) -> str:
    if row["measure"] == TargetMeasure.DSO.value:
        return "" if is_none(row["count"]) else str(int(row["count"]))
    return "" if is_none(row["rate"]) else f"{(Decimal(str(row['rate'])) * 100).normalize():f}"
