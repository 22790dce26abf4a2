"""Attribute samples evaluated from rows of text."""

from __future__ import annotations

import pytest
from scipy import stats

from arlib.audit.sampling.frames import LIMITS
from arlib.audit.sampling.limits import evaluate_rows, limits_frame
from arlib.errors import TableError


def test_limits_of_the_published_examples():
    rows = [
        {"method": "hypergeometric", "confidence": "90%", "sample_size": "102", "errors": "1", "population_size": "1200"},
        {"method": "binomial", "risk_pct": "5", "sample_size": "145", "deviations": "3"},
        {"method": "poisson", "audit": "", "risk": "5%", "sample_size": "100", "errors": "0.5"},
    ]  # fmt: skip
    frame = limits_frame(evaluate_rows(rows))
    assert list(frame.columns) == LIMITS.names
    assert [text[:10] for text in frame["upper_limit"]] == [
        "0.03583333",
        "0.05260260",
        f"{stats.gamma.ppf(0.95, 1.5) / 100:.12f}"[:10],
    ]
    assert frame["row"].tolist() == [2, 3, 4]
    assert frame["conclusion"].isna().all()


def test_conclusions():
    asked = {"method": "binomial", "risk": "5%", "sample_size": "59", "tolerable_rate": "5%"}
    rows = evaluate_rows(
        [asked | {"errors": "0"}, asked | {"errors": "1"}, asked | {"errors": "1", "side": "lower"}]
    )
    assert [row["conclusion"] for row in rows] == ["supported", "not_supported", None]
    assert float(rows[0]["risk_at_tolerable"]) == pytest.approx(0.95**59, rel=1e-11)
    both = evaluate_rows([asked | {"errors": "1", "side": "two-sided"}])[0]
    assert float(both["lower_limit"]) < 1 / 59 < float(both["upper_limit"])


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"errors": "60"}, "errors"), ({"errors": "1.5"}, "errors"), ({"errors": "-1"}, "errors"), ({"errors": ""}, "errors"),
        ({"sample_size": "0"}, "sample_size"), ({"sample_size": "1000001"}, "sample_size"),
        ({"sample_size": "NaN"}, "sample_size"), ({"population_size": "10"}, "sample_size"),
        ({"method": "hypergeometric"}, "population_size"), ({"method": "mus"}, "method"), ({"risk": ""}, "risk"),
        ({"confidence": "95%"}, "risk"), ({"side": "left"}, "side"), ({"expected_rate": "1%"}, "expected_rate"),
    ],
)  # fmt: skip
def test_faults_name_the_column(change, column):
    asked = {"method": "binomial", "risk": "5%", "sample_size": "59", "errors": "1"}
    with pytest.raises(TableError) as raised:
        evaluate_rows([asked | change, asked | change], file="samples.csv")
    assert {(p.row, p.column) for p in raised.value.problems} == {(2, column), (3, column)}
