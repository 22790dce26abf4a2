"""Whether the billing of the last month looks whole. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from arlib.collect.kpi.runs import SALES_TYPES
from arlib.collect.kpi.windows import Windows
from arlib.ledger.facts import counted, fact_dates
from arlib.policy import Scope

FIRST_DAY, LAST_DAYS = (
    15,
    7,
)  # billing is looked at after each day from the first one to a week before the end
FEW = 20  # fewer documents in the month before say nothing
SHARE = 3  # fallen off: fewer than a third of the month before


@dataclass(frozen=True, kw_only=True)
class FellOff:
    """The day after which few documents follow, and how many against the same days of the month before."""

    day: date
    documents: int
    before: int

    @property
    def short(self) -> str:
        """In place of a direction."""
        return f"not told: billing fell off after {self.day:%Y-%m-%d}"

    @property
    def limit(self) -> str:
        """What it means for the figures."""
        return (
            f"Billing fell off after {self.day:%Y-%m-%d}: {self.documents} documents since, {self.before} in the same days of the "
            "month before. If documents are missing, receivables, sales, DSO, CEI and the shares by age are not those of the "
            "month, and none of them is called better or worse."
        )


def fell_off(items: pd.DataFrame, *, windows: Windows, scope: Scope) -> FellOff | None:
    """The first day from the 15th on after which the last month has less than a third of the documents of the month before.

    Sales documents by the scope's basis, the same days of the month before (its last days where it is shorter end with it);
    None where that month has fewer than 20 then, is not known whole, or fewer than 7 days are left. Needs ITEMS.
    """
    last = len(windows.months) - 1
    if last < 1 or not windows.knows_flow(last - 1) or windows.months[last - 1].name == windows.partial:
        return None
    month, earlier = windows.months[last], windows.months[last - 1]
    mine = counted(items, scope=scope) & items["item_type"].isin(SALES_TYPES).to_numpy(dtype=bool)
    days = fact_dates(items, scope.basis)[mine].to_numpy(dtype="datetime64[D]")
    for number in range(FIRST_DAY, month.days - LAST_DAYS + 1):
        counts = [
            int(((days > np.datetime64(one.starts_on + timedelta(days=number - 1))) & (days <= np.datetime64(end))).sum())
            for one, end in ((month, month.ends_on), (earlier, _same(earlier.starts_on, earlier.ends_on, month.days)))
        ]  # fmt: skip
        if counts[1] >= FEW and counts[0] * SHARE < counts[1]:
            return FellOff(
                day=month.starts_on + timedelta(days=number - 1), documents=counts[0], before=counts[1]
            )
    return None


def _same(starts_on: date, ends_on: date, days: int) -> date:
    return min(ends_on, starts_on + timedelta(days=days - 1))
