"""Policy of interest for late payment: rules by country or customer, reference rates with their dates. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from arlib.errors import ParameterError

PERCENT_MOST = Decimal(100)
REFERENCE_DAYS = 184  # a half-year: a reference rate older than this is not the one in force


class LawOf(StrEnum):
    """Whose country decides which rule applies, where the customer has none of its own."""

    ENTITY = "entity"
    CUSTOMER = "customer"


class DayCount(StrEnum):
    """What a year is in days."""

    D365 = "365"
    D360 = "360"
    ACTUAL = "actual"  # 365 or 366, by the calendar year that a day lies in


class Order(StrEnum):
    """What a payment settles first, where the payer does not say."""

    COSTS_FIRST = "costs_interest_principal"
    INTEREST_FIRST = "interest_costs_principal"
    PRINCIPAL_FIRST = "principal_interest_costs"

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts in their order."""
        return tuple(self.value.split("_"))


@dataclass(frozen=True, kw_only=True)
class ReferenceRate:
    """A published rate, in percent a year, from a day on."""

    name: str
    valid_from: date
    percent: Decimal
    source: str


@dataclass(frozen=True, kw_only=True)
class FixedSum:
    """A flat compensation for a debt of at least so much; both in units of the rule's currency."""

    from_amount: Decimal = Decimal(0)
    amount: Decimal

    def __post_init__(self) -> None:
        """Neither is negative."""
        if self.from_amount < 0 or self.amount < 0:
            raise ParameterError("fixed sum", found=f"{self.from_amount}, {self.amount}", wanted="0 or more")


@dataclass(frozen=True, kw_only=True)
class InterestRule:
    """What law or contract asks of a late payer. Simple interest: never on interest, never on fees.

    A rule of `customer` goes before one of `place`. The rate a year is `percent`, on top of the reference rate where
    one is named. `is_fixed_at_start` keeps the reference rate of the first day for the whole debt; else each day has
    the rate in force on it. Interest runs from the day after the due date; a debt at most `grace_days` late bears none.
    """

    name: str
    place: str = ""  # ISO 3166 code of a country
    customer: str = ""
    percent: Decimal
    reference: str = ""
    is_fixed_at_start: bool = False
    day_count: DayCount = DayCount.D365
    grace_days: int = 0
    compensation_currency: str = ""
    compensation: tuple[FixedSum, ...] = ()
    source: str = ""  # law or contract
    confirmed_by: str = ""  # counsel who confirmed the rule; empty: an example that nobody confirmed

    def __post_init__(self) -> None:
        """Of a place or a customer; a rate that can be meant; sums that have a currency."""
        if bool(self.place) == bool(self.customer):
            raise ParameterError(f"interest rule {self.name}", wanted="a place or a customer, one of them")
        if not 0 <= self.percent <= PERCENT_MOST:
            raise ParameterError(
                f"percent of {self.name}", found=str(self.percent), wanted="percent a year, 0 to 100"
            )
        if self.grace_days < 0:
            raise ParameterError(f"grace_days of {self.name}", found=self.grace_days, wanted="0 or more")
        if bool(self.compensation) != bool(self.compensation_currency):
            raise ParameterError(f"compensation of {self.name}", wanted="fixed sums with a currency")


def _series(name: str, source: str, *rows: tuple[int, int, str]) -> tuple[ReferenceRate, ...]:
    return tuple(
        ReferenceRate(name=name, valid_from=date(year, month, 1), percent=Decimal(percent), source=source)
        for year, month, percent in rows
    )


EXAMPLE_RATES = (
    *_series("DE-BASE", "Deutsche Bundesbank, base rate of § 247 BGB, as announced for the half-year",
             (2022, 1, "-0.88"), (2022, 7, "-0.88"), (2023, 1, "1.62"), (2023, 7, "3.12"), (2024, 1, "3.62"),
             (2024, 7, "3.37"), (2025, 1, "2.27"), (2025, 7, "1.27"), (2026, 1, "1.27")),
    *_series("ECB-MRO", "European Central Bank, main refinancing operations, rate on the first day of the half-year",
             (2022, 1, "0.00"), (2022, 7, "0.00"), (2023, 1, "2.50"), (2023, 7, "4.00"), (2024, 1, "4.50"),
             (2024, 7, "4.25"), (2025, 1, "3.15"), (2025, 7, "2.15"), (2026, 1, "2.15")),
    *_series("UK-DEALING", "Bank of England, official rate on the last day of the half-year before",
             (2022, 1, "0.25"), (2022, 7, "1.25"), (2023, 1, "3.50"), (2023, 7, "5.00"), (2024, 1, "5.25"),
             (2024, 7, "5.25"), (2025, 1, "4.75"), (2025, 7, "4.25"), (2026, 1, "3.75"), (2026, 7, "3.75")),
)  # fmt: skip
EUR_40 = (FixedSum(amount=Decimal(40)),)
EU_PLACES = (
    "AT", "BE", "BG", "CY", "CZ", "DK", "EE", "FI", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL",
    "PT", "RO", "SE", "SI", "SK", "ES",
)  # fmt: skip
EXAMPLE_RULES = (
    InterestRule(name="DE § 288 BGB", place="DE", percent=Decimal(9), reference="DE-BASE", day_count=DayCount.ACTUAL,
                 compensation_currency="EUR", compensation=EUR_40,
                 source="§ 288 (2) and (5) BGB, between businesses: 9 points above the base rate of § 247, EUR 40"),
    InterestRule(name="UK Late Payment Act", place="GB", percent=Decimal(8), reference="UK-DEALING", is_fixed_at_start=True,
                 compensation_currency="GBP",
                 compensation=(FixedSum(amount=Decimal(40)), FixedSum(from_amount=Decimal(1000), amount=Decimal(70)),
                               FixedSum(from_amount=Decimal(10000), amount=Decimal(100))),
                 source="Late Payment of Commercial Debts (Interest) Act 1998, s. 5A and the Rate of Interest (No. 3) Order 2002"),
    InterestRule(name="JP Art. 404", place="JP", percent=Decimal(3), day_count=DayCount.D365,
                 source="Civil Code Art. 404 and 419: 3 % a year, reviewed every three years"),
    InterestRule(name="FR L441-10", place="FR", percent=Decimal(10), reference="ECB-MRO", compensation_currency="EUR",
                 compensation=EUR_40, source="Code de commerce, art. L441-10 and D441-5: 10 points above the ECB rate, EUR 40"),
    *(InterestRule(name=f"{place} 2011/7/EU", place=place, percent=Decimal(8), reference="ECB-MRO",
                   compensation_currency="EUR", compensation=EUR_40,
                   source="Directive 2011/7/EU, art. 2, 3 and 6: at least 8 points above the reference rate, EUR 40; see the national law")
      for place in EU_PLACES),
)  # fmt: skip
