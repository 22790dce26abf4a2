"""Policy of refunds and unclaimed property. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class RefundPolicy:
    """When a credit is proposed for refund, and when it is unclaimed."""

    min_amount: Decimal = Decimal("10.00")
    min_days_open: int = 30
