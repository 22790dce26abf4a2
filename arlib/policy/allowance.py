"""Policy of the loss allowance: framework, method, segments, overlay, reserves. Floor 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from arlib.errors import ParameterError, nearest
from arlib.money import Rounding
from arlib.tables.choices import CustomerStatus

SEGMENTS = ("", "region", "segment", "product", "rating", "collector", "sales_rep", "currency", "size")


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

    @property
    def neutral(self) -> Decimal:
        """The value that changes nothing."""
        return Decimal(1) if self is OverlayKind.MULTIPLICATIVE else Decimal(0)


class CreditOrder(StrEnum):
    """Which debits a customer's credits are set against."""

    OLDEST_FIRST = "oldest_first"  # by original due date, then by item
    PRO_RATA = "pro_rata"  # all of them, by amount


class RoundAt(StrEnum):
    """Where the exact products become whole minor units. Either way the lines add up to the total."""

    LINE = "line"  # every line once; the total is their sum
    TOTAL = "total"  # the exact total once; its minor units go to the lines with the largest remainders


@dataclass(frozen=True, kw_only=True)
class GivenRate:
    """A loss rate set by the company, for a bucket, and a segment where it is named."""

    bucket: str
    rate: Decimal
    segment: str = ""


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """A forward-looking change of the rates, with its reason. Several that fit a line act in the order given."""

    kind: OverlayKind = OverlayKind.MULTIPLICATIVE
    value: Decimal = Decimal(1)
    reason: str = ""
    segment: str = ""  # empty: every segment
    bucket: str = ""  # empty: every bucket
    is_forecast: bool = (
        True  # False: adapts history to conditions of today; stays under the practical expedient
    )


