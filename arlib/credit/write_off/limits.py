"""How much of an item may be written off, and which limit says so: the most restrictive one. Floor 1.

Rule of the field (PeopleSoft Receivables, write-off tolerances): of business unit, customer, reason and user the
lowest limit binds. Here the customer's rating and status and the item's segment are scopes too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from arlib.errors import nearest
from arlib.money import Rates, Rounding, iso_code, minor_places, shown, times, translate
from arlib.policy.write_off import LimitScope, WriteOffLimit


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What the limits allow of one item. `limit` is minor units; None where no limit applies."""

    limit: int | None
    binding: WriteOffLimit | None
    why: str

    def covers(self, amount: int) -> bool:
        """Whether an amount is within the limit; the limit itself is."""
        return self.limit is None or amount <= self.limit


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a limit is held against: an item, its customer and who proposes."""

    item_amount: int  # gross amount of the item
    currency: str
    days_past_due: int | None = None  # None: not known; then no limit with an age allows anything
    business_unit: str = ""
    customer: str = ""
    reason: str = ""
    user: str = ""
    rating: str = ""
    status: str = ""
    segment: str = ""

    def value(self, scope: LimitScope) -> str:
        """What it is in a scope."""
        return str(getattr(self, scope.value))


def allowed(
    subject: Subject, *, limits: Sequence[WriteOffLimit], rates: Rates | None = None, on: date
) -> Allowed:
    """The most that may be written off of an item, the limit that binds, and a sentence that names it.

    A limit applies where it is for anyone, or names what the subject is in its scope. Amount, share of the item's gross amount
    (rounded down) and age of one limit all bind; an item younger than the age may not be written off at all. Of equal
    limits the first given is named. Without a limit that applies nothing is limited here: authority is another matter.
    A limit in another currency is translated at the closing rate of `on`, rounded down; no rate raises RateError.
    """
    found: list[tuple[int, WriteOffLimit, str]] = []
    for limit in limits:
        if limit.of and limit.of != subject.value(limit.scope):
            continue
        name = (
            f"{limit.scope.value.replace('_', ' ')} {limit.of}"
            if limit.of
            else f"any {limit.scope.value.replace('_', ' ')}"
        )
        if limit.min_days_past_due and (
            subject.days_past_due is None or subject.days_past_due < limit.min_days_past_due
        ):
            age = "an unknown number of" if subject.days_past_due is None else f"{subject.days_past_due}"
            found.append((0, limit, f"{name}: from {limit.min_days_past_due} days past due, it is {age}"))
        if limit.amount is not None:
            most = limit_minor(limit, subject.currency, rates=rates, on=on)
            found.append((most, limit, f"{name}: {_code(limit, subject)} {limit.amount:,f}"))
        if limit.rate is not None:
            share = times(max(subject.item_amount, 0), limit.rate, Rounding.FLOOR)
            found.append((share, limit, f"{name}: {(100 * limit.rate).normalize():f} % of the item"))
    if not found:
        return Allowed(limit=None, binding=None, why="no limit of the policy applies")
    most, binding, why = min(found, key=lambda row: row[0])
    return Allowed(limit=most, binding=binding,
                   why=f"{why}, so {iso_code(subject.currency)} {shown(most, subject.currency)}")  # fmt: skip


def limit_minor(limit: WriteOffLimit, currency: str, *, rates: Rates | None, on: date) -> int:
    """The amount of a limit in minor units of a currency, rounded down; its `amount` must be given.

    Without a currency of its own it is the same number in every currency. A missing closing rate raises RateError.
    """
    assert limit.amount is not None
    if not limit.currency:
        return times(10 ** minor_places(currency), limit.amount, Rounding.FLOOR)
    rate = (rates or Rates()).find(limit.currency, currency, on, "closing")
    # scaled up before the translation, so that a limit finer than the minor unit is rounded once
    fine = times(10 ** (minor_places(limit.currency) + 6), limit.amount, Rounding.FLOOR)
    return (
        translate(
            fine, from_currency=limit.currency, to_currency=currency, rate=rate, rounding=Rounding.FLOOR
        )
        // 10**6
    )


def _code(limit: WriteOffLimit, subject: Subject) -> str:
    return iso_code(limit.currency or subject.currency)


def idle_limits(
    limits: tuple[WriteOffLimit, ...], known: Mapping[LimitScope, Collection[str]]
) -> tuple[str, ...]:
    """A sentence for each limit that names nobody and nothing in the books: misspelt, it would limit nothing.

    `known` are the names of each scope that the books and the rules use; a scope that is not in it is not looked at.
    """
    made = []
    for limit in limits:
        names = known.get(limit.scope)
        if limit.of and names is not None and limit.of not in names:
            near = nearest(limit.of, sorted(names))
            fix = f" Did you mean {near!r}?" if near else ""
            scope = limit.scope.value.replace("_", " ")
            made.append(
                f"The limit for the {scope} {limit.of!r} limits nothing: the books have no such one.{fix}"
            )
    return tuple(made)
