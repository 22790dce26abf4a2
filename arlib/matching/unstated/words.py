"""What a set of items looks like to a person. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from arlib.matching.unstated.account import Case


@dataclass(frozen=True, slots=True)
class Structure:
    """Items of a receipt among what the account had open then. `offered` counts those it may have paid."""

    items: int
    due_dates: int
    is_whole: bool  # every open item of these due dates
    offered: int
    late_days: tuple[int, int]  # least and most


def structure(case: Case, rows: tuple[int, ...], day: int) -> Structure:
    """The structure of a choice, over all items of the case that were dated by that day."""
    at = list(rows)
    dues = np.unique(case.due_days[at])
    begin, end = (np.searchsorted(case.due_days, dues, side) for side in ("left", "right"))
    dated = np.r_[0, np.cumsum(case.document_days <= day)]
    late = day - case.due_days[at]
    return Structure(
        items=len(at),
        due_dates=len(dues),
        is_whole=int((dated[end] - dated[begin]).sum()) == len(at),
        offered=int(dated[-1]),
        late_days=(int(late.min()), int(late.max())),
    )


def sentence(shape: Structure, usual_days: tuple[int, int] | None, *, is_alone: bool) -> str:
    """One sentence for the evidence column."""
    if shape.items == 1:
        what = "one open item"
    elif shape.is_whole:
        what = f"all {shape.items} items of {_count(shape.due_dates, 'due date')}"
    else:
        what = f"{shape.items} items of {_count(shape.due_dates, 'due date')}"
    alone = ", and no other set of its open items comes near" if is_alone else ""
    low, high = shape.late_days
    habit = "" if usual_days is None else f"; this customer usually pays {_days(*usual_days)}"
    return f"the amount is exactly {what}{alone}; paid {_days(low, high)}{habit}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _days(low: int, high: int) -> str:
    """Days after the due date, negative before it, as a person says them."""
    if low == high == 0:
        return "on the due date"
    if low < 0 < high:
        return f"from {_count(-low, 'day')} before to {_count(high, 'day')} after the due date"
    if high == 0:
        return f"up to {_count(-low, 'day')} before the due date"
    if low == 0:
        return f"up to {_count(high, 'day')} after the due date"
    near, far = sorted((abs(low), abs(high)))
    days = _count(near, "day") if near == far else f"{near} to {far} days"
    return f"{days} {'after' if low > 0 else 'before'} the due date"
