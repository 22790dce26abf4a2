"""Policy of dunning: levels, channels, what is spared, interest by law or contract. Floor 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from arlib.errors import ParameterError
from arlib.policy.interest import EXAMPLE_RATES, EXAMPLE_RULES, InterestRule, LawOf, Order, ReferenceRate

MOST_DAYS = 3660  # ten years: what no date can take is a slip of the pen
MOST_AMOUNT = Decimal(10) ** 12


class DunFrom(StrEnum):
    """Which due date a letter counts days from."""

    DUE_DATE = "due_date"  # the one that the customer was told last
    ORIGINAL_DUE_DATE = "original_due_date"  # before any residual, rebill or rescheduling


class LettersBy(StrEnum):
    """How the items of a customer and currency go into letters."""

    HIGHEST = "highest"  # one letter, at the highest level of its items
    LEVEL = "level"  # a letter for each level


class DisputedPart(StrEnum):
    """What an open dispute on an item keeps out of a letter."""

    ITEM = "item"  # the whole item
    PART = "part"  # the amount in dispute


@dataclass(frozen=True, kw_only=True)
class DunningLevel:
    """A letter: from so many days past due on, not sooner than so many days after the notice before."""

    level: int
    min_days_past_due: int  # negative: a reminder before the due date; it ends on the due date
    template: str  # name of the letter: pre_due, reminder, second, final or one of your own
    channel: str = "email"
    wait_days: int = 10
    has_interest: bool = False  # asks for interest and compensation, where a rule gives them
    has_fee: bool = False  # asks for the fee of a letter

    def __post_init__(self) -> None:
        """The level counts from 0; the template is a plain name."""
        if max(abs(self.min_days_past_due), self.wait_days) > MOST_DAYS:
            raise ParameterError(
                "dunning level",
                found=f"{self.min_days_past_due} and {self.wait_days} days",
                wanted=f"{MOST_DAYS} or less",
            )
        if self.level < 0 or self.wait_days < 0:
            raise ParameterError(
                "dunning level", found=f"{self.level}, {self.wait_days} days", wanted="0 or more"
            )
        if not (self.template.isascii() and self.template.replace("_", "").isalnum()):
            raise ParameterError(
                "template of a dunning level",
                found=self.template,
                wanted="letters, digits and underscores, such as reminder",
            )

    @property
    def is_pre_due(self) -> bool:
        """Whether it goes out before the money is late."""
        return self.min_days_past_due <= 0


@dataclass(frozen=True, kw_only=True)
class DunningPolicy:
    """Who gets which letter. What accounting.md forbids is excluded whatever this policy says.

    Letters are held as a whole unless the last statement of every bank account is at most `bank_max_business_days`
    business days of the entity's country old. `fees` are for letters of levels with a fee, by currency; none where
    the contract gives none. `interest_rules` and `reference_rates` that are shipped are **examples that counsel must
    confirm**: interest under a rule without `confirmed_by` is worked out and shown to us, but no letter asks for it.
    """

    levels: tuple[DunningLevel, ...] = (
        DunningLevel(level=0, min_days_past_due=-5, template="pre_due", wait_days=0),
        DunningLevel(level=1, min_days_past_due=5, template="reminder"),
        DunningLevel(level=2, min_days_past_due=20, template="second", wait_days=10),
        DunningLevel(level=3, min_days_past_due=40, template="final", channel="letter", wait_days=14, has_interest=True, has_fee=True),
    )  # fmt: skip
    age_from: DunFrom = DunFrom.DUE_DATE
    may_skip_levels: bool = False  # an old item without a notice starts at the level of its age
    letters_by: LettersBy = LettersBy.HIGHEST
    by_parent: bool = False  # letters go to the parent
    min_amounts: Mapping[str, Decimal] = field(
        default_factory=lambda: {"JPY": Decimal(1000), "KRW": Decimal(10000)}
    )
    min_amount: Decimal = Decimal(10)  # of a letter, in every currency that `min_amounts` does not name
    bank_max_business_days: int = 1
    disputes: DisputedPart = DisputedPart.PART
    spares_promises: bool = True
    spares_plans: bool = True
    nets_credits: bool = True  # open credits and unapplied cash count against the debt
    pay_days: int = 10  # a letter asks for payment within so many days
    fees: Mapping[str, Decimal] = field(default_factory=dict)
    interest_law_of: LawOf = LawOf.ENTITY
    interest_rules: tuple[InterestRule, ...] = EXAMPLE_RULES
    reference_rates: tuple[ReferenceRate, ...] = EXAMPLE_RATES
    orders: Mapping[str, Order] = field(
        default_factory=lambda: dict.fromkeys(("DE", "FR", "ES", "JP"), Order.COSTS_FIRST)
    )
    default_order: Order = Order.COSTS_FIRST
    languages: tuple[str, ...] = ("en", "de", "fr", "es", "zh")
    default_language: str = "en"
    returned_days: int = 31  # returned payments of so many days get a notice
    no_advice_days: int = 31  # so do receipts without a remittance advice
    exemption_warning_days: int = 45  # an exemption certificate that ends so soon is asked for again

    def __post_init__(self) -> None:
        """Levels differ and rise with their delays; no amount or count of days is negative; the language is known."""
        order = self.ordered
        if not order or len({each.level for each in order}) < len(order):
            raise ParameterError("dunning levels", wanted="each level once, at least one")
        if [each.min_days_past_due for each in order] != sorted(each.min_days_past_due for each in order):
            raise ParameterError("dunning levels", wanted="a higher level is later")
        for name in ("bank_max_business_days", "returned_days", "no_advice_days", "exemption_warning_days"):
            if getattr(self, name) < 0:
                raise ParameterError(name, found=getattr(self, name), wanted="0 or more")
            if getattr(self, name) > MOST_DAYS:
                raise ParameterError(name, found=getattr(self, name), wanted=f"{MOST_DAYS} or less")
        if not 1 <= self.pay_days <= MOST_DAYS:
            raise ParameterError("pay_days", found=self.pay_days, wanted=f"1 to {MOST_DAYS}")
        for code, amount in (("", self.min_amount), *self.min_amounts.items(), *self.fees.items()):
            if not amount.is_finite() or not 0 <= amount <= MOST_AMOUNT:
                raise ParameterError(
                    f"dunning amount {code}".strip(), found=str(amount), wanted=f"0 to {MOST_AMOUNT}"
                )
        if self.default_language not in self.languages:
            raise ParameterError(
                "default_language", found=self.default_language, wanted=" or ".join(self.languages)
            )

    @property
    def ordered(self) -> tuple[DunningLevel, ...]:
        """The levels, lowest first."""
        return tuple(sorted(self.levels, key=lambda each: each.level))

    def minimum(self, currency: str) -> Decimal:
        """The smallest total that a letter asks for, in units of the currency."""
        return self.min_amounts.get(currency, self.min_amount)

    def order(self, place: str) -> Order:
        """The order of appropriation at a place."""
        return self.orders.get(place, self.default_order)
