"""Each open debit and when it is expected. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.forecast.frames import FORECAST_ITEMS
from arlib.collect.forecast.rolling import Outlook, periods_of
from arlib.collect.forecast.shares import on_day
from arlib.collect.position import Position

STEPS = 1000  # a chance is shown in thousandths


def forecast_items(looked: Outlook, position: Position, *, origin: int, weeks: int) -> pd.DataFrame:
    """FORECAST_ITEMS in the order of the position, which is that of its key."""
    rows = position.debits
    debits, kind = looked.debits, looked.kind
    is_covered = looked.covered >= debits.amount
    treatment = looked.special.treatment
    treatment[~debits.pays] = "no_cash"
    treatment[is_covered] = "covered"
    left = 1 - looked.covered / np.maximum(debits.amount, 1)
    within = looked.weeks.sum(axis=1)[kind] if len(kind) else np.zeros(0)
    later = looked.later[kind] if len(kind) else np.zeros(0)
    half = np.where(is_covered, -1, looked.half_day[kind]) if len(kind) else np.zeros(0, dtype=np.int64)
    half = np.where(within + later >= 0.5, half, -1)
    ends = periods_of(origin, weeks)
    labels = np.array([_label(origin + int(end)) for end in ends], dtype=object)
    place = np.minimum(np.searchsorted(ends, np.maximum(half, 1)), len(ends) - 1)
    other = np.where(is_covered, "covered", np.where(within + later >= 0.5, "later", "not expected")).astype(
        object
    )
    shown = np.array([f"{step / STEPS:.3f}" for step in range(STEPS + 1)], dtype=object)
    frame = pd.DataFrame({
        **{name: rows[name].reset_index(drop=True) for name in ("entity", "item_id", "instalment_no", "customer_id",
                                                               "document_no", "currency", "outstanding", "due_date")},
        "covered": looked.covered, "treatment": treatment, "expected_on": on_day(half, origin),
        "expected_week": np.where(half > 0, labels[place], other),
        "chance": shown[np.clip(np.rint(within * left * STEPS), 0, STEPS).astype(np.int64)],
    })  # fmt: skip
    return FORECAST_ITEMS.typed(frame)


def _label(day: int) -> str:
    year, number, _ = pd.Timestamp(day, unit="D").isocalendar()
    return f"{year}-W{number:02d}"
