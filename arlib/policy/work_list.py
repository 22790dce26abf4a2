"""Policy of work lists: who is called first, who has which account, what goes up. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from arlib.errors import ParameterError


@dataclass(frozen=True, kw_only=True)
class EscalationStep:
    """An account with more than `amount` in items at least so many days past due goes to this person or duty."""

    days_past_due: int
    amount: Decimal  # of the customer's items that are so late or later, in the policy's currency
    to: str  # a role such as credit manager, sales director, controller

    def __post_init__(self) -> None:
        """Neither is negative, and somebody is named."""
        if self.days_past_due < 0 or self.amount < 0:
            raise ParameterError(
                "escalation step", found=f"{self.days_past_due} days, {self.amount}", wanted="0 or more"
            )
        if not self.to.strip():
            raise ParameterError("escalation step", found="nobody", wanted="a role or a person in `to`")


@dataclass(frozen=True, kw_only=True)
class WorkListPolicy:
    """Lists of accounts to work on. Amounts are decimal numbers of `currency`, or of the books' where it is empty.

    What a call is worth today is the collectable amount times the share that the entity's own history says comes in
    within `call_horizon_days`, times 1 plus the uplifts that apply, or times `within_habit_factor` where the customer is
    not later than it usually is. The product is never above the collectable amount.
    """

    currency: str = ""
    hit_list_min_amount: Decimal = Decimal(0)  # past-due total of a customer, that much or more
    calls_per_collector: int = 40  # length of a day's list
    call_horizon_days: int = 14  # what comes in so many days after a call is credited to it
    history_months: int = 12  # past that collection rates are counted on
    chance_weight_items: int = 30  # as many items of the wider group are added to every rate of the past
    chance_without_history: Decimal = Decimal("0.50")  # where there is no past at all
    broken_promise_uplift: Decimal = Decimal("0.25")  # a promise was broken: it needs an answer today
    silence_uplift: Decimal = Decimal("0.15")  # nobody was reached for `silent_days`
    past_habit_uplift: Decimal = Decimal("0.20")  # later than the customer's own habit
    within_habit_factor: Decimal = Decimal(
        "0.50"
    )  # not later than it always is: it mostly pays without a call
    silent_days: int = 30  # no answer for so long is silence
    large_silent_amount: Decimal = Decimal(10000)  # a silent account of that much or more is a finding
    collectors: tuple[str, ...] = ()  # who takes portfolios; empty: everybody who has an account
    portfolio_max_items: int = 600  # open transactions of one collector, never more
    portfolio_keeps_region: bool = (
        True  # an account that has to be placed stays with collectors of its region
    )
    portfolio_region_slack: Decimal = Decimal("0.10")  # until they are fuller by this share of the mean
    exception_warning_days: int = 30  # an exception that ends within so many days is named
    placement_min_days_past_due: int = 120  # proposed for agency or attorney from then on
    placement_min_amount: Decimal = Decimal(250)
    attorney_min_amount: Decimal = Decimal(10000)  # that much or more goes to an attorney, less to an agency
    escalations: tuple[EscalationStep, ...] = (
        EscalationStep(days_past_due=30, amount=Decimal(10000), to="sales executive"),
        EscalationStep(days_past_due=60, amount=Decimal(10000), to="credit manager"),
        EscalationStep(days_past_due=90, amount=Decimal(25000), to="controller"),
        EscalationStep(days_past_due=120, amount=Decimal(50000), to="chief financial officer"),
    )

    def __post_init__(self) -> None:
        """Counts are positive, days, amounts and uplifts not negative, shares lie between 0 and 1."""
        for name in ("calls_per_collector", "portfolio_max_items", "call_horizon_days", "history_months"):
            if getattr(self, name) < 1:
                raise ParameterError(name, found=getattr(self, name), wanted="1 or more")
        for name in (
            "silent_days", "placement_min_days_past_due", "exception_warning_days", "chance_weight_items",
            "hit_list_min_amount", "large_silent_amount", "placement_min_amount", "attorney_min_amount",
            "broken_promise_uplift", "silence_uplift", "past_habit_uplift", "portfolio_region_slack",
        ):  # fmt: skip
            if getattr(self, name) < 0:
                raise ParameterError(name, found=str(getattr(self, name)), wanted="0 or more")
        for name in ("chance_without_history", "within_habit_factor"):
            if not 0 <= getattr(self, name) <= 1:
                raise ParameterError(name, found=str(getattr(self, name)), wanted="a share from 0 to 1")
        if len(set(self.collectors)) < len(self.collectors):
            raise ParameterError("collectors", found=", ".join(self.collectors), wanted="each name once")
