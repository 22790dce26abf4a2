"""How small a difference may be closed without a person. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence

from arlib.money import minor_places
from arlib.policy.matching import Limit


def limit_for(
    *,
    item_open: int,
    currency: str,
    business_unit: str = "",
    customer: str = "",
    reason: str = "",
    user: str = "",
    limits: Sequence[Limit],
) -> int:
    """The largest difference that may be written off, minor units: the most restrictive limit that applies.

    A limit applies where it is for anyone or names this business unit, customer, reason or user, and where its currency is
    this one or empty. Amount and rate of one limit both bind; a rate is a share of `item_open`, rounded down. The limit
    itself is still allowed. Without any limit nothing is: 0. (PeopleSoft Receivables, write-off tolerances.)
    """
    values = {"business_unit": business_unit, "customer": customer, "reason": reason, "user": user}
    found: list[int] = []
    for limit in limits:
        if (limit.of and limit.of != values[limit.scope]) or limit.currency not in ("", currency):
            continue
        if limit.amount is not None:
            above, below = limit.amount.as_integer_ratio()
            found.append(above * 10 ** minor_places(currency) // below)
        if limit.rate is not None:
            above, below = limit.rate.as_integer_ratio()
            found.append(above * abs(item_open) // below)
    return min(found, default=0)


def allowed(
    difference: int,
    *,
    item_open: int,
    currency: str,
    business_unit: str = "",
    customer: str = "",
    reason: str = "",
    user: str = "",
    limits: Sequence[Limit],
) -> int:
    """What of a difference may be written off, minor units: all of it where `limit_for` allows, else nothing.

    Nothing in part: a difference above the limit is a claim, not a small difference and a smaller claim. The sign of the
    difference is kept.
    """
    limit = limit_for(
        item_open=item_open, currency=currency, business_unit=business_unit, customer=customer, reason=reason,
        user=user, limits=limits,
    )  # fmt: skip
    return difference if abs(difference) <= limit else 0
