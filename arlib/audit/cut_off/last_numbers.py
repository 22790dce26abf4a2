"""The last number before a date and the first after it: lower numbers belong before, higher ones after. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from arlib.audit.cut_off.bills import BILLS
from arlib.audit.cut_off.frames import LAST_NUMBERS
from arlib.audit.cut_off.numbers import parsed, ranges
from arlib.tables.choices import ItemType

_LEAST_ORDER = 0.9  # share of neighbours in the order of their days from which numbers run with dates
_ORDER_DAYS = 5  # days that a document may lie behind one with a lower number
_NEW_RANGE = 1000
_CASH = (ItemType.RECEIPT.value, ItemType.PREPAYMENT.value)


@dataclass(frozen=True, kw_only=True)
class LastNumbers:
    """What the last numbers show."""

    rows: pd.DataFrame  # LAST_NUMBERS
    crossing: frozenset[str]  # items whose number lies on the other side of the date than their booking
    has_deliveries: bool


def last_numbers(items: pd.DataFrame, window: pd.Series) -> LastNumbers:
    """Documents and delivery notes on both sides of the date, series by series.

    `items` need the columns of ITEMS, `day` and `is_before`; `window` flags those of the window, from which last and first
    are read. Whether numbers run with dates is judged on all: nine in ten neighbours in the order of their days, and as many
    not more than five days behind a lower number. Crossing are the fewest documents that would have to change sides for all
    lower numbers to stand before all higher ones.
    """
    rows: list[dict[str, Any]] = []
    crossing: set[str] = set()
    has_deliveries = False
    for kind, mine, column in (
        ("document", items["item_type"].isin(BILLS), "document_no"),
        ("credit note", items["item_type"].eq(ItemType.CREDIT_MEMO.value), "document_no"),
        ("receipt", items["item_type"].isin(_CASH), "document_no"),
        (
            "delivery note",
            items["item_type"].isin(BILLS) & items["replaces"].fillna("").eq(""),
            "delivery_no",
        ),
    ):
        chosen = mine & items[column].fillna("").ne("")
        part = items[chosen.to_numpy(dtype=bool)]
        part = part.assign(
            own=part[column], in_window=window[chosen.to_numpy(dtype=bool)].to_numpy(dtype=bool)
        )
        has_deliveries |= kind == "delivery note" and len(part) > 0
        for row, across in _of_kind(kind, part):
            rows.append(row)
            crossing |= across
    made = LAST_NUMBERS.from_rows(rows).sort_values(["kind", "series"], kind="stable", ignore_index=True)
    return LastNumbers(rows=made, crossing=frozenset(crossing), has_deliveries=has_deliveries)


def _of_kind(kind: str, part: pd.DataFrame) -> list[tuple[dict[str, Any], set[str]]]:
    if part.empty:
        return []
    parts = parsed(part["own"], part["document_date"].fillna(part["day"]))
    rows = part.assign(series=parts["series"], number=parts["number"])
    rows = rows[rows["number"].notna().to_numpy(dtype=bool)].sort_values(
        ["series", "number", "item_id"], kind="stable", ignore_index=True
    )
    numbers = rows["number"].to_numpy(dtype=np.int64)
    new = (
        np.r_[0, np.diff(ranges(numbers, new_from=_NEW_RANGE))] != 0
        if len(numbers)
        else np.zeros(0, dtype=bool)
    )
    new |= (rows["series"] != rows["series"].shift()).to_numpy(dtype=bool)
    made = []
    for _, one in rows.groupby(np.cumsum(new), sort=True):
        inside = one[one["in_window"].to_numpy(dtype=bool)]
        if len(inside):
            made.append(_one(kind, one, inside))
    return made


def _one(kind: str, one: pd.DataFrame, inside: pd.DataFrame) -> tuple[dict[str, Any], set[str]]:
    before = inside[inside["is_before"].to_numpy(dtype=bool)]
    after = inside[~inside["is_before"].to_numpy(dtype=bool)]
    days = one["day"].to_numpy().astype("datetime64[D]").astype(np.int64)
    behind = np.maximum.accumulate(days) - days > _ORDER_DAYS if len(days) else np.zeros(0, dtype=bool)
    runs = len(days) > 2 and float((np.diff(days) >= 0).mean()) >= _LEAST_ORDER
    runs = runs and float(behind.mean()) <= 1 - _LEAST_ORDER
    across: set[str] = set()
    if not runs:
        said = (
            "numbers do not run with dates: not possible"
            if len(days) > 2
            else "too few numbers: not possible"
        )
    elif before.empty or after.empty:
        said = f"all of the window are booked {'after' if before.empty else 'on or before'} the date"
    else:
        across = _crossing(inside)
        named = ", ".join(inside.loc[inside["item_id"].isin(across).to_numpy(dtype=bool), "own"].astype(str))
        said = (
            f"booked on the other side than their number: {named}"
            if across
            else "all lower numbers are booked on or before the date"
        )
    return {
        "kind": kind, "series": one["series"].iloc[0], "documents": len(inside),
        "last_before": None if before.empty else before["own"].iloc[-1],
        "last_before_on": None if before.empty else before["day"].iloc[-1],
        "first_after": None if after.empty else after["own"].iloc[0],
        "first_after_on": None if after.empty else after["day"].iloc[0],
        "crossing": len(across) if runs else None, "finding": said,
    }, across  # fmt: skip


def _crossing(inside: pd.DataFrame) -> set[str]:
    """The fewest documents on the wrong side of any one number; of equal choices the highest number."""
    before = inside["is_before"].to_numpy(dtype=bool)
    later_before = before[::-1].cumsum()[::-1]  # booked before, from this place on
    wrong = np.r_[later_before, 0] + np.r_[0, (~before).cumsum()]
    at = len(wrong) - 1 - int(np.argmin(wrong[::-1]))
    place = np.arange(len(before))
    off = (before & (place >= at)) | (~before & (place < at))
    return set(inside["item_id"].to_numpy()[off])
