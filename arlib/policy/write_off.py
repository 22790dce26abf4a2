"""Policy of write-offs: thresholds, sweeps, tax relief, limitation, and what makes a write-off odd. Floor 0.

The rows on tax relief and limitation are examples to be confirmed by the company's own advisers: each names its rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from arlib.errors import ParameterError, nearest
from arlib.tables.choices import CustomerStatus


class LimitScope(StrEnum):
    """For whom a limit is."""

    BUSINESS_UNIT = "business_unit"  # the entity
    CUSTOMER = "customer"
    REASON = "reason"
    USER = "user"  # who proposes
    RATING = "rating"  # class of the customer
    STATUS = "status"
    SEGMENT = "segment"  # of the item


class StartsFrom(StrEnum):
    """Which day a period of tax relief or limitation is counted from."""

    DUE_DATE = "due_date"
    SUPPLY_DATE = "supply_date"
    LATER_OF_BOTH = "later_of_both"  # the later of due date and supply
    WRITTEN_OFF = "written_off"
    END_OF_YEAR = "end_of_year"  # the end of the calendar year of the due date


class GoverningLaw(StrEnum):
    """Whose law limits a debt, where no row names the customer."""

    ENTITY = "entity"  # the seller's country
    CUSTOMER = "customer"


@dataclass(frozen=True, kw_only=True)
class WriteOffLimit:
    """The most that may be written off of an item, for whom it is. Empty `of` means anyone; the most restrictive wins."""

    scope: LimitScope = LimitScope.BUSINESS_UNIT
    of: str = ""
    amount: Decimal | None = None  # in `currency`; None means no limit by amount
    currency: str = ""  # empty: the same number in every currency; else translated at the closing rate
    rate: Decimal | None = None  # share of the item's gross amount, 0.25 is 25 %
    min_days_past_due: int = 0  # a younger item may not be written off at all

    def __post_init__(self) -> None:
        """Amount, rate and days may not be negative; a zero forbids."""
        if self.amount is None and self.rate is None and not self.min_days_past_due:
            raise ParameterError("write-off limit that limits nothing", found=f"{self.scope.value} {self.of!r}",
                                 wanted="amount, rate or min_days_past_due")  # fmt: skip
        for name, value in (("amount", self.amount), ("rate", self.rate)):
            if value is not None and value < 0:
                raise ParameterError(f"write-off limit {name}", found=str(value), wanted="0 or more")
        if self.min_days_past_due < 0:
            raise ParameterError(
                "write-off limit min_days_past_due", found=self.min_days_past_due, wanted="0 or more"
            )


@dataclass(frozen=True, kw_only=True)
class ReliefRule:
    """When the tax in a debt written off may be claimed back in a country. An example to be confirmed."""

    country: str  # ISO 3166 code of the entity that charged the tax
    min_months: int = 0  # a claim may be made so many months after `earliest_from`, that day included
    earliest_from: StartsFrom = StartsFrom.LATER_OF_BOTH
    latest_months: int | None = (
        None  # and until so many months after `latest_from`, that day included; None: no end
    )
    latest_from: StartsFrom = StartsFrom.LATER_OF_BOTH
    repays_on_recovery: bool = True
    evidence: str = ""  # what a claim needs
    source: str = ""  # the rule

    def __post_init__(self) -> None:
        """Months are not negative, and a claim cannot end before it may begin."""
        if self.min_months < 0 or (self.latest_months is not None and self.latest_months < 0):
            raise ParameterError(
                f"relief rule {self.country}: months",
                found=(self.min_months, self.latest_months),
                wanted="0 or more",
            )
        if (
            self.latest_months is not None
            and self.latest_from is self.earliest_from
            and self.latest_months < self.min_months
        ):
            raise ParameterError(f"relief rule {self.country}: a claim ends before it may begin",
                                 found=(self.min_months, self.latest_months), wanted="latest_months of min_months or more")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LimitationRule:
    """How long a debt may be enforced. A row that names a customer (its contract) goes before one of a country."""

    country: str = ""
    customer_id: str = ""
    months: int = 72
    starts_from: StartsFrom = StartsFrom.DUE_DATE
    restarts_on_acknowledgement: bool = True
    restarts_on_part_payment: bool = True
    source: str = ""

    def __post_init__(self) -> None:
        """A rule is for a country or for a customer, and gives some time."""
        if bool(self.country) == bool(self.customer_id):
            raise ParameterError(
                "limitation rule", found=(self.country, self.customer_id), wanted="a country, or a customer"
            )
        if self.months < 1:
            raise ParameterError("limitation rule months", found=self.months, wanted="1 or more")
        if self.starts_from not in (StartsFrom.DUE_DATE, StartsFrom.END_OF_YEAR):
            raise ParameterError(
                "limitation rule starts_from",
                found=self.starts_from.value,
                wanted="'due_date' or 'end_of_year'",
            )


RELIEF_RULES = (
    ReliefRule(
        country="GB", min_months=6, latest_months=54,
        evidence="invoice, tax paid to HMRC, debt in a bad-debt account, not sold or assigned",
        source="VAT Notice 700/18: 6 months after the later of due date and supply; claim within 4 years and 6 months of it",
    ),
    ReliefRule(
        country="DE", earliest_from=StartsFrom.WRITTEN_OFF, latest_from=StartsFrom.WRITTEN_OFF,
        evidence="why it cannot be collected: insolvency, fruitless enforcement, or a debtor who contests it",
        source="section 17 (2) no. 1 UStG: in the period in which it became uncollectable",
    ),
    ReliefRule(
        country="CA", earliest_from=StartsFrom.WRITTEN_OFF, latest_from=StartsFrom.WRITTEN_OFF, latest_months=48,
        evidence="tax reported and remitted, debt written off in the books, arm's length",
        source="Excise Tax Act, section 231: within four years; counted here from the write-off, which is early",
    ),
    ReliefRule(
        country="JP", earliest_from=StartsFrom.WRITTEN_OFF, latest_from=StartsFrom.WRITTEN_OFF,
        evidence="documents that show the fact of the bad debt, kept",
        source="Consumption Tax Act, article 39: in the taxable period of the loss",
    ),
)  # fmt: skip

LIMITATION_RULES = (
    LimitationRule(country="GB", months=72, source="Limitation Act 1980, sections 5 and 29: 6 years"),
    LimitationRule(
        country="US", months=48,
        source="Uniform Commercial Code 2-725, sale of goods: 4 years; states differ, also on restarting it",
    ),
    LimitationRule(
        country="DE", months=36, starts_from=StartsFrom.END_OF_YEAR,
        source="sections 195, 199, 212 BGB: 3 years from the end of the year",
    ),
    LimitationRule(country="JP", months=60, source="Civil Code, articles 166 and 152: 5 years"),
    LimitationRule(
        country="CA", months=24, source="Limitations Act, 2002 (Ontario): 2 years; provinces differ",
    ),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class StatusDays:
    """From how many days past due the items of customers of a status are proposed, whatever the age that others need."""

    status: str
    min_days: int = 0

    def __post_init__(self) -> None:
        """The status must be known, the days not negative."""
        known = [member.value for member in CustomerStatus]
        if self.status not in known:
            near = nearest(self.status, known)
            raise ParameterError("min_days_by_status status", found=self.status, wanted=", ".join(known),
                                 fix=f"Did you mean {near!r}?" if near else "")  # fmt: skip
        if self.min_days < 0:
            raise ParameterError("min_days_by_status min_days", found=self.min_days, wanted="0 or more")


STATUS_DAYS = (
    StatusDays(status=CustomerStatus.BANKRUPT.value),
    StatusDays(status=CustomerStatus.ESTATE.value),
    StatusDays(status=CustomerStatus.CLOSED.value, min_days=90),
)


@dataclass(frozen=True, kw_only=True)
class WriteOffPolicy:
    """When an item is proposed for write-off, what may not be, and which write-offs a person looks at again.

    Amounts without a currency are the same number in every currency. Every day count includes the day itself.
    """

    limits: tuple[WriteOffLimit, ...] = ()  # none: only authority limits an amount
    min_days_past_due: int = 180  # from the original due date
    min_days_by_status: tuple[StatusDays, ...] = STATUS_DAYS
    exhausted_min_days: int = 90  # with enough contacts, one of them an escalation, an item may go earlier
    exhausted_min_contacts: int = 3
    small_balance_amount: Decimal = Decimal("5.00")
    small_balance_currency: str = (
        ""  # empty: the same number in every currency; else translated at the closing rate
    )
    small_balance_min_days: int = 30
    tolerance_min_days: int = 0  # the rest of a short payment within the tolerance of cash application
    relief_rules: tuple[ReliefRule, ...] = RELIEF_RULES
    limitation_rules: tuple[LimitationRule, ...] = LIMITATION_RULES
    limitation_law: GoverningLaw = GoverningLaw.ENTITY
    limitation_warning_days: int = 90
    reinstates_on_recovery: bool = True  # money for a debt written off is booked on the debt put back
    review_months: int = 12  # write-offs so old are still looked at
    split_window_days: int = 7
    split_within_rate: Decimal = Decimal("0.10")  # so far below a limit counts as just below it
    split_min_items: int = 2
    repeated_min_dates: int = 3  # write-offs of one customer on so many days within the months of review
    new_sales_days: int = 180  # sales so long after a write-off
    quick_recovery_days: int = 60

    def __post_init__(self) -> None:
        """No amount, share or count may be negative, and no two rules may say the same thing twice."""
        for name in (
            "min_days_past_due", "exhausted_min_days", "exhausted_min_contacts", "small_balance_amount",
            "small_balance_min_days", "tolerance_min_days", "limitation_warning_days", "split_window_days",
            "new_sales_days", "quick_recovery_days",
        ):  # fmt: skip
            if getattr(self, name) < 0:
                raise ParameterError(name, found=str(getattr(self, name)), wanted="0 or more")
        for name, least in (("review_months", 1), ("split_min_items", 2), ("repeated_min_dates", 2)):
            if getattr(self, name) < least:
                raise ParameterError(name, found=getattr(self, name), wanted=f"{least} or more")
        if not 0 < self.split_within_rate < 1:
            raise ParameterError(
                "split_within_rate", found=str(self.split_within_rate), wanted="a share between 0 and 1"
            )
        _require_once("relief_rules", [rule.country for rule in self.relief_rules])
        _require_once(
            "limitation_rules", [rule.customer_id or rule.country for rule in self.limitation_rules]
        )
        _require_once("min_days_by_status", [row.status for row in self.min_days_by_status])

    def days_of(self, status: str) -> int:
        """From how many days past due an item of a customer of this status is proposed."""
        own = (row.min_days for row in self.min_days_by_status if row.status == status)
        return next(own, self.min_days_past_due)


def _require_once(name: str, keys: list[str]) -> None:
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise ParameterError(f"{name}: two rows for one", found=", ".join(twice), wanted="one row each")
