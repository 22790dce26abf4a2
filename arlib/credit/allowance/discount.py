"""Present value of losses, and its unwinding over time. Floor 1.

Discounting is optional: trade receivables mostly have no significant financing component, so that their
effective interest rate is about zero (IFRS 9 5.5.15(a)(i), B5.5.44); an aging schedule under ASC 326 need not
discount (326-20-30-4, 30-5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from arlib.errors import ParameterError
from arlib.money import divide
from arlib.policy.allowance import AllowancePolicy

DAYS_OF_YEAR = 365


def discount_factors(buckets: Sequence[str], *, policy: AllowancePolicy) -> Mapping[str, Fraction]:
    """What one unit lost in each bucket is worth today: 1 / (1 + rate × days / 365), simple interest, exact.

    `days` are the policy's `collection_days`: when the money that is lost had been expected. Without a
    discount rate every factor is 1. A bucket without days raises ParameterError with all such buckets.
    """
    rate = Fraction(policy.discount_rate)
    if not rate:
        return dict.fromkeys(buckets, Fraction(1))
    if missing := [bucket for bucket in buckets if bucket not in policy.collection_days]:
        raise ParameterError(
            "allowance: collection_days lack buckets that have exposure",
            found=", ".join(policy.collection_days) or "none",
            wanted=", ".join(missing),
            fix="Say for each bucket in how many days its money is expected, or set discount_rate to 0.",
        )
    return {bucket: 1 / (1 + rate * policy.collection_days[bucket] / DAYS_OF_YEAR) for bucket in buckets}


def unwind(allowance: int, *, starts_on: date, ends_on: date, policy: AllowancePolicy) -> int:
    """Interest that a discounted allowance earns over a period, both days in it, in minor units.

    `allowance` is the pool's at the end of the day before `starts_on`. It is `allowance × rate × days / 365`,
    rounded as the policy rounds; 0 without a discount rate. It is a line of the movement, no new loss.
    """
    days = (ends_on - starts_on).days + 1
    if days < 0:
        raise ParameterError(
            "unwind", found=f"{starts_on} to {ends_on}", wanted="an end on or after the start"
        )
    exact = Fraction(policy.discount_rate) * allowance * days / DAYS_OF_YEAR
    return divide(exact.numerator, exact.denominator, policy.rounding)
