"""How a reading is told in one sentence. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from arlib.controls import Control
from arlib.credit.write_off.words import many
from arlib.money import iso_code, shown
from arlib.sources.pasted.result import Choice

_SAID = {
    "day_first": "dates as day.month.year", "month_first": "dates as month/day/year",
    "owed_is_negative": "what they owe us stands below zero", "owed_is_positive": "what they owe us stands above zero",
}  # fmt: skip


def sentence_of(
    rows: pd.DataFrame, left_out: pd.DataFrame, problems: pd.DataFrame, decided: Mapping[str, str],
    choices: Sequence[Choice], control: Control,
) -> str:  # fmt: skip
    """How many lines were read and how; whether they come to the printed total; what is asked."""
    parts = [f"Read {many(len(rows), 'line')}"]
    parts += [_SAID[decided[name]] for name in ("dates", "sign") if decided.get(name) in _SAID]
    if "amounts" in decided:
        parts.append(f"amounts like {decided['amounts']}")
    said = ", ".join(parts)
    asides = [
        f"{many(count, 'line')} {words}"
        for count, words in ((len(left_out), "without money"), (len(problems), "not read"))
        if count
    ]
    if asides:
        said += f" ({', '.join(asides)})"
    if choices:
        return f"{said}. Please say: {' '.join(choice.question for choice in choices)}"
    if control.left is None or control.right is None:
        return f"{said}; no total is printed to hold them against."
    code = control.currency
    printed = f"{iso_code(code)} {shown(abs(control.right), code)}"
    if control.difference:
        off = f"{iso_code(code)} {shown(abs(control.difference), code)}"
        return f"{said}; they come to {shown(abs(control.left), code)}, the printed total is {printed}: {off} differ."
    return f"{said}; total agrees with the printed {printed}."