@dataclass(frozen=True, kw_only=True)
class AllowancePolicy:
    """What the allowance rests on."""

    framework: Framework = Framework.IFRS9
    method: RateMethod = RateMethod.ROLL_RATE
    segment_by: str = (
        ""  # "", region, segment (or product: the same), rating, collector, sales_rep, currency or size
    )
    size_classes: int = 4  # customer-size segments, by quantile of the amount billed
    history_months: int = 36
    resolution_months: int = 6  # a month's cohort counts once it is so old
    min_losses: int = 5  # a segment with fewer lost items is pooled
    pooling_significance: Decimal = Decimal("0.05")  # level at which a segment's rate differs from the pool's
    reasons_not_credit_loss: tuple[str, ...] = ("small_balance",)  # write-offs that are no credit losses
    nets_recoveries: bool = True  # recoveries after write-off reduce the losses that rates are made of
    given_rates: tuple[GivenRate, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    rounding: Rounding = Rounding.HALF_UP
    rounds_at: RoundAt = RoundAt.LINE
    is_net_of_tax: bool = False
    nets_credits: bool = False  # a customer's credits reduce its exposure without a right of set-off
    credit_order: CreditOrder = CreditOrder.OLDEST_FIRST
    counts_insurance: bool | None = (
        None  # integral credit insurance reduces the loss; None: as the framework has it
    )
    counts_collateral: bool = (
        True  # integral guarantees, letters of credit, collateral and deposits reduce it
    )
    specific_rates: Mapping[str, Decimal] = field(  # loss rate by customer status, where nobody set a reserve
        default_factory=lambda: {
            CustomerStatus.BANKRUPT.value: Decimal(1),
            CustomerStatus.ESTATE.value: Decimal("0.5"),
            CustomerStatus.LEGAL.value: Decimal("0.5"),
            CustomerStatus.AGENCY.value: Decimal("0.5"),
        }
    )
    dispute_credit_rate: Decimal | None = (
        None  # share of a dispute that is credited; None: the entity's own history
    )
    credits_recoveries: bool | None = None  # None: as the framework has it
    uses_practical_expedient: bool = False  # ASC 326 only: conditions of today are taken to last
    discount_rate: Decimal = Decimal(0)  # a year
    collection_days: Mapping[str, int] = field(
        default_factory=dict
    )  # days to collection by bucket, to discount by
    backtest_months: tuple[int, ...] = (3, 6, 12)  # how far back rates are tested against what was lost since
    sensitivity_changes: tuple[Decimal, ...] = (Decimal("0.10"), Decimal("0.25"))  # of all rates, up and down

    def __post_init__(self) -> None:
        """Every value must make sense by itself; raises ParameterError with all that do not."""
        if faults := tuple(self._faults()):
            first = faults[0]
            raise ParameterError(
                f"allowance: {first[0]}", found=first[1], wanted=first[2],
                fix="".join(f"Also {name}: found {found!s}, wanted {wanted}. " for name, found, wanted in faults[1:]).rstrip(),
            )  # fmt: skip

    def _faults(self) -> Iterator[tuple[str, object, str]]:
        if self.segment_by not in SEGMENTS:
            near = nearest(self.segment_by, SEGMENTS)
            yield "segment_by", self.segment_by, f"{near!r}?" if near else ", ".join(map(repr, SEGMENTS))
        for name, value, least in (
            ("history_months", self.history_months, 1),
            ("min_losses", self.min_losses, 0),
            ("resolution_months", self.resolution_months, 0),
            ("size_classes", self.size_classes, 2),
        ):
            if value < least:
                yield name, value, f"{least} or more"
        if not _within(self.pooling_significance, above=0) or self.pooling_significance == 1:
            yield "pooling_significance", self.pooling_significance, "between 0 and 1, such as 0.05"
        seen: set[tuple[str, str]] = set()
        for each in self.given_rates:
            where = f"given_rates, {each.segment or 'every segment'}, {each.bucket or 'no bucket'}"
            if not each.bucket:
                yield where, each.bucket, "a bucket"
            if not _within(each.rate):
                yield where, each.rate, "a share from 0 to 1"
            if (each.segment, each.bucket) in seen:
                yield where, "twice", "one rate"
            seen.add((each.segment, each.bucket))
        for at, overlay in enumerate(self.overlays, 1):
            yield from _overlay_faults(f"overlays, number {at}", overlay)
        for status, rate in self.specific_rates.items():
            if status not in set(CustomerStatus):
                yield (
                    "specific_rates",
                    status,
                    "a customer status: " + ", ".join(map(repr, map(str, CustomerStatus))),
                )
            if not _within(rate):
                yield f"specific_rates, {status}", rate, "a share from 0 to 1"
        if self.dispute_credit_rate is not None and not _within(self.dispute_credit_rate):
            yield "dispute_credit_rate", self.dispute_credit_rate, "a share from 0 to 1"
        if not _within(self.discount_rate):
            yield "discount_rate", self.discount_rate, "a rate a year from 0 to 1, such as 0.05"
        if any(days < 0 for days in self.collection_days.values()):
            yield "collection_days", dict(self.collection_days), "days of 0 or more"
        if any(months < 1 for months in self.backtest_months):
            yield "backtest_months", self.backtest_months, "months of 1 or more"
        if not all(_within(change, above=0) for change in self.sensitivity_changes):
            yield "sensitivity_changes", [str(c) for c in self.sensitivity_changes], "shares above 0 up to 1"


def _overlay_faults(name: str, overlay: Overlay) -> Iterator[tuple[str, object, str]]:
    if overlay.value != overlay.kind.neutral and not overlay.reason.strip():
        yield name, f"{overlay.kind} {overlay.value} without a reason", "its reason in words"
    if overlay.kind is OverlayKind.MULTIPLICATIVE and not (overlay.value.is_finite() and overlay.value >= 0):
        yield name, overlay.value, "a factor of 0 or more"
    if overlay.kind is OverlayKind.ADDITIVE and not _within(abs(overlay.value)):
        yield name, overlay.value, "points of a rate from -1 to 1, such as 0.02"


def _within(value: Decimal, *, above: int | None = None) -> bool:
    """Whether it is a finite share from 0 to 1, and above 0 where that is asked for."""
    return value.is_finite() and 0 <= value <= 1 and (above is None or value > above)
