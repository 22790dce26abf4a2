"""Fiscal periods: calendars that retailers and filers publish, and the rule that periods leave no gap."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.calendar import CalendarKind, FiscalCalendar, Weekday, YearEnd, YearName, add_months, month_end
from arlib.errors import ParameterError

MONTHS = FiscalCalendar()
APRIL = FiscalCalendar(year_starts_month=4, has_fiscal_names=True)
# the National Retail Federation's: Saturday nearest to 31 January, named by the year it starts in
RETAIL = FiscalCalendar(
    kind=CalendarKind.W454, year_starts_month=2, year_end=YearEnd.NEAREST, year_name=YearName.START
)
SEPTEMBER = FiscalCalendar(
    kind=CalendarKind.W445, year_starts_month=10
)  # last Saturday of September, as Apple's
DECEMBER = FiscalCalendar(kind=CalendarKind.W445)  # last Saturday of December, as Intel's
FOUR_WEEKS = FiscalCalendar(kind=CalendarKind.W13, year_ends_on=Weekday.SUNDAY, year_end=YearEnd.NEAREST)
ALL = [
    MONTHS,
    APRIL,
    RETAIL,
    SEPTEMBER,
    DECEMBER,
    FOUR_WEEKS,
    FiscalCalendar(kind=CalendarKind.W544, long_period=1),
]


def test_a_calendar_month():
    october = MONTHS.period("2026-10")

    assert (october.starts_on, october.ends_on) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (october.year, october.number, october.days, october.name) == (2026, 10, 31, "2026-10")
    assert MONTHS.next(MONTHS.period("2026-12")).name == "2027-01"
    assert MONTHS.previous(MONTHS.period("2027-01")).name == "2026-12"
    assert MONTHS.period("2028-02").ends_on == date(2028, 2, 29)


def test_an_offset_year_is_named_by_its_end_or_its_start():
    by_start = FiscalCalendar(year_starts_month=4, has_fiscal_names=True, year_name=YearName.START)

    assert APRIL.period("FY2027-P01").starts_on == date(2026, 4, 1)
    assert APRIL.period("FY2027-P12").ends_on == date(2027, 3, 31)
    assert by_start.period("FY2026-P01").starts_on == date(2026, 4, 1)
    assert APRIL.containing(date(2026, 10, 15)).name == "FY2027-P07"


def test_an_offset_year_may_keep_the_names_of_months():
    calendar = FiscalCalendar(year_starts_month=4)

    march = calendar.period("2027-03")
    assert (march.starts_on, march.year, march.number) == (date(2027, 3, 1), 2027, 12)
    assert calendar.period("2026-04").number == 1


@pytest.mark.parametrize(
    ("year", "first", "last", "weeks"),
    [
        (2012, date(2012, 1, 29), date(2013, 2, 2), 53),
        (2017, date(2017, 1, 29), date(2018, 2, 3), 53),
        (2022, date(2022, 1, 30), date(2023, 1, 28), 52),
        (2023, date(2023, 1, 29), date(2024, 2, 3), 53),
        (2024, date(2024, 2, 4), date(2025, 2, 1), 52),
    ],
)
def test_the_retail_calendar_as_published(year, first, last, weeks):
    periods = RETAIL.periods(year)

    assert (periods[0].starts_on, periods[-1].ends_on) == (first, last)
    expected = [4, 5, 4] * 4
    expected[-1] += weeks - 52
    assert [period.days // 7 for period in periods] == expected


@pytest.mark.parametrize(
    ("calendar", "year", "last", "weeks"),
    [
        (SEPTEMBER, 2017, date(2017, 9, 30), 53),
        (SEPTEMBER, 2018, date(2018, 9, 29), 52),
        (SEPTEMBER, 2022, date(2022, 9, 24), 52),
        (SEPTEMBER, 2023, date(2023, 9, 30), 53),
        (DECEMBER, 2016, date(2016, 12, 31), 53),
        (DECEMBER, 2021, date(2021, 12, 25), 52),
        (DECEMBER, 2022, date(2022, 12, 31), 53),
        (DECEMBER, 2023, date(2023, 12, 30), 52),
    ],
)
def test_years_of_52_and_53_weeks_as_filed(calendar, year, last, weeks):
    periods = calendar.periods(year)

    assert periods[-1].ends_on == last
    assert sum(period.days for period in periods) == 7 * weeks
    assert periods[-1].days == 7 * (5 + weeks - 52)


def test_the_nearest_weekday_may_fall_in_the_next_month():
    calendar = FiscalCalendar(kind=CalendarKind.W445, year_end=YearEnd.NEAREST)

    assert calendar.periods(2025)[-1].ends_on == date(2026, 1, 3)
    assert calendar.containing(date(2026, 1, 2)).name == "FY2025-P12"
    assert calendar.containing(date(2026, 1, 4)).name == "FY2026-P01"


def test_the_long_period_is_declared():
    calendar = FiscalCalendar(kind=CalendarKind.W445, long_period=6)

    assert [p.days // 7 for p in calendar.periods(2022)] == [4, 4, 5, 4, 4, 6, 4, 4, 5, 4, 4, 5]


@pytest.mark.parametrize("calendar", ALL)
def test_periods_leave_no_gap_over_fifty_years(calendar):
    day = calendar.periods(1990)[0].starts_on
    for year in range(1990, 2041):
        periods = calendar.periods(year)
        assert len(periods) == calendar.periods_in_year
        for number, period in enumerate(periods, start=1):
            assert (period.starts_on, period.year, period.number) == (day, year, number)
            assert calendar.period(period.name) == period
            day = period.ends_on + timedelta(days=1)


@settings(deadline=None)
@given(st.sampled_from(ALL), st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_every_day_has_one_period_with_neighbours(calendar, day):
    period = calendar.containing(day)

    assert day in period
    assert period.starts_on <= day <= period.ends_on
    assert calendar.next(calendar.previous(period)) == period
    assert calendar.previous(calendar.next(period)) == period


@pytest.mark.parametrize(
    ("calendar", "name"),
    [
        (MONTHS, "2026-13"), (MONTHS, "2026-00"), (MONTHS, "2026-1"), (MONTHS, "FY2026-P10"), (MONTHS, ""),
        (MONTHS, "0000-01"), (MONTHS, "2026-10\n"), (MONTHS, "\u0662026-10"), (APRIL, "2026-10"),
        (APRIL, "FY2026-P13"),
        (APRIL, "FY2026-P00"), (FOUR_WEEKS, "FY2026-P14"), (APRIL, "FY9999-P01"),
    ],
)  # fmt: skip
def test_a_name_of_another_style_or_out_of_range_is_refused(calendar, name):
    with pytest.raises(ParameterError):
        calendar.period(name)


def test_thirteen_periods():
    assert FOUR_WEEKS.period("FY2026-P13").days in (28, 35)


@pytest.mark.parametrize("wrong", [{"year_starts_month": 0}, {"year_starts_month": 13}, {"long_period": 13}])
def test_a_calendar_checks_itself(wrong):
    with pytest.raises(ParameterError):
        FiscalCalendar(**wrong)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)), (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)), (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 5, 15), 0, date(2026, 5, 15)), (date(2026, 1, 15), 12, date(2027, 1, 15)),
    ],
)  # fmt: skip
def test_months_are_added_to_the_last_day_that_there_is(day, months, expected):
    assert add_months(day, months) == expected


def test_month_ends():
    assert [month_end(date(y, 2, 3)).day for y in (1900, 2000, 2026, 2028)] == [28, 29, 28, 29]


WEEK = FiscalCalendar(kind=CalendarKind.WEEK)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026-W44", date(2026, 10, 26), date(2026, 11, 1)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),  # four days of it are in 2026
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("2024-W52", date(2024, 12, 23), date(2024, 12, 29)),
    ],
)
def test_a_week_is_that_of_iso_8601(name, first, last):
    week = WEEK.period(name)

    assert (week.starts_on, week.ends_on, week.name) == (first, last, name)
    assert WEEK.containing(first) == WEEK.containing(last) == week


@pytest.mark.parametrize("name", ["2024-W53", "2026-W00", "2026-W54", "2026-10", "FY2026-P01", "2026-W4"])
def test_a_name_that_is_no_week_is_refused(name):
    with pytest.raises(ParameterError, match="2026-W44"):
        WEEK.period(name)


def test_a_week_passes_for_no_month():
    with pytest.raises(ParameterError):
        FiscalCalendar().period("2026-W44")


def test_weeks_leave_no_gap_over_fifty_years():
    day = date(1989, 12, 25) + timedelta(days=7)
    for year in range(1990, 2041):
        weeks = WEEK.periods(year)
        assert len(weeks) in (52, 53)
        for number, week in enumerate(weeks, start=1):
            assert (week.starts_on, week.year, week.number) == (day, year, number)
            assert WEEK.next(WEEK.previous(week)) == week
            day = week.ends_on + timedelta(days=1)
