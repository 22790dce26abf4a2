"""Look back: was the allowance of then enough for what was lost since, and how long did it last. Floor 1.

Three ratios of Riley and Pasewark, "Assessing the allowance for doubtful accounts": bad-debt expense to write-offs
(about 1 over the years), beginning allowance to write-offs, and the time until write-offs have used up the beginning
allowance. Everything here is what the books hold; what would have been required is in backtest.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import pandas as pd

from arlib.credit.allowance.booked import BookedAllowance, BookedFrom
from arlib.credit.allowance.flows import losses
from arlib.credit.allowance.frames import rate_text
from arlib.credit.allowance.frames_movement import LOOK_BACK, LOSS_TREND, LossFlow
from arlib.ledger.frames import OPEN_ITEMS
from arlib.money import total
from arlib.policy import Scope
from arlib.tables.choices import AllowanceLine

MONTHS_A_YEAR = 12
EXPENSED = (AllowanceLine.CHARGE.value, AllowanceLine.RELEASE.value)


def exhaustion(allowance: int, write_offs: Sequence[int]) -> Fraction | None:
    """In how many periods write-offs used up an allowance, the last one in proportion; None where they did not.

    `write_offs` are net write-offs of consecutive periods from the day of the allowance on, in the same minor units.
    An allowance of 1,000,000 with write-offs of 700,000 and then 600,000 lasts 1.5 periods. One of 0 or less lasts 0.
    """
    left = allowance
    if left <= 0:
        return Fraction(0)
    for number, amount in enumerate(write_offs):
        if amount >= left:
            return number + Fraction(left, amount)
        left -= amount
    return None


def share(part: int, whole: int) -> Fraction | None:
    """One amount by another; None where there is nothing to divide by."""
    return Fraction(part, whole) if whole else None


def shown(rate: Fraction | None) -> str | None:
    """A rate as plain decimal text of twelve digits; None stays None."""
    return None if rate is None else rate_text(rate)


def look_back(
    flows: pd.DataFrame, booked: BookedAllowance, *, scope: Scope, credits_recoveries: bool
) -> pd.DataFrame:
    """Years of twelve months back from the as-of date, latest first, as far as entries go: LOOK_BACK.

    A window's opening allowance is what was booked before its first day; the earliest window may be shorter, which its
    `months` say, and is not scaled up. Exhaustion goes on past the window to the as-of date, month by month, on
    write-offs less recoveries where recoveries credit the allowance. Empty without ALLOWANCE_ENTRIES.

    `flows` is LOSS_FLOWS. A flow of the last day of a window is in it.
    """
    if booked.source is not BookedFrom.ENTRIES or booked.entries.empty:
        return LOOK_BACK.empty()
    ends = month_ends(booked.entries["posting_date"].min().date(), scope.as_of)
    rows = []
    for last in range(len(ends) - 1, 0, -MONTHS_A_YEAR):
        first = max(last - MONTHS_A_YEAR, 0)
        after, until = ends[first], ends[last]
        written, back = (total(losses(flows, flow, after=after, until=until)["loss"]) for flow in LossFlow)
        moved = booked.between(after, until)
        expense = total(moved.loc[moved["line"].isin(EXPENSED), "amount"]) - (
            0 if credits_recoveries else back
        )
        opening, closing = booked.at(after) or 0, booked.at(until) or 0
        lasted = exhaustion(opening, [_net(flows, a, b, credits_recoveries) for a, b in _steps(ends[first:])])
        rows.append({
            "starts_on": after + timedelta(days=1), "ends_on": until, "months": last - first,
            "opening": opening, "expense": expense, "written_off": written, "recovered": back, "closing": closing,
            "expense_to_write_offs": shown(share(expense, written)),
            "opening_to_write_offs": shown(share(opening, written)),
            "exhaustion_years": shown(lasted / MONTHS_A_YEAR if lasted is not None else None),
            "is_exhausted": lasted is not None,
        })  # fmt: skip
    return LOOK_BACK.from_rows(rows)


def loss_trend(
    flows: pd.DataFrame,
    booked: BookedAllowance,
    exposures: dict[date, int],
    *,
    scope: Scope,
) -> pd.DataFrame:
    """Write-offs, recoveries and allowance of each month: LOSS_TREND, oldest first.

    `exposures` gives, for each month end wanted, the gross open debits in functional minor units; the months are those,
    each from the day after the one before. The first of them only opens the second.
    """
    rows = []
    ends = sorted(exposures)
    for after, until in _steps(ends):
        written, back = (total(losses(flows, flow, after=after, until=until)["loss"]) for flow in LossFlow)
        allowance = booked.at(until)
        moved = booked.between(after, until)
        rows.append({
            "month": f"{until:%Y-%m}", "ends_on": until, "written_off": written, "recovered": back,
            "expense": None if allowance is None else total(moved.loc[moved["line"].isin(EXPENSED), "amount"]),
            "allowance": allowance, "exposure": exposures[until],
            "coverage": None if allowance is None else shown(share(allowance, exposures[until])),
        })  # fmt: skip
    if not rows:
        return LOSS_TREND.empty()
    frame = pd.DataFrame(rows)
    for name in LOSS_TREND.of_kind(LOSS_TREND["written_off"].kind):
        frame[name] = frame[name].astype("Int64")
    return LOSS_TREND.typed(frame)


def gross_debits(open_items: pd.DataFrame, *, outside: pd.Series[bool]) -> int:
    """Open debits in the books' currency, credits not set off, of the rows that are `outside` the group.

    Needs OPEN_ITEMS; a debit without an amount in the books' currency counts as 0.
    """
    carrying = OPEN_ITEMS.typed(open_items)["functional_outstanding"].fillna(0) + open_items["revaluation"]
    return total(carrying[(open_items["outstanding"].gt(0) & outside).to_numpy(dtype=bool)])


def month_ends(first: date, last: date) -> list[date]:
    """The last day of each month from the month of `first` on, and `last` in place of the end of its own month."""
    days = [stamp.date() for stamp in pd.date_range(first, last, freq="ME")]
    return [*(day for day in days if day < last), last]


def _steps(ends: Sequence[date]) -> list[tuple[date, date]]:
    return list(itertools.pairwise(ends))


def _net(flows: pd.DataFrame, after: date, until: date, credits_recoveries: bool) -> int:
    written, back = (total(losses(flows, flow, after=after, until=until)["loss"]) for flow in LossFlow)
    return written - (back if credits_recoveries else 0)
