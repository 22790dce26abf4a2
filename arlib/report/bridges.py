"""Charts of steps: from the sub-ledger to the general ledger, and from opening to closing. Floor 3."""

from __future__ import annotations

import pandas as pd

from arlib.controls import Control, Status
from arlib.ledger.frames_control import CAUSE_WORDS, RollLine
from arlib.ledger.rollforward import RollForward
from arlib.ledger.tieout import TieOut
from arlib.money import shown, total
from arlib.policy import Scope
from arlib.report.model import Chart, ChartKind
from arlib.report.tables import in_words
from arlib.report.words import control_sentence, counted, day_text

MOST_BRIDGES = 6
Step = tuple[str, int, bool]


def bridge_charts(tie: TieOut, *, scope: Scope) -> tuple[Chart, ...]:
    """One bridge for each account that differs, largest gap first, named `bridge`, `bridge_2`, ...

    There is always a `bridge`: of the largest account where all tie, an empty one where no control ran.
    """
    ran = [control for control in tie.controls if control.difference is not None]
    differ = [control for control in ran if control.difference or control.count]
    differ.sort(key=lambda control: (-abs(control.difference or 0), control.account))
    whole = sorted(ran, key=lambda control: (-abs(control.left or 0), control.account))[:1]
    chosen = differ[:MOST_BRIDGES] or whole
    if not chosen:
        empty = "No control account could be compared: the general ledger was not given."
        return (_chart("bridge", "From the sub-ledger to the general ledger", empty, [],
                       scope.functional_currency,
                       ChartKind.BRIDGE),)  # fmt: skip
    return tuple(
        _bridge("bridge" if number == 1 else f"bridge_{number}", control, tie)
        for number, control in enumerate(chosen, start=1)
    )


def roll_chart(roll: RollForward, *, scope: Scope, name: str = "roll_forward") -> Chart:
    """Opening to closing in functional currency; in the currency with most lines where that is not known."""
    frame = roll.functional
    currency = scope.functional_currency
    if frame.empty and len(roll.document):
        currency = str(roll.document["currency"].mode().iloc[0])
        frame = roll.document[roll.document["currency"].eq(currency)]
    ends = (RollLine.OPENING.value, RollLine.CLOSING.value)
    steps: list[Step] = [
        (in_words(str(line)), int(amount), line in ends)
        for line, amount in zip(frame["line"], frame["amount"], strict=True)
        if line in ends or amount
    ]
    if not steps:
        sentence = "Nothing moved: there are no receivables in the extract."
    else:
        opening, closing = steps[0][1], steps[-1][1]
        sentence = (
            f"From {currency} {shown(opening, currency)} at the opening to {currency} "
            f"{shown(closing, currency)} at {day_text(scope.as_of)}, "
            f"a change of {shown(closing - opening, currency)}."
        )
    return _chart(name, f"Roll-forward, {currency}", sentence, steps, currency, ChartKind.WATERFALL)


def _bridge(name: str, control: Control, tie: TieOut) -> Chart:
    causes = tie.causes[tie.causes["account"].eq(control.account)]
    steps: list[Step] = [(f"Sub-ledger {control.account}", control.right or 0, True)]
    for cause, words in CAUSE_WORDS.items():
        rows = causes[causes["cause"].eq(cause.value)]
        if len(rows):
            steps.append((f"{words[:1].upper()}{words[1:]} ({len(rows)})", total(rows["amount"]), False))
    if control.unexplained:
        steps.append(("Unexplained", control.unexplained, False))
    steps.append((f"General ledger {control.account}", control.left or 0, True))
    gap = shown(control.difference or 0, control.currency)
    if control.status is Status.TIED:
        sentence = "Both sides agree."
    elif control.status is Status.EXPLAINED:
        sentence = (
            f"The gap of {control.currency} {gap} is explained by {counted(control.count, 'document')}."
        )
    else:
        left = shown(control.unexplained, control.currency)
        sentence = f"Of the gap of {control.currency} {gap}, {left} has no cause yet."
    title = control_sentence(control).split(":", maxsplit=1)[0]
    return _chart(name, f"{title}: from the sub-ledger to the general ledger", sentence, steps,
                  control.currency,
                  ChartKind.BRIDGE)  # fmt: skip


def _chart(name: str, title: str, sentence: str, steps: list[Step], currency: str, kind: ChartKind) -> Chart:
    told = "; ".join(f"{label} {shown(amount, currency)}" for label, amount, _ in steps)
    frame = pd.DataFrame({
        "label": pd.Series([step[0] for step in steps], dtype="str"),
        "amount": pd.Series([step[1] for step in steps], dtype="Int64"),
        "is_total": pd.Series([step[2] for step in steps], dtype="boolean"),
    })  # fmt: skip
    alt = f"Steps: {told}. {sentence}" if told else sentence
    return Chart(
        name=name, title=title, sentence=sentence, alt=alt, kind=kind, frame=frame, currency=currency
    )
