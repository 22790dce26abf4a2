"""Policy of credit review: limits, holds, releases, customer files, the score of payment behaviour. Floor 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum

from arlib.errors import ParameterError
from arlib.tables.choices import FileKind


class CreditsInExposure(StrEnum):
    """Which open credits and unapplied cash of a customer reduce its exposure."""

    NONE = "none"
    SET_OFF = "set_off"  # where a right of set-off is on record, as far as it goes
    ALL = "all"


class GroupLimit(StrEnum):
    """Which limit the exposure of a parent group is held against."""

    MEMBERS = "members"  # the sum of the limits of all its accounts
    PARENT = "parent"  # the limit of the parent's own account, which is meant for all of them


@dataclass(frozen=True, kw_only=True)
class ScorePolicy:
    """Points of the score of payment behaviour: what each part may earn, and where it earns nothing.

    A part falls in a straight line from all its points at 0 days to none at its `_zero_days`. The points add up to 100.
    """

    punctuality: int = 35  # mean days late, by amount
    on_time: int = 15  # share of the amount that came by the due date
    steadiness: int = 10  # spread of the days late
    trend: int = 10  # the last months against those before
    reliability: int = 10  # broken promises and returned payments
    arrears: int = 20  # days past due of what is open now: what is never paid shows nowhere else
    punctuality_zero_days: int = 60
    steadiness_zero_days: int = 45
    trend_zero_days: int = 30
    arrears_zero_days: int = 60
    points_a_failure: int = 5  # taken off reliability for each broken promise and each returned payment
    months: int = 12
    recent_months: int = 3
    min_payments: int = 4  # receipts; with fewer there is no score
    trend_min_payments: int = 2  # receipts in the recent months, and as many in those before
    steady_days: int = 7  # a spread of so many days or less is steady
    varying_days: int = 21  # of so many or less varies, of more is erratic
    trend_days: int = 5  # so many days more or less are a trend in words

    def __post_init__(self) -> None:
        """The points of the parts add up to 100; nothing is negative, and no divisor is 0."""
        for each in fields(self):
            least = 1 if each.name.endswith(("_zero_days", "months", "min_payments")) else 0
            if getattr(self, each.name) < least:
                raise ParameterError(each.name, found=getattr(self, each.name), wanted=f"{least} or more")
        if self.total != 100:
            raise ParameterError("points of the score", found=self.total, wanted="parts that add up to 100")
        if self.recent_months >= self.months:
            raise ParameterError(
                "recent_months", found=self.recent_months, wanted=f"fewer than {self.months}"
            )
        if self.varying_days < self.steady_days:
            raise ParameterError(
                "varying_days", found=self.varying_days, wanted=f"{self.steady_days} or more"
            )

    @property
    def total(self) -> int:
        """Most that a score can be."""
        return (
            self.punctuality + self.on_time + self.steadiness + self.trend + self.reliability + self.arrears
        )


@dataclass(frozen=True, kw_only=True)
class RiskPolicy:
    """Points that a driver of risk adds to an account, at most 100 together, and the least that makes it a high risk."""

    insolvent: int = 100  # bankrupt or estate
    failed: int = 70  # with counsel or an agency, sanctioned, or not to be contacted
    very_late: int = 45  # something `very_late_days` past due or more
    late: int = 25  # something `late_days` past due or more
    over_limit: int = 15
    far_over_limit: int = 30  # more than `far_over_limit_rate` times the limit
    no_limit: int = 5  # trades on open account without a limit
    low_score: int = 15  # `low_score_points` or fewer
    failures: int = 15  # broken promises and returned payments together at least `failures_least`
    getting_later: int = 10
    weak_bureau: int = 10  # best latest report at `weak_bureau_points` of 100 or fewer
    plan_default: int = 20
    very_late_days: int = 90
    late_days: int = 60
    late_min_rate: Decimal = Decimal(
        "0.10"
    )  # late items of less than this share of what is owed drive nothing
    far_over_limit_rate: Decimal = Decimal("2.00")
    low_score_points: int = 40
    failures_least: int = 2
    weak_bureau_points: int = 35
    min_points: int = 25
    secure_amount: Decimal = Decimal(25000)  # so much uninsured and unsecured asks for security

    def __post_init__(self) -> None:
        """Nothing is negative."""
        for each in fields(self):
            if getattr(self, each.name) < 0:
                raise ParameterError(each.name, found=str(getattr(self, each.name)), wanted="0 or more")


@dataclass(frozen=True, kw_only=True)
class CreditReviewPolicy:
    """When a limit is raised or lowered, an account held or released, and what its file must have.

    Amounts are decimal numbers of the books' currency. Limits are compared at closing rates.
    """

    hold_utilisation_rate: Decimal = Decimal("1.10")  # exposure above this share of the limit proposes a hold
    hold_days_past_due: int = 60  # so does a debt that many days past due or more
    hold_min_amount: Decimal = Decimal(1000)  # of at least this amount together, the disputed part left out
    release_days_past_due: int = 30  # released when no such amount is later, and the limit is not exceeded
    raise_utilisation_rate: Decimal = Decimal("0.80")  # a good payer that uses so much may have more
    raise_min_score: int = 75
    raise_headroom_rate: Decimal = Decimal("0.25")  # the limit proposed is the exposure and so much on top
    raise_max_rate: Decimal = Decimal("1.50")  # but never more than so many times the limit of today
    lower_max_score: int = 40  # a payer with so few points may have less
    lower_idle_utilisation_rate: Decimal = Decimal("0.25")  # so does one that never used more than this share
    limit_step: Decimal = Decimal(500)  # proposed limits are whole steps, of the limit's currency
    step_of: Mapping[str, Decimal] = field(default_factory=lambda: {"JPY": Decimal(50000)})
    review_months: int = 12  # financial statements, and reports of others, are stale after so many months
    required_files: tuple[FileKind, ...] = (FileKind.CREDIT_APPLICATION, FileKind.TAX_FORM)
    expiry_warning_days: int = 60
    counts_open_orders: bool = True
    credits: CreditsInExposure = CreditsInExposure.SET_OFF
    group_limit: GroupLimit = GroupLimit.MEMBERS
    portal_wait_days: int = 5  # an invoice that its portal has neither approved nor rejected for longer waits
    terms_tolerance_days: int = 3  # a due date that differs from the terms by so few days is rounding
    chase_after_days: int = 2  # cash without advice is asked about from this age on
    claim_warning_days: int = 30  # a claim that must be filed within so many days is urgent
    score: ScorePolicy = ScorePolicy()
    risk: RiskPolicy = RiskPolicy()

    def __post_init__(self) -> None:
        """Rates and days are not negative; a raise goes up, steps are above 0."""
        for name in (
            "hold_utilisation_rate", "hold_days_past_due", "hold_min_amount", "release_days_past_due",
            "raise_utilisation_rate", "raise_min_score", "raise_headroom_rate", "lower_max_score",
            "lower_idle_utilisation_rate", "review_months", "expiry_warning_days", "portal_wait_days",
            "terms_tolerance_days", "chase_after_days", "claim_warning_days",
        ):  # fmt: skip
            if getattr(self, name) < 0:
                raise ParameterError(name, found=str(getattr(self, name)), wanted="0 or more")
        for name, step in {"limit_step": self.limit_step, **self.step_of}.items():
            if step <= 0:
                raise ParameterError(f"limit step {name}", found=str(step), wanted="above 0")
        if self.raise_max_rate < 1:
            raise ParameterError("raise_max_rate", found=str(self.raise_max_rate), wanted="1 or more")
        if self.release_days_past_due > self.hold_days_past_due:
            raise ParameterError(
                "release_days_past_due", found=self.release_days_past_due,
                wanted=f"{self.hold_days_past_due} or fewer, so that nothing is held and released at once",
            )  # fmt: skip
