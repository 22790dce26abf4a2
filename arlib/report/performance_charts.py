"""The charts of the performance report, each with its sentence. Floor 3: data, nothing is drawn here."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from arlib.collect.kpi.figure import decimal_text
from arlib.collect.kpi.months import FUNCTIONAL
from arlib.collect.kpi.performance import Performance
from arlib.money import iso_code, minor_places
from arlib.policy import Policies, Scope
from arlib.report.model import Chart, ChartKind
from arlib.report.performance_words import CONVENTION_NAMES, KPI_NAMES, UNIT_NAMES, forecast_brackets
from arlib.report.tables import in_words
from arlib.report.words import amount_text, counted, money_text
from arlib.tables.rows import is_none, records, whole

BEST = ("simple_period", "crf_annual")
SCALES = ((10**9, "million"), (10**6, "thousand"))


def kpi_charts(found: Performance, *, scope: Scope, policies: Policies) -> tuple[Chart, ...]:
    """DSO, CEI, age and balances over the months, and the past-due bridge. Each chart has one convention only."""
    dso, cei = policies.performance.headline_dso.value, policies.performance.headline_cei.value
    best = ["best_possible_dso"] if dso in BEST else []
    return (
        _lines(found, "dso", ["dso", *best], dso, f"DSO, {CONVENTION_NAMES[dso]}"),
        _lines(found, "cei", ["cei"], cei, f"Collection effectiveness, {CONVENTION_NAMES[cei]}"),
        _lines(
            found,
            "age",
            ["percent_current", "percent_over_90"],
            "",
            "Share not yet due, and share over 90 days",
        ),
        _balances(found, scope),
        _bridge(found, scope),
    )


def _lines(found: Performance, name: str, kpis: list[str], convention: str, title: str) -> Chart:
    """Figures of one unit over the months, in the books' currency."""
    rows = found.figures[found.figures["measure"].eq(FUNCTIONAL) & found.figures["kpi"].isin(kpis)]
    rows = rows[rows["convention"].eq(convention)] if convention else rows
    rows = rows.assign(place=rows["kpi"].map({kpi: place for place, kpi in enumerate(kpis)}))
    rows = rows.sort_values(["place", "period"], kind="stable")
    unit = str(rows["unit"].iloc[0]) if len(rows) else "percent"
    frame = pd.DataFrame({
        "label": rows["period"].to_numpy(), "series": [KPI_NAMES[str(k)] for k in rows["kpi"]], "value": rows["value"].to_numpy(),
    })  # fmt: skip
    said = [
        _moved(found, kpi, str(rows.loc[rows["kpi"].eq(kpi), "convention"].iloc[0]))
        for kpi in kpis
        if rows["kpi"].eq(kpi).any()
    ]
    sentence = " ".join(said) or "No month can be computed from these data."
    values = "; ".join(
        f"{row['series']} {row['label']} {'not computed' if is_none(row['value']) else row['value']}"
        for row in records(frame)
    )
    return Chart(name=name, title=title, sentence=sentence, alt=f"Lines by month, {UNIT_NAMES[unit]}: {values}. {sentence}",
                 kind=ChartKind.LINES, frame=frame, currency="", unit=unit)  # fmt: skip


def _moved(found: Performance, kpi: str, convention: str) -> str:
    """One sentence on a figure: its value, and a direction only where it is beyond the usual."""
    now = found.now(kpi, convention)
    if now is None or is_none(now["value"]):
        return f"{KPI_NAMES[kpi]} of {found.period} cannot be computed: {'' if now is None else now['why']}."
    at = found.trend
    row = at[at["kpi"].eq(kpi) & at["convention"].eq(convention) & at["measure"].eq(FUNCTIONAL)].iloc[0]
    value = f"{KPI_NAMES[kpi]} was {now['value']} {UNIT_NAMES[str(now['unit'])]} in {found.period}"
    if is_none(row["previous"]):
        return f"{value}."
    run = "" if is_none(row["run"]) else f"; {row['run']}"
    if row["direction"] in ("better", "worse"):
        return f"{value}, {row['direction']} than the {row['previous']} of the month before by more than usual{run}."
    return f"{value} after {row['previous']} the month before, {row['direction']}{run}."


