"""What a dunning policy may not say: days and amounts that no date and no letter can hold."""

from __future__ import annotations

from decimal import Decimal

import pytest

from arlib.errors import ParameterError
from arlib.policy import DunningPolicy
from arlib.policy.dunning import MOST_AMOUNT, MOST_DAYS, DunningLevel


@pytest.mark.parametrize(
    "given",
    [
        {"pay_days": 10_000_000},
        {"bank_max_business_days": MOST_DAYS + 1},
        {"min_amount": Decimal("1e400")},
        {"min_amounts": {"JPY": Decimal("Infinity")}},
        {"fees": {"USD": MOST_AMOUNT + 1}},
    ],
)
def test_what_no_letter_can_hold_is_refused(given):
    with pytest.raises(ParameterError, match="wanted"):
        DunningPolicy(**given)


@pytest.mark.parametrize("days", [{"wait_days": 10**9}, {"min_days_past_due": -(10**9)}])
def test_a_level_beyond_ten_years_is_refused(days):
    with pytest.raises(ParameterError, match="3660 or less"):
        DunningLevel(**({"level": 1, "min_days_past_due": 5, "template": "reminder"} | days))


def test_the_largest_that_is_meant_passes():
    policy = DunningPolicy(pay_days=MOST_DAYS, min_amount=MOST_AMOUNT)

    assert policy.pay_days == MOST_DAYS
