"""Interest for late payment: simple, exact, split where the rate changes, rounded once. Floor 1."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from arlib.errors import ParameterError
from arlib.money import divide, minor_places
from arlib.policy.interest import REFERENCE_DAYS, DayCount, InterestRule, ReferenceRate

Series = Mapping[str, tuple[tuple[date, ...], tuple[Decimal, ...]]]


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Days with one rate, both ends in; `percent` a year."""

    starts_on: date
    ends_on: date
    percent: Decimal

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.ends_on - self.starts_on).days + 1


@dataclass(frozen=True, kw_only=True)
class Accrual:
    """Interest of a debt by a rule: a factor of the principal for its days; `fault` says why there is none."""

    segments: tuple[Segment, ...] = ()
    factor: Fraction = Fraction(0)
    fault: str = ""

    def on(self, principal: int) -> int:
        """Interest in minor units, rounded half up once; nothing on a credit."""
        amount = max(principal, 0) * self.factor
        return divide(amount.numerator, amount.denominator)

    @property
    def words(self) -> str:
        """The days and rates, e.g. '30 days at 5 %'."""
        return ", ".join(f"{each.days} days at {each.percent.normalize():f} %" for each in self.segments)


def reference_series(rates: Iterable[ReferenceRate]) -> Series:
    """Reference rates by name, in the order of their days. Two rates of one name and day raise ParameterError."""
    found: dict[str, dict[date, Decimal]] = {}
    for rate in rates:
        days = found.setdefault(rate.name, {})
        if days.get(rate.valid_from, rate.percent) != rate.percent:
            raise ParameterError("two reference rates", found=f"{rate.name} from {rate.valid_from}")
        days[rate.valid_from] = rate.percent
    return {
        name: (tuple(sorted(days)), tuple(days[day] for day in sorted(days))) for name, days in found.items()
    }


def accrual(*, due_on: date, until: date, rule: InterestRule, references: Series) -> Accrual:
    """Simple interest of a debt from the day after `due_on` up to and with `until`, by a rule.

    A debt at most `grace_days` late bears none; one that is later bears it from the day after the due date. A change of
    the reference rate counts from its own day. A reference rate that is not known for a day, or older there than a
    half-year, gives no interest and a fault in words: no rate is guessed. A negative sum of rates counts as 0.
    """
    days = (until - due_on).days
    if days <= max(rule.grace_days, 0):
        return Accrual()
    first = due_on + timedelta(days=1)
    if not rule.reference:
        segments = (Segment(starts_on=first, ends_on=until, percent=rule.percent),)
        return Accrual(segments=segments, factor=_factor(segments, rule.day_count))
    known, values = references.get(rule.reference, ((), ()))
    last_needed = first if rule.is_fixed_at_start else until
    for day in (first, last_needed):
        place = bisect_right(known, day) - 1
        if place < 0 or (day - known[place]).days >= REFERENCE_DAYS + 1:
            return Accrual(
                fault=f"no {rule.reference} rate is known for {day:%Y-%m-%d}: give it in reference_rates"
            )
    made, start = [], first
    while start <= until:
        place = bisect_right(known, start) - 1
        is_last = rule.is_fixed_at_start or place + 1 == len(known)
        end = until if is_last else min(until, known[place + 1] - timedelta(days=1))
        made.append(
            Segment(starts_on=start, ends_on=end, percent=max(rule.percent + values[place], Decimal(0)))
        )
        start = end + timedelta(days=1)
    return Accrual(segments=tuple(made), factor=_factor(made, rule.day_count))


def interest_of(
    principal: int, *, due_on: date, until: date, rule: InterestRule, references: Iterable[ReferenceRate] = ()
) -> int:
    """Interest in minor units on what is open, as `accrual` has it; 0 where a rate is not known."""
    return accrual(due_on=due_on, until=until, rule=rule, references=reference_series(references)).on(
        principal
    )


def compensation_of(rule: InterestRule, *, principal: int, currency: str) -> int:
    """The flat sum of a rule for a debt, in minor units; 0 where the rule has none in that currency."""
    if not rule.compensation or currency != rule.compensation_currency or principal <= 0:
        return 0
    unit = 10 ** minor_places(currency)
    fitting = [each for each in rule.compensation if each.from_amount * unit <= principal]
    if not fitting:
        return 0
    amount = Fraction(max(fitting, key=lambda each: each.from_amount).amount) * unit
    return divide(amount.numerator, amount.denominator)


def rule_for(rules: Iterable[InterestRule], *, customer: str, place: str) -> InterestRule | None:
    """The customer's own rule, else the place's, else None."""
    by_place = None
    for rule in rules:
        if rule.customer and rule.customer == customer:
            return rule
        if rule.place and rule.place == place:
            by_place = by_place or rule
    return by_place


def _factor(segments: Iterable[Segment], day_count: DayCount) -> Fraction:
    """Years times rate, exact."""
    total = Fraction(0)
    for each in segments:
        rate = Fraction(each.percent) / 100
        if day_count is not DayCount.ACTUAL:
            total += rate * Fraction(each.days, int(day_count.value))
            continue
        start = each.starts_on
        while start <= each.ends_on:
            end = min(each.ends_on, date(start.year, 12, 31))
            in_year = (date(start.year, 12, 31) - date(start.year - 1, 12, 31)).days
            total += rate * Fraction((end - start).days + 1, in_year)
            start = end + timedelta(days=1)
    return total
