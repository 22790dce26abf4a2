"""What a report refuses: money that is not whole, names that are not there, charts without words."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from arlib.controls import Status
from arlib.errors import ParameterError
from arlib.tables import Kind


def test_money_as_float_is_refused(samples):
    table = samples.detail()
    frame = table.frame.assign(outstanding=table.frame["outstanding"].astype("float64"))
    with pytest.raises(TypeError, match="minor units"):
        replace(table, frame=frame)


@pytest.mark.parametrize("currency", [{}, {"outstanding": "dollars", "functional_outstanding": "USD"}])
def test_money_without_currency_is_refused(samples, currency):
    with pytest.raises(ParameterError, match="currency"):
        replace(samples.detail(), currency=currency)


def test_columns_and_kinds_must_agree(samples):
    table = samples.detail()
    with pytest.raises(ParameterError, match="columns and kinds differ"):
        replace(table, kinds={**table.kinds, "other": Kind.TEXT})
    with pytest.raises(ParameterError, match="no column"):
        replace(table, key=("nothing",))


def test_tables_and_charts_are_found_by_name(samples):
    report = samples.report()
    assert report.table("open_items").title == "Open items"
    assert report.chart("bridge").currency == "USD"
    with pytest.raises(ParameterError, match="Did you mean 'open_items'"):
        report.table("open_item")


def test_two_tables_of_one_name_are_refused(samples):
    with pytest.raises(ParameterError, match="two tables of one name"):
        samples.report(tables=(samples.detail(), samples.detail()))


def test_a_chart_needs_words_and_money(samples):
    chart = samples.charts()[0]
    with pytest.raises(ParameterError, match="alt text"):
        replace(chart, alt=" ")
    with pytest.raises(TypeError, match="Int64"):
        replace(chart, frame=chart.frame.assign(amount=1.5))
    with pytest.raises(ParameterError, match="is_total"):
        replace(samples.charts()[1], frame=chart.frame)


def test_status_is_the_worst_word(samples):
    report = samples.report()
    assert report.status is Status.UNEXPLAINED
    tied, explained, no_input = report.controls[1], report.controls[0], report.controls[2]
    assert replace(report, controls=(tied, explained, no_input)).status is Status.EXPLAINED
    assert replace(report, controls=(tied, no_input)).status is Status.NO_INPUT
    assert replace(report, controls=()).status is Status.TIED


def test_currencies_of_a_column(samples):
    table = samples.detail(3)
    assert table.currencies("outstanding").tolist() == ["USD", "JPY", "KWD"]
    assert table.currencies("functional_outstanding").tolist() == ["USD"] * 3
    assert isinstance(table.frame, pd.DataFrame)
