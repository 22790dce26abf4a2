"""The chart of expected receipts says what its intervals claim, what they held, and what has none."""

from __future__ import annotations

import pandas as pd
import pytest

from arlib.collect.forecast import FORECAST_WEEKS
from arlib.report.performance_charts import forecast_chart


def weeks(*, high: int | None) -> pd.DataFrame:
    common = {"entity": "E", "currency": "USD", "week_start": "2026-11-02", "week_end": "2026-11-08"}
    return FORECAST_WEEKS.from_rows(
        [
            {
                **common, "week_no": number, "week": f"2026-W{44 + number}", "from_open": 10_000, "from_new": 0, "expected": 10_000,
                "low": None if high is None else 5_000, "median": high, "high": high,
            }
            for number in (1, 2)
        ]
    )  # fmt: skip


@pytest.mark.parametrize(("high", "held", "said"), [
    (20_000, "USD 72.4 % (113 of 156 weeks)",
     "Brackets claim to hold 80 % of weeks; in past weeks, by document currency, they held USD 72.4 % (113 of 156 weeks)."),
    (20_000, "", "Brackets claim to hold 80 % of weeks; past weeks have not tested it."),
    (None, "", "No interval could be worked out for any week."),
])  # fmt: skip
def test_the_chart_says_what_was_observed(high: int | None, held: str, said: str) -> None:
    chart = forecast_chart(weeks(high=high), claimed="80 %", held=held, code="USD")
    assert chart.sentence == f"USD 200.00 is expected in 2 weeks, a sum without an interval. {said}"
    assert chart.sentence in chart.alt


def test_without_weeks_nothing_is_claimed() -> None:
    chart = forecast_chart(FORECAST_WEEKS.empty(), claimed="80 %", held="", code="USD")
    assert chart.sentence == "No receipts can be forecast from these data."
