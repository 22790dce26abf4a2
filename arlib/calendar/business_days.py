"""Business days by country or market, through the `holidays` library. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from arlib.errors import ParameterError, nearest

_FARTHEST = 100_000  # days that add() walks at most, so that a slip of the pen does not run for ever


@dataclass(frozen=True, kw_only=True)
class BusinessDays:
    """Which days are worked in a country (ISO 3166 code, with a subdivision if given) or at a market.

    `market` is a code of the library, such as XECB for the European Central Bank's TARGET days or XNYS for
    New York; give a country or a market. Week-ends are the country's own: Friday and Saturday where that is
    so. Unknown codes raise ParameterError with the nearest known one.
    """

    country: str = ""
    subdivision: str = ""
    market: str = ""

    def __post_init__(self) -> None:
        """One of country and market must be given, and known."""
        if bool(self.country) == bool(self.market):
            raise ParameterError(
                "business days", found=(self.country, self.market), wanted="a country or a market"
            )
        import holidays

        known = holidays.list_supported_financial() if self.market else holidays.list_supported_countries()
        code, what = (self.market, "market") if self.market else (self.country, "country")
        if code not in known:
            near = nearest(code.upper(), known)
            fix = f"Did you mean {near!r}?" if near else ""
            raise ParameterError(f"{what} without known holidays", found=code, fix=fix)
        if self.subdivision and self.subdivision not in known[code]:
            raise ParameterError(
                f"subdivision of {code}",
                found=self.subdivision,
                wanted=f"one of {', '.join(sorted(known[code]))}",
            )

    @cached_property
    def _days(self) -> Any:
        import holidays

        if self.market:
            return holidays.financial_holidays(self.market)
        return holidays.country_holidays(self.country, subdiv=self.subdivision or None)

    def is_business_day(self, day: date) -> bool:
        """Whether it is worked: neither week-end nor holiday, or a week-end day declared a working day."""
        return bool(self._days.is_working_day(day))

    def holiday(self, day: date) -> str:
        """The name of the public holiday, '' on other days, week-ends among them."""
        return str(self._days.get(day) or "")

    def on_or_after(self, day: date) -> date:
        """The day itself when worked, else the next that is."""
        return self._walk(day, 1)

    def on_or_before(self, day: date) -> date:
        """The day itself when worked, else the last before it that is."""
        return self._walk(day, -1)

    def next(self, day: date) -> date:
        """The first business day after the day."""
        return self.on_or_after(day + timedelta(days=1))

    def previous(self, day: date) -> date:
        """The last business day before the day."""
        return self.on_or_before(day - timedelta(days=1))

    def add(self, day: date, count: int) -> date:
        """The day so many business days later, or earlier for a negative count; for 0 `on_or_after` it."""
        if count == 0:
            return self.on_or_after(day)
        if abs(count) > _FARTHEST:
            raise ParameterError("business days to add", found=count, wanted=f"at most {_FARTHEST}")
        for _ in range(abs(count)):
            day = self.next(day) if count > 0 else self.previous(day)
        return day

    def between(self, after: date, until: date) -> int:
        """How many business days lie after one day, up to and with another; negative the other way round."""
        if until < after:
            return -self.between(until, after)
        days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
        return sum(self.is_business_day(day) for day in days)

    def _walk(self, day: date, step: int) -> date:
        while not self.is_business_day(day):
            day += timedelta(days=step)
        return day
