"""Sizes from a posterior: jfa's gamma(1, 1) and beta(1, 1)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from scipy import stats

from arlib.audit.sampling.bayes import BetaPosterior, GammaPosterior, Prior, size
from arlib.errors import ParameterError

FIVE = Fraction(5, 100)


@pytest.mark.parametrize(("prior", "wanted", "errors"), [(Prior.GAMMA, 228, "5.7"), (Prior.BETA, 220, "5.5")])
def test_jfa(prior, wanted, errors):
    found = size(prior, tolerable=FIVE, risk=FIVE, expected_rate=Fraction("0.025"))
    assert (found.size, found.errors) == (wanted, Fraction(errors))


@pytest.mark.parametrize("prior", list(Prior))
@pytest.mark.parametrize("expected", ["0", "0.01", "0.03"])
def test_the_95_percent_point_is_under_the_tolerable_rate_and_one_item_less_is_not(prior, expected):
    found = size(prior, tolerable=FIVE, risk=FIVE, expected_rate=Fraction(expected))

    def point(n: int) -> float:
        x = float(expected) * n
        if prior is Prior.GAMMA:
            return float(stats.gamma.ppf(0.95, 1 + x, scale=1 / (1 + n)))
        return float(stats.beta.ppf(0.95, 1 + x, 1 + n - x))

    assert point(found.size) <= 0.05 < point(found.size - 1)


def test_what_was_seen_before_counts():
    alone = size(Prior.GAMMA, tolerable=FIVE, risk=FIVE).size
    assert alone == 59  # 60 items without error, one of them seen before
    assert size(Prior.GAMMA, tolerable=FIVE, risk=FIVE, prior_size=Fraction(21)).size == alone - 20
    assert (
        size(Prior.GAMMA, tolerable=FIVE, risk=FIVE, prior_size=Fraction(21), prior_errors=Fraction(1)).size
        > alone
    )


def test_the_exact_figure_is_that_of_scipy():
    gamma = GammaPosterior(FIVE, Fraction(3, 2), Fraction(1, 4)).at_most(Fraction(7, 3), 120)
    assert float(gamma.value) == pytest.approx(
        stats.gamma.sf(0.05, 1 + 7 / 3 + 0.25, scale=1 / 121.5), rel=1e-12
    )
    beta = BetaPosterior(FIVE, Fraction(3, 2), Fraction(1, 4)).at_most(Fraction(7, 3), 120)
    wanted = stats.beta.sf(0.05, 1 + 7 / 3 + 0.25, 1.25 + 120 - 7 / 3)
    assert float(beta.value) == pytest.approx(wanted, rel=1e-12)


def test_what_cannot_be_is_refused():
    with pytest.raises(ParameterError, match="prior"):
        size(Prior.BETA, tolerable=FIVE, risk=FIVE, prior_size=Fraction(1), prior_errors=Fraction(1))
    with pytest.raises(ParameterError, match="under the tolerable"):
        size(Prior.BETA, tolerable=FIVE, risk=FIVE, expected_rate=FIVE)
    with pytest.raises(ParameterError, match="no sample is enough"):
        size(Prior.BETA, tolerable=FIVE, risk=FIVE, expected_rate=Fraction("0.0499"), largest=300)
