"""Cash discounts of open items: what early payment earns, and what was taken too late. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from arlib.calendar import Terms, parse_terms
from arlib.errors import ParameterError
from arlib.matching.pool import NO_DAY
from arlib.money.exact import divide, times

_EPOCH = date(1970, 1, 1)


def day_of(number: int) -> date:
    """The date of a day number."""
    return _EPOCH + timedelta(days=number)


@dataclass(frozen=True, slots=True)
class Offer:
    """The discount that an item offers on what is paid of it. `amounts` are by base, the likeliest base first."""

    item: int  # row in Pool.items
    amounts: tuple[int, ...]
    is_earned: bool  # paid in time, grace days included


@dataclass(frozen=True, slots=True)
class Discountable:
    """What an item says about its discount; amounts in minor units, `rate` 0 and `last_day` NO_DAY where it says nothing."""

    item: int
    amount: int  # of the document
    base: int | None  # what the discount is counted on, where the ledger says so
    tax: int
    freight: int
    document_day: int
    rate: Fraction
    last_day: int
    terms: str  # of the item or else of its customer


def offer(of: Discountable, *, settles: int, paid_on: int, grace_days: int) -> Offer | None:
    """The discount for paying `settles` of an item on a day; None where its terms have none.

    The item's own rate and last day go before the words of its terms; a rate without a day is no offer. The last day and
    the grace days after it still earn. Where the ledger does not say what the discount counts on, the whole document, the
    document less tax, and less tax and freight are offered in this order. Of an item that was paid in part before, the base
    is taken in proportion. Credits offer nothing. Terms that cannot be read are no terms.
    """
    if settles <= 0 or of.amount <= 0:
        return None
    bases = (
        [of.base] if of.base is not None else [of.amount, of.amount - of.tax, of.amount - of.tax - of.freight]
    )
    bases = [divide(base * settles, of.amount) for base in dict.fromkeys(bases) if base > 0]
    if of.rate > 0 and of.last_day != NO_DAY:
        amounts = [times(base, of.rate) for base in bases]
        is_earned = paid_on <= of.last_day + grace_days
    else:
        terms = _terms(of.terms)
        if terms is None or of.document_day == NO_DAY:
            return None
        written, paid = day_of(of.document_day), day_of(paid_on)
        full = [terms.discount_for(written, base, min(written, paid)) for base in bases]
        got = [terms.discount_for(written, base, paid, grace_days=grace_days) for base in bases]
        # with instalments one part may still earn while another does not: what is still earned is the offer
        is_earned = any(got)
        amounts = got if is_earned else full
    amounts = [amount for amount in dict.fromkeys(amounts) if 0 < amount < settles]
    return Offer(of.item, tuple(amounts), is_earned) if amounts else None


def taken(offers: list[Offer], gap: int, *, spare: int) -> tuple[tuple[Offer, int], ...]:
    """Which discounts explain a gap in minor units, as (offer, amount), or nothing.

    Tried in order: all offers, the earned ones, the late ones, then the only choice among at most twelve that fits to the
    cent. All must count on the same base. A gap may miss the sum by one minor unit an offer, which is rounding and goes to
    the largest; or lie up to `spare` above or below it: what is above is left for the caller.
    """
    earned = [one for one in offers if one.is_earned]
    late = [one for one in offers if not one.is_earned]
    groups = [group for group in (offers, earned, late) if group]
    for slack in (0, spare):
        for group in groups:
            for base in range(max(len(one.amounts) for one in group)):
                amounts = [one.amounts[min(base, len(one.amounts) - 1)] for one in group]
                over = gap - sum(amounts)
                if abs(over) > max(len(group) - 1, slack):
                    continue
                if over < 0 or abs(over) < len(group):
                    top = max(range(len(group)), key=lambda at: (amounts[at], -at))
                    if amounts[top] + over < 0:
                        continue
                    amounts[top] += over
                return tuple(zip(group, amounts, strict=True))
    return _only_choice(offers, gap) if 1 < len(offers) <= 12 else ()


def _only_choice(offers: list[Offer], gap: int) -> tuple[tuple[Offer, int], ...]:
    ways: dict[int, list[tuple[int, ...]]] = {0: [()]}
    for at, one in enumerate(offers):
        longer = {total + one.amounts[0]: [(*way, at) for way in found] for total, found in ways.items()}
        for total, found in longer.items():
            ways[total] = (ways.get(total, []) + found)[:2]
    found = ways.get(gap, [])
    return tuple((offers[at], offers[at].amounts[0]) for at in found[0]) if len(found) == 1 else ()


def _terms(text: str) -> Terms | None:
    try:
        return parse_terms(text) if text and len(text) < 200 else None
    except ParameterError:
        return None
