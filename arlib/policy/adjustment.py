"""Policy of adjustments: reason codes, deductions, settlements, fees, commission. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AdjustmentPolicy:
    """How adjustments are proposed."""

    deduction_days: int = 45  # a pending deduction is to be decided within so many days
