"""The tables of figures in the performance report. Floor 3."""

from __future__ import annotations

from typing import Any

import pandas as pd

from arlib.collect.kpi.frames import (
    KPI_ITEMS,
    KPI_MONTHS,
    KPI_TREND,
    KPI_VALUES,
    PAST_DUE_BRIDGE,
    SEASON,
)
from arlib.collect.kpi.months import FUNCTIONAL
from arlib.collect.kpi.performance import Performance
from arlib.money import iso_code
from arlib.policy import Policies, Scope
from arlib.report.model import ResultTable
from arlib.report.performance_shown import shown_table
from arlib.report.performance_words import CONVENTION_NAMES, KPI_NAMES, ORDER, UNIT_NAMES, reached
from arlib.report.tables import spoken
from arlib.tables import Column, Kind, Table
from arlib.tables.rows import is_none, records

KPIS = Table("kpis", "a figure of the month by its convention", KPI_TREND.key, (
    *(KPI_VALUES[name] for name in ("measure", "currency", "kpi", "convention", "value", "unit")),
    *(KPI_TREND[name] for name in ("previous", "change", "usual_change", "direction", "run", "year_before", "year_change")),
    Column("target", Kind.RATE, "target of the period, in the unit of the value", may_be_zero=True),
    Column("reached", Kind.TEXT, "reached or missed; empty without a target"),
    *(KPI_VALUES[name] for name in ("numerator", "denominator", "n", "why", "formula", "source", "is_headline", "higher_is_better")),
    KPI_TREND["caveat"],
))  # fmt: skip
HEADINGS = {
    "kpi": "Figure", "convention": "Convention", "value": "Value", "unit": "Unit", "previous": "Month before",
    "usual_change": "Usual change", "direction": "Against the month before", "run": "Running", "year_before": "A year before",
    "year_change": "Change to a year before", "target": "Target", "reached": "Target reached",
    "why": "Remark", "formula": "Formula", "source": "By", "n": "Cases", "numerator": "Divided", "denominator": "Divided by",
    "is_headline": "Leads", "higher_is_better": "More is better", "caveat": "Caveat", "measure": "Measure", "change": "Change",
}  # fmt: skip
WORKINGS = (
    "numerator",
    "denominator",
    "n",
    "formula",
    "source",
    "is_headline",
    "higher_is_better",
)  # with every figure and month
MONTH_HEADINGS = {
    "total": "Receivables at the end", "current": "Not yet due", "over_90": "Over 90", "unapplied": "Open cash",
    "sales": "Credit sales", "written_off": "Written off, net", "disputes_opened": "Disputes opened",
}  # fmt: skip


def kpi_frame(found: Performance) -> pd.DataFrame:
    """KPIS: the values of the as-of month beside their own past and their target."""
    now = found.figures[found.figures["period"].eq(found.period)]
    past = found.trend.drop(columns=["value", "unit", "period"])
    both = now.merge(past, on=["measure", "currency", "kpi", "convention"], how="left", validate="one_to_one")
    leads = both["is_headline"].fillna(False).to_numpy(dtype=bool) & both["measure"].eq(FUNCTIONAL).to_numpy(
        dtype=bool
    )
    target = pd.Series([found.targets.get(str(kpi)) if lead else None for kpi, lead in zip(both["kpi"], leads, strict=True)],
                       index=both.index, dtype="object")  # fmt: skip
    both = both.assign(target=target)
    both["reached"] = [
        reached(row, "" if is_none(row["target"]) else str(row["target"])) or None for row in records(both)
    ]
    order = both["kpi"].map(ORDER)
    first = both["measure"].ne(FUNCTIONAL)
    made = both.assign(order=order, first=first).sort_values(
        ["first", "currency", "order", "convention"], kind="stable"
    )
    return KPIS.typed(made.reset_index(drop=True))


