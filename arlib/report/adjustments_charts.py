"""The pictures of the adjustments report. Floor 3."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from arlib.credit.adjustments.frames import RollLine
from arlib.credit.refunds import Way
from arlib.money import iso_code, shown, total
from arlib.policy import Scope
from arlib.report.adjustments_facts import WAYS, AdjustmentFacts, kinds_of
from arlib.report.model import Chart, ChartKind
from arlib.report.tables import in_words
from arlib.report.words import counted, money_text


def adjustment_charts(facts: AdjustmentFacts, *, scope: Scope) -> tuple[Chart, ...]:
    """Proposals by kind, open credits by the way they go, and the roll of pending deductions where there is one."""
    charts = [_kinds(facts, scope), _ways(facts, scope)]
    if len(facts.adjustments.deduction_roll):
        charts.append(_roll(facts, scope))
    return tuple(charts)


def _kinds(facts: AdjustmentFacts, scope: Scope) -> Chart:
    """One bar a kind: what is proposed."""
    rows, column, code, said = _measured(facts.proposals, scope)
    kinds = kinds_of(rows)
    labels = [in_words(kind.value) for kind in kinds]
    amounts = [total(rows.loc[rows["kind"].eq(kind.value), column]) for kind in kinds]
    sentence = (
        f"{counted(len(facts.proposals), 'proposal')} wait for a decision, the largest kind "
        f"{labels[_largest(amounts)].lower()} with {money_text(max(amounts, key=abs), code)} ({said})."
        if amounts
        else "Nothing is proposed."
    )
    return _chart(
        "proposals_by_kind", f"Proposals by kind, {iso_code(code)}", sentence, labels, amounts, code
    )


def _ways(facts: AdjustmentFacts, scope: Scope) -> Chart:
    """One bar a way that open credits go."""
    rows, column, code, said = _measured(facts.refunds.credits, scope)
    ways = [way for way in Way if way.value in set(rows["way"])]
    amounts = [total(rows.loc[rows["way"].eq(way.value), column]) for way in ways]
    sentence = (
        f"{money_text(sum(amounts), code)} of open credits: {money_text(amounts[_largest(amounts)], code)} of it "
        f"goes the way '{WAYS[ways[_largest(amounts)]].lower()}' ({said})."
        if amounts
        else "No credit is open."
    )
    labels = [WAYS[way] for way in ways]
    return _chart(
        "credits_by_way",
        f"Open credits by the way they go, {iso_code(code)}",
        sentence,
        labels,
        amounts,
        code,
    )


def _roll(facts: AdjustmentFacts, scope: Scope) -> Chart:
    roll = facts.adjustments.deduction_roll
    code = (
        scope.functional_currency
        if roll["currency"].eq(scope.functional_currency).any()
        else str(roll["currency"].iloc[0])
    )
    mine = roll[roll["currency"].eq(code)]
    lines = [line for line in RollLine if line.value in set(mine["line"])]
    amounts = [total(mine.loc[mine["line"].eq(line.value), "amount"]) for line in lines]
    by = dict(zip(lines, amounts, strict=True))
    sentence = (
        f"Pending deductions go from {money_text(by.get(RollLine.OPENING, 0), code)} to "
        f"{money_text(by.get(RollLine.CLOSING, 0), code)}; {money_text(by.get(RollLine.TAKEN, 0), code)} were taken in the period."
    )
    labels = [in_words(line.value) for line in lines]
    return _chart("deduction_roll", f"Pending deductions, {iso_code(code)}", sentence, labels, amounts, code,
                  totals=[line in (RollLine.OPENING, RollLine.CLOSING) for line in lines])  # fmt: skip


def _measured(rows: pd.DataFrame, scope: Scope) -> tuple[pd.DataFrame, str, str, str]:
    """Rows, money column and currency to draw: functional where every row has it, else the most frequent currency."""
    if rows["functional_amount"].notna().all():
        return rows, "functional_amount", scope.functional_currency, "all currencies at booking rates"
    code = str(rows["currency"].mode().iloc[0])
    return rows[rows["currency"].eq(code)], "amount", code, f"those in {iso_code(code)} only"


def _largest(amounts: Sequence[int]) -> int:
    return max(range(len(amounts)), key=lambda at: abs(amounts[at]))


def _chart(
    name: str, title: str, sentence: str, labels: list[str], amounts: list[int], code: str, *, totals: list[bool] | None = None
) -> Chart:  # fmt: skip
    frame = pd.DataFrame(
        {"label": pd.Series(labels, dtype="str"), "amount": pd.Series(amounts, dtype="Int64")}
    )
    if totals is not None:
        frame["is_total"] = pd.Series(totals, dtype="boolean")
    told = "; ".join(f"{label} {shown(minor, code)}" for label, minor in zip(labels, amounts, strict=True))
    return Chart(
        name=name, title=title, sentence=sentence, alt=f"Bars: {told}. {sentence}" if told else sentence, frame=frame,
        currency=code, kind=ChartKind.MOVEMENTS if totals is None else ChartKind.WATERFALL,
    )  # fmt: skip
