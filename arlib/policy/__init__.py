"""What is a choice of the company, as frozen policies that check themselves, and the scope of one run. Floor 0.

Every policy has the default that `docs/policies.md` names. Units are in the names; amounts that a person sets are decimal
text beside a currency, since minor units differ by currency.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from arlib.errors import ParameterError
from arlib.policy.adjustment import AdjustmentPolicy
from arlib.policy.aging import (
    AgeFrom,
    AgingPolicy,
    AttributesAt,
    Basis,
    Credits,
    LargeBalancePolicy,
    Unit,
    choices,
)
from arlib.policy.allowance import AllowancePolicy
from arlib.policy.authority import AuthorityPolicy
from arlib.policy.contact import ContactPolicy
from arlib.policy.control import ControlPolicy, TieOutPolicy
from arlib.policy.credit_review import CreditReviewPolicy
from arlib.policy.dunning import DunningPolicy
from arlib.policy.forecast import ForecastPolicy
from arlib.policy.matching import AutoCashRule, Limit, MatchingPolicy, Rest
from arlib.policy.performance import PerformancePolicy
from arlib.policy.refund import RefundPolicy
from arlib.policy.statement import RemitTo, StatementKind, StatementPolicy
from arlib.policy.work_list import WorkListPolicy
from arlib.policy.write_off import WriteOffPolicy

__all__ = [
    "AdjustmentPolicy",
    "AgeFrom",
    "AgingPolicy",
    "AllowancePolicy",
    "AttributesAt",
    "AuthorityPolicy",
    "AutoCashRule",
    "Basis",
    "ContactPolicy",
    "ControlPolicy",
    "CreditReviewPolicy",
    "Credits",
    "DunningPolicy",
    "ForecastPolicy",
    "LargeBalancePolicy",
    "Limit",
    "MatchingPolicy",
    "PerformancePolicy",
    "Policies",
    "RefundPolicy",
    "RemitTo",
    "Rest",
    "Scope",
    "StatementKind",
    "StatementPolicy",
    "TieOutPolicy",
    "Unit",
    "WorkListPolicy",
    "WriteOffPolicy",
    "choices",
]


@dataclass(frozen=True, kw_only=True)
class Policies:
    """All policies of a close."""

    aging: AgingPolicy = field(default_factory=AgingPolicy)
    large_balance: LargeBalancePolicy = field(default_factory=LargeBalancePolicy)
    tie_out: TieOutPolicy = field(default_factory=TieOutPolicy)
    controls: ControlPolicy = field(default_factory=ControlPolicy)
    matching: MatchingPolicy = field(default_factory=MatchingPolicy)
    allowance: AllowancePolicy = field(default_factory=AllowancePolicy)
    write_off: WriteOffPolicy = field(default_factory=WriteOffPolicy)
    adjustment: AdjustmentPolicy = field(default_factory=AdjustmentPolicy)
    refund: RefundPolicy = field(default_factory=RefundPolicy)
    authority: AuthorityPolicy = field(default_factory=AuthorityPolicy)
    contact: ContactPolicy = field(default_factory=ContactPolicy)
    work_list: WorkListPolicy = field(default_factory=WorkListPolicy)
    credit_review: CreditReviewPolicy = field(default_factory=CreditReviewPolicy)
    dunning: DunningPolicy = field(default_factory=DunningPolicy)
    statement: StatementPolicy = field(default_factory=StatementPolicy)
    performance: PerformancePolicy = field(default_factory=PerformancePolicy)
    forecast: ForecastPolicy = field(default_factory=ForecastPolicy)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whose books, which period, seen how. Built by `run` from validated parameters; logic takes it whole."""

    entity: str
    entity_name: str
    functional_currency: str
    period: str
    starts_on: date
    ends_on: date
    as_of: date  # normally ends_on
    time_zone: str = "UTC"
    country: str = ""
    basis: Basis = Basis.POSTING
    known_at: date | None = None  # "as known at" the end of this day in the entity's time zone

    def __post_init__(self) -> None:
        """The period must not end before it starts."""
        if self.ends_on < self.starts_on:
            raise ParameterError(f"period {self.period}", found=f"{self.starts_on} to {self.ends_on}",
                                 wanted="an end on or after the start")  # fmt: skip
