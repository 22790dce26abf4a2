"""Policy of write-offs: thresholds, blocks, tax relief, limitation. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class WriteOffPolicy:
    """When an item is proposed for write-off."""

    min_days_past_due: int = 180
    small_balance_amount: Decimal = Decimal("5.00")
    small_balance_min_days: int = 30
