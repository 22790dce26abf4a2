"""The moment bound against its published input, jfa's figures, and R's wrong divisor as a negative test."""

from __future__ import annotations

from math import sqrt, tanh

import numpy as np
import pytest
from scipy.stats import norm

from arlib.audit.sampling.moment import Kind, moment_limits, moment_rates
from arlib.errors import ParameterError

MAN_PAGE = [-0.16, 0.04, 0.18, 0.47]


def by_the_formula(taints, size, divisor):
    """Dworin and Grimlund's accounts bound, written out once more, with the divisor of the moments given."""
    n, mean = len(taints), sum(taints) / len(taints)
    star = 0.81 * (1 - 0.667 * tanh(10 * mean)) * (1 + 0.667 * tanh(n / 10))
    tn = [(star**j + sum(t**j for t in taints)) / divisor for j in (1, 2, 3)]
    rn = [(1 + n) / (2 + size)]
    rn.append(rn[0] * (2 + n) / (3 + size))
    rn.append(rn[1] * (3 + n) / (4 + size))
    u = [rn[0] * tn[0], (rn[0] * tn[1] + (size - 1) * rn[1] * tn[0] ** 2) / size]
    u.append(
        (
            rn[0] * tn[2]
            + 3 * (size - 1) * rn[1] * tn[0] * tn[1]
            + (size - 1) * (size - 2) * rn[2] * tn[0] ** 3
        )
        / size**2
    )
    c2, c3 = u[1] - u[0] ** 2, u[2] - 3 * u[0] * u[1] + 2 * u[0] ** 3
    a, b, g = 4 * c2**3 / c3**2, c3 / (2 * c2), u[0] - 2 * c2**2 / c3
    return g + a * b * (1 + norm.ppf(0.95) / sqrt(9 * a) - 1 / (9 * a)) ** 3


def test_input_of_the_manual_page():
    assert moment_rates(MAN_PAGE, size=100, confidence=0.95)[1] * 100 == pytest.approx(2.3934, abs=5e-5)


def test_one_error_less_and_the_wrong_divisor_of_five():
    """MUS 0.1.6 divides by 5 whatever the number of errors: 2.0490 % where 2.4484 % is right."""
    ours = moment_rates(MAN_PAGE[1:], size=100, confidence=0.95)[1]

    assert ours * 100 == pytest.approx(2.4484, abs=5e-5)
    assert by_the_formula(MAN_PAGE[1:], 100, divisor=5) * 100 == pytest.approx(2.0490, abs=5e-5)
    assert ours == pytest.approx(by_the_formula(MAN_PAGE[1:], 100, divisor=4), rel=1e-12)


@pytest.mark.parametrize(
    ("taints", "kind", "upper"), [([], Kind.INVENTORY, 0.04916021), ([0.5], Kind.ACCOUNTS, 0.03730203)]
)
def test_jfa(taints, kind, upper):
    """jfa's own test of 60 units without an error, and with a taint of 50 %."""
    assert moment_rates(taints, size=60, confidence=0.95, kind=kind)[1] == pytest.approx(upper, abs=5e-9)


def test_many_samples_at_once_are_the_same():
    samples = [[], [0.5], MAN_PAGE, [1.0] * 7]
    sums = [np.array([sum(t**p for t in s) for s in samples], dtype=float) for p in (1, 2, 3)]
    lower, upper = moment_limits(*sums, np.array([len(s) for s in samples]), size=80, confidence=0.9)

    for place, sample in enumerate(samples):
        assert (lower[place], upper[place]) == pytest.approx(
            moment_rates(sample, size=80, confidence=0.9), rel=1e-12
        )


def test_lower_is_below_the_mean_and_upper_above():
    lower, upper = moment_rates([0.3, 0.2, 0.9], size=50, confidence=0.95)

    assert lower < 1.4 / 50 < upper


def test_more_errors_than_units_are_refused():
    with pytest.raises(ParameterError):
        moment_rates([0.1] * 5, size=4, confidence=0.95)
