"""Policy of cash application: what may be applied without a person, and how far an amount may differ. Floor 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from arlib.errors import ParameterError


class Rest(StrEnum):
    """What a short payment leaves behind."""

    PARTIAL = "partial"  # the item stays open for the rest, with its due date
    RESIDUAL = "residual"  # the item is closed and a residual for the rest keeps its original due date


class AutoCashRule(StrEnum):
    """Ordered rules of the field for teams that must follow them; the first that explains a receipt wins."""

    MATCH_ONE = "match_one"  # the receipt equals one open item
    CLEAR_ACCOUNT = "clear_account"  # the receipt equals the balance of the account
    CLEAR_PAST_DUE = "clear_past_due"  # the receipt equals everything past due
    CLEAR_PAST_DUE_BY_TERMS = (
        "clear_past_due_by_terms"  # the receipt equals what is past due under one payment term
    )
    OLDEST_FIRST = "oldest_first"  # by due date until the receipt is used up, the last item in part
    COMBINATION = "combination"  # the receipt equals exactly one combination of open items


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A tolerance for one business unit, customer, reason or user. Empty `of` means anyone; the most restrictive wins."""

    scope: str = "business_unit"  # business_unit, customer, reason or user
    of: str = ""
    amount: Decimal | None = None  # in `currency`; None means no limit by amount
    currency: str = ""  # empty: the same number in every currency
    rate: Decimal | None = None  # share of the item's open amount, 0.01 is 1 %

    def __post_init__(self) -> None:
        """The scope must be known; amount and rate may not be negative."""
        scopes = ("business_unit", "customer", "reason", "user")
        if self.scope not in scopes:
            raise ParameterError("tolerance scope", found=self.scope, wanted=", ".join(scopes))
        for name, value in (("amount", self.amount), ("rate", self.rate)):
            if value is not None and value < 0:
                raise ParameterError(f"tolerance {name}", found=str(value), wanted="0 or more")


@dataclass(frozen=True, kw_only=True)
class MatchingPolicy:
    """What cash application may do by itself. Amounts are decimals in the item's currency.

    `auto_bound` asks for a precision, not for a score: a rule applies by itself only where the one-sided lower bound of its
    precision, by `bound_confidence`, reaches it.
    """

    auto_bound: Decimal = Decimal("0.998")
    bound_confidence: Decimal = Decimal("0.95")
    tolerances: tuple[Limit, ...] = (Limit(amount=Decimal("1.00"), rate=Decimal("0.01")),)
    bank_charge_max: Decimal = Decimal("50.00")  # a stated or even amount up to this may be a bank charge
    discount_grace_days: int = 5
    exchange_rate_tolerance: Decimal = Decimal(
        "0.02"
    )  # how far a payment in another currency may be from the rate
    rest: Rest = Rest.PARTIAL
    includes_disputed: bool = True
    includes_late_charges: bool = True
    days_before_document: int = 7  # a payment may come this long before its document is dated
    days_without_reference: int = 400  # older items are not offered to a receipt that names nothing
    work_limit: int = (
        2_000_000  # partial sums that one search may hold; beyond it the answer is "not decided"
    )
    rules: tuple[AutoCashRule, ...] = ()  # empty: the engine
    rules_of: Mapping[str, tuple[AutoCashRule, ...]] = field(
        default_factory=dict
    )  # customer code to its own rules
    contra_agreements: tuple[str, ...] = ()  # customer codes with a netting agreement

    def __post_init__(self) -> None:
        """Shares lie between 0 and 1, counts are not negative."""
        for name in ("auto_bound", "bound_confidence"):
            value = getattr(self, name)
            if not 0 < value < 1:
                raise ParameterError(name, found=str(value), wanted="a share between 0 and 1, such as 0.998")
        for name in ("bank_charge_max", "exchange_rate_tolerance", "discount_grace_days", "days_before_document",
                     "days_without_reference"):  # fmt: skip
            if getattr(self, name) < 0:
                raise ParameterError(name, found=str(getattr(self, name)), wanted="0 or more")
        if self.work_limit < 1000:
            raise ParameterError("work_limit", found=self.work_limit, wanted="1000 or more")
