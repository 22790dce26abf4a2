"""Published provision matrices, re-performed in one call, and what their misprints would give."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from arlib.credit.allowance.matrix import provision_matrix
from arlib.errors import ParameterError
from arlib.money import Rounding, divide
from arlib.policy.allowance import Overlay, OverlayKind, RoundAt

COMPANY_M = {
    "current": 15_000_000,
    "1-30": 7_500_000,
    "31-60": 4_000_000,
    "61-90": 2_500_000,
    "91+": 1_000_000,
}
RATES_M = {"current": "0.003", "1-30": "0.016", "31-60": "0.036", "61-90": "0.066", "91+": "0.106"}


def cents(balances):
    return {bucket: amount * 100 for bucket, amount in balances.items()}


def allowances(matrix):
    return [line.allowance for line in matrix.lines]


def up(factor):
    return Overlay(value=Decimal(factor), reason="forecast")


def test_ifrs9_company_m():
    made = provision_matrix(cents(COMPANY_M), RATES_M)
    assert allowances(made) == [4_500_000, 12_000_000, 14_400_000, 16_500_000, 10_600_000]
    assert made.total == 58_000_000


def test_ifrs9_company_m_as_the_page_prints_it_is_another_figure():
    swapped = RATES_M | {"current": "0.106", "91+": "0.003"}
    assert provision_matrix(cents(COMPANY_M), swapped).total == 202_200_000


def test_asc_326_aging_schedule():
    balances = {"current": 5_984_698, "1-30": 8_272, "31-60": 2_882, "61-90": 842, "91+": 1_100}
    rates = {"current": "0.003", "1-30": "0.08", "31-60": "0.26", "61-90": "0.58", "91+": "0.82"}
    whole = provision_matrix(balances, rates, [up("1.10")])
    assert allowances(whole) == [19_750, 728, 824, 537, 992]
    assert whole.total == 22_831
    assert [line.applied.rate for line in whole.lines] == [
        Fraction(r) for r in ("0.0033", ".088", ".286", ".638", ".902")
    ]
    assert provision_matrix(cents(balances), rates, [up("1.10")]).total == 2_283_109
    assert sum(line.at_history + line.overlay for line in whole.lines) == whole.total


def test_finlearnhub():
    balances = {"current": 7_000_000, "1-30": 4_000_000, "31-60": 2_500_000, "61+": 1_000_000}
    rates = {"current": "0.015", "1-30": "0.034", "31-60": "0.071", "61+": "0.108"}
    made = provision_matrix(balances, rates)
    assert (allowances(made), made.total) == ([105_000, 136_000, 177_500, 108_000], 526_500)


@pytest.mark.parametrize(
    ("rounding", "last", "total"), [(Rounding.HALF_UP, 113, 461), (Rounding.HALF_EVEN, 112, 460)]
)
def test_faqifrs_half_even_trap(rounding, last, total):
    balances = {"current": 15_000, "1-30": 7_500, "31-60": 4_000, "61-90": 2_500}
    rates = {"current": "0.005", "1-30": "0.022", "31-60": "0.027", "61-90": "0.045"}
    made = provision_matrix(balances, rates, rounding=rounding)
    assert (allowances(made), made.total) == ([75, 165, 108, last], total)
    assert made.exact == Fraction("460.5")


UNCOLLECTED = {"current": 100, "1-30": 70, "31-60": 45, "61-90": 35, "91+": 10}
STEVEN = {"current": 15_000, "1-30": 20_000, "31-60": 8_000, "61-90": 20_000, "91+": 5_000}
LOST = {bucket: Fraction(10, amount) for bucket, amount in UNCOLLECTED.items()}


def test_stevenrfirer_unrounded_and_capped():
    made = provision_matrix(STEVEN, LOST, [up("1.1")], rounds_at=RoundAt.TOTAL)
    assert made.total == 18_034
    assert divide(made.exact.numerator, made.exact.denominator) == 18_034
    assert made.lines[-1].applied.rate == 1
    assert made.lines[-1].applied.is_capped
    assert sum(allowances(made)) == made.total


def test_stevenrfirer_rounded_first_or_sloppily_is_another_figure():
    by_line = provision_matrix(STEVEN, LOST, [up("1.1")])
    assert allowances(by_line) == [1_650, 3_143, 1_956, 6_286, 5_000]
    assert by_line.total == 18_035
    sloppy = dict(zip(STEVEN, ("0.11", "0.15", "0.25", "0.31", "1"), strict=True))
    wholes = {bucket: amount // 100 for bucket, amount in STEVEN.items()}
    assert allowances(provision_matrix(wholes, sloppy, rounding=Rounding.DOWN)) == [16, 30, 20, 62, 50]
    assert provision_matrix(wholes, sloppy, rounding=Rounding.DOWN).total == 178


def test_stevenrfirer_without_the_cap_would_reserve_more_than_is_owed():
    uncapped = sum(STEVEN[bucket] * LOST[bucket] * Fraction("1.1") for bucket in STEVEN)
    assert uncapped > provision_matrix(STEVEN, LOST, [up("1.1")]).exact == uncapped - 500


DATASYNTH = {"current": "0.005", "1-30": "0.02", "31-60": "0.05", "61-90": "0.10", "91+": "0.25"}


def test_datasynth_baseline():
    made = provision_matrix(dict.fromkeys(DATASYNTH, 100_000), DATASYNTH)
    assert allowances(made) == [500, 2_000, 5_000, 10_000, 25_000]


def test_usgaapbuddy_multiplies_the_whole():
    plain = provision_matrix(dict.fromkeys(DATASYNTH, 1_000_000), DATASYNTH)
    adjusted = provision_matrix(dict.fromkeys(DATASYNTH, 1_000_000), DATASYNTH, [up("1.15")])
    assert adjusted.exact == plain.exact * Fraction("1.15")
    assert sum(line.overlay for line in adjusted.lines) == adjusted.total - plain.total


def test_overlays_act_in_order_and_keep_to_their_segment_and_bucket():
    overlays = [
        up("1.5"),
        Overlay(
            kind=OverlayKind.ADDITIVE, value=Decimal("0.01"), reason="steel", segment="north", bucket="1-30"
        ),
    ]
    balances = {("north", "1-30"): 10_000, ("south", "1-30"): 10_000, ("north", "current"): 10_000}
    made = provision_matrix(balances, dict.fromkeys(balances, "0.02"), overlays)
    assert [line.applied.rate for line in made.lines] == [
        Fraction("0.04"),
        Fraction("0.03"),
        Fraction("0.03"),
    ]
    assert made.lines[0].applied.reasons == ("forecast", "steel")


def test_an_additive_overlay_never_makes_a_rate_negative():
    down = Overlay(kind=OverlayKind.ADDITIVE, value=Decimal("-0.5"), reason="recovery of the market")
    made = provision_matrix({"current": 10_000}, {"current": "0.01"}, [down])
    assert (made.total, made.lines[0].overlay) == (0, -100)


def test_all_faults_at_once():
    with pytest.raises(ParameterError) as caught:
        provision_matrix({"current": 1, "1-30": -5, "31-60": 7}, {"current": "1.2", "1-30": "0.1"})
    assert all(word in str(caught.value) for word in ("current", "1.2", "1-30", "-5", "31-60: no loss rate"))


def test_floats_are_refused():
    with pytest.raises(TypeError):
        provision_matrix({"current": 1.0}, {"current": "0.1"})
    with pytest.raises(TypeError):
        provision_matrix({"current": 1}, {"current": 0.1})
