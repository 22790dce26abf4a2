"""Policy of performance figures: which convention is the headline, and how far back the trend goes. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from arlib.errors import ParameterError


class DsoConvention(StrEnum):
    """Which days of sales outstanding are meant."""

    SIMPLE_PERIOD = "simple_period"
    CRF_ANNUAL = "crf_annual"
    COUNT_BACK_30 = "count_back_30"
    COUNT_BACK_CALENDAR = "count_back_calendar"
    NET_OF_ALLOWANCE = "count_back_net_of_allowance"
    ORACLE_TRUE = "oracle_true"
    ORACLE_CONVENTIONAL = "oracle_conventional"


class CeiConvention(StrEnum):
    """Which collection effectiveness index is meant."""

    CRF_MONTH = "crf_month"
    CRF_QUARTER = "crf_quarter"
    UNDIVIDED_QUARTER = "undivided_quarter"
    CRF_ANNUAL = "crf_annual"


@dataclass(frozen=True, kw_only=True)
class PerformancePolicy:
    """Months of the trend, what sales are, which convention leads, and how a cause is called recurring.

    Every convention is computed; the headline is the one that charts show and that targets are held against.
    """

    trend_months: int = 12
    sales_net_of_credit_memos: bool = True  # credit sales: invoices and debit memos, less credit memos
    by_document_currency: bool = False  # also each document currency by itself
    headline_dso: DsoConvention = DsoConvention.COUNT_BACK_CALENDAR
    headline_cei: CeiConvention = CeiConvention.CRF_MONTH
    noise_factor: Decimal = Decimal(2)  # a change is one beyond so many times the usual monthly change
    recurring_months: int = 3  # a cause seen in so many of the last months is recurring
    recurring_customers: int = 3
    late_billing_days: int = 5  # billed more than so many days after delivery is late
    high_risk_accounts: int = 20

    def __post_init__(self) -> None:
        """At least one month; noise is not negative."""
        if self.trend_months < 1 or self.recurring_months < 1:
            raise ParameterError("trend_months", found=self.trend_months, wanted="1 or more")
        if self.noise_factor < 0:
            raise ParameterError("noise_factor", found=str(self.noise_factor), wanted="0 or more")