def kpi_tables(
    found: Performance, shown: pd.DataFrame, *, scope: Scope, policies: Policies
) -> tuple[ResultTable, ...]:
    """Figures that lead, all conventions, months, season, past-due bridge, and what is behind them."""
    code = scope.functional_currency
    leads = shown["is_headline"].fillna(False).to_numpy(dtype=bool)
    own = ("measure", "currency") if policies.performance.by_document_currency else ()
    known = [name for name in ("year_before", "target", "reached") if shown[name].notna().any()]
    words = {"kpi": dict(KPI_NAMES), "convention": dict(CONVENTION_NAMES), "unit": UNIT_NAMES}
    figures: dict[str, Any] = {
        "headings": HEADINGS,
        "words": words,
        "functional": code,
        "not_totalled": ("numerator", "denominator"),
    }
    balances = ("total", "current", "over_90", "unapplied")
    months = found.months["measure"].eq(FUNCTIONAL).to_numpy(dtype=bool)
    season = found.season["measure"].eq(FUNCTIONAL).to_numpy(dtype=bool)
    return (
        shown_table(
            KPIS, shown[leads].drop(columns=[*WORKINGS]), name="kpis", title=f"Figures of {found.period}", is_ordered=True, **figures,
            on_page=(*own, "kpi", "convention", "value", "unit", "previous", "direction", "run", *known, "why"),
            note="Each figure by the convention that leads. Better or worse is said only of a change of more than "
            f"{policies.performance.noise_factor} times the usual one.",
        ),
        shown_table(
            KPIS, shown[~leads].drop(columns=["target", "reached", "is_headline", "higher_is_better"]), name="kpis_by_convention",
            title=f"The same figures of {found.period} by other conventions",
            is_ordered=True, on_page=(*own, "kpi", "convention", "value", "unit", "previous", "formula", "source", "why"), **figures,
            note="A value is compared with its own past only, never with that of another convention.",
        ),
        shown_table(
            PAST_DUE_BRIDGE, found.past_due, title="Past due from the start to the end of the month", functional=code,
            on_page=("line", "items", "amount", "documents", "is_total"), strong_rows="is_total", foots=True, is_ordered=True,
            not_totalled=("amount",), headings={"line": "Step", "items": "Documents", "documents": "Which, the largest first"},
            words=spoken(found.past_due, "line"),
            note="Became past due: also further due parts of documents that were past due. Given later due date: open, and not past "
            "due any more. Other: offsets and exchange.",
        ),
        shown_table(
            KPI_MONTHS, found.months[months], name="kpi_months", title=f"Month by month, {iso_code(code)} of the books", functional=code,
            on_page=("month", "sales", "collected", "written_off", *balances, "disputes_opened"), not_totalled=balances,
            headings=MONTH_HEADINGS,
        ),
        shown_table(
            SEASON, found.season[season], name="season", title="Credit sales and the season", functional=code,
            on_page=("month", "sales", "year_before", "year_change", "index"), not_totalled=("year_before",),
            headings={"index": "Index, %", "year_change": "Change, %", "year_before": "A year before", "sales": "Credit sales"},
            note=_season_note(found.season[season]),
        ),
        shown_table(KPI_VALUES, found.figures, title="Every figure, convention and month", is_detail=True, **figures),
        shown_table(
            KPI_MONTHS, found.months[~months], name="kpi_months_by_currency", title="Month by month, each document currency",
            functional=code, is_detail=True, not_totalled=balances, headings=MONTH_HEADINGS,
        ),
        shown_table(
            KPI_ITEMS, found.items, title="Documents behind the figures", functional=code, is_detail=True, is_ordered=True,
            headings={"books_amount": "Amount, functional", "place": "Stands"}, words=spoken(found.items, "item_type"),
            not_totalled=("amount", "books_amount"),
        ),
    )  # fmt: skip


def _season_note(season: pd.DataFrame) -> str:
    """What the season's figures cannot tell."""
    said = season.loc[season["caveat"].notna(), "caveat"].unique()
    if not len(said):
        return "Each month beside the same month last year."
    if season["year_change"].notna().any():
        return (
            f"Each month beside the same month last year; where that is not to be had, an index: {said[0]}."
        )
    return f"Index: {said[0]}."
