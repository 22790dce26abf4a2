"""Grouped bars, bars around a base, and notes beside amounts."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest

from arlib.errors import ParameterError
from arlib.report import figures
from arlib.report.figures import draw
from arlib.report.model import Chart, ChartKind


def chart(kind: ChartKind, currency: str = "USD", **columns: list[object]) -> Chart:
    dtypes = {"amount": "Int64", "is_total": "boolean"}
    frame = pd.DataFrame(
        {name: pd.Series(values, dtype=dtypes.get(name, "str")) for name, values in columns.items()}
    )
    return Chart(name="c", title="t", sentence="s", alt="a", kind=kind, frame=frame, currency=currency)


def test_grouped_bars_name_the_group_once_and_the_series_beside_each_amount():
    bars = figures._bars(chart(ChartKind.GROUPED_BARS, label=["2026-01", "2026-01", "2026-02"],
                               series=["written off", "recovered", "written off"], amount=[123456, -5, 0]))  # fmt: skip
    assert [bar.label for bar in bars] == ["2026-01", "", "2026-02"]
    assert [bar.text for bar in bars] == ["written off 1,234.56", "recovered -0.05", "written off 0.00"]
    # never colour alone: the second series is hatched
    assert [bool(bar.hatch) for bar in bars] == [False, True, False]
    assert bars[2].row - bars[1].row > bars[1].row - bars[0].row


def test_bars_around_a_base_say_amount_and_distance():
    bars = figures._bars(chart(ChartKind.AROUND, "JPY", label=["less", "base", "same", "more"],
                               amount=[900, 1000, 1000, 1250], is_total=[False, True, False, False]))  # fmt: skip
    assert [bar.text for bar in bars] == ["900 (-100)", "1,000", "1,000 (no change)", "1,250 (+250)"]
    assert {bar.start for bar in bars} == {1000}
    assert [bar.end for bar in bars] == [900, 1000, 1000, 1250]


@pytest.mark.parametrize("totals", [[False, False], [True, True]])
def test_a_base_there_must_be_and_only_one(totals):
    with pytest.raises(ParameterError, match="exactly one base"):
        chart(ChartKind.AROUND, label=["a", "b"], amount=[1, 2], is_total=totals)


def test_a_column_that_the_kind_needs_is_missed():
    with pytest.raises(ParameterError, match="series"):
        chart(ChartKind.GROUPED_BARS, label=["a"], amount=[1])
    with pytest.raises(ParameterError, match="is_total"):
        chart(ChartKind.AROUND, label=["a"], amount=[1])


def test_a_note_stands_beside_the_amount():
    bars = figures._bars(
        chart(
            ChartKind.AGING_BARS, label=["current", "1-30"], amount=[100, 200], note=["1.0 % of 100.00", ""]
        )
    )
    assert [bar.text for bar in bars] == ["1.00  1.0 % of 100.00", "2.00"]


@pytest.mark.parametrize("kind", [ChartKind.GROUPED_BARS, ChartKind.AROUND])
def test_hostile_and_empty_ones_are_drawn_without_a_warning(kind):
    label = [r"$\frac{", "x\ny", "\u202eevil"]
    more = {"series": label} if kind is ChartKind.GROUPED_BARS else {"is_total": [True, False, False]}
    made = chart(kind, label=label, amount=[0, -2, 10**15], note=["$a$", "\u202e", ""], **more)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert draw(made) == draw(made)
        assert draw(chart(kind, **{name: [] for name in made.frame.columns}))
