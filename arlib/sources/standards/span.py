"""The period of an export: which rows were posted in it. Floor 2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from arlib.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Span:
    """The period of an export: rows posted on these days, and both ends."""

    start: date
    end: date

    def __post_init__(self) -> None:
        """The period must not end before it starts."""
        if self.end < self.start:
            raise ParameterError("period of the export", found=f"{self.start} to {self.end}",
                                 wanted="an end on or after the start")  # fmt: skip

    @property
    def day_before(self) -> date:
        """The day whose balances are the opening ones."""
        return self.start - timedelta(days=1)

    def holds(self, frame: pd.DataFrame) -> pd.Series:
        """True on the rows that were posted in the period; the effective date counts where none is given."""
        days = posted_on(frame)
        return days.ge(str(self.start)) & days.le(str(self.end))


def posted_on(frame: pd.DataFrame) -> pd.Series:
    """The ledger date of each row."""
    import pandas as pd

    days = frame["posting_date"]
    days = days.fillna(frame["effective_date"]) if "effective_date" in frame else days
    return pd.Series(pd.to_datetime(days), index=frame.index)
