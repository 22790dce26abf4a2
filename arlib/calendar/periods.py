"""Fiscal periods: calendar months, offset fiscal years, week calendars of 52 or 53 weeks, single weeks. Floor 0.

A period's name says its style, so that one never passes for the other: `2026-10` is the calendar month,
`FY2026-P10` the tenth period of fiscal year 2026, `2026-W44` the week of ISO 8601, Monday to Sunday.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from arlib.errors import ParameterError


class CalendarKind(StrEnum):
    """How a fiscal year is cut into periods."""

    MONTH = "month"
    W445 = "4-4-5"
    W454 = "4-5-4"
    W544 = "5-4-4"
    W13 = "13x4"  # thirteen periods of four weeks
    WEEK = "week"  # each week a period, for weekly reports


class YearEnd(StrEnum):
    """Which weekday a week calendar's year ends on."""

    LAST = "last"  # the last such weekday of the month
    NEAREST = "nearest"  # the one nearest to the month's last day, at most three days into the next


class YearName(StrEnum):
    """Which calendar year names a fiscal year."""

    END = "end"  # the one of its last month: April 2026 to March 2027 is 2027
    START = "start"  # the one of its first month: the same year is 2026


class Weekday(StrEnum):
    """Days of the week, Monday first as in ISO 8601."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """0 for Monday to 6 for Sunday, as `date.weekday` counts."""
        return list(Weekday).index(self)


WEEKS = {
    CalendarKind.W445: (4, 4, 5) * 4,
    CalendarKind.W454: (4, 5, 4) * 4,
    CalendarKind.W544: (5, 4, 4) * 4,
    CalendarKind.W13: (4,) * 13,
}
_MONTH_NAME = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_WEEK_NAME = re.compile(r"([0-9]{4})-W([0-9]{2})")
_FISCAL_NAME = re.compile(r"FY([0-9]{4})-P([0-9]{2})")
_FIRST_YEAR, _LAST_YEAR = 1900, 2999


@dataclass(frozen=True, kw_only=True, order=True)
class Period:
    """A fiscal period, both days included. `year` and `number` are fiscal, `number` counts from 1."""

    starts_on: date
    ends_on: date
    name: str
    year: int
    number: int

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.ends_on - self.starts_on).days + 1

    def __contains__(self, day: date) -> bool:
        """Whether the day lies in it, first and last day included."""
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, kw_only=True)
class FiscalCalendar:
    """How an entity cuts time. The default is the calendar year in months, named 2026-10.

    `year_starts_month` is the first month of the fiscal year; for week calendars the year ends about the end
    of the month before it, on `year_ends_on`, by `year_end`. A 53rd week goes to `long_period` (0 means the
    last one). Months are named by calendar month, unless `has_fiscal_names`; week periods always have fiscal
    names. Single weeks are those of ISO 8601, whatever the other fields say, and so is their year.
    """

    kind: CalendarKind = CalendarKind.MONTH
    year_starts_month: int = 1
    year_name: YearName = YearName.END
    has_fiscal_names: bool = False
    year_end: YearEnd = YearEnd.LAST
    year_ends_on: Weekday = Weekday.SATURDAY
    long_period: int = 0

    def __post_init__(self) -> None:
        """The month and the long period must exist."""
        if not 1 <= self.year_starts_month <= 12:
            raise ParameterError("year_starts_month", found=self.year_starts_month, wanted="1 to 12")
        if not 0 <= self.long_period <= self.periods_in_year:
            raise ParameterError("long_period", found=self.long_period, wanted=f"0 to {self.periods_in_year}")

    @property
    def periods_in_year(self) -> int:
        """12, or 13 for four-week periods; of single weeks the most that a year has, 53."""
        if self.kind is CalendarKind.WEEK:
            return 53
        return len(WEEKS.get(self.kind, range(12)))

    def periods(self, year: int) -> tuple[Period, ...]:
        """The periods of a fiscal year, in order, without a gap."""
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            raise ParameterError("fiscal year", found=year, wanted=f"{_FIRST_YEAR} to {_LAST_YEAR}")
        if self.kind is CalendarKind.MONTH:
            return tuple(self._month(year, number) for number in range(1, 13))
        if self.kind is CalendarKind.WEEK:
            return tuple(_week(year, number) for number in range(1, _weeks_in(year) + 1))
        weeks = list(WEEKS[self.kind])
        starts_on, ends_on = self._week_year_end(year - 1) + timedelta(days=1), self._week_year_end(year)
        weeks[self.long_period - 1] += ((ends_on - starts_on).days + 1) // 7 - 52
        found = []
        for number, count in enumerate(weeks, start=1):
            last = starts_on + timedelta(weeks=count, days=-1)
            name = f"FY{year:04d}-P{number:02d}"
            found.append(Period(name=name, starts_on=starts_on, ends_on=last, year=year, number=number))
            starts_on = last + timedelta(days=1)
        return tuple(found)

    def period(self, name: str) -> Period:
        """The period of that name; a name of another style or a number out of range raises ParameterError."""
        if self.kind is CalendarKind.WEEK:
            return self._week_named(name)
        month, fiscal = _MONTH_NAME.fullmatch(name), _FISCAL_NAME.fullmatch(name)
        if self._is_named_by_month:
            if month and _FIRST_YEAR <= int(month[1]) <= _LAST_YEAR:
                return self.containing(date(int(month[1]), int(month[2]), 1))
            raise ParameterError("period", found=name, wanted="a month such as 2026-10")
        if fiscal and 1 <= int(fiscal[2]) <= self.periods_in_year:
            return self.periods(int(fiscal[1]))[int(fiscal[2]) - 1]
        raise ParameterError(
            "period", found=name, wanted=f"a fiscal period such as FY2026-P01, up to P{self.periods_in_year}"
        )

    def containing(self, day: date) -> Period:
        """The period that a day belongs to."""
        for year in (day.year, day.year + 1, day.year - 1):
            for period in self.periods(year):
                if day in period:
                    return period
        raise ParameterError("day outside the calendar", found=day.isoformat())

    def previous(self, period: Period) -> Period:
        """The period before, across the year's start."""
        return self.containing(period.starts_on - timedelta(days=1))

    def next(self, period: Period) -> Period:
        """The period after, across the year's end."""
        return self.containing(period.ends_on + timedelta(days=1))

    @property
    def _is_named_by_month(self) -> bool:
        return self.kind is CalendarKind.MONTH and not self.has_fiscal_names

    def _week_named(self, name: str) -> Period:
        week = _WEEK_NAME.fullmatch(name)
        if (
            week
            and _FIRST_YEAR <= int(week[1]) <= _LAST_YEAR
            and 1 <= int(week[2]) <= _weeks_in(int(week[1]))
        ):
            return _week(int(week[1]), int(week[2]))
        raise ParameterError("period", found=name, wanted="a week of ISO 8601 such as 2026-W44")

    def _month(self, year: int, number: int) -> Period:
        first = year - (self.year_name is YearName.END and self.year_starts_month > 1)
        months = first * 12 + self.year_starts_month - 1 + number - 1
        at, month = divmod(months, 12)
        starts_on = date(at, month + 1, 1)
        name = f"{at:04d}-{month + 1:02d}" if self._is_named_by_month else f"FY{year:04d}-P{number:02d}"
        return Period(name=name, starts_on=starts_on, ends_on=month_end(starts_on), year=year, number=number)

    def _week_year_end(self, year: int) -> date:
        """The last day of a fiscal year of weeks."""
        month = (self.year_starts_month - 2) % 12 + 1
        # a year that starts in January ends in December of its own year, under either way of naming
        at = year + (self.year_name is YearName.START and self.year_starts_month > 1)
        end = month_end(date(at, month, 1))
        back = (end.weekday() - self.year_ends_on.number) % 7
        forward = self.year_end is YearEnd.NEAREST and back > 3
        return end + timedelta(days=7 - back if forward else -back)


def _week(year: int, number: int) -> Period:
    starts_on = date.fromisocalendar(year, number, 1)
    return Period(
        name=f"{year:04d}-W{number:02d}", starts_on=starts_on, ends_on=starts_on + timedelta(days=6), year=year,
        number=number,
    )  # fmt: skip


def _weeks_in(year: int) -> int:
    """52 or 53: 28 December always lies in the last week of its ISO year."""
    return date(year, 12, 28).isocalendar().week


def month_end(day: date) -> date:
    """The last day of the day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the last of a month that has none: 31 January + 1 is 28 February."""
    at, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(at, month + 1, min(day.day, calendar.monthrange(at, month + 1)[1]))
