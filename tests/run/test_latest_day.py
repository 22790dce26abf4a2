"""The day that a decision may bear at most: an approver's clock may be ahead of the entity's, and the other way round."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from arlib.run import approve


@pytest.mark.parametrize(
    ("local", "zone", "day"),
    [
        ("UTC", "America/New_York", 23),  # 01:46 UTC is still the evening before in New York
        ("America/New_York", "Asia/Tokyo", 23),
        ("America/New_York", "America/New_York", 22),
    ],
)
def test_the_later_of_two_clocks_counts(monkeypatch, local, zone, day):
    moment = datetime(2026, 11, 23, 1, 46, tzinfo=ZoneInfo("UTC"))

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(moment.timestamp(), tz or ZoneInfo(local))

        def astimezone(self, tz=None):
            return super().astimezone(tz or ZoneInfo(local))

    monkeypatch.setattr(approve, "datetime", Clock)

    assert approve.latest_day(ZoneInfo(zone)).day == day
