"""Business days: known holidays, week-ends of other countries, and the European Central Bank's own days."""

import csv
import gzip
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.calendar import BusinessDays
from arlib.errors import ParameterError

US, UK, JP = (
    BusinessDays(country="US"),
    BusinessDays(country="GB", subdivision="ENG"),
    BusinessDays(country="JP"),
)


@pytest.mark.parametrize(
    ("days", "holiday"),
    [
        (US, date(2026, 7, 3)),  # Independence Day, observed on the Friday
        (US, date(2026, 11, 26)),  # Thanksgiving
        (UK, date(2026, 12, 28)),  # Boxing Day's substitute
        (UK, date(2026, 5, 4)),  # early May bank holiday
        (JP, date(2026, 5, 5)),  # Children's Day
    ],
)
def test_public_holidays_are_not_worked(days, holiday):
    assert not days.is_business_day(holiday)
    assert days.holiday(holiday)


def test_week_ends_are_the_countrys_own():
    friday, sunday = date(2026, 10, 30), date(2026, 11, 1)

    assert (US.is_business_day(friday), US.is_business_day(sunday)) == (True, False)
    assert US.holiday(sunday) == ""
    riyadh = BusinessDays(country="SA")
    assert (riyadh.is_business_day(friday), riyadh.is_business_day(sunday)) == (False, True)


def test_walking_over_a_holiday_and_a_week_end():
    thursday = date(2026, 7, 2)

    assert US.next(thursday) == date(2026, 7, 6)
    assert US.previous(date(2026, 7, 6)) == thursday
    assert US.on_or_after(date(2026, 7, 3)) == date(2026, 7, 6)
    assert US.on_or_before(date(2026, 7, 5)) == thursday
    assert US.add(thursday, 1) == date(2026, 7, 6)
    assert US.add(date(2026, 7, 6), -1) == thursday
    assert US.add(date(2026, 7, 4), 0) == date(2026, 7, 6)
    assert US.add(thursday, 0) == thursday
    assert US.between(thursday, date(2026, 7, 7)) == 2
    assert US.between(date(2026, 7, 7), thursday) == -2


@settings(deadline=None)
@given(st.dates(date(2015, 1, 1), date(2035, 12, 31)), st.integers(1, 30))
def test_adding_counts_business_days(day, count):
    later = UK.add(day, count)

    assert UK.is_business_day(later)
    assert UK.between(day, later) == count


@pytest.mark.parametrize(
    ("given_codes", "message"),
    [
        ({}, "country or a market"),
        ({"country": "US", "market": "XNYS"}, "country or a market"),
        ({"country": "ZZ"}, "without known holidays"),
        ({"country": "us"}, "'US'"),
        ({"market": "XXXX"}, "market without known holidays"),
        ({"country": "GB", "subdivision": "ZZZ"}, "one of"),
    ],
)
def test_unknown_codes_are_refused(given_codes, message):
    with pytest.raises(ParameterError, match=message):
        BusinessDays(**given_codes)


def test_an_endless_walk_is_refused():
    with pytest.raises(ParameterError, match="at most"):
        US.add(date(2026, 1, 1), 10**9)


def test_the_days_that_the_central_bank_published_are_target_days(shared):
    """An oracle of 24 years: there is a reference rate exactly for the days on which TARGET was open."""
    with gzip.open(shared / "data" / "fx-ecb" / "eurofxref-hist.csv.gz", "rt", encoding="utf-8") as lines:
        published = {date.fromisoformat(row["Date"]) for row in csv.DictReader(lines)}
    first, last = date(2002, 1, 2), max(published)
    assert len(published) > 6000
    target = BusinessDays(market="XECB")

    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    ours = {day for day in every if target.is_business_day(day)}

    assert ours == {day for day in published if day >= first}