def _balances(found: Performance, scope: Scope) -> Chart:
    """Receivables and credit sales by month, in thousands or millions of the books' currency."""
    code = scope.functional_currency
    rows = found.months[found.months["measure"].eq(FUNCTIONAL)]
    largest = max(
        [abs(whole(v)) for name in ("total", "sales") for v in rows[name]] or [0]
    ) // 10 ** minor_places(code)
    scale, word = next(((s // 1000, w) for s, w in SCALES if largest >= s), (1, ""))
    parts = []
    for name, series in (("total", "Receivables"), ("sales", "Credit sales")):
        texts = [None if is_none(v) else decimal_text(Fraction(int(v), scale * 10 ** minor_places(code)), 0 if largest >= 1000 else 2)
                 for v in rows[name]]  # fmt: skip
        parts.append(
            pd.DataFrame(
                {
                    "label": rows["month"].to_numpy(),
                    "series": series,
                    "value": pd.Series(texts, dtype="object"),
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    last = rows.iloc[-1] if len(rows) else None
    if last is None or is_none(last["total"]):
        sentence = "The receivables of the last month are not known."
    else:
        sold = (
            ""
            if is_none(last["sales"])
            else f"; credit sales of the month were {money_text(int(last['sales']), code)}"
        )
        sentence = (
            f"Receivables were {money_text(int(last['total']), code)} at the end of {found.period}{sold}."
        )
    values = "; ".join(
        f"{row['series']} {row['label']} {'not known' if is_none(row['value']) else row['value']}"
        for row in records(frame)
    )
    unit = f"{iso_code(code)} {word}".strip()
    return Chart(name="balances", title="Receivables and credit sales", sentence=sentence, kind=ChartKind.LINES, frame=frame,
                 alt=f"Lines by month, {unit}: {values}. {sentence}", currency="", unit=unit)  # fmt: skip


def _bridge(found: Performance, scope: Scope) -> Chart:
    """Past due from the start to the end of the month."""
    code = scope.functional_currency
    rows = found.past_due
    frame = pd.DataFrame({
        "label": rows["line"].map(in_words).astype("str"), "amount": rows["amount"], "is_total": rows["is_total"],
    })  # fmt: skip
    if rows.empty:
        sentence = "What was past due at the start of the month is not known."
    else:
        start, end = int(rows["amount"].iloc[0]), int(rows["amount"].iloc[-1])
        sentence = (
            f"Past due went from {money_text(start, code)} to {money_text(end, code)} in {found.period}."
        )
    steps = "; ".join(
        f"{label} {amount_text(int(a), code)}"
        for label, a in zip(frame["label"], frame["amount"], strict=True)
    )
    return Chart(name="past_due", title=f"Past due over the month, {iso_code(code)}", sentence=sentence, kind=ChartKind.BRIDGE,
                 alt=f"Steps: {steps}. {sentence}", frame=frame, currency=code)  # fmt: skip


def forecast_chart(weeks: pd.DataFrame, *, claimed: str, held: str, code: str) -> Chart:
    """Expected receipts by week, with the interval beside each bar; `held` says what such intervals held in the past."""
    frame = pd.DataFrame({
        "label": weeks["week"].astype("str"), "amount": weeks["expected"].fillna(0).astype("Int64"),
        "note": [
            "" if is_none(low) or is_none(high) else f"({amount_text(int(low), code)} to {amount_text(int(high), code)})"
            for low, high in zip(weeks["low"], weeks["high"], strict=True)
        ],
    })  # fmt: skip
    total = sum(whole(v) for v in weeks["expected"])
    sentence = (
        f"{money_text(total, code)} is expected in {counted(len(weeks), 'week')}, a sum without an interval. "
        f"{forecast_brackets(claimed, held, has_any=bool(frame['note'].ne('').any()))}"
        if len(weeks) else "No receipts can be forecast from these data."
    )  # fmt: skip
    values = "; ".join(
        f"{label} {amount_text(int(a), code)} {note}".strip()
        for label, a, note in frame.itertuples(index=False, name=None)
    )
    return Chart(name="forecast", title=f"Expected receipts by week, {iso_code(code)}", sentence=sentence,
                 alt=f"Bars by week: {values}. {sentence}", kind=ChartKind.MOVEMENTS, frame=frame, currency=code)  # fmt: skip
