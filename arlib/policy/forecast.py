"""Policy of the cash forecast. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from arlib.errors import ParameterError


@dataclass(frozen=True, kw_only=True)
class ForecastPolicy:
    """How far the forecast goes and what its interval claims."""

    weeks: int = 8
    interval: Decimal = Decimal("0.80")  # share of weeks that the interval is to hold
    history_months: int = 12
    min_payments: int = 5  # a customer with fewer takes part of its habit from its peers

    def __post_init__(self) -> None:
        """At least one week; the interval lies between 0 and 1."""
        if self.weeks < 1 or self.history_months < 1:
            raise ParameterError("weeks", found=self.weeks, wanted="1 or more")
        if not 0 < self.interval < 1:
            raise ParameterError("interval", found=str(self.interval), wanted="a share between 0 and 1")
