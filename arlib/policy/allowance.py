"""Policy of the loss allowance: framework, method, segments, overlay. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from arlib.money import Rounding


class Framework(StrEnum):
    """Whose rules."""

    IFRS9 = "ifrs9"  # simplified approach: lifetime expected credit losses
    ASC326 = "asc326"  # current expected credit losses, aging schedule


class RateMethod(StrEnum):
    """Where loss rates come from."""

    COHORT = "cohort"  # provision matrix: what of each bucket was lost in the end
    ROLL_RATE = "roll_rate"  # migration from bucket to bucket
    VINTAGE = "vintage"  # cumulative loss by months since the invoice
    GIVEN = "given"  # rates of the policy itself


class OverlayKind(StrEnum):
    """How a forward-looking overlay acts on a rate."""

    MULTIPLICATIVE = "multiplicative"
    ADDITIVE = "additive"


@dataclass(frozen=True, kw_only=True)
class GivenRate:
    """A loss rate set by the company, for a bucket, and a segment where it is named."""

    bucket: str
    rate: Decimal
    segment: str = ""


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """A forward-looking change of the rates, with its reason."""

    kind: OverlayKind = OverlayKind.MULTIPLICATIVE
    value: Decimal = Decimal(1)
    reason: str = ""
    segment: str = ""  # empty: every segment
    bucket: str = ""  # empty: every bucket


@dataclass(frozen=True, kw_only=True)
class AllowancePolicy:
    """What the allowance rests on."""

    framework: Framework = Framework.IFRS9
    method: RateMethod = RateMethod.ROLL_RATE
    segment_by: str = ""  # "", region, segment, rating, collector, sales_rep, currency or size
    history_months: int = 36
    min_losses: int = 5  # a segment with fewer lost items is pooled
    given_rates: tuple[GivenRate, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    rounding: Rounding = Rounding.HALF_UP
    is_net_of_tax: bool = False
    nets_credits: bool = False  # a customer's credits reduce its exposure without a right of set-off
    counts_insurance: bool = True  # insurance that is integral to the terms reduces the loss
    credits_recoveries: bool | None = None  # None: as the framework has it
    discount_rate: Decimal = Decimal(0)  # a year
