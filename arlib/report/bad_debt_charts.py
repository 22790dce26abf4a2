"""Pictures of the bad-debt report: coverage, movement, losses and allowance by month, sensitivity. Floor 3."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from arlib.credit.allowance.booked import BookedFrom
from arlib.credit.allowance.frames_movement import MovementLine, MovementPart
from arlib.money import iso_code, shown, total
from arlib.policy import Scope
from arlib.report.bad_debt_facts import BadDebt
from arlib.report.bad_debt_percents import percent_of, share_percent
from arlib.report.model import Chart, ChartKind
from arlib.report.tables import in_words
from arlib.report.words import counted, day_text, money_text

ENDS = (MovementLine.OPENING.value, MovementLine.CLOSING.value)
WRITTEN_OFF, RECOVERED = "written off", "recovered"


def bad_debt_charts(facts: BadDebt, *, scope: Scope) -> tuple[Chart, ...]:
    """Coverage by bucket, movement, losses by month, allowance by month, sensitivity; each is there, if empty."""
    return (
        _coverage(facts, scope),
        _movement(facts, scope),
        _losses(facts, scope),
        _allowances(facts, scope),
        _sensitivity(facts, scope),
    )


def _coverage(facts: BadDebt, scope: Scope) -> Chart:
    code = scope.functional_currency
    rows = facts.item_allowances
    sums = {
        bucket: (total(part["allowance"]), total(part["exposure"]))
        for bucket in facts.buckets
        for part in [rows[rows["bucket"].eq(bucket).to_numpy(dtype=bool)]]
    }
    exposure, allowance = sum(e for _, e in sums.values()), sum(a for a, _ in sums.values())
    notes = [
        f"{share_percent(a, e, 1)} % of {shown(e, code)}" if e else "no exposure" for a, e in sums.values()
    ]
    sentence = (
        f"An allowance of {money_text(allowance, code)} is required at {day_text(scope.as_of)}: "
        f"{share_percent(allowance, exposure)} % of an exposure of {money_text(exposure, code)}, specific reserves included."
        if exposure
        else f"There is no exposure at {day_text(scope.as_of)}."
    )
    return _chart("coverage", f"Allowance by bucket, {iso_code(code)}", sentence, "Bars by age",
                  [in_words(bucket) for bucket in sums], [a for a, _ in sums.values()], code,
                  ChartKind.AGING_BARS, notes=notes)  # fmt: skip


def _movement(facts: BadDebt, scope: Scope) -> Chart:
    code = scope.functional_currency
    rows = facts.movement.frame
    rows = rows[rows["part"].eq(MovementPart.TOTAL.value).to_numpy(dtype=bool)]
    rows = rows[(rows["line"].isin(ENDS) | rows["amount"].ne(0)).to_numpy(dtype=bool)]
    opening, closing = (facts.movement.amount(line) for line in (MovementLine.OPENING, MovementLine.CLOSING))
    sentence = (
        f"From {money_text(opening, code)} before {day_text(scope.starts_on)} to {money_text(closing, code)} required "
        f"at {day_text(scope.as_of)}, a change of {shown(closing - opening, code)}."
    )
    return _chart("movement", f"Movement of the allowance, {iso_code(code)}", sentence, "Steps",
                  [in_words(str(line)) for line in rows["line"]], [int(x) for x in rows["amount"]], code,
                  ChartKind.WATERFALL, is_total=rows["line"].isin(ENDS).tolist())  # fmt: skip


def _losses(facts: BadDebt, scope: Scope) -> Chart:
    """Write-offs and recoveries by month, two bars each; empty where there was none."""
    code, trend = scope.functional_currency, facts.trend
    written, back = total(trend["written_off"]), total(trend["recovered"])
    months = counted(len(trend), "month")
    sentence = (
        f"In {months}, {money_text(written, code)} was written off as credit losses and {money_text(back, code)} recovered."
        if written or back
        else f"In {months} there was no credit loss and no recovery."
    )
    has_any = bool(written or back or trend[["written_off", "recovered"]].ne(0).any().any())
    pairs = [
        (str(month), series, int(amount))
        for month, off, again in zip(trend["month"], trend["written_off"], trend["recovered"], strict=True)
        for series, amount in ((WRITTEN_OFF, off), (RECOVERED, again))
        if amount or (series == WRITTEN_OFF and not again)  # a month without either keeps one line
    ] if has_any else []  # fmt: skip
    return _chart("losses", f"Credit losses and recoveries by month, {iso_code(code)}", sentence, "Two bars a month",
                  [label for label, _, _ in pairs], [amount for _, _, amount in pairs], code,
                  ChartKind.GROUPED_BARS, series=[name for _, name, _ in pairs])  # fmt: skip


def _allowances(facts: BadDebt, scope: Scope) -> Chart:
    code, trend = scope.functional_currency, facts.trend
    is_known = facts.booked.source is BookedFrom.ENTRIES and len(trend) > 0
    rows = trend if is_known else trend.head(0)
    notes = [
        f"{percent_of(str(rate), 1)} % of {shown(int(of), code)}" if pd.notna(rate) else ""
        for rate, of in zip(rows["coverage"], rows["exposure"], strict=True)
    ]
    if is_known:
        last = rows.iloc[-1]
        share = (
            f", {percent_of(str(last['coverage']))} % of the open debits"
            if pd.notna(last["coverage"])
            else ""
        )
        sentence = f"{money_text(int(last['allowance']), code)} is booked at {day_text(scope.as_of)}{share}."
    else:
        sentence = "Nothing says what was booked as allowance month by month."
    title = f"Allowance booked and its share of open debits, by month, {iso_code(code)}"
    return _chart("allowances", title, sentence, "Bars by month",
                  [str(month) for month in rows["month"]], [int(x) for x in rows["allowance"]], code,
                  ChartKind.MOVEMENTS, notes=notes)  # fmt: skip


def _sensitivity(facts: BadDebt, scope: Scope) -> Chart:
    code, rows = scope.functional_currency, facts.sensitivity
    base = int(rows.loc[rows["is_base"].to_numpy(dtype=bool), "total"].iloc[0])
    widest = rows.iloc[int(rows["change"].abs().to_numpy(dtype="int64").argmax())]
    sentence = (
        f"The allowance of {money_text(base, code)} would change most with: {str(widest['scenario']).lower()} "
        f"({'+' if int(widest['change']) > 0 else ''}{shown(int(widest['change']), code)})."
        if int(widest["change"])
        else f"No scenario moves the allowance of {money_text(base, code)}."
    )
    title = f"Allowance if something were otherwise, {iso_code(code)}"
    return _chart("sensitivity", title, sentence, "Bars around the allowance as measured",
                  rows["scenario"].tolist(), [int(x) for x in rows["total"]], code, ChartKind.AROUND,
                  is_total=rows["is_base"].tolist())  # fmt: skip


def _chart(
    name: str,
    title: str,
    sentence: str,
    lead: str,
    labels: Sequence[str],
    amounts: Sequence[int],
    code: str,
    kind: ChartKind,
    *,
    notes: Sequence[str] | None = None,
    series: Sequence[str] | None = None,
    is_total: Sequence[bool] | None = None,
) -> Chart:
    frame = pd.DataFrame(
        {"label": pd.Series(list(labels), dtype="str"), "amount": pd.Series(list(amounts), dtype="Int64")}
    )
    if notes is not None:
        frame["note"] = pd.Series(list(notes), dtype="str")
    if series is not None:
        frame["series"] = pd.Series(list(series), dtype="str")
    if is_total is not None:
        frame["is_total"] = pd.Series(list(is_total), dtype="boolean")
    said = [
        " ".join(part for part in (label, more, shown(minor, code), note) if part)
        for label, more, minor, note in zip(
            labels, series or [""] * len(labels), amounts, notes or [""] * len(labels), strict=True
        )
    ]
    alt = f"{lead}: {'; '.join(said)}. {sentence}" if said else sentence
    return Chart(name=name, title=title, sentence=sentence, alt=alt, kind=kind, frame=frame, currency=code)
