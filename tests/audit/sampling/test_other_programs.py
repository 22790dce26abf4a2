"""Sizes that other programs print, as jfa's tests cite them; where a program is one under ours, its risk is passed."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from arlib.audit.sampling import bayes
from arlib.audit.sampling.attributes import Method, size
from arlib.audit.sampling.exact import binomial_at_most, hypergeometric_at_most, poisson_at_most
from arlib.audit.sampling.two_stage import two_stage_size

B, P, H = Method.BINOMIAL, Method.POISSON, Method.HYPERGEOMETRIC


def percent(value) -> Fraction:
    return Fraction(value) / 100


def test_ez_quant_hypergeometric_without_errors():
    """EZ-Quant 2.0.6: populations 500, 1,000, 5,000; tolerable 8, 6, 4, 2 %; confidence 90, 95, 99 %."""
    wanted = {
        90: (27, 36, 54, 102, 28, 37, 55, 108, 28, 38, 57, 113),
        95: (35, 47, 69, 129, 36, 48, 71, 138, 36, 49, 73, 147),
        99: (53, 70, 101, 183, 54, 72, 107, 204, 55, 74, 112, 223),
    }
    for confidence, sizes in wanted.items():
        found = [
            size(H, tolerable=percent(m), risk=1 - percent(confidence), population=n).size
            for n in (500, 1000, 5000)
            for m in (8, 6, 4, 2)
        ]
        assert tuple(found) == sizes


@pytest.mark.parametrize(
    ("population", "expected", "tolerable", "confidence", "hypergeometric", "binomial"),
    [
        (500, 1, 8, 90, 46, 48), (500, 1, 6, 90, 61, 64), (500, 1, 4, 90, 90, 96), (500, 2, 5, 90, 99, 132),
        (500, 1, 8, 95, 55, 58), (500, 1, 6, 95, 73, 78), (500, 1, 4, 95, 140, 156), (500, 2, 5, 95, 139, 181),
        (500, 3, 6, 95, 158, 195), (500, 4, 7, 95, 170, 221), (500, 5, 8, 95, 178, 240), (500, 6, 9, 95, 196, 266),
        (5000, 1, 8, 95, 58, 58), (5000, 1, 6, 95, 77, 78), (5000, 1, 4, 95, 154, 156), (15000, 1, 6, 95, 78, 78),
        (36000, 1, 4, 95, 156, 156),
    ],
)  # fmt: skip
def test_audit_sampler(population, expected, tolerable, confidence, hypergeometric, binomial):
    asked = {
        "tolerable": percent(tolerable),
        "risk": 1 - percent(confidence),
        "expected_rate": percent(expected),
    }
    assert size(H, population=population, **asked).size == hypergeometric
    assert size(B, **asked).size == binomial


def test_smash21_poisson():
    """Materiality 1,000 to 10,000 and expected 100 to 600 of 20,000, 95 %."""
    wanted = (
        (74, 34, 22, 16, 13, 11, 9, 8, 7, 7),
        (93, 37, 23, 17, 13, 11, 10, 8, 7, 7),
        (120, 42, 25, 18, 14, 12, 10, 9, 8, 7),
        (162, 47, 27, 19, 15, 12, 10, 9, 8, 7),
        (231, 53, 29, 20, 15, 12, 10, 9, 8, 7),
        (357, 60, 31, 21, 16, 13, 11, 9, 8, 7),
    )
    for step, sizes in enumerate(wanted, start=1):
        found = [
            size(P, tolerable=Fraction(m, 20), risk=percent(5), expected_rate=Fraction(step, 200)).size
            for m in range(1, 11)
        ]
        assert tuple(found) == sizes
    assert poisson_at_most(Fraction("0.615"), Fraction("4.1")) > percent(5)  # the program prints 41 for 42


def test_sra_poisson():
    """Materiality 5 to 50 %, none expected; the program prints the first of each pair, which passes the risk."""
    wanted = {
        "95": (60, 30, 20, 15, 12, 10, 9, 8, 7, 6),
        "96": ((64, 65), (32, 33), 22, (16, 17), 13, 11, 10, (8, 9), 8, 7),
        "97": ((70, 71), (35, 36), 24, 18, (14, 15), 12, (10, 11), 9, 8, 8),
        "97.5": (74, 37, 25, 19, 15, 13, 11, 10, 9, 8),
        "98": ((78, 79), (39, 40), (26, 27), 20, 16, (13, 14), 12, 10, 9, 8),
        "99": ((92, 93), (46, 47), 31, (23, 24), 19, 16, 14, 12, 11, 10),
    }
    for confidence, sizes in wanted.items():
        risk = 1 - percent(confidence)
        for step, printed in enumerate(sizes, start=1):
            tolerable = Fraction(step, 20)
            found = size(P, tolerable=tolerable, risk=risk).size
            assert found == (printed if isinstance(printed, int) else printed[1])
            if not isinstance(printed, int):
                assert math.exp(-float(tolerable * printed[0])) > float(risk)


def test_a_second_float_trap_in_jfas_tables():
    """Its tolerable rate 0.01 + 5 x 0.01 is 0.060000000000000005, so that 6 wrong of 100 become 7, and 45 items 40."""
    assert math.ceil((0.01 + 5 * 0.01) * 100) == 7
    assert hypergeometric_at_most(0, 45, 100, 6) <= percent("2.5") < hypergeometric_at_most(0, 40, 100, 6)
    assert size(H, tolerable=percent(6), risk=percent("2.5"), population=100).size == 45
    assert size(H, tolerable=percent(7), risk=percent("2.5"), population=100).size == 40


@pytest.mark.parametrize(
    ("population", "tolerable", "sizes"),
    [
        (500, 4, (69, 107, 107, 107, 140, 140, 171, 171, 199, 253, 278, 325, 391, 430, 479, 499)),
        (
            1000,
            5,
            (57, 90, 90, 90, 90, 119, 119, 146, 146, 172, 197, 245, 291, 335, 400, 504, 621, 751, 886, 983),
        ),
    ],
)
def test_hypergeometric_by_quarter_percents_expected(population, tolerable, sizes):
    """As jfa, but for 400 at 3.5 %: it prints 421, as 0.035 x 400 is 14.000000000000002 to it."""
    found = [
        size(
            H,
            tolerable=percent(tolerable),
            risk=percent(5),
            expected_rate=Fraction(step, 400),
            population=population,
        ).size
        for step in range(len(sizes))
    ]
    assert tuple(found) == sizes


def test_two_stages_and_a_sample_seen_before():
    assert two_stage_size(P, tolerable=percent(3), risk=percent(5)).first == 105
    assert two_stage_size(B, tolerable=percent(5), risk=percent(5)).first == 61
    found = bayes.size(
        bayes.Prior.BETA,
        tolerable=percent(3),
        risk=percent(5),
        expected_rate=percent("1.3"),
        prior_size=Fraction(58),
    )
    assert (found.size, f"{float(found.errors):.2f}") == (143, "1.86")
    assert size(B, tolerable=percent(3), risk=percent(5), expected_rate=percent("1.3")).size == 303
    assert binomial_at_most(4, 303, percent(3)) <= percent(5)
