"""Policy of refunds and unclaimed property. Floor 0."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from arlib.errors import ParameterError

PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class HolderRule:
    """What one state or country asks of a holder of unclaimed credits.

    A credit is reportable in the first report whose cut-off lies on or after the day that it becomes dormant; the report
    is due on the next report day after that cut-off. The letter goes out in the window of days before the report, both
    ends in.
    """

    place: str  # US-DE, or a country: GB
    dormancy_months: int
    cutoff_month: int  # credits dormant on or before this day of the year are in the next report
    cutoff_day: int
    report_month: int  # last day to report
    report_day: int
    letter_days_from: int  # the letter goes out at most so many days before the report is due
    letter_days_to: int  # ... and at least so many
    letter_min_amount: Decimal = Decimal(50)
    currency: str = "USD"  # of the minimum; in another currency every credit gets a letter
    is_b2b_exempt: bool = False  # credits between businesses are no unclaimed property there
    confirmed_by: str = ""  # counsel who confirmed the row; empty: an example that nobody confirmed

    def __post_init__(self) -> None:
        """The place is an ISO 3166 code, the days exist in every year, and the window has an order."""
        where = f"unclaimed rule {self.place}"
        if not PLACE.fullmatch(self.place):
            raise ParameterError("place of an unclaimed rule", found=self.place, wanted="such as US-DE or GB")
        if self.dormancy_months < 1:
            raise ParameterError(
                "dormancy_months", where=where, found=self.dormancy_months, wanted="1 or more"
            )
        for name, month, day in (
            ("cut-off", self.cutoff_month, self.cutoff_day),
            ("report day", self.report_month, self.report_day),
        ):
            try:
                date(2001, month, day)
            except ValueError:
                raise ParameterError(
                    name, where=where, found=f"{month}-{day}", wanted="a day of every year"
                ) from None
        if not 0 <= self.letter_days_to <= self.letter_days_from:
            raise ParameterError("letter window", where=where, found=f"{self.letter_days_from} to {self.letter_days_to}",
                                 wanted="days before the report, the earlier first, such as 120 to 60")  # fmt: skip
        if self.letter_min_amount < 0:
            raise ParameterError(
                "letter_min_amount", where=where, found=str(self.letter_min_amount), wanted="0 or more"
            )

    def report_due(self, dormant_on: date) -> date:
        """The day by which a credit that becomes dormant on a day must be reported."""
        cutoff = date(dormant_on.year, self.cutoff_month, self.cutoff_day)
        if cutoff < dormant_on:
            cutoff = cutoff.replace(year=cutoff.year + 1)
        due = date(cutoff.year, self.report_month, self.report_day)
        return due if due > cutoff else due.replace(year=due.year + 1)

    def letter_window(self, report_due: date) -> tuple[date, date]:
        """First and last day of the due-diligence letter for a report."""
        return report_due - timedelta(days=self.letter_days_from), report_due - timedelta(
            days=self.letter_days_to
        )


EXAMPLES = (
    HolderRule(place="US-CA", dormancy_months=36, cutoff_month=6, cutoff_day=30, report_month=10, report_day=31,
               letter_days_from=365, letter_days_to=184),
    HolderRule(place="US-DE", dormancy_months=60, cutoff_month=12, cutoff_day=31, report_month=3, report_day=1,
               letter_days_from=120, letter_days_to=60),
    HolderRule(place="US-OH", dormancy_months=36, cutoff_month=6, cutoff_day=30, report_month=11, report_day=1,
               letter_days_from=120, letter_days_to=30, is_b2b_exempt=True),
    HolderRule(place="US-TX", dormancy_months=36, cutoff_month=3, cutoff_day=1, report_month=7, report_day=1,
               letter_days_from=120, letter_days_to=61, letter_min_amount=Decimal("250.01")),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class UnclaimedPolicy:
    """Which state's rule a credit falls under, and what counts as a contact of its owner.

    `rules` has four states as **examples that counsel must confirm** before anything is reported on them; a credit whose
    place has no row is shown without a date, never under another place's rule. Sources of the examples: California, Code
    of Civil Procedure §§ 1520, 1530 and the State Controller's holder handbook (notice report before 1 November for a
    fiscal year to 30 June, letters 6 to 12 months before, 50 dollars); Delaware, 12 Del. C. ch. 11 and the holder
    handbook (five years, 1 March for 31 December, letters 60 to 120 days before, 50 dollars); Ohio, Revised Code
    §§ 169.01 (credits between businesses are exempt) to 169.03 (1 November for 30 June); Texas, Property Code ch. 72 and
    74 (three years, 1 July for 1 March, letters by 1 May above 250 dollars).
    """

    rules: tuple[HolderRule, ...] = EXAMPLES
    holder_places: Mapping[str, str] = field(
        default_factory=dict
    )  # entity code to its state of incorporation
    owners_are_businesses: bool = True  # customers are businesses; their codes in `consumers` are not
    consumers: tuple[str, ...] = ()
    counts_receipts: bool = True  # a payment by the owner is a contact
    counts_invoices: bool = True  # so is an order, shown by its invoice
    contact_outcomes: tuple[str, ...] = ("reached", "replied", "confirmed", "promised")  # of an activity
    letter_outcome: str = "due_diligence"  # of the activity that records the letter sent
    remitted_reasons: tuple[str, ...] = (
        "unclaimed_property",
        "escheat",
    )  # of the item that cleared the credit

    def __post_init__(self) -> None:
        """No place twice; every holder's place is one."""
        places = [rule.place for rule in self.rules]
        if twice := sorted({place for place in places if places.count(place) > 1}):
            raise ParameterError("two unclaimed rules for one place", found=", ".join(twice))
        for entity, place in self.holder_places.items():
            if not PLACE.fullmatch(place):
                raise ParameterError(
                    f"holder_places of {entity}", found=place, wanted="a place such as US-DE"
                )

    def rule(self, place: str) -> HolderRule | None:
        """The rule of a state, else that of its country, else None."""
        known = {rule.place: rule for rule in self.rules}
        return known.get(place) or known.get(place.partition("-")[0])


@dataclass(frozen=True, kw_only=True)
class RefundPolicy:
    """When a credit is proposed for refund, what holds it back, and when it is unclaimed."""

    min_amount: Decimal = Decimal(
        "10.00"
    )  # the same number in every currency that `min_amounts` does not name
    min_amounts: Mapping[str, Decimal] = field(
        default_factory=lambda: {"JPY": Decimal(1000), "KRW": Decimal(10000)}
    )
    min_days_open: int = 30  # younger credits wait: a payment may still come back, an invoice may follow
    bank_details_days: int = 90  # details told less than so many days ago need a call back
    refunds_on_account: bool = False  # money left on account on purpose, and prepayments, without a request
    unclaimed: UnclaimedPolicy = field(default_factory=UnclaimedPolicy)

    def __post_init__(self) -> None:
        """Amounts and days are not negative."""
        for name, value in (("min_amount", self.min_amount), *self.min_amounts.items()):
            if value < 0:
                raise ParameterError(f"refund minimum {name}", found=str(value), wanted="0 or more")
        for name in ("min_days_open", "bank_details_days"):
            if getattr(self, name) < 0:
                raise ParameterError(name, found=getattr(self, name), wanted="0 or more")

    def minimum(self, currency: str) -> Decimal:
        """The smallest amount that is proposed without a request, in units of the currency."""
        return self.min_amounts.get(currency, self.min_amount)
