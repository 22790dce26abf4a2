"""Pictures: the same bytes twice, no markup or mathematics from data, nothing lost when there is nothing."""

from __future__ import annotations

import struct
import warnings
from dataclasses import replace

import pandas as pd
import pytest

from arlib.report import figures
from arlib.report.figures import draw


def chunks(png: bytes) -> list[str]:
    names, at = [], 8
    while at < len(png):
        size, name = struct.unpack(">I4s", png[at : at + 8])
        names.append(name.decode())
        at += 12 + size
    return names


@pytest.mark.parametrize("number", range(4))
def test_a_chart_is_the_same_bytes_twice_and_says_nothing_of_its_maker(samples, number):
    chart = samples.charts()[number]
    first = draw(chart)
    assert first[:8] == b"\x89PNG\r\n\x1a\n"
    assert draw(chart) == first
    assert not {"tEXt", "tIME", "iTXt"} & set(chunks(first))


def test_other_amounts_give_another_picture(samples):
    chart = samples.charts()[0]
    moved = replace(chart, frame=chart.frame.assign(amount=chart.frame["amount"] + 100))
    assert draw(moved) != draw(chart)


def test_hostile_labels_are_drawn_without_a_warning(samples):
    frame = pd.DataFrame({
        "label": pd.Series([r"$\frac{", "a$b$c", "x\ny", "株式会社", "\u202eevil", "", "%s {}"], dtype="str"),
        "amount": pd.Series([1, -2, 3, 4, 5, 0, 7], dtype="Int64"),
    })  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert draw(replace(samples.charts()[3], frame=frame))


def test_an_empty_chart_is_a_picture_that_says_so(samples):
    chart = samples.charts()[0]
    assert draw(replace(chart, frame=chart.frame.head(0)))


def test_amounts_beside_bars_are_exact(samples):
    bars = figures._bars(samples.charts()[2])
    assert [bar.text for bar in bars] == ["1,233,093.88", "+1,500.00", "-500.00", "+474.01", "1,234,567.89"]
    # each step starts where the one before ended
    assert [round(bar.start, 2) for bar in bars[1:4]] == [1233093.88, 1234593.88, 1234093.88]
    yen = figures._bars(samples.charts()[3])
    assert yen[0].text == "900,000"
