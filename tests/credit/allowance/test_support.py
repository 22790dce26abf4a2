"""What a rate rests on, in words: nothing or little decided, nothing allowed; and the columns of the same months."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest

from arlib.credit.allowance.frames import LOSS_RATES, LossRates
from arlib.credit.allowance.rates import loss_rates
from arlib.credit.allowance.support import thin_support
from arlib.policy import AgingPolicy, AllowancePolicy
from arlib.policy.allowance import RateMethod


def said(method: str = "cohort", **rows: tuple[int, int, str, int]) -> tuple[str, ...]:
    """Sentences for buckets of (stood, exposed, rate, at risk) in minor units."""
    frame = LOSS_RATES.frame([
        {"segment": "", "bucket": name, "items": 1, "losses": 0, "stood": stood, "exposed": exposed, "lost": 0, "rate": rate,
         "pooled": False}
        for name, (stood, exposed, rate, _) in rows.items()
    ])  # fmt: skip
    exact = {("", name): Fraction(rate) for name, (_, _, rate, _) in rows.items()}
    lines = pd.DataFrame(
        [
            {"segment": "", "bucket": name, "at_risk": risk, "applied_rate": rate}
            for name, (_, _, rate, risk) in rows.items()
        ]
    )
    return thin_support(lines, LossRates(frame=frame, exact=exact, method=method, pooled={}), currency="USD")


def test_a_rate_on_little_or_nothing_decided_is_said_and_a_sound_one_is_not():
    assert said(current=(100_00, 90_00, "0.01", 50_00), late=(100_00, 25_00, "0.4", 50_00)) == ()
    (little,) = said(late=(100_00, 24_99, "0.4", 50_00))
    assert little.startswith(
        "Little was decided of what stood in late (at risk 50.00, rate 40.00 % from 24.99 decided of 100.00, 24.99 %)"
    )
    (nothing,) = said(late=(100_00, 0, "0.4", 50_00))
    assert nothing.startswith(
        "Nothing that counts for a rate was decided in late (at risk 50.00, rate 40.00 %)"
    )
    assert said(late=(100_00, 0, "0.4", 0)) == ()  # nothing hangs on it
    assert said(method=RateMethod.GIVEN.value, late=(0, 0, "0", 50_00)) == ()


def test_past_due_debts_without_allowance_and_falling_rates_are_said():
    (bare,) = said(
        current=(9_00, 9_00, "0", 7_00), late=(9_00, 9_00, "0", 1_00), later=(9_00, 9_00, "0", 2_00)
    )
    assert bare == "USD 3.00 at risk past due get no allowance, at a rate of 0.00 %: late and later."
    (falls,) = said(late=(9_00, 9_00, "0.5", 1_00), later=(9_00, 9_00, "0.25", 2_00))
    assert falls.endswith("late 50.00 %, later 25.00 %.")


HISTORY = """
    bill I1 ACME 2025-01-05 100.00 due=2025-02-10
    pay  I1 2025-02-05 100.00
    bill I2 ACME 2025-11-05 300.00 due=2025-12-10
    off  I2 2025-12-05 300.00
    bill I3 ACME 2025-12-05 500.00 due=2026-01-10
"""


@pytest.mark.parametrize(
    ("method", "wanted"),
    [
        (RateMethod.COHORT, (1, 0, 100_00, 100_00, 0)),  # November is too young, and so is its loss
        (RateMethod.ROLL_RATE, (2, 1, 400_00, 400_00, 300_00)),  # after the last month end nothing follows
    ],
)
def test_debts_losses_and_amounts_are_of_the_same_months(debts, seen, method, wanted):
    found = loss_rates(
        debts(HISTORY), scope=seen("2025-12-31"), aging=AgingPolicy(), policy=AllowancePolicy(method=method)
    )
    row = found.frame.set_index("bucket").loc["current"]
    assert tuple(row[name] for name in ("items", "losses", "stood", "exposed", "lost")) == wanted


def test_what_rolled_to_no_known_end_is_not_in_the_base(debts, seen):
    book = debts("""
        bill I1 ACME 2025-01-05 100.00 due=2025-02-10
        pay  I1 2025-02-05 100.00
        bill I2 ACME 2025-01-05 300.00 due=2025-02-10
    """)
    policy = AllowancePolicy(method=RateMethod.ROLL_RATE)
    found = loss_rates(book, scope=seen("2025-12-31"), aging=AgingPolicy(), policy=policy).frame.set_index(
        "bucket"
    )
    assert (
        found["exposed"]["current"] == 100_00
    )  # of 400.00 that stood; 300.00 rolled on and nothing is known of it
    assert found["stood"]["current"] == 400_00


def test_a_loss_in_young_cohorts_is_named_where_the_bucket_has_no_rate(debts, seen):
    book = debts("""
        bill I1 ACME 2025-01-05 100.00 due=2025-02-10
        pay  I1 2025-02-05 100.00
        bill I2 ACME 2025-10-05 300.00 due=2025-11-10
        off  I2 2025-12-05 300.00
    """)
    policy = AllowancePolicy(method=RateMethod.COHORT)
    warnings = loss_rates(book, scope=seen("2025-12-31"), aging=AgingPolicy(), policy=policy).warnings
    (about,) = [line for line in warnings if line.startswith("Nothing of 1-30 was decided")]
    assert (
        "in cohorts of 6 months or more (of younger ones, which do not count, 0.00 paid and 300.00 lost)"
        in about
    )


@pytest.mark.parametrize("method", [RateMethod.COHORT, RateMethod.ROLL_RATE])
@pytest.mark.parametrize(
    "back",
    [
        "bill V1 ACME 2025-05-05 90.00 type=recovery replaces=I1\npay V1 2025-05-05 90.00",
        "pay I1 2025-05-05 90.00",
    ],
)
def test_cash_on_a_written_off_debt_reduces_the_rates_like_a_recovery_item(debts, seen, method, back):
    book = debts(f"""
        bill I1 ACME 2025-01-05 300.00 due=2025-02-10
        off  I1 2025-02-05 300.00
        bill I2 ACME 2025-01-05 300.00 due=2025-02-10
        pay  I2 2025-02-05 300.00
        {back}
    """)
    policy = AllowancePolicy(method=method)
    found = loss_rates(book, scope=seen("2025-12-31"), aging=AgingPolicy(), policy=policy)
    assert found.rate("", "current") == Fraction(210, 600)
