"""What may be asked about the ledger and its balances: flat options, each with a default. Floor 1."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from arlib.audit.options.texts import day_of
from arlib.audit.population import least_in
from arlib.errors import ParameterError
from arlib.tables.choices import RateKind

RECORDED, CUSTOMER = "recorded", "customer"
DEBITS, NET = "debits", "net"
_DECIMAL = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")

Fault = tuple[str, object, str]  # name, found, wanted


@dataclass(frozen=True, kw_only=True)
class ListingOptions:
    """The AR listing tied to control account and trial balance at the same date."""

    rate_kind: str = "closing"  # kind of rate that open foreign amounts are translated at
    rate_max_age_days: int = 7  # how old the rate may be on the date of the question

    def __post_init__(self) -> None:
        """The kind of rate must be known, its age not negative."""
        faults: list[Fault] = []
        if self.rate_kind not in list(RateKind):
            faults.append(("rate_kind", self.rate_kind, f"one of {', '.join(RateKind)}"))
        faults += _at_least(0, rate_max_age_days=self.rate_max_age_days)
        _raise("listing", faults)


@dataclass(frozen=True, kw_only=True)
class RollForwardOptions:
    """The balance carried from an interim date to the year end."""

    interim: str = ""  # ISO date that was audited already; "" for the day before the period
    large: str = ""  # a movement of so much is large, decimal text in the books' currency; "" for 5 % of the closing balance
    last_days: int = 5  # so many days up to the date of the question are near the end

    def __post_init__(self) -> None:
        """The date must be one, the amount decimal text, the days not negative."""
        faults = [*_dates(interim=self.interim), *_at_least(0, last_days=self.last_days)]
        if self.large:
            try:
                least_in(self.large, "USD")
            except ParameterError:
                faults.append(("large", self.large, 'an amount without sign, such as "50000.00"'))
        _raise("roll_forward", faults)

    @property
    def interim_date(self) -> date | None:
        """The interim date; None for the day before the period."""
        return day_of(self.interim)


@dataclass(frozen=True, kw_only=True)
class CreditBalancesOptions:
    """Credit balances to reclassify."""

    set_off: str = RECORDED  # "recorded": credits reduce debits only by a right on record; "customer": by customer, without one
    old_days: int = 180  # a credit so many days old is old
    liability_account: str = (
        ""  # ledger account of the liability in the proposed journal; "" where the books decide
    )

    def __post_init__(self) -> None:
        """The way to set off must be known, the days 1 or more."""
        faults: list[Fault] = []
        if self.set_off not in (RECORDED, CUSTOMER):
            faults.append(("set_off", self.set_off, f"{RECORDED} or {CUSTOMER}"))
        _raise("credit_balances", [*faults, *_at_least(1, old_days=self.old_days)])


@dataclass(frozen=True, kw_only=True)
class ConcentrationOptions:
    """How much of the balance few customers owe."""

    top: int = 10  # so many customers are listed as the largest
    threshold_percent: str = "10"  # share from which one customer is disclosed, that share included
    sales_from: str = (
        ""  # first day of the year of sales, ISO; "" for twelve months up to the date of the question
    )
    balance: str = DEBITS  # "debits": what is owed, credits aside; "net": less the customer's own credits

    def __post_init__(self) -> None:
        """Count and share must be above zero, the date a date, the balance known."""
        faults = [*_at_least(1, top=self.top), *_dates(sales_from=self.sales_from)]
        if not _DECIMAL.fullmatch(self.threshold_percent) or not 0 < Fraction(self.threshold_percent) <= 100:
            faults.append(
                ("threshold_percent", self.threshold_percent, 'a percentage up to 100, such as "10"')
            )
        if self.balance not in (DEBITS, NET):
            faults.append(("balance", self.balance, f"{DEBITS} or {NET}"))
        _raise("concentration", faults)

    @property
    def threshold(self) -> Fraction:
        """The share from which one customer is disclosed."""
        return Fraction(self.threshold_percent) / 100

    @property
    def first_day(self) -> date | None:
        """First day of the year of sales; None for twelve months back."""
        return day_of(self.sales_from)


@dataclass(frozen=True, kw_only=True)
class RelatedPartiesOptions:
    """Balances and transactions with related parties and own companies."""

    year_from: str = (
        ""  # first day of the transactions, ISO; "" for twelve months up to the date of the question
    )
    shared_by_at_most: int = 5  # what more customers than this share, such as an address, is no evidence
    public_domains: str = ""  # more public mail providers by comma, beside the known ones
    later_days: int = 15  # settled so many days later than others, by amount, is late

    def __post_init__(self) -> None:
        """The date must be one, at least two must be able to share, the days not negative."""
        _raise("related_parties", [
            *_dates(year_from=self.year_from), *_at_least(2, shared_by_at_most=self.shared_by_at_most),
            *_at_least(0, later_days=self.later_days),
        ])  # fmt: skip

    @property
    def first_day(self) -> date | None:
        """First day of the transactions; None for twelve months back."""
        return day_of(self.year_from)

    @property
    def more_domains(self) -> frozenset[str]:
        """The public mail providers that were named."""
        return frozenset(part.strip().lower() for part in self.public_domains.split(",") if part.strip())


@dataclass(frozen=True, kw_only=True)
class LookBackOptions:
    """Whether earlier allowances were enough."""

    months: str = "12, 6, 3"  # so many months before the date of the question, by comma

    def __post_init__(self) -> None:
        """Whole months of 1 or more, at least one of them."""
        parts = [part.strip() for part in self.months.split(",") if part.strip()]
        if not parts or any(not part.isdecimal() or not 1 <= int(part) <= 120 for part in parts):
            _raise(
                "look_back",
                [("months", self.months, 'whole months from 1 to 120 by comma, such as "12, 6, 3"')],
            )

    @property
    def months_back(self) -> tuple[int, ...]:
        """The months as numbers, each once, the smallest first."""
        return tuple(sorted({int(part) for part in self.months.split(",") if part.strip()}))


def _dates(**given: str) -> Iterable[Fault]:
    for name, text in given.items():
        try:
            is_day = not text or date.fromisoformat(text).isoformat() == text
        except ValueError:
            is_day = False
        if not is_day:
            yield name, text, 'an ISO date such as "2026-06-30", or ""'


def _at_least(least: int, **given: int) -> Iterable[Fault]:
    return [(name, value, f"{least} or more") for name, value in given.items() if value < least]


def _raise(kind: str, faults: Iterable[Fault]) -> None:
    """One ParameterError with all faults; nothing without any."""
    found = list(faults)
    if found:
        first = found[0]
        raise ParameterError(
            first[0], where=kind, found=first[1], wanted=first[2],
            fix="".join(f"Also {name}: found {value!s}, wanted {wanted}. " for name, value, wanted in found[1:]).rstrip(),
        )  # fmt: skip
