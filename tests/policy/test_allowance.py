"""The policy of the allowance refuses what cannot be, all at once, and takes what is honest."""

from __future__ import annotations

from decimal import Decimal

import pytest

from arlib.errors import ParameterError
from arlib.policy.allowance import AllowancePolicy, GivenRate, Overlay, OverlayKind


def test_defaults_and_a_full_policy_stand():
    assert AllowancePolicy().specific_rates["bankrupt"] == 1
    AllowancePolicy(
        segment_by="region",
        given_rates=(GivenRate(bucket="current", rate=Decimal(0)), GivenRate(bucket="1-30", rate=Decimal(1))),
        overlays=(Overlay(), Overlay(kind=OverlayKind.ADDITIVE, value=Decimal("-0.02"), reason="calmer")),
        specific_rates={},
        discount_rate=Decimal("0.04"),
        collection_days={"current": 0},
    )


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"segment_by": "regoin"}, "region"),
        ({"history_months": 0}, "history_months"),
        ({"given_rates": (GivenRate(bucket="current", rate=Decimal("1.01")),)}, "current"),
        ({"given_rates": (GivenRate(bucket="current", rate=Decimal("NaN")),)}, "NaN"),
        ({"given_rates": (GivenRate(bucket="", rate=Decimal("0.1")),)}, "a bucket"),
        ({"given_rates": (GivenRate(bucket="1-30", rate=Decimal(0)),) * 2}, "twice"),
        ({"overlays": (Overlay(value=Decimal("1.1")),)}, "reason"),
        ({"overlays": (Overlay(kind=OverlayKind.ADDITIVE, value=Decimal("0.1"), reason=" "),)}, "reason"),
        ({"overlays": (Overlay(value=Decimal(-1), reason="x"),)}, "factor"),
        ({"overlays": (Overlay(value=Decimal("Infinity"), reason="x"),)}, "factor"),
        ({"overlays": (Overlay(kind=OverlayKind.ADDITIVE, value=Decimal(2), reason="x"),)}, "0.02"),
        ({"specific_rates": {"bankrot": Decimal(1)}}, "bankrot"),
        ({"specific_rates": {"legal": Decimal("1.5")}}, "legal"),
        ({"dispute_credit_rate": Decimal("-0.1")}, "dispute_credit_rate"),
        ({"discount_rate": Decimal(5)}, "discount_rate"),
        ({"collection_days": {"current": -1}}, "collection_days"),
        ({"pooling_significance": Decimal(0)}, "pooling_significance"),
        ({"sensitivity_changes": (Decimal(0),)}, "sensitivity_changes"),
        ({"backtest_months": (0,)}, "backtest_months"),
        ({"size_classes": 1}, "size_classes"),
    ],
)
def test_what_cannot_be_is_refused(given, says):
    with pytest.raises(ParameterError, match=says):
        AllowancePolicy(**given)


def test_all_faults_come_at_once():
    with pytest.raises(ParameterError) as caught:
        AllowancePolicy(history_months=0, min_losses=-1, discount_rate=Decimal(2))
    assert all(word in str(caught.value) for word in ("history_months", "min_losses", "discount_rate"))
