"""Targets that were set for a figure. Floor 1."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from arlib.credit.allowance.frames import rate_text
from arlib.ledger.facts import of_entity
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import TargetMeasure
from arlib.tables.rows import Row, is_none, records, text

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
    made: dict[str, str] = {}
    for period in _periods(scope):
        for row in records(rows[whole & rows["period"].eq(period)]):
            name = next((kpi for measure, kpi in KPI_OF.items() if measure.value == row["measure"]), "")
            if name and (target := _text(row)):
                made[name] = target
    return made


def promise_targets(book: Book, *, scope: Scope) -> dict[str, str]:
    """The share of promises to be kept by who takes them, '' for all, as decimal text.

    The target of the period goes before that of its quarter; those of a region or bucket are left out. Uses TARGETS.
    """
    rows = of_entity(book["targets"], scope.entity)
    rows = rows[
        (rows["region"].fillna("") + rows["bucket"].fillna("")).eq("")
        & rows["measure"].eq(TargetMeasure.PROMISES_KEPT.value)
        & rows["rate"].notna()
    ]
    made: dict[str, str] = {}
    for period in _periods(scope):
        for row in records(rows[rows["period"].eq(period)]):
            made[text(row["collector"])] = rate_text(Fraction(Decimal(str(row["rate"]))))
    return made


def _periods(scope: Scope) -> tuple[str, ...]:
    """The names under which a target may stand, the one that goes first last."""
    return f"{scope.as_of.year}-Q{(scope.as_of.month + 2) // 3}", f"{scope.as_of:%Y-%m}", scope.period


def _text(row: Row) -> str:
    if row["measure"] == TargetMeasure.DSO.value:
        return "" if is_none(row["count"]) else str(int(row["count"]))
    return "" if is_none(row["rate"]) else f"{(Decimal(str(row['rate'])) * 100).normalize():f}"
