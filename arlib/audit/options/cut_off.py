"""What may be asked about cut-off, journals, numbering and approvals: flat options, each with a default. Floor 1."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from arlib.errors import ParameterError

_DECIMAL = re.compile(r"[0-9]{1,18}(\.[0-9]{1,6})?")


def _days(where: str, **given: int) -> None:
    for name, value in given.items():
        if isinstance(value, bool) or not 0 <= value <= 3_660:
            raise ParameterError(name, where=where, found=value, wanted="0 to 3660")


def _share(where: str, **given: str) -> None:
    for name, text in given.items():
        if not _DECIMAL.fullmatch(text) or Decimal(text) > 1:
            raise ParameterError(name, where=where, found=text, wanted='a share as decimal text, "0" to "1"')


def _day(where: str, **given: str) -> None:
    for name, text in given.items():
        try:
            _ = date.fromisoformat(text) if text else None
        except ValueError:
            raise ParameterError(name, where=where, found=text, wanted='an ISO day, or ""') from None


@dataclass(frozen=True, kw_only=True)
class CutOffOptions:
    """Invoices, credit notes and cash in the right period."""

    days_before: int = 10  # days before and with the date whose documents are tested
    days_after: int = 10  # days after the date whose documents are tested
    transit_days: int = 3  # business days that money may be on its way between ledger and bank
    usual_lag_share: str = "0.95"  # share of documents whose lag from delivery to posting is the usual one

    def __post_init__(self) -> None:
        """Days and share must make sense."""
        _days("cut_off", days_before=self.days_before, days_after=self.days_after, transit_days=self.transit_days)  # fmt: skip
        _share("cut_off", usual_lag_share=self.usual_lag_share)


@dataclass(frozen=True, kw_only=True)
class CreditNotesAfterOptions:
    """Credit notes after the date for sales before it."""

    days_after: int = 30  # days after the date in which credits are looked for
    earlier_months: int = 6  # earlier month ends whose same window is set beside it

    def __post_init__(self) -> None:
        """Days and months must make sense."""
        _days("credit_notes_after", days_after=self.days_after, earlier_months=self.earlier_months)


@dataclass(frozen=True, kw_only=True)
class JournalEntriesOptions:
    """Journal entries on the control account."""

    from_date: str = ""  # first posting day; "" for twelve months to the date
    min_score: int = 30  # points from which an entry is listed
    night_from_hour: int = 22  # in the entity's zone; night ends at `night_to_hour`
    night_to_hour: int = 6
    round_units: int = 1000  # whole multiples of so many currency units are round
    period_end_days: int = 2  # last days of a period
    late_days: int = 5  # days between posting date and entry from which it was posted back
    rare_lines: int = 2  # a user and account with so many journals or fewer are a rare pair
    below_limit_share: str = "0.05"  # share below a limit of authority that counts as just below

    def __post_init__(self) -> None:
        """Days, hours, points and share must make sense."""
        where = "journal_entries"
        _days(where, period_end_days=self.period_end_days, late_days=self.late_days, rare_lines=self.rare_lines)  # fmt: skip
        _day(where, from_date=self.from_date)
        _share(where, below_limit_share=self.below_limit_share)
        for name in ("night_from_hour", "night_to_hour"):
            if not 0 <= getattr(self, name) <= 24:
                raise ParameterError(name, where=where, found=getattr(self, name), wanted="0 to 24")
        for name in ("min_score", "round_units"):
            if getattr(self, name) < 1:
                raise ParameterError(name, where=where, found=getattr(self, name), wanted="1 or more")


@dataclass(frozen=True, kw_only=True)
class NumberingOptions:
    """Completeness of numbering: gaps and reuse."""

    from_date: str = ""  # first day; "" for the first of the period
    new_range_from: int = 1000  # a jump of so many numbers begins another range and is no gap
    least_coverage: str = "0.8"  # share of a range that must be used for its numbers to be a sequence
    order_days: int = 5  # days that a document may be dated before one with a lower number

    def __post_init__(self) -> None:
        """Numbers, days and share must make sense."""
        _day("numbering", from_date=self.from_date)
        _days("numbering", order_days=self.order_days)
        _share("numbering", least_coverage=self.least_coverage)
        if self.new_range_from < 2:
            raise ParameterError("new_range_from", where="numbering", found=self.new_range_from, wanted="2 or more")  # fmt: skip

    @property
    def coverage(self) -> Fraction:
        """`least_coverage` as a fraction."""
        return Fraction(self.least_coverage)


@dataclass(frozen=True, kw_only=True)
class ApprovalsOptions:
    """Approvals of write-offs and adjustments."""

    from_date: str = ""  # first posting day; "" for the first of the period
    split_window_days: int = 7  # days within which parts of one amount are looked for
    split_within_share: str = "0.1"  # share below a limit that counts as just below

    def __post_init__(self) -> None:
        """Days and share must make sense."""
        _day("approvals", from_date=self.from_date)
        _days("approvals", split_window_days=self.split_window_days)
        _share("approvals", split_within_share=self.split_within_share)
