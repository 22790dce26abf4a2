"""The end of a day where the entity sits, over changes of the clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.calendar import end_of_day, time_zone
from arlib.errors import ParameterError


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        (date(2026, 10, 31), "UTC", datetime(2026, 11, 1, 0, tzinfo=UTC)),
        (date(2026, 10, 31), "America/New_York", datetime(2026, 11, 1, 4, tzinfo=UTC)),  # summer time still
        (date(2026, 11, 1), "America/New_York", datetime(2026, 11, 2, 5, tzinfo=UTC)),  # the day had 25 hours
        (date(2026, 3, 29), "Europe/London", datetime(2026, 3, 29, 23, tzinfo=UTC)),  # the day had 23
        (date(2026, 10, 31), "Asia/Tokyo", datetime(2026, 10, 31, 15, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_midnight_there(day, zone, instant):
    assert end_of_day(day, zone) == instant


@settings(deadline=None)
@given(
    st.dates(date(2000, 1, 1), date(2037, 12, 30)),
    st.sampled_from(["Europe/London", "Asia/Tokyo", "America/New_York"]),
)
def test_days_follow_each_other_without_gap(day, zone):
    length = end_of_day(day + timedelta(days=1), zone) - end_of_day(day, zone)

    assert timedelta(hours=23) <= length <= timedelta(hours=25)
    assert (end_of_day(day, zone) - timedelta(microseconds=1)).astimezone(time_zone(zone)).date() == day


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "utc ", "Europe"])
def test_an_unknown_zone_is_refused(name):
    with pytest.raises(ParameterError, match="time zone"):
        end_of_day(date(2026, 1, 1), name)
