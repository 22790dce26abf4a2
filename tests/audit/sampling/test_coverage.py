"""A small run of the coverage benchmark: promised limits hold their confidence, estimators at low error rates do not."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest


@pytest.fixture(scope="module")
def simulated(repo):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(repo / "benchmarks"))
        import sampling_coverage

        yield sampling_coverage, sampling_coverage.simulate(400, seed=7, rates=(0.01, 0.05, 0.2), sizes=(60,))


def test_promised_limits_hold(simulated):
    module, result = simulated
    tallies = {key: tally for key, tally in result.tallies.items() if key[3] in module.PROMISED}

    assert len(tallies) == 3 * 3 * len(module.PROMISED)
    for key, tally in tallies.items():
        assert tally.populations == 400
        test = binomtest(tally.covered, tally.populations, 0.95, alternative="less")
        assert test.pvalue > 0.001, key
    assert module.missed(result) == []


def test_estimators_do_not_at_low_rates(simulated):
    _, result = simulated

    for method in ("difference", "ratio", "regression"):
        assert result.tallies["whole items", 60, 0.01, method].coverage < 0.7
        assert (
            result.tallies["whole items", 60, 0.01, method].unwarned == 0
        )  # the tool warns in every such sample


def test_a_broken_promise_would_be_seen(simulated):
    module, _ = simulated
    tally = module.Tally(populations=400, covered=340)
    broken = module.Coverage()
    broken.tallies["mixed", 60, 0.05, "Stringer, Poisson"] = tally

    assert len(module.missed(broken)) == 1


def test_the_page_is_written_from_the_same_run(repo):
    page = (repo / "docs" / "sampling_coverage.md").read_text(encoding="utf-8")

    assert "10,000 populations" in page
    assert "lowest of their figures is 95" in page
