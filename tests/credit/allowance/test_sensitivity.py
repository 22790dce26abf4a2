"""Sensitivity: each scenario is the whole matrix once more."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest

from arlib.credit.allowance.frames import LOSS_RATES, LossRates
from arlib.credit.allowance.frames_measure import ALLOWANCE_LINES
from arlib.credit.allowance.sensitivity import sensitivity
from arlib.errors import IdentityError
from arlib.policy import AllowancePolicy, Scope
from arlib.policy.allowance import Overlay

BUCKETS = ("current", "1-30", "31-60")
SCOPE = Scope(entity="E1", entity_name="", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


def rates(*exact: str) -> LossRates:
    pairs = {("", bucket): Fraction(rate) for bucket, rate in zip(BUCKETS, exact, strict=True)}
    return LossRates(frame=LOSS_RATES.empty(), exact=pairs, method="given", pooled={})


def lines(*at_risk: int, allowance: int) -> pd.DataFrame:
    rows = [
        {"entity": "E1", "segment": "", "bucket": bucket, "items": 1, "exposure": x, "cover": 0, "at_risk": x,
         "historical_rate": "0", "applied_rate": "0", "discount_factor": "1", "at_history": 0, "overlay": 0,
         "discount": 0, "allowance": allowance if bucket == "current" else 0}
        for bucket, x in zip(BUCKETS, at_risk, strict=True)
    ]  # fmt: skip
    return ALLOWANCE_LINES.typed(pd.DataFrame(rows))


def totals(frame: pd.DataFrame) -> dict[str, int]:
    return dict(zip(frame["scenario"], frame["total"], strict=True))


def test_by_hand_capped_and_shifted():
    made, held = sensitivity(lines(1000_00, 100_00, 10_00, allowance=29_00), rates("0.01", "0.1", "0.9"), specific=7_00,
                             buckets=BUCKETS, scope=SCOPE, policy=AllowancePolicy())  # fmt: skip
    assert totals(made) == {
        "Rates -25 %": 29_00 * 3 // 4 + 7_00,
        "Rates -10 %": 26_10 + 7_00,
        "As measured": 36_00,
        "Rates +10 %": 31_90 + 7_00,
        "Rates +25 %": 12_50 + 12_50 + 10_00 + 7_00,  # 90 % plus a quarter is more than all of it
        "Everything one bucket later": 100_00 + 90_00 + 9_00 + 7_00,  # the last bucket keeps its rate
    }
    assert made["change"].tolist()[2] == 0
    assert made["is_base"].sum() == 1
    assert all(identity.holds for identity in held)


def test_each_scenario_is_rounded_as_the_measurement_is():
    # 7.5 cents: a scaled result would say 6.75 and 8.25; the matrix rounds each product once
    made, _ = sensitivity(lines(750, 0, 0, allowance=8), rates("0.01", "0", "0"), specific=0, buckets=BUCKETS, scope=SCOPE,
                          policy=AllowancePolicy(sensitivity_changes=(Decimal("0.1"),)))  # fmt: skip
    assert totals(made) == {
        "Rates -10 %": 7,
        "As measured": 8,
        "Rates +10 %": 8,
        "Everything one bucket later": 0,
    }


def test_overlays_can_be_taken_off():
    policy = AllowancePolicy(overlays=(Overlay(value=Decimal("1.5"), reason="downturn"),))
    made, _ = sensitivity(lines(1000_00, 0, 0, allowance=15_00), rates("0.01", "0", "0"), specific=0, buckets=BUCKETS,
                          scope=SCOPE, policy=policy)  # fmt: skip
    assert totals(made)["Without overlays"] == 10_00
    assert made.set_index("scenario")["change"]["Without overlays"] == -5_00


def test_a_base_that_is_not_what_was_measured_is_found():
    with pytest.raises(IdentityError, match="matrix once more 2800"):
        sensitivity(lines(1000_00, 100_00, 10_00, allowance=28_01), rates("0.01", "0.1", "0.8"), specific=0,
                    buckets=BUCKETS, scope=SCOPE, policy=AllowancePolicy())  # fmt: skip
