"""The text of arlib/matching/shipped.py from measured runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from arlib.matching.calibration import Measured, measure

HEAD = '''\
"""Precision of each rule where others' ledgers had a known truth, for ledgers without a history of their own. Floor 1.

Written by `python benchmarks/matching.py --calibrate`: it matches each data set in backlog mode and measures the result with
`arlib.matching.calibration.measure(..., data_set=NAME, is_transferred=True)` against the truth kept apart. Replace all lines
together, never one by hand: figures of different versions of the engine do not belong together. "our harder copy" is
pay-to-invoice damaged again, drawn several times: other damage on the same receipts, so its tries are not wholly independent.
"""

from __future__ import annotations

from arlib.matching.calibration import Measured

SHIPPED: tuple[Measured, ...] = (
'''


def measured_rules(matches: pd.DataFrame, truth: pd.DataFrame, data_set: str) -> tuple[Measured, ...]:
    """How often each rule was right on a data set; `matches` as read from a file or from the engine."""
    entity = dict(zip(matches["receipt_id"], matches["entity"], strict=True))
    known = truth[["receipt_id", "item_id"]].assign(entity=truth["receipt_id"].map(entity)).dropna()
    tried = matches.assign(
        explanations=pd.to_numeric(matches["explanations"]),
        receipt_amount=0,  # rules are counted here, not weighed
    )
    return measure(tried, known, data_set=data_set, is_transferred=True)


def added(figures: Sequence[Measured]) -> list[Measured]:
    """One figure a rule and data set: several draws of one data set are summed."""
    right, tried = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in figures:
        right[one.rule, one.data_set] += one.right
        tried[one.rule, one.data_set] += one.tried
    return [
        Measured(rule, right[rule, name], tried[rule, name], name, is_transferred=True)
        for rule, name in tried
    ]


def module_text(figures: Sequence[Measured]) -> str:
    """The module, a line a rule and data set, sorted."""
    lines = [
        f'    Measured("{m.rule}", {m.right}, {m.tried}, "{m.data_set}", is_transferred=True),\n'
        for m in sorted(figures, key=lambda m: (m.rule, m.data_set))
    ]
    return HEAD + "".join(lines) + ")\n"
