"""The end of a day in an entity's time zone, as an instant. Floor 0.

Entry times are kept in UTC; "as known at" a date means the end of that day where the entity sits.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from arlib.errors import ParameterError


@lru_cache(maxsize=256)
def time_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name; an unknown one raises ParameterError."""
    # looked up in the list first: to ZoneInfo ../x is a file path, and an odd name raises OSError
    if name not in available_timezones():
        raise ParameterError("time zone", found=name, wanted="an IANA name such as Europe/London")
    return ZoneInfo(name)


def end_of_day(day: date, zone_name: str) -> datetime:
    """The first instant, in UTC, after that day in the zone: what was entered before it was known."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=time_zone(zone_name)).astimezone(UTC)
