"""Policy of work lists: who is called first, who has which account, what goes up. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from arlib.errors import ParameterError


@dataclass(frozen=True, kw_only=True)
class EscalationStep:
    """Past due so many days and above an amount, an account goes to this person or duty."""

    days_past_due: int
    amount: Decimal  # customer total past due, in the limit's currency
    to: str  # a role such as credit manager, sales director, controller

    def __post_init__(self) -> None:
        """Neither is negative."""
        if self.days_past_due < 0 or self.amount < 0:
            raise ParameterError(
                "escalation step", found=f"{self.days_past_due} days, {self.amount}", wanted="0 or more"
            )


@dataclass(frozen=True, kw_only=True)
class WorkListPolicy:
    """Lists of accounts to work on. Amounts are decimal numbers of `currency`, or of the books' where it is empty."""

    currency: str = ""
    hit_list_min_amount: Decimal = Decimal(0)  # past-due total of a customer, that much or more
    calls_per_collector: int = 40  # length of a day's list
    silent_days: int = 30  # no answer for so long is silence
    large_silent_amount: Decimal = Decimal(10000)
    portfolio_max_items: int = 600  # open transactions of one collector
    portfolio_keeps_region: bool = True  # an account stays with collectors who have its region
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
        """Counts are positive, days and amounts not negative."""
        for name in ("calls_per_collector", "portfolio_max_items"):
            if getattr(self, name) < 1:
                raise ParameterError(name, found=getattr(self, name), wanted="1 or more")
        for name in ("silent_days", "placement_min_days_past_due"):
            if getattr(self, name) < 0:
                raise ParameterError(name, found=getattr(self, name), wanted="0 or more")
