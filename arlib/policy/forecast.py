"""Policy of the cash forecast. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from arlib.errors import ParameterError


@dataclass(frozen=True, kw_only=True)
class ForecastPolicy:
    """How far the forecast goes, what it learns from and what its interval claims."""

    weeks: int = 8
    interval: Decimal = Decimal("0.80")  # share of weeks that the interval is to hold
    history_months: int = 12  # invoices billed in them tell the habits
    min_payments: int = 5  # items of its own that weigh as much as those of a customer's peers
    half_life_days: int = 90  # an invoice so much older weighs half
    origins: int = 26  # past weeks that the forecast is tested and its interval calibrated on; 0 for none

    def __post_init__(self) -> None:
        """At least one week; the interval lies between 0 and 1."""
        for name in ("weeks", "history_months", "min_payments", "half_life_days"):
            if getattr(self, name) < 1:
                raise ParameterError(name, found=getattr(self, name), wanted="1 or more")
        if self.origins < 0:
            raise ParameterError("origins", found=self.origins, wanted="0 or more")
        if not 0 < self.interval < 1:
            raise ParameterError("interval", found=str(self.interval), wanted="a share between 0 and 1")
