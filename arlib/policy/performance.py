"""Policy of performance figures: which convention each has, and how far back the trend goes. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass

from arlib.errors import ParameterError


@dataclass(frozen=True, kw_only=True)
class PerformancePolicy:
    """Months of the trend, and how a cause is called recurring."""

    trend_months: int = 12
    recurring_months: int = 3  # a cause seen in so many of the last months is recurring
    recurring_customers: int = 3
    late_billing_days: int = 5  # billed more than so many days after delivery is late
    high_risk_accounts: int = 20

    def __post_init__(self) -> None:
        """At least one month."""
        if self.trend_months < 1 or self.recurring_months < 1:
            raise ParameterError("trend_months", found=self.trend_months, wanted="1 or more")
